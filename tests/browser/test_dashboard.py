"""Two linked charts in a real browser: a bar is pressed, the other follows, and a link shows the same."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Page, expect

from core.contracts import Column
from core.dashboards import Board, ChartTile, NumberTile
from core.store import LOCAL, Store, tables
from core.store.records import Dashboard
from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen


def dashboard(server: Server) -> Dashboard:
    """300 rows: 100 each of three regions, of which only the north has members; amounts depend on sizes."""
    store = Store(server.home)
    sizes = [float(i * 7 % 91) for i in range(300)]
    rows = pa.table({
        "region": ["North", "South", "East"] * 100, "member": [True, False, False] * 100,
        "size": sizes, "amount": [3 * size + i % 5 for i, size in enumerate(sizes)],
    })  # fmt: skip
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(rows, made.path)
    columns = (Column(name="region", type="text"), Column(name="member", type="boolean"),
               Column(name="size", type="number"), Column(name="amount", type="number"))  # fmt: skip
    dataset, version = tables.add_dataset(
        store, LOCAL, "linked", object=made, columns=columns, rows=300, origin="linked"
    )
    tiles = (
        ChartTile(id="regions", chart={"kind": "bar", "x": "region", "order": "by name"}),
        ChartTile(id="members", chart={"kind": "bar", "x": "member", "order": "by name"}),
        NumberTile(id="rows"),
    )
    board = Board(tiles=tiles)
    return store.add(
        Dashboard(owner=LOCAL, dataset=dataset.id, version=version.id, name="Linked", **board.to_json())
    )


def bars(screen: Screen, tile: str, count: int) -> None:
    expect(screen.at(f"dash.tile.{tile}").locator("g.point path")).to_have_count(count, timeout=SLOW)


def test_a_pressed_bar_changes_the_other_chart_and_a_link_shows_the_same(page: Page, server: Server) -> None:
    record = dashboard(server)
    screen = Screen(page, server.url)
    screen.open(f"/dashboard?dashboard={record.id}")
    bars(screen, "members", 2)
    north = screen.at("dash.tile.regions").locator("g.point path").nth(1)  # East, North, South
    north.click(force=True)
    chip = screen.at("dash.chip.pick.regions")
    expect(chip).to_contain_text("region is North", timeout=SLOW)
    bars(screen, "members", 1)
    bars(screen, "regions", 3)
    expect(screen.at("dash.tile.rows")).to_contain_text("100", timeout=SLOW)

    page.reload()
    screen.settle()
    expect(chip).to_contain_text("region is North", timeout=SLOW)
    bars(screen, "members", 1)

    screen.click("dash.save")
    assert "state=" not in page.url
    other = Screen(page.context.new_page(), server.url)
    other.open(f"/dashboard?dashboard={record.id}")
    expect(other.at("dash.chip.pick.regions")).to_contain_text("region is North", timeout=SLOW)
    bars(other, "members", 1)

    other.at("dash.chip.pick.regions").locator("button").first.click()
    bars(other, "members", 2)
    link = other.page.url
    assert "state=" in link
    third = Screen(page.context.new_page(), server.url)
    third.open(link)
    bars(third, "members", 2)
    assert not [*screen.errors, *other.errors, *third.errors]
    assert all(one.startswith((server.url, "data:", "blob:")) for one in screen.asked)


def test_a_pressed_bar_changes_a_tile_of_another_table(page: Page, server: Server) -> None:
    """40 people in two of the regions; what the tile of the first table cannot tell of them is said."""
    record = dashboard(server)
    store = Store(server.home)
    people = pa.table({"region": ["North"] * 10 + ["South"] * 30, "sex": ["f", "m"] * 20})
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(people, made.path)
    columns = (Column(name="region", type="text"), Column(name="sex", type="text"))
    staff, _ = tables.add_dataset(
        store, LOCAL, "staff", object=made, columns=columns, rows=40, origin="staff"
    )
    chart = {"kind": "bar", "x": "sex", "order": "by name"}
    tiles = (
        *Board.of(record).tiles,
        NumberTile(id="heads", table=staff.id),
        ChartTile(id="sexes", chart=chart, table=staff.id),
    )
    store.change(Dashboard, record.id, LOCAL, **Board(tiles=tiles).to_json())
    screen = Screen(page, server.url)
    screen.open(f"/dashboard?dashboard={record.id}")
    expect(screen.at("dash.tile.heads")).to_contain_text("of 40 rows", timeout=SLOW)
    bars(screen, "regions", 3)
    screen.at("dash.tile.regions").locator("g.point path").nth(1).click(force=True)  # East, North, South
    expect(screen.at("dash.tile.heads")).to_contain_text("of 10 rows", timeout=SLOW)
    bars(screen, "sexes", 2)
    screen.at("dash.tile.sexes").locator("g.point path").first.click(force=True)
    expect(screen.at("dash.tile.heads")).to_contain_text("of 5 rows", timeout=SLOW)
    expect(screen.at("dash.tile.rows")).to_contain_text("Not reached by “sex is f”", timeout=SLOW)
    expect(screen.at("dash.tile.rows")).to_contain_text("100")
    screen.is_clean()


def test_each_act_is_one_step_back_and_what_opens_below_comes_into_sight(page: Page, server: Server) -> None:
    record = dashboard(server)
    screen = Screen(page, server.url)
    screen.open(f"/dashboard?dashboard={record.id}")
    bars(screen, "regions", 3)
    begun = page.evaluate("history.length")
    screen.click("dash.about.regions")
    screen.click("dash.open.regions")  # to the Charts page
    figure = screen.at("charts.figure").locator("g.point path")
    expect(figure).to_have_count(3, timeout=SLOW)
    assert page.evaluate("history.length") == begun + 1
    figure.nth(1).click(force=True)
    rows = page.get_by_text("Rows where region is North")
    expect(rows).to_be_in_viewport(timeout=SLOW)
    expect(figure.nth(1)).to_be_in_viewport()
    assert page.evaluate("history.length") == begun + 2
    page.go_back()
    screen.settle()
    expect(rows).to_have_count(0, timeout=SLOW)
    page.go_back()
    screen.settle()
    bars(screen, "regions", 3)
    assert "/dashboard" in page.url
    screen.is_clean()
