"""Similar values reviewed on the clean page: what was found, confirmed, left out, kept and opened again."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from core.store import LOCAL, Draft, Job
from tests.pages.conftest import HOSTILE, Screen
from ui import review

PAGE = "pages/data/clean.py"
CITIES = ["Rome"] * 5 + ["rome "] * 2 + ["ROME", "Oslo", "Oslo", "oslo", "Roem", "Bern"]


def opened(screen: Screen, values: list[Any] = CITIES, method: str = "fingerprint") -> Any:
    screen.add_table(table=pa.table({"city": values}))
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").set_value("merge_similar").run()
    assert "Still to fill in" in screen.texts()
    app.selectbox(key="clean.form.new.merge_similar.column").set_value("city").run()
    if method != "fingerprint":
        app.selectbox(key="clean.form.new.merge_similar.method").set_value(method).run()
    assert not app.exception
    return app


def boxes(app: Any, part: str) -> list[Any]:
    kind = {"on": "checkbox", "becomes": "text_input", "values": "multiselect"}[part]
    return [box for box in app.get(kind) if ".found." in str(box.key) and str(box.key).endswith(f".{part}")]


def kept(screen: Screen) -> dict[str, str]:
    (draft,) = screen.store.list(Draft, LOCAL)
    (entry,) = draft.steps
    return {merge["value"]: merge["becomes"] for merge in entry["step"]["merges"]}


def test_groups_that_are_beyond_doubt_are_taken_and_can_be_changed(screen: Screen) -> None:
    app = opened(screen)
    assert "2 groups of similar values among 7 different ones" in screen.texts()
    assert [box.value for box in boxes(app, "becomes")] == ["Rome", "Oslo"]
    assert "3 cells changed in city" not in screen.texts()
    boxes(app, "becomes")[1].set_value("Oslo (NO)").run()
    boxes(app, "values")[0].set_value(["Rome", "rome "]).run()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == {"rome ": "Rome", "Oslo": "Oslo (NO)", "oslo": "Oslo (NO)"}
    assert "5 cells changed in city" in screen.texts()


def test_many_values_are_compared_in_a_job(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "SMALL", 3)
    app = opened(screen)
    assert "There is much to compare" in screen.texts()
    assert app.button(key="clean.keep").disabled
    app.button(key="clean.form.new.look").click().run()
    assert screen.store.list(Job, LOCAL)[0].task == "similar_values"
    assert app.button(key="clean.form.new.job.stop").label == "Stop"
    screen.work()
    app.run()
    assert not app.exception
    assert "2 groups of similar values among 7 different ones" in screen.texts()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == {"rome ": "Rome", "ROME": "Rome", "oslo": "Oslo"}
    again = Screen(screen.store)  # the answer is kept: nobody waits for it twice
    asked = again.open(PAGE)
    asked.selectbox(key="clean.kind").set_value("merge_similar").run()
    assert len(screen.store.list(Job, LOCAL)) == 1


def test_a_few_values_in_many_rows_need_no_job(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "SMALL", 8)
    opened(screen)
    assert len(CITIES) > 8
    assert "2 groups of similar values among 7 different ones" in screen.texts()
    assert screen.store.list(Job, LOCAL) == []


def test_misspellings_wait_for_a_person(screen: Screen) -> None:
    app = opened(screen, method="Levenshtein")
    assert not any(box.value for box in boxes(app, "on"))
    assert app.button(key="clean.keep").disabled
    group = boxes(app, "on")[0]
    group.check().run()
    assert not app.button(key="clean.keep").disabled
    app.button(key="clean.keep").click().run()
    assert set(kept(screen)) == {"rome ", "ROME"}


def test_all_and_none(screen: Screen) -> None:
    app = opened(screen)
    (none,) = [button for button in app.button if str(button.key).endswith(".none")]
    none.click().run()
    assert not any(box.value for box in boxes(app, "on"))
    (every,) = [button for button in app.button if str(button.key).endswith(".all")]
    every.click().run()
    assert [len(box.value) for box in boxes(app, "values")] == [3, 2]


def test_a_step_opened_again_shows_what_was_confirmed(screen: Screen) -> None:
    app = opened(screen)
    boxes(app, "on")[1].uncheck().run()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == {"rome ": "Rome", "ROME": "Rome"}
    app.menu_button(key="clean.step.0.menu").click("edit").run()
    assert [box.value for box in boxes(app, "on")] == [True, False]
    boxes(app, "on")[1].check().run()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == {"rome ": "Rome", "ROME": "Rome", "oslo": "Oslo"}


def test_what_was_confirmed_stays_when_it_is_looked_for_otherwise(screen: Screen) -> None:
    app = opened(screen)
    app.button(key="clean.keep").click().run()
    app.menu_button(key="clean.step.0.menu").click("edit").run()
    app.slider(key="clean.form.0.merge_similar.similarity").set_value(0.99).run()
    app.selectbox(key="clean.form.0.merge_similar.method").set_value("Jaro-Winkler").run()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == {"rome ": "Rome", "ROME": "Rome", "oslo": "Oslo"}


def test_decisions_of_other_pages_are_not_lost(screen: Screen) -> None:
    values = [f"{word}{'!' * bang}" for word in map(chr, range(97, 117)) for bang in range(2)]
    app = opened(screen, values)
    assert "1 to 5 of 20" in screen.texts()
    boxes(app, "on")[0].uncheck().run()
    (after,) = [button for button in app.button if str(button.key).endswith(".after")]
    after.click().run()
    assert "6 to 10 of 20" in screen.texts()
    app.button(key="clean.keep").click().run()
    assert len(kept(screen)) == 19


def test_a_table_without_similar_values_says_so(screen: Screen) -> None:
    opened(screen, ["a", "b", None])
    assert "0 groups of similar values among 2 different ones" in screen.texts()


def test_hostile_values_are_only_text(screen: Screen) -> None:
    app = opened(screen, [HOSTILE, HOSTILE.upper(), "x"])
    assert len(boxes(app, "on")) == 1
    boxes(app, "on")[0].uncheck().run()
    assert "<img src=x>" not in screen.texts()
