"""Several tables at once, in a real browser: all sheets of a workbook, and a whole folder."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen
from tests.sources.workbooks import Cell, xlsx


def month(number: int) -> list[list[Cell]]:
    return [["day", "shop", "sold"], *([day, f"S{day % 3}", day * number] for day in range(1, 29))]


def test_all_sheets_of_a_workbook_become_one_table(page: Page, server: Server, tmp_path: Path) -> None:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")
    sheets = {name: month(number) for number, name in enumerate(names, start=1)}
    book = tmp_path / "sales 2024.xlsx"
    book.write_bytes(
        xlsx({**sheets, "Read me": [["who", "what"], ["Ann", "all sums in euros"]], "Blank": []})
    )
    screen = Screen(page, server.url).open()
    screen.drop("add.files.drop.0", book)
    screen.shows(re.compile("All 6 sheets of this shape as one table: Jan, Feb, Mar, Apr"))
    page.get_by_text(re.compile("2 are not in it")).click()
    screen.settle()
    screen.press("Read as one table")
    screen.shows(re.compile("168 rows"))
    screen.shows(re.compile("6 sheets were put under one another"))
    screen.press("See what is in it").shows("Findings")
    screen.is_clean()


def test_a_folder_becomes_one_table_and_says_what_is_left_out(
    page: Page, server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "märz und mehr"
    for number, name in enumerate(("2023/jan.csv", "2023/feb.csv", "2024/jan.csv"), start=1):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"day,sold\n1,{number}\n2,{number}\nbroken\n")
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("x")
    (folder / "empty.csv").touch()
    (folder / "people.csv").write_text("name;age\nAnn;3\n")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n" + bytes(range(200)))
    screen = Screen(page, server.url).open()
    zone = screen.at("add.files.drop.0")
    expect(zone.get_by_role("button", name="Or choose a folder")).to_be_visible(timeout=SLOW)
    zone.locator("input.all").set_input_files(folder)
    screen.settle()
    screen.shows(re.compile(r"All 3 files of this shape as one table: 2023/feb\.csv"))
    screen.shows(re.compile("4 are not in it"))
    screen.press("Read as one table")
    screen.shows(re.compile("6 rows × 3 columns stored, 3 rows refused"))
    screen.is_clean()
