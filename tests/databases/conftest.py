"""Databases to test against, as the session's fixtures: real servers, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from core.contracts import Recorded
from core.sources.database import Database, Here, Reading, Session, Taken
from tests.databases import servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Running]:
    """A PostgreSQL server with a database called shop."""
    if servers.found_postgres() is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with servers.postgres() as running:
        yield running


@pytest.fixture(scope="session")
def mariadb() -> Iterator[servers.Running]:
    """A MariaDB server with a database called shop."""
    if servers.found_mariadb() is None:
        pytest.skip("no MariaDB server is installed (Debian: apt-get install mariadb-server)")
    with servers.mariadb() as running:
        yield running


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of the tests are on this machine, which an administrator has to allow."""
    monkeypatch.setenv("SIGHTLINE_DB_HOSTS", "localhost 127.0.0.1 ::1")


Opened = Callable[..., Session]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Sessions by their settings: opened(postgres.settings(), password)."""
    sessions: list[Session] = []

    def connect(
        settings: dict[str, Any], password: str = servers.PASSWORD, file: Path | None = None
    ) -> Session:
        found = Database.from_json(settings)
        session = found.connect(SecretStr(password), Here(tmp_path, file))
        sessions.append(session)
        return session

    yield connect
    for session in sessions:
        session.close()


def taken(session: Session, place: Path, query: str = "", **how: Any) -> tuple[Taken, pa.Table]:
    """What a query (or a table: table="t", schema_name="s") gives, read and read back."""
    asked = Reading(query=query, **{k: how.pop(k) for k in ("table", "schema_name") if k in how})
    target = place / "taken.parquet"
    found = session.read(asked, target, how.pop("watch", Recorded()), **how)
    return found, pq.read_table(target)


def said(found: Taken) -> list[str]:
    return [str(note) for note in found.notes]
