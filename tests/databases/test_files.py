"""SQLite and DuckDB files: read, never written, and none but those that were allowed."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from pathlib import Path

import duckdb
import pytest

from core.contracts import Recorded
from core.errors import BadInput, BadParameter, Cancelled, NotFound, SightlineError
from core.sources.database import Session
from tests.databases.conftest import Opened, said, taken


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as link:
        link.executescript(
            """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, price REAL, day TEXT, mixed, raw BLOB);
            CREATE VIEW dear AS SELECT * FROM orders WHERE price > 10;
            CREATE TABLE "odd ""name"", with.dot" (a INT, b INT, PRIMARY KEY (b, a));
            """
        )
        rows = [
            (i, f"r{i % 3}", i / 4, f"2024-01-{1 + i % 28:02}", i if i < 50 else "many", b"\x01\xff")
            for i in range(1, 101)
        ]
        link.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)", rows)
    link.close()
    return place


@pytest.fixture
def sqlite(sqlite_file: Path, opened: Opened) -> Session:
    return opened({"kind": "sqlite_file", "upload": "up_x"}, "", sqlite_file)


@pytest.fixture
def duck(tmp_path: Path, opened: Opened) -> Session:
    place = tmp_path / "shop.duckdb"
    with duckdb.connect(str(place)) as link:
        link.execute("CREATE SCHEMA extra")
        link.execute(
            "CREATE TABLE orders (id BIGINT PRIMARY KEY, moment TIMESTAMPTZ, n DECIMAL(18,2), l INT[])"
        )
        link.execute(
            "INSERT INTO orders"
            " SELECT i, TIMESTAMPTZ '2024-06-01 12:00:00+02', i / 4, [i] FROM range(100) t(i)"
        )
        link.execute("CREATE TABLE extra.other AS SELECT 1 AS a")
        link.execute("CREATE VIEW dear AS SELECT * FROM orders WHERE n > 10")
    return opened({"kind": "duckdb_file", "upload": "up_x"}, "", place)


def test_a_sqlite_file_is_looked_around_in(sqlite: Session) -> None:
    held = sqlite.held()
    assert [(t.name, t.kind, t.rows, t.exact) for t in held.tables] == [
        ("dear", "view", None, False),
        ('odd "name", with.dot', "table", 0, True),
        ("orders", "table", 100, True),
    ]
    shape = sqlite.shape("", "orders")
    assert [(c.name, c.type) for c in shape.columns][:2] == [("id", "integer"), ("region", "text")]
    assert (shape.key, shape.rows) == (("id",), 100)
    assert sqlite.shape("", 'odd "name", with.dot').key == ("b", "a")
    with pytest.raises(NotFound):
        sqlite.shape("", "nothing")


def test_a_sqlite_table_gets_types_by_its_values(sqlite: Session, tmp_path: Path) -> None:
    found, table = taken(sqlite, tmp_path, table="orders")
    types = {column.name: column.type for column in found.columns}
    assert types == {
        "id": "integer", "region": "text", "price": "number", "day": "date", "mixed": "text", "raw": "text",
    }  # fmt: skip
    assert found.rows == 100
    assert table.to_pylist()[0] == {
        "id": 1, "region": "r1", "price": 0.25, "day": dt.date(2024, 1, 2), "mixed": "1", "raw": "01ff",
    }  # fmt: skip
    assert "raw: bytes were written as hexadecimal text" in said(found)


def test_a_duckdb_file_is_looked_around_in_and_read(duck: Session, tmp_path: Path) -> None:
    found = {(t.schema_name, t.name): t for t in duck.held().tables}
    assert found["main", "orders"].rows == 100
    assert found["main", "dear"].kind == "view"
    assert ("extra", "other") in found
    shape = duck.shape("main", "orders")
    assert (shape.key, shape.rows, shape.exact) == (("id",), 100, True)
    read, table = taken(duck, tmp_path, table="orders", schema_name="main")
    assert [c.type for c in read.columns] == ["integer", "datetime", "number", "text"]
    assert table.to_pylist()[5] == {"id": 5, "moment": dt.datetime(2024, 6, 1, 10), "n": 1.25, "l": "[5]"}
    assert taken(duck, tmp_path, "SELECT * FROM range(1000000000)", rows=50, seconds=10)[0].rows == 50
    assert taken(duck, tmp_path, "FROM orders LIMIT 7 -- some", rows=50)[0].rows == 7


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM orders",
        "SELECT 1; DELETE FROM orders",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_table_info('orders'), (SELECT writefile('/tmp/x', 'y'))",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "ATTACH '/etc/passwd' AS other",
    ],
)
def test_a_query_on_a_sqlite_file_only_reads(sqlite: Session, tmp_path: Path, query: str) -> None:
    with pytest.raises((BadInput, BadParameter)):
        taken(sqlite, tmp_path, query)
    assert sqlite.shape("", "orders").rows == 100


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "FROM '/etc/passwd'",
        "SELECT getenv('HOME')",
        "COPY orders TO '/tmp/x.csv'",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "ATTACH '/tmp/x.db'",
        "SET memory_limit = '9GB'",
    ],
)
def test_a_query_on_a_duckdb_file_reaches_nothing_else(duck: Session, tmp_path: Path, query: str) -> None:
    with pytest.raises((BadInput, BadParameter)):
        taken(duck, tmp_path, query)
    assert duck.shape("main", "orders").rows == 100


def test_long_questions_end_in_time(sqlite: Session, duck: Session, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t"
    for session in (sqlite, duck):
        with pytest.raises(BadInput, match="in time"):
            taken(session, tmp_path, endless, seconds=0.3)


class Stopped(Recorded):
    """Asked to stop a moment after it was made."""

    def __init__(self) -> None:
        super().__init__()
        self.at = time.monotonic() + 0.3

    def stopped(self) -> bool:
        return time.monotonic() > self.at


def test_reading_stops_when_asked(sqlite: Session, duck: Session, tmp_path: Path) -> None:
    endless = "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT * FROM t"
    for session in (sqlite, duck):
        with pytest.raises(Cancelled):
            taken(session, tmp_path, endless, watch=Stopped())


@pytest.mark.parametrize("kind", ["sqlite_file", "duckdb_file"])
def test_what_is_no_database_is_refused_in_words(tmp_path: Path, opened: Opened, kind: str) -> None:
    place = tmp_path / "not.db"
    place.write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
    with pytest.raises(BadInput, match=r"no \w+ database that can be read"):
        opened({"kind": kind, "upload": "up_x"}, "", place)


def test_a_file_of_the_server_has_to_lie_in_an_allowed_folder(
    sqlite_file: Path, tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFound):
        opened({"kind": "sqlite_file", "place": str(sqlite_file)}, "")
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(allowed))
    (allowed / "link.db").symlink_to(sqlite_file)
    for name in (str(sqlite_file), "../shop.db", str(allowed / "link.db"), "/etc/passwd", "", "a\0b"):
        with pytest.raises(SightlineError):
            opened({"kind": "sqlite_file", "place": name}, "")
    sqlite_file.rename(allowed / "shop.db")
    assert opened({"kind": "sqlite_file", "place": str(allowed / "shop.db")}, "").held().tables
    assert opened({"kind": "sqlite_file", "place": "shop.db"}, "").held().tables


def test_a_sqlite_file_that_somebody_writes_is_read_with_its_log(
    sqlite_file: Path, tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(tmp_path))
    with sqlite3.connect(sqlite_file) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO orders (id) VALUES (9999)")
        writer.commit()
        session = opened({"kind": "sqlite_file", "place": str(sqlite_file)}, "")
        assert session.shape("", "orders").rows == 101
    writer.close()
