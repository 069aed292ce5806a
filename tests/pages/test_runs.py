"""The table of runs and the activity that every page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.jobs import lifeline
from core.store import LOCAL, Job
from tests.pages.conftest import Screen


def test_without_a_run_the_page_says_where_to_begin(screen: Screen) -> None:
    app = screen.open("pages/model/runs.py")
    assert not app.exception
    assert "no run yet" in screen.texts()


def test_a_page_starts_the_job_runner_again_while_jobs_wait_for_it(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Path] = []
    monkeypatch.setattr(lifeline, "ensure", started.append)
    screen.open("pages/model/runs.py")
    assert started == []
    screen.store.add(Job(owner=LOCAL, task="fit", params={}, title="Fit y", state="running"))
    screen.open("pages/model/runs.py")
    assert started != []
    assert set(started) == {screen.store.home}
