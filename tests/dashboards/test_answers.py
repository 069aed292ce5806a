"""What tiles show after a selection, recounted by pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.charts  # noqa: F401, registers the members
from core import examples
from core.contracts import Chart, Column, Engine, Schema, Table
from core.dashboards import Asker, ChartTile, Filter, NumberTile, Source, State, TableTile, TextTile, asking
from core.engine.duckdb import DuckEngine, stored
from core.selection import Mark, Selection, selected
from core.within import Within

COLUMNS: Schema = (
    Column(name="region", type="text"),
    Column(name="price", type="number"),
    Column(name="member", type="boolean"),
    Column(name="selected", type="integer"),  # the name that the highlight would have
)
FRAME = pd.DataFrame(
    {
        "region": [("North", "South", "East", None)[i % 4] for i in range(400)],
        "price": [(i * 37) % 101 / 2 for i in range(400)],
        "member": [i % 3 == 0 for i in range(400)],
        "selected": range(400),
    }
)
NORTH = Selection.of(Within(column="region", values=("North",)))
CHEAP = Selection.of(Within(column="price", high=20.0))
BAR = ChartTile(id="bar", chart={"kind": "bar", "x": "region"})
MEAN = ChartTile(id="mean", chart={"kind": "bar", "x": "member", "y": "price", "aggregation": "mean"})
HEAT = ChartTile(id="heat", chart={"kind": "heat_map", "x": "region", "y": "member"})
NUMBER = NumberTile(id="number", aggregation="median", column="price")
TABLE = TableTile(id="table")
TEXT = TextTile(id="text", text="words")
TILES = (BAR, MEAN, HEAT, NUMBER, TABLE, TEXT)
ENGINE = DuckEngine(threads=1)


@pytest.fixture
def source(tmp_path: Path) -> Source:
    pq.write_table(pa.Table.from_pandas(FRAME, preserve_index=False), tmp_path / "t.parquet")
    return Source("me v1", Table(stored(tmp_path / "t.parquet"), COLUMNS), len(FRAME))


def bars(data: pa.Table, key: str = "x") -> dict[str, float]:
    return {row[key]: row["value"] for row in data.to_pylist()}


def test_what_is_selected_on_one_tile_filters_all_others_and_not_itself(source: Source) -> None:
    now = State(filters=(Filter(selections=(CHEAP,)),)).picked("bar", NORTH)
    found = Asker(ENGINE).ask(source, TILES, now, "filter")
    cheap = FRAME[FRAME["price"] < 20]
    both = cheap[cheap["region"] == "North"]
    assert bars(found["bar"].data) == cheap["region"].fillna("(missing)").value_counts().to_dict()
    assert [found["bar"].data.column("x")[row].as_py() for row in found["bar"].taken] == ["North"]
    means = both.groupby("member")["price"].mean()
    assert bars(found["mean"].data) == pytest.approx({"true": means[True], "false": means[False]})
    assert found["number"].data.to_pylist() == [
        {"value": both["price"].median(), "rows": len(both), "infinite": 0}
    ]
    assert found["table"].data.column("rows")[0].as_py() == len(both)
    assert {answer.how for id, answer in found.items() if id != "text"} == {"filtered"}
    assert found["text"].data is None


def test_highlighting_keeps_all_rows_and_tells_the_selected_apart(source: Source) -> None:
    found = Asker(ENGINE).ask(source, TILES, State().picked("bar", NORTH), "highlight")
    mean = found["mean"]
    assert (mean.how, mean.flag) == ("highlighted", "selected (2)")
    assert mean.chart is not None
    assert mean.chart.figure(mean.data).layout.barmode == "group", "a mean on a mean would be neither"
    told = FRAME.assign(flag=FRAME["region"].eq("North").fillna(False))
    expected = told.groupby(["member", "flag"])["price"].mean()
    got = {(r["x"] == "true", r["colour"] == "true"): r["value"] for r in mean.data.to_pylist()}
    assert got == pytest.approx({(bool(m), bool(f)): v for (m, f), v in expected.items()})
    for row in range(mean.data.num_rows):  # the marks speak of the table's own columns
        assert {part.column for part in mean.mark(row).parts} == {"member"}
    heat = found["heat"]  # no colours to spare: filtered, and so it says
    assert heat.how == "filtered instead"
    assert sum(heat.data.column("value").to_pylist()) == (FRAME["region"] == "North").sum()
    (number,) = found["number"].data.to_pylist()
    assert number["value"] == told[told["flag"]]["price"].median()
    assert number["value_all"] == FRAME["price"].median()
    assert found["bar"].how == "all"


def test_a_tile_that_does_not_fit_says_so_and_the_others_are_drawn(source: Source) -> None:
    wrong = ChartTile(id="wrong", chart={"kind": "bar", "x": "regions"})
    unknown = ChartTile(id="unknown", chart={"kind": "crystal ball"})
    found = Asker(ENGINE).ask(source, (wrong, unknown, BAR), State(), "filter")
    assert "region" in str(found["wrong"].error)
    assert "no chart called" in str(found["unknown"].error)
    assert found["bar"].error is None


@pytest.mark.parametrize("way", ["filter", "highlight"])
@pytest.mark.parametrize("picked", [None, NORTH, NORTH.inverted()])
def test_rows_held_ready_give_the_same_answers(
    source: Source, monkeypatch: pytest.MonkeyPatch, way: str, picked: Selection | None
) -> None:
    now = State(filters=(Filter(selections=(CHEAP,)),)).picked("bar", picked)
    held: list[int] = []

    class Watched(DuckEngine):
        def held(self, query):  # type: ignore[no-untyped-def]
            held.append(1)
            return super().held(query)

    plain = Asker(ENGINE).ask(source, TILES, now, way)  # type: ignore[arg-type]
    assert not held
    monkeypatch.setattr(asking, "WORTH", 1)
    engine = Watched(threads=1)
    ready = Asker(engine).ask(source, TILES, now, way)  # type: ignore[arg-type]
    assert held
    for id, answer in plain.items():
        assert ready[id].how == answer.how
        assert ready[id].taken == answer.taken
        assert (ready[id].data is None) == (answer.data is None)
        if answer.data is not None:
            assert ready[id].data.to_pylist() == answer.data.to_pylist()
    left = engine._connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
    assert left == (0,), "what was held is let go"


def test_each_question_is_asked_once_and_owners_are_kept_apart(source: Source) -> None:
    asked: list[str] = []

    class Counted(Chart):
        """Counts how often it is asked."""

        title = "Counted"

        def data(self, table: Table, engine: Engine) -> pa.Table:
            asked.append("asked")
            return pa.table({"n": [1]})

        def figure(self, data, say=str):  # type: ignore[no-untyped-def]
            raise NotImplementedError

        def describe(self, data):  # type: ignore[no-untyped-def]
            raise NotImplementedError

    try:
        asker = Asker(ENGINE)
        tile = ChartTile(id="one", chart={"kind": "counted"})
        for _ in range(3):
            asker.ask(source, (tile,), State(), "filter")
        asker.ask(
            source, (tile.model_copy(update={"title": "Another title", "width": 2}),), State(), "filter"
        )
        assert len(asked) == 1
        asker.ask(Source("you v1", source.table, source.rows), (tile,), State(), "filter")
        asker.ask(source, (tile,), State().picked("other", NORTH), "filter")
        assert len(asked) == 3
        small = Asker(ENGINE, kept=1)
        for key in ("a", "b", "a"):
            small.ask(Source(key, source.table, source.rows), (tile,), State(), "filter")
        assert len(asked) == 6
    finally:
        del Chart.members["counted"]


def test_what_is_selected_by_marks_and_by_a_box(source: Source) -> None:
    found = Asker(ENGINE).ask(source, (BAR,), State(), "filter")["bar"]
    labels = found.data.column("x").to_pylist()
    rows = (labels.index("North"), labels.index("(missing)"))
    assert found.selection(rows) == Selection(
        marks=(
            Mark(parts=(Within(column="region", values=("North",)),)),
            Mark(parts=(Within(column="region", missing=True),)),
        )
    )
    assert found.selection(()) is None
    assert found.region((0, 0), None) is not None


def test_an_example_table_of_every_type_is_highlighted(tmp_path: Path) -> None:
    pq.write_table(examples.table(), tmp_path / "e.parquet")
    source = Source("e", Table(stored(tmp_path / "e.parquet"), examples.COLUMNS), 12)
    tiles = [
        ChartTile(id=f"c{i}", chart=cls.example().to_json()) for i, cls in enumerate(Chart.members.values())
    ]
    found = Asker(ENGINE).ask(source, tiles, State().picked("other", NORTH), "highlight")
    assert {answer.how for answer in found.values()} == {"highlighted", "filtered instead"}
    assert not [answer.error for answer in found.values() if answer.error]
    for answer in found.values():
        assert answer.chart is not None
        assert answer.chart.figure(answer.data) is not None
        assert str(answer.chart.describe(answer.data))


@pytest.mark.parametrize(
    ("chart", "count"),
    [
        ({"kind": "histogram", "x": "price", "bins": 7}, "value"),
        ({"kind": "box_plot", "y": "price", "x": "member"}, "n"),
        ({"kind": "strip", "y": "price"}, None),
        ({"kind": "violin", "y": "price", "x": "region"}, "rows"),
    ],
)
def test_marks_of_a_zoomed_tile_hold_no_rows_out_of_sight(
    source: Source, chart: dict[str, str], count: str | None
) -> None:
    """Without its zoom the first and the last bar hold all that lies beyond them, and a box all values."""
    tile = ChartTile(id="one", chart=chart)
    spans = ((10.0, 20.0), None) if chart["kind"] == "histogram" else (None, (10.0, 20.0))
    made = tile.built()
    region = made.zoom(made.data(source.table, ENGINE), *spans)
    answer = Asker(ENGINE).ask(source, (tile,), State().zoomed("one", region), "filter")["one"]
    assert answer.data is not None
    assert answer.data.num_rows
    for row in range(answer.data.num_rows):
        mark = answer.mark(row)
        assert mark is not None
        own = ENGINE.rows(selected(source.table, Selection(marks=(mark,))).query)
        assert all(10 <= price <= 20 for price in own["price"].to_pylist())
        assert count is None or own.num_rows == answer.data[count][row].as_py()
