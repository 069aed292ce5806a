"""Similar rows reviewed on the clean page: pairs with their score, confirmed, refused, opened again."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from core.store import LOCAL, Draft
from tests.pages.conftest import HOSTILE, Screen
from ui import review

PAGE = "pages/data/clean.py"
NAMES = ["Anna Müller", "Anna Muller", "Peter Stone", "Peter Ston", "Zoe", "Zoe"]


def opened(screen: Screen, names: list[Any] = NAMES) -> Any:
    screen.add_table(table=pa.table({"id": list(range(len(names))), "name": names}))
    app = screen.open(PAGE)
    app.selectbox(key="clean.kind").set_value("drop_similar_rows").run()
    app.multiselect(key="clean.form.new.drop_similar_rows.columns").set_value(["name"]).run()
    assert not app.exception
    return app


def answers(app: Any) -> list[Any]:
    return [box for box in app.segmented_control if ".found." in str(box.key)]


def kept(screen: Screen) -> list[tuple[str, str, bool]]:
    (draft,) = screen.store.list(Draft, LOCAL)
    (entry,) = draft.steps
    return [(pair["one"], pair["other"], pair["same"]) for pair in entry["step"]["pairs"]]


def pressed(app: Any, end: str) -> None:
    (button,) = [button for button in app.button if str(button.key).endswith(end)]
    button.click().run()


def test_pairs_wait_for_a_person_with_their_score(screen: Screen) -> None:
    app = opened(screen)
    assert "2 pairs of similar rows among 5 different ones" in screen.texts()
    assert "100% similar" in screen.texts()
    assert "**Anna Müller** | **Anna Muller**" in screen.texts()
    assert [box.value for box in answers(app)] == [None, None]
    answers(app)[0].set_value("same").run()
    answers(app)[1].set_value("different").run()
    assert "1 called the same, 1 called different" in screen.texts()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == [
        ('["Anna Müller"]', '["Anna Muller"]', True), ('["Peter Stone"]', '["Peter Ston"]', False),
    ]  # fmt: skip
    assert "2 rows removed" in screen.texts(), "one confirmed, one the same to the letter"


def test_many_rows_are_compared_in_a_job(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "SMALL", 3)
    app = opened(screen)
    assert "There is much to compare" in screen.texts()
    app.button(key="clean.form.new.look").click().run()
    (job,) = screen.work()
    assert (job.task, job.state) == ("similar_rows", "done")
    app.run()
    assert "2 pairs of similar rows among 5 different ones" in screen.texts()
    answers(app)[0].set_value("same").run()
    app.button(key="clean.keep").click().run()
    assert kept(screen) == [('["Anna Müller"]', '["Anna Muller"]', True)]


def test_a_step_opened_again_knows_its_decisions(screen: Screen) -> None:
    app = opened(screen)
    answers(app)[1].set_value("different").run()
    app.button(key="clean.keep").click().run()
    app.menu_button(key="clean.step.0.menu").click("edit").run()
    assert [box.value for box in answers(app)] == [None, "different"]
    pressed(app, ".all")
    assert [box.value for box in answers(app)] == ["same", "different"]
    app.button(key="clean.keep").click().run()
    assert sorted(same for _, _, same in kept(screen)) == [False, True]


def test_all_decisions_can_be_forgotten(screen: Screen) -> None:
    app = opened(screen)
    pressed(app, ".all")
    assert [box.value for box in answers(app)] == ["same", "same"]
    pressed(app, ".none")
    assert [box.value for box in answers(app)] == [None, None]
    app.button(key="clean.keep").click().run()
    assert kept(screen) == []


def test_decisions_stay_when_their_pairs_are_no_longer_shown(screen: Screen) -> None:
    app = opened(screen)
    pressed(app, ".all")
    app.slider(key="clean.form.new.drop_similar_rows.similarity").set_value(0.99).run()
    assert "1 pair of similar rows" in screen.texts()
    app.button(key="clean.keep").click().run()
    assert len(kept(screen)) == 2


def test_other_columns_begin_a_review_of_their_own(screen: Screen) -> None:
    app = opened(screen)
    pressed(app, ".all")
    app.multiselect(key="clean.form.new.drop_similar_rows.columns").set_value(["name", "id"]).run()
    assert not app.error
    app.button(key="clean.keep").click().run()
    assert kept(screen) == []


def test_hostile_cells_are_only_text(screen: Screen) -> None:
    opened(screen, [HOSTILE, HOSTILE + "!"])
    assert "1 pair of similar rows" in screen.texts()
    assert "<img src=x>" not in screen.texts()
    assert "![x](http" not in screen.texts()
