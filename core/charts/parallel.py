"""Many columns side by side: bands of rows that go from one axis to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.crossed import counted, step
from core.charts.drawing import Legend, Say, blank, notes, panels, shown, with_notes
from core.charts.grouping import Cut, Group, cut, group, in_order, kinds
from core.charts.parts import OptionalColumn
from core.charts.prepared import prepared
from core.charts.words import listed, number, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.ordinal import TAME, edge, ordinal
from core.params import ColumnNames, Number
from core.selection import Mark, Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

KEPT = 8  # values of a category on an axis
COLOURS = 4


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
                axis, codes[f"a{i}"] = _category(table, engine, cut(table, engine, column, KEPT))
            axes.append(axis)
        facts: dict[str, Any] = {"sampled": {}}
        colours = [Group("")]
        if self.colour:
            how = cut(table, engine, self.colour, COLOURS)
            axis, codes["c"] = _category(table, engine, how)
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
                 "from": _label(axes[number_of], places[0]), "to": _label(axes[number_of + 1], places[1])}
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
        names = [shown(name, 24) for name in facts["names"]]
        figure.update_xaxes(
            tickmode="array", tickvals=list(range(len(names))), ticktext=names, side="top", showgrid=True,
            range=[-0.25, len(names) - 0.75],
        )  # fmt: skip
        figure.update_yaxes(visible=False, range=[-0.04, 1.04])
        for i, axis in enumerate(facts["axes"]):
            for place, text in _ticks(axis, say):
                figure.add_annotation(
                    x=i, y=place, text=shown(text, 18), showarrow=False, xanchor="left", xshift=4
                )
        figure.update_layout(margin={"t": 110 if len(colours) > 1 else 90})
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark:
        facts, own = notes(data), data.slice(row, 1).to_pylist()[0]
        inside = [
            _within(facts["axes"][own["axis"] + side], facts["names"][own["axis"] + side], own[key])
            for side, key in enumerate(("left", "right"))
        ]
        return parts.mark(data, row, {"colour": self.colour}, *inside)

    def _words(self, row: dict[str, Any], facts: dict[str, Any]) -> Note:
        names = facts["names"][row["axis"] : row["axis"] + 2]
        words = note(
            "{a} {from_a} and {b} {to_b}: {rows} rows",
            a=names[0], from_a=_spoken(facts["axes"][row["axis"]], row["left"]),
            b=names[1], to_b=_spoken(facts["axes"][row["axis"] + 1], row["right"]), rows=number(row["rows"]),
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
            note("Rows without a value on one of two axes are in no band between them."),
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


def _category(table: Table, engine: Engine, how: Cut) -> tuple[dict[str, Any], exp.Expr]:
    """The axis of a category: its frequent values, the rest, and the rows without one."""
    name = sql.name(how.column)
    text = sql.template("CAST(:x AS VARCHAR)", x=name)
    kept = how.kept
    if kept is None:
        found = exp.select(exp.alias_(text, "v"), exp.alias_(sql.template("count(*)"), "n"))
        found = found.from_(table.query.copy().subquery("t")).where(sql.template(":x IS NOT NULL", x=name))
        rows = engine.rows(found.group_by(exp.Literal.number(1))).to_pylist()
        size = {Group(row["v"]): float(row["n"]) for row in rows}
        values = [one.label for one in in_order(list(size), size)]
    else:
        query = exp.select(*[
            exp.alias_(sql.template("CAST(:v AS VARCHAR)", v=value), f"k{i}") for i, value in enumerate(kept)
        ])  # fmt: skip
        values = list(engine.rows(query).to_pylist()[0].values()) if kept else []
    groups = [Group(value) for value in values]
    groups += [] if kept is None else [group(None, "other", how.others)]
    groups.append(group(None, "missing"))
    place: Any = exp.Case(
        ifs=[exp.If(this=sql.template(":x IS NULL", x=name), true=exp.Literal.number(len(groups) - 1))],
        default=exp.Literal.number(len(values)),
    )
    for i, value in enumerate(values):
        place = place.when(sql.template(":x = :v", x=text, v=value), exp.Literal.number(i))
    axis = {"groups": [[one.label, one.mark] for one in groups], "places": len(groups)}
    return axis, place


def _colour(row: dict[str, Any]) -> Group:
    return Group(row["colour"], row["colour_is"]) if "colour" in row else Group("")


def _label(axis: dict[str, Any], place: int) -> str:
    if "groups" in axis:
        return str(axis["groups"][place][0])
    start = axis["low"] + axis["width"] * place
    return f"{number(start)} \u2013 {number(start + axis['width'])}"


def _spoken(axis: dict[str, Any], place: int) -> Note | str:
    return Group(*axis["groups"][place]).words() if "groups" in axis else _label(axis, place)


def _within(axis: dict[str, Any], column: str, place: int) -> Within:
    """What is true of the rows at one place of an axis."""
    if "groups" not in axis:
        ends = [edge(axis["low"], axis["width"], i) for i in (place, place + 1)]
        last = place == axis["places"] - 1
        return Within(column=column, low=ends[0] if place else -TAME, high=TAME if last else ends[1])
    label, mark = axis["groups"][place]
    if mark == "missing":
        return Within(column=column, missing=True)
    if mark == "other":
        values = tuple(sorted(one for one, what in axis["groups"] if what == "value"))
        return Within(column=column, values=values, outside=True)
    return Within(column=column, values=(label,))


def _ticks(axis: dict[str, Any], say: Say) -> list[tuple[float, str]]:
    if "groups" in axis:
        count = axis["places"]
        return [((i + 0.5) / count, say(Group(*one).words())) for i, one in enumerate(axis["groups"])]
    return [(0.0, number(axis["low"])), (1.0, number(axis["high"]))]


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
