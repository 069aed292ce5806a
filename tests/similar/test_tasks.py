"""Similar values and rows looked for in a job: the same findings, kept, and stopped on request."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Recorded, Silent
from core.engine.duckdb import DuckEngine, stored
from core.errors import Cancelled
from core.jobs.work import Work
from core.similar import clusters, counted, pairs, records
from core.similar.clusters import Method
from core.steps.drop_similar import DropSimilarRows
from core.store import Store, Version, tables
from core.store.records import Similar
from core.tasks import TASKS
from core.tasks.similar import question

OWNER = "ann"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add(store: Store, engine: DuckEngine, **columns: Any) -> Version:
    with store.new_object(OWNER, ".parquet") as made:
        pq.write_table(pa.table(columns), made.path)
        shape, rows = engine.schema(stored(made.path)), pq.read_metadata(made.path).num_rows
    return tables.add_dataset(store, OWNER, "t", object=made, columns=shape, rows=rows)[1]


def looked(store: Store, task: str, watch: Silent | None = None, **params: Any) -> dict[str, Any]:
    scratch = store.home / "scratch" / "test"
    scratch.mkdir(parents=True, exist_ok=True)
    work = Work(store, OWNER, params, watch or Recorded(), scratch, "jb_test")
    kept = store.get(Similar, TASKS[task](work)["similar"], OWNER)
    assert kept.question == question(params)
    found: dict[str, Any] = json.loads(store.place(kept.object, OWNER).read_text())
    return found


def names(count: int) -> list[str]:
    chance = random.Random(3)
    known = ["".join(chance.choices("abcdefgh", k=9)) for _ in range(count)]
    return known + [name[:4] + name[5] + name[4] + name[6:] for name in known[: count // 10]]


@pytest.mark.parametrize("method", ["fingerprint", "Jaro-Winkler"])
def test_values_after_the_steps_before(store: Store, engine: DuckEngine, method: Method) -> None:
    version = add(store, engine, city=["Rome", "rome", "Roem", "x"])
    before = {"steps": [{"step": {"kind": "keep_rows", "start": 1, "count": 3}}]}
    found = looked(
        store, "similar_values", version=version.id, before=before, column="city", method=method,
        similarity=0.9,
    )  # fmt: skip
    expected = clusters([("Rome", 1), ("rome", 1), ("Roem", 1)], method, 0.9)
    assert found == {"different": 3, "found": [[list(one.values), list(one.rows)] for one in expected]}


def test_many_values_as_they_are_found_directly(store: Store, engine: DuckEngine) -> None:
    version, watch = add(store, engine, name=names(4_000)), Recorded()
    found = looked(
        store, "similar_values", watch, version=version.id, before={"steps": []}, column="name",
        method="Levenshtein", similarity=0.75,
    )  # fmt: skip
    values = counted(tables.table(store, version), "name", engine)
    expected = clusters(values, "Levenshtein", 0.75)
    assert len(expected) > 100
    assert found["found"] == [[list(one.values), list(one.rows)] for one in expected]


def test_many_rows_as_they_are_found_directly(store: Store, engine: DuckEngine) -> None:
    version = add(store, engine, name=names(3_000), n=[place % 3_000 for place in range(3_300)])
    asked = {"columns": ["name", "n"], "similarity": 0.8}
    found = looked(store, "similar_rows", version=version.id, before={"steps": []}, **asked)
    cells = DropSimilarRows(columns=("name", "n")).cells(version.columns)
    expected = pairs(records(tables.table(store, version), cells, engine), 0.8)
    assert len(expected) > 100
    told = [[list(one.one), list(one.other), one.score, list(one.scores)] for one in expected]
    assert found["found"] == told


class Impatient(Silent):
    """Someone who asks to stop once so much is done."""

    def __init__(self, at: float) -> None:
        self.at, self.share = at, 0.0

    def progress(self, share: float | None, message: str = "") -> None:
        assert (share or 0.0) >= self.share, "progress never goes back"
        self.share = share or 0.0

    def stopped(self) -> bool:
        return self.share >= self.at


@pytest.mark.parametrize("at", [0.0, 0.2, 0.5])
def test_a_search_stops_on_request(store: Store, engine: DuckEngine, at: float) -> None:
    version = add(store, engine, name=names(4_000), n=[place % 4_000 for place in range(4_400)])
    values = {"column": "name", "method": "Jaro-Winkler", "similarity": 0.9}
    for task, asked in (
        ("similar_values", values),
        ("similar_rows", {"columns": ["name", "n"], "similarity": 0.9}),
    ):
        with pytest.raises(Cancelled):
            looked(store, task, Impatient(at), version=version.id, before={"steps": []}, **asked)
    assert store.list(Similar, OWNER) == []


def test_what_was_found_goes_with_its_dataset(store: Store, engine: DuckEngine) -> None:
    version = add(store, engine, name=["a", "A"])
    asked = {"column": "name", "method": "fingerprint", "similarity": 0.9}
    looked(store, "similar_values", version=version.id, before={"steps": []}, **asked)
    tables.remove(store, version.dataset, OWNER)
    assert store.list(Similar, OWNER) == []


def test_partners_by_similar_text(store: Store, engine: DuckEngine) -> None:
    mine, theirs = add(store, engine, a=["Rome", "Oslo", "x"]), add(store, engine, b=["Roma", "Oslo"])
    step = {"kind": "join_fuzzy", "table": theirs.id, "column": "a", "other": "b", "threshold": 0.85}
    before = {"steps": [{"step": {"kind": "keep_rows", "start": 1, "count": 2}}]}
    found = looked(store, "similar_partners", version=mine.id, before=before, step=step)
    assert (found["pairs"], found["left"]["rows"], found["left"]["matched"]) == (2, 2, 2)
