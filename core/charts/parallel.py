"""Many columns side by side: bands of rows that go from one axis to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts, upright
from core.charts.crossed import counted, step
from core.charts.drawing import (
    GREY,
    ON_GROUND,
    Legend,
    Say,
    apart,
    blank,
    named,
    notes,
    panels,
    shown,
    with_notes,
)  # fmt: skip
from core.charts.grouping import Group, cut
from core.charts.measuring import kinds
from core.charts.parts import OptionalColumn
from core.charts.prepared import prepared
from core.charts.words import listed, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.errors import BadParameter
from core.ordinal import ordinal
from core.params import ColumnNames, Number
from core.selection import Mark, Selection
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

KEPT = 8  # values of a category on an axis
COLOURS = 4
BESIDE = 0.2  # of the way to the next axis: a stroke so far beside an axis is one along it


class ParallelCoordinates(Chart):
    """Numbers and categories as axes side by side: bands as thick as rows go from one value to the next."""

    title = "Parallel coordinates"
    group = "Relation"

    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer", "text", "boolean")] = P(
        default=(),
        title="Columns",
        description="Two to eight numbers and categories; none chosen: the first four number columns.",
    )
    colour: OptionalColumn = P(
        default=None, title="Colour",
        description=f"Draw its {COLOURS} most frequent values apart, and the rest together.",
    )  # fmt: skip
    steps: Annotated[int, Number(3, 12)] = P(
        default=8, ge=3, le=12, title="Steps", description="How many equal ranges a number's axis has."
    )

    BRUSHED: ClassVar[bool] = True
    COLUMNS: ClassVar[int] = 8
    USUAL: ClassVar[int] = 4

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if len(set(self.columns)) == 1 or len(set(self.columns)) > self.COLUMNS:
            raise BadParameter(
                "Parallel coordinates compare 2 to 8 columns. Got {count}.",
                hint="Choose more columns, or fewer.", count=len(set(self.columns)),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        numbers = [column.name for column in table.columns if column.type in ("number", "integer")]
        chosen = list(dict.fromkeys(self.columns)) or numbers[: self.USUAL]
        table, values = prepared(table, {c: ordinal(c, kinds(table)[c]) for c in chosen if c in numbers})
        ends = _ends(table, engine, values)
        axes, codes = [], {}
        for i, column in enumerate(chosen):
            if column in values:
                axis, codes[f"a{i}"] = self._axis(values[column], *ends[column])
            else:
                axis, codes[f"a{i}"] = upright.category(table, engine, cut(table, engine, column, KEPT))
            axes.append(axis)
        facts: dict[str, Any] = {"sampled": {}}
        colours = [Group("")]
        if self.colour:
            how = cut(table, engine, self.colour, COLOURS)
            axis, codes["c"] = upright.category(table, engine, how)
            colours = [Group(*one) for one in axis["groups"]]
            facts["sampled"] = parts.sampled({"colour": how})
        beside: tuple[str, ...] = ("c",) if self.colour else ()
        sets = [(f"a{i}", f"a{i + 1}", *beside) for i in range(len(chosen) - 1)]
        rows: list[dict[str, Any]] = []
        for names, places, count in counted(table, engine, codes, sets):
            number_of = int(names[0][1:])
            colour = colours[places[2] if self.colour else 0]
            rows.append(
                {"axis": number_of, "left": places[0], "right": places[1], "rows": count, "colour": colour,
                 "from": upright.label(axes[number_of], places[0]),
                 "to": upright.label(axes[number_of + 1], places[1])}
            )  # fmt: skip
        rows.sort(key=lambda row: (colours.index(row["colour"]), row["axis"], row["left"], row["right"]))
        columns = {"colour": "group"} if self.colour else {}
        columns |= {"axis": "int64", "left": "int64", "right": "int64", "from": "string", "to": "string"}
        return with_notes(parts.to_table(rows, columns | {"rows": "int64"}), **facts, axes=axes, names=chosen)

    def _axis(self, value: exp.Expr, low: float, high: float) -> tuple[dict[str, Any], exp.Expr]:
        """The axis of a number as JSON, and in which of its steps a row is."""
        width = (high - low) / self.steps or 1.0
        width = width if low + width > low else 1.0
        axis = {"low": low, "high": high, "width": width, "places": self.steps}
        return axis, step(value, low, width, self.steps)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts, rows = notes(data), parts.numbered(data)
        if not rows:
            return blank(note("There are not two columns to compare."), say)
        title = note("{count} columns side by side", count=len(facts["names"]))
        figure = panels([], title=say(title), x="", y="")
        colours = parts.groups(data, "colour")
        legend = Legend(colours, say)
        bands = _bands(rows, facts, colours)
        for colour in colours:
            own = [(row, band) for row, band in zip(rows, bands, strict=True) if _colour(row) == colour]
            x: list[float | None] = []
            y: list[float | None] = []
            behind, texts = [], []
            for row, (a, b, c, d) in own:
                left = row["axis"]
                x += [left, left + 0.5, left + 1, left + 1, left + 0.5, left, left, None]
                y += [a, (a + c) / 2, c, d, (b + d) / 2, b, a, None]
                behind += [row["row"]] * 7 + [-1]
                texts += [shown(say(self._words(row, facts)), 300)] * 7 + [""]
            figure.add_trace(
                go.Scatter(
                    x=x, y=y, customdata=behind, hovertext=texts, hoverinfo="text", mode="lines",
                    fill="toself", hoveron="points", line={"width": 0.6}, opacity=0.8,
                    **legend.entry(colour, own),
                )
            )  # fmt: skip
        legend.put(figure, self.colour)
        figure.update_xaxes(
            named(facts["names"]), showgrid=True, range=[-0.15, len(facts["names"]) - 0.85], fixedrange=True,
        )  # fmt: skip
        figure.update_yaxes(visible=False, range=[-0.04, 1.04], fixedrange=True)
        self._label(figure, facts, say)
        return figure

    def _label(self, figure: go.Figure, facts: dict[str, Any], say: Say) -> None:
        """The names and ends beside each axis, on a ground that hides the bands behind them."""
        last = len(facts["axes"]) - 1
        for i, axis in enumerate(facts["axes"]):
            found = upright.marks(axis)
            texts = apart([say(text) if isinstance(text, Note) else text for _, text in found], 18)
            for (height, _), text in zip(found, texts, strict=True):
                figure.add_annotation(
                    x=i, y=height, text=text, showarrow=False, name=ON_GROUND, borderpad=1,
                    xanchor="right" if i == last else "left", xshift=-4 if i == last else 4,
                )  # fmt: skip

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        """The rows within a stroke along an axis; of a box over several axes those within it on all."""
        if x is None or y is None or not data.num_rows:
            return None
        facts, (low, high) = notes(data), sorted(map(float, x))
        axes = [i for i in range(len(facts["axes"])) if low - BESIDE <= i <= high + BESIDE]
        found = [(i, upright.brushed(facts["axes"][i], y)) for i in axes]
        taken = [
            upright.within(facts["axes"][i], facts["names"][i], *places) for i, places in found if places
        ]
        return Selection.of(*taken) if taken else None

    def brush(self, figure: go.Figure, data: pa.Table, taken: Selection) -> None:
        facts = notes(data)
        for part in (part for mark in taken.marks for part in mark.parts):
            for i, name in enumerate(facts.get("names", ())):
                span = upright.span_of(facts["axes"][i], name, part) if name == part.column else None
                if span is not None:
                    figure.add_shape(
                        type="rect", x0=i - 0.05, x1=i + 0.05, y0=span[0], y1=span[1],
                        fillcolor=GREY.format(0.45), line={"color": GREY.format(1), "width": 2},
                    )  # fmt: skip

    def mark(self, data: pa.Table, row: int) -> Mark:
        facts, own = notes(data), data.slice(row, 1).to_pylist()[0]
        inside = [
            upright.within(
                facts["axes"][own["axis"] + side], facts["names"][own["axis"] + side], own[key], own[key]
            )
            for side, key in enumerate(("left", "right"))
        ]
        return parts.mark(data, row, {"colour": self.colour}, *inside)

    def _words(self, row: dict[str, Any], facts: dict[str, Any]) -> Note:
        names = facts["names"][row["axis"] : row["axis"] + 2]
        words = note(
            "{a} {from_a} and {b} {to_b}: {rows}",
            a=names[0], from_a=upright.spoken(facts["axes"][row["axis"]], row["left"]),
            b=names[1], to_b=upright.spoken(facts["axes"][row["axis"] + 1], row["right"]),
            rows=counted_rows(row["rows"]),
        )  # fmt: skip
        name = parts.name_of(row, "colour")
        return note("{name}, {words}", name=name, words=words) if name else words

    def describe(self, data: pa.Table) -> Note:
        facts, rows = notes(data), data.to_pylist()
        if not rows:
            return note("Parallel coordinates: there are no two columns to compare.")
        rows.sort(key=lambda row: -row["rows"])
        return sentences(
            note(
                "Parallel coordinates of {columns}. The thickest bands: {bands}.",
                columns=facts["names"],
                bands=listed((self._words(row, facts) for row in rows), 6),
            ),
            note("Rows without a number on one of two axes are in no band between them.")
            if any("groups" not in axis for axis in facts["axes"])
            else None,
            parts.proposals(facts["sampled"]),
        )

    @classmethod
    def example(cls) -> ParallelCoordinates:
        return cls(columns=("price", "quantity", "member"), colour="region")


def _ends(table: Table, engine: Engine, values: dict[str, exp.Expr]) -> dict[str, tuple[float, float]]:
    """The least and the greatest of each number, from one pass."""
    if not values:
        return {}
    asked = {f"{end}{i}": sql.template(f"{end}(:x)", x=value) for i, value in enumerate(values.values())
             for end in ("min", "max")}  # fmt: skip
    query = exp.select(*[exp.alias_(node, key) for key, node in asked.items()])
    row = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
    return {name: (row[f"min{i}"] or 0.0, row[f"max{i}"] or 0.0) for i, name in enumerate(values)}


def _colour(row: dict[str, Any]) -> Group:
    return Group(row["colour"], row["colour_is"]) if "colour" in row else Group("")


def _bands(
    rows: list[dict[str, Any]], facts: dict[str, Any], colours: list[Group]
) -> list[tuple[float, float, float, float]]:
    """The ends of each band on its two axes: stacked in their place, all as thick as their rows."""
    totals: dict[tuple[int, str, int], float] = {}
    for row in rows:
        for side in ("left", "right"):
            key = (row["axis"], side, row[side])
            totals[key] = totals.get(key, 0.0) + row["rows"]
    fullest = {
        axis: max(total for (one, _, _), total in totals.items() if one == axis)
        for axis in {row["axis"] for row in rows}
    }
    filled: dict[tuple[int, str, int], float] = {}
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for side, other in (("left", "right"), ("right", "left")):
        for row in sorted(rows, key=lambda row: (row["axis"], row[side], row[other], row["row"])):
            places = facts["axes"][row["axis"] + (side == "right")]["places"]
            key = (row["axis"], side, row[side])
            unit = 0.9 / places / fullest[row["axis"]]
            start = (row[side] + 0.5) / places - totals[key] * unit / 2 + filled.get(key, 0.0) * unit
            filled[key] = filled.get(key, 0.0) + row["rows"]
            found.setdefault(row["row"], {})[side] = (start, start + row["rows"] * unit)
    return [(*found[row["row"]]["left"], *found[row["row"]]["right"]) for row in rows]
