"""Columns as codes: what tables of twenty thousand rows are counted by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core import sql
from core.contracts import Engine, Table

ROWS = 20_000  # looked at
COLUMNS = 40
Changes = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True)
class Coded:
    """A column's cells as numbers from 0, missing ones -1."""

    name: str
    codes: np.ndarray
    kinds: int
    key: bool  # of a type that can say what another column is
    values: list[str]  # the values themselves, of texts

    @property
    def present(self) -> int:
        return int((self.codes >= 0).sum())


def coded(table: Table, engine: Engine, rows: int, changes: Changes) -> list[Coded]:
    """The columns in which values repeat, as codes; `changes` are what values become, by column."""
    chosen = table.columns[: 4 * COLUMNS]
    query = sql.over(table.query, {column.name: sql.name(column.name) for column in chosen})
    if rows > ROWS:  # by hash and not every nth: a table may repeat itself every nth row
        part = sql.template("hash(:row) % :of < :some", row=sql.name(sql.ROW), of=rows, some=ROWS)
        query = query.where(part, copy=False)
    found = engine.rows(query.limit(2 * ROWS, copy=False))
    result = []
    for place, column in enumerate(chosen):
        cells = found.column(place).combine_chunks().dictionary_encode()
        codes = np.asarray(cells.indices.fill_null(-1)).astype(np.int64)
        kinds, values = len(cells.dictionary), list[str]()
        if column.type == "text":
            codes, values = _changed(codes, cells.dictionary.to_pylist(), changes.get(column.name, {}))
            kinds = len(values)
        if 2 <= kinds <= 0.95 * (codes >= 0).sum():  # not where each row has a value of its own
            result.append(Coded(column.name, codes, kinds, column.type != "number", values))
    result.sort(key=lambda one: one.kinds)
    return result[:COLUMNS]


def _changed(
    codes: np.ndarray, values: list[str | None], changes: Mapping[str, str | None]
) -> tuple[np.ndarray, list[str]]:
    """The codes once some values are others, or missing; outer spaces do not count."""
    places: dict[str, int] = {}
    after = []
    for value in values:
        bare = None if value is None else value.strip()  # a column without a type has None among its values
        now = None if bare is None else changes.get(bare, bare)
        after.append(-1 if now is None else places.setdefault(now, len(places)))
    return np.array([*after, -1], dtype=np.int64)[codes], list(places)
