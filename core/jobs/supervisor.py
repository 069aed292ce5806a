"""The process that runs jobs: `python -m core.jobs.supervisor`, one for each store.

It outlives the server that started it, and its jobs do not outlive it. It starts light and takes
jobs at once; meanwhile its heir, a fork, makes the heavy imports and then takes over. Whoever is
replaced (by its heir, or by newer code) takes no more jobs and leaves when its last one has ended.
"""

from __future__ import annotations

import logging
import os
import select
import shutil
import signal
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from core.errors import NotFound, SightlineError
from core.jobs import answers, child, events, landlock, lifeline, limits, warm
from core.jobs.queue import next_job
from core.store import Job, Schedule, Store, new_id
from core.store.records import now

GRACE = 10.0  # seconds between the request to stop and the kill
_LOOK = 0.5  # seconds between two looks at the catalog that nobody asked for
_RETIRED_LOOK = 0.1  # the same, for one that is woken no more
_SWEEP = 2.0  # seconds between two looks for jobs whose supervisor has died
_DUE = 1.0  # seconds between two looks for schedules that are due
_TIDY = 3600.0  # seconds between two collections of garbage
log = logging.getLogger("jobs")


@dataclass
class Running:
    """A child and what it was told."""

    job: Job
    time_up: float
    kills_before: int  # by the kernel, for want of memory
    kill_at: float | None = None  # set once it was asked to stop


