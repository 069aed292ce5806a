"""An exported dashboard opened as a file with no network: its filters work, and nothing else runs."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

import core.charts  # noqa: F401, registers the members
from core.contracts import Column, Table
from core.dashboards import Asker, Board, ChartTile, NumberTile, Source, State, TableTile, TextTile
from core.engine.duckdb import DuckEngine, stored
from core.offline import About, Contents, choices, page
from core.offline.looks import themes
from core.store import LOCAL, Store
from core.store.records import Dashboard, Exported
from core.wording import note
from tests.browser.conftest import Server
from tests.browser.pdf_text import pages
from tests.browser.screen import SLOW, Screen
from tests.browser.test_dashboard import dashboard
from ui.sharing import links

HOSTILE = "</script><img src=http://example.com/x onerror=window.hurt=1>"
COLUMNS = tuple(
    Column(name=name, type=kind)
    for name, kind in (("region", "text"), ("price", "number"), ("member", "boolean"))
)
BOARD = Board(
    tiles=(
        TextTile(id="words", text=f"# Sales\n\n- **bold** {HOSTILE}", width=2),
        NumberTile(id="median", aggregation="median", column="price"),
        NumberTile(id="rows"),
        ChartTile(id="bar", chart={"kind": "bar", "x": "region", "order": "by name"}),
        ChartTile(id="mean", chart={"kind": "histogram", "x": "price", "colour": "member"}),
        ChartTile(id="points", chart={"kind": "scatter", "x": "price", "y": "price"}),
        TableTile(id="table", width=2),
    )
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offline")
    data = pa.table(
        {
            "region": [("North", "South", HOSTILE, None)[i % 4] for i in range(400)],
            "price": [float((i * 37) % 101) for i in range(400)],
            "member": [i % 3 == 0 for i in range(400)],
        }
    )
    pq.write_table(data, folder / "t.parquet")
    engine = DuckEngine(threads=1)
    source = Source("me v1", Table(stored(folder / "t.parquet"), COLUMNS), 400)
    found = choices(source.table, engine, ["region", "member"])
    contents = Contents.of(Asker(engine), engine, source, BOARD, State(), found)
    made = folder / "dashboard.html"
    about = About("Sales of 销售 " + HOSTILE, (note("Table: {name}", name=HOSTILE),))
    made.write_text("".join(page(contents, about, themes())), encoding="utf-8")
    return made


@pytest.fixture
def opened(browser: Browser, exported: Path) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    page.asked, page.wrong = [], []  # type: ignore[attr-defined]
    page.on("request", lambda one: page.asked.append(one.url))  # type: ignore[attr-defined]
    page.on("pageerror", lambda one: page.wrong.append(str(one)))  # type: ignore[attr-defined]
    page.on("console", lambda one: page.wrong.append(one.text) if one.type == "error" else None)  # type: ignore[attr-defined]
    page.goto(exported.as_uri())
    expect(page.locator("body")).to_have_attribute("data-view", "0")
    return page


def bars(page: Page) -> int:
    return page.locator("#tile-bar .bars .point").count()


def test_its_filters_work_with_no_network(opened: Page) -> None:
    page = opened
    expect(page.locator("#count")).to_have_text("400 of 400 rows")
    assert bars(page) == 4
    page.locator("#filter0").select_option(label="North (100)")
    expect(page.locator("#count")).to_have_text("100 of 400 rows")
    expect(page.locator("#tile-rows .value")).to_have_text("100")
    expect(page.locator("body")).to_have_attribute("data-view", re.compile(r"^[1-9]"))
    assert bars(page) == 1
    page.locator("#filter1").select_option(label="true (134)")
    expect(page.locator("#tile-rows .value")).to_have_text("34")
    assert re.fullmatch(r"#\d\.\d", page.evaluate("location.hash"))
    page.reload()
    expect(page.locator("#tile-rows .value")).to_have_text("34")
    page.locator("#clear").click()
    expect(page.locator("#count")).to_have_text("400 of 400 rows")
    assert [one for one in page.asked if not one.startswith(("file:", "blob:", "data:"))] == []  # type: ignore[attr-defined]
    assert page.wrong == []  # type: ignore[attr-defined]
    assert page.evaluate("window.hurt") is None
    assert page.locator("#page img").count() == 0


def test_a_bar_chooses_its_group_and_a_second_press_lets_go(opened: Page) -> None:
    opened.locator("#tile-bar .point").nth(1).scroll_into_view_if_needed()
    box = opened.locator("#tile-bar .point path").nth(1).bounding_box()
    assert box is not None
    spot = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    opened.mouse.click(*spot)
    expect(opened.locator("#count")).to_have_text("100 of 400 rows")
    opened.locator("#clear").click()
    expect(opened.locator("#count")).to_have_text("400 of 400 rows")


def test_a_mark_is_chosen_by_keyboard(opened: Page) -> None:
    picture, said = opened.locator("#tile-bar .picture"), opened.locator("#tile-bar .mark")
    picture.focus()
    expect(said).to_contain_text("Arrow keys")
    opened.keyboard.press("ArrowRight")
    first = said.inner_text()
    opened.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(first)
    expect(opened.locator("#tile-bar .hovertext")).to_have_count(1)  # its label is where the keyboard is
    opened.keyboard.press("Home")
    expect(said).to_have_text(first)
    opened.keyboard.press("End")
    opened.keyboard.press("Enter")
    expect(opened.locator("#count")).to_have_text("100 of 400 rows")
    expect(picture).to_be_focused()
    opened.keyboard.press("Enter")  # again: it lets go
    expect(opened.locator("#count")).to_have_text("400 of 400 rows")
    points = opened.locator("#tile-points")
    points.locator(".picture").focus()
    opened.keyboard.press("End")
    opened.keyboard.press("Enter")
    expect(points.locator(".mark")).to_contain_text("chooses nothing in the filters")
    opened.keyboard.press("Tab")
    expect(points.locator(".mark")).to_be_empty()
    assert opened.wrong == []  # type: ignore[attr-defined]


def test_it_is_told_in_words_and_as_a_table(opened: Page) -> None:
    tile = opened.locator("#tile-bar")
    expect(tile.locator(".picture")).to_have_attribute("aria-label", re.compile("North: 100"))
    tile.get_by_text("As a table").click()
    expect(tile.locator("tbody tr")).to_have_count(4)
    expect(opened.locator("#provenance")).to_contain_text("Table: </script>")


def test_it_prints_on_a4_with_real_text_and_no_tile_cut_in_two(opened: Page) -> None:
    opened.locator("#dark").click()  # on paper it is light all the same
    opened.locator("#filter1").select_option(label="true (134)")
    expect(opened.locator("#tile-rows .value")).to_have_text("134")
    median = opened.locator("#tile-median .value").inner_text()
    made = opened.pdf(prefer_css_page_size=True)
    assert set(re.findall(rb"/MediaBox \[0 0 (\d+).\d+ (\d+)", made)) == {(b"841", b"594")}
    found = pages(made)
    tiles = (
        ("Sales", "bold"), (f"Median of price\n{median}\n", "of 134 rows"), ("Rows\n134", "of 134 rows"),
        ("Rows by region", "region", "North", "(missing)"), ("Histogram of price\nprice\nRows", "100"),
        ("price against price", "100"), ("region\nprice\nmember", "South", " of 134 rows"),
    )  # fmt: skip
    for texts in tiles:
        assert [sheet for sheet in found if all(text in sheet for text in texts)], texts
    assert "Filters: member: true" in found[0].replace("\n", "")
    assert "Table: " in found[-1]
    for number, sheet in enumerate(found, 1):
        assert f"{number}\n / \n{len(found)}" in sheet  # its number
        assert "Sales of \n销售" in sheet  # its foot
    assert opened.locator("body").get_attribute("class") == ""  # and the screen is as it was
    assert opened.wrong == []  # type: ignore[attr-defined]


def test_the_keyboard_reaches_all_of_it_and_everything_has_a_name(opened: Page) -> None:
    opened.locator("#tile-bar summary").nth(1).click()
    walked: list[tuple[str, str]] = []
    opened.locator("body").evaluate("body => { body.tabIndex = -1; body.focus(); }")
    for _ in range(60):
        opened.keyboard.press("Tab")
        here = opened.evaluate(
            "() => { const e = document.activeElement; return e === document.body ? null : "
            "[e.getAttribute('role') || e.tagName.toLowerCase(), "
            "e.getAttribute('aria-label') || e.textContent, "
            "getComputedStyle(e).outlineStyle]; }"
        )
        if here is None:
            break
        assert here[1].strip(), here
        assert here[2] != "none", here  # where the focus is can be seen
        walked.append((here[0], here[1]))
    assert [name for role, name in walked if role == "select"] == ["region", "member"]
    pictures = [name for role, name in walked if role == "application"]  # arrows walk inside of them
    assert [name.partition(".")[0] for name in pictures] == [
        "Rows by region", "Histogram of price", "price against price",
    ]  # fmt: skip
    assert ": 100" in pictures[0]  # with what it shows, in words
    tables = [name for role, name in walked if role == "region"]
    assert tables == ["Rows by region: As a table", "Rows: As a table"]  # the one that is open, and the tile
    assert sum(1 for role, _ in walked if role == "summary") == 7
    assert sum(1 for _, name in walked if name in ("Save as PNG", "Save as SVG")) == 6
    assert opened.locator("h1").count() == 1
    for role in ("dark", "patterns"):
        assert opened.locator(f"#{role}").get_attribute("aria-pressed") == "false"


def test_series_are_told_apart_without_colour_when_asked(opened: Page) -> None:
    patterned = opened.locator("#tile-mean .point path[style*='url(']")
    expect(patterned).to_have_count(0)
    opened.locator("#patterns").press("Enter")
    expect(opened.locator("#patterns")).to_have_attribute("aria-pressed", "true")
    expect(patterned.first).to_be_attached()


@pytest.mark.parametrize(("button", "begins"), [("png", b"\x89PNG"), ("svg", b"<svg ")])
def test_a_picture_is_saved(opened: Page, button: str, begins: bytes) -> None:
    with opened.expect_download() as waiting:
        opened.locator(f"#tile-mean .{button}").click()
    saved = waiting.value
    assert saved.suggested_filename == f"Histogram of price.{button}"
    assert saved.path().read_bytes().startswith(begins)


def test_one_press_on_the_dashboard_opens_the_print_dialog(page: Page, server: Server) -> None:
    page.add_init_script("window.print = () => { document.body.dataset.printed += '1' }")
    record = dashboard(server)
    screen = Screen(page, server.url)
    screen.open(f"/dashboard?dashboard={record.id}")
    screen.click("dash.pdf")
    frame = page.frame_locator("#sightline-print")
    expect(frame.locator("h1")).to_have_text("Linked", timeout=SLOW)
    expect(frame.locator("body")).to_have_attribute("data-view", "0", timeout=SLOW)
    (inner,) = [one for one in page.frames if "/print/" in one.url]
    expect(frame.locator("body")).to_have_attribute("data-printed", "undefined1", timeout=SLOW)  # once
    assert inner.evaluate("self.origin") == "null"  # in a sandbox: it reaches nothing of this server
    assert page.evaluate("document.body.dataset.printed") is None
    screen.is_clean()


def test_a_read_only_link_shows_the_page_and_reaches_nothing_else(
    browser: Browser, server: Server, exported: Path
) -> None:
    store = Store(server.home)
    record = store.add(Dashboard(owner=LOCAL, dataset="ds_x", version="vn_x", name="Sales"))
    with store.new_object(LOCAL, ".html") as made:
        made.path.write_bytes(exported.read_bytes())
    kept = Exported(owner=LOCAL, dashboard=record.id, version="vn_x", object=made.id, bytes=made.bytes)
    store.add(kept, [made])
    link, token = links.make(store, record, 1)
    links.freeze(store, link, kept)
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(f"{server.url}/shared/{token}")
    expect(page.locator("body")).to_have_attribute("data-view", "0")
    page.locator("#filter0").select_option(label="North (100)")
    expect(page.locator("#count")).to_have_text("100 of 400 rows")
    expect(page.locator("#tile-rows .value")).to_have_text("100")
    assert {one.partition("#")[0] for one in asked if one.startswith("http")} == {
        f"{server.url}/shared/{token}"
    }
    reached = page.evaluate(
        "url => fetch(url).then(() => 'reached', () => 'refused')", f"{server.url}/healthz"
    )
    assert reached == "refused"
    assert page.evaluate("self.origin") == "null"
    assert page.locator("a").count() == 0
    links.withdraw(store, link)
    page.goto(f"{server.url}/shared/{token}")
    expect(page.locator("body")).to_contain_text("leads nowhere")
