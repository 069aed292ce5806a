"""Least squares against certified values, statsmodels and algebra."""

import numpy as np
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from core.contracts import Matrix, Silent, TrainingData
from core.engine.duckdb import DuckEngine
from core.errors import BadInput
from core.fitting import FitSpec, Split, fit
from core.models.least_squares import independent, solve
from core.models.linear import LinearRegression
from tests.models.data import table, training

# NIST Statistical Reference Datasets, Longley: certified to 15 digits
LONGLEY = {
    "intercept": (-3482258.63459582, 890420.383607373),
    "GNPDEFL": (15.0618722713733, 84.9149257747669),
    "GNP": (-0.0358191792925910, 0.0334910077722432),
    "UNEMP": (-2.02022980381683, 0.488399681651699),
    "ARMED": (-1.03322686717359, 0.214274163161675),
    "POP": (-0.0511041056535807, 0.226073200069370),
    "YEAR": (1829.15146461355, 455.478499142212),
}


def digits(value, certified):
    return min(16.0, -np.log10(max(abs(value / certified - 1), 1e-17)))


def test_longley_has_ten_digits_through_the_whole_fit(tmp_path):
    data = sm.datasets.longley.load_pandas().data
    engine = DuckEngine()
    stored = table({name: data[name].to_numpy() for name in data}, tmp_path, engine)
    spec = FitSpec(target="TOTEMP", model={"kind": "linear_regression"}, split=Split(test_share=0))
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    assert result.features == ("GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR")
    assert result.task == "number"
    found = {row["name"]: (row["value"], row["se"]) for row in result.coefficients}
    assert found.keys() == LONGLEY.keys()
    for name, (value, error) in LONGLEY.items():
        assert digits(found[name][0], value) > 10, name
        assert digits(found[name][1], error) > 10, name
    assert result.judged_on == "training"
    assert any("training rows" in str(warning) for warning in result.facts["warnings"])


def test_categories_agree_with_statsmodels(tmp_path):
    import pandas as pd

    chance = np.random.default_rng(1)
    rows = 500
    frame = pd.DataFrame({
        "size": chance.normal(50, 9, rows),
        "region": chance.choice(["North", "South", "East"], rows, p=[0.5, 0.3, 0.2]),
        "member": chance.random(rows) < 0.3,
    })  # fmt: skip
    frame["price"] = 3 * frame["size"] + frame["region"].map({"North": 1, "South": 5, "East": -4}) * 10
    frame["price"] += 7 * frame["member"] + chance.normal(0, 5, rows)
    oracle = smf.ols("price ~ size + C(region, Treatment('North')) + C(member)", frame).fit()
    engine = DuckEngine()
    stored = table({name: frame[name].to_numpy() for name in frame}, tmp_path, engine)
    spec = FitSpec(target="price", model={"kind": "linear_regression"}, split=Split(test_share=0))
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    found = {row["name"]: row for row in result.coefficients}
    pairs = {
        "intercept": "Intercept",
        "size": "size",
        "region = South": "C(region, Treatment('North'))[T.South]",
        "region = East": "C(region, Treatment('North'))[T.East]",
        "member = true": "C(member)[T.True]",
    }
    assert found.keys() == pairs.keys()
    for ours, theirs in pairs.items():
        assert found[ours]["value"] == pytest.approx(oracle.params[theirs], rel=1e-10)
        assert found[ours]["se"] == pytest.approx(oracle.bse[theirs], rel=1e-10)
    assert result.metrics["r2"] == pytest.approx(oracle.rsquared, rel=1e-10)


def test_without_an_intercept_it_goes_through_the_origin(tmp_path):
    chance = np.random.default_rng(2)
    x = chance.normal(20, 2, (200, 2))
    y = x @ [1.5, -0.5] + chance.normal(size=200)
    oracle = sm.OLS(y, x).fit()
    engine = DuckEngine()
    stored = table({"a": x[:, 0], "b": x[:, 1], "y": y}, tmp_path, engine)
    spec = FitSpec(
        target="y", model={"kind": "linear_regression", "intercept": False}, split=Split(test_share=0)
    )
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    assert [row["name"] for row in result.coefficients] == ["a", "b"]
    assert [row["value"] for row in result.coefficients] == pytest.approx(oracle.params, rel=1e-10)
    assert [row["se"] for row in result.coefficients] == pytest.approx(oracle.bse, rel=1e-10)


def test_many_blocks_give_what_one_block_gives():
    chance = np.random.default_rng(3)
    x = chance.normal(size=(200_000, 6))
    y = x @ np.arange(6) + chance.normal(size=len(x))
    found = solve(x, y, True, 0.0, Silent())
    expected, rss, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y)
    assert found.b == pytest.approx(expected, rel=1e-11, abs=1e-11)
    assert found.rss == pytest.approx(rss[0], rel=1e-11)


