"""Maps in a real browser: a country opens its rows by mouse and by key, a zoom keeps what it shows."""

from __future__ import annotations

import re

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from core.contracts import Column
from core.store import LOCAL, Store, tables
from tests.browser.conftest import Server
from tests.browser.screen import SLOW
from tests.browser.test_explored import opened
from tests.conftest import SAMPLES


@pytest.fixture(scope="module")
def nations(server: Server) -> str:
    """The countries of 2007 in the server's store; returns the dataset's id."""
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    frame = frame.loc[frame["year"] == 2007, ["country", "lifeExp"]]
    frame.loc[frame["country"] == "China", "country"] = "CN"
    data, store = pa.Table.from_pandas(frame, preserve_index=False), Store(server.home)
    with store.new_object(LOCAL, ".parquet") as made:
        pq.write_table(data, made.path)
    columns = (Column(name="country", type="text"), Column(name="lifeExp", type="number"))
    kept = tables.add_dataset(
        store, LOCAL, "nations", object=made, columns=columns, rows=data.num_rows, origin="made"
    )
    return kept[0].id


def at(page: Page, longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place lies on the screen."""
    import numpy as np

    from core.charts.projection import equal_earth

    x, y = equal_earth(np.array([longitude]), np.array([latitude]))
    found = page.evaluate(
        "([x, y]) => { const gd = document.querySelector('.sp-plot'), { xaxis, yaxis } = gd._fullLayout;"
        "const box = gd.getBoundingClientRect();"
        "return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)]; }",
        [float(x[0]), float(y[0])],
    )
    return found[0], found[1]


MAP = {"kind": "filled_map", "country": "country", "y": "lifeExp", "aggregation": "mean"}


def test_a_country_opens_its_rows_wherever_it_is_pressed(page: Page, server: Server, nations: str) -> None:
    picture = opened(page, server, nations, **MAP)
    page.mouse.move(*at(page, 90, 40))
    page.mouse.click(*at(page, 90.3, 40.2))  # far from its middle
    picture.shows(re.compile("country is CN: 1 of 142"))
    page.locator(".sp-plot").focus()
    picture.keys("ArrowUp")
    expect(page.locator(".sp-line")).to_have_text(re.compile("Korea, Dem. Rep.: 67.3"), timeout=SLOW)
    picture.keys("Enter")
    picture.shows(re.compile("country is Korea, Dem.*: 1 of 142"))
    picture.is_clean()


def test_a_closer_look_holds_the_countries_in_sight(page: Page, server: Server, nations: str) -> None:
    picture = opened(page, server, nations, **MAP)
    page.locator(".sp-plot").focus()
    page.mouse.move(*at(page, 10, 48))
    for _ in range(20):
        page.mouse.wheel(0, -300)
    picture.shows(re.compile("Showing only country is"))
    page.wait_for_timeout(1_500)  # the last of the wheel
    picture.settle()
    areas = page.evaluate(
        "document.querySelector('.sp-plot')._fullData"
        ".filter((one) => one.hoveron === 'fills').map((one) => one.text)"
    )
    assert any(text.startswith("Germany") for text in areas)
    assert not any(text.startswith(("Brazil", "CN")) for text in areas)
    picture.is_clean()
