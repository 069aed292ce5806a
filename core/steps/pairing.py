"""What steps with another table share: keys that are compared, rows that are paired, columns that are taken.

A pairing is a relation of `l` and `r`, places of rows in this table and in the other one; from it the
result is put together, in SQL and in pandas code alike. A missing value is equal to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Column, ColumnType, Engine, Json, Schema, Step, Table, check_fields, wrong_constant
from core.errors import BadParameter
from core.params import ColumnName, Frozen, TableName
from core.steps.text import SPACE
from core.steps.words import quoted
from core.wording import Note, note, table_note

NUMBERS, TIMES = ("integer", "number"), ("date", "datetime")


class Pair(Frozen):
    """A column of each table whose values must be equal."""

    column: Annotated[str, ColumnName()] = P(title="This table", description="The column of this table.")
    other: Annotated[str, ColumnName(of="table")] = P(
        title="Other table", description="The column of the other table that must be equal to it."
    )


class Known(Frozen):
    """The columns of the other table."""

    others: dict[str, tuple[Column, ...]]


class Combining(Step):
    """A step that reads one other table."""

    group = "Combine"
    keeps_rows = False
    keeps_order = False
    Learned: ClassVar[type[Frozen]] = Known

    table: Annotated[str, TableName()] = P(
        title="Other table", description="The table that is read beside this one.", min_length=1
    )

    def reads(self) -> tuple[str, ...]:
        return (self.table,)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        other = table.other(self.table)
        self.check_both(table.columns, other.columns)
        return {"others": {self.table: [column.model_dump() for column in other.columns]}}

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        if self.table not in learned["others"]:
            raise wrong_constant(f"others.{self.table}", "it is missing", learned["others"])
        self.check_both(columns, self.theirs(learned))

    def check_both(self, columns: Schema, theirs: Schema) -> None:
        """Refuse parameters that do not fit the two tables together."""
        check_fields(type(self).parameters(), self, theirs, self.title, of="table")

    def theirs(self, learned: Mapping[str, Json]) -> Schema:
        """The columns of the other table."""
        return tuple(Column.model_validate(column) for column in learned["others"][self.table])

    def said(self) -> Note:
        """The other table in a sentence."""
        return table_note(self.table)


def kinds(columns: Schema) -> dict[str, ColumnType]:
    return {column.name: column.type for column in columns}


def type_said(kind: ColumnType) -> Note:
    """A type in a sentence."""
    return note(kind)


def common(one: ColumnType, other: ColumnType) -> ColumnType | None:
    """The type in which values of two types are compared; None when they cannot be."""
    if one == other:
        return one
    if {one, other} == set(NUMBERS):
        return "number"
    return "datetime" if {one, other} == set(TIMES) else None


def check_pairs(pairs: Sequence[Pair], columns: Schema, theirs: Schema, title: str) -> None:
    """Refuse pairs of columns whose types cannot be equal."""
    mine, other = kinds(columns), kinds(theirs)
    for pair in pairs:
        if common(mine[pair.column], other[pair.other]) is None:
            raise BadParameter(
                "{title}: {column!r} is {kind}, {other!r} of the other table is {got}; "
                "such values are never equal.",
                hint="Change the type of one of them first.",
                title=note(title),
                column=pair.column,
                kind=type_said(mine[pair.column]),
                other=pair.other,
                got=type_said(other[pair.other]),
            )


def chosen(keep: Sequence[str], theirs: Schema, keys: Sequence[str]) -> list[str]:
    """The columns taken from the other table: those asked for, or all but its keys."""
    return list(dict.fromkeys(keep)) or [column.name for column in theirs if column.name not in keys]


def new_names(wanted: Sequence[str], taken: Sequence[str], suffix: str) -> list[str]:
    """Names for columns from the other table: a name that is taken gets the suffix until it is free."""
    known, found = {name.casefold() for name in taken}, []
    for name in wanted:
        while name.casefold() in known:
            name += suffix
        known.add(name.casefold())
        found.append(name)
    return found


def compared(cell: exp.Expr, kind: ColumnType, to: ColumnType, loose: bool) -> exp.Expr:
    """A cell in the form in which it is compared; `loose` texts have no case and no stray spaces."""
    if kind != to:
        return exp.cast(cell, sql.STORAGE[to])
    if to == "text" and loose:
        for pattern, put in _moves():
            cell = sql.template("regexp_replace(:x, :pattern, :put, 'g')", x=cell, pattern=pattern, put=put)
        return exp.Lower(this=cell)
    return cell


def _moves() -> list[tuple[str, str]]:
    return [(f"^{SPACE}+|{SPACE}+$", ""), (f"{SPACE}+", " ")]


def compared_code(frame: str, column: str, kind: ColumnType, to: ColumnType, loose: bool) -> str:
    """The same as an expression of pandas code: a Series with the index 0, 1, 2, ..."""
    cells = f"{frame}[{column!r}].reset_index(drop=True)"
    if to == "number":
        return f'pd.Series({cells}.to_numpy("float64", na_value=np.nan))'
    if kind != to:
        return f'{cells}.astype(pd.ArrowDtype(pa.timestamp("us")))'
    if to == "text" and loose:
        chain = "".join(f".str.replace({p!r}, {put!r}, regex=True)" for p, put in _moves())
        return f"{cells}{chain}.str.lower()"
    return cells


def same_keys(
    pairs: Sequence[Pair], columns: Schema, theirs: Schema, loose: bool, left: str, right: str
) -> list[exp.Expr]:
    """Conditions that the keys of the relations `left` and `right` are equal."""
    mine, other = kinds(columns), kinds(theirs)
    found: list[exp.Expr] = []
    for pair in pairs:
        one, two = mine[pair.column], other[pair.other]
        to = common(one, two) or one
        a = compared(sql.name(pair.column, left), one, to, loose)
        b = compared(sql.name(pair.other, right), two, to, loose)
        found.append(exp.EQ(this=a, expression=b))
    return found


def keys_code(
    pairs: Sequence[Pair], columns: Schema, theirs: Schema, loose: bool, id: str, *, name: str = "key"
) -> list[str]:
    """Lines that make `left` (l, key) and `right` (r, key): equal keys have one number, missing ones none."""
    mine, other = kinds(columns), kinds(theirs)
    lines = [f"other = others[{id!r}]"]
    rows = (
        'left = pd.DataFrame({"l": np.arange(len(df))})',
        'right = pd.DataFrame({"r": np.arange(len(other))})',
    )
    if not pairs:
        return [*lines, *rows, f"left[{name!r}] = 0", f"right[{name!r}] = 0"]
    for frame, source in (("left", "df"), ("right", "other")):
        cells = []
        for number, pair in enumerate(pairs):
            one, two = mine[pair.column], other[pair.other]
            to = common(one, two) or one
            column, kind = (pair.column, one) if source == "df" else (pair.other, two)
            cells.append(f'"{number}": {compared_code(source, column, kind, to, loose)}')
        lines.append(f"{frame} = pd.DataFrame({{{', '.join(cells)}}})")
    named = [str(number) for number in range(len(pairs))]
    return [
        *lines,
        f"keys = pd.concat([left, right]).groupby({named!r}, sort=False).ngroup()",
        'keys = keys.fillna(-1).to_numpy("int64")',
        *rows,
        f"left[{name!r}], right[{name!r}] = keys[: len(df)], keys[len(df) :]",
    ]


def free(name: str, columns: Schema) -> str:
    """A name that no column has: for what stands inside a query only."""
    taken = {column.name.casefold() for column in columns}
    while name.casefold() in taken:
        name += "_"
    return name


def renamed(id: str, wanted: Sequence[str], columns: Schema) -> tuple[exp.Subquery, list[str], str]:
    """The other table as the relation "r", its columns and row order under names this table has not."""
    inner = [free(f"their {place}", columns) for place in range(len(wanted))]
    row = free("their row", columns)
    cells: dict[str, exp.Expr] = {new: sql.name(old) for new, old in zip(inner, wanted, strict=True)}
    query = sql.select(sql.other(id), {**cells, row: sql.name(sql.ROW)}, row=False)
    return query.subquery("r"), inner, row


def paired(
    source: str,
    columns: Schema,
    id: str,
    pairs: exp.Select,
    taken: Mapping[str, str],
    *,
    lone: bool,
    single: bool,
    extra: str = "",
) -> exp.Select:
    """Rows put together as `pairs` (l, r and, for the column `extra`, x) says.

    `taken` are the other table's columns with their new names; `lone` keeps rows without a partner;
    in a `single` pairing no row has two, and every row keeps its place.
    """
    right, inner, row = renamed(id, list(taken), columns)
    names = {part: free(f"pair {part}", columns) for part in "lrx"}
    pairs = pairs.copy()
    pairs.set(
        "expressions", [exp.alias_(n.unalias(), names[n.alias_or_name], quoted=True) for n in pairs.selects]
    )
    cells: dict[str, exp.Expr] = {column.name: sql.name(column.name, "l") for column in columns}
    cells |= {new: sql.name(old, "r") for old, new in zip(inner, taken.values(), strict=True)}
    if extra:
        cells[extra] = sql.name(names["x"], "p")
    place = sql.name(sql.ROW, "l")
    return (
        sql.select_values({**cells, sql.ROW: place if single else numbered(place, sql.name(row, "r"))})
        .from_(exp.to_table(source).as_("l"))
        .join(
            pairs.subquery("p"),
            on=exp.EQ(this=sql.name(names["l"], "p"), expression=place.copy()),
            join_type="left" if lone else "inner",
        )
        .join(
            right, on=exp.EQ(this=sql.name(row, "r"), expression=sql.name(names["r"], "p")), join_type="left"
        )
    )


def numbered(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """The row order of a result with new rows: by the order of this table, then of the other."""
    order = "row_number() OVER (ORDER BY :l NULLS LAST, :r NULLS LAST) - 1"
    node: exp.Expr = sql.template(order, l=left, r=right)
    return node


def paired_code(taken: Mapping[str, str], *, lone: bool, single: bool, extra: str = "") -> list[str]:
    """Lines that make the result from `df`, `other` and `pairs` (l, r, x)."""
    lines = []
    if lone:
        lines += [
            'without = np.setdiff1d(np.arange(len(df)), pairs["l"].to_numpy("int64"))',
            'pairs = pd.concat([pairs, pd.DataFrame({"l": without, "r": len(other)})])',
        ]
    return [*lines, 'pairs = pairs.sort_values(["l", "r"])', *assembled(taken, single=single), *(
        [f"df[{extra!r}] = pd.array(pairs[\"x\"].to_numpy(\"float64\", na_value=np.nan), "
         "dtype=pd.ArrowDtype(pa.float64()))"] if extra else []
    )]  # fmt: skip


def assembled(taken: Mapping[str, str], *, single: bool) -> list[str]:
    """Lines that take the rows `pairs["l"]` and `pairs["r"]`; a place beyond the end is a missing row."""
    lines = [
        'mine = df.reset_index(drop=True).reindex(pairs["l"])',
        f'theirs = other[{list(taken)!r}].reset_index(drop=True).reindex(pairs["r"])',
        f"theirs.columns = {list(taken.values())!r}",
    ]
    index = 'df.index.take(pairs["l"])' if single else "pd.RangeIndex(len(pairs))"
    return [
        *lines,
        f"mine.index = theirs.index = {index}",
        "df = pd.concat([mine, theirs], axis=1)",
    ]


def on_said(pairs: Sequence[Pair]) -> list[str]:
    """The keys in a sentence: "region" or "code" = "id"."""
    return [
        quoted(pair.column) if pair.column == pair.other else f"{quoted(pair.column)} = {quoted(pair.other)}"
        for pair in pairs
    ]
