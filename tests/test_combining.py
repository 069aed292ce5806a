"""Combining tables in a job: the result and the rows without a partner, each a dataset of its own."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import tasks
from core.contracts import Recorded
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, NotFound
from core.jobs.work import Work
from core.recipe import Recipe
from core.store import Dataset, Prediction, Run, Store, Version, tables
from tests.steps.tables import fetched, put

LEFT = pa.table({"code": ["007", "012", None, "100", "012"], "sold": [1, 2, 3, 4, 5]})
RIGHT = pa.table({"code": [7, 12, 55, None], "name": ["seven", "twelve", "none", "missing"]})
MEND = {"kind": "change_type", "columns": ["code"], "to": "integer"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add(store: Store, folder: Path, name: str, rows: pa.Table, owner: str = "ann") -> Version:
    (folder / name).mkdir()
    columns = put(folder / name, rows, {}).columns
    with store.new_object(owner, ".parquet") as made:
        pq.write_table(rows, made.path)
    return tables.add_dataset(store, owner, name, object=made, columns=columns, rows=rows.num_rows)[1]


def combine(store: Store, **params: Any) -> dict[str, Any]:
    return call(store, "combine", **params)


def call(store: Store, task: str, **params: Any) -> dict[str, Any]:
    (store.home / "scratch").mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=store.home / "scratch"))
    work = Work(store=store, owner="ann", params=params, watch=Recorded(), scratch=scratch, job="jb_test")
    return tasks.TASKS[task](work)


def rows(store: Store, result: dict[str, Any]) -> list[dict[str, Any]]:
    version = store.get(Version, result["version"], "ann")
    found = fetched(tables.table(store, version), DuckEngine()).to_pylist()
    assert len(found) == version.rows == result["rows"]
    return found


def join(version: Version, **more: Any) -> dict[str, Any]:
    return {"kind": "join", "table": version.id, "keys": [{"column": "code", "other": "code"}], **more}


def test_the_result_and_both_tables_unmatched_rows_are_kept(store: Store, tmp_path: Path) -> None:
    left, right = add(store, tmp_path, "sales", LEFT), add(store, tmp_path, "codes", RIGHT)
    done = combine(
        store, version=left.id, recipe={"steps": [MEND, join(right, kind_of="inner")]}, name="both",
        left="sales alone", right="codes alone",
    )  # fmt: skip
    assert [(row["code"], row["sold"], row["name"]) for row in rows(store, done)] == [
        (7, 1, "seven"), (12, 2, "twelve"), (12, 5, "twelve")
    ]  # fmt: skip
    assert rows(store, done["left"]) == [{"code": None, "sold": 3}, {"code": 100, "sold": 4}]
    assert rows(store, done["right"]) == [{"code": 55, "name": "none"}, {"code": None, "name": "missing"}]
    names = {dataset.name for dataset in store.list(Dataset, "ann")}
    assert names == {"sales", "codes", "both", "sales alone", "codes alone"}


def test_what_was_made_can_be_made_again_from_its_recipe(store: Store, tmp_path: Path) -> None:
    left = add(store, tmp_path, "sales", LEFT)
    right = add(store, tmp_path, "codes", pa.table({"code": ["007", "x"], "name": ["seven", "x"]}))
    done = combine(store, version=left.id, recipe={"steps": [join(right)]}, name="both", right="alone")
    for one, parent in ((done, left), (done["right"], right)):
        version = store.get(Version, one["version"], "ann")
        assert version.parent == parent.id
        recipe = Recipe.from_json(version.recipe)
        again = recipe.apply(tables.table(store, parent), DuckEngine())
        assert fetched(again, DuckEngine()).to_pylist() == rows(store, one)


def test_a_union_is_kept_and_has_no_unmatched_rows(store: Store, tmp_path: Path) -> None:
    left = add(store, tmp_path, "one", LEFT)
    right = add(store, tmp_path, "two", LEFT)
    union = {"kind": "union", "table": right.id}
    done = combine(store, version=left.id, recipe={"steps": [union]}, name="both")
    assert done["rows"] == 10
    with pytest.raises(BadParameter, match="Only a join"):
        combine(store, version=left.id, recipe={"steps": [union]}, name="both", left="alone")
    assert len(store.list(Dataset, "ann")) == 3, "what fails keeps nothing"


def test_another_owners_table_is_not_there(store: Store, tmp_path: Path) -> None:
    left = add(store, tmp_path, "sales", LEFT)
    theirs = add(store, tmp_path, "secret", LEFT, owner="eve")
    with pytest.raises(NotFound):
        combine(store, version=left.id, recipe={"steps": [join(theirs)]}, name="both")


def test_raw_rows_are_predicted_after_the_join_even_when_the_other_table_is_gone(
    store: Store, tmp_path: Path
) -> None:
    chance = random.Random(1)
    codes = [f"c{chance.randrange(8)}" for _ in range(300)]
    worth = {f"c{i}": 10.0 * i for i in range(8)}
    noise = [chance.random() for _ in codes]
    sales = pa.table(
        {"code": codes, "n": noise, "price": [worth[c] + 3 * x for c, x in zip(codes, noise, strict=True)]}
    )
    left = add(store, tmp_path, "sales", sales)
    right = add(store, tmp_path, "worth", pa.table({"code": list(worth), "worth": list(worth.values())}))
    done = call(
        store, "combine", version=left.id, recipe={"steps": [join(right, kind_of="inner")]}, name="both"
    )
    run = store.add(
        Run(
            owner="ann", version=done["version"],
            spec={"target": "price", "model": {"kind": "linear_regression"}, "features": ["n", "worth"]},
        )
    )  # fmt: skip
    call(store, "fit", run=run.id)
    new = add(store, tmp_path, "new", pa.table({"code": ["c7", "c1"], "n": [0.5, 0.25]}))
    for gone in (False, True):
        if gone:
            tables.remove(store, right.dataset, "ann")
        scored = call(store, "score", run=run.id, version=new.id, raw=True)
        place = store.place(store.get(Prediction, scored["prediction"], "ann").object, "ann")
        lines = [line.split(",") for line in place.read_text().splitlines()]
        assert [line[0].strip('"') for line in lines] == ["code", "c7", "c1"]
        assert [float(line[-1]) for line in lines[1:]] == pytest.approx([71.5, 10.75], abs=0.1)
