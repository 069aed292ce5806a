"""Rows behind marks beside all others, and broken out by another column: on the chart page."""

from __future__ import annotations

import json
import re

import numpy as np
import pyarrow as pa
import pytest

from core.selection import Selection
from core.store import Version
from core.within import Within
from tests.pages.conftest import HOSTILE, Screen
from tests.pages.test_chinese import english
from ui import picked
from ui.plot import PlotEvent

PAGE = "pages/explore/charts.py"
VIEW = "charts.behind.view"


def houses(
    screen: Screen, names: tuple[str, ...] = ("面积", "租金", "旧", "区"), group: str = "北"
) -> Version:
    rng = np.random.default_rng(1)
    area, old = rng.uniform(20, 120, size=300), rng.uniform(size=300) < 0.4
    columns = [area, 10 * area * (1 + old), old, np.where(rng.uniform(size=300) < 0.5, group, "南")]
    return screen.add_table("房子", pa.table(dict(zip(names, map(pa.array, columns), strict=True))))[1]


def opened(screen: Screen, version: Version, chart: dict[str, object], **address: str) -> Screen:
    screen.open(PAGE, dataset=version.dataset, chart=json.dumps(chart), marks="1", **address)
    assert not screen.app.exception
    return screen


BAR = {"kind": "bar", "x": "旧"}


def test_rows_come_first_and_the_others_are_asked_for(screen: Screen) -> None:
    opened(screen, houses(screen), BAR)
    assert screen.app.get_by_key(VIEW).value == "rows"
    assert len(screen.app.get("plotly_chart")) == 1


def test_rows_behind_a_mark_are_compared_with_all_others(screen: Screen) -> None:
    app = opened(screen, houses(screen), BAR).app
    app.get_by_key(VIEW).set_value("compare").run()
    assert not app.exception
    assert app.query_params["behind"] == "compare"
    said = screen.texts()
    assert "**Rows where 旧 is true**" in said
    assert "others**, 1 column differs" in said
    assert "租金 is higher in these rows" in said
    assert "Not compared, because the rows were chosen by it: 旧" in said
    assert "among these rows" in app.get("plotly_chart")[1].proto.spec
    app.get_by_key(f"charts.contrast.difference.{_short('租金')}.open").click().run()
    assert not app.exception
    assert json.loads(app.query_params["chart"])["x"] == "租金"
    assert json.loads(app.query_params["limits"]) == [
        Selection.of(Within(column="旧", values=("true",))).to_json()
    ]


def _short(column: str) -> str:
    from ui.review import short

    return short(column)


def test_rows_that_differ_in_nothing(screen: Screen) -> None:
    opened(screen, houses(screen), {"kind": "bar", "x": "区"}, behind="compare")
    assert "No column differs beyond chance, in 3 looks." in screen.texts()


def test_all_rows_have_no_others(screen: Screen) -> None:
    limits = json.dumps([Selection.of(Within(column="旧", values=("true",))).to_json()])
    version = houses(screen)
    screen.open(
        PAGE, dataset=version.dataset, chart=json.dumps(BAR), marks="0", limits=limits, behind="compare"
    )
    assert not screen.app.exception
    assert "nothing can be compared" in screen.texts()


@pytest.mark.parametrize(
    ("chart", "column", "kind"),
    [
        (BAR, "区", {"kind": "bar", "aggregation": "count"}),
        (BAR, "面积", {"kind": "histogram"}),
        (
            {**BAR, "y": "租金", "aggregation": "mean"},
            "区",
            {"kind": "bar", "aggregation": "mean", "y": "租金"},
        ),
    ],
)
def test_rows_are_broken_out_by_another_column(
    screen: Screen, chart: dict[str, object], column: str, kind: dict[str, str]
) -> None:
    version = houses(screen)
    app = opened(screen, version, chart, behind="by").app
    choice = app.selectbox(key=f"charts.by.{version.id}.column")
    assert choice.options == ["面积", "租金", "区"]
    choice.set_value(column).run()
    assert not app.exception
    assert app.query_params.get("by", "面积") == column
    app.get_by_key("charts.by.open").click().run()
    shown = json.loads(app.query_params["chart"])
    assert shown["x"] == column
    assert kind.items() <= shown.items()
    assert len(json.loads(app.query_params["limits"])) == 1


def test_the_menu_of_a_mark_leads_there() -> None:
    event = PlotEvent("menu", (3,), action="compare")
    now = picked._after(event, picked.Picked(), chart=None, data=None)  # type: ignore[arg-type]
    assert now.rows == (3,)
    offered = [action for action, _ in picked.menu(None, None, ())]
    assert offered == ["rows", "compare", "by", "only", "without"]


@pytest.mark.parametrize("wrong", ["nowhere", "rows", ""])
def test_a_view_that_is_none_shows_the_rows(screen: Screen, wrong: str) -> None:
    app = opened(screen, houses(screen), BAR, behind=wrong, by="no column").app
    assert app.get_by_key(VIEW).value == "rows"


def test_many_rows_are_compared_by_a_job_whose_answer_is_kept(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.contrast.QUICK", 100)
    app = opened(screen, houses(screen), BAR, behind="compare").app
    assert "others**, 1 column differs" not in screen.texts()
    (job,) = screen.work()
    assert (job.task, job.state) == ("find_contrast", "done")
    app.run()
    assert "others**, 1 column differs" in screen.texts()
    app.run()
    assert screen.work() == []


def test_hostile_names_are_shown_as_they_are(screen: Screen) -> None:
    version = houses(screen, (HOSTILE, f"{HOSTILE} 2", f"{HOSTILE} 3", f"{HOSTILE} 4"), HOSTILE)
    app = opened(screen, version, {"kind": "bar", "x": f"{HOSTILE} 3"}).app
    for view in ("compare", "by"):
        app.get_by_key(VIEW).set_value(view).run()
        assert not app.exception
        assert not re.search(r"(?<!\\)<img|(?<!\\)\]\(http", screen.texts())


@pytest.mark.parametrize("view", ["compare", "by"])
def test_in_chinese(screen: Screen, view: str) -> None:
    opened(screen, houses(screen), BAR, lang="zh_CN", behind=view)
    assert len(screen.app.get("plotly_chart")) == 2
    # the fields that a chart may measure by go by the names that its rows have
    assert not english(screen, frozenset({"error", "rows", "value"}))
