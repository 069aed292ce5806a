"""What least squares says of itself, against statsmodels, certified values and algebra."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.stats.outliers_influence import OLSInfluence, variance_inflation_factor
from statsmodels.stats.stattools import durbin_watson

from core.contracts import Matrix, Silent
from core.models import inference
from core.models.inference import infer
from core.models.least_squares import solve

ROWS = 300


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Columns that go together, errors that spread with one of them, and a row far from the others."""
    chance = np.random.default_rng(3)
    x = chance.normal(size=(ROWS, 4))
    x[:, 1] += 2 * x[:, 0]
    x[7] = [6, -8, 5, 0]
    y = 3 + x @ [1.0, -2.0, 0.5, 0.0] + chance.normal(size=ROWS) * (0.5 + np.abs(x[:, 2]))
    return x, y


def found(data, intercept=True, errors="classical"):
    x, y = data
    solution = solve(x, y, intercept, 0.0, Silent())
    return solution, infer(Matrix(x, y), solution, intercept, errors, Silent())


def reference(data, intercept=True):
    x, y = data
    return sm.OLS(y, sm.add_constant(x) if intercept else x).fit()


@pytest.mark.parametrize("blocks", [1, 7])
@pytest.mark.parametrize("intercept", [True, False])
def test_the_whole_fit_agrees_with_statsmodels(data, intercept, blocks, monkeypatch):
    rows = [slice(i, i + math.ceil(ROWS / blocks)) for i in range(0, ROWS, math.ceil(ROWS / blocks))]

    def cut(x, constant):
        wide = sm.add_constant(x) if constant else x
        return ((slice(part.start, min(part.stop, ROWS)), wide[part]) for part in rows)

    monkeypatch.setattr(inference, "design", cut)
    theirs = reference(data, intercept)
    _, ours = found(data, intercept)
    told = ours.statistics
    expected = {
        "r2": theirs.rsquared, "adjusted_r2": theirs.rsquared_adj,
        "f": theirs.fvalue, "f_p": theirs.f_pvalue, "degrees_of_freedom": theirs.df_resid,
        "log_likelihood": theirs.llf, "aic": theirs.aic, "bic": theirs.bic,
        "durbin_watson": durbin_watson(theirs.resid), "residual_standard_error": math.sqrt(theirs.mse_resid),
    }  # fmt: skip
    if intercept:
        expected["breusch_pagan"], expected["breusch_pagan_p"] = het_breuschpagan(
            theirs.resid, theirs.model.exog
        )[:2]
    for name, value in expected.items():
        assert told[name] == pytest.approx(value, rel=1e-9), name
    np.testing.assert_allclose(ours.root @ ours.root.T, theirs.cov_params(), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("errors", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_errors_agree_with_statsmodels(data, errors):
    theirs = reference(data).get_robustcov_results(errors, use_t=True)
    _, ours = found(data, errors=errors)
    np.testing.assert_allclose(ours.root @ ours.root.T, theirs.cov_params(), rtol=1e-9, atol=1e-15)
    assert ours.statistics["f"] == pytest.approx(float(theirs.fvalue), rel=1e-9)


def test_influence_and_inflation_agree_with_statsmodels(data):
    theirs = reference(data)
    influence = OLSInfluence(theirs)
    solution, ours = found(data)
    exog = theirs.model.exog
    expected = [variance_inflation_factor(exog, i) for i in range(1, exog.shape[1])]
    assert math.isnan(ours.vif[0])
    np.testing.assert_allclose(ours.vif[1:], expected, rtol=1e-9)
    distance = influence.cooks_distance[0]
    order = np.argsort(-distance)[: inference.PULLING]
    assert [row["row"] for row in ours.pulling] == order.tolist()
    np.testing.assert_allclose([row["cook"] for row in ours.pulling], distance[order], rtol=1e-9)
    np.testing.assert_allclose(
        [row["leverage"] for row in ours.pulling], influence.hat_matrix_diag[order], rtol=1e-9
    )
    np.testing.assert_allclose(
        [row["studentised"] for row in ours.pulling], influence.resid_studentized_internal[order], rtol=1e-9
    )
    assert ours.statistics["far_rows"] == int((distance > 4 / ROWS).sum())
    assert ours.statistics["high_leverage_rows"] == int((influence.hat_matrix_diag > 10 / ROWS).sum())
    assert len(solution.kept) == 5


def test_columns_left_out_have_no_inflation_and_change_nothing(data):
    x, y = data
    twin = np.column_stack([x, x[:, 0] + x[:, 1]])
    _, plain = found(data)
    _, ours = found((twin, y))
    assert math.isnan(ours.vif[5])
    assert ours.statistics == pytest.approx(plain.statistics, rel=1e-8)


def test_a_row_that_decides_a_coefficient_alone_is_left_out_of_robust_errors_and_told(data):
    x, y = data
    alone = np.column_stack([x, np.arange(ROWS) == 5])
    _, ours = found((alone, y), errors="HC3")
    assert [warning.values["count"] for warning in ours.warnings] == [1]
    rest = np.delete(np.arange(ROWS), 5)
    theirs = sm.OLS(y[rest], sm.add_constant(x[rest])).fit().get_robustcov_results("HC3")
    np.testing.assert_allclose((ours.root @ ours.root.T)[:5, :5], theirs.cov_params(), rtol=1e-6, atol=1e-12)


def test_a_perfect_fit_has_no_infinite_numbers():
    x = np.arange(21.0)[:, None]
    _, ours = found((x, 1 + x[:, 0]))
    assert ours.statistics["r2"] == pytest.approx(1)
    assert all(value is None or math.isfinite(value) for value in ours.statistics.values())


def test_rows_are_named_as_the_table_counts_them(data):
    x, y = data
    solution = solve(x, y, True, 0.0, Silent())
    told = infer(Matrix(x, y, np.arange(ROWS) * 10), solution, True, "classical", Silent())
    assert 70 in [row["row"] for row in told.pulling]
