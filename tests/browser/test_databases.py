"""Databases in a real browser: a file is uploaded, its tables chosen in the list, one is read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from playwright.sync_api import Page, expect

from core.store import LOCAL, Connection, Store
from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen

NEW = "databases.form.new"


def test_a_table_of_an_uploaded_database_is_read(page: Page, server: Server, tmp_path: Path) -> None:
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as link:
        link.execute("CREATE TABLE aside (a INTEGER)")
        link.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, price REAL)")
        link.executemany("INSERT INTO orders VALUES (?, ?)", [(i, i / 4) for i in range(1, 1201)])
    link.close()
    screen = Screen(page, server.url).open("/databases?connection=new")
    screen.choose(f"{NEW}.kind", "SQLite file").drop(f"{NEW}", place)
    screen.shows("File: shop.db").press("Save and test").shows("Connected")
    kept = Store(server.home).list(Connection, LOCAL)[0]
    listing = page.get_by_test_id("stDataFrame").first
    listing.locator("canvas").first.wait_for()
    listing.click(position={"x": 18, "y": 35 * 2 + 18})  # the box beside the second table
    screen.shows("2 columns · 1,200 rows · key: id").shows("The first 50 rows")
    screen.click(f"databases.{kept.id}.read").shows("1,200 rows × 2 columns stored")
    screen.shows("Tables that came from here").press("Refresh now").shows("nothing had changed")
    screen.is_clean()


def test_a_password_arrives_however_the_focus_got_to_the_button(page: Page, server: Server) -> None:
    screen = Screen(page, server.url).open("/databases?connection=new")
    for name, value in {"host": "127.0.0.1", "database": "sales", "user": "ann"}.items():
        box = screen.at(f"{NEW}.postgre_sql.{name}").locator("input").first
        box.fill(value)
        box.press("Tab")
        screen.settle()
    save = page.get_by_role("button", name="Save and test")
    expect(save).to_be_enabled(timeout=SLOW)  # focus passes over what is disabled
    password = screen.at(f"{NEW}.password").locator("input").first
    password.fill("hunter2-hunter2")
    password.press("Tab")  # to the eye that shows it
    screen.settle()
    page.keyboard.press("Tab")
    expect(save).to_be_focused()
    page.keyboard.press("Enter")
    screen.shows("it is not connected to")  # this machine, which nobody has allowed
    store = Store(server.home)
    kept = next(one for one in store.list(Connection, LOCAL) if one.settings.get("host") == "127.0.0.1")
    assert store.secret(kept.id, LOCAL) == "hunter2-hunter2"
    assert "hunter2" not in page.content()
    screen.is_clean()
