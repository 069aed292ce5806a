"""The grid in a real browser, behind the real content policy: events, keyboard, pages, hostile text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from core import examples
from core.contracts import Column
from core.store import LOCAL, Store, tables
from tests.browser.conftest import Server
from tests.browser.grid_app import HOSTILE, TEXTS
from tests.browser.screen import SLOW, Screen
from tests.serving import answering


@pytest.fixture(scope="module")
def grid_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("grid") / "server.log"
    with answering(["-m", "tests.browser.grid_app"], "/_stcore/health", log) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def screen(page: Page, grid_server: str) -> Screen:
    screen = Screen(page, grid_server).open()
    expect(cell(screen, 0, 0)).to_be_visible(timeout=SLOW)
    return screen


def cell(screen: Screen, row: int, column: int) -> Locator:
    return screen.page.locator(f"td[data-row='{row}'][data-column='{column}']")


def said(screen: Screen, event: str) -> None:
    """The page was told this: kind, column, row, segment, start, end."""
    expect(screen.page.get_by_text(re.compile(f"^{event}$"))).to_be_visible(timeout=SLOW)


def test_what_is_pressed_and_selected_reaches_the_page_once(screen: Screen) -> None:
    screen.page.locator(".sg-name").nth(1).click()
    said(screen, "header 1 None None None None")
    screen.page.locator("button.sg-invalid").click()
    said(screen, "segment 0 None invalid None None")
    cell(screen, 3, 0).click()
    said(screen, "cell 0 3 None None None")
    cell(screen, 4, 0).locator(".sg-text").dblclick(position={"x": 8, "y": 8})
    said(screen, "text 0 4 None 0 (4|5)")  # a word, with or without the space after it
    screen.page.get_by_label("Next rows").click()
    expect(screen.page.get_by_text("first 100 left 0")).to_be_visible(timeout=SLOW)
    expect(screen.page.get_by_text(re.compile("^text 0"))).to_have_count(0)
    screen.is_clean()


def test_everything_is_reached_by_keyboard(screen: Screen) -> None:
    keyboard = screen.page.keyboard
    focused = screen.page.locator(":focus")
    for _ in range(12):
        keyboard.press("Tab")
        if focused.get_attribute("role") == "columnheader":
            break
    expect(focused).to_have_attribute("data-column", "0")
    keyboard.press("ArrowRight")
    keyboard.press("Enter")
    said(screen, "header 1 None None None None")
    expect(focused).to_have_attribute("data-column", "1")
    for key in ("ArrowLeft", "ArrowDown", "Enter"):
        keyboard.press(key)
    said(screen, "kind 0 None None None None")
    for key in ("ArrowDown", "ArrowRight", "Enter"):
        keyboard.press(key)
    said(screen, "segment 0 None invalid None None")
    for key in ("ArrowDown", "End", "Home", "ArrowDown", "ArrowDown"):
        keyboard.press(key)
    expect(focused).to_have_attribute("data-row", "2")
    keyboard.press("Enter")
    said(screen, "cell 0 2 None None None")
    for _ in range(3):
        keyboard.press("Shift+ArrowRight")
    keyboard.press("Enter")
    said(screen, "text 0 2 None 0 3")  # counted in characters: two of them take two code units each
    screen.is_clean()


def test_pages_of_rows_and_columns_are_turned(screen: Screen) -> None:
    for label, told in [
        ("Next rows", "first 100 left 0"),
        ("Next rows", "first 200 left 0"),
        ("Next columns", "first 200 left 80"),
        ("Previous rows", "first 100 left 80"),
    ]:
        screen.page.get_by_label(label).click()
        expect(screen.page.get_by_text(told)).to_be_visible(timeout=SLOW)
    expect(screen.page.locator("tbody .sg-row").first).to_have_text("101")
    expect(screen.page.locator(".sg-name").first).to_have_text("column 77")
    screen.is_clean()


def test_hostile_names_and_cells_are_text(screen: Screen) -> None:
    page = screen.page
    expect(page.locator(".sg-name").first).to_have_text(HOSTILE)
    expect(page.locator(".sg-name").nth(1)).to_have_attribute("title", "n" * 500)
    expect(page.locator(".sg-note")).to_have_text("<i>new</i>")
    for row, text in enumerate(TEXTS):
        shown = cell(screen, row, 0)
        if text is None:
            expect(shown).to_have_text("missing")
        else:
            visible = (
                text[:300].replace("\n", "↵").replace("\t", "⇥").replace("\x00", "␀").replace("\x07", "␇")
            )
            assert shown.locator(".sg-text").text_content() == visible
    elements = page.evaluate("[...new Set([...document.querySelectorAll('.sg *')].map(e => e.tagName))]")
    assert set(map(str.lower, elements)) <= {
        "div", "table", "colgroup", "col", "thead", "tbody", "tr", "th", "td", "span", "bdi", "button", "svg",
        "rect", "title",
    }  # fmt: skip
    attributes = page.evaluate(
        "[...document.querySelectorAll('.sg *')].flatMap(e => e.getAttributeNames())"
        ".filter(name => name.startsWith('on') || name === 'href' || name === 'src')"
    )
    assert attributes == []
    screen.is_clean()


def test_a_grid_says_what_it_shows_to_those_who_do_not_see_it(screen: Screen) -> None:
    grid = screen.page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "251")
    expect(grid).to_have_attribute("aria-colcount", "124")
    expect(screen.page.locator("button.sg-invalid")).to_have_attribute(
        "aria-label", "Invalid: 15 of 100 rows (15.0%)"
    )
    changed = cell(screen, 0, 0)
    expect(changed).to_have_class(re.compile("sg-changed"))
    expect(changed).to_have_attribute("aria-description", "was: “<b>before</b>”")
    expect(cell(screen, 1, 0)).to_have_attribute("aria-description", "was: missing")
    expect(screen.page.locator(".sg-legend")).to_contain_text("changed")
    changed.hover()
    expect(screen.page.locator(".sg-status")).to_contain_text("was: “<b>before</b>”")


def example(server: Server, name: str) -> str:
    """The example table in the server's store, with a hostile column; returns the dataset's id."""
    store = Store(server.home)
    rows = examples.table().append_column(HOSTILE, pa.array([f"{HOSTILE}{n % 3}" for n in range(12)]))
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    columns = (*examples.COLUMNS, Column(name=HOSTILE, type="text"))
    return tables.add_dataset(
        store, LOCAL, name, object=made, columns=columns, rows=rows.num_rows, origin=name
    )[0].id


def test_a_profile_is_read_in_the_heads_of_the_rows(page: Page, server: Server) -> None:
    screen = Screen(page, server.url).open(f"/profile?dataset={example(server, 'heads')}")
    price = page.get_by_role("columnheader").filter(has=page.get_by_text("price", exact=True))
    expect(price.locator(".sg-bars rect.sg-bar").first).to_be_attached(timeout=SLOW)
    price.locator(".sg-name").click()
    expect(screen.at("profile.story")).to_contain_text("price", timeout=SLOW)
    expect(price).to_have_attribute("aria-selected", "true", timeout=SLOW)
    price.get_by_label(re.compile("^Empty: 1 of 12")).click()
    screen.shows(re.compile("Only rows in which price is empty"))
    expect(page.locator("tbody .sg-row")).to_have_text(["3"])
    screen.press("Show all rows")
    expect(page.locator("tbody .sg-row")).to_have_count(12, timeout=SLOW)
    screen.is_clean()


def test_what_a_step_would_change_is_seen_before_it_is_kept(page: Page, server: Server) -> None:
    screen = Screen(page, server.url).open(f"/clean?dataset={example(server, 'changes')}")
    screen.choose("clean.kind", "Text · Trim spaces")
    screen.at("clean.form.new.trim_text.columns").locator("input").first.click()
    page.get_by_role("option", name="name", exact=True).click()
    page.keyboard.press("Escape")
    marked = page.locator("td.sg-changed")
    expect(marked).to_have_count(2, timeout=SLOW)
    expect(marked.first).to_have_attribute("aria-description", "was: “ Ann”")
    screen.click("clean.keep")
    screen.page.get_by_text("Changed", exact=True).click()
    expect(page.locator("tbody .sg-row")).to_have_text(["1", "2"], timeout=SLOW)
    screen.is_clean()
