"""Other databases, by dialects of SQLAlchemy that an administrator allows; here the servers at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.contracts import Recorded
from core.errors import BadInput, BadParameter, Cancelled, NotFound
from tests.databases.conftest import Opened, taken
from tests.databases.servers import Running


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_DB_DIALECTS", "postgresql+psycopg, mysql+pymysql")


@pytest.fixture(params=["postgres", "mariadb"])
def shop(request: pytest.FixtureRequest) -> tuple[Running, dict[str, Any]]:
    running: Running = request.getfixturevalue(request.param)
    running.run(
        "DROP TABLE IF EXISTS things",
        "CREATE TABLE things (id int PRIMARY KEY, price decimal(10,2), day date, name varchar(20))",
        "INSERT INTO things VALUES (1, 0.25, '2024-02-29', 'a:b'), (2, NULL, NULL, NULL)",
    )
    dialect = {"postgres": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[request.param]
    settings = running.settings(kind="other_database", dialect=dialect, tls="off", authority="")
    return running, settings


def test_another_database_is_looked_around_in_and_read(
    shop: tuple[Running, dict[str, Any]], opened: Opened, tmp_path: Path
) -> None:
    _, settings = shop
    session = opened(settings)
    schema = next(t.schema_name for t in session.held().tables if t.name == "things")
    shape = session.shape(schema, "things")
    assert ([c.name for c in shape.columns], shape.key) == (["id", "price", "day", "name"], ("id",))
    found, table = taken(session, tmp_path, table="things", schema_name=schema)
    assert [c.type for c in found.columns] == ["integer", "number", "date", "text"]
    assert table.column("price").to_pylist() == [0.25, None]
    found, table = taken(session, tmp_path, "SELECT name FROM things WHERE name = 'a:b'", rows=5)
    assert table.to_pylist() == [{"name": "a:b"}]
    with pytest.raises(NotFound):
        session.shape(schema, "nothing")
    with pytest.raises(BadInput):
        taken(session, tmp_path, "SELECT nothing FROM things")
    assert session.about()["server"]


def test_only_dialects_that_were_allowed_are_used(
    shop: tuple[Running, dict[str, Any]], opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_DB_DIALECTS", "")
    with pytest.raises(BadParameter, match="not allowed here"):
        opened(shop[1])


def test_a_wrong_password_is_told_and_not_repeated(
    shop: tuple[Running, dict[str, Any]], opened: Opened
) -> None:
    with pytest.raises(BadInput) as caught:
        opened(shop[1], "not-this-one")
    assert "did not accept" in str(caught.value)
    assert "not-this-one" not in repr(caught.value)


def test_reading_another_database_stops(postgres: Running, opened: Opened, tmp_path: Path) -> None:
    class Stopped(Recorded):
        def stopped(self) -> bool:
            return True

    settings = postgres.settings(kind="other_database", dialect="postgresql+psycopg", authority="")
    with pytest.raises(Cancelled):
        taken(opened(settings), tmp_path, "SELECT generate_series(1, 100000000)", watch=Stopped())


def test_a_query_by_a_dialect_changes_nothing(
    shop: tuple[Running, dict[str, Any]], opened: Opened, tmp_path: Path
) -> None:
    running, settings = shop
    if running.kind == "postgre_sql":
        running.run("GRANT ALL ON things TO plain")
        settings = {**settings, "user": "plain"}
        query = "WITH gone AS (DELETE FROM things RETURNING *) SELECT * FROM gone"
    else:
        running.run(
            "CREATE OR REPLACE USER boss@'%' IDENTIFIED BY 'p'", "GRANT ALL ON *.* TO boss@'%'",
            "CREATE OR REPLACE FUNCTION g() RETURNS int MODIFIES SQL DATA"
            " BEGIN DELETE FROM things; RETURN 1; END",
        )  # fmt: skip
        settings, query = {**settings, "user": "boss"}, "SELECT g()"
    with pytest.raises(BadInput):
        taken(opened(settings, *(["p"] if settings["user"] == "boss" else [])), tmp_path, query)
    assert running.run("SELECT count(*) FROM things")[0][0] == 2
