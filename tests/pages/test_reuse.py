"""The clean page: steps copied to another table, templates, and the report of what does not fit."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.store import LOCAL, Draft, Version, tables
from core.store.records import Template
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/data/clean.py"


def draft(screen: Screen, version: Version, *steps: dict[str, Any]) -> None:
    entries = [{"step": step, "active": True, "learned": None} for step in steps]
    screen.store.add(Draft(owner=LOCAL, version=version.id, steps=entries))


def steps(screen: Screen, version: Version) -> list[tuple[str, bool, Any]]:
    (kept,) = screen.store.list(Draft, LOCAL, version=version.id)
    return [(entry["step"]["kind"], entry["active"], entry["learned"]) for entry in kept.steps]


FILL = {"kind": "fill_missing", "columns": ["price"], "method": "median"}
TRIM = {"kind": "trim_text", "columns": ["city"]}


def two(screen: Screen, **other: Any) -> tuple[Version, Version]:
    there = pa.table({"price": [1.0, None, 1.0], "city": ["a ", "b", "c"]})
    _, first = screen.add_table("there", there)
    draft(screen, first, FILL, TRIM)
    _, second = screen.add_table("here", pa.table(other or {"price": [5.0, None], "city": ["x", "y "]}))
    return first, second


def go(screen: Screen, version: Version) -> Any:
    return screen.open(PAGE, dataset=version.dataset, version=version.id)


def test_chosen_steps_are_copied_to_another_table(screen: Screen) -> None:
    first, second = two(screen)
    app = go(screen, first)
    app.multiselect(key="clean.copy.steps").set_value([1]).run()
    app.button(key="clean.copy").click().run()
    app = go(screen, second)
    assert app.button(key="clean.paste").label == "Paste 1 step from there"
    app.button(key="clean.paste").click().run()
    assert not app.exception
    assert "All steps fit this table" in screen.texts()
    app.button(key="clean.taken.add").click().run()
    assert steps(screen, second) == [("trim_text", True, None)]
    assert "made for" not in screen.texts()


def test_a_template_asks_for_missing_columns_and_switches_off_what_does_not_fit(screen: Screen) -> None:
    first, second = two(screen, unit_price=[5.0, None])
    app = go(screen, first)
    app.text_input(key=f"clean.template.name.{first.id}").set_value("tidy").run()
    app.button(key="clean.template.save").click().run()
    (template,) = screen.store.list(Template, LOCAL)
    assert (template.name, template.origin) == ("tidy", "there")
    assert template.recipe["steps"][0]["learned"] is not None
    app = go(screen, second)
    app.button(key="clean.template.apply").click().run()
    assert not app.exception
    said = screen.texts()
    assert "Step 1" in said
    assert "no column 'price'" in said.replace("\\", "")
    assert "no column 'city'" in said.replace("\\", "")
    app.selectbox(key="clean.taken.0").set_value("unit_price").run()
    assert "no column 'price'" not in screen.texts().replace("\\", "")
    app.button(key="clean.taken.add").click().run()
    assert not app.exception
    assert steps(screen, second) == [
        ("rename_columns", True, None), ("fill_missing", True, None), ("trim_text", False, None),
    ]  # fmt: skip


def test_constants_are_kept_where_a_person_says_so(screen: Screen) -> None:
    first, second = two(screen)
    app = go(screen, first)
    app.button(key="clean.copy").click().run()
    app = go(screen, second)
    app.button(key="clean.paste").click().run()
    assert "1 there, 5 here" in screen.texts()
    app.radio(key="clean.taken.constants").set_value("keep").run()
    assert "1 there, 5 here" not in screen.texts()
    app.button(key="clean.taken.add").click().run()
    assert [kind for kind, _, learned in steps(screen, second) if learned] == ["fill_missing"]
    assert "with the constants of another table" in screen.texts()
    app.button(key="clean.save").click().run()
    (job,) = screen.work()
    made = screen.store.get(Version, str((job.result or {})["version"]), LOCAL)
    from core.engine.duckdb import DuckEngine

    assert DuckEngine().rows(tables.table(screen.store, made).query)["price"].to_pylist() == [5.0, 1.0]


def test_templates_are_deleted_and_taking_over_can_be_left(screen: Screen) -> None:
    first, second = two(screen)
    app = go(screen, first)
    app.button(key="clean.template.save").click().run()
    app = go(screen, second)
    app.button(key="clean.template.apply").click().run()
    app.button(key="clean.taken.cancel").click().run()
    assert not [button for button in app.button if button.key == "clean.taken.add"]
    app.button(key="clean.template.delete").click().run()
    assert screen.store.list(Template, LOCAL) == []
    assert not app.exception


def test_hostile_names_are_shown_as_they_are(screen: Screen) -> None:
    _, first = screen.add_table(HOSTILE, pa.table({HOSTILE: ["a ", "b"]}))
    draft(screen, first, {"kind": "trim_text", "columns": [HOSTILE]})
    _, second = screen.add_table("here", pa.table({"x": ["a"]}))
    app = go(screen, first)
    app.button(key="clean.copy").click().run()
    app.button(key="clean.template.save").click().run()
    app = go(screen, second)
    app.button(key="clean.paste").click().run()
    assert not app.exception
    assert "](http://evil" not in screen.texts()


def test_the_steps_of_an_earlier_version_are_applied_to_a_newer_one(screen: Screen) -> None:
    first, _ = two(screen)
    app = go(screen, first)
    app.button(key="clean.save").click().run()
    screen.work()
    rows = pa.table({"price": [None, 7.0], "city": ["x ", "y"]})
    with screen.store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    newer = tables.add_version(
        screen.store, LOCAL, first.dataset, object=made, columns=first.columns, rows=2, origin="next.csv"
    )
    app = go(screen, newer)
    assert app.button(key="clean.template.delete").disabled
    app.button(key="clean.template.apply").click().run()
    assert not app.exception
    assert "Steps of version 2" in screen.texts()
    app.button(key="clean.taken.add").click().run()
    assert steps(screen, newer) == [("fill_missing", True, None), ("trim_text", True, None)]
