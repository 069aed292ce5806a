"""Several numbers against each other: a small picture for each pair, and each number's own spread."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.crossed import counted, step
from core.charts.drawing import Legend, Say, blank, notes, shown, with_notes
from core.charts.grouping import COLOURS, Cut, Group, mark
from core.charts.measuring import kinds
from core.charts.pair_panels import BARS, is_point, panel, strength, width
from core.charts.parts import OptionalColumn
from core.charts.prepared import prepared
from core.charts.words import listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.ordinal import TAME, edge, ordinal
from core.params import ColumnNames
from core.selection import Mark
from core.within import Within
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class PairPlot(Chart):
    """Up to six numbers against each other: each row a point in every pair, or how densely they lie."""

    title = "Pair plot"
    group = "Relation"

    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer")] = P(
        default=(),
        title="Columns",
        description="Two to six numbers; none chosen: the first four number columns.",
    )
    colour: OptionalColumn = parts.colour_field()

    POINTS: ClassVar[int] = 1_000  # rows that are drawn one by one
    CELLS: ClassVar[int] = 4_500  # in all pairs together
    COLUMNS: ClassVar[int] = 6
    USUAL: ClassVar[int] = 4

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if len(set(self.columns)) == 1 or len(set(self.columns)) > self.COLUMNS:
            raise BadParameter(
                "A pair plot compares 2 to 6 columns. Got {count}.",
                hint="Choose more columns, or fewer.", count=len(set(self.columns)),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        numbers = [column.name for column in table.columns if column.type in ("number", "integer")]
        chosen = list(dict.fromkeys(self.columns)) or numbers[: self.USUAL]
        table, values = prepared(table, {c: ordinal(c, kinds(table)[c]) for c in chosen})
        facts = self._facts(table, engine, values)
        facts["dense"] = facts["rows"] > self.POINTS
        wanted = {"colour": (None if facts["dense"] else self.colour, COLOURS)}
        cut = parts.cuts(table, engine, wanted)
        facts["sampled"] = parts.sampled(cut)
        couples = list(itertools.combinations(range(len(chosen)), 2))
        side = max(6, min(32, math.isqrt(self.CELLS // max(1, len(couples)))))
        # where there are cells, each bar stands over one column of them: one step for both
        facts |= {"steps": {"bar": side if facts["dense"] else BARS, "cell": side}}
        rows = self._counts(table, engine, values, facts, couples)
        if not facts["dense"]:
            rows = [row for row in rows if row["part"] == "bar"]
            rows += self._points(table, engine, values, cut)
        columns: dict[str, str] = dict.fromkeys(cut, "group") | {"part": "string"}
        columns |= dict.fromkeys(("first", "second", "i", "j", "rows"), "int64")
        columns |= {f"v{i}": "float64" for i in range(len(chosen))}
        blanks = dict.fromkeys(columns) | {key: Group("") for key in cut}
        return with_notes(parts.to_table([{**blanks, **row} for row in rows], columns), **facts)

    def _facts(self, table: Table, engine: Engine, values: dict[str, exp.Expr]) -> dict[str, Any]:
        """Ranges, and how straight each two numbers go together, over all rows."""
        asked: dict[str, Any] = {"n": sql.template("count(*)")}
        for i, value in enumerate(values.values()):
            for key in ("min", "max", "count"):
                asked[f"{key}{i}"] = sql.template(f"{key}(:x)", x=value)
        nodes = list(values.values())
        for i, j in itertools.combinations(range(len(nodes)), 2):
            # a square that leaves the range of a double would stop the whole query
            tame = [sql.template("CASE WHEN abs(:x) < 1e100 THEN :x END", x=nodes[k]) for k in (i, j)]
            asked[f"r{i}_{j}"] = sql.template("corr(:a, :b)", a=tame[0], b=tame[1])
        query = exp.select(*[exp.alias_(node, key) for key, node in asked.items()])
        row = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        ends = [[row[f"min{i}"] or 0.0, row[f"max{i}"] or 0.0] for i in range(len(nodes))]
        strengths = {key[1:]: value for key, value in row.items() if key.startswith("r") and "_" in key}
        strengths = {k: v if v is not None and math.isfinite(v) else None for k, v in strengths.items()}
        counts = [row[f"count{i}"] for i in range(len(nodes))]
        return {"rows": int(row["n"]), "names": list(values), "ends": ends, "r": strengths, "counts": counts}

    def _counts(
        self, table: Table, engine: Engine, values: dict[str, exp.Expr], facts: dict[str, Any],
        couples: list[tuple[int, int]],
    ) -> list[dict[str, Any]]:  # fmt: skip
        """All rows counted in the bars of each number and the cells of each pair: one pass."""
        codes = {
            f"v{i}": step(value, facts["ends"][i][0], width(facts, i, "bar"), facts["steps"]["bar"])
            for i, value in enumerate(values.values())
        }
        sets: list[tuple[str, ...]] = [(f"v{i}",) for i in range(len(values))]
        sets += [(f"v{i}", f"v{j}") for i, j in couples if facts["dense"]]
        found = []
        for names, places, rows in counted(table, engine, codes, sets):
            # the columns of a set stand in the order of the table of codes, which is that of the numbers
            i, j = (*places, *places)[:2]
            first, second = (int(names[k][1:]) for k in (0, -1))
            part = "bar" if len(names) == 1 else "cell"
            found.append({"part": part, "first": first, "second": second, "i": i, "j": j, "rows": rows})
        return found

    def _points(
        self, table: Table, engine: Engine, values: dict[str, exp.Expr], cut: dict[str, Cut]
    ) -> list[dict[str, Any]]:
        chosen: list[exp.Expr] = [exp.alias_(value, f"v{i}") for i, value in enumerate(values.values())]
        marked: list[exp.Expr] = []
        for key, how in cut.items():
            text = sql.template("CAST(:v AS VARCHAR)", v=how.value())
            chosen += [exp.alias_(text, key), exp.alias_(how.missing(), f"{key}_is")]
            marked += [exp.column(key), exp.alias_(mark(key), f"{key}_is")]
        chosen.append(exp.alias_(sql.name(sql.ROW), "r"))
        query = exp.select(*chosen).from_(table.query.copy().subquery("t"))
        names = [f"v{i}" for i in range(len(values))]
        query = exp.select(*marked, *names, "r").from_(query.subquery("p")).order_by("r")
        rows = [{**row, "one": 1.0, "part": "point"} for row in parts.records(engine.rows(query), cut)]
        order = parts.places(rows, cut, "one")
        # a row with fewer than two numbers is in no pair
        rows = [row for row in rows if sum(row[name] is not None for name in names) >= 2]
        return sorted(rows, key=lambda row: (*[order[key][row[key]] for key in cut], row["r"]))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        from plotly.subplots import make_subplots

        facts, rows = notes(data), parts.numbered(data)
        names = facts["names"]
        if len(names) < 2 or not rows:
            return blank(note("There are not two number columns to compare."), say)
        size = len(names)
        figure = make_subplots(rows=size, cols=size, horizontal_spacing=0.02, vertical_spacing=0.02)
        points = [row for row in rows if row["part"] == "point"]
        colours = parts.groups(data.filter(is_point(data)), "colour") if points else []
        legend = Legend(colours, say)
        most = max((row["rows"] for row in rows if row["part"] == "cell"), default=1)
        for down, across in itertools.product(range(size), range(size)):
            for trace in panel(down, across, rows, points, colours, facts, most, legend):
                figure.add_trace(trace, row=down + 1, col=across + 1)
            if across > down:
                strength(figure, down, across, facts)
        if colours:
            legend.put(figure, self.colour)
            figure.update_layout(legend={"itemsizing": "constant"})  # its points are small
        for k, name in enumerate(names):
            figure.update_xaxes(title={"text": shown(name, 24)}, row=size, col=k + 1)
            figure.update_yaxes(title={"text": shown(name, 24)}, row=k + 1, col=1)
        for k in range(size - 1):
            figure.update_xaxes(showticklabels=False, row=k + 1)
            figure.update_yaxes(showticklabels=False, col=k + 2)
        title = note("Pairs of {count} columns, density" if facts["dense"] else "Pairs of {count} columns",
                     count=size)  # fmt: skip
        top = 84 if len(colours) > 1 else 56
        figure.update_layout(
            title={"text": shown(say(title), 120), "x": 0, "y": 0.98, "yanchor": "top"}, bargap=0,
            margin={"t": top}, height=130 * size + 140,
        )  # fmt: skip
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows of a bar or a cell, or all that share a point's numbers."""
        facts, own = notes(data), data.slice(row, 1).to_pylist()[0]
        if own["part"] == "point":
            inside = []
            for i, name in enumerate(facts["names"]):
                value = own[f"v{i}"]
                if value is not None:
                    inside.append(Within(column=name, low=value, high=value, closed=True))
            return parts.mark(data, row, {"colour": self.colour}, *inside)
        places = {(own["first"], own["i"]), (own["second"], own["j"])}
        return Mark(parts=tuple(self._step(facts, k, i, own["part"]) for k, i in sorted(places)))

    def _step(self, facts: dict[str, Any], k: int, i: int, part: str) -> Within:
        """What is true of a number in one of its steps; the first and the last hold what is at the ends."""
        low, wide = facts["ends"][k][0], width(facts, k, part)
        ends = [edge(low, wide, place) for place in (i, i + 1)]
        return Within(
            column=facts["names"][k], low=ends[0] if i else -TAME,
            high=TAME if i == facts["steps"][part] - 1 else ends[1],
        )  # fmt: skip

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        names = facts["names"]
        if len(names) < 2 or not data.num_rows:
            return note("Pair plot: there are no two number columns to compare.")
        strengths = [
            (abs(r), note("{a} and {b}", a=names[i], b=names[j]), r)
            for i, j in itertools.combinations(range(len(names)), 2)
            if (r := facts["r"][f"{i}_{j}"]) is not None
        ]
        strengths.sort(key=lambda found: -found[0])
        told = listed([pair(words, f"{r:.3f}") for _, words, r in strengths])
        return sentences(
            note("Pair plot of {columns}: {rows}.", columns=names, rows=counted_rows(facts["rows"])),
            note("Pearson correlation, strongest first. {pairs}.", pairs=told) if strengths else None,
            note("Shown as density: above {points} rows no point stands for one.", points=number(self.POINTS))
            if facts["dense"] else None,
            note("Colour by {colour} is not shown above {points} rows.", colour=self.colour,
                 points=number(self.POINTS)) if facts["dense"] and self.colour else None,
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> PairPlot:
        return cls(columns=("price", "quantity", "id"), colour="region")
