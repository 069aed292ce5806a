"""A segment in a real browser: named on a dashboard, a filter on Charts, rows to learn from."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Page, expect

from core.store import LOCAL, Run, Store
from core.store.records import Segment
from tests.browser.conftest import Server
from tests.browser.screen import SLOW, Screen
from tests.browser.test_dashboard import bars, dashboard


def test_a_selection_is_named_filters_a_chart_and_is_learned_from(page: Page, server: Server) -> None:
    record = dashboard(server)
    screen = Screen(page, server.url)
    screen.open(f"/dashboard?dashboard={record.id}")
    bars(screen, "regions", 3)
    screen.at("dash.tile.regions").locator("g.point path").nth(1).click(force=True)
    expect(screen.at("dash.chip.pick.regions")).to_contain_text("region is North", timeout=SLOW)

    screen.click("dash.segments.0")
    screen.click("dash.segment.keep")
    store = Store(server.home)
    (segment,) = [one for one in store.list(Segment, LOCAL) if one.dataset == record.dataset]

    chart = json.dumps({"kind": "bar", "x": "member"})
    screen.open(f"/charts?dataset={record.dataset}&version={record.version}&chart={chart}")
    screen.click("charts.segments.1")
    screen.click(f"charts.segment.{segment.id}.filter")
    expect(screen.at("charts.filters.bar")).to_contain_text("100 of 300 rows", timeout=SLOW)
    (kept,) = json.loads(parse_qs(urlparse(page.url).query)["filter"][0])
    assert kept["segment"] == segment.id

    screen.click(f"charts.segment.{segment.id}.train")  # the panel is still open
    rows = screen.at(f"train.1.rows.{record.version}").locator("input")
    expect(rows).to_have_value(segment.name, timeout=SLOW)
    screen.choose(f"train.1.target.{record.version}", "amount")
    screen.click("train.fit")
    screen.shows("held-out rows")
    (run,) = store.list(Run, LOCAL, version=record.version)
    assert run.spec["rows"]["segment"] == segment.id
    assert sum(run.metrics["rows"].values()) == 100
    assert not screen.errors
