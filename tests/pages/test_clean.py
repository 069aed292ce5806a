"""The clean page: a recipe is built, changed, undone, kept over a reload and saved as a version."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from core.store import LOCAL, Draft, tables
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/data/clean.py"


def add_fill(screen: Screen, column: str = "price") -> None:
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").set_value("fill_missing").run()
    app.multiselect(key="clean.form.new.fill_missing.columns").set_value([column]).run()
    app.button(key="clean.keep").click().run()


def steps(screen: Screen, version: str) -> list[str]:
    (draft,) = screen.store.list(Draft, LOCAL, version=version)
    return [entry["step"]["kind"] for entry in draft.steps]


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_a_step_that_is_not_filled_in_yet_is_no_error(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").set_value("fill_missing").run()
    assert not app.error
    assert "Still to fill in" in screen.texts()
    assert app.button(key="clean.keep").disabled


def test_an_added_step_is_kept_in_the_store_and_says_what_it_did(screen: Screen) -> None:
    _, version = screen.add_table()
    add_fill(screen)
    assert steps(screen, version.id) == ["fill_missing"]
    assert "1 cell changed in price" in screen.texts()
    assert screen.app.selectbox(key="clean.kind").value is None


def shown(screen: Screen) -> dict[str, Any]:
    """What the preview's grid is sent."""
    (grid,) = screen.app.get("bidi_component")
    return json.loads(grid.proto.json)


def changed(screen: Screen) -> dict[str, dict[str, Any]]:
    """Changed cells of the preview: column -> row -> the value before."""
    return {column["name"]: column["changed"] for column in shown(screen)["columns"] if column["changed"]}


def test_the_preview_marks_the_cells_that_changed(screen: Screen) -> None:
    screen.add_table()
    add_fill(screen, "price")
    add_fill(screen, "quantity")
    assert changed(screen) == {"price": {"2": None}, "quantity": {"1": None}}
    app = screen.app
    app.selectbox(key="clean.compared.0.2").set_value(1).run()
    assert changed(screen) == {"price": {"2": None}}
    assert "after step 1" in screen.texts()
    app.selectbox(key="clean.compared.0.2").set_value(2).run()
    assert changed(screen) == {"quantity": {"1": None}}


def test_only_the_rows_that_changed_are_shown_when_asked(screen: Screen) -> None:
    screen.add_table()
    add_fill(screen, "price")
    add_fill(screen, "quantity")
    screen.app.radio(key="clean.rows").set_value("changed").run()
    assert shown(screen)["numbers"] == [2, 3]
    assert changed(screen) == {"price": {"1": None}, "quantity": {"0": None}}


