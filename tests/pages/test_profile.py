"""The profile page: empty, waiting for its job, and with findings to act on."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from core import examples
from core.profile.chosen import choose, chosen
from core.store import LOCAL, Draft
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/data/profile.py"


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_a_new_table_is_profiled_in_a_job_and_then_shown(screen: Screen) -> None:
    screen.add_table()
    screen.open(PAGE)
    (job,) = screen.work()
    assert (job.task, job.state) == ("profile", "done")
    app = screen.open(PAGE)
    assert [metric.value for metric in app.metric][:2] == ["12", "10"]
    assert "1 row repeats an earlier row" in screen.texts()


def heads(screen: Screen) -> dict[str, dict[str, Any]]:
    """The headers of the grid of rows, by column."""
    (grid,) = screen.app.get("bidi_component")
    return {column["name"]: column for column in json.loads(grid.proto.json)["columns"]}


def test_the_rows_stand_under_heads_with_type_quality_and_distribution(screen: Screen) -> None:
    screen.add_table()
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    found = heads(screen)
    assert list(found) == [column.name for column in examples.COLUMNS]
    assert found["price"]["kind"] == "number · amount"
    assert found["day"]["kind"] == "date"
    assert sum(found["quantity"]["picture"]["bars"]) == 11
    assert [part["label"] for part in found["price"]["quality"]] == [
        "Valid: 11 of 12 rows (91.7%)",
        "Empty: 1 of 12 rows (8.3%)",
    ]
    assert found["region"]["picture"]["values"][0] == {
        "text": "North", "share": 5 / 11, "told": "45.5%", "count": "5"
    }  # fmt: skip
    assert found["price"]["cells"][:3] == ["9.5", "12.25", None]


def test_only_the_rows_of_a_part_are_shown_until_all_are_wanted_again(screen: Screen) -> None:
    _, version = screen.add_table()
    screen.open(PAGE)
    screen.work()
    app = screen.open(PAGE)
    app.session_state["profile.only"] = {"version": version.id, "column": "region", "segment": "empty"}
    app.run()
    assert heads(screen)["region"]["cells"] == [None]
    assert "Only rows in which **region** is empty" in screen.texts()
    app.button(key="profile.unlimited").click().run()
    assert len(heads(screen)["region"]["cells"]) == 12


CONTACTS = pa.table({"mail": ["a@b.co", "c@d.org"] * 5 + ["nobody", None], "n": list(range(12))})


def contacts(screen: Screen) -> Any:
    _, version = screen.add_table("contacts", CONTACTS)
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    return version


def test_the_bar_tells_valid_from_invalid_and_a_part_offers_its_steps(screen: Screen) -> None:
    version = contacts(screen)
    assert heads(screen)["mail"]["kind"] == "text · e-mail"
    assert [part["label"] for part in heads(screen)["mail"]["quality"]] == [
        "Valid: 10 of 12 rows (83.3%)", "Invalid: 1 of 12 rows (8.3%)", "Empty: 1 of 12 rows (8.3%)"
    ]  # fmt: skip
    app = screen.app
    app.session_state["profile.only"] = {"version": version.id, "column": "mail", "segment": "invalid"}
    app.run()
    assert heads(screen)["mail"]["cells"] == ["nobody"]
    assert r"**mail** is not valid as e\-mail: 1." in screen.texts()
    app.button(key="profile.limited.2").click().run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert draft.steps[0]["step"] == {"kind": "clear_invalid", "columns": ["mail"], "meaning": "e-mail"}
    app.session_state["profile.only"] = {"version": version.id, "column": "mail", "segment": "valid"}
    app.run()
    assert len(heads(screen)["mail"]["cells"]) == 10


def test_a_meaning_set_by_hand_is_shown_and_judged_by(screen: Screen) -> None:
    version = contacts(screen)
    choose(screen.store, LOCAL, version.dataset, "mail", "phone")
    screen.app.run()
    assert heads(screen)["mail"]["kind"] == "text · phone"
    assert [part["part"] for part in heads(screen)["mail"]["quality"]] == ["invalid", "empty"]
    assert "are not valid as phone" in screen.texts()


def test_a_large_table_is_counted_anew_by_a_job_and_not_while_the_page_is_drawn(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.summary.AT_ONCE", 1)
    version = contacts(screen)
    choose(screen.store, LOCAL, version.dataset, "mail", "phone")
    screen.app.run()
    assert heads(screen)["mail"]["kind"] == "text · phone"
    assert "are not valid as phone" not in screen.texts()
    (job,) = screen.work()
    assert (job.task, job.params["chosen"]) == ("recount", {"mail": "phone"})
    screen.app.run()
    assert [part["part"] for part in heads(screen)["mail"]["quality"]] == ["invalid", "empty"]
    assert "are not valid as phone" in screen.texts()
    assert screen.work() == []


def window_of_the_first_column() -> None:
    from core.store import LOCAL, Dataset
    from core.store import tables as stored
    from ui import services
    from ui.meaning import change_kind
    from ui.summary import stored_profile

    store = services.store()
    version = stored.latest(store, store.list(Dataset, LOCAL)[0].id, LOCAL)
    profile = stored_profile(version)
    assert profile is not None
    change_kind(version, profile.columns[0])


def test_the_window_of_a_column_sets_its_meaning_or_adds_the_step_that_changes_its_type(
    screen: Screen,
) -> None:
    version = contacts(screen)
    app = AppTest.from_function(window_of_the_first_column).run()
    assert not app.exception
    meaning = app.selectbox(key="profile.meaning.mail")
    assert meaning.options[0] == "As recognised: e-mail"
    meaning.select("phone").run()
    app.button(key="profile.meaning.set").click().run()
    assert chosen(screen.store, LOCAL, version.dataset) == {"mail": "phone"}
    app = AppTest.from_function(window_of_the_first_column).run()
    app.selectbox(key="profile.type.mail").select("number").run()
    app.button(key="profile.type.set").click().run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert draft.steps[0]["step"]["kind"] == "change_type"
    assert draft.steps[0]["step"]["to"] == "number"


def test_a_table_wider_than_the_grid_is_shown_in_part(screen: Screen) -> None:
    screen.add_table("wide", pa.table({f"column {n}": [n, None] for n in range(120)}))
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    assert list(heads(screen)) == [f"column {n}" for n in range(80)]


def test_the_profile_is_made_once(screen: Screen) -> None:
    screen.add_table()
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    assert screen.work() == []


def test_a_finding_adds_its_step_to_the_recipe(screen: Screen) -> None:
    _, version = screen.add_table()
    screen.open(PAGE)
    screen.work()
    app = screen.open(PAGE)
    fix = next(button for button in app.button if button.label == "Drop duplicate rows")
    fix.click().run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    assert [entry["step"]["kind"] for entry in draft.steps] == ["drop_duplicates"]


def test_a_hostile_dataset_name_is_plain_text(screen: Screen) -> None:
    screen.add_table(HOSTILE)
    screen.open(PAGE)
    screen.work()
    screen.open(PAGE)
    assert "![x](http" not in screen.texts()


def test_rows_that_are_nearly_the_same_are_opened_for_review(screen: Screen) -> None:
    names = [
        f"{a}{b} {b}{a}son" for a in ("Ann", "Bert", "Cora", "Dora") for b in ("a", "el", "or", "um", "ix")
    ]
    rows = {"name": [*names, names[3].upper()], "town": ["Rome"] * 21, "paid": [*range(2, 22), 5]}
    rows["town"][1] = "Oslo"
    screen.add_table(table=pa.table(rows))
    screen.open(PAGE)
    screen.work()
    app = screen.open(PAGE)
    assert "1 row is nearly the same as another one" in screen.texts()
    (button,) = [b for b in app.button if b.label == "Drop similar rows"]
    button.click()
    app.run()
    assert app.session_state["clean.seed"]["kind"] == "drop_similar_rows"
    assert screen.store.list(Draft, LOCAL) == []
