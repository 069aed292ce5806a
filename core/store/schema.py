"""The catalog's tables and how an older catalog is brought forward."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.errors import SightlineError
from core.store.files import locked

# Each entry brings a catalog from the version before to its own (1, 2, ...). Entries are never
# edited once released: a new one is added.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE record (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner TEXT NOT NULL,
            created TEXT NOT NULL, body TEXT NOT NULL CHECK (json_valid(body))) STRICT""",
        """CREATE TABLE object (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, record TEXT NOT NULL, bytes INTEGER NOT NULL,
            fingerprint TEXT NOT NULL, created REAL NOT NULL, dropped REAL) STRICT, WITHOUT ROWID""",
        "CREATE INDEX record_owner ON record (owner, kind, seq)",
        "CREATE INDEX record_dataset ON record (owner, kind, json_extract(body, '$.dataset'))",
        "CREATE INDEX record_version ON record (owner, kind, json_extract(body, '$.version'))",
        "CREATE INDEX record_state ON record (kind, json_extract(body, '$.state'))",
        "CREATE INDEX object_record ON object (record)",
        "CREATE INDEX object_owner ON object (owner, dropped)",
    ),
    (  # a run's curves are in its card already: its record keeps what a list of runs shows
        """UPDATE record SET body = json_remove(
            body, '$.metrics.curves', '$.metrics.history', '$.metrics.coefficients', '$.metrics.features',
            '$.metrics.classes', '$.metrics.left_out', '$.metrics.facts')
            WHERE kind = 'run' AND json_extract(body, '$.card') IS NOT NULL""",
    ),
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits are on the disk when they return, and which waits its turn."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: through the drive's cache
    return connection


def prepare(path: Path) -> None:
    """Create the catalog or bring it forward; refuse one that a newer Sightline wrote."""
    with locked(path.with_suffix(".lock")):
        path.touch(mode=0o600)
        path.chmod(0o600)  # SQLite gives its log and index the same
        connection = connect(path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            _migrate(connection, path)
        finally:
            connection.close()


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > len(MIGRATIONS):
        raise SightlineError(
            "The store at {place} was written by a newer Sightline: its format is {found}, "
            "and this one reads up to {known}.",
            hint="Update Sightline, or let SIGHTLINE_HOME name another folder.",
            place=str(path.parent),
            found=found,
            known=len(MIGRATIONS),
        )
    for number in range(found + 1, len(MIGRATIONS) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in MIGRATIONS[number - 1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
