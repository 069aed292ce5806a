"""Joins by places on the earth: rows whose coordinates lie within a number of kilometres."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Table
from core.params import ColumnName, ColumnNames
from core.steps import size
from core.steps.pairing import Combining, chosen, new_names, paired, paired_code
from core.steps.words import quoted
from core.wording import Note, note

RADIUS = 6371.0088  # km, the earth's mean radius (IUGG)
_HAVERSINE = (
    "2 * :radius * asin(least(1.0, sqrt(power(sin(radians(:b1 - :a1) / 2), 2)"
    " + cos(radians(:a1)) * cos(radians(:b1)) * power(sin(radians(:b2 - :a2) / 2), 2))))"
)
_AXES = ("cos(radians(:a)) * cos(radians(:b))", "cos(radians(:a)) * sin(radians(:b))", "sin(radians(:a))")


class JoinPlaces(Combining):
    """Add rows of another table that lie within a number of kilometres, or the nearest of them.

    Distances are along the surface of a globe (haversine, radius 6,371.0088 km), right across the poles
    and the date line. Rows whose latitude or longitude is missing or impossible have no partner.
    """

    title = "Join places within a distance"

    latitude: Annotated[str, ColumnName("number", "integer")] = P(
        title="Latitude", description="The column of this table, in degrees north."
    )
    longitude: Annotated[str, ColumnName("number", "integer")] = P(
        title="Longitude", description="The column of this table, in degrees east."
    )
    other_latitude: Annotated[str, ColumnName("number", "integer", of="table")] = P(
        title="Latitude of the other table", description="In degrees north."
    )
    other_longitude: Annotated[str, ColumnName("number", "integer", of="table")] = P(
        title="Longitude of the other table", description="In degrees east."
    )
    within: float = P(default=1.0, gt=0, le=20_100, title="At most this far (km)", description="Kilometres.")
    partners: Literal["all", "nearest"] = P(
        default="all", title="Partners", description="All rows within the distance, or the nearest alone."
    )
    rows: Literal["all rows", "rows with a partner"] = P(
        default="all rows", title="Keep", description="Whether rows of this table without a partner stay."
    )
    distance: str = P(
        default="distance_km",
        title="Distance column",
        description="What the column of kilometres is called; empty for none.",
        max_length=1_000,
    )
    keep: Annotated[tuple[str, ...], ColumnNames(of="table")] = P(
        default=(), title="Columns to add", description="Columns of the other table; none chosen means all."
    )

    @property
    def keeps_rows(self) -> bool:  # type: ignore[override]
        return self.rows == "all rows" and self.partners == "nearest"

    @classmethod
    def example(cls) -> JoinPlaces:
        from core.examples import OTHER

        return cls(
            table=OTHER, latitude="price", longitude="quantity", other_latitude="size",
            other_longitude="rate", within=500,
        )  # fmt: skip

    def for_new_rows(self) -> JoinPlaces:
        return self.model_copy(update={"rows": "all rows"})

    def _taken(self, columns: Schema, theirs: Schema) -> dict[str, str]:
        wanted = chosen(self.keep, theirs, [])
        taken = [*(column.name for column in columns), *([self.distance] if self.distance else [])]
        return dict(zip(wanted, new_names(wanted, taken, "_other"), strict=True))

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        found = super().learn(table, engine)
        other = table.other(self.table)
        if size.rows_of(table, engine) * size.rows_of(other, engine) > size.MOST_ROWS:
            query = self._count().with_("base", as_=table.query.copy())
            size.check_rows(query.with_(sql.other(self.table), as_=other.query.copy()), engine)
        return found

    def _count(self) -> exp.Select:
        """How many places lie in one cube of space together, of which at least some are near."""
        sides = (("base", self.latitude, self.longitude, "l"),
                 (sql.other(self.table), self.other_latitude, self.other_longitude, "r"))  # fmt: skip
        grouped = []
        for side in sides:
            cells = {axis: sql.name(axis) for axis in "xyz"} | {"n": sql.template("count(*)")}
            query = sql.select_values(cells).from_(self._cubes(*side).subquery("c"))
            grouped.append(query.group_by(*(sql.name(axis) for axis in "xyz")))
        same = exp.and_(*(exp.EQ(this=sql.name(a, "l"), expression=sql.name(a, "r")) for a in "xyz"))
        total = exp.select(sql.template("sum(l.n::DOUBLE * r.n) AS n")).from_(grouped[0].subquery("l"))
        return total.join(grouped[1].subquery("r"), on=same)

    def _cell(self) -> float:
        """The side of the cubes in which neighbours are looked for: the chord of the distance."""
        return 2 * math.sin(min(self.within / RADIUS, math.pi) / 2) * (1 + 1e-9) + 1e-12

    def _cubes(self, source: str, latitude: str, longitude: str, row: str) -> exp.Select:
        """Each place with the cube of space it lies in: neighbours lie in cubes that touch it."""
        place = {"a": sql.name(latitude), "b": sql.name(longitude)}
        cells: dict[str, exp.Expr] = {row: sql.name(sql.ROW)}
        cells |= {name: exp.cast(node, "DOUBLE") for name, node in place.items()}
        for axis, formula in zip("xyz", _AXES, strict=True):
            at = sql.template(f"CAST(floor(({formula}) / :cell) AS BIGINT)", cell=self._cell(), **place)
            cells[axis] = at
        real = sql.template("abs(:a) <= 90 AND abs(:b) <= 360", **place)
        return sql.select(source, cells, row=False).where(real)

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs = self._cubes(sql.other(self.table), self.other_latitude, self.other_longitude, "r")
        offsets = exp.select("unnest([-1, 0, 1]) AS d")
        spread: dict[str, exp.Expr] = {name: sql.name(name, "t") for name in "rab"}
        spread |= {
            axis: sql.template(":x + :d", x=sql.name(axis, "t"), d=sql.name("d", f"d{axis}"))
            for axis in "xyz"
        }
        around = sql.select_values(spread).from_(theirs.subquery("t"))
        for axis in "xyz":
            around = around.join(offsets.subquery(f"d{axis}"), join_type="cross")
        far = sql.template(
            _HAVERSINE, radius=RADIUS, a1=sql.name("a", "l"), a2=sql.name("b", "l"),
            b1=sql.name("a", "r"), b2=sql.name("b", "r"),
        )  # fmt: skip
        near = [exp.EQ(this=sql.name(axis, "l"), expression=sql.name(axis, "r")) for axis in "xyz"]
        mine = self._cubes(source, self.latitude, self.longitude, "l")
        pairs = (
            sql.select_values({"l": sql.name("l", "l"), "r": sql.name("r", "r"), "x": far})
            .from_(mine.subquery("l"))
            .join(around.subquery("r"), on=exp.and_(*near, sql.template(":x <= :w", x=far, w=self.within)))
        )
        if self.partners == "nearest":
            pairs = _nearest(pairs)
        if not self.distance:
            pairs.set("expressions", pairs.selects[:2])
        taken = self._taken(columns, self.theirs(learned))
        return paired(
            source, columns, self.table, pairs, taken, lone=self.rows == "all rows",
            single=self.partners == "nearest", extra=self.distance,
        )  # fmt: skip

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        mine, theirs = (self.latitude, self.longitude), (self.other_latitude, self.other_longitude)
        lines = [
            f"other = others[{self.table!r}]",
            "def degrees(cells):",
            '    return np.radians(cells.to_numpy("float64", na_value=np.nan))',
            "",
            f"a1, a2 = degrees(df[{mine[0]!r}]), degrees(df[{mine[1]!r}])",
            f"b1, b2 = degrees(other[{theirs[0]!r}]), degrees(other[{theirs[1]!r}])",
            "real = (np.abs(b1) <= np.radians(90)) & (np.abs(b2) <= np.radians(360))",
            'parts = [pd.DataFrame({"l": np.arange(0), "r": np.arange(0), "x": np.arange(0.0)})]',
            "for row in np.flatnonzero((np.abs(a1) <= np.radians(90)) & (np.abs(a2) <= np.radians(360))):",
            "    half = np.cos(a1[row]) * np.cos(b1) * np.sin((b2 - a2[row]) / 2) ** 2",
            "    half = np.sin((b1 - a1[row]) / 2) ** 2 + half",
            f"    far = 2 * {RADIUS} * np.arcsin(np.minimum(1.0, np.sqrt(half)))",
            f"    near = np.flatnonzero(real & (far <= {self.within!r}))",
            '    parts.append(pd.DataFrame({"l": row, "r": near, "x": far[near]}))',
            "pairs = pd.concat(parts, ignore_index=True)",
        ]
        if self.partners == "nearest":
            lines.append('pairs = pairs.sort_values(["l", "x", "r"]).drop_duplicates("l")')
        taken = self._taken(columns, self.theirs(learned))
        lines += paired_code(
            taken, lone=self.rows == "all rows", single=self.partners == "nearest", extra=self.distance
        )
        return "\n".join(lines)

    def describe(self) -> Note:
        words = {
            "all": "Join rows of {table} within {distance} km of {latitude}, {longitude}",
            "nearest": "Join the nearest row of {table} within {distance} km of {latitude}, {longitude}",
        }
        return note(
            words[self.partners],
            table=self.said(),
            distance=f"{self.within:,.6g}",
            latitude=quoted(self.latitude),
            longitude=quoted(self.longitude),
        )


def _nearest(pairs: exp.Select) -> exp.Select:
    """Of the pairs of each row the one that is nearest; of several, the first in the other's order."""
    parts = {part: sql.name(part) for part in "lrx"}
    place = sql.template("row_number() OVER (PARTITION BY :l ORDER BY :x, :r)", **parts)
    ranked = sql.select_values({**parts, "n": place}).from_(pairs.subquery("q"))
    first = sql.template(":n = 1", n=sql.name("n"))
    return sql.select_values(parts).from_(ranked.subquery("q")).where(first)
