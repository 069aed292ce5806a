"""What a click, a box or the menu of a mark makes of a dashboard's state."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.charts  # noqa: F401, registers the members
from core.contracts import Column, Table
from core.dashboards import Answer, Asker, ChartTile, Filter, Source, State
from core.engine.duckdb import DuckEngine, stored
from core.selection import Mark, Selection
from core.within import Within
from ui.dashboards.tiles import TAKEN, Done, acted
from ui.plot import PlotEvent

TILE = ChartTile(id="bar", chart={"kind": "bar", "x": "region", "order": "by name"})
NORTH, SOUTH = (Mark(parts=(Within(column="region", values=(name,)),)) for name in ("North", "South"))
CHEAP = Selection.of(Within(column="price", high=2.0))


@pytest.fixture
def answer(tmp_path: Path) -> Answer:
    rows = pa.table({"region": ["North", "South"] * 4, "price": [float(i) for i in range(8)]})
    pq.write_table(rows, tmp_path / "t.parquet")
    columns = (Column(name="region", type="text"), Column(name="price", type="number"))
    source = Source("t", Table(stored(tmp_path / "t.parquet"), columns), 8)
    return Asker(DuckEngine(threads=1)).ask(source, (TILE,), State(), "filter")["bar"]


def selected(*marks: Mark) -> State:
    return State().picked("bar", Selection(marks=marks))


def test_a_click_takes_a_mark_a_second_one_lets_go_and_shift_adds(answer: Answer) -> None:
    north, south = PlotEvent("mark", (0,)), PlotEvent("mark", (1,), add=True)
    assert acted(north, TILE, answer, State()) == Done(selected(NORTH))
    assert acted(north, TILE, answer, selected(NORTH)) == Done(State())
    assert acted(north, TILE, answer, selected(SOUTH)) == Done(selected(NORTH))
    assert acted(south, TILE, answer, selected(NORTH)) == Done(selected(NORTH, SOUTH))
    assert acted(south, TILE, answer, selected(NORTH, SOUTH)) == Done(selected(NORTH))
    assert acted(PlotEvent("mark"), TILE, answer, selected(NORTH)) == Done(State())
    assert acted(PlotEvent("mark"), TILE, answer, State()) is None


def test_a_box_takes_its_marks_and_around_very_many_its_range(answer: Answer) -> None:
    box = PlotEvent("region", (0, 1), (-0.5, 1.5), (0.0, 9.0), places=(True, False))
    assert acted(box, TILE, answer, State()) == Done(selected(NORTH, SOUTH))
    many = PlotEvent("region", tuple(range(TAKEN + 1)), (0.0, 0.4), (0.0, 9.0), places=(True, False))
    done = acted(many, TILE, answer, State())
    assert done is not None
    assert done.state == State().picked("bar", Selection(marks=(NORTH,)))


def test_the_menu_shows_rows_keeps_one_mark_alone_or_leaves_it_out(answer: Answer) -> None:
    now = State(filters=(Filter(selections=(CHEAP,)),))
    only = Selection(marks=(NORTH,))

    def menu(action: str) -> Done | None:
        return acted(PlotEvent("menu", (0,), action=action), TILE, answer, now)

    assert menu("rows") == Done(rows=(CHEAP, only))
    assert menu("only") == Done(now.filtered(Filter(selections=(only,))))
    assert menu("without") == Done(now.filtered(Filter(selections=(only.inverted(),))))
    for view in ("compare", "by"):
        assert menu(view) == Done(rows=(CHEAP, only), view=view)


def test_a_zoom_asks_for_its_rows_and_its_marks_stand_for_rows_in_sight(tmp_path: Path) -> None:
    tile = ChartTile(id="box", chart={"kind": "box_plot", "x": "region", "y": "price"})
    rows = pa.table({"region": ["North", "South"] * 4, "price": [float(i) for i in range(8)]})
    pq.write_table(rows, tmp_path / "t.parquet")
    columns = (Column(name="region", type="text"), Column(name="price", type="number"))
    source = Source("t", Table(stored(tmp_path / "t.parquet"), columns), 8)
    asker = Asker(DuckEngine(threads=1))
    first = asker.ask(source, (tile,), State(), "filter")["box"]
    zoom = PlotEvent("zoom", x=(-0.5, 0.5), y=(2.0, 5.0), places=(True, False))
    done = acted(zoom, tile, first, State())
    assert done is not None
    assert done.state is not None
    (part,) = done.state.zooms["box"].marks[0].parts
    assert (part.column, part.low) == ("price", 2.0)
    second = asker.ask(source, (tile,), done.state, "filter")["box"]
    assert second.rows == (4 if part.closed else 3)
    picked = acted(PlotEvent("mark", (0,)), tile, second, done.state)
    assert picked is not None
    assert picked.state is not None
    (mark,) = picked.state.picks["box"].marks
    assert {one.column for one in mark.parts} == {"region", "price"}
    assert mark.parts[-1] == part
    again = asker.ask(source, (tile,), picked.state, "filter")["box"]
    assert again.taken == (0,)
    assert acted(PlotEvent("reset"), tile, again, picked.state) == Done(State())
