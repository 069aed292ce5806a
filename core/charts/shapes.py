"""What violins and ridges share: their columns, the slices they are cut in, and the rows of a slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import facets, guides, parts
from core.charts.drawing import notes, with_notes
from core.charts.facets import Faceted
from core.charts.guides import Axes, Reference
from core.charts.measuring import kinds
from core.charts.parts import OptionalColumn
from core.charts.smooth import FINE, Spread, spreads
from core.charts.words import listed, number, pair, sentences
from core.contracts import Engine, Schema, Span, Table
from core.ordinal import edge, logarithm, ordinal
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_values, note

if TYPE_CHECKING:
    import pyarrow as pa


class Shapes(Faceted):
    """The smooth density of a number in each group, cut into slices that stand for their rows."""

    y: Annotated[str, ColumnName("number", "integer")] = P(
        title="Values", description="The numbers to compare."
    )
    x: OptionalColumn = P(default=None, title="Groups", description="A shape for each value of this column.")
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    top: Annotated[int, Number(2, 50)] = parts.top_field(12)
    scale: Literal["same width", "by rows"] = P(
        default="same width", title="Size",
        description="Every shape as wide as the others, or wider with more rows.",
    )  # fmt: skip
    log_y: bool = P(default=False, title="Logarithmic", description="Values up to 0 are left out.")

    lines: tuple[Reference, ...] = guides.field()

    SLICES: ClassVar[int] = 5_000  # of all shapes together

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self._axes().check(self.title, self.lines)

    def _axes(self) -> Axes:
        return Axes(up="number", log_up=self.log_y)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        value = ordinal(self.y, kinds(table)[self.y])
        if self.log_y:
            value = logarithm(value)
        cut = parts.cuts(table, engine, {**self.facet_cuts(), "x": (self.x, self.top)})
        found = spreads(table, engine, cut, value)
        across = max((n for n in (8, 16, 32, 64) if n * len(found) <= self.SLICES), default=8)
        rows: list[dict[str, Any]] = []
        for one in found:
            rows += self._slices(one, across)
        numbers = ("start", "end", "density", "low", "step", "q1", "median", "q3", "mean")
        columns = dict.fromkeys(cut, "group") | {"part": "string", "slice": "int64", "rows": "int64"}
        columns |= dict.fromkeys(numbers, "float64") | {"last": "bool"}
        left_out = self._left_out(table, engine, sum(one.n for one in found))
        told = {"sampled": parts.sampled(cut), "across": across, "left_out": left_out}
        drawn = sql.template(":x IS NOT NULL", x=value)
        lines = guides.of_rows(
            self.title, self.lines, self._axes(), self._axes().values, self.y, table, engine, drawn
        )  # fmt: skip
        return with_notes(parts.to_table(rows, columns), **told, lines=lines)

    def _left_out(self, table: Table, engine: Engine, drawn: int) -> int:
        count = exp.select(exp.alias_(sql.template("count(*)"), "n")).from_(table.query.copy().subquery("t"))
        return int(engine.rows(count).column("n")[0].as_py()) - drawn

    def _slices(self, one: Spread, across: int) -> list[dict[str, Any]]:
        """A row for the whole group, and one for each slice; ends and summary in the column's own units."""
        across = across if one.high >= one.low + one.step else 1  # all values are one
        together = FINE // across
        at = [one.low + one.step * together * (i + 0.5) for i in range(across)] if across > 1 else [one.low]
        density = one.curve(at)
        q1, median, q3 = one.quartiles
        ends = [self._value(one.low + one.step * together * i) for i in range(across)]
        ends.append(self._value(one.high))
        same = {
            **one.groups, "low": one.low, "step": one.step, "q1": self._value(q1),
            "median": self._value(median), "q3": self._value(q3), "mean": self._value(one.mean),
        }  # fmt: skip
        whole = {"part": "all", "slice": None, "rows": one.n, "density": float(max(density)), "last": True}
        rows = [{**same, **whole, "start": ends[0], "end": ends[-1]}]
        for i in range(across):
            count = sum(one.counts[together * i : together * (i + 1)])
            rows.append(
                {**same, "part": "slice", "slice": i, "rows": count, "density": float(density[i]),
                 "start": ends[i], "end": ends[i + 1], "last": i == across - 1}
            )  # fmt: skip
        return rows

    def _value(self, value: float) -> float:
        return float(10**value) if self.log_y else value

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows of a group with a value, or those in one slice of it."""
        own = data.slice(row, 1).to_pylist()[0]
        low, high, last = own["start"], own["end"], own["last"]
        if own["part"] == "slice":
            together = FINE // notes(data)["across"]
            ends = [
                edge(own["low"], own["step"], together * (own["slice"] + i), log=self.log_y) for i in (0, 1)
            ]
            low, high = ends[0] if own["slice"] else low, high if last else ends[1]
        if self.log_y:  # a logarithm and back may lose a digit at the group's ends
            low = low if own["slice"] else low * (1 - 1e-12)
            high = high * (1 + 1e-12) if last else high
        inside = Within(column=self.y, low=low, high=high, closed=last)
        return parts.mark(data, row, {**self.facets(), "x": self.x}, inside)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        inside = Selection.of(*parts.span(self.y, "number", y)) if y is not None else Selection()
        if x is None or self.x is None or not data.num_rows:
            return inside
        return parts.both(parts.among(data, "x", self.x, parts.covered(parts.groups(data, "x"), x)), inside)

    def _widths(self, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], float]:
        """What to divide each group's density by, so that the widest shape has the width 1."""
        wholes = {name(row): row for row in rows if row["part"] == "all"}
        if self.scale == "same width":
            return {name: row["density"] for name, row in wholes.items()}
        most = max(row["density"] * row["rows"] for row in wholes.values())
        return {name: most / row["rows"] for name, row in wholes.items()}

    def describe(self, data: pa.Table) -> Note:
        wholes = [row for row in data.to_pylist() if row["part"] == "all"]
        title = note(self.title)
        if not wholes:
            return note("{chart} of {y}: there are no values to draw.", chart=title, y=self.y)
        told = notes(data)
        return sentences(
            note("{chart} of {y}. {groups}.", chart=title, y=self.y, groups=listed(map(words, wholes))),
            note("The shapes are kernel densities; their bandwidth is Silverman's rule of thumb."),
            parts.left_out(told["left_out"]),
            guides.describe(data),
            parts.proposals(told["sampled"]),
        )


def name(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(f"{key}{end}") for key in (*facets.KEYS, "x") for end in ("", "_is"))


def words(row: dict[str, Any]) -> Note:
    """One shape in words."""
    told = note(
        "median {median}, middle half {q1} to {q3}, from {start} to {end}, {values}",
        values=counted_values(row["rows"]),
        **{key: number(row[key]) for key in ("median", "q1", "q3", "start", "end")},
    )
    group = parts.name_of(row, *facets.KEYS, "x")
    return pair(group, told) if group else told


def hover(row: dict[str, Any]) -> Note:
    """One slice in words."""
    told = note(
        "{range}: {rows} row | {range}: {rows} rows",
        range=note("{start} to {end}", start=number(row["start"]), end=number(row["end"])),
        rows=number(row["rows"]),
    )
    group = parts.name_of(row, *facets.KEYS, "x")
    return pair(group, told) if group else told
