"""The Train and Runs pages: empty, with a dataset, with a trained model, with a fit that failed."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from core.jobs.events import EventLog, log_place
from core.store import LOCAL, Job, Run, Setup, Version, tables
from tests.pages.conftest import HOSTILE, Screen
from ui import runs, setup

TRAIN, RUNS = "pages/model/train.py", "pages/model/runs.py"


@pytest.fixture
def version(screen: Screen) -> Version:
    rng = np.random.default_rng(3)
    area = rng.uniform(20, 200, 240)
    rows = pa.table(
        {
            "id": [f"h{i}" for i in range(240)],
            "area": area,
            "region": [("North", "South", "West")[i % 3] for i in range(240)],
            "price": 1000 + 50 * area + rng.normal(0, 500, 240),
        }
    )
    return screen.add_table("houses", rows)[1]


def choose(screen: Screen, version: Version, target: str) -> None:
    screen.open(TRAIN)
    screen.app.selectbox(key=f"train.target.{version.id}").select(target).run()
    assert not screen.app.exception


def fit(screen: Screen) -> Run:
    screen.app.button(key="train.fit").click().run()
    (job,) = screen.work()
    assert job.state == "done", job.error
    screen.app.run()
    assert not screen.app.exception
    return screen.store.list(Run, LOCAL)[0]


def test_without_data_the_page_leads_to_adding_some(screen: Screen) -> None:
    app = screen.open(TRAIN)
    assert not app.exception
    assert "There is no data yet" in screen.texts()


def test_the_task_is_proposed_with_its_reason_and_identifiers_are_left_out(screen: Screen, version) -> None:
    choose(screen, version, "price")
    app = screen.app
    assert app.segmented_control(key="train.task.price").value == "number"
    assert app.multiselect(key="train.features.price").value == ["area", "region"]
    assert "Proposed: a number, because" in screen.texts()
    assert "**id**" in screen.texts()


def test_a_fit_becomes_a_run_with_a_verdict(screen: Screen, version) -> None:
    choose(screen, version, "price")
    run = fit(screen)
    assert run.state == "done"
    assert run.spec["features"] == ["area", "region"]
    assert run.metrics["metrics"]["r2"] > 0.9
    assert "better than the baseline" in screen.texts()
    assert screen.app.query_params["run"] in (run.id, [run.id])


def test_descent_shows_its_curves_and_its_own_parameters(screen: Screen, version) -> None:
    choose(screen, version, "price")
    with pytest.raises(KeyError):
        screen.app.select_slider(key="train.parameter.linear_regression.learning_rate")
    screen.app.segmented_control(key="train.parameter.linear_regression.solver").set_value("descent").run()
    screen.app.select_slider(key="train.parameter.linear_regression.epochs").set_value(5).run()
    run = fit(screen)
    assert run.spec["model"]["epochs"] == 5
    assert {metric.label for metric in screen.app.metric} >= {"Epochs done", "Epochs per second"}


def test_a_category_offers_the_models_that_can_do_it(screen: Screen, version) -> None:
    choose(screen, version, "region")
    options = screen.app.segmented_control(key="train.model.category").options
    assert len(options) == 2
    assert "Linear regression" not in options


def test_a_split_by_group_asks_for_the_column(screen: Screen, version) -> None:
    choose(screen, version, "price")
    screen.app.segmented_control(key="train.split.kind").set_value("group").run()
    assert screen.app.button(key="train.fit").disabled
    screen.app.selectbox(key="train.split.column").select("region").run()
    assert not screen.app.button(key="train.fit").disabled
    assert fit(screen).spec["split"]["kind"] == "group"


def test_no_feature_no_fit(screen: Screen, version) -> None:
    choose(screen, version, "price")
    screen.app.multiselect(key="train.features.price").set_value([]).run()
    assert screen.app.button(key="train.fit").disabled


def reloaded(screen: Screen, **address: str) -> Screen:
    """The page in a new session, as after a reload or in another tab."""
    again = Screen(screen.store)
    again.open(TRAIN, **address)
    assert not again.app.exception
    return again


def set_much(screen: Screen, version: Version) -> None:
    choose(screen, version, "price")
    app = screen.app
    app.multiselect(key="train.features.price").set_value(["area"]).run()
    app.segmented_control(key="train.model.number").set_value("neural_network").run()
    app.select_slider(key="train.parameter.neural_network.learning_rate").set_value(0.05).run()
    app.text_input(key="train.parameter.neural_network.hidden").set_value("16,8").run()
    app.slider(key="train.parameter.neural_network.patience").set_value(30).run()
    app.segmented_control(key="train.split.kind").set_value("group").run()
    app.selectbox(key="train.split.column").select("region").run()
    app.number_input(key="train.seed").set_value(7).run()
    app.text_input(key="train.name").set_value("mine").run()


def check_much(screen: Screen, version: Version) -> None:
    app = screen.app
    assert app.selectbox(key=f"train.target.{version.id}").value == "price"
    assert app.multiselect(key="train.features.price").value == ["area"]
    assert app.segmented_control(key="train.model.number").value == "neural_network"
    assert app.select_slider(key="train.parameter.neural_network.learning_rate").value == 0.05
    assert app.text_input(key="train.parameter.neural_network.hidden").value == "16,8"
    assert app.slider(key="train.parameter.neural_network.patience").value == 30
    assert app.segmented_control(key="train.split.kind").value == "group"
    assert app.selectbox(key="train.split.column").value == "region"
    assert app.number_input(key="train.seed").value == 7


def test_a_reload_brings_back_everything_that_was_set(screen: Screen, version) -> None:
    set_much(screen, version)
    again = reloaded(screen, version=version.id)
    check_much(again, version)
    assert again.app.text_input(key="train.name").value == "mine"
    assert screen.store.list(Run, LOCAL) == []


def test_another_page_and_back_brings_back_everything_that_was_set(screen: Screen, version) -> None:
    set_much(screen, version)
    screen.open(RUNS)
    screen.open(TRAIN)
    check_much(screen, version)


def test_what_was_set_for_one_target_or_model_stays_while_another_is_tried(screen: Screen, version) -> None:
    set_much(screen, version)
    app = screen.app
    app.segmented_control(key="train.model.number").set_value("linear_regression").run()
    app.selectbox(key=f"train.target.{version.id}").select("region").run()
    app.selectbox(key=f"train.target.{version.id}").select("price").run()
    assert app.multiselect(key="train.features.price").value == ["area"]
    app.segmented_control(key="train.model.number").set_value("neural_network").run()
    check_much(screen, version)


def test_a_look_at_the_page_leaves_nothing(screen: Screen, version) -> None:
    screen.open(TRAIN)
    assert screen.store.list(Setup, LOCAL) == []


def test_where_nothing_was_left_a_run_in_the_address_tells_how_it_was_set_up(screen: Screen, version) -> None:
    set_much(screen, version)
    run = fit(screen)
    (kept,) = screen.store.list(Setup, LOCAL)
    screen.store.delete(Setup, kept.id, LOCAL)
    check_much(reloaded(screen, version=version.id, run=run.id), version)


def test_the_settings_of_an_earlier_run_are_taken_over(screen: Screen, version) -> None:
    set_much(screen, version)
    run = fit(screen)
    app = screen.app
    assert "train.take_over" not in {button.key for button in app.button}, "they are the same"
    app.segmented_control(key="train.model.number").set_value("linear_regression").run()
    app.multiselect(key="train.features.price").set_value(["region"]).run()
    app.segmented_control(key="train.split.kind").set_value("random").run()
    app.number_input(key="train.seed").set_value(1).run()
    app.button(key="train.take_over").click().run()
    assert not app.exception
    assert app.segmented_control(key="train.1.model.number").value == "neural_network"
    assert app.multiselect(key="train.1.features.price").value == ["area"]
    assert app.number_input(key="train.1.seed").value == 7
    app.button(key="train.fit").click().run()
    assert screen.store.list(Run, LOCAL)[0].spec == run.spec
    check_much(reloaded(screen, version=version.id), version)


def test_settings_go_with_their_dataset(screen: Screen, version) -> None:
    set_much(screen, version)
    tables.remove(screen.store, version.dataset, LOCAL)
    assert screen.store.list(Setup, LOCAL) == []


def test_a_large_table_is_looked_at_in_a_job(
    screen: Screen, version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "QUICK_ROWS", 10)
    choose(screen, version, "price")
    assert "train.fit" not in {button.key for button in screen.app.button}
    (job,) = screen.work()
    assert (job.task, job.state) == ("propose", "done")
    screen.app.run()
    assert screen.app.multiselect(key="train.features.price").value == ["area", "region"]


def test_a_fit_that_died_can_go_on(screen: Screen, version) -> None:
    choose(screen, version, "price")
    screen.app.button(key="train.fit").click().run()
    (job,) = screen.store.list(Job, LOCAL, state="queued")
    screen.store.change(Job, job.id, LOCAL, state="died", error={"message": "It was killed."})
    screen.app.run()
    assert "It was killed" in screen.texts()
    screen.app.button(key="train.go_on").click().run()
    (again,) = screen.work()
    assert again.params == job.params
    assert screen.store.list(Run, LOCAL)[0].state == "done"


def test_hostile_names_are_shown_as_they_are(screen: Screen) -> None:
    rows = pa.table({HOSTILE: [float(i % 7) for i in range(60)], "x": [float(i) for i in range(60)]})
    _, version = screen.add_table(HOSTILE, rows)
    choose(screen, version, HOSTILE)
    run = fit(screen)
    assert run.state == "done"
    assert "![x]" not in screen.texts()
    assert "<img" not in screen.texts().replace("\\<img", "")


@pytest.fixture
def two_runs(screen: Screen, version) -> list[Run]:
    """The newest first: one by descent, one exact."""
    choose(screen, version, "price")
    fit(screen)
    screen.app.segmented_control(key="train.parameter.linear_regression.solver").set_value("descent").run()
    fit(screen)
    return screen.store.list(Run, LOCAL)


def select(monkeypatch: pytest.MonkeyPatch, *places: int) -> None:
    """As if these rows of the table of runs were selected: a headless page has no grid to click."""
    table = runs.run_table

    def chosen(known: Sequence[Run]) -> list[Run]:
        table(known)
        return [known[place] for place in places if place < len(known)]

    monkeypatch.setattr(runs, "run_table", chosen)


def test_runs_are_listed(screen: Screen, two_runs: list[Run]) -> None:
    app = screen.open(RUNS)
    assert not app.exception
    (table,) = app.dataframe
    assert len(table.value) == len(two_runs) == 2


def test_runs_are_compared_side_by_side(screen: Screen, two_runs: list[Run], monkeypatch) -> None:
    select(monkeypatch, 0, 1)
    app = screen.open(RUNS)
    assert not app.exception
    _, side_by_side = app.dataframe
    assert len(side_by_side.value.columns) == 3, "the measures and settings, and a column for each run"
    words = side_by_side.value.to_string()
    assert "RMSE" in words
    assert "descent" in words
    assert "did not hold out the same rows" not in screen.texts()


def test_runs_that_held_out_other_rows_are_not_compared_without_a_word(
    screen: Screen, two_runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen.store.change(Run, two_runs[0].id, LOCAL, spec={**two_runs[0].spec, "seed": 5})
    select(monkeypatch, 0, 1)
    screen.open(RUNS)
    assert "did not hold out the same rows" in screen.texts()


def test_a_run_is_renamed(screen: Screen, two_runs: list[Run], monkeypatch) -> None:
    select(monkeypatch, 0)
    app = screen.open(RUNS)
    app.text_input(key=f"runs.name.{two_runs[0].id}").set_value("the best").run()
    assert not app.exception
    assert screen.store.get(Run, two_runs[0].id, LOCAL).name == "the best"


def test_runs_are_deleted_and_only_those(screen: Screen, two_runs: list[Run], monkeypatch) -> None:
    select(monkeypatch, 0)
    app = screen.open(RUNS)
    app.button(key="runs.delete.go").click().run()
    assert not app.exception
    assert [run.id for run in screen.store.list(Run, LOCAL)] == [two_runs[1].id]


def test_without_a_run_the_page_leads_to_training(screen: Screen) -> None:
    screen.open(RUNS)
    assert "There is no run yet" in screen.texts()


def epochs_told(screen: Screen, job: Job, *numbers: int) -> None:
    log = EventLog(log_place(screen.store.home, job.id))
    for number in numbers:
        log.append(
            "epoch", 0.1 * number,
            {"epoch": number, "epochs": 90, "train_loss": 1 / number, "valid_loss": None,
             "metric_name": "RMSE", "metric": 2 / number, "rate": 10.0, "left": 1.0},
        )  # fmt: skip
    log.close()


def drawn_epochs(screen: Screen) -> list[int]:
    """The epochs of the loss curve on the page."""
    figure = json.loads(screen.app.get("plotly_chart")[0].proto.spec)
    x = figure["data"][0]["x"]
    if isinstance(x, dict):
        return np.frombuffer(base64.b64decode(x["bdata"]), x["dtype"]).tolist()
    return list(x)


def test_a_fit_that_goes_on_shows_the_epochs_before_its_checkpoint_too(screen: Screen, version) -> None:
    choose(screen, version, "price")
    app = screen.app
    app.segmented_control(key="train.parameter.linear_regression.solver").set_value("descent").run()
    app.button(key="train.fit").click().run()
    (run,), (first,) = screen.store.list(Run, LOCAL), screen.store.list(Job, LOCAL)
    screen.store.change(Job, first.id, LOCAL, state="died")
    epochs_told(screen, first, 1, 10, 20, 30)
    app.run()
    assert drawn_epochs(screen) == [1, 10, 20, 30]
    assert app.button(key="train.go_on").label == "Begin this fit again"
    checkpoint = screen.store.home / "fits" / run.id / "checkpoint.safetensors"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    app.run()
    assert app.button(key="train.go_on").label == "Go on with this fit"
    app.button(key="train.go_on").click().run()
    assert drawn_epochs(screen) == [1, 10, 20, 30], "until the new job tells more"
    second = screen.store.list(Job, LOCAL)[0]
    epochs_told(screen, second, 26, 40)  # its checkpoint was made after epoch 25
    screen.store.change(Job, second.id, LOCAL, state="running")
    again = reloaded(screen, version=version.id, run=run.id)
    assert drawn_epochs(again) == [1, 10, 20, 26, 40]
    assert {"Epoch"} <= {metric.label for metric in again.app.metric}
