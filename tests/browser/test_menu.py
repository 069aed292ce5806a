"""The menu of a mark in a real browser: every entry of it, and the way back from each."""

from __future__ import annotations

import json
import re
import urllib.parse

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Page, expect

from core.contracts import Column
from core.store import LOCAL, Store, tables
from tests.browser.conftest import Server
from tests.browser.screen import SLOW
from tests.browser.test_plot import Picture

ROWS = 3_650


def sales(server: Server) -> str:
    """Ten sales a day of 2023, dearer in January; returns the dataset's id."""
    store, day = Store(server.home), np.datetime64("2023-01-01") + np.arange(ROWS) // 10
    price = np.arange(ROWS) % 10 + 100.0 * (day < np.datetime64("2023-02-01"))
    data = pa.table({"day": day, "price": price, "region": ["North", "South"] * (ROWS // 2)})
    kinds = (("day", "date"), ("price", "number"), ("region", "text"))
    columns = tuple(Column(name=name, type=kind) for name, kind in kinds)  # type: ignore[arg-type]
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(data, made.path)
    dataset, _ = tables.add_dataset(
        store, LOCAL, "sales", object=made, columns=columns, rows=ROWS, origin="made"
    )
    return dataset.id


def test_every_entry_of_the_menu_and_the_way_back(page: Page, server: Server) -> None:
    picture = Picture(page, server.url)
    chart = {"kind": "line", "x": "day", "y": "price", "aggregation": "mean", "grain": "month"}
    picture.open(f"/charts?dataset={sales(server)}&chart={urllib.parse.quote(json.dumps(chart))}")

    def points(count: int) -> None:
        known = "document.querySelector('.sp-plot')?._fullData?.[0]?.x?.length"
        page.wait_for_function(f"{known} === {count}", timeout=SLOW)

    def choose(entry: str) -> None:
        points(12)
        page.locator(".sp-plot").focus()
        picture.keys("Home", "m")
        page.get_by_role("menuitem", name=entry).click()
        page.wait_for_timeout(150)
        picture.settle()

    opened = page.get_by_text(re.compile(r"Rows where day is 2023-01: 310 of 3,650"))
    for entry, proof in (
        ("See its rows", page.locator("td[data-row='0']").filter(has_text="2023-01-01")),
        ("Compare its rows", page.get_by_text("price is higher in these rows")),
        ("Break its rows out", picture.at("charts.by.open")),
    ):
        choose(entry)
        expect(opened).to_be_visible(timeout=SLOW)
        expect(proof.first).to_be_visible(timeout=SLOW)
        page.go_back()
        expect(opened).to_have_count(0, timeout=SLOW)
    for entry, count, words in (
        ("Zoom to its period", 31, "Showing only day is 2023-01."),
        ("Leave its rows out", 11, "Showing only all but: day is 2023-01."),
    ):
        choose(entry)
        points(count)
        picture.shows(words)
        page.go_back()
        points(12)
    picture.is_clean()
