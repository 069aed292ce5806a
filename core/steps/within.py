"""Join within a distance: all rows whose number or time is near."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Json, Schema
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

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs, far = self.theirs(learned), sql.literal(self._far(columns, self.within))
        mine, other = sql.name("v", "l"), sql.name("v", "r")
        low = mine if self.direction == "after" else sql.template(":v - :far", v=mine, far=far)
        high = mine if self.direction == "before" else sql.template(":v + :far", v=mine, far=far)
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
