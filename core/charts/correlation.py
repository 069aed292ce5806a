"""How strongly each two numbers go together."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import blank, listed, notes, number, panels, shown, with_notes
from core.charts.grouping import finite, kinds
from core.charts.parts import to_table
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnNames

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class Correlation(Chart):
    """How strongly each two numbers go together, from -1 to 1."""

    title = "Correlation matrix"
    group = "Relation"

    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer")] = P(
        default=(),
        title="Columns",
        description="The numbers to compare; none chosen: the first number columns.",
    )
    method: Literal["pearson", "spearman"] = P(
        default="pearson", title="Method",
        description="Pearson measures how straight a relation is, Spearman how steadily it rises or falls.",
    )  # fmt: skip

    COLUMNS: ClassVar[int] = 25
    RANKED_ROWS: ClassVar[int] = 100_000  # sorting more rows for each pair would take minutes

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if len(self.columns) == 1 or len(self.columns) > 60:
            raise BadParameter(
                "A correlation matrix compares 2 to 60 columns. Got {count}.",
                hint="Choose more columns, or fewer.", count=len(self.columns),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        numbers = [column.name for column in table.columns if column.type in ("number", "integer")]
        chosen = list(dict.fromkeys(self.columns)) or numbers[: self.COLUMNS]
        left_out = 0 if self.columns else len(numbers) - len(chosen)
        facts = self._facts(table, engine, chosen)
        couples = list(itertools.combinations(chosen, 2))
        if self.method == "pearson":
            found, looked = self._pearson(table, engine, facts, couples), facts["n"]
        else:
            step = max(1, math.ceil(facts["n"] / self.RANKED_ROWS))
            found = {pair: self._spearman(table, engine, facts, pair, step) for pair in couples}
            looked = math.ceil(facts["n"] / step)
        rows = []
        for a in chosen:
            for b in chosen:
                r, n = found.get((a, b)) or found.get((b, a)) or (None, facts["present"].get(a, 0))
                if a == b:
                    r = 1.0 if facts["scale"][a] and n > 1 and facts["varies"][a] else None
                rows.append({"first": a, "second": b, "correlation": r, "rows": n})
        columns = {"first": "string", "second": "string", "correlation": "float64", "rows": "int64"}
        return with_notes(to_table(rows, columns), all=facts["n"], looked=looked, left_out=left_out)

    def _facts(self, table: Table, engine: Engine, chosen: list[str]) -> dict[str, Any]:
        kind = kinds(table)
        asked: list[exp.Expr] = [exp.alias_(sql.template("count(*)"), "n")]
        for i, column in enumerate(chosen):
            value = finite(column, kind[column])
            for key, text in (("a", "max(abs(:x))"), ("c", "count(:x)"), ("v", "min(:x) < max(:x)")):
                asked.append(exp.alias_(sql.template(text, x=value), f"{key}{i}"))
        row = engine.rows(exp.select(*asked).from_(table.query.copy().subquery("t"))).to_pylist()[0]
        return {
            "n": int(row["n"]),
            "scale": {column: row[f"a{i}"] or 0.0 for i, column in enumerate(chosen)},
            "present": {column: int(row[f"c{i}"]) for i, column in enumerate(chosen)},
            "varies": {column: bool(row[f"v{i}"]) for i, column in enumerate(chosen)},
        }

    def _value(self, table: Table, facts: dict[str, Any], column: str) -> Any:
        """The column between -1 and 1, so that no square of it can overflow or vanish."""
        value = finite(column, kinds(table)[column])
        return sql.template(":x / :scale", x=value, scale=facts["scale"][column] or 1.0)

    def _pearson(
        self, table: Table, engine: Engine, facts: dict[str, Any], couples: list[tuple[str, str]]
    ) -> dict[tuple[str, str], tuple[float | None, int]]:
        names = list(dict.fromkeys(column for pair in couples for column in pair))
        at = {column: exp.column(f"x{i}") for i, column in enumerate(names)}
        inner = exp.select(*[exp.alias_(self._value(table, facts, c), f"x{i}") for i, c in enumerate(names)])
        source = inner.from_(table.query.copy().subquery("t")).subquery("v")
        asked = []
        for i, (a, b) in enumerate(couples):
            asked.append(exp.alias_(sql.template("corr(:a, :b)", a=at[a], b=at[b]), f"r{i}"))
            asked.append(exp.alias_(sql.template("regr_count(:a, :b)", a=at[a], b=at[b]), f"n{i}"))
        if not asked:
            return {}
        row = engine.rows(exp.select(*asked).from_(source)).to_pylist()[0]
        return {pair: (_real(row[f"r{i}"]), int(row[f"n{i}"])) for i, pair in enumerate(couples)}

    def _spearman(
        self, table: Table, engine: Engine, facts: dict[str, Any], pair: tuple[str, str], step: int
    ) -> tuple[float | None, int]:
        """Pearson's correlation of the ranks, ties sharing their middle rank."""
        values = [
            exp.alias_(self._value(table, facts, column), key) for column, key in zip(pair, "ab", strict=True)
        ]
        some = sql.template(":row % :step = 0", row=sql.name(sql.ROW), step=step)
        both = exp.select(*values).from_(table.query.copy().subquery("t")).where(some).subquery("v")
        pairs = (
            exp.select("a", "b")
            .from_(both)
            .where(sql.template("a IS NOT NULL AND b IS NOT NULL"))
            .subquery("p")
        )
        ranks = [
            exp.alias_(
                sql.template(f"rank() OVER (ORDER BY {k}) + (count(*) OVER (PARTITION BY {k}) - 1) / 2.0"),
                f"r{k}",
            )
            for k in "ab"
        ]
        asked = [exp.alias_(sql.template("corr(ra, rb)"), "r"), exp.alias_(sql.template("count(*)"), "n")]
        row = engine.rows(
            exp.select(*asked).from_(exp.select(*ranks).from_(pairs).subquery("k"))
        ).to_pylist()[0]
        return _real(row["r"]), int(row["n"])

    def figure(self, data: pa.Table) -> go.Figure:
        import plotly.graph_objects as go

        names = list(dict.fromkeys(data.column("first").to_pylist()))
        if len(names) < 2:
            return blank("There are not two number columns to compare.")
        at = {name: i for i, name in enumerate(names)}
        grid: list[list[float | None]] = [[None] * len(names) for _ in names]
        hover = [[""] * len(names) for _ in names]
        for row in data.to_pylist():
            i, j = at[row["first"]], at[row["second"]]
            grid[i][j] = row["correlation"]
            hover[i][j] = f"{shown(row['first'])}, {shown(row['second'])}: {number(row['correlation'])}"
        told, title = notes(data), f"Correlation ({self.method.capitalize()})"
        if told["looked"] < told["all"]:
            title += f", {number(told['looked'])} rows evenly spread over all"
        figure = panels([], title=title, x="", y="")
        text = [[f"{r:.2f}" if r is not None else "" for r in line] for line in grid]
        figure.add_trace(
            go.Heatmap(
                z=grid, zmin=-1, zmax=1, autocolorscale=True, hovertext=hover,
                hoverinfo="text", xgap=1, ygap=1,
                text=text if len(names) <= 15 else None,
                texttemplate="%{text}" if len(names) <= 15 else None,
            )
        )  # fmt: skip
        ticks = {
            "tickmode": "array",
            "tickvals": list(range(len(names))),
            "ticktext": [shown(n, 24) for n in names],
        }
        figure.update_xaxes(**ticks)
        figure.update_yaxes(**ticks, autorange="reversed")
        return figure

    def describe(self, data: pa.Table) -> str:
        told = notes(data)
        pairs = [
            row for row in data.to_pylist() if row["first"] < row["second"] and row["correlation"] is not None
        ]
        if not pairs:
            return "Correlation matrix: there are no two number columns that vary together."
        pairs.sort(key=lambda row: -abs(row["correlation"]))
        parts = [f"{row['first']} and {row['second']}: {row['correlation']:.3f}" for row in pairs]
        text = f"{self.method.capitalize()} correlation, strongest first. {listed(parts)}."
        if told["looked"] < told["all"]:
            text += (
                f" Measured on {number(told['looked'])} rows evenly spread over all {number(told['all'])}."
            )
        if told["left_out"]:
            text += f" {told['left_out']} more number columns are not shown: choose the columns to compare."
        return text

    @classmethod
    def example(cls) -> Correlation:
        return cls(columns=("price", "quantity", "id"))


def _real(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