def test_removed_rows_are_shown_as_they_were(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").set_value("drop_duplicates").run()
    app.button(key="clean.keep").click().run()
    app.radio(key="clean.rows").set_value("removed").run()
    assert shown(screen)["numbers"] == [11]
    app.selectbox(key="clean.kind").set_value("keep_rows").run()
    app.number_input(key="clean.form.new.keep_rows.count").set_value(10).run()
    assert shown(screen)["numbers"] == [12], "by the step being tried alone"
    app.selectbox(key="clean.compared.2.2").set_value(0).run()
    assert shown(screen)["numbers"] == [11, 12]
    assert "2 rows were removed" in screen.texts()
    assert changed(screen) == {}


def test_after_new_rows_the_page_says_from_where_it_compares(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").set_value("group_aggregate").run()
    app.button(key="clean.keep").click().run()
    assert "compared from the last step that makes new rows" in screen.texts()
    assert not app.error


def test_the_preview_marks_what_the_step_being_edited_would_change(screen: Screen) -> None:
    screen.add_table()
    add_fill(screen, "price")
    app = screen.app
    app.selectbox(key="clean.kind").set_value("change_type").run()
    app.multiselect(key="clean.form.new.change_type.columns").set_value(["quantity"]).run()
    app.selectbox(key="clean.form.new.change_type.to").set_value("text").run()
    notes = {column["name"]: column["note"] for column in shown(screen)["columns"] if column["note"]}
    assert notes == {"quantity": "was integer"}
    assert changed(screen) == {}, "the same number as text is no change, and the fill is another step's"


def test_undo_and_redo_walk_the_changes(screen: Screen) -> None:
    _, version = screen.add_table()
    add_fill(screen)
    screen.app.button(key="clean.undo").click().run()
    assert steps(screen, version.id) == []
    screen.app.button(key="clean.redo").click().run()
    assert steps(screen, version.id) == ["fill_missing"]


def test_a_step_switched_off_stays_and_does_nothing(screen: Screen) -> None:
    _, version = screen.add_table()
    add_fill(screen)
    screen.app.checkbox(key="clean.step.0.on").uncheck().run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert [entry["active"] for entry in draft.steps] == [False]
    assert "changed in" not in screen.texts()


def test_steps_are_moved_edited_and_removed(screen: Screen) -> None:
    _, version = screen.add_table()
    add_fill(screen, "price")
    add_fill(screen, "quantity")
    app = screen.app
    app.menu_button(key="clean.step.1.menu").click("up").run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert [entry["step"]["columns"] for entry in draft.steps] == [["quantity"], ["price"]]
    app.menu_button(key="clean.step.0.menu").click("edit").run()
    app.multiselect(key="clean.form.0.fill_missing.columns").set_value(["quantity", "id"]).run()
    app.button(key="clean.keep").click().run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert draft.steps[0]["step"]["columns"] == ["quantity", "id"]
    app.menu_button(key="clean.step.0.menu").click("remove").run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert [entry["step"]["columns"] for entry in draft.steps] == [["price"]]


def test_the_recipe_survives_a_new_session(screen: Screen) -> None:
    _, version = screen.add_table()
    add_fill(screen)
    again = Screen(screen.store)
    app = again.open(PAGE, dataset=version.dataset)
    assert app.checkbox(key="clean.step.0.on").value is True


def test_saving_makes_a_new_version_and_the_old_one_stays(screen: Screen) -> None:
    dataset, version = screen.add_table()
    add_fill(screen)
    screen.app.button(key="clean.save").click().run()
    (job,) = screen.work()
    assert job.state == "done"
    screen.app.run()
    first, second = reversed(tables.versions(screen.store, dataset.id, LOCAL))
    assert (first.id, second.parent) == (version.id, version.id)
    assert screen.app.query_params["version"] == second.id
    assert screen.store.list(Draft, LOCAL, version=version.id) == []


def test_sql_and_pandas_code_are_shown(screen: Screen) -> None:
    screen.add_table()
    add_fill(screen)
    languages = {code.language for code in screen.app.code}
    assert languages == {"sql", "python"}
    assert "clean.script" in [button.key for button in screen.app.get("download_button")]


def test_hostile_column_names_are_shown_as_they_are(screen: Screen) -> None:
    screen.add_table("hostile", pa.table({HOSTILE: [1.0, None, 3.0], 'a"; drop': ["x", "y", None]}))
    add_fill(screen, HOSTILE)
    assert not screen.app.exception
    assert not screen.app.error
    assert "![x](" not in screen.texts()
    assert "<img" not in screen.texts().replace("\\<img", "")


def point(screen: Screen, column: str, **more: int) -> None:
    """As if the column's head, a cell or a part of its text had been pressed in the preview."""
    place = {"column": column, "row": None, "start": None, "end": None} | more
    screen.app.session_state["clean.pointed"] = (
        [*screen.app.session_state["clean.pointed"], place]
        if "clean.pointed" in screen.app.session_state
        else [place]
    )
    screen.app.run()


def test_a_head_that_is_pressed_offers_steps_and_one_press_adds_one(screen: Screen) -> None:
    _, version = screen.add_table()
    app = screen.open(PAGE)
    point(screen, "price")
    assert not app.exception
    offers = screen.texts()
    assert "row is touched" in offers
    app.button(key="clean.offer.0.add").click().run()
    assert len(steps(screen, version.id)) == 1
    assert "clean.pointed" not in app.session_state
    app.button(key="clean.undo").click().run()
    assert steps(screen, version.id) == []


def test_a_cell_offers_what_can_be_done_with_its_value(screen: Screen) -> None:
    rows = pa.table({"city": ["Oslo", "oslo ", "Oslo", "Rome", None], "n": [1, 2, 3, 4, 5]})
    _, version = screen.add_table("places", rows)
    app = screen.open(PAGE)
    point(screen, "city", row=1)
    assert "Row 2: oslo" in screen.texts()
    assert "other spellings were found" in screen.texts() or "1 other" in screen.texts()
    opened = [button for button in app.button if str(button.key).endswith(".open")]
    opened[0].click().run()  # a new value has to be typed: the form opens with the rest filled in
    assert app.selectbox(key="clean.kind").value == "replace_values"
    assert steps_or_none(screen, version.id) == []


def test_selected_parts_of_texts_become_an_extraction(screen: Screen) -> None:
    rows = pa.table({"size": ["5 kg", "12 kg", "7 lb", "about 3 kg"]})
    _, version = screen.add_table("sizes", rows)
    app = screen.open(PAGE)
    point(screen, "size", row=0, start=0, end=1)
    app.button(key="clean.more.start").click().run()
    assert "another cell of size" in screen.texts()
    app.session_state["clean.more"] = False
    point(screen, "size", row=1, start=0, end=2)
    app.button(key="clean.offer.0.add").click().run()
    (kind,) = steps(screen, version.id)
    assert kind.startswith("extract_")


def test_hostile_cells_are_text_in_what_is_offered(screen: Screen) -> None:
    rows = pa.table({HOSTILE: [HOSTILE, HOSTILE, "plain"]})
    screen.add_table("hostile", rows)
    app = screen.open(PAGE)
    point(screen, HOSTILE, row=0)
    assert not app.exception
    assert not app.error
    point(screen, "gone")
    assert not app.exception


def steps_or_none(screen: Screen, version: str) -> list[str]:
    return [
        entry["step"]["kind"]
        for draft in screen.store.list(Draft, LOCAL, version=version)
        for entry in draft.steps
    ]


def test_the_bar_tells_valid_from_invalid_after_the_recipe_and_a_part_offers_its_steps(
    screen: Screen,
) -> None:
    rows = pa.table({"mail": ["a@b.co", "c@d.org"] * 5 + ["nobody", None], "n": list(range(12))})
    _, version = screen.add_table("contacts", rows)
    screen.open("pages/data/profile.py")
    screen.work()
    app = screen.open(PAGE)

    def bar() -> list[str]:
        return [part["label"] for part in shown(screen)["columns"][0]["quality"]]

    assert bar() == [
        "Valid: 10 of 12 rows (83.3%)", "Invalid: 1 of 12 rows (8.3%)", "Empty: 1 of 12 rows (8.3%)"
    ]  # fmt: skip
    app.session_state["clean.only"] = {"version": version.id, "column": "mail", "segment": "invalid"}
    app.run()
    assert shown(screen)["columns"][0]["cells"] == ["nobody"]
    assert shown(screen)["numbers"] == [11]
    app.button(key="clean.limited.1").click().run()
    assert steps(screen, version.id) == ["filter_valid"]
    assert bar() == ["Valid: 10 of 11 rows (90.9%)", "Empty: 1 of 11 rows (9.1%)"]
    assert len(shown(screen)["numbers"]) == 11


def test_without_a_profile_the_bar_tells_present_from_empty(screen: Screen) -> None:
    screen.add_table()
    screen.open(PAGE)
    price = next(column for column in shown(screen)["columns"] if column["name"] == "price")
    assert [part["label"] for part in price["quality"]] == [
        "Present: 11 of 12 rows (91.7%)", "Empty: 1 of 12 rows (8.3%)"
    ]  # fmt: skip
