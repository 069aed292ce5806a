"""The grid: what is sent to the browser, and what is believed of what comes back."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from core.profile import ColumnProfile
from core.profile.facts import Count, Histogram
from ui.grid import CELLS, COLUMNS, LONGEST, Bars, GridEvent, HeaderInfo, Page, Values, header, place, table
from ui.grid.heads import share

DATA = pa.table({"name": ["Ann", None, "x" * 1000], "price": [0.1 + 0.2, math.inf, 2.0]})
HEADS = (HeaderInfo("name", "text"), HeaderInfo("price", "number"))


def sent(script: Callable[[], None]) -> dict[str, Any]:
    """The JSON that a page with one grid sends to the browser."""
    app = AppTest.from_function(script).run()
    assert not app.exception
    (mounted,) = app.get("bidi_component")
    return json.loads(mounted.proto.json)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None), (True, "true"), (12, "12"), (2024, "2024"), (-7, "-7"), (2.0, "2"), (0.1 + 0.2, "0.3"),
        (1e6, "1000000"), (123456789012.5, "123456789012"), (1234567890123.25, "1234567890123.25"),
        (1e300, "1e+300"), (math.inf, "∞"), (-math.inf, "-∞"), (math.nan, "NaN"), ("", ""), (" a ", " a "),
        (dt.date(2024, 2, 29), "2024-02-29"), (dt.datetime(2024, 2, 29, 7, 5), "2024-02-29 07:05:00"),
    ],
)  # fmt: skip
def test_a_cell_reads_the_same_in_every_language(value: Any, shown: str | None) -> None:
    assert table.cell(value) == shown


def test_what_is_sent_has_cells_cut_and_rounded_numbers_told_exactly() -> None:
    def script() -> None:
        from tests.ui.test_grid import DATA, HEADS
        from ui.grid import grid

        grid(
            DATA,
            HEADS,
            key="g",
            changed={"name": {0: "ann ", 1: "y" * 1000, 9: "not a row"}, "price": {2: None}},
        )

    name, price = sent(script)["columns"]
    assert name["cells"] == ["Ann", None, "x" * LONGEST]
    assert name["long"] == [2]
    assert name["changed"] == {"0": "ann ", "1": "y" * LONGEST}
    assert price["cells"] == ["0.3", "∞", "2"]
    assert price["exact"] == {"0": "0.30000000000000004"}
    assert price["changed"] == {"2": None}
    assert (name["number"], price["number"]) == (False, True)


def test_a_table_of_any_size_is_sent_in_part() -> None:
    def script() -> None:
        import pyarrow as pa

        from ui.grid import HeaderInfo, grid

        wide = pa.table({f"column {n}": ["text"] * 5000 for n in range(200)})
        grid(wide, [HeaderInfo(name, "text") for name in wide.column_names], key="g")

    told = sent(script)
    assert len(told["columns"]) == COLUMNS
    assert sum(len(column["cells"]) for column in told["columns"]) <= CELLS
    assert len(told["numbers"]) == len(told["columns"][0]["cells"])


def test_an_empty_table_has_heads() -> None:
    def script() -> None:
        from tests.ui.test_grid import DATA, HEADS
        from ui.grid import grid, place

        page = place("g", rows=0, columns=2)
        assert grid(DATA.slice(0, 0), HEADS, key="g", page=page) is None

    told = sent(script)
    assert [column["name"] for column in told["columns"]] == ["name", "price"]
    assert (told["numbers"], told["turns"]) == ([], [])


@pytest.mark.parametrize(
    ("asked", "first", "left"),
    [
        (None, 0, 0), ({"first": 100, "left": 0}, 100, 0), ({"first": 199, "left": 99}, 100, 80),
        ({"first": 10**30, "left": 10**30}, 900, 160), ({"first": -5, "left": -1}, 0, 0),
        ({"first": "3", "left": None}, 0, 0), ({"first": True}, 0, 0), ({"first": 1.5}, 0, 0), ([], 0, 0),
    ],
)  # fmt: skip
def test_a_page_is_always_within_the_table(
    asked: Any, first: int, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table.state, "get", lambda key: {"page": asked})
    found = place("g", rows=950, columns=200)
    assert (found.first, found.left) == (first, left)
    assert found.rows == min(100, 950 - first)
    assert found.columns == min(80, 200 - left)
    assert found.names([str(n) for n in range(200)]) == [str(n) for n in range(left, left + found.columns)]


def test_a_page_turns_as_far_as_the_table_goes() -> None:
    middle = table._turns(Page(100, 100, 250, 0, 3, 3))
    assert [(turn["what"], turn["back"], turn["on"]) for turn in middle] == [("first", 99, 200)]
    last = table._turns(Page(200, 50, 250, 80, 40, 120))
    assert [(turn["what"], turn["back"], turn["on"]) for turn in last] == [
        ("left", 79, None), ("first", 199, None)
    ]  # fmt: skip
    assert table._turns(Page(0, 50, 50, 0, 3, 3)) == []


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"kind": "header", "column": 1}, GridEvent("header", "price")),
        ({"kind": "segment", "column": 0, "segment": "empty"}, GridEvent("segment", "name", segment="empty")),
        ({"kind": "cell", "column": 0, "row": 2}, GridEvent("cell", "name", row=2)),
        (
            {"kind": "text", "column": 0, "row": 0, "start": 1, "end": 3},
            GridEvent("text", "name", row=0, start=1, end=3),
        ),
        (None, None), ("header", None), ({}, None), ({"kind": "delete", "column": 0}, None),
        ({"kind": "header", "column": 2}, None), ({"kind": "header", "column": -1}, None),
        ({"kind": "header", "column": "name"}, None), ({"kind": "header", "column": True}, None),
        ({"kind": "segment", "column": 0, "segment": "x; DROP"}, None),
        ({"kind": "segment", "column": 0}, None),
        ({"kind": "cell", "column": 0, "row": 3}, None), ({"kind": "cell", "column": 0, "row": 0.5}, None),
        ({"kind": "text", "column": 0, "row": 0, "start": 1, "end": 4}, None),
        ({"kind": "text", "column": 0, "row": 0, "start": 2, "end": 2}, None),
        ({"kind": "text", "column": 0, "row": 1, "start": 0, "end": 1}, None),
    ],
)  # fmt: skip
def test_what_a_browser_says_is_believed_only_where_it_can_be(told: Any, event: GridEvent | None) -> None:
    assert table._event(told, DATA, HEADS) == event


def facts(**values: Any) -> ColumnProfile:
    return ColumnProfile(
        **{"name": "x", "type": "integer", "rows": 10, "missing": 0, "distinct": 5, **values}
    )


def test_a_header_draws_the_histogram_of_numbers() -> None:
    found = header(
        facts(minimum=1, maximum=6, histogram=Histogram(edges=(0.5, 2.5, 4.5, 6.5), counts=(1, 0, 9)))
    )
    assert found.picture == Bars((1, 0, 9), ("1 … 2", "3 … 4", "5 … 6"), "1", "6")
    single = header(facts(minimum=1, maximum=2, histogram=Histogram(edges=(0.5, 1.5, 2.5), counts=(1, 9))))
    assert single.picture == Bars((1, 9), ("1", "2"), "1", "2")


def test_a_header_says_where_the_picture_ends_when_far_values_are_left_out() -> None:
    histogram = Histogram(edges=(0.0, 5.0, 10.0), counts=(4, 5), above=1)
    found = header(facts(type="number", minimum=0.5, maximum=1e6, histogram=histogram)).picture
    assert isinstance(found, Bars)
    assert (found.low, found.high) == ("0.5", "10")


def test_a_header_draws_days_without_their_midnights() -> None:
    edges = ("2024-01-01 00:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00")
    found = header(
        facts(
            type="date",
            minimum="2024-01-01",
            maximum="2024-02-20",
            histogram=Histogram(edges=edges, counts=(1, 2)),
        )
    ).picture
    assert isinstance(found, Bars)
    assert (found.labels[0], found.low, found.high) == ("2024-01-01 … 2024-02-01", "2024-01-01", "2024-02-20")


def test_a_header_names_the_commonest_texts_or_says_that_none_is_common() -> None:
    top = tuple(Count(value=value, count=count) for value, count in (("a", 4), ("b", 3), ("c", 2), ("d", 1)))
    common = header(facts(type="text", distinct=4, top=top)).picture
    assert common == Values((("a", 4), ("b", 3), ("c", 2)), 10, "and 1 more")
    unique = header(facts(type="text", distinct=10, top=(Count(value="a", count=1),))).picture
    assert unique == Values((), 10, "10 different values")
    assert header(facts(type="text", missing=10, distinct=0)).picture is None


def test_the_quality_bar_counts_valid_invalid_and_empty() -> None:
    parts = HeaderInfo("x", "text", rows=200, empty=50, invalid=10).to_json()["quality"]
    assert [(part["part"], part["share"]) for part in parts] == [
        ("valid", 0.7), ("invalid", 0.05), ("empty", 0.25)
    ]  # fmt: skip
    assert parts[0]["label"] == "Valid: 140 of 200 rows (70.0%)"
    unknown = HeaderInfo("x", "text", rows=200, empty=50).to_json()["quality"]
    assert [part["label"] for part in unknown] == [
        "Present: 150 of 200 rows (75.0%)", "Empty: 50 of 200 rows (25.0%)"
    ]  # fmt: skip
    assert HeaderInfo("x", "text").to_json()["quality"] == []


def test_a_share_calls_neither_a_few_none_nor_nearly_all_all() -> None:
    assert [share(*pair) for pair in ((0, 9), (1, 10**6), (1, 3), (10**6 - 1, 10**6), (9, 9))] == [
        "0%", "< 0.1%", "33.3%", "> 99.9%", "100.0%"
    ]  # fmt: skip


def test_no_line_of_the_script_makes_markup_or_code_from_text() -> None:
    scripts = list(Path(table.__file__).parent.glob("*.js"))
    assert len(scripts) == 3
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|Fragment|document\.write|\beval\b|Function\(|srcdoc"
    for script in scripts:
        assert re.findall(sinks, script.read_text(encoding="utf-8")) == []
