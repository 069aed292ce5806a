"""Databases: looked around in, previewed, and their tables and queries read into versions."""

from __future__ import annotations

import time
from typing import Any

from core import connections
from core.contracts import Account, Json
from core.jobs.work import Work
from core.params import validated
from core.sources.database import Reading, Session, Taken
from core.store import Connection, NewObject, Version, tables
from core.tasks.files import shown
from core.tasks.given import Result
from core.tasks.refreshing import Fresh, refreshed

PREVIEW_ROWS, PREVIEW_SECONDS = 50, 20.0


def connect_database(work: Work) -> Result:
    """Try a connection, and see what its database holds.

    Parameters: connection. Result: server, tls (empty: not encrypted), tables, more, seconds.
    """
    connection = work.store.get(Connection, work.params["connection"], work.owner)
    begun = time.monotonic()
    work.watch.progress(None, "Connecting")
    with connections.opened(work, connection) as session:
        seconds = time.monotonic() - begun
        work.watch.progress(None, "Looking for tables")
        about = connections.patiently(work, session.about)
        held = connections.patiently(work, session.held)
    return {**about, **held.model_dump(mode="json"), "seconds": round(seconds, 3)}


def preview_database(work: Work) -> Result:
    """The first rows of a table or a query, as they would be stored, and what the table is like.

    Parameters: connection, reading. Result: reading, preview, shape (of a table).
    """
    import pyarrow.parquet as pq

    from core.sources import Preview

    connection = work.store.get(Connection, work.params["connection"], work.owner)
    reading = validated(Reading, work.params["reading"])
    place = work.scratch / "preview.parquet"
    work.watch.progress(None, "Connecting")
    with connections.opened(work, connection) as session:
        work.watch.progress(None, "Asking for the first rows")
        shape = None
        if reading.table:
            shape = connections.patiently(work, lambda: session.shape(reading.schema_name, reading.table))
        taken = session.read(reading, place, work.watch, rows=PREVIEW_ROWS, seconds=PREVIEW_SECONDS)
    found = Preview(taken.columns, pq.read_table(place), (), taken.notes)
    return {
        "reading": reading.model_dump(mode="json"),
        "preview": shown(found),
        "shape": shape.model_dump(mode="json") if shape else None,
    }


def import_database(work: Work) -> Result:
    """Read a table or a query into a new dataset.

    Parameters: connection, reading, name. Result: dataset, version, rows, refused, notes.
    """
    connection = work.store.get(Connection, work.params["connection"], work.owner)
    reading = validated(Reading, work.params["reading"])
    with work.store.new_object(work.owner, ".parquet") as stored:
        taken, about, key = taken_from(work, connection, reading, stored)
    kept = as_version(connection, reading, stored, taken, about, key)
    name = work.params.get("name") or reading.title()
    _, version = tables.add_dataset(work.store, work.owner, name, **kept)
    return {
        "dataset": version.dataset,
        "version": version.id,
        "rows": taken.rows,
        "refused": 0,
        "notes": list(taken.notes),
    }


def taken_from(
    work: Work, connection: Connection, reading: Reading, stored: NewObject
) -> tuple[Taken, dict[str, str], tuple[str, ...]]:
    """Read into a new file; what was read, what answered, and the columns that tell rows apart."""
    work.watch.progress(None, "Connecting")
    with connections.opened(work, connection) as session:
        about = connections.patiently(work, session.about)
        key = reading.key or _key(work, session, reading)
        work.watch.progress(None, "Asking for the rows")
        taken = session.read(reading, stored.path, work.watch)
    names = {column.name for column in taken.columns}
    return taken, about, key if set(key) <= names else ()


def _key(work: Work, session: Session, reading: Reading) -> tuple[str, ...]:
    if not reading.table:
        return ()
    return connections.patiently(work, lambda: session.shape(reading.schema_name, reading.table)).key


def as_version(
    connection: Connection,
    reading: Reading,
    stored: NewObject,
    taken: Taken,
    about: dict[str, str],
    key: tuple[str, ...],
) -> dict[str, Any]:
    """What the store keeps of a reading: enough to do it again."""
    account = Account(
        rows_in=taken.rows,
        rows=taken.rows,
        refused=0,
        columns=taken.columns,
        dialect={"server": about["server"], "tls": about["tls"] or "none"},
        notes=taken.notes,
    )
    place = f"{reading.schema_name}.{reading.table}" if reading.schema_name else reading.title()
    source: dict[str, Json] = {
        "kind": "database",
        "connection": connection.id,
        "reading": reading.model_copy(update={"key": key}).model_dump(mode="json"),
    }
    return {
        "object": stored,
        "columns": taken.columns,
        "rows": taken.rows,
        "account": account,
        "source": source,
        "origin": f"{connection.name}: {place}",
    }


def refresh_database(work: Work) -> Result:
    """Read a dataset again from its database, and say what changed; nothing new makes no version.

    Parameters: what `core.refresh.parameters` gives; schedule, missed (when a schedule asked).
    Where recipes had made versions of an earlier reading, their steps are applied to the new one.
    Result: dataset, version (None: nothing had changed), made (by the steps), rows, changes.
    """

    def read(before: Version, stored: NewObject) -> Fresh:
        connection = work.store.get(Connection, work.params["connection"], work.owner)
        reading = validated(Reading, (before.source or {})["reading"])
        taken, about, key = taken_from(work, connection, reading, stored)
        kept = as_version(connection, reading, stored, taken, about, key)
        del kept["object"]
        return Fresh(taken.columns, kept, key)

    return refreshed(work, read, "Mend them in the database, or change the rules.")
