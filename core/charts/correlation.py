"""How strongly each two numbers go together."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.drawing import Say, blank, notes, panels, shown, with_notes
from core.charts.grouping import finite, kinds, spread
from core.charts.parts import to_table
from core.charts.words import counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnNames
from core.wording import Note, note

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go
    import pyarrow as pa

Found = dict[tuple[str, str], tuple[float | None, int]]  # a pair's correlation, and its rows


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
    RANKED_ROWS: ClassVar[int] = 100_000  # ranking more rows would take longer than a person waits
    PAIRED_ROWS: ClassVar[int] = 100_000_000  # rows times pairs: products take their time as well

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
        couples = list(itertools.combinations(chosen, 2))
        count = exp.select(exp.alias_(sql.template("count(*)"), "n"))
        rows = int(engine.rows(count.from_(table.query.copy().subquery("t"))).column("n")[0].as_py())
        ranked = self.method == "spearman"
        most = self.RANKED_ROWS if ranked else max(self.RANKED_ROWS, self.PAIRED_ROWS // max(1, len(couples)))
        some = self._some(table, chosen, spread(rows, most))
        if ranked:
            looked, found = _spearman(engine.rows(some), chosen)
        else:
            looked, found = self._pearson(engine, some, chosen, couples)
        cells = []
        for a in chosen:
            for b in chosen:
                r, n = found.get((a, b)) or found.get((b, a)) or (None, 0)
                cells.append({"first": a, "second": b, "correlation": r, "rows": n})
        columns = {"first": "string", "second": "string", "correlation": "float64", "rows": "int64"}
        return with_notes(to_table(cells, columns), all=rows, looked=looked, left_out=left_out)

    def _some(self, table: Table, chosen: list[str], where: exp.Expr | None) -> exp.Select:
        """The chosen columns as x0, x1, ... of the rows to look at, infinite values missing."""
        kind = kinds(table)
        values = [exp.alias_(finite(column, kind[column]), f"x{i}") for i, column in enumerate(chosen)]
        query = exp.select(*values, exp.alias_(exp.Literal.number(1), "one"))
        query = query.from_(table.query.copy().subquery("t"))
        return query if where is None else query.where(where)

    def _pearson(
        self, engine: Engine, some: exp.Select, chosen: list[str], couples: list[tuple[str, str]],
        scale: list[float] | None = None,
    ) -> tuple[int, Found]:  # fmt: skip
        """All correlations in one pass. Numbers whose squares leave a double's range take a second one."""
        at = {column: exp.column(f"x{i}") for i, column in enumerate(chosen)}
        if scale is None:  # first without what could overflow
            tame = {
                column: sql.template("CASE WHEN abs(:x) < 1e100 THEN :x END", x=x) for column, x in at.items()
            }
        else:
            tame = {c: sql.template(":x / :s", x=at[c], s=s) for c, s in zip(chosen, scale, strict=True)}
        asked = [exp.alias_(sql.template("count(*)"), "n")]
        for i, column in enumerate(chosen):
            for key, text in (("a", "max(abs(:x))"), ("c", "count(:x)"), ("v", "min(:x) < max(:x)")):
                asked.append(exp.alias_(sql.template(text, x=at[column]), f"{key}{i}"))
        for i, (a, b) in enumerate(couples):
            asked.append(exp.alias_(sql.template("corr(:a, :b)", a=tame[a], b=tame[b]), f"r{i}"))
            asked.append(exp.alias_(sql.template("regr_count(:a, :b)", a=at[a], b=at[b]), f"n{i}"))
        row = engine.rows(exp.select(*asked).from_(some.subquery("s"))).to_pylist()[0]
        sizes = [row[f"a{i}"] or 1.0 for i in range(len(chosen))]
        if scale is None and not all(1e-100 < size < 1e100 for size in sizes):
            return self._pearson(engine, some, chosen, couples, sizes)
        found: Found = {pair: (_real(row[f"r{i}"]), int(row[f"n{i}"])) for i, pair in enumerate(couples)}
        for i, column in enumerate(chosen):
            found[column, column] = (1.0 if row[f"v{i}"] else None, int(row[f"c{i}"]))
        return int(row["n"]), found

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        names = list(dict.fromkeys(data.column("first").to_pylist()))
        if len(names) < 2:
            return blank(note("There are not two number columns to compare."), say)
        at = {name: i for i, name in enumerate(names)}
        grid: list[list[float | None]] = [[None] * len(names) for _ in names]
        hover = [[""] * len(names) for _ in names]
        for row in data.to_pylist():
            i, j = at[row["first"]], at[row["second"]]
            grid[i][j] = row["correlation"]
            hover[i][j] = f"{shown(row['first'])}, {shown(row['second'])}: {number(row['correlation'])}"
        told, title = notes(data), note("Correlation ({method})", method=self.method.capitalize())
        if told["looked"] < told["all"]:
            title = note(
                "{title}, {rows} rows evenly spread over all", title=title, rows=number(told["looked"])
            )
        figure = panels([], title=say(title), x="", y="")
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

    def describe(self, data: pa.Table) -> Note:
        told = notes(data)
        pairs = [
            row for row in data.to_pylist() if row["first"] < row["second"] and row["correlation"] is not None
        ]
        if not pairs:
            return note("Correlation matrix: there are no two number columns that vary together.")
        pairs.sort(key=lambda row: -abs(row["correlation"]))
        parts = [
            pair(note("{a} and {b}", a=row["first"], b=row["second"]), f"{row['correlation']:.3f}")
            for row in pairs
        ]
        return sentences(
            note(
                "{method} correlation, strongest first. {pairs}.",
                method=self.method.capitalize(), pairs=listed(parts),
            ),
            self._looked(told["looked"], told["all"]) if told["looked"] < told["all"] else None,
            counted(
                "{count:,} more number column is not shown: choose the columns to compare. | "
                "{count:,} more number columns are not shown: choose the columns to compare.",
                told["left_out"],
            ),
        )  # fmt: skip

    def _looked(self, looked: int, everything: int) -> Note:
        """How many rows were looked at, and for ranks how far from all rows' number that may be.

        The standard error of a rank correlation is about 1.34 / sqrt(n) at most, where two columns lie
        on a cross; independent columns have 1 / sqrt(n). Twice the largest holds 19 times in 20.
        """
        words = note(
            "Measured on {looked} rows evenly spread over all {all}.",
            looked=number(looked), all=number(everything),
        )  # fmt: skip
        if self.method != "spearman":
            return words
        error = f"{2 * 1.34 / math.sqrt(looked):.3f}"
        return sentences(words, note("All rows would give these numbers to within {error}.", error=error))

    @classmethod
    def example(cls) -> Correlation:
        return cls(columns=("price", "quantity", "id"))


