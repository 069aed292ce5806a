"""Collecting what nothing names, checking what is kept, and copying all of it away safely."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from core.errors import BadInput
from core.store import files, schema
from core.store.catalog import Store, Transaction
from core.store.records import Job

YOUNG = 3600.0  # seconds in which a file without a row may still get one


def collect_garbage(store: Store, *, young: float = YOUNG) -> int:
    """Remove files that nothing names; returns how many.

    Spares everything younger than the oldest running job or an hour: a job may be about to commit
    a file, or to open one whose record was deleted after it began. Does nothing while a backup runs.
    """
    with files.locked(store.home / "upkeep.lock", wait=False) as free:
        if not free:
            return 0
        # one transaction: nobody can commit a row for a file while it is being removed
        with store.writing() as catalog:
            running = [job.started or job.created for job in catalog.every(Job, state="running")]
            limit = min([time.time() - young, *(start.timestamp() for start in running)])
            return _dropped(store.home, catalog, limit) + _orphans(store.home, catalog, limit)


def _dropped(home: Path, catalog: Transaction, limit: float) -> int:
    """Files whose record was deleted long enough ago."""
    query = "SELECT id FROM object WHERE dropped < ?"
    names = [name for (name,) in catalog.connection.execute(query, (limit,)).fetchall()]
    for name in names:
        (home / "objects" / name).unlink(missing_ok=True)
        catalog.connection.execute("DELETE FROM object WHERE id = ?", (name,))
    return len(names)


def _orphans(home: Path, catalog: Transaction, limit: float) -> int:
    """Files without a row, half-written files, and what jobs left that nobody remembers."""
    objects = {name for (name,) in catalog.connection.execute("SELECT id FROM object")}
    jobs = {job.id: job for job in catalog.every(Job)}
    idle = {id for id, job in jobs.items() if job.over} | {""}
    candidates = [
        *(place for place in (home / "objects").iterdir() if place.name not in objects),
        *(home / "tmp").iterdir(),
        *(place for place in (home / "scratch").iterdir() if place.name not in jobs or place.name in idle),
        *(place for place in (home / "jobs").glob("jb_*") if place.name.partition(".")[0] not in jobs),
    ]
    old = [place for place in candidates if place.lstat().st_mtime < limit]
    for place in old:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()
    return len(old)


def backup(store: Store, destination: Path) -> int:
    """Copy the whole store to a new folder while it is in use; returns the files kept there.

    The catalog is copied by SQLite, then each file it names is linked (copied where the folder is
    on another disk). What the folder holds is itself a store: SIGHTLINE_HOME may name it.
    """
    if destination.exists():
        raise BadInput(
            "{place} is there already.", hint="Give a folder that does not exist.", place=str(destination)
        )
    partial = destination.with_name(destination.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with files.locked(store.home / "upkeep.lock"):  # nothing is collected meanwhile
        files.make_folders(partial, ("objects",))
        with (
            closing(schema.connect(store.home / "catalog.db")) as live,
            closing(sqlite3.connect(partial / "catalog.db")) as copy,
        ):
            live.backup(copy)
            names = [name for (name,) in copy.execute("SELECT id FROM object WHERE dropped IS NULL")]
        for name in names:
            _link(store.home / "objects" / name, partial / "objects" / name)
        files.sync_folder(partial / "objects")
        files.sync_folder(partial)
        partial.rename(destination)
        files.sync_folder(destination.parent)
    return len(names)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # safe: objects are never written again
    except OSError:
        shutil.copyfile(source, target)
        with target.open("rb") as file:
            files.sync(file.fileno())


def damage(store: Store) -> list[str]:
    """The objects whose file is missing or whose bytes are not what was stored; empty when all is well."""
    with store.reading() as catalog:
        rows = catalog.connection.execute(
            "SELECT id, fingerprint FROM object WHERE dropped IS NULL"
        ).fetchall()
    places = {name: store.home / "objects" / name for name, _ in rows}
    return [
        name
        for name, expected in rows
        if not places[name].exists() or files.fingerprint(places[name]) != expected
    ]
