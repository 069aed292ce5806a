"""A chart explored in a real browser: a bar opens its rows, a zoom refines, an address is shared."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from core.contracts import Column
from core.store import LOCAL, Store, tables
from tests.browser.conftest import Server
from tests.browser.screen import SLOW
from tests.browser.test_plot import Picture

ROWS = 1_000_000


@pytest.fixture(scope="module")
def orders(server: Server) -> str:
    """A million rows in the server's store; returns the dataset's id."""
    store, random = Store(server.home), np.random.default_rng(1)
    regions = np.array(["North", "South", "East", "West"])[np.arange(ROWS) % 4]
    data = pa.table(
        {"price": random.gamma(2, 40, ROWS), "quantity": random.normal(50, 20, ROWS), "region": regions}
    )
    columns = tuple(
        Column(name=name, type=kind)
        for name, kind in (("price", "number"), ("quantity", "number"), ("region", "text"))
    )
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(data, made.path)
    return tables.add_dataset(store, LOCAL, "orders", object=made, columns=columns, rows=ROWS, origin="made")[
        0
    ].id


def opened(page: Page, server: Server, dataset: str, **chart: str) -> Picture:
    picture = Picture(page, server.url)
    text = urllib.parse.quote(json.dumps(chart))
    picture.open(f"/charts?dataset={dataset}&chart={text}")
    expect(page.locator(".sp-bar button")).not_to_have_count(0, timeout=SLOW)
    expect(page.locator(".sp-plot .nsewdrag").first).to_be_attached(timeout=SLOW)
    return picture


def test_a_bar_opens_its_rows_and_leaves_them_out(page: Page, server: Server, orders: str) -> None:
    picture = opened(page, server, orders, kind="bar", x="region", order="by name")
    page.mouse.click(*picture.point(0.4, 0.9))
    picture.shows(re.compile("region is North: 250,000 of 1,000,000"))
    expect(page.locator("td[data-row='0']").filter(has_text="North")).to_be_visible(timeout=SLOW)
    with page.expect_download() as waiting:
        picture.at("charts.behind.csv").locator("a").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 250_001
    assert all(line.endswith('"North"') for line in lines[1:])
    page.locator(".sp-plot").focus()
    picture.keys("m")
    page.get_by_role("menuitem", name="Leave its rows out").click()
    picture.shows(re.compile("Showing only all but: region is North"))
    ticks = page.locator(".sp-plot .xtick")
    expect(ticks).to_have_text(["East", "South", "West"], timeout=SLOW)
    picture.is_clean()


def test_a_zoom_refines_a_million_points_and_its_address_shows_the_same(
    page: Page, server: Server, orders: str
) -> None:
    picture = opened(page, server, orders, kind="scatter", x="price", y="quantity")
    trace = "document.querySelector('.sp-plot')?._fullData?.[0]"
    assert page.evaluate(f"{trace}.type") == "heatmap"
    page.locator(".sp-plot").focus()
    page.mouse.move(*picture.point(0.7, 0.5))
    for _ in range(12):
        page.mouse.wheel(0, -300)
    picture.shows(re.compile("Showing only price from"))
    page.wait_for_function(f"{trace}.type !== 'heatmap'", timeout=SLOW)  # few enough now: each a point
    page.wait_for_timeout(500)  # the last of the wheel
    picture.settle()
    seen = page.evaluate(f"{trace}.x.length")
    assert 0 < seen < 20_000
    other = page.context.new_page()
    other.goto(page.url)
    shared = Picture(other, server.url).settle()
    shared.shows(re.compile("Showing only price from"))
    other.wait_for_function(f"{trace}?.x.length === {seen}", timeout=SLOW)
    picture.click("charts.window.back")
    page.wait_for_function(f"{trace}.type === 'heatmap'", timeout=SLOW)
    picture.is_clean()
