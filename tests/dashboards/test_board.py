"""A dashboard's layout and its state: what fits, what is refused, what goes where."""

from __future__ import annotations

import json

import pytest

from core import examples
from core.dashboards import Board, ChartTile, Filter, NumberTile, State, Tables, TableTile, TextTile
from core.dashboards.board import TILES
from core.dashboards.tiles import harmless
from core.errors import BadParameter, MissingColumn, NotFound
from core.selection import Selection
from core.store import LOCAL
from core.store.records import Dashboard
from core.within import Within

NORTH = Selection.of(Within(column="region", values=("North",)))
CHEAP = Selection.of(Within(column="price", high=10.0))
BAR = ChartTile(id="bar", chart={"kind": "bar", "x": "region"})
NUMBER = NumberTile(id="number", aggregation="mean", column="price")
TABLE = TableTile(id="table", columns=("region",), width=2)
TEXT = TextTile(id="text", text="**Sales**")
BOARD = Board(tiles=(BAR, NUMBER, TABLE, TEXT), across=3)


def names(board: Board) -> list[str]:
    return [tile.id for tile in board.tiles]


def test_a_board_comes_back_from_its_record_as_it_was() -> None:
    kept = BOARD.model_copy(update={"filters": (Filter(selections=(NORTH,)),), "picks": {"bar": CHEAP}})
    record = Dashboard(
        owner=LOCAL, dataset="ds", version="vn", name="Sales", **json.loads(json.dumps(kept.to_json()))
    )
    assert Board.of(record) == kept
    assert kept.state() == State(filters=kept.filters, picks=kept.picks)


def test_lines_are_filled_from_the_left_and_no_tile_is_wider_than_the_grid() -> None:
    def lines(board: Board) -> list[list[str]]:
        return [[tile.id for tile in line] for line in board.lines()]

    assert lines(BOARD) == [["bar", "number"], ["table", "text"]]
    assert lines(BOARD.model_copy(update={"across": 1})) == [["bar"], ["number"], ["table"], ["text"]]
    assert lines(BOARD.model_copy(update={"across": 2})) == [["bar", "number"], ["table"], ["text"]]


def test_tiles_are_moved_doubled_and_taken_away() -> None:
    assert names(BOARD.moved("table", -2)) == ["table", "bar", "number", "text"]
    assert names(BOARD.moved("bar", 9)) == ["number", "table", "text", "bar"]
    doubled = BOARD.doubled("bar")
    assert names(doubled)[2:] == ["number", "table", "text"]
    assert doubled.tiles[1].model_copy(update={"id": "bar"}) == BAR
    picked = BOARD.model_copy(update={"picks": {"bar": NORTH, "number": CHEAP}})
    assert picked.without("bar").picks == {"number": CHEAP}
    with pytest.raises(NotFound, match="no tile 'nobody'"):
        BOARD.without("nobody")


def test_a_full_board_takes_no_more_tiles_but_a_changed_one() -> None:
    full = Board(tiles=tuple(TextTile(id=f"t{i}") for i in range(TILES)))
    with pytest.raises(BadParameter, match="at most 40"):
        full.with_tile(BAR)
    with pytest.raises(BadParameter, match="at most 40"):
        full.doubled("t1")
    assert full.with_tile(TextTile(id="t3", text="new")).tiles[3] == TextTile(id="t3", text="new")


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"tiles": [{"kind": "window"}]}, "tiles.0"),
        ({"tiles": [{"kind": "text", "id": "x"}, {"kind": "text", "id": "x"}]}, "two tiles have one name"),
        ({"tiles": [{"kind": "text", "id": "<b>"}]}, "tiles.0.text.id"),
        ({"across": 9}, "across"),
        ({"answer": "guess"}, "answer"),
        ([], "all of it"),
    ],
)
def test_what_is_no_board_is_refused_with_its_place(document: object, place: str) -> None:
    with pytest.raises(BadParameter, match=place):
        Board.from_json(document)  # type: ignore[arg-type]