def _spearman(some: pa.Table, chosen: list[str]) -> tuple[int, Found]:
    """Pearson's correlation of the ranks among the rows where both numbers stand.

    Each column is sorted once; a pair's ranks then follow from counting, so many columns stay quick.
    """
    import numpy as np

    codes, kept = [], []
    for i in range(len(chosen)):
        values = some.column(f"x{i}").to_numpy()
        kept.append(np.isfinite(values))
        codes.append(np.unique(values, return_inverse=True)[1])
    found: Found = {}
    for i, j in itertools.combinations_with_replacement(range(len(chosen)), 2):
        both = kept[i] & kept[j]
        n = int(np.count_nonzero(both))
        a, b = _ranks(codes[i][both]), _ranks(codes[j][both])
        spread_of = math.sqrt(float(a @ a) * float(b @ b))
        r = (1.0 if i == j else float(a @ b) / spread_of) if spread_of else None
        found[chosen[i], chosen[j]] = (r, n)
    return some.num_rows, found


def _ranks(codes: np.ndarray) -> np.ndarray:
    """Ranks less their mean, of numbers given as codes in their order; ties share their middle rank."""
    import numpy as np

    counts = np.bincount(codes) if len(codes) else np.zeros(1)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranks: np.ndarray = middle[codes] - (len(codes) + 1) / 2
    return ranks


def _real(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
