"""Connections to databases: kept with their password sealed, and opened where a job runs.

A password goes in and never comes out again but in the job that connects: see core.store.sealed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from pydantic import SecretStr

from core import reach
from core.errors import BadParameter, Cancelled
from core.jobs.work import Work
from core.sources.database import Database, Here, Session
from core.sources.database.local import LocalFile
from core.store import Connection, Schedule, Store, Upload, sealed
from core.store.records import new_id

T = TypeVar("T")


def keep(
    store: Store,
    owner: str,
    name: str,
    database: Database,
    password: SecretStr | None = None,
    id: str | None = None,
) -> Connection:
    """Keep a connection, or change the one called `id`.

    Without a password the one that is kept stays, as long as it leads to the same place: a password
    must not be sent to a host that somebody else typed.
    """
    wanted = _free_name(store, owner, name, id)
    _check_place(store, owner, database)
    before = store.get(Connection, id, owner) if id else None
    made = id or new_id(Connection.prefix)
    if password is not None and password.get_secret_value():
        secret = sealed.seal(store.home, password.get_secret_value(), f"{owner}:{made}")
    elif before is None or not database.needs_password:
        secret = None
    elif before.secret and database_of(before).goes_to() != database.goes_to():
        raise BadParameter(
            "The password has to be typed again: the connection leads somewhere else now.",
            hint="It is asked for whenever host, port, user or TLS change.",
        )
    else:
        secret = before.secret
    settings = database.to_json()
    if before is not None:
        return store.change(Connection, made, owner, name=wanted, settings=settings, secret=secret)
    return store.add(Connection(id=made, owner=owner, name=wanted, settings=settings, secret=secret))


def _free_name(store: Store, owner: str, name: str, id: str | None) -> str:
    wanted = " ".join(name.split())[:200]
    others = {one.name.casefold() for one in store.list(Connection, owner) if one.id != id}
    if not wanted or wanted.casefold() in others:
        raise BadParameter(
            "A connection's name must not be empty or taken. Got {name!r}.",
            hint="Choose another name.",
            name=name[:200],
        )
    return wanted


def _check_place(store: Store, owner: str, database: Database) -> None:
    """A file has to be an upload of the owner's, or lie where the administrator says."""
    if not isinstance(database, LocalFile):
        return
    if bool(database.upload) == bool(database.place):
        raise BadParameter("Choose one file: an upload, or one on this server.")
    if database.upload:
        store.get(Upload, database.upload, owner)
    else:
        reach.allowed_file(database.place)


def remove(store: Store, id: str, owner: str) -> None:
    """Forget a connection and its password; the tables that were read by it stay, their schedules end."""
    with store.writing() as catalog:
        for schedule in catalog.list(Schedule, owner, connection=id):
            catalog.delete(Schedule, schedule.id, owner)
        catalog.delete(Connection, id, owner)


def database_of(connection: Connection) -> Database:
    """The database that a connection leads to."""
    return Database.from_json(connection.settings)  # type: ignore[no-any-return]


@contextmanager
def opened(work: Work, connection: Connection) -> Iterator[Session]:
    """A session with a connection's database, in a job that was given the connection."""
    database = database_of(connection)
    file = None
    if isinstance(database, LocalFile) and database.upload:
        upload = work.store.get(Upload, database.upload, work.owner)
        file = work.store.place(upload.object, work.owner)
    password = SecretStr(work.store.secret(connection.id, work.owner))
    here = Here(work.scratch, file)
    with patiently(work, lambda: database.connect(password, here)) as session:
        yield session


def patiently(work: Work, call: Callable[[], T]) -> T:
    """What `call` gives; Cancelled as soon as a person asks to stop, however long the call may wait."""
    found: list[T] = []
    problem: list[BaseException] = []

    def run() -> None:
        try:
            found.append(call())
        except BaseException as error:  # noqa: BLE001  raised again by the one who waits
            problem.append(error)

    caller = threading.Thread(target=run, daemon=True)
    caller.start()
    while caller.is_alive():
        if work.watch.stopped():
            raise Cancelled()
        caller.join(0.1)
    if problem:
        raise problem[0]
    return found[0]
