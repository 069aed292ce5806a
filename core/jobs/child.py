"""The process of one job: bound, confined, and always leaving an answer in the catalog."""

from __future__ import annotations

import errno
import importlib
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from core.errors import Cancelled, LimitReached, SightlineError
from core.jobs import events, landlock, limits
from core.jobs.answers import failure, is_memory, no_memory, out_of_time
from core.jobs.work import LogWatch, Work
from core.store import Job, Store
from core.store.records import now

Task = Callable[[Work], dict[str, Any]]


def tasks() -> dict[str, Task]:
    """What jobs can do, by name: the TASKS of each module that SIGHTLINE_TASKS names."""
    found: dict[str, Task] = {}
    for module in (os.environ.get("SIGHTLINE_TASKS") or "core.tasks").split(","):
        found.update(importlib.import_module(module.strip()).TASKS)
    return found


def run(store: Store, job: Job, parent: int, memory: int) -> NoReturn:
    """Do the job in this process, which was just forked from `parent`, and end the process."""
    limits.restrain(parent, memory)
    scratch = _move_in(store.home, job)
    watch = LogWatch(events.EventLog(events.log_place(store.home, job.id)))
    watch.listen(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    watch.report("started", task=job.task)
    landlock.confine(store.home)
    work = Work(store, job.owner, job.params, watch, scratch, job.id, memory)
    changes = _outcome(work, job) | watch.told()
    with store.writing() as catalog:
        if catalog.get(Job, job.id, job.owner).state == "running":
            catalog.change(Job, job.id, job.owner, ended=now(), **changes)
    watch.finish("ended", state=changes["state"])
    shutil.rmtree(scratch, ignore_errors=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no clean-up of what was inherited: connections and threads belong to the parent


def _move_in(home: Path, job: Job) -> Path:
    """A scratch folder for every temporary file, and a file for what libraries print."""
    scratch = home / "scratch" / job.id
    scratch.mkdir(mode=0o700)
    os.environ["TMPDIR"] = os.environ["CUDA_CACHE_PATH"] = tempfile.tempdir = str(scratch)
    printed = os.open(home / "jobs" / f"{job.id}.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(printed)
    return scratch


def _outcome(work: Work, job: Job) -> dict[str, Any]:
    """Run the task; what the catalog is to say about it, whatever happens."""
    try:
        known = tasks()
        if job.task not in known:
            raise SightlineError(
                "There is no task called {task!r}.",
                hint="There are: {known}.",
                task=job.task[:80],
                known=", ".join(sorted(known)),
            )
        result = known[job.task](work)
        if not isinstance(result, dict):
            raise TypeError(f"the task {job.task} returned {type(result).__name__}, not a dict")
        return {"state": "done", "result": result}
    except Cancelled as error:
        return _stopped(work, error)
    except SightlineError as error:
        return failure(error)
    except BaseException as error:  # noqa: BLE001  the one place where a job's defect becomes an answer
        limits.make_room()
        if is_memory(error):
            return failure(no_memory(work.memory))
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return failure(LimitReached("The disk is full.", hint="Make room, then try again."))
        return _defect(work, error)


def _stopped(work: Work, error: Cancelled) -> dict[str, Any]:
    job = work.store.get(Job, work.job, work.owner)
    return failure(out_of_time()) if job.stopping == "time" else {"state": "cancelled", "error": None}


def _defect(work: Work, error: BaseException) -> dict[str, Any]:
    """Ours to mend: the person gets a number, the log gets the whole story under that number."""
    reference = secrets.token_hex(4)
    text = "".join(traceback.format_exception(error))
    place = work.store.home / "logs" / f"{reference}.log"
    place.write_text(f"job {work.job}\n{text}", encoding="utf-8", errors="backslashreplace")
    logging.getLogger(__name__).error("job %s failed: reference %s", work.job, reference)
    problem = SightlineError(
        "Something went wrong inside Sightline. The details are in the log under {reference}.",
        hint="Please report this number.",
        reference=reference,
    )
    return failure(problem, kind=type(error).__name__, reference=reference)
