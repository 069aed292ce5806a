"""How a job's end is told: the fields of its record, for each way to end without a result."""

from __future__ import annotations

import errno
import os
import signal
from typing import Any

from core.errors import LimitReached, SightlineError
from core.jobs import limits
from core.store.files import readable
from core.store.records import JobState

_NO_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc", "bad allocation")

_NO_DISK = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def failure(
    error: SightlineError, *, state: JobState = "failed", kind: str = "", reference: str | None = None
) -> dict[str, Any]:
    """The catalog's fields of a job that ended with an error a person can read."""
    told = {
        "message": str(error),
        "kind": kind or type(error).__name__,
        "reference": reference,
        "template": error.template,
        "hint": error.hint,
        "values": error.values,
    }
    return {"state": state, "error": told}


def no_memory(memory: int) -> LimitReached:
    return LimitReached(
        "This needs more memory than a job may take ({limit}).",
        hint="Use fewer rows or columns, or let SIGHTLINE_JOB_MEMORY allow more.",
        limit=readable(memory),
    )


def no_disk(disk: int) -> LimitReached:
    return LimitReached(
        "This would need more disk than a job may take ({limit}).",
        hint="Make room on the disk, use fewer rows or columns, or let SIGHTLINE_JOB_DISK allow more.",
        limit=readable(disk),
    )


def out_of_time() -> LimitReached:
    return LimitReached(
        "This took longer than a job may run ({seconds} seconds).",
        hint="Use fewer rows, or let SIGHTLINE_JOB_SECONDS allow more.",
        seconds=f"{limits.job_seconds():g}",
    )


def died(template: str, **values: Any) -> dict[str, Any]:
    """The fields of a job whose process ended without an answer."""
    error = SightlineError(template, hint="It can be started again.", **values)
    return failure(error, state="died", kind="Died")


def died_of(code: int, kills_before: int) -> dict[str, Any]:
    """The same, from the exit code of its process (below zero: the signal that ended it)."""
    if code >= 0:
        return died("The job's process ended with status {status} and left no answer.", status=code)
    if code == -signal.SIGKILL and limits.out_of_memory_kills() > kills_before:
        return died("The machine ran out of memory, and the system ended this job.")
    name = signal.Signals(-code).name
    return died("The job's process was ended from outside or crashed ({name}).", name=name)


def is_disk(error: BaseException) -> bool:
    """Whether an error says that the disk, or a job's share of it, is full; DuckDB says it in words."""
    if isinstance(error, OSError) and error.errno in _NO_DISK:
        return True
    said = str(error)
    return isinstance(error, Exception) and any(os.strerror(number) in said for number in _NO_DISK)


def is_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out; torch and C++ say it in words."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)
