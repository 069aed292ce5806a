"""Databases: looked around in, previewed, and their tables and queries read into versions."""

from __future__ import annotations

import time
from typing import Any, Literal

from core import connections, refresh, rules, sql
from core.contracts import Account, Json, Table
from core.errors import BadInput, Cancelled, SightlineError
from core.jobs.answers import failure
from core.jobs.work import Work
from core.params import validated
from core.sources.database import Reading, Session, Taken
from core.store import Connection, NewObject, Refresh, Version, tables
from core.tasks.again import kept_upon, steps_again
from core.tasks.files import shown
from core.tasks.given import Result, engine
from core.tasks.rules import new_table_judged

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
    Where recipes had made versions of an earlier reading, their steps are applied to the new one, unless
    the dataset is set not to.
    Result: dataset, version (None: nothing had changed), made (by the steps), rows, changes.
    """
    begun = time.monotonic()
    before = work.store.get(Version, work.params["before"], work.owner)
    kept: dict[str, Any] = {
        "owner": work.owner,
        "dataset": before.dataset,
        "connection": work.params["connection"],
        "before": before.id,
        "schedule": work.params.get("schedule"),
        "missed": int(work.params.get("missed") or 0),
    }
    try:
        came, changes = _read_again(work, before)
    except SightlineError as error:
        state: Literal["cancelled", "failed"] = "cancelled" if isinstance(error, Cancelled) else "failed"
        told = None if isinstance(error, Cancelled) else failure(error)["error"]
        seconds = round(time.monotonic() - begun, 1)
        work.store.add(Refresh(state=state, error=told, seconds=seconds, **kept))
        raise
    found = changes.model_dump(mode="json")
    seconds = round(time.monotonic() - begun, 1)
    work.store.add(Refresh(state="done", changes=found, seconds=seconds, **came, **kept))
    return {
        "dataset": before.dataset,
        "version": came["version"],
        "made": came["made"],
        "rows": changes.after,
        "changes": found,
    }


def _read_again(work: Work, before: Version) -> tuple[dict[str, Any], refresh.Changes]:
    """What came of it (version, made by the steps, why the steps were not applied), and what changed."""
    connection = work.store.get(Connection, work.params["connection"], work.owner)
    reading = validated(Reading, (before.source or {})["reading"])
    with work.store.new_object(work.owner, ".parquet") as stored:
        taken, about, key = taken_from(work, connection, reading, stored)
        work.watch.progress(None, "Comparing with the last reading")
        now = Table(sql.parquet(stored.path, [column.name for column in taken.columns]), taken.columns)
        with engine(work) as ready:
            was, listed = tables.table(work.store, before), work.scratch / "differing.parquet"
            changes = refresh.compare(was, now, key, listed, ready)
            if changes.none:  # the file belongs to no record: it is collected
                return {"version": None, "made": None}, changes
            judged = new_table_judged(work, before.dataset, stored.path, taken.columns, ready, made=False)
        if judged.stops:
            raise BadInput(
                "The new rows were not taken over: {problem}",
                hint="Mend them in the database, or change the rules.",
                problem=judged.said(),
            )
        made, problem = steps_again(work, now)
    kept = as_version(connection, reading, stored, taken, about, key)
    version = tables.add_version(work.store, work.owner, before.dataset, **kept)
    rules.keep(work.store, version, judged)
    last = kept_upon(work, version, made)
    return {"version": version.id, "made": last.id if made else None, "error": problem}, changes
