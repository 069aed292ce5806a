"""The catalog: SQLite rows that name immutable files, each with an owner that every query asks for."""

from __future__ import annotations

import builtins
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from core.errors import LimitReached, NotFound
from core.store import files, schema
from core.store.files import NewObject
from core.store.plain import encode
from core.store.records import Connection, Record

R = TypeVar("R", bound=Record)

FOLDERS = ("objects", "tmp", "scratch", "jobs", "logs")
_DEFAULT_HOME = Path(__file__).resolve().parents[2] / "data" / "store"
_left_open: list[list[sqlite3.Connection]] = []  # a parent's connections: never used or closed after a fork


def usual_home() -> Path:
    """Where the store lies unless told otherwise: SIGHTLINE_HOME, or data/store beside the code."""
    return Path(os.environ.get("SIGHTLINE_HOME") or _DEFAULT_HOME).resolve()


class Transaction:
    """What can be done to the catalog in one go; `Store.writing` commits all of it or nothing."""

    def __init__(self, connection: sqlite3.Connection, quota: int | None = None) -> None:
        self.connection, self._quota = connection, quota

    def get(self, cls: type[R], id: str, owner: str) -> R:
        """The record; NotFound when there is none or it is somebody else's."""
        row = self.connection.execute(
            "SELECT id, owner, created, body FROM record WHERE id = ? AND owner = ? AND kind = ?",
            (id, owner, cls.kind()),
        ).fetchone()
        if row is None:
            raise _missing(cls.kind(), id)
        return _record(cls, row)

    def body(self, id: str, owner: str) -> str | None:
        """What a record of whatever kind holds, as JSON; None when the owner has none of this id."""
        query = "SELECT body FROM record WHERE id = ? AND owner = ?"
        row = self.connection.execute(query, (id, owner)).fetchone()
        return None if row is None else str(row[0])

    def parts(self, dataset: str, owner: str) -> builtins.list[str]:
        """The ids of a dataset's versions."""
        query = "SELECT id FROM record WHERE owner = ? AND kind = ? AND json_extract(body, '$.dataset') = ?"
        return [str(id) for (id,) in self.connection.execute(query, (owner, "version", dataset))]

    def files(self, id: str, owner: str) -> builtins.list[str]:
        """The ids of the files that belong to a record."""
        query = "SELECT id FROM object WHERE record = ? AND owner = ? AND dropped IS NULL"
        return [str(name) for (name,) in self.connection.execute(query, (id, owner))]

    def keeps(self, object_id: str, owner: str) -> bool:
        """Whether the owner has a file of this id."""
        query = "SELECT 1 FROM object WHERE id = ? AND owner = ? AND dropped IS NULL"
        return self.connection.execute(query, (object_id, owner)).fetchone() is not None

    def list(self, cls: type[R], owner: str, *, limit: int | None = None, **where: Any) -> builtins.list[R]:
        """The owner's records of a kind, newest first, whose fields have these values."""
        return self._select(cls, "owner = ? AND ", (owner,), where, limit)

    def every(self, cls: type[R], **where: Any) -> builtins.list[R]:
        """Records of all owners: for what keeps the house (the job queue, upkeep), never for a page."""
        return self._select(cls, "", (), where)

    def _select(
        self,
        cls: type[R],
        condition: str,
        values: tuple[Any, ...],
        where: dict[str, Any],
        limit: int | None = None,
    ) -> builtins.list[R]:
        for field in where:
            if field not in cls.model_fields or field in Record.model_fields:
                raise TypeError(f"{cls.__name__} has no field {field!r}")
        # field names are our own identifiers (checked above); written out, so that an index matches
        tests = "".join(f" AND json_extract(body, '$.{field}') IS ?" for field in where)
        rows = self.connection.execute(
            "SELECT id, owner, created, body FROM record"
            f" WHERE {condition}kind = ?{tests} ORDER BY seq DESC LIMIT ?",
            (*values, cls.kind(), *where.values(), -1 if limit is None else limit),
        )
        return [_record(cls, row) for row in rows]

    def add(self, record: R, objects: Sequence[NewObject] = ()) -> R:
        """Keep a new record and the files that belong to it."""
        self.connection.execute(
            "INSERT INTO record (id, kind, owner, created, body) VALUES (?, ?, ?, ?, ?)",
            (record.id, record.kind(), record.owner, record.created.isoformat(), _body(record)),
        )
        self._attach(record, objects)
        return record

    def change(
        self, cls: type[R], id: str, owner: str, objects: Sequence[NewObject] = (), **changes: Any
    ) -> R:
        """Replace fields of a record, and keep more files that belong to it."""
        current = self.get(cls, id, owner)
        changed = cls.model_validate({**dict(current), **changes, "id": id, "owner": owner})
        self.connection.execute("UPDATE record SET body = ? WHERE id = ?", (_body(changed), id))
        self._attach(changed, objects)
        return changed

    def delete(self, cls: type[R], id: str, owner: str) -> None:
        """Forget a record; its files go with the next collection that no running job may need them."""
        self.get(cls, id, owner)
        self.connection.execute("DELETE FROM record WHERE id = ?", (id,))
        self.connection.execute(
            "UPDATE object SET dropped = ? WHERE record = ? AND dropped IS NULL", (time.time(), id)
        )

    def used(self, owner: str) -> int:
        """Bytes that the owner's files take."""
        query = "SELECT COALESCE(SUM(bytes), 0) FROM object WHERE owner = ? AND dropped IS NULL"
        return int(self.connection.execute(query, (owner,)).fetchone()[0])

    def check_quota(self, owner: str, needed: int) -> None:
        """LimitReached when the owner's files would take more than is set aside for one owner."""
        if self._quota is None:
            return
        used = self.used(owner)
        if used + needed > self._quota:
            raise LimitReached(
                "This needs {needed}; {used} of your {quota} are taken.",
                hint="Delete datasets or runs that you no longer need.",
                needed=files.readable(needed),
                used=files.readable(used),
                quota=files.readable(self._quota),
            )

    def _attach(self, record: Record, objects: Sequence[NewObject]) -> None:
        if not objects:
            return
        self.check_quota(record.owner, sum(made.bytes for made in objects))
        for made in objects:
            if made.owner != record.owner:
                raise _missing("object", made.id)
            if not made.path.exists():  # collected while it waited: a row must never name nothing
                raise FileNotFoundError(made.path)
            self.connection.execute(
                "INSERT INTO object (id, owner, record, bytes, fingerprint, created)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (made.id, made.owner, record.id, made.bytes, made.fingerprint, time.time()),
            )


