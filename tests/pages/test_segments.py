"""Segments: named on a chart, used there as a filter, in a fit and beside it, renamed, deleted."""

from __future__ import annotations

import json

import pytest

from core.contracts import Step
from core.dashboards import Board, NumberTile
from core.filters import Filter
from core.selection import Selection
from core.store import LOCAL, Run, SavedChart, Setup, Version, tables
from core.store import segments as stored
from core.store.records import Dashboard, Draft, Segment
from core.within import Within
from tests.pages.conftest import Screen
from tests.pages.trained import fit, flats

CHARTS, TRAIN, EVALUATE = "pages/explore/charts.py", "pages/model/train.py", "pages/model/evaluate.py"
NORTH = Selection.of(Within(column="side", values=("north",)))
BAR = json.dumps({"kind": "bar", "x": "side"})
RENT = {"target": "rent", "features": ["size", "rooms"]}


@pytest.fixture
def version(screen: Screen) -> Version:
    return screen.add_table("flats", flats())[1]


def segment(screen: Screen, version: Version, **more: object) -> Segment:
    given = {"name": "The north", "selections": [NORTH.to_json()], **more}
    return screen.store.add(Segment(owner=LOCAL, dataset=version.dataset, **given))


def as_filter(one: Segment) -> Filter:
    return Filter(selections=(NORTH,), name=one.name, segment=one.id)


def north(screen: Screen) -> int:
    return int((flats().to_pandas()["side"] == "north").sum())


def test_what_is_picked_on_a_chart_is_named_and_filters_it(screen: Screen, version: Version) -> None:
    filtered = json.dumps([{"column": "side", "values": ["north"]}])
    app = screen.open(CHARTS, chart=BAR, filter=filtered)
    app.text_input(key="charts.segment.name").set_value("The north").run()
    app.button(key="charts.segment.keep").click().run()
    (kept,) = screen.store.list(Segment, LOCAL)
    assert (kept.name, kept.selections) == ("The north", [NORTH.to_json()])

    app.button(key="charts.filters.clear").click().run()
    app.button(key=f"charts.segment.{kept.id}.filter").click().run()
    assert not app.exception
    assert Filter.model_validate(json.loads(app.query_params["filter"])[0]) == as_filter(kept)
    assert f"{north(screen):,} of {version.rows:,} rows" in screen.texts()
    assert "- Table: flats, version 1" in screen.texts()
    assert f"- Only rows where side is north\n- Rows: {north(screen)} of {version.rows}" in screen.texts()
    app.button(key="charts.keep").click().run()
    (chart,) = screen.store.list(SavedChart, LOCAL)
    assert chart.filter[0]["segment"] == kept.id

    again = Screen(screen.store)
    again.open(CHARTS, chart=BAR, filter=app.query_params["filter"])
    assert f"{north(screen):,} of {version.rows:,} rows" in again.texts()
    app.button(key=f"charts.segment.{kept.id}.table").click().run()
    assert f"**Rows where side is north**: {north(screen)} of {version.rows}" in screen.texts()
    assert "rows" in app.query_params


def test_a_fit_learns_from_a_segment_and_says_so(screen: Screen, version: Version) -> None:
    kept = segment(screen, version)
    app = screen.open(CHARTS, chart=BAR)
    app.button(key=f"charts.segment.{kept.id}.train").click().run()
    app = screen.open(TRAIN)
    box = next(one for one in app.selectbox if one.label == "Rows")
    assert box.value == kept.id
    next(one for one in app.selectbox if one.label == "Predict").select("rent").run()
    app.button(key="train.fit").click().run()
    (job,) = screen.work()
    assert job.state == "done", job.error
    (run,) = screen.store.list(Run, LOCAL)
    assert Filter.model_validate(run.spec["rows"]) == as_filter(kept)
    assert sum(run.metrics["rows"].values()) == north(screen)
    app = screen.open(EVALUATE, run=run.id)
    assert not app.exception
    assert "of these only: The north" in screen.texts()
    assert ":gray[Which are:] side is north" in screen.texts()

    app = screen.open(TRAIN, run=run.id)
    next(one for one in app.selectbox if one.label == "Rows").select("all").run()
    assert screen.store.list(Setup, LOCAL)[0].rows is None


def test_a_run_is_judged_on_a_segment_beside_all_held_out_rows(screen: Screen, version: Version) -> None:
    kept = segment(screen, version)
    segment(screen, version, name="Nobody", selections=[NORTH.inverted().to_json(), NORTH.to_json()])
    run = fit(screen, version, **RENT)
    app = screen.open(EVALUATE, run=run.id)
    (job,) = screen.work()
    assert job.state == "done", job.error
    app.run()
    assert not app.exception
    frame = next(one.value for one in app.dataframe if "Which rows" in one.value.columns)
    assert list(frame["Which rows"]) == ["All held-out rows", "Nobody", kept.name]
    everything, nobody, north_ = frame.to_dict("records")
    assert everything["Rows"] == str(run.metrics["metrics"]["rows"])
    assert (nobody["Rows"], nobody["RMSE"]) == ("0", "–")
    assert 0 < int(north_["Rows"]) < int(everything["Rows"])
    assert north_["RMSE"] != everything["RMSE"]


