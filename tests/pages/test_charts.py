"""The chart page: empty, with a table, with a chart in the address, kept and taken away."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import core.charts  # noqa: F401, registers the members
from core.contracts import Chart
from core.store import LOCAL, SavedChart, Version
from tests.pages.conftest import HOSTILE, Screen

PAGE = "pages/explore/charts.py"


def figure_of(screen: Screen) -> dict:
    (chart,) = screen.app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def shown(screen: Screen) -> dict:
    return json.loads(screen.app.query_params["chart"])


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(PAGE)
    assert not app.exception
    assert app.get_by_key("frame.empty.go").label == "Add data"


def test_a_table_without_profile_is_drawn_at_once(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE)
    assert not app.exception
    assert not app.error
    assert figure_of(screen)["data"]
    assert "chart" in app.query_params


@pytest.mark.parametrize("kind", sorted(Chart.members))
def test_each_chart_in_an_address_is_drawn_in_a_new_session(screen: Screen, kind: str) -> None:
    screen.add_table()
    document = Chart.members[kind].example().to_json()
    app = screen.open(PAGE, chart=json.dumps(document))
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert shown(screen) == document
    assert figure_of(screen)["data"]
    words = Chart.members[kind].example().title
    assert any(char.isdigit() for char in screen.texts()), words


def test_a_chart_that_does_not_fit_is_said_and_another_shown(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart='{"kind": "histogram", "x": "no such column"}')
    assert [warning.value for warning in app.warning]
    assert not app.exception
    app = Screen(screen.store).open(PAGE, chart="not json")
    assert not app.exception
    assert [warning.value for warning in app.warning]


def test_another_kind_takes_over_the_columns(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "histogram", "x": "price", "colour": "region"}))
    next(box for box in app.selectbox if box.label == "Chart").set_value("scatter").run()
    assert not app.exception
    document = shown(screen)
    assert (document["kind"], document["x"], document["colour"]) == ("scatter", "price", "region")


def test_a_changed_parameter_changes_the_figure_and_the_address(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}))
    before = figure_of(screen)["data"]
    next(box for box in app.selectbox if box.label == "Categories").set_value("member").run()
    assert shown(screen)["x"] == "member"
    assert figure_of(screen)["data"] != before


def test_suggestions_follow_the_chosen_columns(screen: Screen) -> None:
    screen.add_table()
    screen.open("pages/data/profile.py")
    screen.work()
    app = screen.open(PAGE)
    app.multiselect(key="charts.about").set_value(["price", "region"]).run()
    first = app.button(key="charts.suggestion.0")
    assert "price" in first.label
    first.click().run()
    assert not app.exception
    assert shown(screen)["y"] == "price"


def test_a_kept_chart_is_opened_again_and_deleted(screen: Screen) -> None:
    _, version = screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "histogram", "x": "quantity"}))
    app.button(key="charts.keep").click().run()
    (record,) = screen.store.list(SavedChart, LOCAL, version=version.id)
    assert record.chart["x"] == "quantity"
    other = Screen(screen.store)
    other.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}))
    other.app.button(key=f"charts.kept.{record.id}.open").click().run()
    assert shown(other)["kind"] == "histogram"
    other.app.button(key=f"charts.kept.{record.id}.delete").click().run()
    assert screen.store.list(SavedChart, LOCAL, version=version.id) == []


def test_hostile_names_and_cells_stay_text(screen: Screen) -> None:
    table = pa.table({HOSTILE: [1.0, 2.0, None], 'a"; drop <b>': [HOSTILE, "</script><script>", None]})
    screen.add_table("hostile", table)
    app = screen.open(
        PAGE, chart=json.dumps({"kind": "bar", "x": 'a"; drop <b>', "y": HOSTILE, "aggregation": "mean"})
    )
    assert not app.exception
    assert not app.error
    assert "<img" not in json.dumps(figure_of(screen))
    assert "![x](" not in screen.texts()
    app.button(key="charts.keep").click().run()
    assert not app.exception


def test_states_are_gone_back_to_and_forth(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}))
    next(box for box in app.selectbox if box.label == "Categories").set_value("member").run()
    assert shown(screen)["x"] == "member"
    app.button(key="charts.undo").click().run()
    assert shown(screen)["x"] == "region"
    assert not app.button(key="charts.redo").disabled
    app.button(key="charts.redo").click().run()
    assert shown(screen)["x"] == "member"
    assert app.button(key="charts.redo").disabled


def test_filters_of_the_address_leave_rows_out_and_are_kept_with_the_chart(screen: Screen) -> None:
    _, version = screen.add_table()
    wanted = [{"column": "region", "values": ["North"]}, {"column": "quantity", "low": 2.0, "closed": True}]
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}), filter=json.dumps(wanted))
    assert not app.exception
    rows = pandas_rows(screen, version, wanted)
    (trace,) = figure_of(screen)["data"]
    assert sum(trace["y"]) == rows
    assert f"{rows:,} of {version.rows:,} rows" in screen.texts()
    assert json.loads(app.query_params["filter"]) == wanted
    app.button(key="charts.keep").click().run()
    app.button(key="charts.filters.clear").click().run()
    assert "filter" not in app.query_params
    (record,) = screen.store.list(SavedChart, LOCAL)
    assert list(record.filter) == wanted
    app.button(key=f"charts.kept.{record.id}.open").click().run()
    assert json.loads(app.query_params["filter"]) == wanted


def pandas_rows(screen: Screen, version: Version, wanted: list) -> int:
    frame = pq.read_table(screen.store.place(version.object, LOCAL)).to_pandas()
    return int(((frame["region"] == "North") & (frame["quantity"] >= 2)).sum())


@pytest.mark.parametrize(
    "text", ["no json", "[1]", '[{"column": "gone", "low": 1}]', '[{"column": "region", "low": 1}]', "{}",
             '[{"column": "region", "no": 1}]',
             '[{"column": "region", "values": 5}, {"column": "member", "values": [{}]}]',
             '[{"column": "price", "low": null}, {"column": "quantity", "low": "2e", "high": 5}]',
             json.dumps([{"column": "region", "values": list(map(str, range(2_000)))}])]
)  # fmt: skip
def test_a_filter_that_does_not_fit_leaves_nothing_out(screen: Screen, text: str) -> None:
    _, version = screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}), filter=text)
    assert not app.exception
    assert sum(figure_of(screen)["data"][0]["y"]) == version.rows


def test_a_filter_of_another_version_may_lie_beyond_the_values(screen: Screen) -> None:
    screen.add_table()
    beyond = [{"column": "quantity", "low": 1e9, "high": 2e9}, {"column": "price", "low": -9e9, "high": -8e9}]
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}), filter=json.dumps(beyond))
    assert not app.exception
    assert [box.value for box in app.slider if box.label.startswith("Range of")]


def test_a_filter_is_chosen_by_its_widgets(screen: Screen) -> None:
    screen.add_table()
    both = json.dumps([{"column": "region"}, {"column": "price"}, {"column": "member"}])
    app = screen.open(PAGE, chart=json.dumps({"kind": "histogram", "x": "quantity"}), filter=both)
    next(box for box in app.multiselect if box.label == "Values of region").set_value(["North"]).run()
    first = json.loads(app.query_params["filter"])[0]
    assert first == {"column": "region", "values": ["North"]}
    next(box for box in app.toggle if box.label == "All but these").set_value(True).run()
    slider = next(box for box in app.slider if box.label == "Range of price")
    slider.set_range(slider.min, slider.min + (slider.max - slider.min) / 2).run()
    first, second, third = json.loads(app.query_params["filter"])
    assert first["outside"] is True
    assert set(second) == {"column", "high", "closed"}
    assert third == {"column": "member"}
    assert not app.exception


def test_kept_charts_are_ordered_renamed_and_copied(screen: Screen) -> None:
    _, version = screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "histogram", "x": "quantity"}))
    for name in ("one", "two", "three"):
        next(box for box in app.text_input if box.key.endswith(".histogram.name")).set_value(name).run()
        app.button(key="charts.keep").click().run()

    def names() -> list[str]:
        found = screen.store.list(SavedChart, LOCAL, version=version.id)
        return [record.name for record in sorted(found, key=lambda record: record.place)]

    assert names() == ["three", "two", "one"]
    ids = {record.name: record.id for record in screen.store.list(SavedChart, LOCAL)}
    app.button(key=f"charts.kept.{ids['one']}.up").click().run()
    assert names() == ["three", "one", "two"]
    app.text_input(key=f"charts.kept.{ids['two']}.name").set_value("deux").run()
    app.button(key=f"charts.kept.{ids['two']}.rename").click().run()
    app.button(key=f"charts.kept.{ids['three']}.copy").click().run()
    assert names() == ["three (copy)", "three", "one", "deux"]
    assert not app.exception


def test_panels_a_tooltip_and_a_line_stand_in_the_address_and_on_the_page(screen: Screen) -> None:
    screen.add_table()
    chart = {"kind": "bar", "x": "region", "facet_row": "member", "facet_column": "region",
             "tooltip": ["price", "name"], "lines": [{"what": "mean"}]}  # fmt: skip
    app = screen.open(PAGE, chart=json.dumps(chart))
    assert not app.exception
    figure = figure_of(screen)
    assert "Mean of price: " in json.dumps([trace.get("hovertext") for trace in figure["data"]])
    labels = [note["text"] for note in figure["layout"]["annotations"] if note.get("name") == "ON_GROUND"]
    assert labels[0].startswith("Mean: ")
    assert "Panels down: member; across: region" in json.dumps(figure["layout"]["title"])
    kept = json.loads(app.query_params["chart"])
    assert {key: kept[key] for key in ("facet_row", "facet_column", "tooltip")} == {
        key: chart[key] for key in ("facet_row", "facet_column", "tooltip")
    }


def test_a_line_with_a_label_and_no_value_says_what_it_needs(screen: Screen) -> None:
    screen.add_table()
    app = screen.open(PAGE, chart=json.dumps({"kind": "bar", "x": "region"}))
    next(box for box in app.button if box.key and box.key.endswith(".lines.add")).click().run()
    next(box for box in app.text_input if box.label == "Label").set_value("Goal").run()
    assert not app.exception
    assert not app.error, "what is begun is no mistake"
    said = [caption.value for caption in app.caption if caption.value.startswith("Still to fill in")]
    assert said == ["Still to fill in: Line at.", "Still to fill in: Reference lines."]
    next(box for box in app.selectbox if box.label == "Line at").set_value("mean").run()
    assert not app.error
    assert "Goal: " in json.dumps(figure_of(screen)["layout"]["annotations"])


def test_a_number_with_no_place_left_is_told_where_it_could_go(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui import builder
    from ui.shelves import BoardEvent

    screen.add_table()
    events = [BoardEvent("add", "price")]
    monkeypatch.setattr(builder, "board", lambda *_, **__: events.pop() if events else None)
    chart = {"kind": "line", "x": "day", "y": "quantity", "aggregation": "sum"}
    app = screen.open(PAGE, chart=json.dumps(chart), kind="chosen")
    assert not app.exception
    (toast,) = app.toast
    assert toast.value.startswith("price has no place of its own left here. It could go onto: Colour, ")
    assert "Filter" in toast.value
    assert shown(screen)["colour"] is None
