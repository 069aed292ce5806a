"""Jobs: how pages, the server and scripts hand over work and follow it."""

from __future__ import annotations

from typing import Any

from core.contracts import Json
from core.errors import LimitReached
from core.jobs import events, lifeline
from core.store import Job, Store
from core.store.records import now

MOST_QUEUED = 100  # jobs one owner may have waiting


class Jobs:
    """Work in the background: submit it, follow it, stop it. Any process may ask."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def ensure_supervisor(self) -> None:
        """Start the process that runs jobs when none runs; cheap when one does."""
        lifeline.ensure(self.store.home)

    def stop_supervisor(self, timeout: float = 15.0) -> None:
        """End the process that runs jobs, and its jobs with it; for tests and maintenance."""
        lifeline.stop(self.store.home, timeout)

    def submit(
        self, task: str, params: dict[str, Json], owner: str, *, title: str, subject: str | None = None
    ) -> Job:
        """Queue a job: durable when this returns. LimitReached when the owner has too many waiting."""
        self.ensure_supervisor()
        job = Job(owner=owner, task=task, params=params, title=title, subject=subject, submitted=now())
        with self.store.writing() as catalog:
            waiting = len(catalog.list(Job, owner, state="queued"))
            if waiting >= MOST_QUEUED:
                raise LimitReached(
                    "{waiting} job is waiting already; no more than {most} may. | {waiting} jobs "
                    "are waiting already; no more than {most} may.",
                    hint="Wait for some to end, or cancel them.",
                    waiting=waiting,
                    most=MOST_QUEUED,
                )
            catalog.add(job)
        if not lifeline.wake(self.store.home):  # it ended meanwhile
            self.ensure_supervisor()
        return job

    def cancel(self, job_id: str, owner: str) -> None:
        """Ask a job to stop. A waiting one ends at once, one that has ended stays as it is."""
        with self.store.writing() as catalog:
            job = catalog.get(Job, job_id, owner)
            if job.state == "queued":
                catalog.change(Job, job_id, owner, state="cancelled", ended=now())
            elif job.state == "running" and job.stopping is None:
                catalog.change(Job, job_id, owner, stopping="request")
        lifeline.wake(self.store.home)

    def get(self, job_id: str, owner: str) -> Job:
        """The job as it stands now; NotFound when there is none or it is somebody else's."""
        return self._current(self.store.get(Job, job_id, owner))

    def active(self, owner: str) -> list[Job]:
        """The owner's jobs that wait or run, the newest first."""
        with self.store.reading() as catalog:
            found = catalog.list(Job, owner, state="queued") + catalog.list(Job, owner, state="running")
        return [self._current(job) for job in sorted(found, key=lambda job: job.created, reverse=True)]

    def recent(self, owner: str, limit: int = 20) -> list[Job]:
        """The owner's last jobs, whatever their state, the newest first."""
        with self.store.reading() as catalog:
            return [self._current(job) for job in catalog.list(Job, owner, limit=limit)]

    def events(self, job_id: str, owner: str, after: int = 0) -> tuple[list[dict[str, Any]], int]:
        """What the job reported from offset `after` on, and the offset to go on from."""
        self.store.get(Job, job_id, owner)
        return events.read(events.log_place(self.store.home, job_id), after)

    def _current(self, job: Job) -> Job:
        """A running job with the progress that its log tells: too frequent for the catalog."""
        if job.state != "running":
            return job
        return job.model_copy(update=events.told_progress(self.store.home, job.id))
