"""What one job may reach: the files it reads, the folders it writes, and the records it may change."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core import reach
from core.jobs import events
from core.store import Connection, Job, Store
from core.store.plain import encode

_RECORD = re.compile(r"\b[a-z]{2}_[a-z2-7]{20}\b")
# parameters of words and cells, which name no records
_WORDS = ("selections", "name", "meanings", "chosen", "title", "board", "state", "filters")
_FILE = re.compile(r"\bob_[a-z2-7]{20}(?:\.[a-z0-9]{1,16}){0,2}")


@dataclass
class Access:
    """The places of a job and the ids it was given."""

    home: Path
    job: str
    scratch: Path
    made: Path  # where its new files grow
    lasting: list[Path] = field(default_factory=list)  # checkpoints: they outlive a job that dies
    reads: list[Path] = field(default_factory=list)
    named: set[str] = field(default_factory=set)  # records that its parameters name
    ports: list[int] = field(default_factory=list)  # to which it may connect: those of its databases

    def writes(self) -> list[Path]:
        return [self.scratch, self.made, *self.lasting]

    def taken(self) -> int:
        """Bytes that the job has written and that are not kept yet, with what it printed and reported."""
        own = [events.log_place(self.home, self.job), self.home / "jobs" / f"{self.job}.out"]
        return sum(_size(place) for place in (*self.writes(), *own))

    def clear(self) -> None:
        for folder in (self.scratch, self.made):
            shutil.rmtree(folder, ignore_errors=True)


def prepare(store: Store, job: Job) -> Access:
    """Make the job's folders, and look up what its parameters name.

    It reads the files of the records that its parameters name, and those of the records that these
    name in turn: a run leads to the version it was fitted on, a dataset to its versions. A cell of
    somebody else's file may look like an id and names nothing; a connection is given by the parameter
    of that name alone.
    """
    home = store.home
    found = Access(home, job.id, home / "scratch" / job.id, home / "tmp" / job.id)
    for folder in (found.scratch, found.made):
        folder.mkdir(mode=0o700)
    with store.reading() as catalog:
        found.named = {id for id in _ids(job) if catalog.body(id, job.owner) is not None}
        wanted, files = set(found.named), set()
        for id in found.named:
            body = catalog.body(id, job.owner) or ""
            wanted |= set(_RECORD.findall(body)) | set(catalog.parts(id, job.owner))
            files |= {name for name in _FILE.findall(body) if catalog.keeps(name, job.owner)}
        for id in wanted:
            files |= set(catalog.files(id, job.owner))
        for id in sorted(id for id in found.named if id.startswith(Connection.prefix)):
            settings = catalog.get(Connection, id, job.owner).settings
            found.ports += reach.ports(settings)
            found.reads += reach.files(settings)
    found.reads += [home / "objects" / name for name in sorted(files)]
    for id in sorted(found.named):
        if id.startswith("rn_"):
            (home / "fits" / id).mkdir(mode=0o700, parents=True, exist_ok=True)
            found.lasting.append(home / "fits" / id)
    return found


def _ids(job: Job) -> set[str]:
    named = {name: value for name, value in job.params.items() if name not in _WORDS}
    given = job.params.get("connection")
    every: set[str] = set(_RECORD.findall(encode(named)))
    return {id for id in every if id == given or not id.startswith(f"{Connection.prefix}_")}


def _size(place: Path) -> int:
    """Bytes on the disk under a place; what vanishes meanwhile counts nothing."""
    with suppress(OSError):
        if place.is_symlink() or not place.is_dir():
            return place.lstat().st_blocks * 512
        return sum(_size(inner) for inner in place.iterdir())
    return 0
