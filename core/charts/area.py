"""How a total and its parts go on through time: as areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field as P

from core.charts import changes, facets, gaps, measuring
from core.charts.changes import Show
from core.charts.drawing import Say, notes
from core.charts.time import HOLLOW, Course, show_field
from core.charts.words import counted
from core.contracts import Schema, Span
from core.errors import BadParameter
from core.selection import Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class Area(Course):
    """How a total and its parts go on through time, as areas: stacked, as shares, or behind each other."""

    title = "Area chart"

    areas: Literal["stacked", "shares", "behind each other"] = P(
        default="stacked", title="Colours stand",
        description="Areas on each other give their total, as shares always 100%, else each starts at zero.",
    )  # fmt: skip
    show: Show = show_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        kind = next(column.type for column in columns if column.name == self.x)
        changes.check(self.title, self.show, 1, self.aggregation, kind)
        if self.areas != "shares":
            return
        changes.check_adds_up(self.title, self.aggregation)
        if self.show != "value":
            raise BadParameter(
                "{title}: shares of each step have no change.",
                hint="Show the values, or let the areas stand on each other.", title=note(self.title),
            )  # fmt: skip

    def _more(self) -> tuple[str, ...]:
        return ("measured",) if self.areas == "shares" or self.show != "value" else ()

    def _stacks(self) -> bool:
        """Whether areas stand on each other: means and medians have no total, changes go below 0."""
        adds = self.aggregation in measuring.ADDS_UP and self.show in ("value", "running total")
        return self.areas != "behind each other" and adds

    def _shown(
        self, rows: list[dict[str, Any]], keys: Sequence[str], facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if self.show != "value":
            rows, facts["hollow"] = changes.changed(rows, keys, facts, self.show, 1, "trailing")
        facts["below"] = sum(row["value"] is not None and row["value"] < 0 for row in rows)
        if self.areas != "shares":
            return rows
        totals: dict[tuple[Any, ...], float] = {}
        for row in rows:
            key = _at_step(row)
            totals[key] = totals.get(key, 0.0) + max(row["value"] or 0.0, 0.0)
        return [{**row, "value": _share(row, totals), "measured": row["value"]} for row in rows]

    def _heights(self, rows: list[dict[str, Any]]) -> list[float | None]:
        if not self._stacks() or self.areas == "shares":
            return super()._heights(rows)
        reached: dict[Any, float | None] = {}
        for row in rows:
            reached[_at_step(row)] = (reached.get(_at_step(row)) or 0.0) + (row["value"] or 0.0)
        return list(reached.values())

    def _what(self) -> Note:
        what = changes.words(super()._what(), self.show, 1, "trailing")
        return note("{what}, % of each step", what=what) if self.areas == "shares" else what

    def _axis(self) -> Note:
        return changes.axis(self._what(), self.show)

    def zoom(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return None if self.show != "value" else self.region(data, x, y)

    def _style(self, line: Sequence[dict[str, Any]]) -> dict[str, Any]:
        if self._stacks():
            return {"mode": "lines", "stackgroup": "areas"}
        return {"mode": "lines", "fill": "tozeroy", "connectgaps": False}

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        figure = super().figure(data, say)
        return figure if self._stacks() else gaps.apart(figure)

    def describe(self, data: pa.Table) -> Note:
        apart = self.areas == "stacked" and not self._stacks() and self.colour is not None
        below = _NO_SHARE if self.areas == "shares" else _TAKES
        title = self._title(notes(data))
        return self._told(
            data, note("{title}, as areas. {lines}.", title=title, lines=self._courses(data)),
            note("The areas stand behind each other: these values do not add up.") if apart else None,
            counted(below, notes(data).get("below")) if self._stacks() else None,
            counted(HOLLOW, notes(data).get("hollow")),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Area:
        return cls(x="day", aggregation="sum", y="quantity", colour="region", grain="quarter")


def _at_step(row: dict[str, Any]) -> tuple[Any, ...]:
    return (*(row.get(key) for key in facets.KEYS), row["x"])


def _share(row: dict[str, Any], totals: dict[tuple[Any, ...], float]) -> float | None:
    total = totals[_at_step(row)]
    if row["value"] is None or row["value"] < 0 or not total:
        return None
    return float(row["value"] / total * 100)


_NO_SHARE = (
    "{count:,} value is below zero and has no share. | {count:,} values are below zero and have no share."
)
_TAKES = (
    "{count:,} value is below zero, and takes from the areas under it. | "
    "{count:,} values are below zero, and take from the areas under them."
)
