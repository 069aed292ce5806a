"""The process of one job: bound, confined, and always giving an answer to its keeper."""

from __future__ import annotations

import importlib
import os
import resource
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from core import keys
from core.errors import Cancelled, LimitReached, SightlineError
from core.jobs import access, events, landlock, limits
from core.jobs.answers import failure, is_disk, is_memory, no_disk, no_memory, out_of_time
from core.jobs.keeper import Keeper
from core.jobs.lent import LentStore
from core.jobs.line import Line
from core.jobs.work import LogWatch, Work
from core.store import Job, Store
from core.store.sealed import key_place

Task = Callable[[Work], dict[str, Any]]


def tasks() -> dict[str, Task]:
    """What jobs can do, by name: the TASKS of each module that SIGHTLINE_TASKS names."""
    found: dict[str, Task] = {}
    for module in (os.environ.get("SIGHTLINE_TASKS") or "core.tasks").split(","):
        found.update(importlib.import_module(module.strip()).TASKS)
    return found


def run(store: Store, job: Job, parent: int, memory: int) -> NoReturn:
    """Do the job under a keeper, which this process, just forked from `parent`, becomes."""
    limits.restrain(parent, memory)
    tasks()  # the keeper and the worker share them; a worker cannot list the folder they lie in
    place, disk = access.prepare(store, job), limits.job_disk(store.home)
    ours, theirs = socket.socketpair()
    keeping = os.getpid()
    worker = os.fork()
    if worker:
        theirs.close()
        Keeper(store, job, place, Line(ours), disk).serve(worker, parent)
    _work(job, place, theirs, keeping, memory, disk)


def _work(
    job: Job, place: access.Access, line: socket.socket, keeping: int, memory: int, disk: int
) -> NoReturn:
    """The process that works: it has nothing of the supervisor's but the programs in memory."""
    limits.end_with(keeping)
    _let_go(line.fileno())
    limits.bound(memory, disk)
    _move_in(place)
    watch = LogWatch(events.EventLog(events.log_place(place.home, job.id)))
    watch.listen(keeping)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    watch.report("started", task=job.task)
    landlock.confine(
        hidden=[place.home, key_place(place.home)],
        reads=place.reads,
        writes=place.writes(),
        folders=[place.home / "fits"],
        ports=place.ports,
    )
    store = LentStore(place.home, Line(line))
    keys.lend(store.hash_key)
    work = Work(store, job.owner, job.params, watch, place.scratch, job.id, memory)
    changes = _outcome(work, store, job, disk)
    told = watch.told()
    try:
        store.ask("settle", **changes, **told)
    except LimitReached as error:  # the answer is too long
        store.ask("settle", **failure(error))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # no clean-up of what was inherited: connections and threads belong to others


def _let_go(line: int) -> None:
    """Close every file that was open before the fork: the catalog is among them."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65_536)
    os.closerange(3, line)
    os.closerange(line + 1, most)


def _move_in(place: access.Access) -> None:
    """A scratch folder for every temporary file, and a file for what libraries print."""
    os.environ["TMPDIR"] = os.environ["CUDA_CACHE_PATH"] = tempfile.tempdir = str(place.scratch)
    log = place.home / "jobs" / f"{place.job}.out"
    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(printed)


def _outcome(work: Work, store: LentStore, job: Job, disk: int) -> dict[str, Any]:
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
        if is_disk(error):
            return failure(no_disk(disk))
        return _defect(store, error)


def _stopped(work: Work, error: Cancelled) -> dict[str, Any]:
    job = work.store.get(Job, work.job, work.owner)
    return failure(out_of_time()) if job.stopping == "time" else {"state": "cancelled", "error": None}


def _defect(store: LentStore, error: BaseException) -> dict[str, Any]:
    """Ours to mend: the person gets a number, the log gets the whole story under that number."""
    reference = store.ask("log", text="".join(traceback.format_exception(error)))
    problem = SightlineError(
        "Something went wrong inside Sightline. The details are in the log under {reference}.",
        hint="Please report this number.",
        reference=reference,
    )
    return failure(problem, kind=type(error).__name__, reference=reference)
