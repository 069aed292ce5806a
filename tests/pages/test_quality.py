"""The quality page: empty, with suggestions, checked in a job, and one rule at length."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from core import rules
from core.rules.columns import InRange, NotMissing
from core.rules.tables import Unique
from core.store import LOCAL, Dataset, tables
from core.store.records import RuleResult
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/data/quality.py"


def said(screen: Screen) -> list[str]:
    (dataset,) = screen.store.list(Dataset, LOCAL)
    entries = rules.rules_of(screen.store, LOCAL, dataset.id).rules
    return [str(rules.Rule.from_json(entry["rule"]).describe()) for entry in entries]


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_without_a_profile_it_leads_to_making_one(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    assert "There is no rule yet" in screen.texts()
    assert app.button(key="quality.profile")
    assert screen.store.list(RuleResult, LOCAL) == []


def test_a_rule_is_added_checked_in_a_job_and_shown_with_its_rows(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    app.selectbox(key="quality.kind").set_value("not_missing").run()
    app.selectbox(key="quality.form.new.not_missing.column").set_value("price").run()
    app.button(key="quality.keep").click().run()
    assert said(screen) == ['"price" has a value']
    (job,) = screen.work()
    assert (job.task, job.state) == ("check_rules", "done")
    app = screen.open(PAGE)
    assert not app.exception
    assert "1 rule is broken" in screen.texts()
    assert "1 of 12 rows breaks it" in screen.texts()
    (shown,) = [button for button in app.button if button.label == "Show"]
    shown.click().run()
    assert not app.exception
    (grid,) = app.get("bidi_component")
    columns = {column["name"]: column for column in json.loads(grid.proto.json)["columns"]}
    assert columns["id"]["cells"] == ["3"]
    assert "1 row to look at" in screen.texts()


def test_suggestions_become_rules_that_hold(screen: Screen) -> None:
    screen.add_table()
    screen.open("pages/data/profile.py")
    screen.work()
    app = screen.open(PAGE)
    app.button(key="quality.suggested").click().run()
    assert len(said(screen)) > 3
    screen.work()
    app = screen.open(PAGE)
    assert not app.exception
    assert not app.error
    assert "rules hold" in screen.texts()


def test_a_changed_rule_is_checked_again(screen: Screen) -> None:
    dataset, _ = screen.add_table()
    id = rules.put(screen.store, LOCAL, dataset.id, InRange(column="price", least=0))
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    assert "1 rule is broken" in screen.texts()
    rules.put(screen.store, LOCAL, dataset.id, InRange(column="price", least=-10), id)
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    assert "The rule holds" in screen.texts()


def test_the_history_over_versions_is_drawn(screen: Screen) -> None:
    dataset, version = screen.add_table()
    id = rules.put(screen.store, LOCAL, dataset.id, Unique(columns=("id",)))
    for _ in range(2):
        with screen.store.new_object(LOCAL, ".parquet") as made:
            made.path.write_bytes(screen.store.place(version.object, LOCAL).read_bytes())
        newest = tables.add_version(
            screen.store, LOCAL, dataset.id, object=made, columns=version.columns, rows=12
        )
        screen.open(PAGE, version=newest.id)
        screen.work()
    app = screen.open(PAGE, version=newest.id)
    next(button for button in app.button if button.key == f"quality.{id}.show").click().run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 2


def test_a_rule_on_a_column_that_is_gone_says_so(screen: Screen) -> None:
    dataset, _ = screen.add_table()
    rules.put(screen.store, LOCAL, dataset.id, NotMissing(column="salary"))
    screen.open(PAGE)
    screen.work()
    app = screen.open(PAGE)
    assert not app.exception
    assert "salary" in screen.texts()


def test_hostile_names_are_shown_as_they_are(screen: Screen) -> None:
    dataset, _ = screen.add_table("t", pa.table({HOSTILE: pa.array(["a", None], pa.string())}))
    rules.put(screen.store, LOCAL, dataset.id, NotMissing(column=HOSTILE))
    screen.open(PAGE)
    screen.work()
    app = screen.open(PAGE)
    assert not app.exception
    words: Any = screen.texts()
    assert "](http://evil" not in words
