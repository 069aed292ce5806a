"""Fitting whole tables: bad input ends in a clear message or a sensible model, and a died fit goes on."""

import json

import numpy as np
import pyarrow as pa
import pytest

from core.contracts import Recorded, Silent
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, BadParameter, Cancelled, MissingColumn
from core.fitting import FitSpec, Split, fit
from core.score import load
from core.training import checkpoint as checkpoints
from tests.models.data import table

ALL = ("linear_regression", "logistic_regression", "neural_network")


@pytest.fixture(scope="module")
def engine():
    return DuckEngine(threads=1)


def spec(kind, target="y", **values):
    model = {"kind": kind} | ({"epochs": 5} if kind == "neural_network" else {})
    return FitSpec(target=target, model=model, **values)


def numbers(count=100, seed=0):
    chance = np.random.default_rng(seed)
    x = chance.normal(size=count)
    return {"x": x, "z": chance.normal(size=count), "y": 2 * x + chance.normal(size=count)}


@pytest.mark.parametrize("kind", ALL)
def test_a_constant_target_is_refused(kind, tmp_path, engine):
    y = ["same"] * 30 if kind == "logistic_regression" else [4.5] * 30
    stored = table({"x": np.arange(30.0), "y": y}, tmp_path, engine)
    with pytest.raises(BadInput, match="same value"):
        fit(spec(kind), stored, engine, Silent(), tmp_path / "m")


@pytest.mark.parametrize("kind", ALL)
def test_two_rows_are_refused(kind, tmp_path, engine):
    stored = table({"x": [1.0, 2.0], "y": [1.5, 2.5]}, tmp_path, engine)
    with pytest.raises(BadInput, match="at least 3 rows"):
        fit(spec(kind), stored, engine, Silent(), tmp_path / "m")


@pytest.mark.parametrize("kind", ["linear_regression", "neural_network"])
def test_three_rows_are_enough_for_a_model_of_sorts(kind, tmp_path, engine):
    stored = table({"x": [1.0, 2.0, 4.0], "y": [1.5, 2.5, 3.0]}, tmp_path, engine)
    result = fit(spec(kind, task="number"), stored, engine, Silent(), tmp_path / "m")
    assert result.rows["test"] == 1
    assert result.metrics["r2"] is None


def test_features_without_any_value_are_refused_by_name(tmp_path, engine):
    columns = {"empty": pa.nulls(30, pa.float64()), "void": pa.nulls(30, pa.string()), "y": np.arange(30.0)}
    stored = table(columns, tmp_path, engine)
    with pytest.raises(BadInput, match="no features"):
        fit(spec("linear_regression"), stored, engine, Silent(), tmp_path / "m")
    with pytest.raises(BadInput, match="None of the features"):
        fit(spec("linear_regression", features=("empty", "void")), stored, engine, Silent(), tmp_path / "m")


@pytest.mark.parametrize("kind", ["logistic_regression", "neural_network"])
def test_ten_thousand_classes_are_refused(kind, tmp_path, engine):
    labels = [f"c{i}" for i in range(10_000)] * 2
    stored = table({"x": np.arange(20_000.0), "y": labels}, tmp_path, engine)
    with pytest.raises(BadInput, match=r"1,?000"):
        fit(spec(kind), stored, engine, Silent(), tmp_path / "m")


def test_ten_thousand_categories_in_a_feature_keep_the_frequent_ones(tmp_path, engine):
    chance = np.random.default_rng(0)
    columns = {"city": [f"c{i}" for i in chance.integers(0, 10_000, 20_000)], **numbers(20_000)}
    stored = table(columns, tmp_path, engine)
    proposed = fit(spec("linear_regression"), stored, engine, Silent(), tmp_path / "m")
    assert proposed.features == ("x", "z")
    forced = fit(spec("linear_regression", features=("city", "x")), stored, engine, Silent(), tmp_path / "m")
    assert len(forced.coefficients) == 1 + 51 + 1
    assert forced.metrics["r2"] > 0.7


def test_infinite_features_are_treated_as_missing_and_said(tmp_path, engine):
    columns = numbers()
    columns["x"] = columns["x"].copy()
    columns["x"][[3, 4]] = [np.inf, -np.inf]
    stored = table(columns, tmp_path, engine)
    result = fit(spec("linear_regression"), stored, engine, Silent(), tmp_path / "m")
    assert "2 infinite values in x were treated as missing." in map(str, result.facts["warnings"])
    assert np.isfinite([row["value"] for row in result.coefficients if row["value"] is not None]).all()


@pytest.mark.parametrize("kind", ["linear_regression"])
def test_two_thousand_columns_and_fewer_rows_give_a_sensible_model(kind, tmp_path, engine):
    chance = np.random.default_rng(0)
    x = chance.normal(size=(150, 2000))
    columns = {f"x{i}": x[:, i] for i in range(2000)} | {"y": x[:, 0] * 5 + chance.normal(size=150)}
    stored = table(columns, tmp_path, engine)
    features = tuple(f"x{i}" for i in range(2000))
    result = fit(spec(kind, features=features), stored, engine, Silent(), tmp_path / "m")
    assert result.features == features
    if kind == "linear_regression":
        assert any("as many coefficients" in str(warning) for warning in result.facts["warnings"])
        assert any("left out" in str(warning) for warning in result.facts["warnings"])
    json.dumps(result.model_dump(mode="json"), allow_nan=False)


