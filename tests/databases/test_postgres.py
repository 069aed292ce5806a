"""PostgreSQL: reached, looked around in, and read, against a real server."""

from __future__ import annotations

import datetime as dt
import struct
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from core.contracts import Recorded
from core.errors import BadInput, BadParameter, Cancelled, NotFound
from core.sources.database import Reading
from tests.databases.conftest import Opened, said, taken
from tests.databases.servers import Running

NAME = 'odd "name", with.dot; drop'
MANY = "orders a CROSS JOIN orders b CROSS JOIN orders c"  # 125 thousand million rows


@pytest.fixture(scope="module")
def shop(postgres: Running) -> Running:
    quoted = '"' + NAME.replace('"', '""') + '"'
    postgres.run(
        "CREATE SCHEMA extra",
        "CREATE TABLE orders (id bigint PRIMARY KEY, region text, price numeric(10,2), at timestamptz)",
        "INSERT INTO orders SELECT i, 'r' || i % 3, i / 4.0, timestamptz '2024-03-01 12:00+05:30'"
        " + i * interval '1 minute' FROM generate_series(1, 5000) i",
        "CREATE VIEW dear AS SELECT * FROM orders WHERE price > 1000",
        f"CREATE TABLE extra.{quoted} (b int, a text, PRIMARY KEY (a, b))",
        f"INSERT INTO extra.{quoted} VALUES (1, 'x')",
        "CREATE TABLE secret (v int)",
        "CREATE TABLE kinds (b boolean, s smallint, i int, l bigint, r real, d double precision, n numeric,"
        " m money, t text, v varchar(9), c char(4), day date, moment timestamp, zoned timestamptz,"
        " span interval, clock time, js json, jb jsonb, bytes bytea, ints int[], texts text[],"
        " u uuid, ip inet, mood point, o oid, x xml, bits bit(3), r2 int4range)",
        "INSERT INTO kinds VALUES (true, -32768, 2147483647, 9223372036854775807, 0.5, 1e300, 123.456, 12.34,"
        " 'Ünï', 'abc', 'ab', '2024-02-29', '2024-02-29 23:59:59.123456', '2024-06-01 12:00+02',"
        " '1 day 2 hours', '12:34:56.5', '{\"a\": [1]}', '{\"b\":2}', '\\xdeadbeef', '{1,NULL,3}',"
        " '{\"a b\",c}', '123e4567-e89b-12d3-a456-426614174000', '10.0.0.1/8', '(1,2)', 4294967295,"
        " '<a/>', '101', '[1,5)')",
        "INSERT INTO kinds (b) VALUES (NULL)",
        "ANALYZE",
    )
    return postgres


def test_an_encrypted_connection_says_what_answered(shop: Running, opened: Opened) -> None:
    about = opened(shop.settings()).about()
    assert about["server"].startswith("PostgreSQL 1")
    assert about["tls"].startswith("TLSv1.")


