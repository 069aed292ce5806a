"""What reads a dataset is named before it is removed, and what goes with it is what the store removes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import readers, rules, schedules
from core.contracts import Column
from core.rules import Rule
from core.store import LOCAL, Dataset, Store, Version, tables
from core.store.records import Connection, Draft, Run, SavedChart, SavedQuery, Template

COLUMNS = (Column(name="x", type="integer"),)


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


def join(other: Version) -> dict[str, Any]:
    return {"kind": "join", "table": other.id, "keys": [{"column": "x", "other": "x"}]}


def broken(store: Store, version: Version) -> list[str]:
    return [str(note) for note in readers.readers(store, LOCAL, version.dataset).broken]


def test_nothing_reads_a_table_that_stands_alone(store: Store) -> None:
    alone = add(store, "alone")
    add(store, "codes")
    add(store, dataset=alone.dataset, parent=alone.id, recipe={"steps": []})  # its own next version
    found = readers.readers(store, LOCAL, alone.dataset)
    assert (found.broken, found.gone) == ([], [])


def test_joins_recipes_and_statements_that_made_tables_are_named(store: Store) -> None:
    codes = add(store, "codes")
    sales = add(store, "sales")
    recipe = {"steps": [{"step": join(codes)}]}
    for _ in range(2):  # of each dataset the newest version is told, once
        add(store, dataset=sales.dataset, parent=sales.id, recipe=recipe)
    add(store, "derived", parent=codes.id, recipe={"steps": [{"step": {"kind": "drop_duplicates"}}]})
    add(store, "asked", source={"kind": "statement", "tables": {"codes": codes.id}})
    assert sorted(broken(store, codes)) == [
        "the statement that made “asked”, version 1",
        "the steps that made “derived”, version 1, from it",
        "the steps that made “sales”, version 3: they join it or add its rows",
    ]


def test_drafts_templates_rules_and_saved_statements_are_named(store: Store) -> None:
    codes, sales = add(store, "codes"), add(store, "sales")
    store.add(Draft(owner=LOCAL, version=sales.id, steps=[{"step": join(codes)}]))
    store.add(Template(owner=LOCAL, name="With codes", recipe={"steps": [join(codes)]}, columns=COLUMNS))
    rule = Rule.from_json({"kind": "in_other_table", "column": "x", "table": codes.id, "key": "x"})
    rules.put(store, LOCAL, sales.dataset, rule)
    for name, text in (("counts", "SELECT x FROM CODES"), ("first", 'SELECT 1 FROM "codes@1"')):
        store.add(SavedQuery(owner=LOCAL, name=name, text=text))
    store.add(SavedQuery(owner=LOCAL, name="another", text="SELECT 'codes' FROM sales -- codes"))
    assert sorted(broken(store, codes)) == [
        'a rule of “sales”: "x" stands in "x" of another table',
        "the recipe being edited on “sales”",
        "the saved statement “counts”",
        "the saved statement “first”",
        "the template “With codes”",
    ]
    assert broken(store, sales) == ["the saved statement “another”"]


def test_a_schedule_whose_steps_read_it_is_named(store: Store) -> None:
    codes = add(store, "codes")
    shop = store.add(Connection(owner=LOCAL, name="shop", settings={})).id
    read = add(store, "sales", source={"kind": "database", "connection": shop})
    add(store, dataset=read.dataset, parent=read.id, recipe={"steps": [{"step": join(codes)}]})
    schedules.put(store, LOCAL, read.dataset, shop, "0 6 * * *", "UTC", datetime.now(UTC))
    assert "the schedule of “sales”: its steps read it after each refresh" in broken(store, codes)
    assert [str(note) for note in readers.readers(store, LOCAL, read.dataset).gone] == ["its schedule"]


def test_what_goes_with_it_is_named(store: Store) -> None:
    sales = add(store, "sales")
    store.add(SavedChart(owner=LOCAL, version=sales.id, name="By month", chart={}))
    store.add(Run(owner=LOCAL, version=sales.id, spec={"target": "x"}))
    rules.put(store, LOCAL, sales.dataset, Rule.from_json({"kind": "unique", "columns": ["x"]}))
    found = readers.readers(store, LOCAL, sales.dataset)
    assert [str(note) for note in found.gone] == ["the chart “By month”", "a model of “x”", "1 rule"]
    tables.remove(store, sales.dataset, LOCAL)
    assert store.list(SavedChart, LOCAL) == store.list(Run, LOCAL) == store.list(Dataset, LOCAL) == []


def test_nobody_elses_tables_are_told(store: Store) -> None:
    codes = add(store, "codes")
    theirs = add(store, "theirs", owner="somebody")
    add(
        store, dataset=theirs.dataset, owner="somebody", parent=theirs.id,
        recipe={"steps": [{"step": join(codes)}]},
    )  # fmt: skip
    assert broken(store, codes) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('SELECT * FROM "a""b"', True),
        ("SELECT * FROM ab", False),
        ("SELECT 'it''s \"a\"\"b\"'", False),
        ('/* "a""b" */ SELECT 1', False),
    ],
)
def test_names_in_quotes_are_read_as_sql_reads_them(text: str, found: bool) -> None:
    assert readers.mentions(text, ['a"b']) is found
