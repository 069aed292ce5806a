"""The chart page, explored: what the address says is picked, the rows behind it, and what is kept of them."""

from __future__ import annotations

import json
import re

import pytest

import core.charts  # noqa: F401, registers the members
from core.contracts import Chart
from core.errors import BadParameter
from core.selection import Selection
from core.store import LOCAL, Version, tables
from core.store.lineage import lineage
from core.within import Within
from tests.pages.conftest import Screen
from ui import behind, picked
from ui.picked import Picked
from ui.plot import PlotEvent

PAGE = "pages/explore/charts.py"
BAR = json.dumps({"kind": "bar", "x": "region"})
NORTH = Selection.of(Within(column="region", values=("North",)))


def drawn(screen: Screen) -> dict:
    (chart,) = screen.app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def test_a_mark_in_the_address_shows_its_rows(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=BAR, marks="0")
    assert not app.exception
    assert "selectedpoints" in drawn(screen)["data"][0]
    assert re.search(r"\*\*Rows where region is \w+\*\*: \d+ of 12", screen.texts())
    shown = [json.loads(part.proto.json) for part in app.get("bidi_component")]
    (grid,) = [part for part in shown if "columns" in part]
    heads = [column["name"] for column in grid["columns"]]
    assert "region" in heads


def test_another_chart_forgets_what_was_picked(screen: Screen) -> None:
    screen.add_table()
    window = json.dumps([NORTH.to_json()])
    app = screen.open(PAGE, chart=BAR, window=window, marks="0")
    assert any("Showing only region is North" in one.value for one in app.markdown)
    next(box for box in app.selectbox if box.label == "Categories").set_value("member").run()
    assert not any("Showing only" in one.value for one in app.markdown)
    assert "window" not in app.query_params
    assert "marks" not in app.query_params


def test_a_zoomed_chart_counts_the_rows_in_sight_and_goes_back_to_all(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=BAR, window=json.dumps([NORTH.to_json()]))
    assert drawn(screen)["layout"]["xaxis"]["ticktext"] == ["North"]
    app.button(key="charts.window.back").click().run()
    assert len(drawn(screen)["layout"]["xaxis"]["ticktext"]) > 1
    assert "window" not in app.query_params


@pytest.mark.parametrize(
    "window",
    [
        "not json", "{}{", '[{"marks": 3}]', '[{"marks": [{"parts": [{"column": "no"}]}]}]',
        '[{"marks": [{"parts": [{"column": "region", "low": 1}]}]}]',  # texts have no range
    ],
)  # fmt: skip
def test_an_address_that_fits_no_table_is_said_and_all_is_shown(screen: Screen, window: str) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=BAR, window=window, marks=f"999.x.-1.{'9' * 5_000}")
    assert not app.exception
    assert [warning.value for warning in app.warning]
    assert len(drawn(screen)["layout"]["xaxis"]["ticktext"]) > 1


def test_the_rows_behind_a_mark_are_kept_as_a_table_that_remembers_them(screen: Screen) -> None:
    _, version = screen.add_table()
    app = screen.open(PAGE, chart=BAR, window=json.dumps([NORTH.to_json()]), marks="0")
    app.text_input(key="charts.behind.name").set_value("Northern rows").run()
    app.button(key="charts.behind.save").click().run()
    (job,) = screen.work()
    assert job.state == "done", job
    app.run()
    assert not app.exception
    kept = screen.store.get(Version, (job.result or {})["version"], LOCAL)
    engine_rows = tables.table(screen.store, kept)
    assert kept.columns == version.columns == engine_rows.columns
    assert kept.rows == (job.result or {})["rows"] > 0
    nodes = lineage(screen.store, LOCAL, kept.id).nodes
    assert any(str(node.title) == "Selected rows" for node in nodes)
    assert any(node.id == version.id for node in nodes)


def test_a_selection_travels_in_a_link() -> None:
    some = (NORTH, NORTH.inverted())
    assert behind.unpack(behind.pack(some)) == some
    for wrong in ("", "!!", "AAAA"):
        with pytest.raises(BadParameter):
            behind.unpack(wrong)


BARS = Chart.from_json({"kind": "bar", "x": "region"})


@pytest.mark.parametrize(
    ("now", "event", "after"),
    [
        (Picked(), PlotEvent("mark", (1,)), Picked(rows=(1,))),
        (Picked(rows=(1,)), PlotEvent("mark", (1,)), Picked()),
        (Picked(rows=(1,)), PlotEvent("mark", (2,), add=True), Picked(rows=(1, 2))),
        (Picked(rows=(1, 2)), PlotEvent("mark", (2,), add=True), Picked(rows=(1,))),
        (Picked(rows=(1, 2)), PlotEvent("mark"), Picked()),
        (Picked(rows=(1,)), PlotEvent("region", (2, 3), (0, 1), (0, 1)), Picked(rows=(2, 3))),
        (Picked(window=NORTH, rows=(1,)), PlotEvent("reset"), Picked()),
        (Picked((NORTH,), NORTH), PlotEvent("reset"), Picked((NORTH,))),
        (Picked(), PlotEvent("zoom", x=(0, 1), places=(True, False)), Picked()),
        (Picked(rows=(1,)), PlotEvent("menu", (2,), action="rows"), Picked(rows=(2,))),
    ],
)  # fmt: skip
def test_what_a_person_does_changes_what_is_picked(now: Picked, event: PlotEvent, after: Picked) -> None:
    assert picked._after(event, now, BARS, None) == after  # type: ignore[arg-type]