class Store:
    """Everything Sightline keeps, under one folder. Threads, processes and forks may share it."""

    def __init__(self, home: Path | None = None, *, quota: int | None = None) -> None:
        self.home = (home or usual_home()).resolve()
        limit = os.environ.get("SIGHTLINE_QUOTA")
        self.quota = quota if quota is not None or not limit else files.parse_bytes(limit)
        self._catalog = self.home / "catalog.db"
        self._idle: list[sqlite3.Connection] = []
        self._process = os.getpid()
        files.make_folders(self.home, FOLDERS)
        schema.prepare(self._catalog)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile. List pop and append are atomic."""
        if self._process != os.getpid():
            _left_open.append(self._idle)
            self._idle, self._process = [], os.getpid()
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = schema.connect(self._catalog)
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        finally:
            self._idle.append(connection)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent view of the catalog."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            yield Transaction(connection, self.quota)
            connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Read and change in one transaction: durable when the block ends, undone when it raises."""
        try:
            with self._connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield Transaction(connection, self.quota)
                connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            raise LimitReached("The disk is full.", hint="Make room, then try again.") from error

    def add(self, record: R, objects: Sequence[NewObject] = ()) -> R:
        """Keep a new record and the files that belong to it: durable when this returns."""
        with self.writing() as catalog:
            return catalog.add(record, objects)

    def get(self, cls: type[R], id: str, owner: str) -> R:
        """The record; NotFound when there is none or it is somebody else's."""
        with self.reading() as catalog:
            return catalog.get(cls, id, owner)

    def list(self, cls: type[R], owner: str, *, limit: int | None = None, **where: Any) -> builtins.list[R]:
        """The owner's records of a kind, newest first, whose fields have these values."""
        with self.reading() as catalog:
            return catalog.list(cls, owner, limit=limit, **where)

    def every(self, cls: type[R], **where: Any) -> builtins.list[R]:
        """Records of all owners: for what keeps the house, never for a page."""
        with self.reading() as catalog:
            return catalog.every(cls, **where)

    def change(
        self, cls: type[R], id: str, owner: str, objects: Sequence[NewObject] = (), **changes: Any
    ) -> R:
        """Replace fields of a record and keep more files: durable when this returns."""
        with self.writing() as catalog:
            return catalog.change(cls, id, owner, objects, **changes)

    def delete(self, cls: type[R], id: str, owner: str) -> None:
        """Forget a record and put its files out of reach."""
        with self.writing() as catalog:
            catalog.delete(cls, id, owner)

    def new_object(self, owner: str, suffix: str) -> AbstractContextManager[NewObject]:
        """A file to write at `.path`; it exists once `add` or `change` was given it."""
        return files.new_object(self.home, owner, suffix)

    def place(self, object_id: str, owner: str) -> Path:
        """Where an object's file lies; NotFound when there is none or it is somebody else's."""
        with self._connection() as connection:
            found = Transaction(connection).keeps(object_id, owner)
        if not found:
            raise _missing("object", object_id)
        return self.home / "objects" / object_id  # the id as the catalog has it: never a path of the user's

    def secret(self, connection: str, owner: str) -> str:
        """The password of a connection; empty when it has none."""
        from core.store import sealed

        found = self.get(Connection, connection, owner)
        if found.secret is None:
            return ""
        return sealed.unseal(self.home, found.secret, f"{owner}:{connection}")

    def check_space(self, bytes_needed: int, owner: str | None = None) -> None:
        """LimitReached when 5% of the disk would not stay free, or the owner's quota would not do."""
        files.check_free(self.home, bytes_needed)
        if owner is not None:
            with self.reading() as catalog:
                catalog.check_quota(owner, bytes_needed)

    def collect_garbage(self) -> int:
        """Remove files that nothing names and no running work may need; returns how many."""
        from core.store import upkeep

        return upkeep.collect_garbage(self)

    def data_version(self) -> int:
        """A number that changes when another connection has changed the catalog."""
        with self._connection() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the idle connections of this process; the store stays usable."""
        while self._process == os.getpid() and self._idle:
            self._idle.pop().close()


def _body(record: Record) -> str:
    return encode(record.model_dump(exclude={"id", "owner", "created"}))


def _record(cls: type[R], row: tuple[str, str, str, str]) -> R:

    id, owner, created, body = row
    return cls.model_validate({**json.loads(body), "id": id, "owner": owner, "created": created})


def _missing(kind: str, id: str) -> NotFound:
    return NotFound(
        "There is no {kind} {id!r} here.",
        hint="It may have been deleted, or the address is incomplete.",
        kind=kind,
        id=id if len(id) <= 80 else id[:79] + "…",
    )