class Supervisor:
    """Starts, stops and buries the jobs of one store."""

    def __init__(self, store: Store, lock: int, heir: int | None = None) -> None:
        self.store, self.home, self.id, self.heir = store, store.home, new_id("sv"), heir
        self.lock: int | None = lock  # None once retired
        self.children: dict[int, Running] = {}
        self.ended: list[tuple[Job, dict[str, Any]]] = []  # with what to say of those that left no answer
        self.last_start: dict[str, float] = {}
        self.at_once, self.memory = limits.jobs_at_once(), limits.job_memory()
        self.idle_seconds = float(os.environ.get("SIGHTLINE_IDLE_SECONDS") or 600)
        self.busy_at, self.swept_at, self.due_at, self.seen = time.monotonic(), 0.0, 0.0, -1
        self.tidy_at = time.monotonic() + _TIDY / 60  # not while the server starts
        self.replaced = self.terminated = False
        self.signals = os.pipe()
        for end in self.signals:
            os.set_blocking(end, False)
        (self.home / "jobs" / "alive").mkdir(exist_ok=True)
        self.alive = lifeline.hold(self.home / "jobs" / "alive" / self.id, patience=1.0)
        with suppress(FileExistsError):
            os.mkfifo(self.home / "jobs" / "wake", 0o600)
        self.wake = os.open(self.home / "jobs" / "wake", os.O_RDWR | os.O_NONBLOCK)

    def run(self) -> None:
        """Serve until replaced and done, or idle for long with nobody left to submit anything."""
        signal.set_wakeup_fd(self.signals[1], warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, lambda *_: setattr(self, "replaced", True))
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "terminated", True))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1, signal.SIGTERM})
        self._sign()
        look = True
        while not self._finished():
            try:
                self._turn(look)
                look = self._wait()
            except (OSError, sqlite3.Error, SightlineError):  # a full disk, say: jobs run on meanwhile
                log.exception("something failed; trying again")
                time.sleep(1)
                look = True
        if self.lock is not None:
            self._retire()
            if (self.home / "catalog.db").exists() and self.store.every(Job, state="queued"):
                lifeline.ensure(self.home)  # a job came while the lock was still held
        (self.home / "jobs" / "alive" / self.id).unlink(missing_ok=True)

    def _turn(self, look: bool) -> None:
        """Do all that may have to be done now; `look` at the catalog too."""
        self._reap()
        self._settle_ended()
        self._kill_overdue()
        self._sweep()
        look = self._start_due() or look
        if look:
            self._stop_asked()
            self._start_waiting()
        if (self.replaced or self.terminated) and self.lock is not None:
            self._retire()

    def _sign(self) -> None:
        """Say in the lock file who holds it."""
        if self.lock is not None:
            os.pwrite(self.lock, lifeline.signature(self.id, self.heir), 0)

    def _retire(self) -> None:
        """Take no more jobs; those that run are looked after until they end."""
        assert self.lock is not None
        if self.heir is not None and not self.replaced:
            os.kill(self.heir, signal.SIGKILL)
            os.waitpid(self.heir, 0)
        self.heir = None
        os.close(self.lock)  # an heir has it still
        os.close(self.wake)
        self.lock = None
        lifeline.wake(self.home)  # whoever follows: this one may have swallowed a call
        log.info("%s retired with %d jobs running", self.id, len(self.children))

    def _finished(self) -> bool:
        if not (self.home / "catalog.db").exists():
            for pid in self.children:
                _kill_group(pid)
            return True
        if self.lock is None:
            return not self.children and not self.ended
        if self.children or lifeline.has_clients(self.home):
            self.busy_at = time.monotonic()
        return time.monotonic() - self.busy_at > self.idle_seconds

    def _wait(self) -> bool:
        """Sleep until something may have to be done; True when the catalog is worth a look."""
        soonest = time.monotonic() + (_LOOK if self.lock is not None else _RETIRED_LOOK)
        for running in self.children.values():
            soonest = min(soonest, running.kill_at or running.time_up)
        sources = [self.signals[0], *([self.wake] if self.lock is not None else [])]
        ready, _, _ = select.select(sources, [], [], max(0.0, soonest - time.monotonic()))
        for source in ready:
            with suppress(BlockingIOError):
                os.read(source, 4096)
        before, self.seen = self.seen, self.store.data_version()
        return bool(ready) or before != self.seen

    def _start_due(self) -> bool:
        """Queue the refreshes whose time has come; whether there was any."""
        if self.lock is None or time.monotonic() < self.due_at:
            return False
        self.due_at = time.monotonic() + _DUE
        if not self.store.every(Schedule):
            return False
        from core import schedules

        return bool(schedules.start_due(self.store, now()))

    def _start_waiting(self) -> None:
        """Start jobs while there is room for them."""
        while self.lock is not None and (job := self._claim()) is not None:
            self.last_start[job.owner] = time.monotonic()
            try:
                self._fork(job)
            except OSError as error:
                problem = SightlineError(
                    "The machine could not start another process: {reason}", reason=error
                )
                self._settle(job, answers.failure(problem))

    def _claim(self) -> Job | None:
        """Take the next job from the queue: in one transaction, so that nobody else has it too."""
        if not self.store.every(Job, state="queued"):
            return None
        with self.store.writing() as catalog:
            queued = catalog.every(Job, state="queued")[::-1]
            running = catalog.every(Job, state="running")
            job = next_job(queued, running, self.last_start, self.at_once)
            if job is None:
                return None
            return catalog.change(Job, job.id, job.owner, state="running", started=now(), supervisor=self.id)

    def _fork(self, job: Job) -> None:
        running = Running(job, time.monotonic() + limits.job_seconds(), limits.out_of_memory_kills())
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # until the child listens for it
        try:
            pid = os.fork()
            if pid == 0:
                self._become_child(job, parent)
            self.children[pid] = running
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _become_child(self, job: Job, parent: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            for descriptor in (self.lock, self.wake, self.alive, *self.signals):
                if descriptor is not None:
                    os.close(descriptor)  # a lock lives as long as anyone has its descriptor
            child.run(self.store, job, parent, self.memory)
        except BaseException:  # not one frame of the supervisor may run on in the child
            log.exception("the process of job %s failed", job.id)
        finally:
            os._exit(70)

    def _stop_asked(self) -> None:
        """Tell the children whose stop was asked for."""
        if not self.children:
            return
        asked = {job.id for job in self.store.every(Job, state="running") if job.stopping}
        for pid, running in self.children.items():
            if running.job.id in asked and running.kill_at is None:
                os.kill(pid, signal.SIGTERM)
                running.kill_at = time.monotonic() + GRACE

    def _kill_overdue(self) -> None:
        """Ask whoever ran too long to stop; kill whoever did not heed the request."""
        for pid, running in self.children.items():
            if running.kill_at is not None and time.monotonic() > running.kill_at:
                _kill_group(pid)
                running.kill_at = time.monotonic() + GRACE
            elif running.kill_at is None and time.monotonic() > running.time_up:
                self.store.change(Job, running.job.id, running.job.owner, stopping="time")
                os.kill(pid, signal.SIGTERM)
                running.kill_at = time.monotonic() + GRACE

    def _reap(self) -> None:
        """Bury children that ended; those that left no answer get one."""
        for pid in [*self.children, *([self.heir] if self.heir else [])]:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            if pid == self.heir:
                self.heir = None
                log.error("the heavy imports failed (status %d): jobs make them themselves", status)
                self._sign()
                continue
            _kill_group(pid)  # what it started ends with it
            running = self.children.pop(pid)
            verdict = answers.died_of(os.waitstatus_to_exitcode(status), running.kills_before)
            self.ended.append((running.job, verdict))

    def _settle_ended(self) -> None:
        while self.ended:
            self._settle(*self.ended[0])  # when this fails, it is tried again
            self.ended.pop(0)

    def _settle(self, job: Job, verdict: dict[str, Any]) -> None:
        """Write how a job ended, unless it wrote that itself, and clear its place."""
        with self.store.writing() as catalog, suppress(NotFound):
            current = catalog.get(Job, job.id, job.owner)
            if current.state == "running":
                if current.stopping == "request" and verdict["state"] == "died":
                    verdict = {"state": "cancelled"}
                elif current.stopping == "time":
                    verdict = answers.failure(answers.out_of_time())
                catalog.change(Job, job.id, job.owner, ended=now(), **verdict)
                events.append_end(self.home, job, verdict["state"])
        for folder in ("scratch", "tmp"):
            shutil.rmtree(self.home / folder / job.id, ignore_errors=True)
        printed = self.home / "jobs" / f"{job.id}.out"
        if printed.exists() and not printed.stat().st_size:
            printed.unlink()

    def _sweep(self) -> None:
        """Mark the jobs whose supervisor is gone: they are too. Collect garbage when there is peace."""
        if time.monotonic() - self.swept_at < _SWEEP:
            return
        self.swept_at = time.monotonic()
        if self.swept_at > self.tidy_at and self.lock is not None and not self.children:
            self.tidy_at = self.swept_at + _TIDY
            log.info("collected %d files that nothing names", self.store.collect_garbage())
        for job in self.store.every(Job, state="running"):
            if job.supervisor != self.id and not lifeline.alive(self.home, job.supervisor):
                self._settle(job, answers.died("The process that ran this job ended before the job did."))


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # it had no time to found a group
        os.killpg(pid, signal.SIGKILL)


def _raise_heir(store: Store, lock: int) -> int:
    """Fork the process that makes the heavy imports and then takes over."""
    parent = os.getpid()
    heir = os.fork()
    if heir:
        return heir
    try:
        warm.load()
        supervisor = Supervisor(store, lock)
        if os.getppid() == parent:
            os.kill(parent, signal.SIGUSR1)
        supervisor.run()
        os._exit(0)
    except BaseException:  # not one frame of the parent may run on in the heir
        log.exception("the heir failed")
    finally:
        os._exit(70)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(message)s")
    store = Store()
    lock = lifeline.hold(store.home / "jobs" / "supervisor.lock", patience=2.0)
    if lock is None:
        log.info("another supervisor serves %s", store.home)
        return
    os.ftruncate(lock, 0)  # whoever held it before is nobody to talk to
    if not landlock.available():
        log.warning("this system has no Landlock: jobs may read and write whatever this user may")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})  # until they are heard
    heir = _raise_heir(store, lock) if warm.wanted() else None
    Supervisor(store, lock, heir).run()


if __name__ == "__main__":
    main()
