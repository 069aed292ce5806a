"""A bar for each category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import compared, facets, grouping, guides, intervals, measuring, parts, tips
from core.charts.bar_picture import Picture
from core.charts.compared import Compared, Periods
from core.charts.drawing import (
    Legend,
    Say,
    blank,
    logarithmic,
    notes,
    shown,
    with_notes,
)  # fmt: skip
from core.charts.facets import Faceted
from core.charts.grouping import COLOURS, Group
from core.charts.guides import Axes, Reference
from core.charts.measuring import Aggregation
from core.charts.parts import OptionalColumn
from core.charts.sums import cut_and_asked
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Engine, Schema, Span, Table
from core.errors import BadParameter
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    import pyarrow as pa


class Bar(Compared, Faceted):
    """A bar for each category: how many rows, or a sum, mean or other number of them."""

    title = "Bar chart"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(
        title="Categories", description="A bar for each value of this column."
    )
    aggregation: Aggregation = parts.aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    colour: OptionalColumn = parts.colour_field()
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    tooltip: tips.Tooltip = tips.field()
    top: Annotated[int, Number(2, 50)] = parts.top_field()
    rest: bool = P(
        default=True, title="Show the rest", description="Show the other categories as one bar, other."
    )
    order: Literal["by value", "smallest first", "by name", "as in the table"] = P(
        default="by value", title="Order",
        description="How the bars stand: the largest or the smallest first, by name, or as in the table.",
    )  # fmt: skip
    show: Literal["values", "shares of all"] = P(
        default="values",
        title="Show",
        description="Counts and sums themselves, or their shares of the whole.",
    )
    look: Literal["bars", "dots"] = P(
        default="bars", title="Drawn as",
        description="Bars begin at zero; dots tell means apart that lie close together.",
    )  # fmt: skip
    run: Literal["upwards", "to the right"] = P(
        default="upwards", title="Bars run", description="To the right there is room for long names."
    )
    errors: bool = intervals.field()
    reference: bool = P(
        default=False, title="Line for all rows", description="Draw the same measure of all rows as a line."
    )
    bars: Literal["stacked", "side by side", "shares"] = P(
        default="stacked",
        title="Colours stand",
        description="How bars of different colours are put together; only counts and sums add up.",
    )
    log_y: bool = P(default=False, title="Logarithmic", description="Show small values beside big ones.")
    when: compared.When = compared.when_field()
    period: compared.Period = compared.period_field()
    change: compared.Change = compared.change_field()
    lines: tuple[Reference, ...] = guides.field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        measuring.check_measure(self.title, self.aggregation, self.y, columns)
        self._axes().check(self.title, self.lines, parts=self._put() == "shares")
        intervals.check(self.errors, self.aggregation)
        if self.when and (self.errors or self.show == "shares of all"):
            raise BadParameter(
                "{title}: a change has no error bars and no shares.",
                hint="Show the values without error bars, or take {column!r} off the change.",
                title=note(self.title), column=self.when,
            )  # fmt: skip
        if self.show == "shares of all" and self.aggregation not in ("count", "sum"):
            raise BadParameter(
                "Shares of the whole belong to counts and sums. The measure here is {aggregation!r}.",
                hint="Choose a count or a sum, or show the values.", aggregation=self.aggregation,
            )  # fmt: skip

    def _axes(self) -> Axes:
        if self.flat():
            return Axes(across="number", log_across=self.log_y, values="across")
        return Axes(up="number", log_up=self.log_y)

    def flat(self) -> bool:
        """Whether the bars stand one below the other."""
        return self.run == "to the right"

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        wanted = {**self.facet_cuts(), "colour": (self.colour, COLOURS), "x": (self.x, self.top)}
        both = self.compared(table, engine)
        asked = self.measures(table, self.y, both) | self._more(table)
        cut, rows, left_out = cut_and_asked(table, engine, wanted, self.aggregation, self.y, asked)
        whole = self._whole(table, engine, both) if self.reference or self.show == "shares of all" else None
        hidden = 0 if self.rest else cut["x"].others
        rows = [row for row in rows if self.rest or row["x"].mark != "other"]
        tips.add(rows, table, engine, self.tooltip, cut)
        for row in rows:
            row["error"] = intervals.error(row) if self.errors else None
        heights = self._heights(rows, whole)
        order = {**parts.places(rows, [key for key in cut if key != "x"], "rows"), "x": self._order(rows)}
        rows.sort(key=lambda row: [order[key][row[key]] for key in cut])
        columns = dict.fromkeys(cut, "group") | dict.fromkeys(("value", "error", "rows"), "float64")
        columns |= tips.columns(table, self.tooltip)
        told = {
            "infinite": left_out,
            "order": [[g.label, g.mark] for g in order["x"]],
            "hidden": hidden,
            "whole": whole,
            "tips": tips.told(table, self.tooltip),
            **self.told(both),
            "lines": guides.of_marks(self.title, self.lines, self._axes(), self._axes().values, heights),
        }
        return with_notes(parts.to_table(rows, columns), **told, sampled=parts.sampled(cut))

    def _more(self, table: Table) -> dict[str, exp.Expr]:
        """What else is asked of each group: where it begins, and what its error bar needs."""
        more: dict[str, exp.Expr] = {}
        if self.order == "as in the table":
            more["first"] = sql.template("min(:r)", r=sql.name(sql.ROW))
        return more | (intervals.asked(table, self.y) if self.errors else {})

    def _whole(self, table: Table, engine: Engine, both: Periods | None) -> float | None:
        """The measure of all rows together."""
        rows, _ = parts.asked_groups(table, engine, {}, self.measures(table, self.y, both))
        return rows[0]["value"] if rows else None

    def _order(self, rows: list[dict[str, Any]]) -> dict[Group, int]:
        """Where each bar stands. What adds up orders the bars; of a mean the largest one does."""
        size = parts.sizes([{**row, "value": row["value"] or 0.0} for row in rows], "x", "value")
        if self.aggregation not in measuring.ZERO or self.when:
            values: dict[Group, list[float]] = {bar: [] for bar in size}
            for row in rows:
                values[row["x"]] += [row["value"]] if row["value"] is not None else []
            size = {bar: max(own, default=float("-inf")) for bar, own in values.items()}
        if self.order == "as in the table":
            first: dict[Group, float] = {}
            for row in rows:
                first[row["x"]] = min(row["first"], first.get(row["x"], row["first"]))
            size = {bar: -place for bar, place in first.items()}
        if self.order == "smallest first":
            size = {bar: -own for bar, own in size.items()}
        bars = grouping.in_order(list(size), {} if self.order == "by name" else size)
        return {bar: i for i, bar in enumerate(bars)}

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        if not data.num_rows:
            return blank(parts.NO_ROWS, say)
        colours, told = parts.groups(data, "colour"), notes(data)
        rows = [{**row, "value": self._drawn(row["value"], told)} for row in parts.numbered(data)]
        bars = [Group(label, mark) for label, mark in notes(data)["order"]]
        at, picture = {bar: i for i, bar in enumerate(bars)}, Picture(self.flat(), self.look == "dots")
        what = self.what(data, self.y)
        scale = note("{what}, % of each bar", what=what) if self._put() == "shares" else what
        scale = note("{what}, share of all", what=what) if self.show == "shares of all" else scale
        title = note("{what} by {x}", what=measuring.measured(self.aggregation, self.y), x=self.x)
        panels, figure = self.framed(data, title, *picture.sides(self.x, say(scale)), say)
        legend, whole = Legend(colours, say), self._wholes(rows)
        apart = "colour" in parts.once(self._groups())
        for panel in panels:
            for colour in colours:
                own = panel.of(rows, colour=colour)
                entry = legend.entry(colour, own)
                own_bars = [Group(row["x"], row["x_is"]) for row in own]
                texts = [
                    f"{shown(say(bar.words()))}: {self._number(row, whole)}"
                    + (f" ({entry['name']})" if apart and entry["name"] else "")
                    for bar, row in zip(own_bars, own, strict=True)
                ]
                places = [at[bar] for bar in own_bars]
                drawn = picture.marks(places, own, errors=self.errors, hovertext=texts, **entry)
                figure.add_trace(drawn, **panel.place)
            if self.reference and told["whole"] is not None:
                height = self._drawn(told["whole"], told)
                line = picture.line(len(bars), height, name=say(note("All rows")), number=len(colours))
                figure.add_trace(line, **panel.place)
        picture.put(figure, bars, say, self._put())
        legend.put(figure, self.colour)
        if self.log_y:
            picture.values(figure, logarithmic(row["value"] for row in rows))
        if self.show == "shares of all":
            picture.values(figure, {"tickformat": ".0%"})
        if self._put() == "shares":
            picture.values(figure, {"ticksuffix": "%"})
        guides.draw(figure, data, say, percent=self.show == "shares of all")
        return tips.put(self.titled(figure, data, say), data, say)

    def _put(self) -> str:
        """How colours are put together: a mean on top of a mean would be neither, and dots have no height."""
        if self.look == "dots":
            return "side by side"
        return self.bars if self.aggregation in measuring.ADDS_UP and not self.when else "side by side"

    def _heights(self, rows: list[dict[str, Any]], whole: float | None) -> list[float | None]:
        """How high the bars reach: colours that are stacked reach up to their sum."""
        reached: dict[Any, float | None] = {}
        for i, row in enumerate(rows):
            value, keys = self._drawn(row["value"], {"whole": whole}), (*facets.KEYS, "x")
            at = tuple(row.get(key) for key in keys) if self._put() == "stacked" else i
            reached[at] = value if value is None else (reached.get(at) or 0.0) + value
        return list(reached.values())

    def _drawn(self, value: float | None, told: dict[str, Any]) -> float | None:
        """A value as it is drawn: itself, or its share of the whole."""
        if self.show == "values" or value is None:
            return value
        return value / told["whole"] if told["whole"] else None

    def _wholes(self, rows: Sequence[dict[str, Any]]) -> dict[tuple[Any, ...], float]:
        """What the parts of each bar add up to, where its parts are drawn as shares of it."""
        found: dict[tuple[Any, ...], float] = {}
        for row in rows if self._put() == "shares" else ():
            found[_bar(row)] = found.get(_bar(row), 0.0) + (row["value"] or 0.0)
        return found

    def _number(self, row: dict[str, Any], whole: dict[tuple[Any, ...], float]) -> str:
        if whole.get(_bar(row)) and row["value"] is not None:
            return f"{row['value'] / abs(whole[_bar(row)]):.1%} ({number(row['value'])})"
        if self.show == "shares of all":
            return "\u2013" if row["value"] is None else f"{row['value']:.1%}"
        error = f" \u00b1 {number(row['error'])}" if row["error"] is not None else ""
        return number(row["value"]) + error

    def describe(self, data: pa.Table) -> Note:
        what, told = self.what(data, self.y), notes(data)
        if not data.num_rows:
            return note("{what} by {x}: there are no rows to draw.", what=what, x=self.x)
        rows = [{**row, "value": self._drawn(row["value"], told)} for row in data.to_pylist()]
        whole = self._wholes(rows)
        bars = [
            pair(parts.name_of(row, *parts.once(self._groups())) or "", self._number(row, whole))
            for row in rows
        ]
        hidden = told["hidden"]
        return sentences(
            note(_LOOKS[self.look], what=what, x=self.x, bars=listed(bars)),
            note("Each share is of its own bar.") if whole else None,
            note("A sum below 0 is taken away from its bar: other shares of it may pass 100%.")
            if whole and any((row["value"] or 0) < 0 for row in rows)
            else None,
            note("Shares are of {what} of all rows.", what=what) if self.show == "shares of all" else None,
            intervals.FORMULA if self.errors else None,
            note("All rows: {value}.", value=number(told["whole"])) if self.reference else None,
            self.apart(data),
            counted(INFINITE, told["infinite"]),
            note("Many more categories are not shown.") if hidden is None else None,
            counted(
                "{count:,} more category is not shown. | {count:,} more categories are not shown.", hidden
            ),
            guides.describe(data, percent=self.show == "shares of all"),
            tips.describe(data),
            parts.proposals(told["sampled"]),
        )

    def mark(self, data: pa.Table, row: int) -> Mark:
        return parts.mark(data, row, self._groups())

    def _groups(self) -> dict[str, str | None]:
        return {**self.facets(), "x": self.x, "colour": self.colour}

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        bars = [Group(label, mark) for label, mark in notes(data)["order"]]
        along = y if self.flat() else x
        return parts.among(data, "x", self.x, parts.covered(bars, along)) if bars else None

    @classmethod
    def example(cls) -> Bar:
        return cls(x="region", aggregation="mean", y="quantity")


_LOOKS = {
    "bars": "{what} by {x}, as bars. {bars}.",
    "dots": "{what} by {x}, as dots. {bars}.",
}


def _bar(row: dict[str, Any]) -> tuple[Any, ...]:
    """Which bar of which panel a row is a part of."""
    return tuple(row.get(key) for key in ("facet", "facet_is", "x", "x_is"))
