"""Intervals of coefficients against statsmodels' own."""

import numpy as np
import pytest
import statsmodels.api as sm

from core.evaluate.coefficients import with_intervals


@pytest.fixture
def design() -> tuple[np.ndarray, np.random.Generator]:
    chance = np.random.default_rng(4)
    return sm.add_constant(chance.normal(size=(12, 2))), chance


def rows(fit: object) -> list[dict[str, object]]:
    return [
        {"name": str(i), "value": float(v), "se": float(s)}
        for i, (v, s) in enumerate(zip(fit.params, fit.bse, strict=True))  # type: ignore[attr-defined]
    ]


def test_least_squares_has_students_interval(design) -> None:
    x, chance = design
    fit = sm.OLS(x @ [1, 2, 3] + chance.normal(size=12), x).fit()
    found = with_intervals(rows(fit), degrees_of_freedom=9)
    np.testing.assert_allclose([[r["low"], r["high"]] for r in found], fit.conf_int(), rtol=1e-10)
    np.testing.assert_allclose([r["ratio"] for r in found], fit.tvalues, rtol=1e-10)


def test_maximum_likelihood_has_walds_interval(design) -> None:
    x, chance = design
    fit = sm.Logit(chance.integers(0, 2, 12), x).fit(disp=0)
    found = with_intervals(rows(fit))
    np.testing.assert_allclose([[r["low"], r["high"]] for r in found], fit.conf_int(), rtol=1e-10)


@pytest.mark.parametrize(
    "row", [{"value": None, "se": None}, {"value": 1.0, "se": None}, {"value": 1.0, "se": 0.0}]
)
def test_what_has_no_standard_error_has_no_interval(row: dict[str, float | None]) -> None:
    (found,) = with_intervals([{"name": "x", **row}])
    assert (found["low"], found["high"], found["ratio"]) == (None, None, None)