@pytest.mark.parametrize("document", [3, {"picks": {"a": {"marks": 1}}}, {"filters": [{"selections": []}]}])
def test_what_is_no_state_is_refused(document: object) -> None:
    with pytest.raises(BadParameter, match="no state of a dashboard"):
        State.from_json(document)


def test_a_tile_is_reached_by_the_filters_and_by_what_is_selected_on_all_others() -> None:
    state = State(filters=(Filter(selections=(CHEAP,)),)).picked("bar", NORTH)
    assert state.asked(BAR, "filter").everything() == (CHEAP,)
    assert state.asked(NUMBER, "filter").filter == (CHEAP, NORTH)
    lit = state.asked(NUMBER, "highlight")
    assert (lit.filter, lit.highlight) == ((CHEAP,), (NORTH,))
    assert State.from_json(json.loads(state.text())) == state
    assert state.picked("bar", None).without(0) == State()
    assert state.kept(["number"]).picks == {}


def test_a_filter_is_taken_once_and_is_called_by_its_name() -> None:
    one = Filter(selections=(NORTH, CHEAP))
    assert State().filtered(one, one).filters == (one,)
    assert str(one.describe(examples.COLUMNS)) == "region is North and price below 10"
    assert str(Filter(selections=(NORTH,), name="The north").describe(())) == "The north"


def test_tiles_say_which_columns_they_miss() -> None:
    for tile in BOARD.tiles:
        tile.check(examples.COLUMNS)
    for wrong in (
        TableTile(columns=("regions",)),
        NumberTile(aggregation="mean", column="cost"),
        ChartTile(chart={"kind": "bar", "x": "regions"}),
    ):
        with pytest.raises(MissingColumn):
            wrong.check(examples.COLUMNS)
    with pytest.raises(BadParameter, match="needs a number column"):
        NumberTile(aggregation="mean", column="name").check(examples.COLUMNS)


def test_a_chart_tile_reads_its_columns_and_one_without_columns_may_read_all() -> None:
    chart = {"kind": "bar", "x": "region", "y": "price", "aggregation": "mean"}
    assert ChartTile(chart=chart).reads(examples.COLUMNS) == {"region", "price"}
    everything = {column.name for column in examples.COLUMNS}
    assert ChartTile(chart={"kind": "missing_map"}).reads(examples.COLUMNS) == everything
    assert ChartTile(chart={"kind": "correlation"}).reads(examples.COLUMNS) == everything


@pytest.mark.parametrize(
    "text", ["![a](http://evil.example/p.png)", "![a][1]\n\n[1]: http://evil.example/p.png", "\\\\![a](x)"]
)
def test_no_picture_is_fetched_by_a_text(text: str) -> None:
    assert "![" not in harmless(text)


def test_other_markdown_stays_as_it_is() -> None:
    text = "# Sales\n- **north** [link](https://example.org)"
    assert harmless(text) == text


def test_a_tile_has_its_own_way_its_own_filters_and_its_own_zoom() -> None:
    state = State().picked("bar", NORTH).zoomed("number", CHEAP)
    own = NUMBER.model_copy(update={"answer": "nothing", "filters": (Filter(selections=(NORTH,)),)})
    assert state.asked(own, "filter").everything() == (NORTH, CHEAP)
    assert state.asked(own.model_copy(update={"answer": "highlight"}), "filter").highlight == (NORTH,)
    assert state.asked(NUMBER, "nothing").everything() == (CHEAP,)
    assert state.asked(TABLE, "filter").everything() == (NORTH,)
    assert state.kept(["bar"]).zooms == {}
    with pytest.raises(MissingColumn):
        state.zoomed("bar", Selection.of(Within(column="no", missing=True))).check(
            Tables(columns={"": examples.COLUMNS})
        )
    wrong = own.model_copy(
        update={"filters": (Filter(selections=(Selection.of(Within(column="x", low=1)),)),)}
    )
    with pytest.raises(MissingColumn):
        wrong.check(examples.COLUMNS)
