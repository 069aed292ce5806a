"""Which job is next: first come first served within an owner, owners in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.store import Job


def next_job(
    queued: Sequence[Job], running: Sequence[Job], last_start: Mapping[str, float], at_once: int
) -> Job | None:
    """The job to start now, or None; `queued` is in the order of submission.

    The owner with the fewest running jobs goes first; among those, the one who has waited longest
    since a job of theirs was started. So a hundred jobs of one person hold nobody else up.
    """
    if len(running) >= at_once:
        return None
    busy = Counter(job.owner for job in running)
    return min(queued, key=lambda job: (busy[job.owner], last_start.get(job.owner, 0.0)), default=None)
