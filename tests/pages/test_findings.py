"""The page of findings: the search, the list, its filters, the way into a chart, and nothing to find."""

from __future__ import annotations

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.findings import Findings
from core.selection import Selection
from core.store import LOCAL, Job, Version
from core.store.records import Dashboard, Found
from core.within import Within
from tests.pages.conftest import HOSTILE, Screen
from ui import linked
from ui.behind import pack

PAGE = "pages/explore/findings.py"


def houses(rows: int = 200) -> pa.Table:
    rng = np.random.default_rng(1)
    area = rng.uniform(20, 120, size=rows)
    old = rng.uniform(size=rows) < 0.4
    heat = np.where(rng.uniform(size=rows) < 0.05 + 0.8 * old, None, rng.choice(["gas", "oil"], size=rows))
    return pa.table(
        {"area": area, "rent": 10 * area + rng.normal(0, 60, size=rows), "old": old, "heat": pa.array(heat)}
    )


def searched(screen: Screen, table: pa.Table, **address: str) -> Version:
    dataset, version = screen.add_table("houses", table)
    screen.open(PAGE, dataset=dataset.id, **address)
    screen.work()
    screen.app.run()
    assert not screen.app.exception
    return version


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_findings_are_told_with_their_charts(screen: Screen) -> None:
    version = searched(screen, houses())
    said = screen.texts()
    assert "rise together: Spearman's correlation" in said
    assert "heat is missing in" in said
    assert "looks at 200 rows" in said
    (kept,) = screen.store.list(Found, LOCAL, version=version.id)
    told = Findings.from_json(json.loads(screen.store.place(kept.object, LOCAL).read_text()))
    charts = screen.app.get("plotly_chart")
    assert len(charts) == min(5, len(told.findings))
    drawn = [chart.proto.spec for chart in charts]
    assert any("heat is missing" in spec for spec in drawn)
    screen.app.run()  # kept: no second search
    assert len([job for job in screen.store.list(Job, LOCAL) if job.task == "find"]) == 1


def test_a_chart_opens_with_its_rows(screen: Screen) -> None:
    searched(screen, houses())
    app = screen.app
    app.multiselect(key="findings.kinds").set_value(["missing"]).run()
    assert len(app.get("plotly_chart")) == 1
    app.button(key="findings.0.open").click().run()
    assert not app.exception
    assert json.loads(app.query_params["chart"])["kind"] == "bar"
    assert json.loads(app.query_params["limits"]) == [
        {"marks": [{"parts": [{"column": "heat", "missing": True}]}]}
    ]


def test_findings_of_one_kind_and_column(screen: Screen) -> None:
    searched(screen, houses())
    app = screen.app
    app.multiselect(key="findings.columns").set_value(["rent"]).run()
    assert "rise together" in screen.texts()
    assert "heat is missing" not in screen.texts()
    app.multiselect(key="findings.kinds").set_value(["missing"]).run()
    assert not app.exception
    assert "No finding is of these kinds and columns." in screen.texts()


def test_nothing_to_find_and_too_few_rows(screen: Screen) -> None:
    rng = np.random.default_rng(0)
    searched(screen, pa.table({"a": rng.normal(size=80), "b": rng.normal(size=80)}))
    assert "Nothing here goes beyond chance" in screen.texts()
    searched(screen, houses(1))
    assert "fewer than 20 rows" in screen.texts()


def test_hostile_names_are_shown_as_they_are(screen: Screen) -> None:
    table = houses()
    names = [HOSTILE, f"{HOSTILE} 2", "old", f"{HOSTILE} 3"]
    groups = pc.if_else(table.column("old"), HOSTILE, "b")
    searched(screen, table.rename_columns(names).set_column(2, "old", groups))
    assert "](http" not in screen.texts()
    assert not re.search(r"(?<!\\)<img", screen.texts())


def test_a_profile_says_which_columns_only_name_rows(screen: Screen) -> None:
    rng = np.random.default_rng(2)
    table = houses().append_column("id", pa.array(rng.permutation(200) + 100_000))
    dataset, version = screen.add_table("houses", table)
    screen.store.add(
        Job(owner=LOCAL, task="profile", params={"version": version.id}, title="p", subject=version.id)
    )
    screen.work()
    screen.open(PAGE, dataset=dataset.id)
    screen.work()
    (job,) = [job for job in screen.store.list(Job, LOCAL) if job.task == "find"]
    assert job.params["meanings"] == {"id": "identifier"}


def test_a_deleted_table_takes_its_findings_with_it(screen: Screen) -> None:
    from core.store import tables

    version = searched(screen, houses())
    tables.remove(screen.store, version.dataset, LOCAL)
    assert screen.store.list(Found, LOCAL) == []


def test_findings_of_a_selection_stand_in_the_address(screen: Screen) -> None:
    dataset, _ = screen.add_table("houses", houses())
    old = Selection.of(Within(column="old", values=("true",)))
    app = screen.open(PAGE, dataset=dataset.id, of=pack([old]))
    screen.work()
    app.run()
    assert not app.exception
    said = screen.texts()
    assert re.search(r"Found among the \*\*rows where old is true\*\*: \d+ of 200, version 1", said)
    assert "rise together" in said
    (job,) = [job for job in screen.store.list(Job, LOCAL) if job.task == "find"]
    assert job.params["selections"] == [old.to_json()]
    app.button(key="findings.of.all").click().run()
    assert "of" not in app.query_params
    screen.work()
    app.run()
    assert "looks at 200 rows" in screen.texts()


def test_an_address_of_other_rows_is_said_and_all_are_looked_at(screen: Screen) -> None:
    gone = Selection.of(Within(column="gone", values=("a",)))
    dataset, _ = screen.add_table("houses", houses())
    app = screen.open(PAGE, dataset=dataset.id, of=pack([gone]))
    assert "not of this table" in app.warning[0].value
    screen.work()
    app.run()
    assert "looks at 200 rows" in screen.texts()


def test_a_long_selection_is_kept_and_found_again(screen: Screen) -> None:
    dataset, _ = screen.add_table("houses", houses())
    rng = np.random.default_rng(0)
    many = tuple(f"{rng.integers(0, 10**12)}" for _ in range(1_500))
    selection = Selection.of(Within(column="heat", values=(*many, "gas")))
    short = linked.written([selection])
    assert short is not None
    assert len(short) < 100
    assert linked.written([selection]) == short
    app = screen.open(PAGE, dataset=dataset.id, of=short)
    assert not app.exception
    assert not app.warning
    assert "Found among" in screen.texts()


def test_a_finding_is_put_onto_a_dashboard(screen: Screen) -> None:
    version = searched(screen, houses())
    app = screen.app
    app.multiselect(key="findings.kinds").set_value(["relation"]).run()
    app.button(key="findings.0.dash.add").click().run()
    assert not app.exception
    (record,) = screen.store.list(Dashboard, LOCAL)
    assert record.dataset == version.dataset
    assert [tile["chart"]["kind"] for tile in record.tiles] == ["scatter"]


def test_a_finding_says_how_sure_it_is_and_how_it_was_tested(screen: Screen) -> None:
    searched(screen, houses())
    (one,) = [c for c in screen.app.caption if c.value.startswith("Spearman's correlation")]
    assert re.search(r"correlation: 0\.\d+, from 0\.\d+ to 0\.\d+\. By chance", one.value)
    assert "Benjamini and Yekutieli" in one.proto.help