@pytest.mark.parametrize(
    ("changes", "password", "words"),
    [
        ({}, "wrong", "did not accept the user 'reader'"),
        ({"user": "nobody"}, None, "did not accept the user 'nobody'"),
        ({"database": "nowhere"}, None, "no database 'nowhere'"),
        ({"host": "no-such-host.invalid"}, None, "no host called 'no-such-host.invalid'"),
        ({"port": 1}, None, "port 1: the connection was refused"),
        ({"authority": ""}, None, "No encrypted connection to localhost"),
        ({"host": "127.0.0.1"}, None, "No encrypted connection to 127.0.0.1"),
        ({"tls": "off"}, None, "does not let this machine and user in"),
    ],
)
def test_what_hinders_a_connection_is_said_in_words(
    shop: Running, opened: Opened, changes: dict[str, Any], password: str | None, words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        opened(shop.settings(**changes), *([password] if password else []))
    assert words in str(caught.value)
    assert "pa'ss" not in str(caught.value)


def test_each_tls_mode_does_what_it_says(shop: Running, opened: Opened) -> None:
    for mode in ("require", "prefer"):
        assert opened(shop.settings(tls=mode, authority="")).about()["tls"]
    assert opened(shop.settings(tls="off", user="plain")).about()["tls"] == ""


def test_the_catalog_lists_schemas_tables_and_rows(shop: Running, opened: Opened) -> None:
    held = opened(shop.settings()).held()
    found = {(t.schema_name, t.name): t for t in held.tables}
    assert found["public", "orders"].rows == 5000
    assert not found["public", "orders"].exact
    assert found["public", "dear"].kind == "view"
    assert found["extra", NAME].rows == 1
    assert not any(schema.startswith("pg_") for schema, _ in found)


def test_a_user_without_the_right_does_not_see_a_table(shop: Running, opened: Opened) -> None:
    shop.run(
        "DROP ROLE IF EXISTS poor", "CREATE ROLE poor LOGIN PASSWORD 'p'", "GRANT SELECT ON orders TO poor"
    )
    held = opened(shop.settings(user="poor"), "p").held()
    assert [t.name for t in held.tables] == ["orders"]


def test_a_table_has_columns_a_key_and_a_count(shop: Running, opened: Opened) -> None:
    session = opened(shop.settings())
    shape = session.shape("public", "orders")
    assert [(c.name, c.type, c.optional) for c in shape.columns] == [
        ("id", "bigint", False),
        ("region", "text", True),
        ("price", "numeric(10,2)", True),
        ("at", "timestamp with time zone", True),
    ]
    assert (shape.key, shape.rows, shape.exact) == (("id",), 5000, True)
    assert set(session.shape("extra", NAME).key) == {"a", "b"}
    with pytest.raises(NotFound):
        session.shape("public", "nothing")


def test_every_type_becomes_one_of_the_six(shop: Running, opened: Opened, tmp_path: Path) -> None:
    found, table = taken(opened(shop.settings()), tmp_path, table="kinds")
    types = {column.name: column.type for column in found.columns}
    row, empty = table.to_pylist()
    assert found.rows == 2
    assert set(empty.values()) == {None}
    assert row == {
        "b": True, "s": -32768, "i": 2147483647, "l": 9223372036854775807, "r": 0.5, "d": 1e300, "n": 123.456,
        "m": 12.34, "t": "Ünï", "v": "abc", "c": "ab", "day": dt.date(2024, 2, 29),
        "moment": dt.datetime(2024, 2, 29, 23, 59, 59, 123456), "zoned": dt.datetime(2024, 6, 1, 10),
        "span": "1 day 02:00:00", "clock": "12:34:56.5", "js": '{"a": [1]}', "jb": '{"b": 2}',
        "bytes": "deadbeef", "ints": "[1,null,3]", "texts": '["a b","c"]',
        "u": "123e4567-e89b-12d3-a456-426614174000", "ip": "10.0.0.1/8", "mood": "(1,2)", "o": 4294967295,
        "x": "<a/>", "bits": "101", "r2": "[1,5)",
    }  # fmt: skip
    assert [types[n] for n in ("b", "l", "d", "n", "m", "day", "moment", "zoned")] == [
        "boolean", "integer", "number", "number", "number", "date", "datetime", "datetime",
    ]  # fmt: skip
    assert "zoned: times with a zone were brought to UTC" in said(found)
    assert "n: exact decimals were stored as numbers" in said(found)
    assert "bytes: bytes were written as hexadecimal text" in said(found)


def test_decimals_are_counted_when_rounded_and_text_when_beyond(
    shop: Running, opened: Opened, tmp_path: Path
) -> None:
    session = opened(shop.settings())
    found, table = taken(
        session, tmp_path, "VALUES (12345678901234567890.5::numeric), (0.1), ('NaN'), (1.5), (NULL)"
    )
    assert table.column(0).to_pylist() == [12345678901234567890.5, 0.1, None, 1.5, None]
    assert any("1 number was rounded" in text for text in said(found))
    assert any("no number" in text for text in said(found))
    beyond = "SELECT CASE WHEN i = 900 THEN 1e400::numeric ELSE i END AS n FROM generate_series(1, 1000) i"
    found, table = taken(session, tmp_path, beyond)
    assert found.columns[0].type == "text"
    assert table.column(0)[899].as_py() == "1" + "0" * 400
    assert table.column(0)[0].as_py() == "1"
    assert any("beyond what its type holds" in text for text in said(found))


def test_infinite_dates_are_missing_and_counted(shop: Running, opened: Opened, tmp_path: Path) -> None:
    query = "VALUES (date 'infinity', timestamp '-infinity'), ('2024-01-01', '2024-01-01 10:00')"
    found, table = taken(opened(shop.settings()), tmp_path, query)
    assert table.column(0).to_pylist() == [None, dt.date(2024, 1, 1)]
    assert table.column(1).to_pylist() == [None, dt.datetime(2024, 1, 1, 10)]
    assert sum("infinite" in text for text in said(found)) == 2


@pytest.mark.parametrize("day", ["0044-03-15 BC", "99999-01-01"])
def test_dates_beyond_the_calendar_stay_text(shop: Running, opened: Opened, tmp_path: Path, day: str) -> None:
    found, table = taken(
        opened(shop.settings()), tmp_path, f"SELECT timestamp '{day}' AS t, date '{day}' AS d"
    )
    assert [column.type for column in found.columns] == ["text", "text"]
    assert all(day.split("-")[0] in cell for cell in table.to_pylist()[0].values())


def test_names_are_only_names_and_doubled_ones_get_numbers(
    shop: Running, opened: Opened, tmp_path: Path
) -> None:
    session = opened(shop.settings())
    found, table = taken(session, tmp_path, table=NAME, schema_name="extra")
    assert table.to_pylist() == [{"b": 1, "a": "x"}]
    found, _ = taken(session, tmp_path, 'SELECT 1 AS a, 2 AS a, 3 AS "x\';--"')
    assert found.columns[0].name == "a"
    assert len({c.name for c in found.columns}) == 3


def test_an_empty_table_keeps_its_types(shop: Running, opened: Opened, tmp_path: Path) -> None:
    found, table = taken(opened(shop.settings()), tmp_path, "SELECT * FROM orders WHERE false;")
    assert found.rows == table.num_rows == 0
    assert [c.type for c in found.columns] == ["integer", "text", "number", "datetime"]


def test_a_preview_asks_for_its_rows_alone(shop: Running, opened: Opened, tmp_path: Path) -> None:
    session = opened(shop.settings())
    found, _ = taken(session, tmp_path, f"SELECT * FROM {MANY}", rows=50, seconds=20)
    assert found.rows == 50
    found, _ = taken(session, tmp_path, "SELECT * FROM orders ORDER BY id LIMIT 7", rows=50, seconds=5)
    assert found.rows == 7
    with pytest.raises(BadInput, match="did not answer in time"):
        taken(session, tmp_path, "SELECT pg_sleep(30)", rows=50, seconds=0.2)
    assert taken(session, tmp_path, "SELECT 1")[0].rows == 1  # the session is of use again


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM orders",
        "SELECT 1; DELETE FROM orders",
        "SELECT 1) AS q; DELETE FROM orders; SELECT * FROM (SELECT 1",
        "SELECT * INTO other FROM orders",
        "",
        "-- nothing",
    ],
)
def test_what_is_no_question_is_not_sent(shop: Running, opened: Opened, tmp_path: Path, query: str) -> None:
    with pytest.raises((BadParameter, BadInput, ValueError)):
        taken(opened(shop.settings()), tmp_path, query)
    assert shop.run("SELECT count(*) FROM orders") == [(5000,)]


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT nextval('s')",
        "SELECT lo_create(0)",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ],
)
def test_even_its_owner_changes_nothing_by_a_query(
    shop: Running, opened: Opened, tmp_path: Path, query: str
) -> None:
    shop.run(
        "DROP ROLE IF EXISTS boss", "CREATE ROLE boss LOGIN SUPERUSER PASSWORD 'p'",
        "CREATE SEQUENCE IF NOT EXISTS s",
    )  # fmt: skip
    with pytest.raises((BadInput, BadParameter)):
        taken(opened(shop.settings(user="boss"), "p"), tmp_path, query)
    assert shop.run("SELECT count(*) FROM orders") == [(5000,)]
    assert shop.run("SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]


def test_a_query_that_is_wrong_is_told_in_the_servers_words(
    shop: Running, opened: Opened, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match='column "nothing" does not exist'):
        taken(opened(shop.settings()), tmp_path, "SELECT nothing FROM orders")
    with pytest.raises(BadInput, match="division by zero"):
        taken(opened(shop.settings()), tmp_path, "SELECT 1 / (i - 4000) FROM generate_series(1, 5000) i")


def test_a_comment_at_the_end_swallows_nothing(shop: Running, opened: Opened, tmp_path: Path) -> None:
    assert taken(opened(shop.settings()), tmp_path, "SELECT 1 AS a -- the end")[0].rows == 1


class Stopped(Recorded):
    """Asked to stop once reading has begun."""

    at: float | None = None

    def progress(self, share: float | None, message: str = "") -> None:
        if self.at is None:
            self.at = time.monotonic()

    def stopped(self) -> bool:
        return self.at is not None


def test_reading_stops_within_a_second(shop: Running, opened: Opened, tmp_path: Path) -> None:
    watch = Stopped()
    query = f"SELECT 'endless', a.* FROM {MANY}"
    with pytest.raises(Cancelled):
        taken(opened(shop.settings()), tmp_path, query, watch=watch)
    assert watch.at is not None
    busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%endless%' AND state = 'active'"
    while shop.run(busy)[0][0] > 1:  # this question itself
        assert time.monotonic() < watch.at + 20
        time.sleep(0.05)


def test_a_server_that_is_busy_is_left_at_once(shop: Running, opened: Opened, tmp_path: Path) -> None:
    watch = Stopped()
    threading.Timer(0.5, watch.progress, [None]).start()
    with pytest.raises(Cancelled):
        taken(opened(shop.settings()), tmp_path, "SELECT pg_sleep(600)", watch=watch)


def test_all_rows_are_of_one_moment(shop: Running, opened: Opened, tmp_path: Path) -> None:
    shop.run("DROP TABLE IF EXISTS moving", "CREATE TABLE moving AS SELECT 1 AS n")
    session = opened(shop.settings())

    class Meddling(Recorded):
        def progress(self, share: float | None, message: str = "") -> None:
            shop.run("INSERT INTO moving VALUES (2)")

    session.read(Reading(table="moving"), tmp_path / "t.parquet", Meddling())
    assert shop.run("SELECT count(*) FROM moving")[0][0] > 1


def test_values_are_those_that_another_driver_reads(shop: Running, opened: Opened, tmp_path: Path) -> None:
    shop.run(
        "DROP TABLE IF EXISTS many", "SELECT setseed(0.5)",
        "CREATE TABLE many AS SELECT i AS id, (random() * power(10, i % 30 - 15))::float8 AS d,"
        " random()::real AS r, (random() * 1000000 - 500000)::numeric(12, 4) AS n,"
        " CASE WHEN i % 7 > 0 THEN 'ü' || md5(i::text) END AS t,"
        " date '1899-12-31' + i * 3 AS day,"
        " timestamptz '2024-01-01' + i * interval '1001.000001 seconds' AS moment,"
        " CASE WHEN i % 5 > 0 THEN i % 2 = 0 END AS b FROM generate_series(1, 40000) i",
    )  # fmt: skip
    found, table = taken(opened(shop.settings()), tmp_path, "SELECT * FROM many ORDER BY id")
    assert found.rows == 40_000
    rows = shop.run("SET TimeZone = 'UTC'", "SELECT * FROM many ORDER BY id")
    for i, name in enumerate(table.column_names):
        expected = [row[i] for row in rows]
        if name == "n":
            expected = [float(cell) for cell in expected]
        if name == "moment":
            expected = [cell.replace(tzinfo=None) for cell in expected]
        if name == "r":
            expected = [struct.unpack("f", struct.pack("f", cell))[0] for cell in expected]
        assert table.column(name).to_pylist() == expected, name
