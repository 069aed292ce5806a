"""Columns that name one thing: brought to what most rows say, as a plain reading in Python has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadInput, BadParameter
from core.similar.things import things
from core.steps.one_thing import MakeRecordsAgree
from tests.dirty.pairs import made
from tests.steps.tables import after

THINGS = [("Annals of Tea", "Ann Tea", "0001"), ("Tea Letters", "Tea Lett", "0002"), ("Leaf", "Lf", "0003")]
STEP = MakeRecordsAgree(columns=("journal", "short", "issn"))


def mended(engine: Engine, folder: Path, *rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """What becomes of these rows beside ten right ones of each thing."""
    every = [*(THINGS * 10), *rows]
    table = pa.table({name: [row[place] for row in every] for place, name in enumerate(STEP.columns)})
    found = after(STEP, table, engine, folder)
    cells = [found.column(name).to_pylist() for name in STEP.columns]
    assert list(zip(*cells, strict=True))[: -len(rows)] == THINGS * 10
    return list(zip(*cells, strict=True))[-len(rows) :]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("Annals of Tae", "Ann Tea", None), THINGS[0]),  # misspelt, and one missing
        (("Tea Letters", "Tea Lett", "0003"), THINGS[1]),  # two against one
        ((None, None, "0003"), THINGS[2]),
        (("Tea Lett", "Tea Lett", "0002"), THINGS[1]),  # the short name for the long one
        (("Tea Letters", "Lf", None), None),  # one against one
        (("Tea Letters", "Lf", "0001"), None),
        (("Coffee", None, "0001"), None),  # an unknown name: the number may be wrong
        ((None, None, None), None),
    ],
)
def test_a_row_is_brought_to_what_most_of_its_cells_name(
    row: tuple[Any, ...], expected: tuple[Any, ...] | None, engine: Engine, tmp_path: Path
) -> None:
    assert mended(engine, tmp_path, row) == [expected or row]


def test_what_stands_beside_a_thing_again_and_again_stays(engine: Engine, tmp_path: Path) -> None:
    second = ("Leaf", "Lf", "0009")
    assert mended(engine, tmp_path, *[second] * 4) == [second] * 4


def test_sql_pandas_and_python_agree_on_a_dirty_table(engine: Engine, tmp_path: Path) -> None:
    dirty = made("bibliography", 0.2, 5).dirty[["journal", "abbreviation", "issn"]]
    dirty = dirty.astype(object).where(dirty != "", None)
    step = MakeRecordsAgree(columns=("journal", "abbreviation", "issn"))
    by_sql = after(step, pa.Table.from_pandas(dirty, preserve_index=False), engine, tmp_path)
    rows = [tuple(row) for row in dirty.itertuples(index=False)]
    counts: dict[Any, int] = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    known = things(counts, 3)
    cells = [by_sql.column(name).to_pylist() for name in step.columns]
    assert list(zip(*cells, strict=True)) == [known.meant(row) for row in rows]


def test_a_column_is_named_once() -> None:
    with pytest.raises((BadParameter, BadInput, ValueError)):
        MakeRecordsAgree(columns=("a", "a"))
