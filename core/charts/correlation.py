"""How strongly each two columns go together: numbers, categories, or one of each."""

from __future__ import annotations

import itertools
import math
import sys
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts.association import VALUES, Found, associations, code, measure, spearman
from core.charts.drawing import Say, blank, cell_texts, named, notes, panels, room, shown, with_notes
from core.charts.grouping import spread
from core.charts.measuring import finite, kinds
from core.charts.parts import numbered, to_table
from core.charts.words import counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Table
from core.errors import BadParameter
from core.params import ColumnNames
from core.selection import Mark
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

_MEASURES = {
    "pearson": note("Pearson"), "spearman": note("Spearman"), "correlation ratio": note("correlation ratio"),
    "Cramér's V": note("Cramér's V"),
}  # fmt: skip


class Correlation(Chart):
    """How strongly each two columns go together: numbers from -1 to 1, categories from 0 to 1."""

    title = "Correlation matrix"
    group = "Relation"

    columns: Annotated[tuple[str, ...], ColumnNames("number", "integer", "text", "boolean")] = P(
        default=(),
        title="Columns",
        description="Numbers and categories to compare; none chosen: the first number columns.",
    )
    method: Literal["pearson", "spearman"] = P(
        default="pearson", title="Method",
        description="Pearson measures how straight a relation is, Spearman how steadily it rises or falls.",
    )  # fmt: skip
    categories: bool = P(
        default=False,
        title="Categories too",
        description="With no columns chosen: also the first categories with at most 50 values.",
    )

    COLUMNS: ClassVar[int] = 25
    RANKED_ROWS: ClassVar[int] = 100_000  # ranking more rows would take longer than a person waits
    PAIRED_ROWS: ClassVar[int] = 60_000_000  # rows times pairs: products take their time as well
    MIXED_CELLS: ClassVar[int] = 5_000_000  # rows times columns: pairs with categories are held in memory

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if len(self.columns) == 1 or len(self.columns) > 60:
            raise BadParameter(
                "A correlation matrix compares 2 to 60 columns. Got {count}.",
                hint="Choose more columns, or fewer.", count=len(self.columns),
            )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        kind = kinds(table)
        chosen, left_out = self._chosen(table, engine)
        named = {column: f"x{i}" for i, column in enumerate(chosen)}
        numbers = {c: at for c, at in named.items() if kind[c] in ("number", "integer")}
        categories = {c: at for c, at in named.items() if c not in numbers}
        couples = list(itertools.combinations(numbers, 2))
        count = exp.select(exp.alias_(sql.template("count(*)"), "n"))
        rows = int(engine.rows(count.from_(table.query.copy().subquery("t"))).column("n")[0].as_py())
        ranked = self.method == "spearman"
        most = self.RANKED_ROWS if ranked else max(self.RANKED_ROWS, self.PAIRED_ROWS // max(1, len(couples)))
        if categories:
            most = min(most, max(self.RANKED_ROWS, self.MIXED_CELLS // len(chosen)))
        some = self._some(table, chosen, spread(rows, most))
        held = engine.rows(some) if ranked or categories else None
        found, folded = associations(held, numbers, categories) if held and categories else ({}, [])
        if held is not None and ranked:
            looked = held.num_rows
            found |= spearman(held, numbers)
        else:
            looked, pairs = self._pearson(engine, some, numbers, couples)
            found |= pairs
        cells = []
        for a in chosen:
            for b in chosen:
                r, n = found.get((a, b)) or found.get((b, a)) or (None, 0)
                how = measure(a, b, list(categories), self.method)
                cells.append({"first": a, "second": b, "correlation": r, "rows": n, "measure": how})
        columns = {"first": "string", "second": "string", "correlation": "float64", "rows": "int64"}
        columns["measure"] = "string"
        told = {
            "all": rows,
            "looked": looked,
            "left_out": left_out,
            "folded": folded,
            "numbers": [column for column in chosen if kind[column] == "number"],
        }
        return with_notes(to_table(cells, columns), **told)

    def _chosen(self, table: Table, engine: Engine) -> tuple[list[str], int]:
        """The columns to compare, and how many more could be."""
        if self.columns:
            return list(dict.fromkeys(self.columns)), 0
        wanted = ("number", "integer", "text", "boolean") if self.categories else ("number", "integer")
        names = [column.name for column in table.columns if column.type in wanted]
        texts = [name for name in names if kinds(table)[name] == "text"]
        if texts:
            asked = [
                exp.alias_(sql.template("approx_count_distinct(:x)", x=sql.name(text)), f"d{i}")
                for i, text in enumerate(texts)
            ]
            row = engine.rows(exp.select(*asked).from_(table.query.copy().subquery("t"))).to_pylist()[0]
            # counted nearly: what has about so many values still shows most of them
            names = [name for name in names if name not in texts or row[f"d{texts.index(name)}"] <= VALUES]
        return names[: self.COLUMNS], max(0, len(names) - self.COLUMNS)

    def _some(self, table: Table, chosen: list[str], where: exp.Expr | None) -> exp.Select:
        """The chosen columns as x0, x1, ... of the rows to look at, infinite values missing."""
        kind = kinds(table)
        values = [
            exp.alias_(finite(c, kind[c]) if kind[c] in ("number", "integer") else code(c), f"x{i}")
            for i, c in enumerate(chosen)
        ]
        query = exp.select(*values, exp.alias_(exp.Literal.number(1), "one"))
        query = query.from_(table.query.copy().subquery("t"))
        return query if where is None else query.where(where)

    def _pearson(
        self, engine: Engine, some: exp.Select, chosen: dict[str, str], couples: list[tuple[str, str]],
        scale: list[float] | None = None,
    ) -> tuple[int, Found]:  # fmt: skip
        """All correlations in one pass. Numbers whose squares leave a double's range take a second one."""
        at = {column: exp.column(alias) for column, alias in chosen.items()}
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
        row = engine.rows(exp.select(*asked).from_(some.subquery("s"))).to_pylist()[0]
        sizes = [row[f"a{i}"] or 1.0 for i in range(len(chosen))]
        if scale is None and not all(1e-100 < size < 1e100 for size in sizes):
            return self._pearson(engine, some, chosen, couples, sizes)
        counts = self._counts(engine, some, chosen, couples, row)
        found: Found = {pair: (_real(row[f"r{i}"]), counts[pair]) for i, pair in enumerate(couples)}
        for i, column in enumerate(chosen):
            found[column, column] = (1.0 if row[f"v{i}"] else None, int(row[f"c{i}"]))
        return int(row["n"]), found

    def _counts(
        self, engine: Engine, some: exp.Select, chosen: dict[str, str], couples: list[tuple[str, str]],
        row: dict[str, Any],
    ) -> dict[tuple[str, str], int]:  # fmt: skip
        """How many rows have both values: where one column is whole, as many as have the other."""
        own = {column: int(row[f"c{i}"]) for i, column in enumerate(chosen)}
        found = {(a, b): min(own[a], own[b]) for a, b in couples}
        gaps = [(a, b) for a, b in couples if max(own[a], own[b]) < row["n"]]
        if not gaps:
            return found
        both = "count(*) FILTER (WHERE :a IS NOT NULL AND :b IS NOT NULL)"
        asked = [
            exp.alias_(sql.template(both, a=exp.column(chosen[a]), b=exp.column(chosen[b])), f"n{i}")
            for i, (a, b) in enumerate(gaps)
        ]
        told = engine.rows(exp.select(*asked).from_(some.copy().subquery("s"))).to_pylist()[0]
        return found | {pair: int(told[f"n{i}"]) for i, pair in enumerate(gaps)}

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        names = list(dict.fromkeys(data.column("first").to_pylist()))
        if len(names) < 2:
            return blank(note("There are not two number columns to compare."), say)
        if not self._pairs(data):
            return blank(note("There are no two columns that vary together."), say)
        at = {name: i for i, name in enumerate(names)}
        grid: list[list[float | None]] = [[None] * len(names) for _ in names]
        hover = [[""] * len(names) for _ in names]
        behind = [[-1] * len(names) for _ in names]
        for row in numbered(data):
            i, j = at[row["first"]], at[row["second"]]
            grid[i][j], behind[i][j] = row["correlation"], row["row"]
            hover[i][j] = f"{shown(row['first'])}, {shown(row['second'])}: {number(row['correlation'])}"
            hover[i][j] += f" ({shown(say(_MEASURES[row['measure']]))})"
        told, title = notes(data), note("Correlation ({method})", method=_used(data))
        if told["looked"] < told["all"]:
            title = note(
                "{title}, {rows} rows evenly spread over all", title=title, rows=number(told["looked"])
            )
        figure = panels([], title=say(title), x="", y="")
        figure.add_trace(
            go.Heatmap(
                z=grid, zmin=-1, zmax=1, autocolorscale=True, hovertext=hover, customdata=behind,
                hoverinfo="text", xgap=1, ygap=1,
                **cell_texts(grid, lambda r: f"{r:z.2f}"),
            )
        )  # fmt: skip
        figure.update_xaxes(named(names))
        figure.update_yaxes(named(names), autorange="reversed")
        room(figure, len(names))
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        """The rows in which both columns have a value: of numbers, a finite one."""
        names = dict.fromkeys(data.column(key)[row].as_py() for key in ("first", "second"))
        if not data.column("rows")[row].as_py():
            return None
        numbers, most = notes(data)["numbers"], sys.float_info.max
        return Mark(
            parts=tuple(
                Within(column=name, low=-most, high=most, closed=True)
                if name in numbers
                else Within(column=name, outside=True)
                for name in names
            )
        )

    def describe(self, data: pa.Table) -> Note:
        told = notes(data)
        pairs = self._pairs(data)
        if not pairs:
            return note("Correlation matrix: there are no two number columns that vary together.")
        flat = [
            row["first"]
            for row in data.to_pylist()
            if row["first"] == row["second"] and row["correlation"] is None
        ]
        pairs.sort(key=lambda row: -abs(row["correlation"]))
        mixed = len({row["measure"] for row in data.to_pylist()}) > 1
        parts = [
            pair(note("{a} and {b}", a=row["first"], b=row["second"]), self._strength(row, mixed))
            for row in pairs
        ]
        return sentences(
            note(
                "{method} correlation, strongest first. {pairs}.",
                method=_used(data), pairs=listed(parts),
            ),
            note(
                "Two categories have Cramér's V, corrected for chance; a category and a number have the "
                "correlation ratio. Both run from 0 to 1 and have no direction."
            ) if mixed or "Cramér's V" in data.column("measure").to_pylist() else None,
            note(
                "Nothing goes together with {columns}: all their values are alike, or missing.", columns=flat
            ) if flat else None,
            note(
                "Of {columns} the 50 most frequent values count, and all others as one more.",
                columns=told["folded"],
            ) if told["folded"] else None,
            self._looked(told["looked"], told["all"], mixed) if told["looked"] < told["all"] else None,
            counted(
                "{count:,} more column is not shown: choose the columns to compare. | "
                "{count:,} more columns are not shown: choose the columns to compare."
                if self.categories
                else "{count:,} more number column is not shown: choose the columns to compare. | "
                "{count:,} more number columns are not shown: choose the columns to compare.",
                told["left_out"],
            ),
        )  # fmt: skip

    def _pairs(self, data: pa.Table) -> list[dict[str, Any]]:
        """Each two columns that have a correlation, once."""
        rows: list[dict[str, Any]] = data.to_pylist()
        return [row for row in rows if row["first"] < row["second"] and row["correlation"] is not None]

    def _strength(self, row: dict[str, Any], mixed: bool) -> Note | str:
        strength = f"{row['correlation']:z.3f}"
        if not mixed:
            return strength
        return note("{strength} ({measure})", strength=strength, measure=_MEASURES[row["measure"]])

    def _looked(self, looked: int, everything: int, mixed: bool) -> Note:
        """How many rows were looked at, and for ranks how far from all rows' number that may be.

        The standard error of a rank correlation is about 1.34 / sqrt(n) at most, where two columns lie
        on a cross; independent columns have 1 / sqrt(n). Twice the largest holds 19 times in 20.
        """
        words = note(
            "Measured on {looked} rows evenly spread over all {all}.",
            looked=number(looked), all=number(everything),
        )  # fmt: skip
        if self.method != "spearman" or mixed:
            return words
        error = f"{2 * 1.34 / math.sqrt(looked):.3f}"
        return sentences(words, note("All rows would give these numbers to within {error}.", error=error))

    @classmethod
    def example(cls) -> Correlation:
        return cls(columns=("price", "quantity", "id"))


def _used(data: pa.Table) -> list[Note]:
    """The measures of a matrix, numbers' first."""
    found = set(data.column("measure").to_pylist())
    return [words for key, words in _MEASURES.items() if key in found]


def _real(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
