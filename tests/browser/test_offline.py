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


def test_it_is_told_in_words_and_as_a_table(opened: Page) -> None:
    tile = opened.locator("#tile-bar")
    expect(tile.locator(".picture")).to_have_attribute("aria-label", re.compile("North: 100"))
    tile.get_by_text("As a table").click()
    expect(tile.locator("tbody tr")).to_have_count(4)
    expect(opened.locator("#provenance")).to_contain_text("Table: </script>")


def test_it_prints_as_a_pdf_whose_text_is_text(opened: Page, tmp_path: Path) -> None:
    opened.locator("#dark").click()  # on paper it is light all the same
    made = opened.pdf(path=tmp_path / "made.pdf", prefer_css_page_size=True)
    assert made.startswith(b"%PDF")
    assert b"/FontFile2" in made or b"/FontFile3" in made or b"/Type3" in made or b"/FontFile" in made
    assert opened.wrong == []  # type: ignore[attr-defined]


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
