"""The SQL page in a real browser: typing, completing, running, stopping, and keeping what came of it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from core.contracts import Column
from core.store import LOCAL, Dataset, Store, tables
from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen

ROWS = pa.table({"city": ["Rome", "Oslo", "Rome"], "amount due": [1.5, 2.0, 3.0]})


@pytest.fixture
def sales(server: Server) -> Store:
    store = Store(server.home)
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(ROWS, made.path)
    columns = (Column(name="city", type="text"), Column(name="amount due", type="number"))
    tables.add_dataset(store, LOCAL, "sales of May", object=made, columns=columns, rows=3, origin="x")
    return store


def test_a_statement_is_typed_completed_run_stopped_and_kept(
    page: Page, server: Server, sales: Store
) -> None:
    screen = Screen(page, server.url).open("/sql")
    area = page.locator("textarea.se-area")
    expect(area).to_be_visible(timeout=SLOW)
    area.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT city FROM sal")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("sales of May")
    page.keyboard.press("Enter")
    page.keyboard.type(" s\nWHERE s.amo")
    expect(options.first).to_contain_text("amount due")
    page.keyboard.press("Tab")
    page.keyboard.type(" > 1.7")
    expect(area).to_have_value('SELECT city FROM "sales of May" s\nWHERE s."amount due" > 1.7')
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 rows × 1 column")).to_be_visible(timeout=SLOW)
    expect(page.locator("td[data-row]").first).to_have_text("Oslo")

    page.get_by_role("button", name="Keep the result").click()
    page.get_by_role("button", name="Save as a table").click()
    expect(page.get_by_text("Kept as a table of 2 rows")).to_be_visible(timeout=SLOW)
    assert "From sales of May" in {one.name for one in sales.list(Dataset, LOCAL)}

    area.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT nope")
    page.keyboard.press("Escape")
    screen.click("sql.run")
    expect(page.locator(".se-wrong")).to_have_text("nope", timeout=SLOW)

    area.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("SELECT count(*) FROM range(1000000000000)")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Stop", exact=True).click(timeout=SLOW)
    expect(page.get_by_text("Stopped on request")).to_be_visible(timeout=SLOW)
    assert screen.errors == []
