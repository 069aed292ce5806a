"""Every kind of chart goes along: drawn in an offline page, told in words, as a table, as CSV."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json

import pyarrow.parquet as pq
import pytest

import core.charts  # noqa: F401, registers the members
from core import examples
from core.charts.heads import readable
from core.contracts import Chart, Table
from core.dashboards import Asker, Source
from core.engine.duckdb import DuckEngine, stored
from core.export.tables import arrow_csv
from core.offline import Contents, Wanted
from core.store.records import Version

ENGINE = DuckEngine(threads=1)
FETCHED = (
    "scattergeo",
    "choropleth",
    "scattermap",
    "choroplethmap",
    "densitymap",
)  # from a network, by Plotly
VERSION = Version(
    id="v", owner="me", dataset="d", number=1, object="o", columns=examples.COLUMNS, rows=0, bytes=0,
    fingerprint="",
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    place = tmp_path_factory.mktemp("charts") / "t.parquet"
    pq.write_table(examples.table(), place)
    return Source("me", Table(stored(place), examples.COLUMNS), examples.table().num_rows)


@pytest.mark.parametrize("kind", sorted(Chart.members))
def test_a_chart_is_taken_along_as_a_page_and_as_data(source: Source, kind: str) -> None:
    chart = Chart.members[kind].example()
    wanted = Wanted.of_chart(chart.to_json(), (), VERSION, title="One")
    board, now = wanted.parts()
    asker = Asker(ENGINE)
    contents = Contents.of(asker, ENGINE, source, board, now)
    told = json.loads(gzip.decompress(base64.b64decode(contents.views[0])))["tiles"]["chart"]
    assert "error" not in told
    assert told["name"]
    assert told["words"]
    figure = told["figure"]
    assert figure["data"]
    assert not [one["type"] for one in figure["data"] if one["type"].removesuffix("box") in FETCHED]
    assert not any("gl" in one["type"] for one in figure["data"])  # what compiles is refused by the page
    kept = [one for one in figure["data"] if {"ground", "shade", "shades"} & {*(one.get("meta") or {})}]
    assert all(
        "color" in (one.get("line") or one.get("marker")) for one in kept
    )  # a map's own colours come along
    assert kept or kind != "filled_map"
    assert len(told["codes"]) == len(figure["data"])
    assert told["table"]["names"]
    assert told["table"]["count"] >= len(told["table"]["cells"])
    data = asker.ask(source, board.tiles, now, board.answer)["chart"].data
    assert data is not None
    table = readable(chart, data)  # as the page of charts gives it away
    rows = list(csv.reader(io.StringIO(arrow_csv(table).decode("utf-8-sig"))))
    assert rows[0] == table.column_names == told["table"]["names"]
    assert not [name for name in rows[0] if name.endswith("_is") or name.startswith("tip")]
    assert len(rows) == data.num_rows + 1
    shown = wanted.shows(examples.COLUMNS)
    assert shown
    assert set(shown) <= {column.name for column in examples.COLUMNS}
