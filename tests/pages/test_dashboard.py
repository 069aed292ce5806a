"""The dashboard page: begun, filled, linked, its state in the address, kept and opened again."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from core import examples
from core.contracts import Step
from core.dashboards import Board, ChartTile, Filter, NumberTile, State, TableTile, TextTile
from core.selection import Selection
from core.store import LOCAL, SavedChart, Version, tables
from core.store.records import Dashboard, Draft, Segment, View
from core.within import Within
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/explore/dashboard.py"
NORTH = Selection.of(Within(column="region", values=("North",)))
BAR = ChartTile(id="bar", title="Regions", chart={"kind": "bar", "x": "region"})
HISTOGRAM = ChartTile(id="hist", chart={"kind": "histogram", "x": "price"})
NUMBER = NumberTile(id="number", aggregation="sum", column="quantity")
TABLE = TableTile(id="table", columns=("id", "region"), width=2)
TEXT = TextTile(id="text", text="**Sales** ![x](http://evil.example/a.png)")
FRAME = examples.table().to_pandas()


def board_of(screen: Screen, version: Version, *tiles: Any, **more: Any) -> Dashboard:
    board = Board(tiles=tiles or (BAR, HISTOGRAM, NUMBER, TABLE, TEXT), **more)
    record = Dashboard(
        owner=LOCAL, dataset=version.dataset, version=version.id, name="Sales", **board.to_json()
    )
    return screen.store.add(record)


def figures(screen: Screen) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in screen.app.get("plotly_chart")]


def chips(screen: Screen) -> list[str]:
    """The filters of the dashboard, as their chips are called."""
    found = (block.proto for block in screen.app.get("popover"))
    return [one.popover.label for one in found if "dash.chip.filter." in one.id]


def metric(screen: Screen) -> str:
    return str(screen.app.metric[0].value)


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_a_dashboard_is_begun_and_filled_with_tiles(screen: Screen) -> None:
    _, version = screen.add_table()
    kept = {"kind": "bar", "x": "member"}
    screen.store.add(SavedChart(owner=LOCAL, version=version.id, name="Members", chart=kept))
    app = screen.open(PAGE)
    app.text_input(key="dash.new.name.0").set_value("Sales")
    app.button(key="dash.new.begin").click().run()
    (record,) = screen.store.list(Dashboard, LOCAL)
    assert record.name == "Sales"
    assert app.query_params["dashboard"] == record.id
    assert app.toggle(key="dash.edit").value
    app.button(key="dash.add.do").click().run()
    app.segmented_control(key="dash.add.1.kind").set_value("number").run()
    app.button(key="dash.add.do").click().run()
    app.segmented_control(key="dash.add.2.kind").set_value("table").run()
    app.button(key="dash.add.do").click().run()
    app.segmented_control(key="dash.add.3.kind").set_value("text").run()
    app.text_area(key="dash.add.3.text").set_value("# Words").run()
    app.button(key="dash.add.do").click().run()
    assert not app.exception
    assert not app.error
    board = Board.of(screen.store.list(Dashboard, LOCAL)[0])
    assert [tile.kind for tile in board.tiles] == ["chart", "number", "table", "text"]
    first = board.tiles[0]
    assert isinstance(first, ChartTile)
    assert (first.title, first.chart) == ("Members", kept)
    assert metric(screen) == "12"
    assert "# Words" in screen.texts()


def test_tiles_are_changed_moved_doubled_deleted_and_that_is_taken_back(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version, BAR, NUMBER)
    app = screen.open(PAGE)
    app.toggle(key="dash.edit").set_value(True).run()

    def names() -> list[str]:
        return [tile.id for tile in Board.of(screen.store.get(Dashboard, record.id, LOCAL)).tiles]

    app.button(key="dash.edit.bar.on").click().run()
    assert names() == ["number", "bar"]
    app.button(key="dash.edit.number.delete").click().run()
    assert names() == ["bar"]
    app.button(key="dash.edit.bar.double").click().run()
    assert len(names()) == 2
    app.button(key="dash.undo").click().run()
    app.button(key="dash.undo").click().run()
    assert names() == ["number", "bar"]
    app.text_input(key="dash.edit.bar.0.title").set_value("Where").run()
    app.segmented_control(key="dash.edit.bar.0.width").set_value(2).run()
    app.button(key="dash.edit.bar.apply").click().run()
    assert not app.exception
    changed = Board.of(screen.store.get(Dashboard, record.id, LOCAL)).tiles[1]
    assert (changed.title, changed.width, changed.id) == ("Where", 2, "bar")
    app.segmented_control(key=f"dash.across.{record.id}").set_value(3).run()
    assert screen.store.get(Dashboard, record.id, LOCAL).across == 3


def test_a_state_in_the_address_filters_the_other_tiles_in_a_new_session(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    now = State().picked("bar", NORTH)
    app = screen.open(PAGE, dashboard=record.id, state=now.text())
    assert not app.exception
    assert not app.warning
    own = FRAME[FRAME["region"] == "North"]
    assert metric(screen) == f"{int(own['quantity'].sum()):,}"
    assert f"of {len(own)} row" in screen.texts()
    assert app.button(key="dash.chip.pick.bar").label.startswith("region is North")
    bar = next(figure for figure in figures(screen) if figure["data"][0]["type"] == "bar")
    assert len(bar["data"][0]["y"]) == FRAME["region"].fillna("").nunique()
    app.button(key="dash.chip.pick.bar").click().run()
    assert metric(screen) == f"{int(FRAME['quantity'].sum()):,}"
    assert "state" not in app.query_params


def test_highlighting_shows_all_rows_with_the_selected_apart(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version, answer="highlight")
    app = screen.open(PAGE, dashboard=record.id, state=State().picked("bar", NORTH).text())
    assert not app.exception
    told = {trace.get("name") for figure in figures(screen) for trace in figure["data"]}
    assert {"true", "false"} <= told
    assert f"of all {len(FRAME)}" in screen.texts()
    app.segmented_control(key=f"dash.way.{record.id}").set_value("filter").run()
    assert screen.store.get(Dashboard, record.id, LOCAL).answer == "filter"
    told = {trace.get("name") for figure in figures(screen) for trace in figure["data"]}
    assert not {"true", "false"} & told


def test_a_filter_is_added_kept_and_cleared(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE)
    app.selectbox(key="dash.filter.0.column").set_value("region").run()
    app.multiselect(key="dash.filter.0.region.values").set_value(["North"]).run()
    app.button(key="dash.filter.add").click().run()
    assert not app.exception
    now = State.from_json(json.loads(app.query_params["state"]))
    assert now == State(filters=(Filter(selections=(NORTH,)),))
    app.button(key="dash.save").click().run()
    assert "state" not in app.query_params
    kept = screen.store.get(Dashboard, record.id, LOCAL)
    assert Board.of(kept).state() == now
    other = Screen(screen.store)
    other.open(PAGE, dashboard=record.id)
    assert metric(other) == metric(screen)
    other.app.button(key="dash.clear").click().run()
    assert json.loads(other.app.query_params["state"]) == {}
    assert metric(other) != metric(screen)


def test_a_long_state_is_stored_once_and_named_in_the_address(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    many = Selection.of(Within(column="name", values=tuple(f"customer {i}" for i in range(900))))
    app = screen.open(PAGE, dashboard=record.id, state=State().picked("bar", many).text())
    app.selectbox(key="dash.filter.0.column").set_value("member").run()
    app.multiselect(key="dash.filter.0.member.values").set_value(["true"]).run()
    app.button(key="dash.filter.add").click().run()
    (view,) = screen.store.list(View, LOCAL)
    assert app.query_params["view"] == view.id
    assert "state" not in app.query_params
    again = Screen(screen.store)
    again.open(PAGE, dashboard=record.id, view=view.id)
    assert not again.app.warning
    assert again.app.button(key="dash.chip.pick.bar").label
    stranger = screen.store.add(
        Dashboard(owner=LOCAL, dataset=version.dataset, version=version.id, name="Other", tiles=[])
    )
    other = Screen(screen.store)
    other.open(PAGE, dashboard=stranger.id, view=view.id)
    assert other.app.warning


UNKNOWN = State().picked("bar", Selection.of(Within(column="no", missing=True))).text()


@pytest.mark.parametrize("wrong", ["not json", '{"picks": 3}', UNKNOWN])
def test_a_state_that_does_not_fit_is_said_and_all_is_shown(screen: Screen, wrong: str) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id, state=wrong)
    assert not app.exception
    assert len(app.warning) == 1
    assert metric(screen) == f"{int(FRAME['quantity'].sum()):,}"


def test_somebody_elses_dashboard_is_not_there(screen: Screen) -> None:
    _, version = screen.add_table()
    theirs = screen.store.add(
        Dashboard(owner="ann", dataset=version.dataset, version=version.id, name="Secret")
    )
    app = screen.open(PAGE, dashboard=theirs.id)
    assert not app.exception
    assert app.warning
    assert "Secret" not in screen.texts()


def test_dashboards_are_named_ordered_doubled_and_deleted(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE)
    app.text_input(key=f"dash.name.{record.id}").set_value("Another name").run()
    app.button(key="dash.rename").click().run()
    app.button(key="dash.double").click().run()
    names = sorted(one.name for one in screen.store.list(Dashboard, LOCAL))
    assert names == ["Another name", "Another name (2)"]
    doubled = next(one for one in screen.store.list(Dashboard, LOCAL) if one.id != record.id)
    assert app.query_params["dashboard"] == doubled.id
    assert doubled.tiles == record.tiles
    assert app.selectbox(key="dash.which").options == names  # after the one it was made of
    app.button(key="dash.up").click().run()
    options = app.selectbox(key="dash.which").options
    assert options == ["Another name (2)", "Another name"]
    app.button(key="dash.delete").click().run()
    assert [one.id for one in screen.store.list(Dashboard, LOCAL)] == [record.id]
    assert not app.exception


def test_a_dashboard_follows_to_another_version_and_says_so(screen: Screen) -> None:
    from core.store import tables

    dataset, version = screen.add_table()
    record = board_of(screen, version)
    with screen.store.new_object(LOCAL, ".parquet") as made:
        import pyarrow.parquet as pq

        rows = examples.table().drop_columns(["region"])
        pq.write_table(rows, made.path)
    columns = tuple(column for column in examples.COLUMNS if column.name != "region")
    second = tables.add_version(screen.store, LOCAL, dataset.id, object=made, columns=columns, rows=12)
    app = screen.open(PAGE, dataset=dataset.id, version=second.id, dashboard=record.id)
    assert not app.exception
    assert "shows version 2 now" in screen.texts()
    assert any("region" in warning.value for warning in app.warning)
    app.button(key="dash.version.keep").click().run()
    assert screen.store.get(Dashboard, record.id, LOCAL).version == second.id


def test_a_link_that_names_the_dashboard_alone_opens_its_table(screen: Screen) -> None:
    _, version = screen.add_table("first")
    record = board_of(screen, version)
    screen.add_table("second")
    app = screen.open(PAGE, dashboard=record.id)
    assert app.query_params["dataset"] == version.dataset
    assert metric(screen) == f"{int(FRAME['quantity'].sum()):,}"


def test_texts_fetch_no_pictures_and_names_stay_text(screen: Screen) -> None:
    table = pa.table({HOSTILE: [1.0, 2.0, None], "b": [HOSTILE, "x", None]})
    _, version = screen.add_table("hostile", table)
    tiles = (
        ChartTile(id="bar", title=HOSTILE, chart={"kind": "bar", "x": "b"}),
        NumberTile(id="n", title=HOSTILE, aggregation="mean", column=HOSTILE),
        TableTile(id="rows", title=HOSTILE),
        TEXT,
    )
    record = board_of(screen, version, *tiles)
    pick = Selection.of(Within(column="b", values=(HOSTILE,)))
    app = screen.open(PAGE, dashboard=record.id, state=State().picked("bar", pick).text())
    assert not app.exception
    assert not app.error
    assert "![x](" not in screen.texts()
    assert "<img" not in json.dumps(figures(screen))


def test_a_tile_says_where_it_comes_from(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version, BAR, NUMBER)
    screen.open(PAGE, dashboard=record.id, state=State().picked("bar", NORTH).text())
    words = screen.texts()
    assert "Table: example, version 1" in words
    assert "Only rows where region is North" in words
    assert "Measure: Sum of quantity" in words
    north = int((FRAME["region"] == "North").sum())
    assert f"Rows: {north} of {len(FRAME)}" in words


def test_a_selection_is_named_and_is_a_filter_a_column_and_a_table(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id, state=State().picked("bar", NORTH).text())
    app.text_input(key="dash.segment.name").set_value("The north").run()
    app.button(key="dash.segment.keep").click().run()
    (segment,) = screen.store.list(Segment, LOCAL)
    assert (segment.name, segment.dataset) == ("The north", version.dataset)
    north = FRAME[FRAME["region"] == "North"]

    app.button(key="dash.clear").click().run()
    app.button(key=f"dash.segment.{segment.id}.filter").click().run()
    assert not app.exception
    assert chips(screen) == ["The north"]
    assert "Only rows where region is North" in screen.texts()
    assert metric(screen) == f"{int(north['quantity'].sum()):,}"

    app.button(key=f"dash.segment.{segment.id}.table").click().run()
    app.text_input(key="charts.behind.name").set_value("North alone").run()
    app.button(key="charts.behind.save").click().run()
    (job,) = screen.work()
    assert job.result is not None
    made = screen.store.get(Version, job.result["version"], LOCAL)
    assert made.rows == len(north)
    assert made.source is not None
    assert made.source["selections"] == [NORTH.to_json()]

    app.button(key=f"dash.segment.{segment.id}.column").click().run()
    (draft,) = screen.store.list(Draft, LOCAL, version=version.id)
    step = Step.from_json(draft.steps[0]["step"])
    assert (step.name, step.chosen()) == ("The north", (NORTH,))
    assert not app.exception

    again = Screen(screen.store)
    again.open(PAGE, dashboard=record.id)
    again.app.button(key=f"dash.segment.{segment.id}.delete").click().run()
    assert screen.store.list(Segment, LOCAL) == []


def test_a_segment_that_does_not_fit_and_places_are_not_used(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    other = Selection.of(Within(column="no such column", missing=True))
    segment = screen.store.add(
        Segment(owner=LOCAL, dataset=version.dataset, name="Old", selections=[other.to_json()])
    )
    places = Selection.of(Within(column="__row__", low=0, high=3))
    app = screen.open(PAGE, dashboard=record.id, state=State().picked("bar", places).text())
    assert not app.exception
    assert app.button(key=f"dash.segment.{segment.id}.filter").disabled
    app.button(key="dash.segment.keep").click().run()
    assert any("places in the table" in error.value for error in app.error)
    assert len(screen.store.list(Segment, LOCAL)) == 1


def state_of(screen: Screen) -> State:
    return State.from_json(json.loads(screen.app.query_params["state"]))


def test_a_filter_is_changed_in_its_chip_and_changes_are_taken_back(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    start = State(filters=(Filter(selections=(NORTH,)),))
    app = screen.open(PAGE, dashboard=record.id, state=start.text())
    assert chips(screen) == ["region is North"]
    box = next(one for one in app.multiselect if one.label == "Values of region")
    assert box.value == ["North"]
    box.set_value(["North", "South"]).run()
    assert not app.exception
    assert chips(screen) == ["region is North or South"]
    two = FRAME[FRAME["region"].isin(["North", "South"])]
    assert metric(screen) == f"{int(two['quantity'].sum()):,}"

    next(one for one in app.selectbox if one.key.endswith(".column") and one.value).select("price").run()
    assert chips(screen) == ["price: all"]
    slider = next(one for one in app.slider if one.label == "Range of price")
    slider.set_range(slider.min, 2.0).run()
    (only,) = state_of(screen).filters
    assert only.selections[0].marks[0].parts[0].column == "price"
    cheap = FRAME[FRAME["price"] <= only.selections[0].marks[0].parts[0].high]
    assert metric(screen) == f"{int(cheap['quantity'].sum()):,}"

    place = app.text_input(key=next(one.key for one in app.text_input if one.label == "To"))
    assert place.value == "2"
    place.set_value("1.75").run()  # between the steps of the slider
    (only,) = state_of(screen).filters
    assert only.selections[0].marks[0].parts[0].high == 1.75
    app.button(key="dash.back").click().run()

    for expected in (["price: all"], ["region is North or South"], ["region is North"]):
        app.button(key="dash.back").click().run()
        assert chips(screen) == expected
    assert state_of(screen) == start
    box = next(one for one in app.multiselect if one.label == "Values of region")
    assert box.value == ["North"]
    app.button(key="dash.save").click().run()
    app.button(key="dash.clear").click().run()
    assert chips(screen) == []
    app.button(key="dash.reset").click().run()
    assert "state" not in app.query_params
    assert chips(screen) == ["region is North"]


def test_a_condition_that_widgets_cannot_show_exactly_stays_as_it_is(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    odd = Filter(selections=(Selection.of(Within(column="at", low=1.5, high=1_700_000_000.25)),))
    fine = Filter(selections=(Selection.of(Within(column="price", low=1.23456789, high=2.5)),))
    many = Filter(selections=(NORTH.inverted(),))
    now = State(filters=(odd, fine, many))
    app = screen.open(PAGE, dashboard=record.id, state=now.text())
    assert not app.exception
    assert state_of(screen) == now
    assert chips(screen)[2] == "all but: region is North"


def test_tiles_answer_selections_each_in_their_own_way(screen: Screen) -> None:
    _, version = screen.add_table()
    number = NUMBER.model_copy(update={"answer": "nothing"})
    rows = NumberTile(id="rows", filters=(Filter(selections=(NORTH,)),))
    record = board_of(screen, version, BAR, number, rows, answer="filter")
    cheap = Selection.of(Within(column="price", high=10.0))
    app = screen.open(PAGE, dashboard=record.id, state=State().picked("bar", cheap).text())
    assert not app.exception
    assert app.metric[0].value == f"{int(FRAME['quantity'].sum()):,}"
    assert "Takes no notice of what is selected on other tiles." in screen.texts()
    both = FRAME[(FRAME["region"] == "North") & (FRAME["price"] < 10)]
    assert app.metric[1].value == str(len(both))
    assert "Only rows where region is North" in screen.texts()
    app.toggle(key="dash.edit").set_value(True).run()
    app.segmented_control(key="dash.edit.number.0.answer").set_value("as all").run()
    app.button(key="dash.edit.number.apply").click().run()
    app.multiselect(key="dash.edit.rows.0.filters").set_value([]).run()
    app.button(key="dash.edit.rows.apply").click().run()
    assert not app.exception
    changed = Board.of(screen.store.get(Dashboard, record.id, LOCAL))
    assert (changed.tiles[1].answer, changed.tiles[2].filters) == ("as all", ())
    assert app.metric[1].value == str(int((FRAME["price"] < 10).sum()))
    app.segmented_control(key=f"dash.way.{record.id}").set_value("nothing").run()
    assert app.metric[1].value == str(len(FRAME))


def test_a_zoomed_tile_asks_for_its_part_alone(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version, HISTOGRAM, NUMBER)
    part = Selection.of(Within(column="price", low=0.0, high=10.0))
    app = screen.open(PAGE, dashboard=record.id, state=State().zoomed("hist", part).text())
    assert not app.exception
    (histogram,) = figures(screen)
    inside = int(((FRAME["price"] >= 0) & (FRAME["price"] < 10)).sum())
    assert sum(histogram["data"][0]["y"]) == inside
    assert metric(screen) == f"{int(FRAME['quantity'].sum()):,}"
    app.button(key="dash.save").click().run()
    assert "state" not in app.query_params
    kept = Board.of(screen.store.get(Dashboard, record.id, LOCAL))
    assert kept.state() == State().zoomed("hist", part)
    assert app.button(key="dash.save").disabled
    app.button(key="dash.chip.zoom.hist").click().run()
    assert State.from_json(json.loads(app.query_params["state"])) == State()


def test_a_chart_is_taken_onto_a_dashboard_with_its_filters(screen: Screen) -> None:
    screen.add_table()
    chart = {"kind": "bar", "x": "member"}
    wanted = [{"column": "region", "values": ["North"]}, {"column": "price"}]
    app = screen.open("pages/explore/charts.py", chart=json.dumps(chart), filter=json.dumps(wanted))
    app.text_input(key="charts.board.0.name").set_value("Sales").run()
    app.button(key="charts.board.add").click().run()
    assert not app.exception
    (record,) = screen.store.list(Dashboard, LOCAL)
    assert record.name == "Sales"
    app.text_input(key="charts.board.1.title").set_value("All members").run()
    app.toggle(key="charts.board.1.filters").set_value(False).run()
    assert app.selectbox(key="charts.board.1.which").value == record.id
    app.button(key="charts.board.add").click().run()
    first, second = Board.of(screen.store.get(Dashboard, record.id, LOCAL)).tiles
    assert (first.filters, second.filters) == ((Filter(selections=(NORTH,)),), ())
    assert (first.chart["x"], second.title) == ("member", "All members")
    assert "On the dashboard “Sales” now." in screen.texts()
    app.button(key="charts.board.open").click().run()
    app = screen.open(PAGE, dashboard=record.id)
    drawn = [sum(figure["data"][0]["y"]) for figure in figures(screen)]
    assert sorted(drawn) == [int((FRAME["region"] == "North").sum()), len(FRAME)]


STAFF = pa.table({"region": ["North", "South", "North"], "age": [30, 40, 50]})


def test_a_tile_of_another_table_is_added_and_reached_by_what_both_have(screen: Screen) -> None:
    _, version = screen.add_table()
    staff, other = screen.add_table("staff", STAFF)
    record = board_of(screen, version, BAR)
    app = screen.open(PAGE, dataset=version.dataset, version=version.id, dashboard=record.id)
    app.toggle(key="dash.edit").set_value(True).run()
    app.segmented_control(key="dash.add.0.kind").set_value("number").run()
    app.selectbox(key="dash.add.0.table").set_value(other.id).run()
    app.button(key="dash.add.do").click().run()
    assert not app.exception
    (_, tile) = Board.of(screen.store.get(Dashboard, record.id, LOCAL)).tiles
    assert (tile.kind, tile.table) == ("number", staff.id)
    assert metric(screen) == "3"
    assert "Table: staff, version 1" in screen.texts()
    now = State(filters=(Filter(selections=(Selection.of(Within(column="price", high=10.0)),)),))
    app = screen.open(PAGE, dashboard=record.id, state=now.picked("bar", NORTH).text())
    assert not app.exception
    assert metric(screen) == "2"
    assert "Not reached by “price below 10”" in screen.texts()
    assert "Not reached by “region is North”" not in screen.texts()


def test_a_tile_of_somebody_elses_table_shows_nothing_of_it(screen: Screen) -> None:
    _, version = screen.add_table()
    with screen.store.new_object("somebody else", ".parquet") as made:
        made.path.write_bytes(screen.store.place(version.object, LOCAL).read_bytes())
    theirs, _ = tables.add_dataset(
        screen.store, "somebody else", "secret", object=made, columns=version.columns, rows=12, origin="x"
    )
    tile = NUMBER.model_copy(update={"table": theirs.id})
    record = board_of(screen, version, tile, BAR)
    app = screen.open(PAGE, dashboard=record.id)
    assert not app.exception
    assert not app.metric
    assert any("no longer there" in one.value for one in app.warning)
    assert "secret" not in screen.texts()
    app.toggle(key="dash.edit").set_value(True).run()
    assert not app.exception
    app.button(key="dash.edit.number.delete").click().run()
    assert [one.id for one in Board.of(screen.store.get(Dashboard, record.id, LOCAL)).tiles] == ["bar"]


def test_a_chart_is_taken_onto_a_dashboard_of_another_table(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version, NUMBER)
    staff, own = screen.add_table("staff", STAFF)
    address = {"dataset": staff.id, "version": own.id, "chart": json.dumps({"kind": "bar", "x": "region"})}
    app = screen.open("pages/explore/charts.py", **address)
    which = app.selectbox(key="charts.board.0.which")
    assert "Sales (of the table example)" in which.options
    which.set_value(record.id).run()
    app.button(key="charts.board.add").click().run()
    assert not app.exception
    tile = Board.of(screen.store.get(Dashboard, record.id, LOCAL)).tiles[-1]
    assert (tile.kind, tile.table) == ("chart", staff.id)
    app.button(key="charts.board.open").click().run()
    app = screen.open(PAGE, dataset=version.dataset, version=version.id, dashboard=record.id)
    assert not app.exception
    assert sum(figures(screen)[-1]["data"][0]["y"]) == 3


def test_a_dashboard_whose_table_is_gone_is_not_offered(screen: Screen) -> None:
    _, version = screen.add_table("houses")
    screen.store.add(Dashboard(owner=LOCAL, dataset="ds_gone", version="vn_gone", name="Old"))
    app = screen.open("pages/explore/charts.py", dataset=version.dataset)
    assert not app.error
    (which,) = [box for box in app.selectbox if box.key.endswith(".which")]
    assert which.options == ["a new one"]
