"""What a job can reach once a file has taken it over."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import Jobs, landlock, lifeline
from core.store import LOCAL, Job, Store
from tests.jobs.conftest import until

SECRETS = {
    "SECRET_TOKEN": "s3cret", "AWS_SECRET_ACCESS_KEY": "s3cret", "DATABASE_URL": "postgres://u:s3cret@h/d",
    "GITHUB_TOKEN": "s3cret", "SSH_AUTH_SOCK": "/tmp/s3cret", "OPENAI_API_KEY": "s3cret",
}  # fmt: skip


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    settings = {
        "SIGHTLINE_TASKS": "tests.security.tasks", "SIGHTLINE_PRELOAD": "0", "SIGHTLINE_JOB_MEMORY": "600MB",
    }  # fmt: skip
    for name, value in {**settings, **SECRETS}.items():
        monkeypatch.setenv(name, value)
    made = Jobs(Store(tmp_path / "home"))
    yield made
    made.stop_supervisor()


def done(jobs: Jobs, task: str, **params: object) -> Job:
    job = jobs.submit(task, params, LOCAL, title=task)  # type: ignore[arg-type]

    def over() -> Job | None:
        now = jobs.get(job.id, LOCAL)
        return now if now.over else None

    return until(over)


@pytest.mark.skipif(not landlock.available(), reason="this kernel has no Landlock")
def test_a_job_that_was_taken_over_reaches_the_store_and_nothing_else(jobs: Jobs) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = done(jobs, "taken_over", port=listening.getsockname()[1], server=os.getpid()).result
    assert found is not None
    memory = found.pop("memory")
    assert memory == 600_000_000
    version = landlock.version()
    network = "PermissionError" if version >= 4 else "allowed"
    others = "PermissionError" if version >= 6 else "allowed"
    assert found == {
        "connect": network,
        "listen": network,
        "signal the server": others,
        "signal the supervisor": others,
        "change the program": "PermissionError",
        "devices": ["PermissionError"] if found["devices"] else [],
        "null device": "allowed",
        "environment": {},
        "no new privileges": True,
        "core dumps": [0, 0],
    }


def test_a_job_that_swallows_memory_ends_alone(jobs: Jobs) -> None:
    job = done(jobs, "swallow")
    assert job.state == "failed"
    assert job.error is not None
    assert "memory" in str(job.error["message"])
    assert lifeline.living(jobs.store.home) is not None


def test_secrets_of_other_programs_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SIGHTLINE_QUOTA", "1GB")
    handed_on = lifeline.environment()
    assert "s3cret" not in "\n".join(handed_on.values())
    assert handed_on["SIGHTLINE_QUOTA"] == "1GB"
    assert handed_on["PATH"] == os.environ["PATH"]


def test_what_is_kept_is_for_this_user_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)  # made by somebody, open to all
    store = Store(home)
    with store.new_object(LOCAL, ".csv") as made:
        made.path.write_text("secret")
    for place in home.rglob("*"):
        allowed = stat.S_IMODE(place.stat().st_mode)
        within = any(not stat.S_IMODE(above.stat().st_mode) & 0o077 for above in place.parents)
        assert within or not allowed & 0o077, f"{place.name}: {allowed:o}"
