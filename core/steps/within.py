"""Join within a distance: all rows whose number or time is near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Table
from core.steps import size
from core.steps.nearest import Near
from core.steps.pairing import paired, paired_code
from core.steps.words import quoted
from core.wording import Note, note


class JoinWithin(Near):
    """Add all rows of another table that lie within a distance: in a number, or a window of time.

    A row with several partners is repeated for each of them. Rows stand in the order of this table, then
    of the other.
    """

    title = "Join within a distance"

    within: float = P(
        default=1.0,
        ge=0,
        title="At most this far",
        description="In the unit of time, or in the column's own numbers.",
    )
    direction: Literal["before", "after", "either"] = P(
        default="either",
        title="Look",
        description="before: partners are not larger or later; after: not smaller or earlier; either: both.",
    )

    @classmethod
    def example(cls) -> JoinWithin:
        from core.examples import OTHER

        return cls(table=OTHER, column="price", other="size", within=1.5)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        found = super().learn(table, engine)
        other = table.other(self.table)
        if size.rows_of(table, engine) * size.rows_of(other, engine) > size.MOST_ROWS:
            query = self._count(table.columns, other.columns)
            query = query.with_("base", as_=table.query.copy())
            size.check_rows(query.with_(sql.other(self.table), as_=other.query.copy()), engine)
        return found

    def _count(self, columns: Schema, theirs: Schema) -> exp.Select:
        """How many partners all rows have: those up to the highest value less those below the lowest."""
        keys = [f"k{i}" for i in range(len(self.by))]
        low, high = self._ends(columns, sql.name("v", "m"))
        ends = {"low": low, "high": high, **{key: sql.name(key, "m") for key in keys}}
        mine = sql.select_values(ends).from_(self._mine("base", columns).subquery("m"))
        cells: dict[str, exp.Expr] = {key: sql.name(key) for key in ["v", *keys]}
        grouped = sql.select_values({**cells, "n": sql.template("count(*)")})
        grouped = grouped.from_(self._theirs(columns, theirs).subquery("o")).group_by(*cells.values())
        by = "PARTITION BY " + ", ".join(keys) + " " if keys else ""
        places = sql.select_values({**cells, "c": sql.template(f"sum(n) OVER ({by}ORDER BY v)")})
        places = places.from_(grouped.subquery("g"))
        query = exp.select(sql.template("sum(coalesce(h.c, 0)::DOUBLE - coalesce(b.c, 0)) AS n"))
        query = query.from_(mine.subquery("l"))
        for side, sign, end in (("h", exp.GTE, "high"), ("b", exp.GT, "low")):
            equal: list[exp.Expr] = [
                exp.EQ(this=sql.name(key, "l"), expression=sql.name(key, side)) for key in keys
            ]
            equal.append(sign(this=sql.name(end, "l"), expression=sql.name("v", side)))
            joined = exp.Join(this=places.subquery(side), method="ASOF", side="LEFT", on=exp.and_(*equal))
            query = query.join(joined)
        return query

    def _ends(self, columns: Schema, value: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
        """The lowest and the highest value of partners."""
        far = sql.literal(self._far(columns, self.within))
        low = value if self.direction == "after" else sql.template(":v - :far", v=value, far=far)
        high = value if self.direction == "before" else sql.template(":v + :far", v=value, far=far)
        return low, high

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs, other = self.theirs(learned), sql.name("v", "r")
        low, high = self._ends(columns, sql.name("v", "l"))
        near = [exp.GTE(this=other, expression=low), exp.LTE(this=other.copy(), expression=high)]
        near += [
            exp.EQ(this=sql.name(f"k{i}", "l"), expression=sql.name(f"k{i}", "r"))
            for i in range(len(self.by))
        ]
        pairs = (
            sql.select_values({"l": sql.name("l", "l"), "r": sql.name("r", "r")})
            .from_(self._mine(source, columns).subquery("l"))
            .join(self._theirs(columns, theirs).subquery("r"), on=exp.and_(*near))
        )
        taken = self._taken(columns, theirs)
        return paired(source, columns, self.table, pairs, taken, lone=self._lone, single=False)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        theirs, far = self.theirs(learned), repr(self._far(columns, self.within))
        low = "v" if self.direction == "after" else f"v - {far}"
        high = "v" if self.direction == "before" else f"v + {far}"
        lines = [
            *self._values(columns, theirs),
            'right = right.sort_values("v", kind="stable")',
            "parts = [right.iloc[:0].assign(l=0)]",
            'for key, group in left.groupby("key"):',
            '    near = right[right["key"] == key]',
            '    v, there = group["v"].to_numpy(), near["v"].to_numpy()',
            f'    first, last = np.searchsorted(there, {low}), np.searchsorted(there, {high}, side="right")',
            "    counts = np.maximum(last - first, 0)",
            "    starts = np.repeat(first - np.cumsum(counts) + counts, counts)",
            "    places = np.arange(counts.sum()) + starts",
            '    parts.append(near.iloc[places].assign(l=np.repeat(group["l"].to_numpy(), counts)))',
            'pairs = pd.concat(parts)[["l", "r"]]',
            *paired_code(self._taken(columns, theirs), lone=self._lone, single=False),
        ]
        return "\n".join(lines)

    def describe(self) -> Note:
        return note(
            "Join rows of {table} whose {other} is within {distance} of {column}",
            table=self.said(),
            other=quoted(self.other),
            distance=f"{self.within:,.6g}",
            column=quoted(self.column),
        )
