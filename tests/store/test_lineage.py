"""Lineage: from a table version to everything behind it, and what was made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.contracts import Column
from core.errors import NotFound
from core.store import LOCAL, Store, Version, tables
from core.store.lineage import MOST, Lineage, lineage
from core.store.records import Connection, Prediction, Run, SavedChart

COLUMNS = (Column(name="x", type="integer"),)
STEPS = ({"kind": "drop_duplicates"}, {"kind": "drop_missing", "columns": ["x"]})
TRIM = {"steps": [{"step": step} for step in STEPS]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add(
    store: Store, name: str = "t", dataset: str | None = None, owner: str = LOCAL, **more: Any
) -> Version:
    with store.new_object(owner, ".parquet") as made:
        made.path.write_bytes(b"rows")
    kept: dict[str, Any] = {"object": made, "columns": COLUMNS, "rows": 3, **more}
    if dataset:
        return tables.add_version(store, owner, dataset, **kept)
    return tables.add_dataset(store, owner, name, **kept)[1]


def told(found: Lineage) -> list[str]:
    return [str(node.title) for node in found.nodes]


def edges(found: Lineage) -> set[tuple[str, str]]:
    names = {node.id: str(node.title) for node in found.nodes}
    return {(names[start], names[end]) for start, end in found.edges}


def test_from_a_file_through_a_recipe(store: Store) -> None:
    read = add(store, "sales", source={"kind": "delimited_file"}, origin="sales.csv")
    made = add(store, dataset=read.dataset, parent=read.id, recipe=TRIM, origin="sales.csv")
    found = lineage(store, LOCAL, made.id)
    assert told(found) == ["sales.csv", "sales, version 1", "2 steps", "sales, version 2"]
    assert [one.id for one in found.before(made.id)] == [f"recipe {made.id}"]
    assert len(found.nodes[2].steps) == 2
    assert str(found.nodes[0].detail) == "Text file (CSV, TSV, ...)"


def test_a_join_leads_to_both_tables(store: Store) -> None:
    codes = add(store, "codes", source={"kind": "delimited_file"}, origin="codes.csv")
    read = add(store, "sales", source={"kind": "delimited_file"}, origin="sales.csv")
    step = {"kind": "join", "table": codes.id, "keys": [{"column": "x", "other": "x"}]}
    made = add(store, dataset=read.dataset, parent=read.id, recipe={"steps": [{"step": step}]})
    found = lineage(store, LOCAL, made.id)
    assert {("codes, version 1", "1 step"), ("sales, version 1", "1 step")} <= edges(found)
    assert told(found)[-1] == "sales, version 2"
    assert "sales, version 2" in told(lineage(store, LOCAL, codes.id))


def test_a_query_and_a_database(store: Store) -> None:
    place = store.add(Connection(owner=LOCAL, name="shop", settings={"kind": "postgres"}))
    reading = {"schema_name": "public", "table": "orders", "query": ""}
    source = {"kind": "database", "connection": place.id, "reading": reading}
    first = add(store, "orders", source=source, origin="shop: public.orders")
    source = {"kind": "statement", "statement": "SELECT 1", "tables": {"orders": first.id}}
    made = add(store, "summed", source=source)
    found = lineage(store, LOCAL, made.id)
    assert told(found) == [
        "Database shop", "Table public.orders", "orders, version 1", "SQL query", "summed, version 1",
    ]  # fmt: skip
    store.delete(Connection, place.id, LOCAL)
    assert "Database shop" in told(lineage(store, LOCAL, made.id))


def test_what_was_made_from_it(store: Store) -> None:
    version = add(store)
    run = store.add(Run(owner=LOCAL, version=version.id, spec={"target": "x"}, state="done"))
    store.add(SavedChart(owner=LOCAL, version=version.id, name="Bars", chart={}))
    store.add(Prediction(owner=LOCAL, run=run.id, version=version.id, object="ob_x"))
    add(store, "next", parent=version.id, recipe=TRIM)
    found = edges(lineage(store, LOCAL, version.id))
    assert {
        ("t, version 1", "A model of x"), ("t, version 1", "Bars"), ("A model of x", "Predictions"),
        ("t, version 1", "2 steps"), ("2 steps", "next, version 1"),
    } <= found  # fmt: skip


def test_a_table_that_is_gone_is_named_as_such(store: Store) -> None:
    read = add(store, "sales")
    made = add(store, "clean", parent=read.id, recipe=TRIM)
    tables.remove(store, read.dataset, LOCAL)
    assert "a table that is no longer there" in told(lineage(store, LOCAL, made.id))


def test_another_owners_tables_are_not_seen(store: Store) -> None:
    version = add(store, owner="ann")
    with pytest.raises(NotFound):
        lineage(store, LOCAL, version.id)
    mine = add(store, "mine", parent=version.id, recipe=TRIM)
    assert "t, version 1" not in told(lineage(store, LOCAL, mine.id))
    assert "mine, version 1" not in told(lineage(store, "ann", version.id))


def test_a_long_past_is_bounded_and_counted(store: Store) -> None:
    version = add(store)
    for _ in range(MOST):
        version = add(store, dataset=version.dataset, parent=version.id, recipe={"steps": []})
    found = lineage(store, LOCAL, version.id)
    assert len(found.nodes) <= MOST + 2
    assert found.left_out == 1
