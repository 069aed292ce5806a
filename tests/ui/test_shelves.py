"""Shelves and small pictures: what is believed of what comes back from the browser, what is sent there."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
import pytest

from core.contracts import Column
from ui import filters
from ui.shelves import BoardEvent, Shelf
from ui.shelves.board import _event
from ui.thumbs import small
from ui.thumbs.row import LONGEST

SHELVES = (
    Shelf("x", "Across", columns=("price",)),
    Shelf("filter", "Filter", columns=("region",), many=True),
)
COLUMNS = (
    Column(name="price", type="number"), Column(name="region", type="text"), Column(name="day", type="date"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"kind": "add", "column": "day"}, BoardEvent("add", "day")),
        ({"kind": "put", "column": "day", "shelf": "x"}, BoardEvent("put", "day", "x")),
        (
            {"kind": "put", "column": "price", "shelf": "filter", "source": "x"},
            BoardEvent("put", "price", "filter", "x"),
        ),
        ({"kind": "take", "column": "price", "shelf": "x"}, BoardEvent("take", "price", "x")),
        ({"kind": "take", "column": "day", "shelf": "x"}, None),
        ({"kind": "put", "column": "day", "shelf": "x", "source": "filter"}, None),
        ({"kind": "put", "column": "day", "shelf": "nowhere"}, None),
        ({"kind": "put", "column": "day", "shelf": ["x"]}, None),
        ({"kind": "put", "column": ["day"], "shelf": "x"}, None),
        ({"kind": "drop", "column": "day", "shelf": "x"}, None),
        ({"kind": "add", "column": "gone"}, None), ("add", None), (None, None), ([], None),
    ],
)  # fmt: skip
def test_only_what_can_have_been_done_is_believed(told: Any, event: BoardEvent | None) -> None:
    assert _event(told, ["price", "region", "day"], SHELVES) == event


def test_a_small_picture_has_no_words_and_stays_small() -> None:
    figure = go.Figure(go.Bar(x=["<b>a", "b"], y=[1, 2], customdata=[0, 1], hovertext=["secret", "text"]))
    figure.update_layout(title={"text": "Long title"})
    made = json.loads(small(figure))
    assert "secret" not in json.dumps(made)
    assert made["layout"].get("title") in (None, {})
    assert made["data"][0]["y"] == [1, 2]
    assert figure.layout.title.text == "Long title"  # the one given stays as it is
    many = go.Figure(go.Scatter(x=[str(i) for i in range(LONGEST // 4)], y=[0.0] * (LONGEST // 4)))
    assert small(many) == ""


def test_filters_are_one_selection_of_what_fits() -> None:
    wanted = [
        {"column": "price", "low": 1.5, "high": 3.0, "closed": True}, {"column": "region"},
        {"column": "region", "values": ["North"], "outside": True, "missing": True},
        {"column": "gone", "low": 1}, {"column": "region", "low": 1},
    ]  # fmt: skip
    (found,) = filters.together(wanted, COLUMNS)
    assert [part.column for part in found.marks[0].parts] == ["price", "region"]
    assert filters.together([], COLUMNS) == ()
    assert filters.together([{"column": "price"}], COLUMNS) == ()
