"""MySQL and MariaDB: reached, looked around in, and read, against a real MariaDB."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import pytest

from core.contracts import Recorded
from core.errors import BadInput, BadParameter, Cancelled, NotFound
from tests.databases.conftest import Opened, said, taken
from tests.databases.servers import Running

NAME = 'odd `name", with.dot; drop'
MANY = "orders a CROSS JOIN orders b CROSS JOIN orders c"


@pytest.fixture(scope="module")
def shop(mariadb: Running) -> Running:
    quoted = "`" + NAME.replace("`", "``") + "`"
    mariadb.run(
        "CREATE DATABASE IF NOT EXISTS extra",
        "CREATE TABLE orders (id bigint PRIMARY KEY, region varchar(10) NOT NULL, price decimal(10,2),"
        " at timestamp NULL)",
        "INSERT INTO orders SELECT seq, concat('r', seq % 3), seq / 4, NULL FROM seq_1_to_5000",
        "CREATE VIEW dear AS SELECT * FROM orders WHERE price > 1000",
        f"CREATE TABLE extra.{quoted} (b int, a varchar(9), PRIMARY KEY (a, b))",
        f"INSERT INTO extra.{quoted} VALUES (1, 'x')",
        "CREATE TABLE kinds (t tinyint(1), s smallint, i int unsigned, l bigint, u bigint unsigned, f float,"
        " d double, n decimal(30,10), c char(4), v varchar(20), x text, e enum('a','b'), st set('a','b'),"
        " day date, moment datetime(6), stamp timestamp NULL, clock time, y year, js json, bi binary(2),"
        " bl blob, bits bit(9), g point)",
        "SET time_zone = '+05:30'",
        "INSERT INTO kinds VALUES (1, -32768, 4294967295, -9223372036854775808, 5, 0.5, 1e300, 123.456, 'ab',"
        " 'Ünï 🎈', 'x', 'b', 'a,b', '2024-02-29', '2024-02-29 23:59:59.123456', '2024-06-01 12:00:00',"
        " '-12:34:56', 2024, '{\"a\": [1]}', 0x00ff, 0xdeadbeef, b'100000001', point(1, 2))",
        "INSERT INTO kinds (t) VALUES (NULL)",
        "ANALYZE TABLE orders",
    )
    return mariadb


def test_an_encrypted_connection_says_what_answered(shop: Running, opened: Opened) -> None:
    about = opened(shop.settings()).about()
    assert about["server"].startswith("MariaDB 1")
    assert about["tls"].startswith("TLSv1.")
    assert opened(shop.settings(tls="off")).about()["tls"] == ""
    assert opened(shop.settings(tls="prefer", authority="")).about()["tls"]
    assert opened(shop.settings(tls="require", authority="")).about()["tls"]


@pytest.mark.parametrize(
    ("changes", "password", "words"),
    [
        ({}, "wrong", "did not accept the user 'reader'"),
        ({"user": "nobody"}, None, "did not accept the user 'nobody'"),
        ({"database": "nowhere"}, None, "no database 'nowhere'"),
        ({"port": 1}, None, "port 1: the connection was refused"),
        ({"authority": ""}, None, "No encrypted connection to localhost"),
        ({"host": "127.0.0.1"}, None, "No encrypted connection to 127.0.0.1"),
    ],
)
def test_what_hinders_a_connection_is_said_in_words(
    shop: Running, opened: Opened, changes: dict[str, Any], password: str | None, words: str
) -> None:
    with pytest.raises(BadInput) as caught:
        opened(shop.settings(**changes), *([password] if password else []))
    assert words in str(caught.value)
    assert "pa'ss" not in str(caught.value)


def test_the_catalog_lists_schemas_tables_and_rows(shop: Running, opened: Opened) -> None:
    session = opened(shop.settings())
    found = {(t.schema_name, t.name): t for t in session.held().tables}
    rows = found["shop", "orders"].rows
    assert rows is not None
    assert 2500 < rows < 10_000
    assert not found["shop", "orders"].exact
    assert found["shop", "dear"].kind == "view"
    assert ("extra", NAME) in found
    assert not {schema for schema, _ in found} & {"mysql", "sys", "information_schema"}


def test_a_table_has_columns_a_key_and_a_count(shop: Running, opened: Opened) -> None:
    session = opened(shop.settings())
    shape = session.shape("shop", "orders")
    assert [(c.name, c.type, c.optional) for c in shape.columns] == [
        ("id", "bigint(20)", False),
        ("region", "varchar(10)", False),
        ("price", "decimal(10,2)", True),
        ("at", "timestamp", True),
    ]
    assert (shape.key, shape.rows, shape.exact) == (("id",), 5000, True)
    assert set(session.shape("extra", NAME).key) == {"a", "b"}
    with pytest.raises(NotFound):
        session.shape("shop", "nothing")


def test_every_type_becomes_one_of_the_six(shop: Running, opened: Opened, tmp_path: Path) -> None:
    found, table = taken(opened(shop.settings()), tmp_path, table="kinds", schema_name="shop")
    row, empty = table.to_pylist()
    assert set(empty.values()) == {None}
    point = row.pop("g")
    assert len(point) == 50
    assert row == {
        "t": 1, "s": -32768, "i": 4294967295, "l": -9223372036854775808, "u": 5, "f": 0.5, "d": 1e300,
        "n": 123.456, "c": "ab", "v": "Ünï 🎈", "x": "x", "e": "b", "st": "a,b", "day": dt.date(2024, 2, 29),
        "moment": dt.datetime(2024, 2, 29, 23, 59, 59, 123456), "stamp": dt.datetime(2024, 6, 1, 6, 30),
        "clock": "-12:34:56", "y": 2024, "js": '{"a": [1]}', "bi": "00ff", "bl": "deadbeef", "bits": "0101",
    }  # fmt: skip
    assert "stamp: times with a zone were brought to UTC" in said(found)


def test_values_beyond_a_type_make_their_column_text(shop: Running, opened: Opened, tmp_path: Path) -> None:
    query = (
        "SELECT CASE WHEN seq = 19000 THEN 18446744073709551615 ELSE cast(seq AS unsigned) END AS n"
        " FROM seq_1_to_20000"
    )
    found, table = taken(opened(shop.settings()), tmp_path, query)
    assert found.columns[0].type == "text"
    assert table.column(0)[18_999].as_py() == "18446744073709551615"
    assert any("beyond what its type holds" in text for text in said(found))


def test_dates_that_do_not_exist_are_missing_and_counted(
    shop: Running, opened: Opened, tmp_path: Path
) -> None:
    shop.run(
        "SET sql_mode = ''", "CREATE OR REPLACE TABLE days (d date, t datetime)",
        "INSERT INTO days VALUES ('0000-00-00', '2024-02-00 10:00:00'),"
        " ('2024-01-01', '2024-01-01 10:00:00')",
    )  # fmt: skip
    found, table = taken(opened(shop.settings()), tmp_path, table="days")
    assert table.column(0).to_pylist() == [None, dt.date(2024, 1, 1)]
    assert table.column(1).to_pylist() == [None, dt.datetime(2024, 1, 1, 10)]
    assert sum("no date that exists" in text for text in said(found)) == 2


def test_an_empty_table_keeps_its_types(shop: Running, opened: Opened, tmp_path: Path) -> None:
    found, table = taken(opened(shop.settings()), tmp_path, "SELECT * FROM orders WHERE false;")
    assert found.rows == table.num_rows == 0
    assert [c.type for c in found.columns] == ["integer", "text", "number", "datetime"]


def test_a_preview_asks_for_its_rows_alone(shop: Running, opened: Opened, tmp_path: Path) -> None:
    session = opened(shop.settings())
    assert taken(session, tmp_path, f"SELECT a.* FROM {MANY}", rows=50, seconds=20)[0].rows == 50
    assert taken(session, tmp_path, "SELECT * FROM orders LIMIT 7", rows=50, seconds=5)[0].rows == 7
    with pytest.raises(BadInput, match="did not answer in time"):
        taken(session, tmp_path, f"SELECT count(*) FROM {MANY}", rows=50, seconds=0.3)
    assert taken(session, tmp_path, "SELECT * FROM orders")[0].rows == 5000  # no limit is left behind


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM orders", "SELECT 1; DELETE FROM orders", "SELECT * FROM orders INTO OUTFILE '/tmp/x'",
     "/*!50000 DELETE FROM orders */", "SELECT 1 /*M! INTO OUTFILE '/tmp/x' */", "DO SLEEP(9)"],
)  # fmt: skip
def test_what_is_no_question_is_not_sent(shop: Running, opened: Opened, tmp_path: Path, query: str) -> None:
    with pytest.raises((BadParameter, BadInput)):
        taken(opened(shop.settings()), tmp_path, query)


def test_even_its_owner_changes_nothing_by_a_query(shop: Running, opened: Opened, tmp_path: Path) -> None:
    shop.run(
        "CREATE OR REPLACE USER boss@'%' IDENTIFIED BY 'p'", "GRANT ALL ON *.* TO boss@'%'",
        "CREATE OR REPLACE SEQUENCE numbers",
        "CREATE OR REPLACE FUNCTION f() RETURNS int MODIFIES SQL DATA"
        " BEGIN DELETE FROM orders; RETURN 1; END",
    )  # fmt: skip
    for query in ("SELECT f()", "SELECT nextval(numbers)"):
        with pytest.raises(BadInput):
            taken(opened(shop.settings(user="boss"), "p"), tmp_path, query)
    assert shop.run("SELECT count(*) FROM orders") == [(5000,)]


def test_a_query_that_is_wrong_is_told_in_the_servers_words(
    shop: Running, opened: Opened, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="Unknown column 'nothing'"):
        taken(opened(shop.settings()), tmp_path, "SELECT nothing FROM orders")


class Stopped(Recorded):
    """Asked to stop once reading has begun."""

    at: float | None = None

    def progress(self, share: float | None, message: str = "") -> None:
        self.at = self.at or time.monotonic()

    def stopped(self) -> bool:
        return self.at is not None


def test_reading_stops_and_so_does_the_server(shop: Running, opened: Opened, tmp_path: Path) -> None:
    watch = Stopped()
    with pytest.raises(Cancelled):
        taken(opened(shop.settings()), tmp_path, f"SELECT 'endless', a.* FROM {MANY}", watch=watch)
    assert watch.at is not None
    busy = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%endless%'"
    while shop.run(busy)[0][0] > 1:
        assert time.monotonic() < watch.at + 20
        time.sleep(0.05)


def test_a_wrong_password_is_tried_once(shop: Running, opened: Opened) -> None:
    shop.run("SET GLOBAL max_password_errors = 4294967295")
    before = int(shop.run("SHOW GLOBAL STATUS LIKE 'Aborted_connects'")[0][1])
    with pytest.raises(BadInput, match="did not accept"):
        opened(shop.settings(tls="prefer", authority=""), "wrong")
    assert int(shop.run("SHOW GLOBAL STATUS LIKE 'Aborted_connects'")[0][1]) == before + 1


def test_values_are_those_that_another_reading_gives(shop: Running, opened: Opened, tmp_path: Path) -> None:
    shop.run(
        "CREATE OR REPLACE TABLE many AS SELECT seq AS id, rand(1) * pow(10, seq % 12 - 6.0) AS d,"
        " cast(rand(2) * 1000000 - 500000 AS decimal(12,4)) AS n,"
        " if(seq % 7, concat('ü', md5(seq)), NULL) AS t,"
        " date_add(date('1999-12-31'), INTERVAL seq * 3 DAY) AS day,"
        " date_add(timestamp('2024-01-01'), INTERVAL seq * 1001 SECOND) AS moment FROM seq_1_to_25000"
    )
    found, table = taken(opened(shop.settings()), tmp_path, "SELECT * FROM many ORDER BY id")
    assert found.rows == 25_000
    with shop._linked() as cursor:
        cursor.execute("SELECT * FROM many ORDER BY id")
        rows = list(cursor.fetchall())
    for i, name in enumerate(table.column_names):
        expected = [float(row[i]) if name == "n" else row[i] for row in rows]
        assert table.column(name).to_pylist() == expected, name
