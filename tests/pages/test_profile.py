"""The profile page: empty, waiting for its job, and with findings to act on."""

from __future__ import annotations

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
    assert "repeat an earlier row" in screen.texts()


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
