"""Join the nearest: the last row before, the next one after, or either, in a number or in time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema
from core.errors import BadParameter
from core.params import ColumnName, ColumnNames
from core.steps.pairing import (
    NUMBERS,
    TIMES,
    Combining,
    Pair,
    check_pairs,
    chosen,
    keys_code,
    kinds,
    new_names,
    paired,
    paired_code,
    same_keys,
    type_said,
)
from core.steps.words import quoted
from core.wording import Note, note

Unit = Literal["seconds", "minutes", "hours", "days"]
MICROSECONDS = {"seconds": 10**6, "minutes": 60 * 10**6, "hours": 3600 * 10**6, "days": 86_400 * 10**6}
ORDERED = ("integer", "number", "date", "datetime")
FURTHEST = 9e15  # microseconds (285 years): further apart nothing is near in time


class Near(Combining):
    """What joins by nearness share: the two columns, the groups, the columns taken."""

    column: Annotated[str, ColumnName(*ORDERED)] = P(
        title="This table", description="The number or time of this table."
    )
    other: Annotated[str, ColumnName(*ORDERED, of="table")] = P(
        title="Other table", description="The number or time of the other table."
    )
    by: tuple[Pair, ...] = P(
        default=(),
        title="Within the same",
        description="Columns that must be equal besides; none means all rows may be partners.",
    )
    unit: Unit = P(
        default="days", title="Unit of time", description="For dates and times; numbers have none."
    )
    rows: Literal["all rows", "rows with a partner"] = P(
        default="all rows", title="Keep", description="Whether rows of this table without a partner stay."
    )
    keep: Annotated[tuple[str, ...], ColumnNames(of="table")] = P(
        default=(),
        title="Columns to add",
        description="Columns of the other table; none chosen means all but those that must be equal.",
    )

    def for_new_rows(self) -> Near:
        return self.model_copy(update={"rows": "all rows"})

    def check_both(self, columns: Schema, theirs: Schema) -> None:
        super().check_both(columns, theirs)
        check_pairs(self.by, columns, theirs, self.title)
        one, two = kinds(columns)[self.column], kinds(theirs)[self.other]
        if (one in NUMBERS) != (two in NUMBERS):
            raise BadParameter(
                "{title}: {column!r} is {kind}, {other!r} of the other table is {got}; "
                "there is no distance between them.",
                hint="Choose two columns of numbers, or two of dates and times.",
                title=note(self.title),
                column=self.column,
                kind=type_said(one),
                other=self.other,
                got=type_said(two),
            )

    @property
    def _lone(self) -> bool:
        return self.rows == "all rows"

    def _taken(self, columns: Schema, theirs: Schema) -> dict[str, str]:
        wanted = chosen(self.keep, theirs, [pair.other for pair in self.by])
        return dict(zip(wanted, new_names(wanted, [c.name for c in columns], "_other"), strict=True))

    def _far(self, columns: Schema, amount: float) -> int | float:
        """An amount on the scale on which distances are taken."""
        if kinds(columns)[self.column] in NUMBERS:
            return amount
        return round(min(amount * MICROSECONDS[self.unit], FURTHEST))

    def _mine(self, source: str, columns: Schema) -> exp.Select:
        """The relation "l" of this table: place, value and keys, without missing values."""
        cells = {"l": sql.name(sql.ROW), "v": _scaled(sql.name(self.column), kinds(columns)[self.column])}
        cells |= {f"k{i}": same.this for i, same in enumerate(self._same(columns))}
        there = exp.Not(this=exp.Is(this=sql.name(self.column), expression=exp.Null()))
        return sql.select(source, cells, row=False).where(there)

    def _theirs(self, columns: Schema, theirs: Schema) -> exp.Select:
        """The same of the other table, its place called r."""
        cells = {"r": sql.name(sql.ROW), "v": _scaled(sql.name(self.other), kinds(theirs)[self.other])}
        cells |= {f"k{i}": same.expression for i, same in enumerate(self._same(columns, theirs))}
        there = exp.Not(this=exp.Is(this=sql.name(self.other), expression=exp.Null()))
        return sql.select(sql.other(self.table), cells, row=False).where(there)

    def _same(self, columns: Schema, theirs: Schema = ()) -> list[exp.Expr]:
        found = same_keys(self.by, columns, theirs or self._like(columns), False, "", "")
        for column in (column for same in found for column in same.find_all(exp.Column)):
            column.set("table", None)
        return found

    def _like(self, columns: Schema) -> Schema:
        known = {column.name: column for column in columns}
        return tuple(known[pair.column].model_copy(update={"name": pair.other}) for pair in self.by)

    def _values(self, columns: Schema, theirs: Schema) -> list[str]:
        """Lines of pandas code that give `left` and `right` their values, without missing ones."""
        mine, other = kinds(columns)[self.column], kinds(theirs)[self.other]
        return [
            *keys_code(self.by, columns, theirs, False, self.table),
            f'left["v"] = {_scaled_code("df", self.column, mine)}',
            f'right["v"] = {_scaled_code("other", self.other, other)}',
            f'left = left[(left["key"] >= 0) & df[{self.column!r}].notna().to_numpy("bool")]',
            f'right = right[(right["key"] >= 0) & other[{self.other!r}].notna().to_numpy("bool")]',
        ]


def _scaled(cell: exp.Expr, kind: ColumnType) -> exp.Expr:
    """A value on the scale on which distances are taken: doubles, or microseconds."""
    if kind in TIMES:
        cell = sql.template("epoch_us(:x)", x=exp.cast(cell, "TIMESTAMP"))
        return cell
    return exp.cast(cell, "DOUBLE")


def _scaled_code(frame: str, column: str, kind: ColumnType) -> str:
    cells = f"{frame}[{column!r}]"
    if kind in TIMES:
        stamps = f'{cells}.astype(pd.ArrowDtype(pa.timestamp("us"))).astype(pd.ArrowDtype(pa.int64()))'
        return f'{stamps}.to_numpy("int64", na_value=0)'
    return f'{cells}.to_numpy("float64", na_value=np.nan)'


class JoinAsOf(Near):
    """Add the nearest row of another table: the last one before, the next one after, or either.

    Each row gets one partner at most. Of two equally near, the earlier is taken; of several rows with
    one value, the last in the other table's order when looking back, the first when looking ahead.
    """

    title = "Join the nearest"

    direction: Literal["before", "after", "either"] = P(
        default="before",
        title="Look",
        description="before: the largest value that is not larger; after: the smallest that is not smaller; "
        "either: the nearest of both.",
    )
    within: float | None = P(
        default=None,
        gt=0,
        title="At most this far",
        description="In the unit of time, or in the column's own numbers; automatic means any distance.",
    )
    equal: bool = P(default=True, title="Equal values count", description="Whether an equal value is near.")

    @property
    def keeps_rows(self) -> bool:  # type: ignore[override]
        return self._lone

    @classmethod
    def example(cls) -> JoinAsOf:
        from core.examples import OTHER

        return cls(table=OTHER, column="day", other="since", direction="either", within=50)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs = self.theirs(learned)
        sides = {"before": ("before",), "after": ("after",), "either": ("before", "after")}[self.direction]
        query = exp.select().from_(self._mine(source, columns).subquery("l"))
        for side in sides:
            query = query.join(self._nearest(columns, theirs, side))
        before, after = sql.name("r", "before"), sql.name("r", "after")
        back = sql.template(":a - :b", a=sql.name("v", "l"), b=sql.name("v", "before"))
        ahead = sql.template(":a - :b", a=sql.name("v", "after"), b=sql.name("v", "l"))
        row, far = {"before": (before, back), "after": (after, ahead)}.get(self.direction, (before, back))
        if self.direction == "either":
            values = {"b": before, "a": after, "back": back, "ahead": ahead}
            nearer = ":a IS NULL OR :back <= :ahead"
            row = sql.template(f"CASE WHEN :b IS NOT NULL AND ({nearer}) THEN :b ELSE :a END", **values)
            far = sql.template(
                f"CASE WHEN :b IS NOT NULL AND ({nearer}) THEN :back ELSE :ahead END", **values
            )
        query = query.select(sql.name("l", "l").as_("l"), exp.alias_(row, "r"))
        found = sql.template(":r IS NOT NULL", r=row)
        if self.within is not None:
            limit = sql.literal(self._far(columns, self.within))
            found = exp.and_(found, sql.template(":far <= :limit", far=far, limit=limit))
        return paired(
            source,
            columns,
            self.table,
            query.where(found),
            self._taken(columns, theirs),
            lone=self._lone,
            single=True,
        )

    def _nearest(self, columns: Schema, theirs: Schema, side: str) -> exp.Join:
        """The nearest row on one side, as a join; of several with one value one is left."""
        place = "max(:r)" if side == "before" else "min(:r)"
        keys = ["v", *(f"k{i}" for i in range(len(self.by)))]
        one = (
            sql.select_values(
                {key: sql.name(key) for key in keys} | {"r": sql.template(place, r=sql.name("r"))}
            )
            .from_(self._theirs(columns, theirs).subquery("o"))
            .group_by(*(sql.name(key) for key in keys))
        )
        equal: list[exp.Expr] = [
            exp.EQ(this=sql.name(key, "l"), expression=sql.name(key, side)) for key in keys[1:]
        ]
        signs = {("before", True): exp.GTE, ("before", False): exp.GT, ("after", True): exp.LTE}
        sign = signs.get((side, self.equal), exp.LT)
        equal.append(sign(this=sql.name("v", "l"), expression=sql.name("v", side)))
        return exp.Join(this=one.subquery(side), method="ASOF", side="LEFT", on=exp.and_(*equal))

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        theirs = self.theirs(learned)
        direction = {"before": "backward", "after": "forward", "either": "nearest"}[self.direction]
        limit = "None" if self.within is None else repr(self._far(columns, self.within))
        lines = [
            *self._values(columns, theirs),
            'left, right = (side.sort_values("v", kind="stable") for side in (left, right))',
            'pairs = pd.merge_asof(left, right, on="v", by="key", '
            f"direction={direction!r}, tolerance={limit}, allow_exact_matches={self.equal!r})",
            'pairs = pairs[["l", "r"]].dropna().astype("int64")',
            *paired_code(self._taken(columns, theirs), lone=self._lone, single=True),
        ]
        return "\n".join(lines)

    def describe(self) -> Note:
        words = {
            "before": "Join the last row of {table} by {other} not after {column}",
            "after": "Join the next row of {table} by {other} not before {column}",
            "either": "Join the row of {table} whose {other} is nearest to {column}",
        }
        return note(
            words[self.direction], table=self.said(), other=quoted(self.other), column=quoted(self.column)
        )
