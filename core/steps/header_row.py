"""A row that holds the names of the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Json, Schema, Step, Table, wrong_constant
from core.errors import BadInput
from core.params import Frozen, Number
from core.wording import Note, note

LONGEST = 200  # characters of a name


class Names(Frozen):
    """The names that the row held, in the order of the columns."""

    names: tuple[str, ...]

    @model_validator(mode="after")
    def _usable(self) -> Names:
        folded = [name.casefold() for name in self.names]
        if not all(name.strip() for name in folded) or sql.ROW in folded:
            raise ValueError(f"names must not be blank and not {sql.ROW}")
        if any("\ud800" <= char <= "\udfff" or char == "\0" for name in self.names for char in name):
            raise ValueError("names must be without control characters")
        if len(set(folded)) < len(folded):
            raise ValueError("names must differ in more than capital and small letters")
        return self


class RowToHeader(Step):
    """Take the names of the columns from a row, and leave out that row and those above it.

    A column with nothing in that row keeps its name, and a name that stands there twice gets a
    number. The names are learned once: on other rows with the same layout the step leaves out as
    many rows from the top. Types stay as they are; "change type" reads them afterwards.
    """

    title = "Use a row as header"
    group = "Rows"
    keeps_rows = False
    keeps_order = False  # counted with a window
    Learned = Names

    row: Annotated[int, Number(1, 20)] = P(
        default=1, title="Row", description="The row with the names; 1 is the first.", ge=1, le=1_000_000
    )

    @classmethod
    def example(cls) -> RowToHeader:
        return cls(row=2)

    def learn(self, table: Table, engine: Engine) -> dict[str, Json]:
        """The names, from the row, made fit to be names."""
        cells = {column.name: exp.cast(sql.name(column.name), "VARCHAR") for column in table.columns}
        query = sql.select("t", cells).from_(table.query.subquery("t")).order_by(sql.name(sql.ROW))
        rows = engine.rows(query.limit(1).offset(self.row - 1)).to_pylist()
        if not rows:
            raise BadInput(
                "There is no row {row} to take the names of columns from.",
                hint="Choose a row that the table has.",
                row=self.row,
            )
        return {"names": mended([rows[0][column.name] for column in table.columns], table.names())}

    def check_learned(self, learned: Mapping[str, Json], columns: Schema) -> None:
        super().check_learned(learned, columns)
        if len(learned["names"]) != len(columns):
            raise wrong_constant(
                "names", f"there must be {len(columns)}, one for each column", learned["names"]
            )

    def sql(self, source: str, columns: Schema, learned: Mapping[str, Json]) -> exp.Select:
        chosen = [
            exp.alias_(sql.name(column.name), new, quoted=True)
            for column, new in zip(columns, learned["names"], strict=True)
        ]
        below = sql.template(
            "row_number() OVER (ORDER BY :row) > :count", row=sql.name(sql.ROW), count=self.row
        )
        return exp.select(*chosen, sql.name(sql.ROW)).from_(source).qualify(below)

    def pandas(self, columns: Schema, learned: Mapping[str, Json]) -> str:
        return f"df = df.iloc[{self.row}:].copy()\ndf.columns = {list(learned['names'])!r}"

    def describe(self) -> Note:
        return note("Take the names of the columns from row {row}", row=self.row)


def mended(cells: Sequence[Any], old: Sequence[str]) -> list[str]:
    """Cells as names: on one line, none blank, none twice."""
    taken: set[str] = {sql.ROW}
    names = []
    for cell, before in zip(cells, old, strict=True):
        wanted = " ".join(str(cell or "").replace("\0", " ").split())[:LONGEST] or before
        name, number = wanted, 2
        while name.casefold() in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names
