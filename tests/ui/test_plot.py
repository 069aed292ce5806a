"""The picture: what is sent to the browser, what is believed of what comes back, what stands in for it."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import plotly.graph_objects as go
import pytest
from starlette.requests import Request
from starlette.responses import Response
from streamlit.testing.v1 import AppTest

from ui.plot import PlotEvent, library, picture, plain_picture, rows_of
from ui.transfer import ROUTES

KNOWN = frozenset(range(6))
MENU = (("rows", "See its rows"),)
BARS = go.Figure(
    [
        go.Bar(x=["a", "b"], y=[1, 2], customdata=[[0], [1]]),
        go.Bar(x=["a", "b"], y=[3, 4], customdata=[[2], [-1]]),
    ]
)


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ROUTES, "present", True)


def run(script: Callable[[], None]) -> AppTest:
    app = AppTest.from_function(script).run()
    assert not app.exception
    return app


def sent(app: AppTest) -> dict[str, Any]:
    (mounted,) = app.get("bidi_component")
    return json.loads(mounted.proto.json)


def page() -> None:
    import streamlit as st

    from tests.ui.test_plot import BARS, MENU
    from ui.figures import show

    event = show(
        BARS, "Two of each.", key="p", events=("mark", "zoom"), menu=MENU,
        selected=st.session_state.get("taken", ()), axes="x|y", height=333,
    )  # fmt: skip
    st.session_state["event"] = event


@pytest.mark.usefixtures("routes")
def test_the_browser_gets_the_figure_its_words_and_what_the_page_listens_to() -> None:
    told = sent(run(page))
    spec = json.loads(told["figure"])
    assert [trace["type"] for trace in spec["data"]] == ["bar", "bar"]
    assert (told["height"], told["modes"], told["selected"]) == (333, ["mark", "zoom"], [])
    assert told["description"] == "Two of each."
    assert told["menu"] == [{"action": "rows", "label": "See its rows"}]
    assert told["library"] == library.address()
    assert told["axes"] == "p x|y"


@pytest.mark.usefixtures("routes")
def test_another_choice_of_rows_is_another_drawing_and_the_same_one_is_not() -> None:
    app = run(page)
    first = sent(app)
    assert sent(app.run())["digest"] == first["digest"]
    app.session_state["taken"] = [1]
    told = sent(app.run())
    assert told["digest"] != first["digest"]
    assert told["selected"] == [1]
    assert [trace["selectedpoints"] for trace in json.loads(told["figure"])["data"]] == [[1], []]
    assert "selectedpoints" not in json.loads(BARS.to_json())["data"][0]


@pytest.mark.parametrize(
    ("trace", "rows"),
    [
        (go.Scatter(x=[1, 2], y=[1, 2], customdata=[5, 3]), {5, 3}),
        (go.Scatter(x=[1, 2], y=[1, 2], customdata=[[5, "a"], [-1, "b"]]), {5}),
        (go.Scattergl(x=[1, 2], y=[1, 2], customdata=np.array([[5.0, 0.5], [np.nan, 1.0]])), {5}),
        (go.Heatmap(z=[[1, 2], [3, 4]], customdata=np.array([[0, 1], [-1, 3]])), {0, 1, 3}),
        (go.Heatmap(z=[[1, 2]], customdata=[[[0, 9], [1, 9]]]), {0, 1}),
        (go.Sankey(node={"label": ["a"], "customdata": [4]}, link={"customdata": [[2]]}), {4, 2}),
        (go.Pie(values=[1, 2], customdata=[[1], ["x"]]), {1}),
        (go.Scatter(x=[1], y=[1]), set()),
        (go.Scatter(x=[1], y=[1], customdata=[True]), set()),
    ],
)  # fmt: skip
def test_a_mark_stands_for_the_row_that_its_point_carries_first(trace: Any, rows: set[int]) -> None:
    assert rows_of(go.Figure(trace)) == rows


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"kind": "mark", "rows": [1, 1, 2], "add": True}, PlotEvent("mark", (1, 2), add=True)),
        ({"kind": "mark", "rows": []}, PlotEvent("mark")),
        (
            {"kind": "mark", "rows": [1], "axes": ["x2", "y3"], "panel": 2},
            PlotEvent("mark", (1,), axes=("x2", "y3"), panel=2),
        ),
        ({"kind": "reset"}, PlotEvent("reset")),
        ({"kind": "zoom", "x": [2, 1.5], "y": None}, PlotEvent("zoom", x=(1.5, 2))),
        (
            {"kind": "zoom", "x": ["2024-01-01", "2024-02-03 04:05:06.7891"]},
            PlotEvent("zoom", x=("2024-01-01", "2024-02-03 04:05:06.7891")),
        ),
        ({"kind": "region", "x": [0, 1], "y": [0, 1]}, PlotEvent("region", (), (0, 1), (0, 1))),
        ({"kind": "menu", "rows": [1], "action": "rows"}, PlotEvent("menu", (1,), action="rows")),
        (None, None), ("mark", None), ({}, None), ({"kind": "delete", "rows": [1]}, None),
        ({"kind": "mark", "rows": [6]}, None), ({"kind": "mark", "rows": [-1]}, None),
        ({"kind": "mark", "rows": ["1"]}, None), ({"kind": "mark", "rows": [True]}, None),
        ({"kind": "mark", "rows": [1.5]}, None), ({"kind": "mark", "rows": [1] * 60_000}, None),
        ({"kind": "menu", "rows": [1], "action": "drop"}, None),
        ({"kind": "menu", "rows": [], "action": "rows"}, None), ({"kind": "zoom"}, None),
        ({"kind": "zoom", "x": ["a", "b"]}, None), ({"kind": "zoom", "x": [1, "2024-01-01"]}, None),
        ({"kind": "zoom", "x": [float("nan"), 1]}, None), ({"kind": "zoom", "x": [1, 2, 3]}, None),
        ({"kind": "zoom", "x": ["2024-01-01' OR 1", "2024-01-02"]}, None),
        ({"kind": "region", "x": [0, 1], "rows": [3]}, None),
        ({"kind": "mark", "rows": [1], "axes": ["x2; --", "y"], "panel": -5}, PlotEvent("mark", (1,))),
    ],
)  # fmt: skip
def test_what_a_browser_says_is_believed_only_where_it_can_be(told: Any, event: PlotEvent | None) -> None:
    assert picture._event(told, KNOWN, picture.MODES, MENU) == event


def test_what_a_page_does_not_listen_to_is_not_told() -> None:
    for told in (
        {"kind": "mark", "rows": [1]},
        {"kind": "region", "x": [0, 1], "y": [0, 1]},
        {"kind": "reset"},
    ):
        assert picture._event(told, KNOWN, (), MENU) is None
    assert picture._event({"kind": "menu", "rows": [1], "action": "rows"}, KNOWN, picture.MODES, ()) is None


def test_without_the_servers_routes_streamlit_draws_and_the_page_can_say_what_is_missing() -> None:
    app = run(page)
    (chart,) = app.get("plotly_chart")
    assert [trace["type"] for trace in json.loads(chart.proto.spec)["data"]] == ["bar", "bar"]
    assert not app.get("bidi_component")
    assert "menu" in picture.missing()


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        (
            {"points": [{"customdata": [4, "x"]}, {"customdata": {"0": 2}}, {}]},
            {"kind": "mark", "rows": [4, 2]},
        ),
        ({"points": [{"customdata": ["x"]}]}, None),
        ({"points": [], "box": []}, None),
        (
            {"points": [{"customdata": 1}], "box": [{"xref": "x2", "yref": "y", "x": [0, 2], "y": [1, 3]}]},
            {"kind": "region", "rows": [1], "x": [0, 2], "y": [1, 3], "axes": ["x2", "y"]},
        ),
    ],
)  # fmt: skip
def test_streamlits_selection_is_told_as_the_pictures_own(selection: Any, told: Any) -> None:
    assert plain_picture._told(selection) == told


def test_streamlits_selection_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    monkeypatch.setattr(plain_picture.state, "get", lambda key, default=None: kept.get(key, default))
    monkeypatch.setattr(plain_picture.state, "put", lambda key, value: kept.update({key: value}))
    chosen = {"points": [{"customdata": 1}]}
    assert plain_picture._fresh({"points": []}, "p") is None
    assert plain_picture._fresh(chosen, "p") == {"kind": "mark", "rows": [1]}
    assert plain_picture._fresh(chosen, "p") is None
    assert plain_picture._fresh({"points": []}, "p") == {"kind": "mark", "rows": []}


def asked(path: str, encoding: str) -> Response:
    headers = [(b"accept-encoding", encoding.encode())]
    request = Request({"type": "http", "path": path, "headers": headers})
    with ThreadPoolExecutor(1) as pool:  # a thread without a loop of its own
        return pool.submit(lambda: asyncio.run(library.library(request))).result()


def test_the_script_served_is_the_packages_own_and_may_be_kept_for_ever() -> None:
    own = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()
    packed = asked(library.address(), "gzip, br")
    assert gzip.decompress(packed.body) == own
    assert len(packed.body) < len(own) / 3
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["vary"] == "Accept-Encoding"
    for encoding in ("identity", "", "gzip;q=0"):
        whole = asked(library.address(), encoding)
        assert whole.body == own
        assert "content-encoding" not in whole.headers
    assert asked(library.PATH.format(digest="0" * 20), "gzip").status_code == 404


def test_no_line_of_the_script_makes_markup_or_code_from_text() -> None:
    scripts = list(Path(picture.__file__).parent.glob("*.js"))
    assert len(scripts) == 5
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|Fragment|document\.write|\beval\b|Function\(|srcdoc"
    for script in scripts:
        assert re.findall(sinks, script.read_text(encoding="utf-8")) == []