def test_a_target_that_is_not_there_and_a_feature_that_is_the_target_are_refused(tmp_path, engine):
    stored = table(numbers(), tmp_path, engine)
    with pytest.raises(MissingColumn, match="'Y'"):
        fit(spec("linear_regression", target="Y"), stored, engine, Silent(), tmp_path / "m")
    with pytest.raises(MissingColumn, match="'w'"):
        fit(spec("linear_regression", features=("w",)), stored, engine, Silent(), tmp_path / "m")
    with pytest.raises(BadParameter, match="is the target"):
        fit(spec("linear_regression", features=("x", "y")), stored, engine, Silent(), tmp_path / "m")
    with pytest.raises(BadParameter, match="twice"):
        fit(spec("linear_regression", features=("x", "x")), stored, engine, Silent(), tmp_path / "m")


def test_without_a_test_share_all_rows_are_fitted_and_the_metrics_say_so(tmp_path, engine):
    stored = table(numbers(), tmp_path, engine)
    result = fit(spec("neural_network", split=Split(test_share=0)), stored, engine, Silent(), tmp_path / "m")
    assert result.rows == {"train": 100, "valid": 0, "test": 0, "left_out": 0}
    assert result.judged_on == "training"
    assert any("training rows" in str(warning) for warning in result.facts["warnings"])
    assert any("early stopping was off" in str(warning) for warning in result.facts["warnings"])
    assert result.facts["epochs"] == 5


def test_a_class_that_only_the_test_has_is_left_out_and_counted(tmp_path, engine):
    chance = np.random.default_rng(0)
    labels = list(chance.choice(["a", "b"], 95)) + ["new"] * 5
    stored = table({"t": np.arange(100), "x": chance.normal(size=100), "y": labels}, tmp_path, engine)
    split = Split(kind="time", column="t")
    result = fit(spec("logistic_regression", split=split), stored, engine, Silent(), tmp_path / "m")
    assert result.classes == ("a", "b")
    assert result.rows["left_out"] == 5
    assert result.rows["test"] == 15
    assert any("5 held-out rows" in str(warning) for warning in result.facts["warnings"])


def test_stopping_before_there_is_a_model_is_said(tmp_path, engine):
    class Stops(Recorded):
        def stopped(self):
            return True

    with pytest.raises(Cancelled):
        fit(spec("linear_regression"), table(numbers(), tmp_path, engine), engine, Stops(), tmp_path / "m")


def test_a_died_fit_goes_on_from_its_checkpoint_to_the_same_weights(tmp_path, engine, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    stored = table(numbers(400), tmp_path, engine)
    wanted = FitSpec(target="y", model={"kind": "neural_network", "epochs": 12})
    fit(wanted, stored, engine, Silent(), tmp_path / "whole")

    class Dies(Recorded):
        def progress(self, share, message=""):
            if message.startswith("Epoch") and (tmp_path / "died/checkpoint.safetensors").exists():
                raise KeyboardInterrupt

    monkeypatch.setattr("core.training.history.REPORTS_A_SECOND", 1e9)
    with pytest.raises(KeyboardInterrupt):
        fit(wanted, stored, engine, Dies(), tmp_path / "died")
    assert not (tmp_path / "died/model.json").exists()
    watch = Recorded()
    fit(wanted, stored, engine, watch, tmp_path / "again", resume=tmp_path / "died")
    assert watch.events[0]["epoch"] > 1
    first, second = (load(tmp_path / name).fitted.tensors() for name in ("whole", "again"))
    for name, value in first.items():
        assert np.array_equal(value, second[name])
    assert not (tmp_path / "again/checkpoint.safetensors").exists()


@pytest.mark.parametrize("solver", ["exact", "descent"])
@pytest.mark.parametrize("column", ["x", "y"])
def test_numbers_too_large_to_compute_with_are_refused_by_name(column, solver, tmp_path, engine):
    columns = numbers()
    columns[column][-1] = -1.7e308
    asked = FitSpec(target="y", features=("x", "z"), model={"kind": "linear_regression", "solver": solver})
    with pytest.raises(BadInput, match=rf"'{column}' holds numbers as large as 1\.7e\+308"):
        fit(asked, table(columns, tmp_path, engine), engine, Silent(), tmp_path / "m")


@pytest.mark.parametrize("kind", ["linear_regression", "neural_network"])
def test_very_large_numbers_give_the_same_model_on_their_own_scale(kind, tmp_path, engine):
    columns = numbers()
    small = fit(spec(kind, task="number"), table(columns, tmp_path, engine), engine, Silent(), tmp_path / "a")
    wide = {name: values * 1e90 for name, values in columns.items()}
    large = fit(spec(kind, task="number"), table(wide, tmp_path, engine), engine, Silent(), tmp_path / "b")
    assert large.metrics["r2"] == pytest.approx(small.metrics["r2"], rel=1e-3)
    assert large.metrics["rmse"] == pytest.approx(small.metrics["rmse"] * 1e90, rel=1e-3)


def test_held_out_rows_beyond_all_computing_are_counted_not_judged(tmp_path, engine):
    columns = numbers(200)
    columns["at"] = np.arange(200)
    columns["x"][190] = 1e90  # among the latest rows, which are the test
    split = Split(kind="time", column="at")
    asked = spec("neural_network", task="number", features=("x", "z"), split=split)
    result = fit(asked, table(columns, tmp_path, engine), engine, Silent(), tmp_path / "m")
    assert result.metrics["rows"] == result.rows["test"] == 39
    assert result.rows["left_out"] == 1
    assert "too far beyond" in " ".join(map(str, result.facts["warnings"]))
    assert np.isfinite(result.metrics["rmse"])
