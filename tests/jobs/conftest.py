"""Stores with a real supervisor each, light and short-lived."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from core.jobs import Jobs
from core.store import LOCAL, Job, Store

T = TypeVar("T")


def until(ask: Callable[[], T], timeout: float = 60.0) -> T:
    """Wait until `ask` gives something true; generous, because the machine may be busy."""
    end = time.monotonic() + timeout
    while not (found := ask()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found


class Bench:
    """A store, its jobs, and words for following them."""

    def __init__(self, home: Path) -> None:
        self.jobs = Jobs(Store(home))
        self.store, self.home = self.jobs.store, home

    def submit(self, task: str, owner: str = LOCAL, **params: object) -> Job:
        return self.jobs.submit(task, params, owner, title=task)

    def ended(self, job: Job) -> Job:
        def ask() -> Job | None:
            now = self.jobs.get(job.id, job.owner)
            return now if now.over else None

        return until(ask)

    def begun(self, job: Job) -> Job:
        """Wait for the job's first progress."""
        until(lambda: self.seen(job, "progress"))
        return self.jobs.get(job.id, job.owner)

    def seen(self, job: Job, kind: str) -> list[dict[str, object]]:
        return [event for event in self.jobs.events(job.id, job.owner)[0] if event["kind"] == kind]

    def run(self, task: str, **params: object) -> Job:
        return self.ended(self.submit(task, **params))


@pytest.fixture
def make_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    """Makes the bench, with settings of the supervisor's that differ from the usual."""
    usual = {
        "SIGHTLINE_TASKS": "tests.jobs.tasks",
        "SIGHTLINE_PRELOAD": "0",
        "SIGHTLINE_IDLE_SECONDS": "5",
        "SIGHTLINE_JOBS": "2",
        "SIGHTLINE_JOB_MEMORY": "600MB",
        "SIGHTLINE_JOB_SECONDS": "600",
    }
    made: list[Bench] = []

    def make(**settings: str) -> Bench:
        for name, value in {**usual, **settings}.items():
            monkeypatch.setenv(name, value)
        made.append(Bench(tmp_path / "home"))
        return made[-1]

    yield make
    for bench in made:
        bench.jobs.stop_supervisor()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
