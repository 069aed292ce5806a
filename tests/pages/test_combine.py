"""The combine page: a likely key, what a join would find, the result made in a job or as a step."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from core.store import LOCAL, Dataset, Draft, Job, Version
from tests.pages.conftest import HOSTILE, Screen
from tests.pages.test_chinese import english
from ui import match, trial

PAGE = "pages/data/combine.py"
ORDERS = pa.table(
    {"order_id": list(range(12)), "customer": [1, 2, 3, 4] * 2 + [1, 9, 9, None],
     "shop": ["North", "South"] * 6, "code": ["007", "008"] * 6}
)  # fmt: skip
CUSTOMERS = pa.table({"id": [1, 2, 3, 4, 5], "name": ["a", "b", "c", "d", HOSTILE], "shop": ["x"] * 5})
CODES = pa.table({"code": [7, 9], "meaning": ["seven", "nine"]})


def opened(screen: Screen, other: pa.Table = CUSTOMERS, way: str = "join", **address: str) -> Any:
    dataset, version = screen.add_table("orders", ORDERS)
    _, theirs = screen.add_table("customers", other)
    app = screen.open(PAGE, dataset=dataset.id, version=version.id, **address)
    app.selectbox(key=f"combine.other.{dataset.id}").set_value(theirs.id).run()
    if way != "join":
        app.selectbox(key="combine.way").set_value(way).run()
    assert not app.exception
    return app


def columns(app: Any) -> dict[str, list[str]]:
    (grid,) = app.get("bidi_component")
    return {column["name"]: column["cells"] for column in json.loads(grid.proto.json)["columns"]}


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_with_one_table_it_asks_for_another(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    assert not app.exception
    assert "only this table so far" in screen.texts()


def test_a_likely_key_is_chosen_and_its_match_told_before_anything_runs(screen: Screen) -> None:
    app = opened(screen)
    assert "80% of the values of “customer” are in the other table" in screen.texts()
    assert "9 of the 12 rows of “orders” have a partner (75.0%). 1 have no key" in screen.texts()
    assert "9 (2)" in screen.texts().replace("\\", "")
    assert "The result has 12 rows" in screen.texts()
    assert columns(app)["name"][:4] == ["a", "b", "c", "d"]


def test_the_result_and_the_rows_without_a_partner_become_datasets(screen: Screen) -> None:
    app = opened(screen)
    app.selectbox(key="combine.kind").set_value("inner").run()
    assert "The result has 9 rows" in screen.texts()
    app.checkbox(key="combine.alone.left").check().run()
    app.checkbox(key="combine.alone.right").check().run()
    app.button(key="combine.make").click().run()
    (job,) = screen.work()
    assert (job.task, job.state) == ("combine", "done"), job
    app.run()
    assert not app.exception
    rows = {d.name: v.rows for d in screen.store.list(Dataset, LOCAL)
            for v in screen.store.list(Version, LOCAL, dataset=d.id)}  # fmt: skip
    assert rows == {
        "orders": 12, "customers": 5, "orders with customers": 9, "orders without a partner": 3,
        "customers without a partner": 1,
    }  # fmt: skip
    assert "**orders with customers**: 9 rows" in screen.texts()
    assert app.button(key="combine.open.2")


def test_the_join_becomes_a_step_of_the_recipe(screen: Screen) -> None:
    app = opened(screen)
    app.button(key="combine.step").click().run()
    (draft,) = screen.store.list(Draft, LOCAL)
    assert [entry["step"]["kind"] for entry in draft.steps] == ["join"]
    app.button(key="combine.recipe").click().run()
    assert not app.exception
    assert "Join “customers” on" in screen.texts().replace("\\", "")


def test_types_that_differ_are_mended_first(screen: Screen) -> None:
    app = opened(screen, CODES)
    assert "The types differ" in screen.texts()
    assert "6 of the 12 rows" in screen.texts()
    app.button(key="combine.step").click().run()
    (draft,) = screen.store.list(Draft, LOCAL)
    assert [entry["step"]["kind"] for entry in draft.steps] == ["change_type", "join"]


def test_the_other_table_is_changed_where_it_has_to_be(screen: Screen) -> None:
    dataset, version = screen.add_table("codes", CODES)
    _, theirs = screen.add_table("orders", ORDERS.select(["code", "shop"]))
    app = screen.open(PAGE, dataset=dataset.id, version=version.id)
    box = f"combine.other.{dataset.id}"
    app.selectbox(key=box).set_value(theirs.id).run()
    assert "the other table has to change" in screen.texts()
    app.button(key="combine.mend").click().run()
    (job,) = screen.work()
    assert job.state == "done"
    again = Screen(screen.store)
    app = again.open(PAGE, dataset=dataset.id, version=version.id)
    app.selectbox(key=box).set_value(job.result["version"]).run()
    assert not app.exception
    assert "The types differ" not in again.texts()
    assert "1 of the 2 rows of “codes” have a partner" in again.texts()


def test_clean_offers_the_same_steps_with_the_owners_tables(screen: Screen) -> None:
    dataset, version = screen.add_table("orders", ORDERS)
    _, theirs = screen.add_table("customers", CUSTOMERS)
    app = screen.open("pages/data/clean.py", dataset=dataset.id, version=version.id)
    app.selectbox(key="clean.kind").set_value("look_up").run()
    form = "clean.form.new.look_up"
    assert app.selectbox(key=f"{form}.table").options == ["customers  (5 rows)", "orders  (12 rows)"]
    app.selectbox(key=f"{form}.table").set_value(theirs.id).run()
    app.selectbox(key=f"{form}.keys.0.column").set_value("customer").run()
    app.selectbox(key=f"{form}.keys.0.other").set_value("id").run()
    app.selectbox(key=f"{form}.column").set_value("name").run()
    app.button(key="clean.keep").click().run()
    assert not app.exception
    assert "Look up" in screen.texts()
    assert columns(app)["name"][:4] == ["a", "b", "c", "d"]


def test_who_is_lost_is_told_by_group(screen: Screen) -> None:
    app = opened(screen)
    (by,) = [box for box in app.selectbox if str(box.key).startswith("combine.lost.by.left")]
    assert "shop" in by.options
    by.set_value("shop").run()
    assert not app.exception
    told = app.dataframe[0].value
    assert told["Value"].tolist() == ["North", "South"]
    assert told["Rows"].tolist() == [6, 6]
    assert told["Lost"].tolist() == [1, 2]


def test_keys_may_be_chosen_by_hand(screen: Screen) -> None:
    app = opened(screen)
    (key,) = [box for box in app.selectbox if str(box.key).endswith(".likely")]
    key.set_value(-1).run()
    assert not app.exception
    assert "Still to fill in" in screen.texts()
    (mine,) = [box for box in app.selectbox if str(box.key).endswith("join.keys.0.column")]
    mine.set_value("order_id").run()
    (theirs,) = [box for box in app.selectbox if str(box.key).endswith("join.keys.0.other")]
    theirs.set_value("id").run()
    assert not app.exception
    assert "5 of the 12 rows of “orders”" in screen.texts()


def test_a_union_shows_which_columns_go_together(screen: Screen) -> None:
    app = opened(screen, way="union")
    told = app.dataframe[0].value
    assert told["Column"].tolist() == ["order_id", "customer", "shop", "code", "id", "name"]
    assert told["Other table"].tolist()[2] == "shop  (text)"
    assert len(columns(app)["shop"]) == 17
    app.button(key="combine.make").click().run()
    (job,) = screen.work()
    assert job.result["rows"] == 17


def test_every_way_has_its_form(screen: Screen) -> None:
    app = opened(screen)
    for way in app.selectbox(key="combine.way").options:
        app.selectbox(key="combine.way").select(way).run()
        assert not app.exception, way


def test_names_are_shown_as_they_are(screen: Screen) -> None:
    odd = pa.table({HOSTILE: [1, 2, 3]})
    dataset, version = screen.add_table(HOSTILE, odd)
    _, other = screen.add_table(f"other {HOSTILE}", odd)
    app = screen.open(PAGE, dataset=dataset.id, version=version.id)
    app.selectbox(key=f"combine.other.{dataset.id}").set_value(other.id).run()
    assert not app.exception
    assert "The result has 3 rows" in screen.texts()
    assert "![x](" not in screen.texts()


@pytest.mark.parametrize("way", ["join", "union"])
def test_in_chinese_no_english_is_left(way: str, screen: Screen) -> None:
    app = opened(screen, CODES, way)
    app.query_params["lang"] = "zh_CN"
    app.run()
    names = {"orders", "customers", "order", "id", *ORDERS.column_names, *CODES.column_names}
    left = english(screen, frozenset(names))
    assert not left, "\n".join(sorted(left))


NAMES = pa.table({"shop": ["Nort", "West"], "boss": ["Ann", "Bob"]})


def similar_names(screen: Screen) -> Any:
    app = opened(screen, NAMES, "join_fuzzy")
    (mine,) = (box for box in app.selectbox if str(box.key).endswith(".join_fuzzy.column"))
    mine.set_value("shop").run()
    (theirs,) = (box for box in app.selectbox if str(box.key).endswith(".join_fuzzy.other"))
    theirs.set_value("shop").run()
    assert not app.exception
    return app


def test_who_has_a_partner_by_similar_text(screen: Screen) -> None:
    app = similar_names(screen)
    assert "6 of the 12 rows of “orders” have a partner (50.0%)" in screen.texts()
    assert "1 of the 2 rows of “customers” have a partner" in screen.texts()
    assert "The result has 12 rows" in screen.texts()
    assert columns(app)["boss"][:2] == ["Ann", None]


def test_among_many_texts_partners_are_counted_in_a_job(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match, "PAIRED", 10)
    monkeypatch.setattr(trial, "PAIRED", 10)
    monkeypatch.setattr(trial, "FEWEST", 2)
    app = similar_names(screen)
    assert "Tried on the first 5 of 12 rows" in screen.texts()
    app.button(key="combine.similar.look").click().run()
    assert screen.store.list(Job, LOCAL)[0].task == "similar_partners"
    screen.work()
    app.run()
    assert not app.exception
    assert "6 of the 12 rows of “orders” have a partner (50.0%)" in screen.texts()
