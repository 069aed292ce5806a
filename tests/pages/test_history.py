"""The history page: versions, and two of them compared in a job."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.store import LOCAL, Dataset, Version, tables
from core.store.records import Compared, SavedChart
from tests.pages.conftest import HOSTILE, Screen
from tests.pages.trained import clean

PAGE = "pages/data/history.py"


def add_version(screen: Screen, version: Version, rows: pa.Table) -> Version:
    with screen.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    return tables.add_version(
        screen.store, LOCAL, version.dataset, object=made, columns=version.columns, rows=rows.num_rows
    )


def two(screen: Screen, name: str = "x") -> tuple[Dataset, Version, Version]:
    before = pa.table({"id": [1, 2, 3], name: ["a", "b", "c"]})
    dataset, version = screen.add_table("t", before)
    after = pa.table({"id": [2, 3, 4, 5], name: ["b", f"{HOSTILE}", None, "d"]})
    return dataset, version, add_version(screen, version, after)


def grid(screen: Screen) -> dict[str, Any]:
    (shown,) = screen.app.get("bidi_component")
    return {column["name"]: column for column in json.loads(shown.proto.json)["columns"]}


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_a_single_version_has_nothing_to_compare_with(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    assert not app.exception
    assert "nothing to compare with" in screen.texts()


def test_versions_say_how_they_came_about(screen: Screen) -> None:
    _, version = screen.add_table()
    new = clean(screen, version, {"kind": "drop_missing", "columns": ["price"]})
    app = screen.open(PAGE)
    said = screen.texts()
    assert not app.exception
    assert "1 step on version 1" in said
    assert "-1 rows" in said.replace("\\", "")
    assert "read from example" in said
    app.button(key=f"history.{version.id}.open").click().run()
    assert app.query_params["version"] == version.id
    assert app.button(key=f"history.{new.id}.open")


def test_two_versions_are_compared_in_a_job(screen: Screen) -> None:
    two(screen)
    app = screen.open(PAGE)
    app.button(key="history.compare").click().run()
    (job,) = screen.work()
    assert (job.task, job.state) == ("compare_versions", "done")
    app = screen.open(PAGE)
    assert not app.exception
    said = screen.texts()
    assert "Rows: 2 added, 1 removed, 1 changed, 1 as they were" in said
    assert "told apart by id" in said
    assert "x: 1" in said
    shown = grid(screen)
    assert shown["x"]["changed"] == {"0": "c"}
    assert "](http://evil" not in said
    app.radio[0].set_value("added").run()
    assert grid(screen)["id"]["cells"] == ["4", "5"]
    app.radio[0].set_value("removed").run()
    assert grid(screen)["id"]["cells"] == ["1"]
    assert "4 rows that differ, with both values" in screen.texts()
    keys = [button.key for button in app.get("download_button")]
    assert {"history.download.csv", "history.download.parquet"} <= set(keys)


def test_whole_rows_and_chosen_columns_are_compared_as_well(screen: Screen) -> None:
    _, before, after = two(screen)
    app = screen.open(PAGE)
    for way, key in (("whole", []), ("columns", ["id"])):
        app.selectbox(key="history.way").set_value(way).run()
        if key:
            assert not [button for button in app.button if button.key == "history.compare"]
            app.multiselect(key="history.key").set_value(key).run()
        app.button(key="history.compare").click().run()
        screen.work()
        app.run()
        assert not app.exception
        newest = screen.store.list(Compared, LOCAL)[0]
        assert (newest.before, newest.version, newest.key) == (before.id, after.id, key)


def test_two_tables_without_a_common_column(screen: Screen) -> None:
    screen.add_table("one", pa.table({"a": [1]}))
    _, other = screen.add_table("two", pa.table({"b": ["x"]}))
    app = screen.open(PAGE)
    app.button(key="history.compare").click().run()
    screen.work()
    app.run()
    assert not app.exception
    assert "no column in common" in screen.texts()
    assert other.id in [one.version for one in screen.store.list(Compared, LOCAL)]


def test_a_hostile_column_is_shown_as_it_is(screen: Screen) -> None:
    two(screen, HOSTILE)
    app = screen.open(PAGE)
    app.button(key="history.compare").click().run()
    screen.work()
    app.run()
    assert not app.exception
    assert "](http://evil" not in screen.texts()
    assert len(app.get("plotly_chart")) == 2  # how the values spread, and where they come from


def test_where_a_table_comes_from_is_drawn_and_told(screen: Screen) -> None:
    _, version = screen.add_table(HOSTILE)
    new = clean(screen, version, {"kind": "drop_missing", "columns": ["price"]})
    screen.store.add(SavedChart(owner=LOCAL, version=new.id, name="Bars of price", chart={}))
    app = screen.open(PAGE, dataset=new.dataset, version=new.id)
    assert not app.exception
    (chart,) = app.get("plotly_chart")
    drawn = json.loads(chart.proto.spec)
    words = [one["text"] for one in drawn["layout"]["annotations"]]
    assert len(words) == 5
    assert any("Bars of price" in one for one in words)
    assert not any("<img" in one for one in words)
    said = screen.texts().replace("\\", "")
    assert "1 step: Drop rows where any of" in said
    assert "Bars of price, from" in said
    assert "](http://evil" not in said
