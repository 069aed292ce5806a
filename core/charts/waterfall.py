"""How parts add up to a whole, or turn one whole into another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core.charts import grouping, measuring, parts
from core.charts.drawing import MOST_TEXTS, Say, blank, named, notes, panels, shown, with_notes
from core.charts.grouping import Group
from core.charts.parts import OptionalColumn
from core.charts.words import INFINITE, brief, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnName, Number
from core.selection import Mark
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go
    import pyarrow as pa

MEASURES = {"start": "absolute", "step": "relative", "end": "total"}  # in Plotly's words


class Waterfall(Chart):
    """How categories add up to a total, or what changed in each between two periods."""

    title = "Waterfall"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(title="Steps", description="A step for each value of this column.")
    y: Annotated[str | None, ColumnName("number", "integer")] = P(
        default=None, title="Value", description="The column to add up; none counts rows."
    )
    between: OptionalColumn = P(
        default=None, title="Change between values of",
        description="A column with the two periods or groups to compare; none adds up all rows.",
    )  # fmt: skip
    before: str = P(default="", title="From", description="The value to start from; empty: the first one.")
    after: str = P(default="", title="To", description="The value to arrive at; empty: the last one.")
    order: Literal["by size", "by name"] = P(
        default="by size", title="Order", description="How the steps stand."
    )
    top: Annotated[int, Number(2, 50)] = parts.top_field(12)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if self.between is not None and self.between == self.x:
            raise BadParameter(
                "A waterfall compares values of one column in groups of another. Got {column!r} for both.",
                hint="Choose two different columns.", column=self.x,
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        aggregation: measuring.Aggregation = "sum" if self.y else "count"
        size = measuring.size(table, "sum" if self.y else "count", self.y)
        cut = parts.cuts(table, engine, {"x": (self.x, self.top)}, size)
        ends: list[str] = []
        if self.between is not None:
            ends = self._ends(table, engine)
            if len(ends) < 2:
                rows: list[dict[str, Any]] = []
                return self._told(rows, 0, ends, {})
            # both are asked for by name: neither falls among the rest
            table = parts.selected_values(table, self.between, ends)
            cut["between"] = grouping.Cut(self.between, None, 0, kind=measuring.kinds(table)[self.between])
        found, infinite = parts.measured_groups(table, engine, cut, aggregation, self.y)
        return self._told(self._steps(found, ends), infinite, ends, parts.sampled(cut))

    def _told(
        self, rows: list[dict[str, Any]], infinite: int, ends: list[str], sampled: dict[str, Any]
    ) -> pa.Table:
        columns = {"part": "string", "x": "group"} | dict.fromkeys(("value", "rows"), "float64")
        return with_notes(parts.to_table(rows, columns), infinite=infinite, ends=ends, sampled=sampled)

    def _ends(self, table: Table, engine: Engine) -> list[str]:
        """The two values compared, as text: those asked for, or the first and the last there are."""
        assert self.between is not None
        low, high = parts.extremes(table, engine, self.between)
        ends = [self.before or low, self.after or high]
        return [end for end in dict.fromkeys(ends) if end is not None]

    def _steps(self, found: list[dict[str, Any]], ends: list[str]) -> list[dict[str, Any]]:
        steps: dict[Group, dict[str, Any]] = {}
        whole = {"start": 0.0, "end": 0.0}
        counted_rows = {"start": 0.0, "end": 0.0}
        for row in found:
            last = not ends or row["between"].label == ends[1]
            side = "end" if last else "start"
            whole[side] += row["value"] or 0.0
            counted_rows[side] += row["rows"]
            step = steps.setdefault(row["x"], {"part": "step", "x": row["x"], "value": 0.0, "rows": 0.0})
            step["value"] += (row["value"] or 0.0) * (1 if last else -1)
            step["rows"] += row["rows"]
        if not steps:
            return []
        size = {group: abs(step["value"]) for group, step in steps.items()}
        order = grouping.in_order(list(steps), size if self.order == "by size" else {})
        first = [{"part": "start", "x": None, "value": whole["start"], "rows": counted_rows["start"]}]
        last_one = {"part": "end", "x": None, "value": whole["end"], "rows": counted_rows["end"]}
        return [*(first if ends else []), *(steps[group] for group in order), last_one]

    def _name(self, row: dict[str, Any], ends: list[str], say: Say) -> str:
        if row["part"] == "step":
            return say(Group(row["x"], row["x_is"]).words())
        return say(note("All rows")) if not ends else ends[0 if row["part"] == "start" else 1]

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(parts.NO_ROWS, say)
        rows, ends = parts.numbered(data), notes(data)["ends"]
        names = [shown(self._name(row, ends, say), 24) for row in rows]
        figure = panels([], title=say(self._title(ends)), x=self.x, y=say(self._what()))
        figure.add_trace(
            go.Waterfall(
                x=list(range(len(rows))), y=[row["value"] for row in rows], hoverinfo="text",
                measure=[MEASURES[row["part"]] for row in rows],
                customdata=[row["row"] for row in rows], textposition="outside", cliponaxis=False,
                text=[self._signed(row, brief) for row in rows] if len(rows) <= MOST_TEXTS else None,
                hovertext=[
                    f"{name}: {self._signed(row, number)}"
                    for name, row in zip(names, rows, strict=True)
                ],
            )
        )  # fmt: skip
        figure.update_xaxes(named([self._name(row, ends, say) for row in rows]))
        figure.update_layout(showlegend=False)
        return figure

    def _signed(self, row: dict[str, Any], write: Callable[[object], str]) -> str:
        return ("+" if row["part"] == "step" and row["value"] > 0 else "") + write(row["value"])

    def _what(self) -> Note:
        return measuring.measured("sum" if self.y else "count", self.y)

    def _title(self, ends: list[str]) -> Note:
        if not ends:
            return note("{what} by {x}", what=self._what(), x=self.x)
        return note(
            "{what} by {x}, from {between} {before} to {after}",
            what=self._what(), x=self.x, between=self.between, before=ends[0], after=ends[1],
        )  # fmt: skip

    def mark(self, data: pa.Table, row: int) -> Mark:
        part, ends = data.column("part")[row].as_py(), notes(data)["ends"]
        inside: tuple[Within, ...] = ()
        if self.between is not None:
            values = {"start": ends[:1], "end": ends[1:], "step": ends}[part]
            inside = (Within(column=self.between, values=tuple(values)),)
        return parts.mark(data, row, {"x": self.x} if part == "step" else {}, *inside)

    def describe(self, data: pa.Table) -> Note:
        told, rows = notes(data), data.to_pylist()
        if not rows:
            return note("{what} by {x}: there are no rows to draw.", what=self._what(), x=self.x)
        steps = [
            pair(parts.name_of(row, "x") or "", number(row["value"])) for row in rows if row["part"] == "step"
        ]
        whole = rows[-1]["value"]
        if told["ends"]:
            words = note(
                "{title}: from {start} to {end}. Changes: {steps}.",
                title=self._title(told["ends"]), start=number(rows[0]["value"]), end=number(whole),
                steps=listed(steps),
            )  # fmt: skip
        else:
            words = note(
                "{title}: {whole} in all. {steps}.",
                title=self._title([]), whole=number(whole), steps=listed(steps),
            )  # fmt: skip
        return sentences(words, counted(INFINITE, told["infinite"]), parts.proposals(told["sampled"]))

    @classmethod
    def example(cls) -> Waterfall:
        return cls(x="region", y="quantity")
