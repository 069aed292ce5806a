"""The tables that a cleaning reads beside its own, kept with a model where they are small."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field as P
from pydantic import model_validator
from sqlglot import exp

from core import sql
from core.contracts import Engine, Schema, Table
from core.errors import NotFound
from core.params import Frozen

MOST_CELLS = 200_000  # of one table; a model's card stays quick to read
MOST_LETTERS = 5_000_000


class KeptTable(Frozen):
    """A small table written down as text: its columns, and the cells of those that a step reads."""

    columns: Schema
    rows: int = P(ge=0, le=MOST_CELLS)
    cells: dict[str, tuple[str | None, ...]]

    @model_validator(mode="after")
    def _whole(self) -> KeptTable:
        names = {column.name for column in self.columns}
        if not names >= set(self.cells) or any(len(cells) != self.rows for cells in self.cells.values()):
            raise ValueError("must hold as many cells in each column as there are rows")
        return self

    def table(self) -> Table:
        """The table; columns that no step reads are empty."""
        values: dict[str, exp.Expr] = {
            f"c{place}": sql.template(
                """unnest(from_json(:cells, '["VARCHAR"]'))""", cells=json.dumps(self.cells[column.name])
            )
            for place, column in enumerate(self.columns)
            if column.name in self.cells
        }
        values[sql.ROW] = sql.template("unnest(range(:rows))", rows=self.rows)
        shown = {
            column.name: exp.cast(
                sql.name(f"c{place}") if column.name in self.cells else exp.Null(), sql.STORAGE[column.type]
            )
            for place, column in enumerate(self.columns)
        }
        query = sql.over(sql.select_values(values), shown, row=True)
        return Table(query, self.columns)


def keep(table: Table, names: Collection[str], engine: Engine) -> KeptTable | None:
    """The table with the cells of these columns; None when they are too many to be kept."""
    wanted = [column.name for column in table.columns if column.name in names]
    most = MOST_CELLS // max(1, len(wanted))
    texts = {name: exp.cast(sql.name(name), "VARCHAR") for name in wanted}
    found = engine.rows(sql.over(table.query, texts, row=True), limit=most + 1)
    if found.num_rows > most:
        return None
    found = found.sort_by(sql.ROW)
    cells = {name: tuple(found.column(name).to_pylist()) for name in wanted}
    if sum(len(cell or "") for column in cells.values() for cell in column) > MOST_LETTERS:
        return None
    return KeptTable(columns=table.columns, rows=found.num_rows, cells=cells)


def columns_read(query: exp.Query, id: str) -> set[str]:
    """The names by which a step's query may read columns of another table."""
    relation, found = sql.other(id), set[str]()
    for select in query.find_all(exp.Select):
        parts = [select.args.get("from_"), *(select.args.get("joins") or ())]
        if any(part and isinstance(part.this, exp.Table) and part.this.name == relation for part in parts):
            found |= {column.name for column in select.find_all(exp.Column)}
    return found


@dataclass(frozen=True)
class Beside(Mapping[str, Table]):
    """Other tables by id: those kept with a model, then those that lie beside the rows it is given."""

    kept: Mapping[str, KeptTable]
    there: Mapping[str, Table]

    def __getitem__(self, id: str) -> Table:
        if id in self.kept:
            return self.kept[id].table()
        try:
            return self.there[id]
        except (KeyError, NotFound):
            raise NotFound(
                "The cleaning before the model reads another table, which is not here "
                "and was too large to be kept with the model.",
                hint="Add its columns to the new rows first, and fit a model on rows that have them.",
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.kept, *self.there]))

    def __len__(self) -> int:
        return sum(1 for _ in self)
