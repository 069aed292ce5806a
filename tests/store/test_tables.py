"""Datasets have unique names, versions count upwards, and a version reads back as its rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import sql
from core.contracts import Column
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, NotFound
from core.store import LOCAL, Draft, NewObject, Run, Store, Version, tables
from core.store.records import Dashboard, Dataset, Segment, View

COLUMNS = (Column(name='a"; drop', type="integer"), Column(name="名", type="text"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def parquet(store: Store, owner: str = LOCAL) -> NewObject:
    with store.new_object(owner, ".parquet") as made:
        pq.write_table(pa.table({'a"; drop': [3, 1, 2], "名": ["x", None, "z"]}), made.path)
    return made


def add(store: Store, name: str = "sales", owner: str = LOCAL) -> tuple[Dataset, Version]:
    return tables.add_dataset(
        store, owner, name, object=parquet(store, owner), columns=COLUMNS, rows=3, origin="sales.csv"
    )


def test_a_version_reads_back_as_its_rows_in_their_order(store: Store) -> None:
    _, version = add(store)
    table = tables.table(store, version)
    rows = DuckEngine(threads=1).rows(table.query).to_pydict()
    assert rows == {'a"; drop': [3, 1, 2], "名": ["x", None, "z"], sql.ROW: [0, 1, 2]}
    assert table.columns == COLUMNS


def test_versions_count_upwards_and_the_latest_is_the_highest(store: Store) -> None:
    dataset, first = add(store)
    second = tables.add_version(
        store, LOCAL, dataset.id, object=parquet(store), columns=COLUMNS, rows=3, parent=first.id, recipe={}
    )
    assert (first.number, second.number) == (1, 2)
    assert tables.latest(store, dataset.id, LOCAL) == second
    assert tables.versions(store, dataset.id, LOCAL) == [second, first]


def test_a_name_that_is_taken_gets_a_number(store: Store) -> None:
    assert [add(store, name)[0].name for name in ("Sales", "sales", "SALES ", "")] == [
        "Sales",
        "sales (2)",
        "SALES (3)",
        "table",
    ]
    assert add(store, "sales", "bob")[0].name == "sales"


def test_a_dataset_is_renamed_unless_the_name_is_taken_or_empty(store: Store) -> None:
    first, _ = add(store, "a")
    add(store, "b")
    assert tables.rename(store, first.id, LOCAL, "  new   name ").name == "new name"
    assert tables.rename(store, first.id, LOCAL, "New name").name == "New name"
    for wrong in ("", "  ", "B"):
        with pytest.raises(BadParameter, match="empty or taken"):
            tables.rename(store, first.id, LOCAL, wrong)


def test_a_dataset_is_removed_with_all_that_was_made_on_it(store: Store) -> None:
    dataset, version = add(store)
    other, kept = add(store, "other")
    draft = store.add(Draft(owner=LOCAL, version=version.id))
    run = store.add(Run(owner=LOCAL, version=version.id))
    stays = store.add(Run(owner=LOCAL, version=kept.id))
    board = store.add(Dashboard(owner=LOCAL, dataset=dataset.id, version=version.id, name="Sales"))
    view = store.add(View(owner=LOCAL, dashboard=board.id, digest="d", state={}))
    segment = store.add(Segment(owner=LOCAL, dataset=dataset.id, name="North", selections=[]))
    tables.remove(store, dataset.id, LOCAL)
    gone = (dataset, version, draft, run, board, view, segment)
    for cls, id in ((type(record), record.id) for record in gone):
        with pytest.raises(NotFound):
            store.get(cls, id, LOCAL)
    with pytest.raises(NotFound):
        store.place(version.object, LOCAL)
    assert store.list(Run, LOCAL) == [stays]
    assert tables.latest(store, other.id, LOCAL) == kept


def test_somebody_elses_dataset_is_not_there(store: Store) -> None:
    dataset, version = add(store, owner="ann")
    with pytest.raises(NotFound):
        tables.latest(store, dataset.id, "bob")
    with pytest.raises(NotFound):
        tables.remove(store, dataset.id, "bob")
    with pytest.raises(NotFound):
        tables.add_version(store, "bob", dataset.id, object=parquet(store, "bob"), columns=COLUMNS, rows=3)
    assert tables.latest(store, dataset.id, "ann") == version
