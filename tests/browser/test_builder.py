"""A chart built in a real browser: fields dragged onto shelves, picked by keyboard, filtered, undone."""

from __future__ import annotations

import json
import re
import urllib.parse
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from core.contracts import Column
from core.store import LOCAL, Store, tables
from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen

ROWS = 2_000
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def orders(server: Server) -> str:
    store, random = Store(server.home), np.random.default_rng(1)
    data = pa.table(
        {
            "price": random.gamma(2, 40, ROWS),
            "weight": random.normal(50, 20, ROWS),
            "region": np.array(["North", "South", "East", "West"])[np.arange(ROWS) % 4],
            HOSTILE: np.array(["a", "b"])[np.arange(ROWS) % 2],
        }
    )
    kinds = {"price": "number", "weight": "number", "region": "text", HOSTILE: "text"}
    columns = tuple(Column(name=name, type=kind) for name, kind in kinds.items())  # type: ignore[arg-type]
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(data, made.path)
    return tables.add_dataset(store, LOCAL, "orders", object=made, columns=columns, rows=ROWS, origin="made")[
        0
    ].id


class Builder(Screen):
    def field(self, name: str) -> Locator:
        return self.page.locator(".sh-field").filter(has_text=re.compile(re.escape(name)))

    def shelf(self, name: str) -> Locator:
        return self.page.locator(f'.sh-drop[data-shelf="{name}"]')

    def chart(self) -> dict[str, Any]:
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.page.url).query)
        return dict(json.loads(query["chart"][0]))

    def draws(self, **wanted: Any) -> None:
        """The address says this of the chart, in the end."""
        text = "".join(
            f"(?=.*{re.escape(urllib.parse.quote(json.dumps({k: v}, separators=(',', ':'))[1:-1]))})"
            for k, v in wanted.items()
        )
        expect(self.page).to_have_url(re.compile(text), timeout=SLOW)
        self.settle()
        assert {key: self.chart()[key] for key in wanted} == wanted


def test_fields_are_dragged_picked_filtered_and_gone_back_to(page: Page, server: Server, orders: str) -> None:
    builder = Builder(page, server.url)
    start = urllib.parse.quote(json.dumps({"kind": "histogram", "x": "price"}))
    builder.open(f"/charts?dataset={orders}&chart={start}")
    expect(builder.field("weight")).to_be_visible(timeout=SLOW)

    builder.field("weight").drag_to(builder.shelf("y"))  # a histogram has no such shelf: another chart has
    builder.draws(kind="scatter", x="price", y="weight")
    builder.shelf("colour").locator("select").select_option(label="Aa  region")
    builder.draws(colour="region")
    builder.shelf("x").locator(".sh-chip").drag_to(builder.shelf("y"))  # they change places
    builder.draws(x="weight", y="price", colour="region")
    builder.shelf("x").locator(".sh-off").press("Enter")
    builder.draws(kind="bar", x="region", y="price", aggregation="mean")

    builder.click("charts.undo")
    builder.draws(kind="scatter", x="weight", y="price")
    builder.click("charts.redo")
    builder.draws(kind="bar", x="region")

    builder.field(HOSTILE).drag_to(builder.shelf("filter"))
    expect(builder.shelf("filter").locator(".sh-chip")).to_have_count(1, timeout=SLOW)
    builder.settle()
    page.get_by_role("button", name=re.compile("img.*: all")).click()
    page.get_by_role("combobox", name=re.compile("Values of")).click()
    page.get_by_role("option", name=re.compile("^a ")).click()
    builder.shows("1,000 of 2,000 rows")
    builder.is_clean()


def test_a_field_is_dragged_onto_every_shelf(page: Page, server: Server, orders: str) -> None:
    builder = Builder(page, server.url)

    def put(what: Locator, shelf: str, column: str) -> None:
        what.drag_to(builder.shelf(shelf))
        expect(builder.shelf(shelf).locator(".sh-chip")).to_contain_text(column, timeout=SLOW)
        builder.settle()

    start = urllib.parse.quote(json.dumps({"kind": "scatter", "x": "price", "y": "price"}))
    builder.open(f"/charts?dataset={orders}&kind=chosen&chart={start}")
    expect(builder.field("weight")).to_be_visible(timeout=SLOW)
    wanted = {"x": "weight", "y": "weight", "colour": "region", "size": "price", "shape": HOSTILE,
              "facet": "region", "tooltip": "weight", "filter": "region"}  # fmt: skip
    for shelf, column in wanted.items():
        put(builder.field(column), shelf, column)
    put(builder.shelf("facet").locator(".sh-chip"), "facet_row", "region")  # panels stand in lines or a grid
    put(builder.field(HOSTILE), "facet_column", HOSTILE)
    builder.shelf("shape").locator(".sh-chip").drag_to(page.locator(".sh-list"))  # back to the fields
    expect(builder.shelf("shape").locator(".sh-chip")).to_have_count(0, timeout=SLOW)
    builder.settle()
    chart = builder.chart()
    assert chart["kind"] == "scatter"
    assert chart["tooltip"] == ["weight"]
    del wanted["tooltip"], wanted["filter"]
    moved: dict[str, str | None] = {
        "shape": None,
        "facet": None,
        "facet_row": "region",
        "facet_column": HOSTILE,
    }
    for shelf, named in {**wanted, **moved}.items():
        assert chart[shelf] == named, shelf
    builder.is_clean()


def test_suggestions_are_small_pictures_that_open(page: Page, server: Server, orders: str) -> None:
    builder = Builder(page, server.url)
    builder.open(f"/charts?dataset={orders}")
    cards = page.locator(".st-card")
    expect(cards.first).to_be_attached(timeout=SLOW)
    cards.first.scroll_into_view_if_needed()  # pictures are drawn once they are seen
    expect(cards.first.locator(".js-plotly-plot, .main-svg").first).to_be_attached(timeout=SLOW)
    kind = builder.chart()["kind"]
    other = cards.filter(has_not_text=re.compile(kind, re.IGNORECASE)).last
    other.focus()
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile(f"{kind}%22"), timeout=SLOW)
    builder.settle().is_clean()
