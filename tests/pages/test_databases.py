"""The databases page: a connection's form, what is in the database, previews and imports."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.store import LOCAL, Connection, Dataset, Job, Schedule, tables
from tests.pages.conftest import HOSTILE, Screen
from tests.pages.trained import clean

PAGE = "pages/data/databases.py"
NEW = "databases.form.new"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(folder))
    place = folder / "shop.db"
    with sqlite3.connect(place) as link:
        link.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, price REAL)")
        link.executemany("INSERT INTO orders VALUES (?, ?)", [(i, i / 4) for i in range(1, 201)])
        link.execute("CREATE TABLE bare (a INTEGER)")
        link.execute(f'CREATE TABLE "{HOSTILE}" (a)')
    link.close()
    return place


@pytest.fixture
def connected(screen: Screen, shop: Path) -> Screen:
    app = screen.open(PAGE)
    app.selectbox(key=f"{NEW}.kind").set_value("sqlite_file").run()
    app.segmented_control(key=f"{NEW}.way").set_value("place").run()
    app.selectbox(key=f"{NEW}.place").set_value(str(shop)).run()
    app.button(key=f"{NEW}.asked").click().run()
    screen.work()
    app.run()
    return screen


def key(screen: Screen) -> str:
    return f"databases.{screen.store.list(Connection, LOCAL)[0].id}"


def fill(screen: Screen, password: str) -> None:
    app = screen.open(PAGE)
    for name, value in {"host": "db.example.com", "database": "sales", "user": "ann"}.items():
        app.text_input(key=f"{NEW}.postgre_sql.{name}").set_value(value).run()
    app.text_input(key=f"{NEW}.password").set_value(password)
    app.button(key=f"{NEW}.asked").click().run()


def test_without_a_connection_there_is_a_form(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert "Connect a database" in screen.texts()
    assert "Still to fill in: Host." in screen.texts()
    assert app.button(key=f"{NEW}.asked").disabled
    assert not app.exception


def test_a_password_is_sealed_and_goes_into_no_job_or_session(screen: Screen) -> None:
    fill(screen, "hunter2-hunter2")
    (kept,) = screen.store.list(Connection, LOCAL)
    assert (kept.name, kept.settings["host"]) == ("sales · db.example.com", "db.example.com")
    assert kept.secret is not None
    assert screen.store.secret(kept.id, LOCAL) == "hunter2-hunter2"
    (job,) = screen.store.list(Job, LOCAL)
    assert job.params == {"connection": kept.id}
    assert "hunter2" not in job.model_dump_json() + kept.model_dump_json()
    assert f"{NEW}.password" not in screen.app.session_state


def test_a_password_is_asked_for_again_when_the_host_changes(screen: Screen) -> None:
    fill(screen, "hunter2-hunter2")
    app = screen.app
    app.button(key="databases.edit").click().run()
    (kept,) = screen.store.list(Connection, LOCAL)
    at = f"databases.form.{kept.id}"
    assert app.text_input(key=f"{at}.password").value == ""
    app.text_input(key=f"{at}.postgre_sql.host").set_value("evil.example").run()
    app.button(key=f"{at}.asked").click().run()
    assert "has to be typed again" in screen.texts()
    assert screen.store.get(Connection, kept.id, LOCAL).settings["host"] == "db.example.com"


def test_what_hinders_a_connection_is_said(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGHTLINE_DB_HOSTS", raising=False)
    app = screen.open(PAGE)
    for name, value in {"host": "127.0.0.1", "database": "x", "user": "y"}.items():
        app.text_input(key=f"{NEW}.postgre_sql.{name}").set_value(value).run()
    app.button(key=f"{NEW}.asked").click().run()
    screen.work()
    app.run()
    assert "it is not connected to" in screen.texts()
    assert app.button(key="databases.again")


def test_a_database_may_be_uploaded(screen: Screen, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGHTLINE_DB_FOLDERS")
    app = screen.open(PAGE)
    app.selectbox(key=f"{NEW}.kind").set_value("sqlite_file").run()
    app.file_uploader(key=f"{NEW}.file").upload("mine.db", shop.read_bytes(), "application/x-sqlite3").run()
    assert "File: mine" in screen.texts()
    app.button(key=f"{NEW}.asked").click().run()
    screen.work()
    app.run()
    assert list(app.dataframe[0].value["Table"])[-1] == "orders"
    assert screen.store.list(Connection, LOCAL)[0].name == "mine.db"
    app.button(key="databases.edit").click().run()
    assert not app.exception


def test_tables_are_listed_with_their_rows(connected: Screen) -> None:
    assert "Connected" in connected.texts()
    listing = connected.app.dataframe[0].value
    assert list(listing["Table"]) == [HOSTILE, "bare", "orders"]
    assert list(listing["Rows"]) == [0, 0, 200]


def test_a_table_is_looked_at_and_read(connected: Screen) -> None:
    app, at = connected.app, key(connected)
    app.multiselect(key=f"{at}.chosen").set_value(["orders"]).run()
    connected.work()
    app.run()
    assert "2 columns · 200 rows · key: id" in connected.texts()
    assert list(app.dataframe[1].value.columns) == ["id (integer)", "price (number)"]
    assert len(app.dataframe[1].value) == 50
    app.text_input(key=f"{at}.name.orders").set_value("My orders").run()
    app.button(key=f"{at}.read").click().run()
    (job,) = connected.work()
    app.run()
    assert job.result is not None
    assert "200 rows × 2 columns stored" in connected.texts()
    assert [dataset.name for dataset in connected.store.list(Dataset, LOCAL)] == ["My orders"]


def test_several_tables_are_read_at_once(connected: Screen) -> None:
    app, at = connected.app, key(connected)
    app.multiselect(key=f"{at}.chosen").set_value(["orders", HOSTILE]).run()
    connected.work()
    app.run()
    assert not app.exception
    app.button(key=f"{at}.read").click().run()
    assert len(connected.work()) == 2
    assert len(connected.store.list(Dataset, LOCAL)) == 2
    assert app.multiselect(key=f"{at}.chosen").value == []


def test_an_empty_table_says_so(connected: Screen) -> None:
    connected.app.multiselect(key=f"{key(connected)}.chosen").set_value(["bare"]).run()
    connected.work()
    connected.app.run()
    assert "There are columns but no rows." in connected.texts()


def test_a_query_is_looked_at_and_read(connected: Screen) -> None:
    app, at = connected.app, key(connected)
    app.segmented_control(key=f"{at}.way").set_value("query").run()
    app.text_area(key=f"{at}.query").set_value("SELECT price FROM orders WHERE id <= 3").run()
    app.button(key=f"{at}.query.look").click().run()
    connected.work()
    app.run()
    assert len(app.dataframe[0].value) == 3
    app.button(key=f"{at}.query.read").click().run()
    (job,) = connected.work()
    assert job.result is not None
    assert job.result["rows"] == 3


def test_a_query_that_changes_something_is_refused_in_words(connected: Screen) -> None:
    app, at = connected.app, key(connected)
    app.segmented_control(key=f"{at}.way").set_value("query").run()
    app.text_area(key=f"{at}.query").set_value("DELETE FROM orders").run()
    app.button(key=f"{at}.query.look").click().run()
    connected.work()
    app.run()
    assert "A query begins with SELECT" in connected.texts()


def test_a_connection_is_deleted(connected: Screen) -> None:
    connected.app.button(key="databases.delete").click().run()
    assert connected.store.list(Connection, LOCAL) == []
    assert "Connect a database" in connected.texts()


@pytest.fixture
def read(connected: Screen) -> Screen:
    app, at = connected.app, key(connected)
    app.multiselect(key=f"{at}.chosen").set_value(["orders"]).run()
    app.button(key=f"{at}.read").click().run()
    connected.work()
    app.run()
    return connected


def table(screen: Screen) -> str:
    return f"refresh.{screen.store.list(Dataset, LOCAL)[0].id}"


def change(shop: Path, statement: str) -> None:
    with sqlite3.connect(shop) as link:
        link.execute(statement)
    link.close()


def test_a_table_is_read_again_and_what_changed_is_said(read: Screen, shop: Path) -> None:
    app = read.app
    app.button(key=f"{table(read)}.now").click().run()
    assert app.button(key=f"{table(read)}.now").disabled
    read.work()
    app.run()
    assert "nothing had changed" in read.texts()
    change(shop, "INSERT INTO orders VALUES (9999, 1)")
    app.button(key=f"{table(read)}.now").click().run()
    read.work()
    app.run()
    assert "1 row added" in read.texts()
    assert app.button(key=f"{table(read)}.rows").label == "See which rows"
    assert "201 rows, version 2" in read.texts()
    app.toggle(key=f"{table(read)}.all").set_value(True).run()
    assert "nothing had changed" in read.texts()


def test_a_refresh_that_failed_says_why(read: Screen, shop: Path) -> None:
    change(shop, "DROP TABLE orders")
    read.app.button(key=f"{table(read)}.now").click().run()
    read.work()
    read.app.run()
    assert "There is no table" in read.texts() or "no such table" in read.texts()


def test_steps_are_applied_to_what_is_read_again_or_said_not_to_fit(read: Screen, shop: Path) -> None:
    app, (dataset,) = read.app, read.store.list(Dataset, LOCAL)
    first = tables.latest(read.store, dataset.id, LOCAL)
    column = first.columns[-1].name
    clean(read, first, {"kind": "drop_missing", "columns": [column]})
    app.run()
    assert "The steps that made version 2 are applied" in read.texts()
    change(shop, "INSERT INTO orders VALUES (9999, 1)")
    app.button(key=f"{table(read)}.now").click().run()
    read.work()
    app.run()
    assert "its steps were applied again" in read.texts()
    change(shop, f"ALTER TABLE orders RENAME COLUMN {column} TO other")
    app.button(key=f"{table(read)}.now").click().run()
    read.work()
    app.run()
    assert not app.exception
    assert "Steps not applied" in read.texts()
    assert f"no column '{column}'" in read.texts().replace("\\", "")


def test_steps_are_not_applied_again_once_that_is_switched_off(read: Screen, shop: Path) -> None:
    app, (dataset,) = read.app, read.store.list(Dataset, LOCAL)
    first = tables.latest(read.store, dataset.id, LOCAL)
    clean(read, first, {"kind": "drop_missing", "columns": [first.columns[-1].name]})
    app.run()
    assert app.toggle(key=f"{table(read)}.again").value
    app.toggle(key=f"{table(read)}.again").set_value(False).run()
    assert "The steps that made version 2 are left alone" in read.texts()
    assert not read.store.get(Dataset, dataset.id, LOCAL).again
    change(shop, "INSERT INTO orders VALUES (9999, 1)")
    app.button(key=f"{table(read)}.now").click().run()
    read.work()
    app.run()
    assert "1 row added" in read.texts()
    assert "its steps were applied again" not in read.texts()
    assert tables.latest(read.store, dataset.id, LOCAL).recipe is None
    again = Screen(read.store).open("pages/data/databases.py")
    assert not again.toggle(key=f"{table(read)}.again").value


def test_a_schedule_is_kept_shown_and_ended(read: Screen) -> None:
    app, at = read.app, f"{table(read)}.when"
    assert "It would run at" in read.texts()
    app.selectbox(key=f"{at}.usual").set_value("").run()
    app.text_input(key=f"{at}.cron").set_value("nonsense").run()
    assert "A schedule has five fields" in read.texts()
    app.text_input(key=f"{at}.cron").set_value("15 4 * * 2").run()
    app.selectbox(key=f"{at}.zone").set_value("Asia/Shanghai").run()
    app.button(key=f"{at}.keep").click().run()
    (kept,) = read.store.list(Schedule, LOCAL)
    assert (kept.cron, kept.zone) == ("15 4 * * 2", "Asia/Shanghai")
    assert "Next: " in read.texts()
    app.button(key=f"{at}.end").click().run()
    assert read.store.list(Schedule, LOCAL) == []
