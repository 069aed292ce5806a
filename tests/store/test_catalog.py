"""The catalog keeps what it acknowledged, shows it to its owner alone, and admits many writers."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import LimitReached, NotFound, SightlineError
from core.store import LOCAL, Dataset, Draft, Run, Setting, Store, Upload, new_id
from core.store import schema as catalog_schema


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def test_a_record_comes_back_as_it_was_kept(store: Store) -> None:
    run = Run(
        owner=LOCAL, version="vn_1", name="a", spec={"deep": [{"x": 1.5, "y": None}]}, metrics={"r2": 0.1}
    )
    store.add(run)
    assert store.get(Run, run.id, LOCAL) == run
    assert Store(store.home).get(Run, run.id, LOCAL) == run


@pytest.mark.parametrize(
    "name",
    ['"; DROP TABLE record; --', "<b>x</b>", "数据 🦊", "a\0b\nc", "\udcff\ud800", "x" * 5000, "'", "{x}"],
)
def test_hostile_names_are_only_names(store: Store, name: str) -> None:
    kept = store.add(Dataset(owner=LOCAL, name=name))
    assert store.get(Dataset, kept.id, LOCAL).name == name
    assert store.list(Dataset, LOCAL) == [kept]


def test_not_finite_numbers_are_kept_as_missing(store: Store) -> None:
    run = store.add(Run(owner=LOCAL, version="v", metrics={"loss": float("nan"), "best": float("inf")}))
    assert store.get(Run, run.id, LOCAL).metrics == {"loss": None, "best": None}


def test_ids_are_long_random_and_named_by_their_kind() -> None:
    ids = {new_id("ds") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(id) == 23 and id.startswith("ds_") and id.isascii() for id in ids)
    assert Dataset(owner=LOCAL, name="a").id.startswith("ds_")


def test_what_belongs_to_somebody_else_looks_like_what_is_not_there(store: Store) -> None:
    mine = store.add(Dataset(owner="ann", name="mine"))
    absent = new_id("ds")

    def told(id: str) -> set[str]:
        messages = set()
        for attempt in (
            lambda: store.get(Dataset, id, "bob"),
            lambda: store.change(Dataset, id, "bob", name="x"),
            lambda: store.delete(Dataset, id, "bob"),
        ):
            with pytest.raises(NotFound) as caught:
                attempt()
            messages.add(str(caught.value).replace(id, "ID"))
        return messages

    assert told(mine.id) == told(absent)
    assert store.list(Dataset, "bob") == []
    assert store.get(Dataset, mine.id, "ann") == mine


def test_an_objects_place_is_told_to_its_owner_alone(store: Store) -> None:
    upload = keep(store, "ann", b"secret")
    assert store.place(upload.object, "ann").read_bytes() == b"secret"
    for id, owner in ((upload.object, "bob"), ("../catalog.db", "ann"), ("/etc/passwd", "ann"), ("", "ann")):
        with pytest.raises(NotFound):
            store.place(id, owner)


def test_nobody_can_attach_somebody_elses_file(store: Store) -> None:
    with store.new_object("ann", ".bin") as made:
        made.path.write_bytes(b"x")
    with pytest.raises(NotFound):
        store.add(Upload(owner="bob", name="a", bytes=1, object=made.id), [made])
    assert store.list(Upload, "bob") == []


def test_a_record_is_not_found_as_another_kind(store: Store) -> None:
    dataset = store.add(Dataset(owner=LOCAL, name="a"))
    with pytest.raises(NotFound):
        store.get(Setting, dataset.id, LOCAL)


def test_list_gives_the_newest_first_and_filters_by_fields(store: Store) -> None:
    for number in range(5):
        store.add(Draft(owner=LOCAL, version=f"vn_{number % 2}", name=str(number)))
    assert [draft.name for draft in store.list(Draft, LOCAL)] == ["4", "3", "2", "1", "0"]
    assert [draft.name for draft in store.list(Draft, LOCAL, version="vn_1")] == ["3", "1"]
    assert [draft.name for draft in store.list(Draft, LOCAL, limit=2)] == ["4", "3"]
    store.add(Run(owner=LOCAL, version="v", job=None))
    assert len(store.list(Run, LOCAL, job=None)) == 1


def test_a_field_that_is_none_of_the_kind_is_refused(store: Store) -> None:
    with pytest.raises(TypeError, match="no field"):
        store.list(Draft, LOCAL, **{"version') --": 1})


def test_the_filters_use_their_index(store: Store) -> None:
    statements: list[str] = []
    with store.reading() as catalog:
        catalog.connection.set_trace_callback(statements.append)
        catalog.list(Draft, LOCAL, version="vn_1")
        catalog.every(Run, state="running")
        catalog.connection.set_trace_callback(None)
        plans = [
            str(catalog.connection.execute("EXPLAIN QUERY PLAN " + text).fetchall()) for text in statements
        ]
    assert "record_version" in plans[0]
    assert "record_state" in plans[1]


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.writing() as catalog:
            catalog.add(Dataset(owner=LOCAL, name="a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.list(Dataset, LOCAL) == []
    store.add(Dataset(owner=LOCAL, name="b"))  # and the connection is fit for the next


def test_a_wrong_value_is_refused_and_the_old_one_stays(store: Store) -> None:
    dataset = store.add(Dataset(owner=LOCAL, name="a"))
    with pytest.raises(ValueError, match="name"):
        store.change(Dataset, dataset.id, LOCAL, name=3)
    with pytest.raises(ValueError, match="nme"):
        store.change(Dataset, dataset.id, LOCAL, nme="b")
    assert store.get(Dataset, dataset.id, LOCAL).name == "a"


def test_four_processes_lose_no_update(store: Store) -> None:
    setting = store.add(Setting(owner=LOCAL, key="count", value=0))
    code = (
        "import sys; from pathlib import Path\n"
        "from core.store import Setting, Store\n"
        "store, id = Store(Path(sys.argv[1])), sys.argv[2]\n"
        "for _ in range(50):\n"
        "    with store.writing() as catalog:\n"
        "        value = catalog.get(Setting, id, 'local').value\n"
        "        catalog.change(Setting, id, 'local', value=value + 1)\n"
    )
    command = [sys.executable, "-c", code, str(store.home), setting.id]
    writers = [subprocess.Popen(command) for _ in range(4)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    assert store.get(Setting, setting.id, LOCAL).value == 200


def test_threads_share_a_store(store: Store) -> None:
    setting = store.add(Setting(owner=LOCAL, key="count", value=0))

    def add() -> None:
        for _ in range(20):
            with store.writing() as catalog:
                value = catalog.get(Setting, setting.id, LOCAL).value
                catalog.change(Setting, setting.id, LOCAL, value=value + 1)

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(Setting, setting.id, LOCAL).value == 120


def test_a_fork_opens_connections_of_its_own(store: Store) -> None:
    dataset = store.add(Dataset(owner=LOCAL, name="a"))
    parents = list(store._idle)
    child = os.fork()
    if child == 0:
        ok = store.get(Dataset, dataset.id, LOCAL).name == "a" and store._idle[0] not in parents
        store.change(Dataset, dataset.id, LOCAL, name="b")
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store._idle == parents
    assert store.get(Dataset, dataset.id, LOCAL).name == "b"


def test_an_older_catalog_is_brought_forward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(tmp_path).add(Dataset(owner=LOCAL, name="a"))
    later = (
        "ALTER TABLE record ADD COLUMN starred INTEGER NOT NULL DEFAULT 0",
        "UPDATE record SET body = json_set(body, '$.name', json_extract(body, '$.name') || '!')",
    )
    monkeypatch.setattr(catalog_schema, "MIGRATIONS", (*catalog_schema.MIGRATIONS, later))
    store = Store(tmp_path)
    assert store.get(Dataset, kept.id, LOCAL).name == "a!"
    assert Store(tmp_path).get(Dataset, kept.id, LOCAL).name == "a!"  # once only


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Store(tmp_path).add(Dataset(owner=LOCAL, name="a"))
    known = catalog_schema.MIGRATIONS
    monkeypatch.setattr(catalog_schema, "MIGRATIONS", (*known, ("DELETE FROM record", "NOT SQL")))
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path)
    monkeypatch.setattr(catalog_schema, "MIGRATIONS", known)
    assert Store(tmp_path).get(Dataset, kept.id, LOCAL) == kept


def test_a_newer_catalog_is_refused_untouched(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "catalog.db") as connection:
        connection.execute(f"PRAGMA user_version = {len(catalog_schema.MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(SightlineError, match="newer Sightline") as caught:
        Store(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_every_connection_waits_its_turn_and_syncs_each_commit(store: Store) -> None:
    with store.reading() as catalog:
        pragmas = {
            name: catalog.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000}


def test_the_home_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_HOME", str(tmp_path / "elsewhere"))
    store = Store()
    assert store.home == tmp_path / "elsewhere"
    assert store.home.stat().st_mode & 0o077 == 0


def test_a_quota_holds_for_each_owner(tmp_path: Path) -> None:
    store = Store(tmp_path, quota=1000)
    first = keep(store, "ann", b"x" * 900)
    with pytest.raises(LimitReached, match=r"900 bytes of your 1\.0 kB"):
        store.check_space(101, "ann")
    with pytest.raises(LimitReached):
        keep(store, "ann", b"x" * 101)
    keep(store, "bob", b"x" * 900)
    store.delete(Upload, first.id, "ann")
    keep(store, "ann", b"x" * 1000)


def test_five_percent_of_the_disk_stay_free(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Disk(total=1000_000, free=60_000))
    store.check_space(10_000)
    with pytest.raises(LimitReached, match=r"10\.0 kB may still be used"):
        store.check_space(10_001)


def keep(store: Store, owner: str, content: bytes) -> Upload:
    with store.new_object(owner, ".bin") as made:
        made.path.write_bytes(content)
    return store.add(Upload(owner=owner, name="a", bytes=made.bytes, object=made.id), [made])


class Disk:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free
