"""Offline pages hold what the tables hold, recounted by pandas for every combination of their filters."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.charts  # noqa: F401, registers the members
from core.contracts import Column, Schema, Table
from core.dashboards import Answer, Asker, Board, ChartTile, NumberTile, Source, State, TableTile, TextTile
from core.engine.duckdb import DuckEngine, stored
from core.errors import Cancelled, LimitReached, SightlineError
from core.offline import About, Contents, Theme, choices, page
from core.offline import contents as made_of
from core.selection import Selection, selected
from core.within import Within
from core.wording import note

HOSTILE = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>"
ENGINE = DuckEngine(threads=1)
COLUMNS: Schema = (
    Column(name="region", type="text"),
    Column(name="price", type="number"),
    Column(name="member", type="boolean"),
    Column(name="day", type="date"),
    Column(name=HOSTILE, type="text"),
)
FRAME = pd.DataFrame(
    {
        "region": [("North", "South", HOSTILE, None)[i % 4] for i in range(400)],
        "price": [float("inf") if i == 7 else None if i == 9 else (i * 37) % 101 / 2 for i in range(400)],
        "member": [i % 3 == 0 for i in range(400)],
        "day": [dt.date(1960, 1, 1) + dt.timedelta(days=37 * i) for i in range(400)],
        HOSTILE: [f"{HOSTILE}{i % 60}" for i in range(400)],
    }
)
BOARD = Board(
    tiles=(
        ChartTile(id="bar", chart={"kind": "bar", "x": "region"}, title=HOSTILE),
        ChartTile(id="mean", chart={"kind": "bar", "x": "member", "y": "price", "aggregation": "mean"}),
        ChartTile(id="wrong", chart={"kind": "bar", "x": "gone"}),
        ChartTile(id="broken", chart={"kind": "treemap", "path": ["region"]}),
        NumberTile(id="median", aggregation="median", column="price"),
        TableTile(id="table"),
        TextTile(id="text", text=f"# Words\n\n{HOSTILE} **bold**"),
    )
)
THEME = Theme({"layout": {}}, ("#2a6fbb", "#d9822b"), "#ffffff", "#000000", "#555555")


@pytest.fixture
def source(tmp_path: Path) -> Source:
    data = pa.Table.from_pandas(FRAME.assign(price=None), preserve_index=False)
    prices = pa.array(FRAME["price"].tolist(), pa.float64(), from_pandas=True)
    pq.write_table(data.set_column(1, "price", prices), tmp_path / "t.parquet")
    return Source("me v1", Table(stored(tmp_path / "t.parquet"), COLUMNS), len(FRAME))


def views(contents: Contents) -> list[dict]:  # type: ignore[type-arg]
    return [json.loads(gzip.decompress(base64.b64decode(view))) for view in contents.views]


def of(source: Source, *columns: str, board: Board = BOARD, now: State | None = None) -> Contents:
    found = choices(source.table, ENGINE, columns)
    return Contents.of(Asker(ENGINE), ENGINE, source, board, now or State(), found)


@pytest.mark.parametrize("columns", [(), *[(c.name,) for c in COLUMNS], ("region", "day"), ("price", "day")])
def test_the_groups_of_a_filter_are_all_rows_and_each_row_once(
    source: Source, columns: tuple[str, ...]
) -> None:
    for choice in choices(source.table, ENGINE, columns):
        counts = []
        for option in choice.options:
            query = selected(source.table, option.selection).query
            counts.append(ENGINE.rows(query).num_rows)
        assert counts == [option.rows for option in choice.options]
        assert sum(counts) == len(FRAME)
        assert len(counts) > 1


def test_every_combination_is_what_pandas_counts(source: Source) -> None:
    contents = of(source, "region", "member")
    found = views(contents)
    regions = [str(option.words) for option in contents.choices[0].options]
    assert regions[-1] == "(missing)"
    assert len(found) == 5 * 3
    every = product([None, *regions], [None, *[str(o.words) for o in contents.choices[1].options]])
    for (region, member), view in zip(every, found, strict=True):
        rows = FRAME
        if region is not None:
            rows = rows[rows["region"].isna() if region == "(missing)" else rows["region"] == region]
        if member is not None:
            rows = rows[rows["member"] == (member == "true")]
        assert view["rows"] == len(rows)
        known = rows["price"][rows["price"] < float("inf")]
        assert view["tiles"]["median"]["value"] == f"{known.median():,.4g}".removesuffix(".0")
        assert view["tiles"]["table"]["table"]["count"] == len(rows)
        bars = {line[0]: line for line in view["tiles"]["bar"]["table"]["cells"]}
        expected = rows["region"].fillna("(missing)").value_counts()
        at = view["tiles"]["bar"]["table"]["names"].index("Rows")
        assert {name: line[at] for name, line in bars.items()} == {
            name: f"{count:,}" for name, count in expected.items()
        }
        assert "gone" in view["tiles"]["wrong"]["error"]
        assert "error" in view["tiles"]["broken"]
        assert "text" not in view["tiles"]


def met(selection: Selection, row: dict[str, Any]) -> bool:
    """Whether a row is in a group of a filter, by what the group says: Python tells, not the engine."""

    def within(part: Within) -> bool:
        value = row[part.column]
        if value is None or value != value:
            return part.missing
        if part.low is None and part.high is None:
            return part.outside
        if isinstance(value, dt.date):
            value = (value - dt.date(1970, 1, 1)).days
        return (part.low is None or value >= part.low) and (part.high is None or value < part.high)

    return any(all(map(within, mark.parts)) for mark in selection.marks) != selection.exclude


@pytest.mark.parametrize("column", ["price", "day"])
def test_ranges_and_missing_values_are_what_python_counts(source: Source, column: str) -> None:
    contents = of(source, column, board=Board(tiles=BOARD.tiles[:1]))
    every, *found = views(contents)
    options = contents.choices[0].options
    assert len(options) == len(found) >= 5
    at = every["tiles"]["bar"]["table"]["names"].index("Rows")
    for option, view in zip(options, found, strict=True):
        rows = [row for row in FRAME.to_dict("records") if met(option.selection, row)]
        assert view["rows"] == len(rows) == option.rows, option
        cells = {line[0]: line[at] for line in view["tiles"]["bar"]["table"]["cells"]}
        counts = Counter(row["region"] if isinstance(row["region"], str) else "(missing)" for row in rows)
        assert cells == {name: f"{count:,}" for name, count in counts.items()}, option


def test_a_bar_is_a_door_to_the_filter_of_its_column(source: Source) -> None:
    contents = of(source, "member", "region", board=Board(tiles=BOARD.tiles[:1]))
    (view, *_) = views(contents)
    told = view["tiles"]["bar"]
    labels = [line[0] for line in told["table"]["cells"]]
    for row, steps in told["doors"].items():
        ((at, place),) = steps
        assert at == 1
        assert str(contents.choices[1].options[place - 1].words) == labels[int(row)]
    assert len(told["doors"]) == 4


def test_what_was_selected_on_the_dashboard_stays_and_is_said(source: Source) -> None:
    north = Selection.of(Within(column="region", values=("North",)))
    contents = of(source, "member", now=State().picked("bar", north))
    assert contents.rows == 100
    assert str(contents.filtered) == "region is North"


def test_texts_of_others_are_no_markup_and_no_network_is_asked(source: Source) -> None:
    shows = tuple(tile for tile in BOARD.tiles if tile.id in ("bar", "table", "text"))
    contents = of(source, HOSTILE, board=Board(tiles=shows))
    text = "".join(page(contents, About(HOSTILE, (note("{n}", n=HOSTILE),)), {"light": THEME, "dark": THEME}))
    own = "".join(re.split(r"<script>.*?</script>", text, flags=re.DOTALL))  # without the two that run
    assert text.count("<script>") == 2 + text.count("</script><script>alert") == 2
    assert "<img" not in own
    assert "alert(1)" in own  # as text
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)  # type: ignore[union-attr]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r'(src|href)="', own)
    (about,) = re.findall(r'<script type="application/json" id="about">(.*?)</script>', text, re.DOTALL)
    assert json.loads(about)["title"] == HOSTILE


def test_a_page_too_long_to_be_sent_around_is_refused(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_of, "BYTES", 3_000)
    with pytest.raises(LimitReached, match="fewer"):
        of(source, "region")


def test_a_stop_ends_the_making(source: Source) -> None:
    def stop(share: float) -> None:
        raise Cancelled

    class Stopped(Asker):
        def ask(self, *given: object, **more: object) -> dict[str, Answer]:  # an engine was stopped
            return {**super().ask(*given, **more), "bar": Answer(error=Cancelled())}  # type: ignore[arg-type]

    with pytest.raises(Cancelled):
        Contents.of(Asker(ENGINE), ENGINE, source, BOARD, State(), told=stop)
    with pytest.raises(Cancelled):
        Contents.of(Stopped(ENGINE), ENGINE, source, BOARD, State())


def test_filters_are_few_and_of_columns_that_are_there(source: Source) -> None:
    with pytest.raises(SightlineError, match="at most 3"):
        choices(source.table, ENGINE, ["region"] * 4)
    with pytest.raises(SightlineError, match="gone"):
        choices(source.table, ENGINE, ["gone"])


def test_points_are_drawn_without_code_made_on_the_way(tmp_path: Path) -> None:
    data = pa.table({"a": [float(i % 97) for i in range(4_000)], "b": [float(i % 89) for i in range(4_000)]})
    pq.write_table(data, tmp_path / "p.parquet")
    columns = (Column(name="a", type="number"), Column(name="b", type="number"))
    source = Source("me p", Table(stored(tmp_path / "p.parquet"), columns), 4_000)
    board = Board(tiles=(ChartTile(id="s", chart={"kind": "scatter", "x": "a", "y": "b"}),))
    (view,) = views(of(source, board=board))
    assert {trace["type"] for trace in view["tiles"]["s"]["figure"]["data"]} <= {"scatter", "heatmap"}
    assert "template" not in view["tiles"]["s"]["figure"]["layout"]
