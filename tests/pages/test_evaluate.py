"""The evaluate page: no run, a run on numbers, a run on categories, where it comes from, hostile names."""

from __future__ import annotations

import ast
import re

import pyarrow as pa
import pytest

from core.evaluate import regression
from core.score import load_files
from tests.pages.conftest import HOSTILE, Screen
from tests.pages.trained import clean, fit, flats
from ui.measures import four
from ui.transfer import model_files

PAGE = "pages/model/evaluate.py"


def test_without_data_it_leads_to_adding_some(screen: Screen) -> None:
    screen.open(PAGE)
    assert "There is no data yet" in screen.texts()


def test_without_a_run_it_leads_to_training(screen: Screen) -> None:
    screen.add_table("flats", flats())
    app = screen.open(PAGE)
    assert "There is no trained model yet" in screen.texts()
    assert app.button(key="frame.empty.go").label == "Train a model"


def test_a_run_on_numbers_says_how_much_better_than_the_baseline_it_is(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    run = fit(screen, version, "rents", target="rent", features=("size", "side"))
    app = screen.open(PAGE, run=run.id)
    assert not app.exception
    said = screen.texts()
    assert "Clearly better than the baseline" in said
    metrics, base = run.metrics["metrics"], run.metrics["baseline"]
    assert f"On {metrics['rows']} held-out rows" in said
    assert f"The model's error is {1 - metrics['rmse'] / base['rmse']:.0%} smaller." in said
    assert [metric.label for metric in app.metric] == ["RMSE", "MAE", "R²"]
    assert app.metric[0].value == four(metrics["rmse"])
    assert app.metric[0].delta == f"baseline {four(base['rmse'])}"
    assert "Predicted against actual" in said
    assert "Confusion matrix" not in said


def test_coefficients_are_in_the_units_of_the_table(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    app = screen.open(PAGE, run=fit(screen, version, target="rent", features=("size", "side")).id)
    (frame,) = [d.value for d in app.dataframe if "Standard error" in d.value.columns]
    values = dict(zip(frame["Feature"], frame["Value"], strict=True))
    assert float(values["size"]) == pytest.approx(12, abs=0.3)
    assert float(values["side = south"]) == pytest.approx(150, abs=12)
    assert list(frame["95% interval"])[1].count("…") == 1


def test_the_whole_fit_and_the_rows_that_pull_it_are_told(screen: Screen) -> None:
    rows = flats().to_pandas()
    rows.loc[11, ["size", "rent"]] = [400, 100]  # a palace for a song
    _, version = screen.add_table("flats", pa.Table.from_pandas(rows, schema=flats().schema))
    model = {"kind": "linear_regression", "errors": "HC3"}
    run = fit(screen, version, target="rent", features=("size", "side"), model=model, split={"test_share": 0})
    app = screen.open(PAGE, run=run.id)
    assert not app.exception
    (whole,) = [d.value for d in app.dataframe if "Statistic" in d.value.columns]
    said = dict(zip(whole["Statistic"], whole["Value"], strict=True))
    assert float(said["R²"]) == pytest.approx(run.metrics["metrics"]["r2"], abs=1e-3)  # the same rows
    assert {"F (3, 116)", "AIC", "BIC", "Durbin-Watson", "Breusch-Pagan"} <= set(said)
    (pulling,) = [d.value for d in app.dataframe if "Cook's distance" in d.value.columns]
    assert pulling["Row of the table"][0] == "12"
    (frame,) = [d.value for d in app.dataframe if "Standard error" in d.value.columns]
    assert {"p", "VIF"} <= set(frame.columns)
    assert "The standard errors are robust" in screen.texts()


def test_a_coefficient_that_cannot_be_told_apart_is_not_estimable(screen: Screen) -> None:
    rows = flats()
    _, version = screen.add_table("flats", rows.append_column("twice", rows["rooms"]))
    run = fit(screen, version, target="rent", features=("rooms", "twice"))
    app = screen.open(PAGE, run=run.id)
    (frame,) = [d.value for d in app.dataframe if "Standard error" in d.value.columns]
    assert dict(zip(frame["Feature"], frame["Value"], strict=True))["twice"] == "not estimable"
    assert "combinations of earlier features" in screen.texts()


def test_a_run_on_categories_shows_each_class_and_its_curves(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    spec = {"target": "dear", "features": ("side", "rooms"), "model": "logistic_regression"}
    run = fit(screen, version, **spec)
    app = screen.open(PAGE, run=run.id)
    assert not app.exception
    assert [metric.label for metric in app.metric] == ["Accuracy", "Log loss", "ROC AUC", "F1"]
    said = screen.texts()
    for title in ("Confusion matrix", "ROC curve", "Precision and recall", "Calibration"):
        assert title in said
    (frame,) = [d.value for d in app.dataframe if "Precision" in d.value.columns]
    assert list(frame["Class"]) == ["no", "yes"]
    assert sum(int(rows) for rows in frame["Rows"]) == run.metrics["metrics"]["rows"]
    assert "log-odds of “yes” against “no”" in said


def test_no_better_than_the_baseline_is_said_so(screen: Screen) -> None:
    rows = flats(90)
    luck = rows.set_column(rows.schema.get_field_index("rooms"), "rooms", [[i * 37 % 11 for i in range(90)]])
    _, version = screen.add_table("flats", luck)
    run = fit(screen, version, target="rent", features=("rooms",))
    screen.open(PAGE, run=run.id)
    clear = run.metrics["metrics"]["rmse_interval"][1] < run.metrics["baseline"]["rmse"]
    assert not clear
    assert "Clearly better" not in screen.texts()


def test_a_network_shows_its_training_and_no_coefficients(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    model = {"kind": "neural_network", "hidden": "4", "epochs": 3}
    app = screen.open(PAGE, run=fit(screen, version, target="rent", model=model).id)
    assert not app.exception
    labels = [tab.label for tab in app.tabs]
    assert "Training" in labels
    assert "Coefficients" not in labels
    assert "After 3 epochs the training loss is" in screen.texts()


def test_every_number_leads_back_to_what_made_it(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    steps = ({"kind": "fill_missing", "columns": ["size"]}, {"kind": "keep_rows", "count": 100})
    run = fit(screen, clean(screen, version, *steps), target="rent", features=("size", "side"), seed=7)
    screen.open(PAGE, run=run.id)
    said = screen.texts().replace("\\", "")
    assert "flats, version 2" in said
    assert "1. Fill missing" in said
    assert "2. Keep 100 rows" in said
    assert ":gray[Seed:] 7" in said
    assert ":gray[Split:] Random: 20% test" in said
    assert ":gray[Device:] CPU" in said
    assert "torch 2." in said


def test_the_model_is_taken_along_with_the_lines_that_load_it(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    run = fit(screen, version, "my run", target="rent", features=("size", "side"))
    app = screen.open(PAGE, run=run.id)
    assert "evaluate.download" in [button.key for button in app.get("download_button")]
    code = next(block.value for block in app.code if "core.score" in block.value)
    row = next(ast.literal_eval(n.value) for n in ast.parse(code).body
               if isinstance(n, ast.Assign) and isinstance(n.value, ast.Dict))  # fmt: skip
    assert load_files(*model_files(run.id)).score_row(row)["prediction"] > 100


def test_the_address_keeps_the_run_and_a_wrong_one_is_said(screen: Screen) -> None:
    _, version = screen.add_table("flats", flats())
    old = fit(screen, version, "old", target="rent", features=("size",))
    new = fit(screen, version, "new", target="rent", features=("side",))
    app = screen.open(PAGE)
    assert app.query_params["run"] == new.id
    app.selectbox(key="frame.run").set_value(old.id).run()
    assert app.query_params["run"] == old.id
    app.query_params["run"] = "rn_nothing"
    app.run()
    assert "The run in this address is not finished" in screen.texts()


def test_very_many_rows_are_drawn_as_a_density_residuals_too(screen: Screen, monkeypatch) -> None:
    monkeypatch.setattr(regression, "POINTS", 20)
    _, version = screen.add_table("flats", flats())
    run = fit(screen, version, target="rent", features=("size", "side"))
    assert run.metrics["metrics"]["rows"] == 24
    app = screen.open(PAGE, run=run.id)
    assert not app.exception
    said = screen.texts().replace("\\", "")
    assert "24 rows of rent as a density" in said
    assert "Residuals of 24 rows as a density" in said


@pytest.mark.parametrize("target", ["rent", "dear"])
def test_hostile_names_and_classes_are_plain_text(screen: Screen, target: str) -> None:
    _, version = screen.add_table(HOSTILE, flats(size=HOSTILE))
    model = "linear_regression" if target == "rent" else "logistic_regression"
    run = fit(screen, version, HOSTILE, target=target, features=(HOSTILE, "side"), model=model)
    app = screen.open(PAGE, run=run.id)
    assert not app.exception
    assert "![x](" not in screen.texts()
    assert not re.search(r"(?<!\\)<img", screen.texts())


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (12345.678, "12,346"),
        (0.0123456, "0.01235"),
        (1.5e-7, "1.5e-07"),
        (-3.0, "-3"),
        (0, "0"),
        (None, "–"),
        (float("inf"), "–"),
        (9.99996, "10"),
        (1234567, "1,234,567"),
    ],
)
def test_numbers_have_four_significant_digits(value: float | None, said: str) -> None:
    assert four(value) == said


def test_a_share_that_is_all_but_nothing_is_shown_as_nothing() -> None:
    from ui.measures import MEASURES

    assert MEASURES["r2"].said(-3.359e-06) == "0"
    assert MEASURES["r2"].said(0.98189) == "0.9819"
    assert MEASURES["rmse"].said(3.359e-06) == "3.359e-06"
