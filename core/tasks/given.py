"""What tasks are given to work with: an engine within the job's memory, and the table of a version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.contracts import Json, Table
from core.engine.duckdb import DuckEngine
from core.jobs.work import Work
from core.store import tables
from core.store.records import Version

Result = dict[str, Json]


@contextmanager
def engine(work: Work) -> Iterator[DuckEngine]:
    """An engine within the job's memory, whose queries end when a person asks to stop."""
    found = quiet_engine(work)
    with work.interruptible(found.cancel):
        yield found


def quiet_engine(work: Work) -> DuckEngine:
    """An engine that a stop leaves alone: a stopped fit still judges what it has learned."""
    memory = f"{work.memory // 2**21}MiB" if work.memory else None  # half: Arrow and numpy need theirs
    return DuckEngine(memory=memory, scratch=work.scratch / "spill", within=work.store.home)


def version_of(work: Work, version_id: str) -> tuple[Version, Table]:
    version = work.store.get(Version, version_id, work.owner)
    return version, tables.table(work.store, version)
