"""The process in which a typed statement runs: what it may reach and take, and who believes it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.engine import sandbox as cells
from core.engine.sandbox import Sandbox
from core.engine.stored_tables import Stored
from core.errors import BadInput, Cancelled, LimitReached
from core.jobs import landlock
from core.jobs.line import Broken, Line
from tests.security.sql_statements import attacks
from tests.security.sql_tables import Places, lay

ROOT = Path(__file__).parents[2]
ENDLESS = "SELECT count(*) FROM range(1000000000000) t(x)"


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return lay(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    home = tmp_path_factory.mktemp("home")
    made = Sandbox(home)
    yield made
    made.close()
    assert list((home / "scratch").iterdir()) == []


def test_rows_come_back_with_names_types_and_tables(sandbox: Sandbox, places: Places) -> None:
    text = (
        "SELECT id, id AS id, amount, placed, paid, [city] AS l, sum(id) OVER () AS s FROM orders ORDER BY id"
    )
    found = sandbox.run("a", places.tables, text)
    assert found.names == ("id", "id", "amount", "placed", "paid", "l", "s")
    assert found.kinds[:2] == ("BIGINT", "BIGINT")
    assert [str(kind) for kind in found.data.schema.types] == [
        "int64", "int64", "double", "date32[day]", "bool", "string", "decimal128(38, 0)",
    ]  # fmt: skip
    assert found.data.column("c0").to_pylist() == list(range(1, 13))
    assert found.data.column("c5")[0].as_py() == "[Rome]"
    assert (found.tables, found.cut) == (("orders",), None)
    assert sandbox.run("a", places.tables, "SELECT 1 WHERE false").data.num_rows == 0


def test_one_process_stays_warm_for_an_owner_and_another_gets_its_own(
    sandbox: Sandbox, places: Places
) -> None:
    sandbox.run("a", places.tables, "SELECT 1")
    first = sandbox._cells["a"].pid
    sandbox.run("a", places.tables, "SELECT 2")
    assert sandbox._cells["a"].pid == first
    only = {"customers": places.tables["customers"]}
    sandbox.run("b", only, "SELECT * FROM customers")
    assert sandbox._cells["b"].pid != first
    with pytest.raises(BadInput, match="no table called 'orders'"):
        sandbox.run("b", only, "SELECT * FROM orders")


def test_an_owner_may_have_many_tables_with_many_columns(sandbox: Sandbox, places: Places) -> None:
    one = places.tables["orders"]
    wide = {
        f"table {n} " + "x" * 200: Stored(one.file, list(one.columns) + ["y" * 90] * 300) for n in range(400)
    }
    assert sandbox.run("c", wide | places.tables, "SELECT * FROM orders").data.num_rows == 12


def test_an_answer_is_cut_at_so_many_rows_and_bytes_and_says_so(sandbox: Sandbox, places: Places) -> None:
    many = sandbox.run("a", places.tables, "SELECT x FROM range(100000) t(x)", rows=50)
    assert (many.data.num_rows, many.cut) == (50, "rows")
    wide = sandbox.run("a", places.tables, "SELECT repeat('x', 100000) FROM range(100)", size=1_000_000)
    assert wide.cut == "bytes"
    assert 0 < wide.data.num_rows < 12


def test_a_statement_that_takes_too_long_is_killed_and_the_next_one_runs(
    sandbox: Sandbox, places: Places
) -> None:
    for text in (ENDLESS, "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))"):
        with pytest.raises(LimitReached, match="longer than"):
            sandbox.run("a", places.tables, text, seconds=0.5)
        assert sandbox.run("a", places.tables, "SELECT 1").data.num_rows == 1


def test_recursion_without_an_end_is_bounded_too(sandbox: Sandbox, places: Places) -> None:
    text = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
    with pytest.raises(LimitReached):
        sandbox.run("a", places.tables, text, seconds=0.5)


def test_it_ends_when_a_person_asks_and_runs_one_statement_at_a_time(
    sandbox: Sandbox, places: Places
) -> None:
    stop, errors = threading.Event(), []

    def work() -> None:
        try:
            sandbox.run("a", places.tables, ENDLESS, stopped=stop.is_set)
        except Cancelled as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    while "a" not in sandbox._busy:
        time.sleep(0.01)
    with pytest.raises(LimitReached, match="Another statement"):
        sandbox.run("a", places.tables, "SELECT 1")
    stop.set()
    thread.join(20)
    assert len(errors) == 1
    assert sandbox.run("a", places.tables, "SELECT 1").data.num_rows == 1


def test_a_statement_that_needs_too_much_memory_ends_alone(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_SQL_MEMORY", "300MB")
    small = Sandbox(tmp_path)
    small.run("a", places.tables, "SELECT 1")
    with pytest.raises(LimitReached, match="memory"):
        small.run("a", places.tables, "SELECT list(x) FROM range(100000000) t(x)", seconds=20)
    assert small.run("a", places.tables, "SELECT 1").data.num_rows == 1
    small.close()


def test_an_error_points_at_its_place_in_the_statement(sandbox: Sandbox, places: Places) -> None:
    for text, part in (
        ("SELECT 'é',\n nope FROM orders", "nope"),
        ("SELECT id FROM orders WHERE id = CAST(city || 'x' AS INT)", "CAST(city || 'x' AS INT)"),
        ("SELECT x, 1 FROM (SELECT city::INT AS x FROM orders)", "::INT"),
    ):
        with pytest.raises(BadInput) as error:
            sandbox.run("a", places.tables, text)
        start, length = error.value.values["start"], error.value.values["length"]
        assert part in text.encode()[start : start + length].decode()


@pytest.mark.skipif(not landlock.available(), reason="needs Landlock")
def test_the_process_reaches_its_tables_and_nothing_else(tmp_path: Path, places: Places) -> None:
    """The same bonds, and then Python tries what DuckDB is kept from by its settings."""
    home, spill = tmp_path / "home", tmp_path / "home" / "spill"
    spill.mkdir(parents=True)
    (home / "other.parquet").write_text("somebody else's")
    mine = places.tables["orders"].file
    spec = {
        "hidden": [str(home)], "spill": str(spill), "tables": {"orders": [mine, ["id"]]}, "memory": 1 << 30,
        "disk": 1 << 30,
    }  # fmt: skip
    code = f"""
