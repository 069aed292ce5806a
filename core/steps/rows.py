"""Which rows a table has, and in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import field_validator
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema, Step
from core.params import ColumnName, ColumnNames, Frozen, Number
from core.steps.words import listed, named, quoted
from core.wording import Note, note


def _all(columns: Schema) -> dict[str, exp.Expr]:
    return {column.name: sql.name(column.name) for column in columns}


class DropDuplicates(Step):
    """Keep one of the rows that are the same in the chosen columns.

    Missing values count as the same. Which one is kept is the first or the last in row order.
    """

    title = "Drop duplicate rows"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # found with a window

    columns: Annotated[tuple[str, ...], ColumnNames()] = P(
        default=(), title="Columns", description="The columns to compare; none chosen means all columns."
    )
    keep: Literal["first", "last"] = P(
        default="first", title="Keep", description="Which of the rows that are the same stays."
    )

    @classmethod
    def example(cls) -> DropDuplicates:
        return cls(columns=("name",))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        same = [sql.name(name) for name in self.columns or _all(columns)]
        row = sql.name(sql.ROW)
        place = exp.Window(
            this=exp.RowNumber(),
            partition_by=same,
            order=exp.Order(expressions=[exp.Ordered(this=row, desc=self.keep == "last")]),
        )
        return sql.select(source, _all(columns)).qualify(sql.template(":place = 1", place=place))

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        chosen = list(dict.fromkeys(self.columns)) or [column.name for column in columns]
        numbers = [c.name for c in columns if c.name in chosen and c.type == "number"]
        if not numbers:
            subset = f"subset={chosen!r}, " if self.columns else ""
            return f"df = df.drop_duplicates({subset}keep={self.keep!r})"
        return (
            f"keys = df[{chosen!r}].copy()\n"
            f"keys[{numbers!r}] += 0.0  # -0.0 is 0.0\n"
            f"df = df[~keys.duplicated(keep={self.keep!r})]"
        )

    def describe(self) -> Note:
        where = named(self.columns) if self.columns else note("all columns")
        if self.keep == "first":
            return note("Keep the first of rows with the same {columns}", columns=where)
        return note("Keep the last of rows with the same {columns}", columns=where)


class SortKey(Frozen):
    """A column to sort by."""

    column: Annotated[str, ColumnName()] = P(title="Column", description="The column to sort by.")
    descending: bool = P(default=False, title="Descending", description="Largest, latest or Z first.")


class SortRows(Step):
    """Order the rows by one or more columns; rows that are equal keep their order.

    Text is ordered by its characters' code points: capitals before small letters, accents after.
    """

    title = "Sort rows"
    group = "Rows"
    keeps_rows = False  # each row gets a new place
    keeps_order = False

    by: tuple[SortKey, ...] = P(
        title="Sort by", description="The columns to sort by, the most important first.", min_length=1
    )
    missing: Literal["last", "first"] = P(
        default="last", title="Missing values", description="Where rows with a missing value go."
    )

    @field_validator("by")
    @classmethod
    def _once(cls, value: tuple[SortKey, ...]) -> tuple[SortKey, ...]:
        if len({key.column for key in value}) < len(value):
            raise ValueError("must name each column once")
        return value

    @classmethod
    def example(cls) -> SortRows:
        return cls(by=(SortKey(column="region"), SortKey(column="price", descending=True)))

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        first = self.missing == "first"
        keys = [
            exp.Ordered(this=sql.name(key.column), desc=key.descending, nulls_first=first) for key in self.by
        ]
        order = exp.Order(expressions=[*keys, exp.Ordered(this=sql.name(sql.ROW))])
        place = exp.Window(this=exp.RowNumber(), order=order)
        row = exp.alias_(sql.template(":place - 1", place=place), sql.ROW, quoted=True)
        return sql.select(source, _all(columns), row=False).select(row)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        kinds = {column.name: column.type for column in columns}
        zero = ""
        if any(kinds[key.column] == "number" for key in self.by):  # to pandas -0.0 is not 0.0
            zero = ', key=lambda cells: cells + 0.0 if cells.dtype == "double[pyarrow]" else cells'
        by, ascending = [key.column for key in self.by], [not key.descending for key in self.by]
        return (
            f"df = df.sort_values({by!r}, ascending={ascending!r}, na_position={self.missing!r},"
            f' kind="stable", ignore_index=True{zero})'
        )

    def describe(self) -> Note:
        keys = [
            note("{column} descending", column=quoted(key.column)) if key.descending else quoted(key.column)
            for key in self.by
        ]
        return note("Sort by {columns}", columns=listed(keys))


class SampleRows(Step):
    """Keep a random sample of the rows, the same one each time.

    A row is drawn by the MD5 digest of "seed:row", its row order as a whole number. For a number of
    rows those with the smallest digests stay, in their order; for a share those whose digest, read
    as a fraction (its first 13 hexadecimal digits over 16^13), is below the share. With a share,
    whether a row is drawn does not depend on the others.
    """

    title = "Sample rows"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # a number of rows is found with a window

    by: Literal["number", "share"] = P(
        default="number", title="Sample by", description="A number of rows, or a share of them."
    )
    rows: Annotated[int, Number(1, 100_000, log=True)] = P(
        default=1000, ge=1, title="Rows", description="How many rows stay (all, when there are fewer)."
    )
    share: Annotated[float, Number(0.01, 0.99, step=0.01)] = P(
        default=0.1, gt=0, lt=1, title="Share", description="The share of rows that stays, about."
    )
    seed: int = P(
        default=0, ge=0, le=2**31 - 1, title="Seed", description="Another seed draws another sample."
    )

    @classmethod
    def example(cls) -> SampleRows:
        return cls(rows=5)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        row, query = sql.name(sql.ROW), sql.select(source, _all(columns))
        digest = sql.template("md5(:seed || CAST(:row AS VARCHAR))", seed=f"{self.seed}:", row=row)
        if self.by == "share":
            return query.where(sql.template("left(:d, 13) < :limit", d=digest, limit=self._limit()))
        keys = [exp.Ordered(this=digest), exp.Ordered(this=row)]
        place = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=keys))
        return query.qualify(sql.template(":place <= :rows", place=place, rows=self.rows))

    def _limit(self) -> str:
        return f"{int(self.share * 16**13):013x}"

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        digests = (
            f'digests = pd.Series([hashlib.md5(f"{self.seed}:{{row}}".encode()).hexdigest()'
            " for row in df.index], index=df.index, dtype=object)"
        )
        if self.by == "share":
            return f"{digests}\ndf = df[[digest[:13] < {self._limit()!r} for digest in digests]]"
        drawn = f'drawn = digests.sort_values(kind="stable").index[:{self.rows}]'
        return f"{digests}\n{drawn}\ndf = df[df.index.isin(drawn)]"

    def describe(self) -> Note:
        if self.by == "number":
            return note(
                "Keep {rows:,} row, drawn at random with seed {seed} | Keep {rows:,} rows, drawn "
                "at random with seed {seed}",
                rows=self.rows,
                seed=self.seed,
            )
        return note(
            "Keep {share:.6g} of the rows, drawn at random with seed {seed}", share=self.share, seed=self.seed
        )


class KeepRows(Step):
    """Keep a run of rows by their place: the first thousand, or a thousand from row 5,001."""

    title = "Keep rows by place"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # the limit is sorted, the rows after it need not be

    start: int = P(default=1, ge=1, title="From row", description="The first row to keep, counted from 1.")
    count: int = P(default=1000, ge=1, title="Rows", description="How many rows to keep.")

    @classmethod
    def example(cls) -> KeepRows:
        return cls(start=2, count=7)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        ordered = sql.select(source, _all(columns)).order_by(sql.name(sql.ROW))
        return ordered.limit(self.count).offset(self.start - 1)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        return f"df = df.iloc[{self.start - 1} : {self.start - 1 + self.count}]"

    def describe(self) -> Note:
        return note(
            "Keep {rows:,} row from row {start:,} | Keep {rows:,} rows from row {start:,}",
            rows=self.count,
            start=self.start,
        )
