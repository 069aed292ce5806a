"""Maximum likelihood against statsmodels and scikit-learn; separation is found and explained."""

import numpy as np
import pytest
import statsmodels.api as sm

from core.contracts import Matrix, Silent, TrainingData
from core.engine.duckdb import DuckEngine
from core.fitting import FitSpec, Split, fit
from core.models import likelihood
from core.models.logistic import LogisticRegression
from tests.models.data import table, training


def test_spector_agrees_with_statsmodels_to_ten_digits(tmp_path):
    data = sm.datasets.spector.load_pandas()
    oracle = sm.Logit(data.endog, sm.add_constant(data.exog)).fit(disp=0, tol=1e-14)
    engine = DuckEngine()
    frame = data.data
    stored = table({name: frame[name].to_numpy() for name in frame}, tmp_path, engine)
    spec = FitSpec(target="GRADE", model={"kind": "logistic_regression"}, split=Split(test_share=0))
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    assert result.task == "category"
    names = [row["name"] for row in result.coefficients]
    assert names == ["intercept", "GPA", "TUCE", "PSI"]
    assert [row["value"] for row in result.coefficients] == pytest.approx(oracle.params, rel=1e-10)
    assert [row["se"] for row in result.coefficients] == pytest.approx(oracle.bse, rel=1e-10)
    assert result.facts["log_likelihood"] == pytest.approx(oracle.llf, rel=1e-12)
    # as published: Greene, Econometric Analysis, table 21.1
    assert [round(row["value"], 3) for row in result.coefficients] == [-13.021, 2.826, 0.095, 2.379]


def test_several_classes_agree_with_statsmodels(tmp_path):
    data = sm.datasets.anes96.load_pandas()
    x, y = data.exog.to_numpy(), data.endog.to_numpy().astype(int)
    oracle = sm.MNLogit(y, sm.add_constant(x)).fit(disp=0, method="newton", tol=1e-14, maxiter=100)
    engine = DuckEngine()
    columns = {f"x{i}": x[:, i] for i in range(x.shape[1])}
    stored = table({**columns, "party": y}, tmp_path, engine)
    spec = FitSpec(target="party", model={"kind": "logistic_regression"}, split=Split(test_share=0))
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    values = np.array([row["value"] for row in result.coefficients]).reshape(6, -1)
    errors = np.array([row["se"] for row in result.coefficients]).reshape(6, -1)
    assert pytest.approx(np.asarray(oracle.params), rel=1e-8) == values.T
    assert pytest.approx(np.asarray(oracle.bse), rel=1e-8) == errors.T
    assert [row["class"] for row in result.coefficients][:: values.shape[1]] == ["1", "2", "3", "4", "5", "6"]


def test_ridge_agrees_with_scikit_learn():
    from sklearn.linear_model import LogisticRegression as Oracle

    data = training("category")
    x, y = data.train.x, data.train.y
    fitted = LogisticRegression(l2=0.05).fit(data, 0, Silent())
    # their C weighs the summed loss against half the squares
    oracle = Oracle(C=1 / (2 * 0.05 * len(y)), tol=1e-12, solver="newton-cholesky").fit(x, y)
    assert fitted.coefficients().values[0, 1:] == pytest.approx(oracle.coef_[0], rel=1e-6)
    assert fitted.predict(x) == pytest.approx(oracle.predict_proba(x), rel=1e-6)


def test_descent_reaches_the_exact_answer():
    data = training("category", classes=3)
    exact = LogisticRegression().fit(data, 0, Silent())
    walked = LogisticRegression(solver="descent", epochs=1000, learning_rate=3.0).fit(data, 0, Silent())
    assert walked.coefficients().values == pytest.approx(exact.coefficients().values, rel=1e-5)


