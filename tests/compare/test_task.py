"""Two versions compared in a job: what differs is kept, and goes with either dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import tasks
from core.compare import Comparison, Differences
from core.contracts import Recorded
from core.engine.duckdb import DuckEngine, stored
from core.jobs.work import Work
from core.store import Store, Version, tables
from core.store.records import Compared

OWNER = "ann"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add(store: Store, engine: DuckEngine, **columns: Any) -> Version:
    with store.new_object(OWNER, ".parquet") as made:
        pq.write_table(pa.table(columns), made.path)
        shape, rows = engine.schema(stored(made.path)), pq.read_metadata(made.path).num_rows
    return tables.add_dataset(store, OWNER, "t", object=made, columns=shape, rows=rows)[1]


def compared(store: Store, **params: Any) -> Compared:
    scratch = store.home / "scratch" / "test"
    scratch.mkdir(parents=True, exist_ok=True)
    work = Work(store=store, owner=OWNER, params=params, watch=Recorded(), scratch=scratch, job="jb_test")
    return store.get(Compared, str(tasks.TASKS["compare_versions"](work)["compared"]), OWNER)


def test_what_differs_is_kept_with_its_rows(store: Store, engine: DuckEngine) -> None:
    a, b = add(store, engine, id=[1, 2], x=["a", "b"]), add(store, engine, id=[2, 3], x=["c", "d"])
    kept = compared(store, before=a.id, version=b.id)
    found = Comparison.model_validate_json(store.place(kept.object, OWNER).read_text())
    assert found.rows is not None
    assert (found.rows.key, found.rows.added, found.rows.changed) == (("id",), 1, 1)
    both = [tables.table(store, version) for version in (a, b)]
    differences = Differences(*both, store.place(kept.listed, OWNER), found.rows)
    assert engine.rows(differences.rows("added").query)["id"].to_pylist() == [3]
    whole = compared(store, before=a.id, version=b.id, key=[])
    found = Comparison.model_validate_json(store.place(whole.object, OWNER).read_text())
    assert found.rows is not None
    assert (found.rows.key, found.rows.added, found.rows.removed) == ((), 2, 2)


def test_tables_without_a_column_in_common(store: Store, engine: DuckEngine) -> None:
    a, b = add(store, engine, x=[1]), add(store, engine, y=["a"])
    found = store.place(compared(store, before=a.id, version=b.id).object, OWNER).read_text()
    assert Comparison.model_validate_json(found).rows is None


@pytest.mark.parametrize("gone", [0, 1])
def test_it_goes_with_either_dataset(store: Store, engine: DuckEngine, gone: int) -> None:
    both = add(store, engine, x=[1]), add(store, engine, x=[2])
    compared(store, before=both[0].id, version=both[1].id)
    tables.remove(store, both[gone].dataset, OWNER)
    assert store.list(Compared, OWNER) == []
