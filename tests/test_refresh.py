"""What changed between two readings of a table, against pandas; and a refresh as its job does it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core import connections, refresh, rules, tasks
from core.contracts import Recorded, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput
from core.jobs.work import Work
from core.rules import Rule
from core.sources.database import Database
from core.store import Dataset, Refresh, Store, Version, tables

Build = Callable[..., Table]
Compare = Callable[..., refresh.Changes]


@pytest.fixture
def compare(tmp_path: Path, engine: DuckEngine) -> Compare:
    """What changed from one table to the other."""
    return lambda before, after, key: refresh.compare(before, after, key, tmp_path / "differing", engine)


def test_rows_are_followed_by_their_key(table_of: Build, compare: Compare) -> None:
    before = table_of(id=[1, 2, 3, 4], v=["a", "b", None, "d"])
    after = table_of(id=[5, 4, 3, 2], v=["e", "D", None, "b"])
    found = compare(before, after, ["id"])
    assert (found.added, found.removed, found.changed, found.key) == (1, 1, 1, ("id",))
    assert [str(note) for note in found.said()] == ["1 row added", "1 row removed", "1 row changed"]


def test_without_a_key_whole_rows_are_counted(table_of: Build, compare: Compare) -> None:
    found = compare(table_of(v=["a", "a", "b"]), table_of(v=["a", "b", "b", "c"]), [])
    assert (found.added, found.removed, found.changed) == (2, 1, 0)


@pytest.mark.parametrize("ids", [[1, 1, 2], [1, None, 2]])
def test_a_key_that_does_not_tell_rows_apart_is_not_used(
    table_of: Build, compare: Compare, ids: list[Any]
) -> None:
    before = table_of(id=[1, 2, 3], v=["x", "x", "x"])
    found = compare(before, table_of(id=ids, v=["x", "x", "x"]), ["id"])
    assert found.key == ()
    assert found.unsure == ("id",)
    assert (found.added, found.removed) == (1, 1)
    assert "does not tell the rows apart" in str(found.said()[-1])


def test_columns_that_come_go_and_change_are_named(table_of: Build, compare: Compare) -> None:
    found = compare(
        table_of(id=[1, 2], gone=["a", "b"], n=[1, 2]), table_of(id=[1, 2], new=[1.5, 2.5], n=["1", "2"]),
        ["id"],
    )  # fmt: skip
    assert (found.columns_added, found.columns_removed) == (("new",), ("gone",))
    assert [(c.name, c.before, c.after) for c in found.types] == [("n", "integer", "text")]
    assert (found.added, found.removed, found.changed) == (0, 0, 0)
    assert not found.none
    assert "n was integer and is text now" in [str(note) for note in found.said()]


def test_the_same_rows_in_another_order_are_no_change(table_of: Build, compare: Compare) -> None:
    before, after = table_of(a=[1, 2, None], b=["x", "y", "z"]), table_of(a=[None, 1, 2], b=["z", "x", "y"])
    assert compare(before, after, []).none
    assert compare(before, after, ["b"]).none
    assert compare(table_of(a=pa.array([], pa.int64())), table_of(a=[1]), ["a"]).added == 1


@pytest.mark.parametrize("seed", range(6))
def test_changes_are_those_that_pandas_finds(table_of: Build, compare: Compare, seed: int) -> None:
    chance = np.random.default_rng(seed)

    def some(rows: int) -> pd.DataFrame:
        ids = chance.choice(200, rows, replace=False)
        frame = pd.DataFrame({"a": ids // 20, "b": ids % 20, "v": chance.integers(0, 3, rows).astype(float)})
        return frame.assign(v=frame.v.where(frame.v > 0)).reset_index(drop=True)

    before, after = some(120), some(130)
    found = compare(table_of(pa.Table.from_pandas(before)), table_of(pa.Table.from_pandas(after)), ["a", "b"])
    met = before.merge(after, on=["a", "b"], how="outer", indicator=True, suffixes=("_was", "_now"))
    both = met[met["_merge"] == "both"]
    differ = ~((both.v_was == both.v_now) | (both.v_was.isna() & both.v_now.isna()))
    assert found.added == (met["_merge"] == "right_only").sum()
    assert found.removed == (met["_merge"] == "left_only").sum()
    assert found.changed == differ.sum()


def test_the_same_number_in_another_type_is_no_change_of_a_row(table_of: Build, compare: Compare) -> None:
    found = compare(table_of(id=[1, 2], n=[1, 0]), table_of(id=[1, 2], n=[1.0, -0.0]), ["id"])
    assert (found.changed, [one.name for one in found.types]) == (0, ["n"])


def test_tables_without_a_column_in_common_have_other_columns(table_of: Build, compare: Compare) -> None:
    found = compare(table_of(a=[1]), table_of(b=[1, 2]), ["a"])
    assert (found.before, found.after, found.columns_added, found.columns_removed) == (1, 2, ("b",), ("a",))
    assert not found.none


def test_hostile_names_are_only_names(table_of: Build, compare: Compare) -> None:
    name = 'a"; DROP TABLE t; --'
    before, after = table_of(**{name: [1, 2], "was": [1, 2]}), table_of(**{name: [2, 3], "was": [5, 5]})
    found = compare(before, after, [name])
    assert (found.added, found.removed, found.changed) == (1, 1, 1)


class Shop:
    """A SQLite database, a connection to it, and a dataset that was read from it."""

    def __init__(self, store: Store, place: Path) -> None:
        self.store, self.place = store, place
        self.change("CREATE TABLE orders (id INTEGER PRIMARY KEY, price REAL)")
        self.change("INSERT INTO orders VALUES (1, 1.5), (2, 2.5), (3, 3.5)")
        database = Database.from_json({"kind": "sqlite_file", "place": str(place)})
        self.connection = connections.keep(store, "ann", "Shop", database)
        found = self.call("import_database", connection=self.connection.id, reading={"table": "orders"})
        self.dataset: str = found["dataset"]

    def change(self, statement: str) -> None:
        with sqlite3.connect(self.place) as link:
            link.execute(statement)
        link.close()

    def call(self, task: str, **params: Any) -> dict[str, Any]:
        scratch = self.store.home / "scratch" / "test"
        scratch.mkdir(parents=True, exist_ok=True)
        return tasks.TASKS[task](Work(self.store, "ann", params, Recorded(), scratch, "jb_test"))

    def refreshed(self, **others: Any) -> dict[str, Any]:
        params = refresh.parameters(self.store, self.dataset, "ann")
        assert params is not None
        return self.call("refresh_database", **params, **others)

    def history(self) -> list[Refresh]:
        return self.store.list(Refresh, "ann", dataset=self.dataset)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(tmp_path))
    return Shop(Store(tmp_path / "home"), tmp_path / "shop.db")


def test_a_refresh_makes_a_version_and_says_what_changed(shop: Shop) -> None:
    shop.change("UPDATE orders SET price = 9 WHERE id = 2")
    shop.change("INSERT INTO orders VALUES (4, 4.5)")
    found = shop.refreshed(schedule="sd_x", missed=2)
    version = shop.store.get(Version, found["version"], "ann")
    assert (version.number, version.rows) == (2, 4)
    (kept,) = shop.history()
    assert (kept.state, kept.version, kept.schedule, kept.missed) == ("done", version.id, "sd_x", 2)
    changes = refresh.Changes.model_validate(kept.changes)
    assert (changes.added, changes.removed, changes.changed, changes.key) == (1, 0, 1, ("id",))


def test_nothing_new_makes_no_version(shop: Shop) -> None:
    assert shop.refreshed()["version"] is None
    assert len(tables.versions(shop.store, shop.dataset, "ann")) == 1
    assert shop.history()[0].version is None


def test_a_refresh_that_fails_is_in_the_history(shop: Shop) -> None:
    shop.change("DROP TABLE orders")
    with pytest.raises(BadInput):
        shop.refreshed()
    (kept,) = shop.history()
    assert kept.state == "failed"
    assert kept.error is not None
    assert "no such table" in str(kept.error["message"]) + str(kept.error["values"])


def test_a_broken_rule_stops_a_refresh(shop: Shop) -> None:
    rule = Rule.from_json({"kind": "unique", "columns": ["price"], "severity": "error"})
    rules.put(shop.store, "ann", shop.dataset, rule)
    shop.change("UPDATE orders SET price = 7")
    with pytest.raises(BadInput, match="not taken over"):
        shop.refreshed()
    assert len(tables.versions(shop.store, shop.dataset, "ann")) == 1
    shop.change("UPDATE orders SET price = id")
    assert shop.refreshed()["version"]


def test_the_steps_of_earlier_versions_are_applied_to_what_is_read_again(shop: Shop) -> None:
    shop.change("INSERT INTO orders VALUES (4, NULL)")
    read = shop.refreshed()["version"]
    steps: list[dict[str, Any]] = [{"kind": "fill_missing", "columns": ["price"], "method": "mean"}]
    made = shop.call("materialise", version=read, recipe=steps)
    steps = [{"kind": "derived_column", "name": "double", "formula": "price * 2"}]
    shop.call("materialise", version=made["version"], recipe=steps)
    assert [one.number for one in refresh.stepped(shop.store, shop.dataset, "ann")] == [3, 4]
    shop.change("UPDATE orders SET price = 7 WHERE price IS NOT NULL")
    found = shop.refreshed()
    assert shop.history()[0].made == found["made"]
    newest, between, reading = tables.versions(shop.store, shop.dataset, "ann")[:3]
    assert (newest.id, between.parent, reading.id) == (found["made"], found["version"], found["version"])
    rows = DuckEngine(threads=1).rows(tables.table(shop.store, newest).query)
    assert rows["double"].to_pylist() == [14.0] * 4  # the mean was learned anew
    assert [one.number for one in refresh.stepped(shop.store, shop.dataset, "ann")] == [6, 7]


def test_steps_are_left_alone_where_the_dataset_is_set_so(shop: Shop) -> None:
    (first,) = tables.versions(shop.store, shop.dataset, "ann")
    steps: list[dict[str, Any]] = [{"kind": "fill_missing", "columns": ["price"], "method": "mean"}]
    shop.call("materialise", version=first.id, recipe=steps)
    refresh.apply_again(shop.store, shop.dataset, "ann", on=False)
    shop.change("INSERT INTO orders VALUES (4, NULL)")
    found = shop.refreshed()
    assert (found["made"], len(tables.versions(shop.store, shop.dataset, "ann"))) == (None, 3)
    assert shop.history()[0].error is None
    refresh.apply_again(shop.store, shop.dataset, "ann", on=True)
    shop.change("INSERT INTO orders VALUES (5, NULL)")
    assert shop.refreshed()["made"], "the steps are still known"


def test_steps_that_do_not_fit_are_told_and_what_was_read_is_kept(shop: Shop) -> None:
    (first,) = tables.versions(shop.store, shop.dataset, "ann")
    steps = [{"kind": "fill_missing", "columns": ["price"], "method": "mean"}]
    shop.call("materialise", version=first.id, recipe=steps)
    shop.change("ALTER TABLE orders RENAME COLUMN price TO cost")
    found = shop.refreshed()
    assert (found["made"], len(tables.versions(shop.store, shop.dataset, "ann"))) == (None, 3)
    (kept,) = shop.history()
    assert (kept.state, kept.version) == ("done", found["version"])
    assert kept.error is not None
    assert "no column 'price'" in kept.error["message"]


def test_datasets_are_found_by_their_connection(shop: Shop) -> None:
    (found,) = refresh.datasets(shop.store, shop.connection.id, "ann")
    assert found[0].id == shop.dataset
    assert refresh.datasets(shop.store, "cn_other", "ann") == []
    tables.remove(shop.store, shop.dataset, "ann")
    assert shop.store.list(Dataset, "ann") == []
    assert refresh.parameters(shop.store, shop.dataset, "ann") is None