def test_quasi_newton_for_very_many_coefficients_ends_where_newton_ends(monkeypatch):
    data = training("category", classes=3)
    newton = LogisticRegression().fit(data, 0, Silent())
    monkeypatch.setattr(likelihood, "LARGE", 3)
    walked = likelihood.maximise(data.train.x, data.train.y, 3, True, 0.0, Silent())
    assert walked.root is None
    assert walked.b == pytest.approx(newton.coefficients().values, rel=1e-4)


def test_complete_separation_is_proven_and_explained():
    x = np.linspace(-1, 1, 60)[:, None]
    data = TrainingData(Matrix(x, (x[:, 0] > 0.3).astype(int)), None, "category", ("x",), ("no", "yes"))
    fitted = LogisticRegression().fit(data, 0, Silent())
    assert fitted.facts()["separated"]
    assert any("separated" in str(w) and "L2" in str(w) for w in fitted.facts()["warnings"])
    assert fitted.coefficients().root is None
    assert (fitted.predict(x).argmax(axis=1) == data.train.y).all()
    calm = LogisticRegression(l2=0.01).fit(data, 0, Silent())
    assert not calm.facts()["separated"]
    assert np.abs(calm.coefficients().values).max() < 10


def test_one_separating_column_does_not_cost_the_others_their_standard_errors():
    data = training("category")
    x, y = data.train.x, data.train.y
    rare = np.zeros(len(y))
    rare[np.flatnonzero(y == 1)[:3]] = 1
    wide = TrainingData(
        Matrix(np.column_stack([x, rare]), y), None, "category", (*data.features, "rare"), data.classes
    )
    fitted = LogisticRegression().fit(wide, 0, Silent())
    found = fitted.coefficients()
    assert fitted.facts()["separated"]
    assert list(found.loose[0]) == [False] * 5 + [True]
    assert "(rare)" in str(fitted.facts()["warnings"][0])
    # the rows that the rare column explains wholly tell nothing about the others
    rest = rare == 0
    plain = TrainingData(Matrix(x[rest], y[rest]), None, "category", data.features, data.classes)
    expected = LogisticRegression().fit(plain, 0, Silent()).coefficients()
    assert found.values[0, :5] == pytest.approx(expected.values[0], rel=1e-7)
    errors = np.linalg.norm(found.root, axis=1)[:5]
    assert errors == pytest.approx(np.linalg.norm(expected.root, axis=1), rel=1e-6)


def test_overlapping_classes_are_not_called_separated():
    data = training("category")
    fitted = LogisticRegression().fit(data, 0, Silent())
    assert not fitted.facts()["separated"]
    assert fitted.facts()["converged"]
    assert fitted.facts()["warnings"] == []


def test_collinear_columns_are_left_out():
    data = training("category")
    x = np.column_stack([data.train.x, data.train.x[:, 0] * 2])
    wide = TrainingData(Matrix(x, data.train.y), None, "category", (*data.features, "double"), data.classes)
    fitted = LogisticRegression().fit(wide, 0, Silent())
    plain = LogisticRegression().fit(data, 0, Silent())
    assert list(fitted.coefficients().aliased) == [False] * 5 + [True]
    assert fitted.predict(x) == pytest.approx(plain.predict(data.train.x), rel=1e-8)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_gradient_and_the_hessian_are_those_of_finite_differences(classes):
    data = training("category", rows=60, classes=classes)
    kept = np.arange(5)
    penalty = np.array([0, 0.3, 0.3, 0.3, 0.3])
    problem = likelihood._Problem(data.train.x, data.train.y, classes, True, kept, penalty, Silent())
    b = np.random.default_rng(0).normal(size=(classes - 1, 5))
    _, gradient, hessian = problem.at(b, hessian=True)
    step = 1e-5
    for i in range(b.size):
        away = np.zeros(b.size)
        away[i] = step
        up, up_gradient, _ = problem.at(b + away.reshape(b.shape), hessian=False)
        down, down_gradient, _ = problem.at(b - away.reshape(b.shape), hessian=False)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-6)
        assert hessian[i] == pytest.approx((up_gradient - down_gradient) / (2 * step), rel=1e-5, abs=1e-6)
