"""Union: the rows of another table below the rows of this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import ColumnType, Json, Schema
from core.errors import BadParameter
from core.notation import conversions
from core.notation.conversions import Reading
from core.params import ColumnName, Frozen
from core.steps.lookup import ARROW
from core.steps.pairing import Combining, common, kinds, new_names
from core.wording import Note, note

_AS_IT_IS = Reading(comma=False, units=False, share=False, rounded=False, moves=(), true=(), false=())


class Match(Frozen):
    """A column of this table and the column of the other that holds the same."""

    column: Annotated[str, ColumnName()] = P(title="This table", description="The column of this table.")
    other: Annotated[str, ColumnName(of="table")] = P(
        title="Other table", description="The column of the other table that goes below it."
    )


class Place(Frozen):
    """One column of the result: what it is called, its type, and the columns it is made of."""

    name: str
    type: ColumnType
    mine: str | None
    theirs: str | None


class Union(Combining):
    """Put the rows of another table below the rows of this one.

    Columns go together by name (ignoring case and spaces at the ends), by position, or as chosen. Where
    their types differ the column takes one that holds both: numbers, dates with times, or else text. A
    column that one table has alone is missing in the rows of the other.
    """

    title = "Add the rows of another table"

    match: Literal["name", "position", "chosen"] = P(
        default="name",
        title="Columns go together by",
        description="name; position; or the pairs chosen below.",
    )
    pairs: tuple[Match, ...] = P(
        default=(), title="Columns chosen", description="Pairs of columns that go together; others ignore it."
    )
    rest: Literal["keep", "leave out"] = P(
        default="keep",
        title="Other columns",
        description="Whether columns that one table has alone are kept.",
    )
    origin: str = P(
        default="",
        title="Source column",
        description="What a column that says which table a row came from is called; empty for none.",
        max_length=1_000,
    )
    first: str = P(
        default="this table", title="Name of this table", description="What the source column says of it.",
        max_length=1_000,
    )  # fmt: skip
    second: str = P(
        default="other table", title="Name of the other", description="What the source column says of it.",
        max_length=1_000,
    )  # fmt: skip

    @model_validator(mode="after")
    def _distinct(self) -> Union:
        for side in ("column", "other"):
            names = [getattr(pair, side) for pair in self.pairs]
            if len(set(names)) < len(names):
                raise ValueError("must name each column once")
        return self

    @classmethod
    def example(cls) -> Union:
        from core.examples import OTHER

        pairs = (Match(column="region", other="area"), Match(column="amount", other="rate"))
        return cls(table=OTHER, match="chosen", pairs=pairs, origin="source")

    def check_both(self, columns: Schema, theirs: Schema) -> None:
        super().check_both(columns, theirs)
        places = self.places(columns, theirs)
        if not places:
            raise BadParameter(
                "The two tables have no column in common.",
                hint="Match them by position, choose pairs, or keep the other columns.",
            )
        if self.origin and self.origin.casefold() in {place.name.casefold() for place in places}:
            raise BadParameter(
                "There is a column called {name!r} already.", hint="Choose another name.", name=self.origin
            )

    def places(self, columns: Schema, theirs: Schema) -> list[Place]:
        """The columns of the result: those of this table, then those the other has alone."""
        partner, mine, other = self._partners(columns, theirs), kinds(columns), kinds(theirs)
        found = []
        for name, kind in mine.items():
            their = partner.get(name)
            to = kind if their is None else common(kind, other[their]) or "text"
            if their is not None or self.rest == "keep":
                found.append(Place(name=name, type=to, mine=name, theirs=their))
        alone = [name for name in other if name not in partner.values()]
        if self.rest == "keep":
            for name, new in zip(alone, new_names(alone, list(mine), "_other"), strict=True):
                found.append(Place(name=new, type=other[name], mine=None, theirs=name))
        return found

    def _partners(self, columns: Schema, theirs: Schema) -> dict[str, str]:
        if self.match == "chosen":
            return {pair.column: pair.other for pair in self.pairs}
        if self.match == "position":
            return {one.name: two.name for one, two in zip(columns, theirs, strict=False)}
        exact = {column.name for column in theirs}
        free = {column.name.strip().casefold(): column.name for column in reversed(theirs)}
        found: dict[str, str] = {}
        for column in columns:
            name = column.name if column.name in exact else free.get(column.name.strip().casefold())
            if name is not None and name not in found.values():
                found[column.name] = name
        return found

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        theirs = self.theirs(learned)
        places = self.places(columns, theirs)
        upper = self._part(places, "mine", kinds(columns), self.first, 0).from_(exp.to_table(source))
        lower = self._part(places, "theirs", kinds(theirs), self.second, 1)
        lower = lower.from_(exp.to_table(sql.other(self.table)))
        both = exp.union(upper, lower, distinct=False)
        cells: dict[str, exp.Expr] = {place.name: sql.name(f"c{i}", "u") for i, place in enumerate(places)}
        if self.origin:
            cells[self.origin] = sql.name("origin", "u")
        order = "row_number() OVER (ORDER BY :part, :row) - 1"
        cells[sql.ROW] = sql.template(order, part=sql.name("part", "u"), row=sql.name("row", "u"))
        return sql.select_values(cells).from_(both.subquery("u"))

    def _part(
        self, places: list[Place], side: str, types: Mapping[str, ColumnType], label: str, part: int
    ) -> exp.Select:
        cells = self._cells(places, side, types)
        cells["origin"] = sql.literal(label)
        return sql.select_values({**cells, "part": sql.literal(part), "row": sql.name(sql.ROW)})

    def _cells(self, places: list[Place], side: str, types: Mapping[str, ColumnType]) -> dict[str, exp.Expr]:
        cells: dict[str, exp.Expr] = {}
        for number, place in enumerate(places):
            name = getattr(place, side)
            if name is None:
                cells[f"c{number}"] = exp.cast(exp.Null(), sql.STORAGE[place.type])
                continue
            cell = sql.name(name)
            cells[f"c{number}"] = conversions.in_sql(cell, cell, types[name], place.type, _AS_IT_IS)
        return cells

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        theirs = self.theirs(learned)
        places = self.places(columns, theirs)
        lines = [f"other = others[{self.table!r}]"]
        for part, frame, side, types, label in (
            ("upper", "df", "mine", kinds(columns), self.first),
            ("lower", "other", "theirs", kinds(theirs), self.second),
        ):
            lines.append(f"{part} = {{}}")
            for place in places:
                lines += _column_code(part, frame, getattr(place, side), types, place)
            lines.append(f"{part} = pd.DataFrame({part}, index={frame}.index)")
            if self.origin:
                cells = f"pd.array([{label!r}] * len({part}), dtype=pd.ArrowDtype(pa.string()))"
                lines.append(f"{part}[{self.origin!r}] = {cells}")
        return "\n".join([*lines, "df = pd.concat([upper, lower], ignore_index=True)"])

    def for_new_rows(self) -> Upper:
        return Upper.model_validate(self.model_dump())

    def describe(self) -> Note:
        words = {
            "name": "Add the rows of {table}, columns matched by name",
            "position": "Add the rows of {table}, columns matched by position",
            "chosen": "Add the rows of {table}, columns matched as chosen",
        }
        return note(words[self.match], table=self.said())


class Upper(Union):
    """The rows of this table alone, in the columns of the union."""

    def reads(self) -> tuple[str, ...]:
        return ()

    def stays(self, learned: Mapping[str, Json]) -> bool:
        return True

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        places = self.places(columns, self.theirs(learned))
        cells = self._cells(places, "mine", kinds(columns))
        named = {place.name: cells[f"c{number}"] for number, place in enumerate(places)}
        if self.origin:
            named[self.origin] = sql.literal(self.first)
        return sql.select(source, named)


def _column_code(
    part: str, frame: str, name: str | None, types: Mapping[str, ColumnType], place: Place
) -> list[str]:
    if name is None:
        missing = f"pd.array([None] * len({frame}), dtype=pd.ArrowDtype({ARROW[place.type]}))"
        return [f"{part}[{place.name!r}] = pd.Series({missing}, index={frame}.index)"]
    kind, lines, cells = types[name], [], f"{frame}[{name!r}]"
    if kind != place.type:
        lines.append(conversions.in_pandas(kind, place.type, _AS_IT_IS) + "\n")
        cells = f"converted({cells})"
    return [*lines, f"{part}[{place.name!r}] = {cells}"]
