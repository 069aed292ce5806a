"""What is said of a job's end is true, and can be read and translated."""

from __future__ import annotations

import signal

import pytest

from core.errors import BadInput
from core.jobs import answers, limits


def test_a_kill_for_want_of_memory_is_told_apart_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "out_of_memory_kills", lambda: 5)
    assert "ran out of memory" in answers.died_of(-signal.SIGKILL, kills_before=4)["error"]["message"]
    assert "SIGKILL" in answers.died_of(-signal.SIGKILL, kills_before=5)["error"]["message"]
    assert "SIGSEGV" in answers.died_of(-signal.SIGSEGV, kills_before=4)["error"]["message"]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"
        ),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_memory_errors_are_known_in_all_their_dresses(error: Exception) -> None:
    assert answers.is_memory(error)


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("not enough memory of it")])
def test_other_errors_are_not_taken_for_them(error: Exception) -> None:
    assert not answers.is_memory(error)


def test_an_error_keeps_its_template_and_values_for_translation() -> None:
    told = answers.failure(BadInput("Line {line} is bad.", hint="Mend {what}.", line=3, what="{it}"))["error"]
    assert told["message"] == "Line 3 is bad. Mend {it}."
    assert (told["template"], told["hint"]) == ("Line {line} is bad.", "Mend {what}.")
    assert told["values"] == {"line": 3, "what": "{it}"}


def test_a_job_gets_seventy_percent_of_the_memory_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SIGHTLINE_JOB_MEMORY", raising=False)
    assert limits.job_memory() == int(limits.machine_memory() * 0.7)
    monkeypatch.setenv("SIGHTLINE_JOB_MEMORY", "3GB")
    assert limits.job_memory() == 3_000_000_000