import json, os, socket
from core.engine.cell import bind
server = socket.create_server(("127.0.0.1", 0)); port = server.getsockname()[1]
assert bind(os.getppid(), {spec!r})
def tried(what):
    try: what(); return True
    except OSError: return False
def connect(): socket.create_connection(("127.0.0.1", port), 1)
print(json.dumps(dict(
    own=tried(lambda: open({mine!r}, "rb").read()), spill=tried(lambda: open({str(spill / "x")!r}, "w")),
    write=tried(lambda: open({mine!r}, "ab")), other=tried(lambda: open({str(home / "other.parquet")!r})),
    guarded=tried(lambda: open({str(places.file)!r})), passwd=tried(lambda: open("/etc/passwd")),
    home=tried(lambda: os.listdir(os.path.expanduser("~"))),
    made=tried(lambda: open("/tmp/made-by-sql", "w")),
    code=tried(lambda: open({str(ROOT / "serve.py")!r})), network=tried(connect),
    environment=tried(lambda: open(f"/proc/{{os.getppid()}}/environ").read()),
)))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {name for name, could in found.items() if could} == {"own", "spill"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_has_no_environment_no_open_files_and_its_own_session(
    sandbox: Sandbox, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hush")
    sandbox.run("a", places.tables, "SELECT 1")
    process = Path("/proc", str(sandbox._cells["a"].pid))
    assert b"hush" not in (process / "environ").read_bytes()
    assert os.getsid(int(process.name)) == int(process.name)
    status = (process / "status").read_text()
    assert "NoNewPrivs:\t1" in status
    opened = {os.readlink(one) for one in (process / "fd").iterdir() if one.exists()}
    assert all(one.startswith(("socket:", "/dev/null", "anon_inode", "pipe:")) for one in opened), opened


def test_nothing_outlives_the_server(tmp_path: Path, places: Places) -> None:
    made = Sandbox(tmp_path)
    made.run("a", places.tables, "SELECT 1")
    pid = made._cells["a"].pid
    assert made._line is not None
    made._line.close()  # as when the server dies
    for _ in range(200):
        if not Path("/proc", str(pid)).exists():
            break
        time.sleep(0.05)
    assert not Path("/proc", str(pid)).exists()
    made.close()


def test_no_attack_gets_past_the_process_that_asks(sandbox: Sandbox, places: Places) -> None:
    sandbox.run("a", places.tables, "SELECT 1")
    first = sandbox._cells["a"].pid
    for text in attacks(*places.attack()):
        with pytest.raises(BadInput):
            sandbox.run("a", places.tables, text)
    assert sandbox._cells["a"].pid == first  # none of them ended it


HOSTILE: tuple[tuple[dict[str, object], bytes], ...] = (
    ({"names": ["a"], "kinds": ["INTEGER"], "size": -1}, b""),
    ({"names": ["a"], "kinds": ["INTEGER"], "size": 1 << 40}, b""),
    ({"names": ["a"], "kinds": ["INTEGER"], "size": 4}, b"rows"),
    ({"names": "a", "kinds": ["INTEGER"]}, b"stream"),
    ({"names": ["a", "b"], "kinds": ["INTEGER"]}, b"stream"),
    ({"names": [{}], "kinds": ["INTEGER"]}, b"stream"),
    ({"names": ["a"]}, b"stream"),
    ({"error": "x"}, b""),
    ({}, b""),
)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_process_that_was_taken_over_is_not_believed(number: int) -> None:
    said, rows = HOSTILE[number]
    if rows == b"stream":
        sink = pa.BufferOutputStream()
        table = pa.table({"c0": [1]})
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        rows = sink.getvalue().to_pybytes()
        said = {**said, "size": len(rows)}
    with pytest.raises(Broken):
        _says(said, rows)


def test_its_sentences_are_shown_as_text() -> None:
    said = {"kind": "SystemExit", "template": "![x](http://evil.example)", "hint": "", "values": {}}
    error = _says({"error": said}, b"")
    assert isinstance(error, BadInput)
    assert error.template == "The statement cannot run: {reason}."
    assert error.values["reason"] == said["template"]
    for template in ("{x.__class__}", "{0}", "{", "{missing}"):
        error = _says({"error": {"kind": "BadInput", "template": template, "hint": "", "values": {}}}, b"")
        assert error.template == "The statement cannot run: {reason}."


def _says(said: dict[str, object], rows: bytes) -> Any:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        cell = cells._Cell(0, Line(ours), ours, {"tables": {}}, True)
        Line(theirs).send(said)
        theirs.sendall(rows)
        theirs.shutdown(socket.SHUT_WR)
        return cells._heard(cell, {"statement": "", "rows": 10, "bytes": 1000}, 5, lambda: False)
