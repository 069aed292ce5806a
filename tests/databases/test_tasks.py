"""The work with databases as jobs do it: confined, no port but their database's, no secret written down."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from core import connections, tasks
from core.contracts import Recorded
from core.errors import BadInput, BadParameter, Cancelled, NotFound
from core.jobs import Jobs, landlock
from core.jobs.work import Work
from core.sources.database import Database
from core.store import LOCAL, Connection, Job, Store, Upload, Version
from core.store.sealed import key_place
from tests.databases.servers import PASSWORD, Running
from tests.jobs.conftest import until

Run = Callable[..., Job]


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setenv("SIGHTLINE_PRELOAD", "0")
    monkeypatch.delenv("SIGHTLINE_TASKS", raising=False)
    made = Jobs(Store(tmp_path / "home"))
    yield made
    made.stop_supervisor()
    # the password is nowhere: not in the catalog, nor in a log, nor in what jobs printed
    made.store.close()
    words = PASSWORD.encode()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or words not in file.read_bytes(), file


@pytest.fixture
def run(jobs: Jobs) -> Run:
    def done(task: str, owner: str = LOCAL, **params: Any) -> Job:
        job = jobs.submit(task, params, owner, title=task)
        return until(lambda: found if (found := jobs.get(job.id, owner)).over else None)

    return done


@pytest.fixture
def shop(postgres: Running) -> Running:
    postgres.run(
        "DROP TABLE IF EXISTS sold",
        "CREATE TABLE sold (id bigint PRIMARY KEY, region text, price numeric(10,2))",
        "INSERT INTO sold SELECT i, 'r' || i % 3, i / 4.0 FROM generate_series(1, 30000) i",
        "ANALYZE sold",
    )
    return postgres


def kept(jobs: Jobs, running: Running, password: str = PASSWORD, **others: Any) -> Connection:
    database = Database.from_json(running.settings(**others))
    return connections.keep(jobs.store, LOCAL, "Shop", database, SecretStr(password))


def test_a_table_comes_from_postgres_by_a_confined_job(jobs: Jobs, run: Run, shop: Running) -> None:
    connection = kept(jobs, shop)
    job = run("connect_database", connection=connection.id)
    assert job.result is not None, job.error
    assert job.result["tls"].startswith("TLS")
    assert {
        "schema_name": "public",
        "name": "sold",
        "kind": "table",
        "rows": 30000,
        "exact": False,
    } in job.result["tables"]
    reading = {"schema_name": "public", "table": "sold"}
    job = run("preview_database", connection=connection.id, reading=reading)
    assert job.result is not None, job.error
    assert len(job.result["preview"]["rows"]) == 50
    assert job.result["shape"]["key"] == ["id"]
    job = run("import_database", connection=connection.id, reading=reading, name="Sold")
    assert job.result is not None, job.error
    version = jobs.store.get(Version, job.result["version"], LOCAL)
    assert version.rows == version.account.rows == 30000  # type: ignore[union-attr]
    assert version.source is not None
    assert version.source["reading"]["key"] == ["id"]
    table = pq.read_table(jobs.store.place(version.object, LOCAL))
    assert sum(table.column("price").to_pylist()) == sum(i / 4 for i in range(1, 30001))


def test_a_table_comes_from_mariadb_by_a_confined_job(jobs: Jobs, run: Run, mariadb: Running) -> None:
    mariadb.run("CREATE OR REPLACE TABLE sold AS SELECT seq AS id FROM seq_1_to_1000")
    connection = kept(jobs, mariadb)
    assert run("connect_database", connection=connection.id).result
    job = run("import_database", connection=connection.id, reading={"query": "SELECT * FROM sold"})
    assert job.result is not None, job.error
    assert job.result["rows"] == 1000


def test_a_file_that_was_uploaded_is_a_database_too(jobs: Jobs, run: Run, tmp_path: Path) -> None:
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as link:
        link.execute("CREATE TABLE sold AS SELECT 1 AS id UNION SELECT 2")
    link.close()
    with jobs.store.new_object(LOCAL, ".upload") as made:
        made.path.write_bytes(place.read_bytes())
    upload = jobs.store.add(Upload(owner=LOCAL, name="shop.db", bytes=made.bytes, object=made.id), [made])
    database = Database.from_json({"kind": "sqlite_file", "upload": upload.id})
    connection = connections.keep(jobs.store, LOCAL, "File", database)
    job = run("import_database", connection=connection.id, reading={"table": "sold"})
    assert job.result is not None, job.error
    assert job.result["rows"] == 2
    with pytest.raises(NotFound):
        connections.keep(jobs.store, "bob", "File", database)


def test_what_goes_wrong_is_said_without_the_password(jobs: Jobs, run: Run, shop: Running) -> None:
    connection = kept(jobs, shop, password="not-this-one-either")
    job = run("connect_database", connection=connection.id)
    assert job.error is not None
    assert "did not accept" in str(job.error["message"])
    assert "not-this-one" not in job.model_dump_json()
    assert "secret" not in job.model_dump_json()
    job = run("import_database", connection=connection.id, reading={"query": "DROP TABLE sold"})
    assert job.state == "failed"


@pytest.mark.skipif(landlock.version() < 4, reason="this kernel does not confine connections")
def test_a_job_reaches_the_port_of_its_database_alone(
    jobs: Jobs, run: Run, shop: Running, mariadb: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_TASKS", "core.tasks,tests.databases.knocking")
    connection = kept(jobs, shop)
    found = run("knock", connection=connection.id, ports=[shop.port, mariadb.port]).result
    assert found == {"ports": ["open", "PermissionError"], "key": "PermissionError"}
    found = run("knock", ports=[shop.port]).result
    assert found is not None
    assert found["ports"] == ["PermissionError"]


def test_a_job_gets_no_password_but_its_own_connections(jobs: Jobs, run: Run, shop: Running,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("SIGHTLINE_TASKS", "core.tasks,tests.databases.knocking")
    connection = kept(jobs, shop)
    assert run("ask_for", hidden=connection.id[3:]).state == "died"
    other = run("connect_database", owner="bob", connection=connection.id)
    assert other.state == "failed"
    assert "no" in str(other.error)


def test_an_import_stops_when_asked(jobs: Jobs, shop: Running) -> None:
    connection = kept(jobs, shop)
    endless = {"query": "SELECT a.* FROM sold a CROSS JOIN sold b CROSS JOIN sold c"}
    job = jobs.submit("import_database", {"connection": connection.id, "reading": endless}, LOCAL, title="x")
    until(lambda: jobs.get(job.id, LOCAL).message.endswith("rows read"))
    asked = time.monotonic()
    jobs.cancel(job.id, LOCAL)
    ended = until(lambda: found if (found := jobs.get(job.id, LOCAL)).over else None)
    assert ended.state == "cancelled"
    assert time.monotonic() - asked < 20
    assert jobs.store.list(Version, LOCAL) == []


def test_a_password_follows_only_where_it_was_typed_for(jobs: Jobs, shop: Running) -> None:
    connection = kept(jobs, shop)
    store = jobs.store

    def changed(**others: Any) -> Connection:
        database = Database.from_json(shop.settings(**others))
        return connections.keep(store, LOCAL, "Shop 2", database, None, connection.id)

    assert changed(database="other").secret == connection.secret
    assert changed(database="shop").name == "Shop 2"
    for others in ({"host": "evil.example"}, {"port": 1}, {"user": "root"}, {"tls": "off"}):
        with pytest.raises(BadParameter, match="typed again"):
            changed(**others)
    with pytest.raises(BadParameter, match="empty or taken"):
        connections.keep(store, LOCAL, " shop  2 ", Database.from_json(shop.settings()))
    assert key_place(store.home).exists()
    assert connection.secret is not None
    assert PASSWORD not in repr(connection)
    connections.remove(store, connection.id, LOCAL)
    with pytest.raises(NotFound):
        store.secret(connection.id, LOCAL)


@pytest.mark.parametrize("kind", ["postgre_sql", "my_sql"])
def test_a_server_that_never_answers_is_left_when_asked(tmp_path: Path, kind: str) -> None:
    class Impatient(Recorded):
        def stopped(self) -> bool:
            return True

    store = Store(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes the call and says nothing
        fields = {
            "kind": kind,
            "host": "127.0.0.1",
            "port": silent.getsockname()[1],
            "database": "x",
            "user": "y",
        }
        connection = connections.keep(store, LOCAL, "Silent", Database.from_json(fields), SecretStr("p"))
        begun = time.monotonic()
        work = Work(store, LOCAL, {"connection": connection.id}, Impatient(), tmp_path, "jb_test")
        with pytest.raises(Cancelled):
            tasks.TASKS["connect_database"](work)
        assert time.monotonic() - begun < 8  # a connection is waited for 10 seconds


@pytest.mark.parametrize("kind", ["postgre_sql", "my_sql"])
def test_what_is_no_database_server_is_told_in_words(tmp_path: Path, kind: str) -> None:
    store = Store(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as web:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    line, _ = web.accept()
                    line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 40)
                    line.close()

        threading.Thread(target=answer, daemon=True).start()
        fields = {
            "kind": kind,
            "host": "127.0.0.1",
            "port": web.getsockname()[1],
            "database": "x",
            "user": "y",
        }
        connection = connections.keep(store, LOCAL, "Web", Database.from_json(fields), SecretStr("p"))
        work = Work(store, LOCAL, {"connection": connection.id}, Recorded(), tmp_path, "jb_test")
        with pytest.raises(BadInput, match=r"127\.0\.0\.1"):
            tasks.TASKS["connect_database"](work)