def test_a_segment_is_renamed_and_described_and_what_uses_it_follows(
    screen: Screen, version: Version
) -> None:
    kept = segment(screen, version)
    used = [as_filter(kept).model_dump(mode="json")]
    board = Board(tiles=(NumberTile(id="n"),), filters=(as_filter(kept),))
    record = Dashboard(
        owner=LOCAL, dataset=version.dataset, version=version.id, name="Rents", **board.to_json()
    )
    screen.store.add(record)
    chart = {"kind": "bar", "x": "side"}
    screen.store.add(
        SavedChart(owner=LOCAL, version=version.id, name="Sides", chart=chart, filter=tuple(used))
    )
    app = screen.open(CHARTS, chart=BAR)
    app.text_input(key=f"charts.segment.{kept.id}.name").set_value("Up there").run()
    app.text_area(key=f"charts.segment.{kept.id}.about").set_value("Where it is *cold*").run()
    app.button(key=f"charts.segment.{kept.id}.rename").click().run()
    assert not app.exception
    (changed,) = screen.store.list(Segment, LOCAL)
    assert (changed.name, changed.about) == ("Up there", "Where it is *cold*")
    assert "Where it is \\*cold\\*" in screen.texts()
    assert Board.of(screen.store.get(Dashboard, record.id, LOCAL)).filters[0].name == "Up there"
    assert screen.store.list(SavedChart, LOCAL)[0].filter[0]["name"] == "Up there"

    warning = next(one.value for one in app.warning)
    assert "the dashboard “Rents”" in warning
    assert "the kept chart “Sides”" in warning
    app.button(key=f"charts.segment.{kept.id}.delete").click().run()
    assert screen.store.list(Segment, LOCAL) == []
    assert Board.of(screen.store.get(Dashboard, record.id, LOCAL)).filters[0].selections == (NORTH,)


def test_a_taken_name_is_refused_and_an_unused_segment_goes_without_a_warning(
    screen: Screen, version: Version
) -> None:
    segment(screen, version, name="Taken")
    kept = segment(screen, version)
    app = screen.open(CHARTS, chart=BAR)
    assert not app.warning
    app.text_input(key=f"charts.segment.{kept.id}.name").set_value("taken").run()
    app.button(key=f"charts.segment.{kept.id}.rename").click().run()
    assert any("must not be empty or taken" in error.value for error in app.error)
    app.button(key=f"charts.segment.{kept.id}.delete").click().run()
    assert [one.name for one in screen.store.list(Segment, LOCAL)] == ["Taken"]


def test_a_segment_whose_column_has_gone_says_so_everywhere(screen: Screen, version: Version) -> None:
    gone = Selection.of(Within(column="balcony", missing=True))
    kept = segment(screen, version, name="Old", selections=[gone.to_json()])
    used = Filter(selections=(gone,), name="Old", segment=kept.id).model_dump(mode="json")
    app = screen.open(CHARTS, chart=BAR, filter=json.dumps([used]))
    assert not app.exception
    assert "It cannot be used with this version. A selection needs the column" in screen.texts()
    assert app.button(key=f"charts.segment.{kept.id}.train").disabled
    assert "A column of this segment is not in this version" in screen.texts()
    app = screen.open(TRAIN)
    assert not [one for one in app.selectbox if one.label == "Rows"]


def test_a_step_that_marks_a_segment_is_told_before_it_is_deleted(screen: Screen, version: Version) -> None:
    kept = segment(screen, version)
    app = screen.open(CHARTS, chart=BAR)
    app.button(key=f"charts.segment.{kept.id}.column").click().run()
    (draft,) = screen.store.list(Draft, LOCAL)
    assert Step.from_json(draft.steps[0]["step"]).name == "The north"
    app = screen.open(CHARTS, chart=BAR)
    assert "the recipe of version 1" in next(one.value for one in app.warning)
    with screen.store.new_object(LOCAL, ".parquet") as made:
        made.path.write_bytes(screen.store.place(version.object, LOCAL).read_bytes())
    recipe = {"steps": [{**draft.steps[0], "active": True}]}
    tables.add_version(
        screen.store, LOCAL, version.dataset, object=made, columns=version.columns, rows=version.rows,
        parent=version.id, recipe=recipe, origin="recipe",
    )  # fmt: skip
    screen.store.delete(Draft, draft.id, LOCAL)
    assert [(one.kind, one.name) for one in stored.uses(screen.store, kept)] == [("made", "2")]
    stored.rename(screen.store, kept, "Up there", "")
    renamed = screen.store.get(Segment, kept.id, LOCAL)
    assert [one.kind for one in stored.uses(screen.store, renamed)] == ["made"], "it marks the same rows"
    app = screen.open(CHARTS, chart=BAR)
    assert "the recipe that made version 2" in next(one.value for one in app.warning)


def test_an_address_says_a_segment_by_the_name_it_has_now(screen: Screen, version: Version) -> None:
    kept = segment(screen, version)
    used = as_filter(kept).model_dump(mode="json", exclude_defaults=True)
    stored.rename(screen.store, kept, "Up there", "")
    app = screen.open(CHARTS, chart=BAR, filter=json.dumps([used]))
    assert not app.exception
    labels = [one.proto.popover.label for one in app.get("popover")]
    assert "Up there" in labels
    assert "The north" not in labels
    screen.store.delete(Segment, kept.id, LOCAL)
    app = screen.open(CHARTS, chart=BAR, filter=json.dumps([used]))
    assert "The north" in [one.proto.popover.label for one in app.get("popover")]