def test_ridge_is_mean_squared_error_plus_the_penalty_on_all_but_the_intercept():
    data = training()
    x, y = data.train.x, data.train.y
    fitted = LinearRegression(l2=0.3).fit(data, 0, Silent())
    wide = np.column_stack([np.ones(len(x)), x])
    penalty = len(y) * 0.3 * np.diag([0, 1, 1, 1, 1])
    expected = np.linalg.solve(wide.T @ wide + penalty, wide.T @ y)
    assert fitted.coefficients().values[0] == pytest.approx(expected, rel=1e-10)
    assert fitted.coefficients().root is None


def test_collinear_columns_are_left_out_and_named_and_never_shared_between_twins():
    data = training()
    x = np.column_stack([data.train.x, data.train.x[:, 0] + data.train.x[:, 1], np.zeros(len(data.train.x))])
    wide = TrainingData(Matrix(x, data.train.y), None, "number", (*data.features, "sum", "nothing"))
    fitted = LinearRegression().fit(wide, 0, Silent())
    plain = LinearRegression().fit(data, 0, Silent())
    assert list(fitted.coefficients().aliased) == [False] * 5 + [True] * 2
    assert fitted.coefficients().values[0][:5] == pytest.approx(plain.coefficients().values[0], rel=1e-9)
    assert "sum, nothing" in str(fitted.facts()["warnings"][0])


def test_the_first_of_two_equal_columns_is_kept():
    x = np.random.default_rng(0).normal(size=(20, 3))
    r = np.linalg.qr(np.column_stack([x[:, :2], x[:, 0], x[:, 2:]]))[1]
    assert list(independent(r)) == [0, 1, 3]


def test_almost_collinear_columns_say_how_many_digits_hold():
    data = training()
    twin = data.train.x[:, 0] + 1e-9 * np.random.default_rng(0).normal(size=len(data.train.x))
    wide = TrainingData(
        Matrix(np.column_stack([data.train.x, twin]), data.train.y), None, "number", (*data.features, "twin")
    )
    facts = LinearRegression().fit(wide, 0, Silent()).facts()
    assert facts["condition"] > 1e8
    assert any("digits" in str(warning) for warning in facts["warnings"])


def test_more_columns_than_rows_is_said_and_has_no_standard_errors():
    chance = np.random.default_rng(0)
    x = chance.normal(size=(10, 30))
    data = TrainingData(Matrix(x, chance.normal(size=10)), None, "number", tuple(f"x{i}" for i in range(30)))
    fitted = LinearRegression().fit(data, 0, Silent())
    assert fitted.coefficients().root is None
    assert any("as many coefficients" in str(warning) for warning in fitted.facts()["warnings"])
    assert fitted.predict(x) == pytest.approx(data.train.y)


def test_descent_reaches_the_exact_answer():
    data = training()
    exact = LinearRegression().fit(data, 0, Silent())
    walked = LinearRegression(solver="descent").fit(data, 0, Silent())
    assert walked.coefficients().values == pytest.approx(exact.coefficients().values, rel=1e-9)
    assert walked.facts()["distance_to_exact"] < 1e-7
    ridge = LinearRegression(solver="descent", l2=0.2).fit(data, 0, Silent())
    assert ridge.coefficients().values == pytest.approx(
        LinearRegression(l2=0.2).fit(data, 0, Silent()).coefficients().values, rel=1e-9
    )


def test_too_large_a_rate_diverges_and_the_suggested_one_converges():
    data = training()
    wild = LinearRegression(solver="descent", learning_rate=3.0).fit(data, 0, Silent())
    facts = wild.facts()
    assert facts["state"] == "diverged"
    assert np.isfinite(wild.predict(data.train.x)).all()
    calm = LinearRegression(solver="descent", learning_rate=facts["suggested_learning_rate"])
    assert calm.fit(data, 0, Silent()).facts()["state"] == "finished"


def test_a_constant_target_is_refused():
    data = TrainingData(Matrix(np.ones((5, 1)), np.full(5, 3.0)), None, "number", ("x",))
    with pytest.raises(BadInput, match="same value"):
        LinearRegression().fit(data, 0, Silent())


def test_a_polynomial_of_the_fifth_degree_keeps_its_digits(tmp_path):
    """NIST Wampler1: y = 1 + x + ... + x^5 exactly, for x from 0 to 20."""
    x = np.arange(21.0)
    columns = {f"x{power}": x**power for power in range(1, 6)}
    engine = DuckEngine()
    stored = table({**columns, "y": sum(columns.values()) + 1}, tmp_path, engine)
    spec = FitSpec(
        target="y", features=tuple(columns), model={"kind": "linear_regression"}, split=Split(test_share=0)
    )
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    for row in result.coefficients:
        assert digits(row["value"], 1.0) > 8, row["name"]
        assert row["se"] < 1e-8
