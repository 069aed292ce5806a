"""The reference sets of NIST through the whole fit: table, encoding, least squares, units of the table."""

from __future__ import annotations

import numpy as np
import pytest

from core.contracts import Silent
from core.engine.duckdb import DuckEngine
from core.fitting import FitSpec, Split, fit
from tests.models.data import table
from tests.models.nist import SETS


def digits(value: float, certified: float) -> float:
    """How many digits agree (the log relative error of McCullough 1998), 15 at most."""
    away = abs(value - certified) / abs(certified) if certified else abs(value)
    return min(15.0, -np.log10(max(away, 1e-15)))


DIGITS = {"Wampler1": 9, "Wampler2": 9, "Wampler3": 9, "Wampler4": 7.9, "Wampler5": 5.9}
# coefficients; 10 for the others


@pytest.mark.parametrize("name", SETS)
def test_a_reference_set_has_its_digits(name, tmp_path):
    known = SETS[name]
    engine = DuckEngine()
    columns = {f"x{k}": known.x**k for k in range(1, known.degree + 1)}
    stored = table({**columns, "y": known.y}, tmp_path, engine)
    spec = FitSpec(
        target="y", task="number", features=tuple(columns), split=Split(test_share=0),
        model={"kind": "linear_regression", "intercept": known.intercept},
    )  # fmt: skip
    result = fit(spec, stored, engine, Silent(), tmp_path / "model")
    found = {row["name"]: row for row in result.coefficients}
    names = [*(["intercept"] if known.intercept else []), *columns]
    assert list(found) == names
    right = [digits(found[n]["value"], value) for n, value in zip(names, known.values, strict=True)]
    assert min(right) >= DIGITS.get(name, 10), right
    if any(known.errors):
        sure = [digits(found[n]["se"], error) for n, error in zip(names, known.errors, strict=True)]
        assert min(sure) >= 10, sure
