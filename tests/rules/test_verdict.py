"""All rules of a dataset on its versions: what they say is kept, and can stop what is about to be kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import rules, tasks
from core.contracts import Recorded, Table
from core.engine.duckdb import DuckEngine
from core.jobs.work import Work
from core.profile import profile
from core.recipe import Recipe, add
from core.rules.columns import AllowedValues, InOtherTable, InRange, NotMissing
from core.rules.tables import Fresh, RowCount, Unique
from core.steps.missing import DropMissing
from core.store import Store, Version, tables
from core.store.records import RuleResult, RuleSet

OWNER = "ann"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add_table(store: Store, engine: DuckEngine, dataset: str | None = None, **columns: Any) -> Version:
    with store.new_object(OWNER, ".parquet") as made:
        pq.write_table(pa.table(columns), made.path)
        from core.engine.duckdb import stored

        shape, rows = engine.schema(stored(made.path)), pq.read_metadata(made.path).num_rows
    if dataset is None:
        return tables.add_dataset(store, OWNER, "t", object=made, columns=shape, rows=rows)[1]
    return tables.add_version(store, OWNER, dataset, object=made, columns=shape, rows=rows)


def call(store: Store, task: str, **params: object) -> dict[str, Any]:
    scratch = store.home / "scratch" / "test"
    scratch.mkdir(parents=True, exist_ok=True)
    work = Work(store=store, owner=OWNER, params=params, watch=Recorded(), scratch=scratch, job="jb_test")
    return tasks.TASKS[task](work)


def test_a_broken_error_rule_stops_and_a_broken_warning_does_not(store: Store, engine: DuckEngine) -> None:
    version = add_table(store, engine, x=[1, None])
    table = tables.table(store, version)
    assert not rules.verdict(store, OWNER, version.dataset, table, engine).stops
    id = rules.put(store, OWNER, version.dataset, NotMissing(column="x", severity="warning"))
    found = rules.verdict(store, OWNER, version.dataset, table, engine)
    assert (found.outcome, found.stops) == ("warning", False)
    rules.put(store, OWNER, version.dataset, NotMissing(column="x"), id)
    found = rules.verdict(store, OWNER, version.dataset, table, engine)
    assert found.stops
    assert str(found.said()) == '1 rule is broken: "x" has a value.'
    rules.drop(store, OWNER, version.dataset, id)
    assert rules.rules_of(store, OWNER, version.dataset).rules == []


def test_the_task_keeps_what_the_rules_say_of_a_version(store: Store, engine: DuckEngine) -> None:
    version = add_table(store, engine, x=[1, None, 3])
    id = rules.put(store, OWNER, version.dataset, NotMissing(column="x"))
    assert call(store, "check_rules", version=version.id)["outcome"] == "error"
    (kept,) = store.list(RuleResult, OWNER, dataset=version.dataset)
    broken = rules.failing(store, kept, id)
    assert broken is not None
    assert engine.rows(broken.query)["__row__"].to_pylist() == [1]


def test_rules_are_checked_on_the_version_that_a_recipe_makes(store: Store, engine: DuckEngine) -> None:
    version = add_table(store, engine, x=[1, None, 3])
    rules.put(store, OWNER, version.dataset, NotMissing(column="x"))
    recipe = add(Recipe(), DropMissing(columns=("x",)))
    made = call(store, "materialise", version=version.id, recipe=recipe.to_json())
    (kept,) = store.list(RuleResult, OWNER, dataset=version.dataset)
    assert (kept.version, kept.outcome) == (made["version"], "ok")


def test_versions_that_were_read_are_compared_with_versions_that_were_read(
    store: Store, engine: DuckEngine
) -> None:
    first = add_table(store, engine, x=list(range(100)))
    for _ in range(3):
        add_table(store, engine, first.dataset, x=list(range(100)))
    rules.put(store, OWNER, first.dataset, RowCount())
    half = Table(tables.table(store, first).query.limit(50), first.columns)
    assert rules.verdict(store, OWNER, first.dataset, half, engine).stops
    # no version was made by a recipe yet, so nothing is typical of one
    assert not rules.verdict(store, OWNER, first.dataset, half, engine, made=True).stops
    # to the second version, only the first was known
    assert not rules.verdict(store, OWNER, first.dataset, half, engine, before=2).stops


def test_a_rule_looks_in_the_newest_version_of_the_other_table(store: Store, engine: DuckEngine) -> None:
    codes = add_table(store, engine, id=["a"])
    version = add_table(store, engine, code=["a", "b"])
    rules.put(store, OWNER, version.dataset, InOtherTable(column="code", table=codes.id, key="id"))
    table = tables.table(store, version)
    assert rules.verdict(store, OWNER, version.dataset, table, engine).stops
    newer = add_table(store, engine, codes.dataset, id=["a", "b"])
    assert rules.references(store, OWNER, version.dataset) == {codes.id: newer.id}
    assert not rules.verdict(store, OWNER, version.dataset, table, engine).stops


def test_rules_go_with_their_dataset(store: Store, engine: DuckEngine) -> None:
    version = add_table(store, engine, x=[1])
    rules.put(store, OWNER, version.dataset, NotMissing(column="x"))
    call(store, "check_rules", version=version.id)
    tables.remove(store, version.dataset, OWNER)
    assert store.list(RuleSet, OWNER) == []
    assert store.list(RuleResult, OWNER) == []


def test_suggested_rules_hold_on_the_table_they_are_drawn_from(engine: DuckEngine, table_of) -> None:
    today = dt.date(2024, 6, 10)
    table = table_of(
        id=list(range(60)),
        region=["North", "South", "East"] * 20,
        price=[float(i % 17) for i in range(60)],
        day=pa.array([today - dt.timedelta(days=i) for i in range(60)], pa.date32()),
        gap=[None, 1] * 30,
    )
    now = dt.datetime(2024, 6, 11)
    found = rules.suggest(profile(table, engine), now)
    assert {type(rule) for rule in found} == {Unique, RowCount, Fresh, NotMissing, AllowedValues, InRange}
    given = rules.Given(table=table, rows=60, now=now)
    checked = rules.check([(str(n), rule) for n, rule in enumerate(found)], given, engine)
    assert {result.found.outcome for result in checked} == {"ok"}
    assert rules.suggest(profile(table, engine), now, known=found) == []
