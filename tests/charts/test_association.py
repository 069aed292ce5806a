"""The correlation of mixed columns, recomputed with scipy, statsmodels and pandas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy.stats import chi2_contingency

from core.charts import Correlation
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture(scope="module")
def penguins() -> pd.DataFrame:
    return pd.read_csv(SAMPLES / "palmerpenguins_penguins.csv.gz")


def whole(table_of: Build, frame: pd.DataFrame) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def bergsma(a: pd.Series, b: pd.Series) -> float:
    """Cramér's V with Bergsma's correction, from scipy's test of the cross table."""
    table = pd.crosstab(a, b)
    square = chi2_contingency(table, correction=False).statistic
    n, (r, k) = table.to_numpy().sum(), table.shape
    phi = max(0.0, square / n - (r - 1) * (k - 1) / (n - 1))
    return float(np.sqrt(phi / (min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1)))


def eta(frame: pd.DataFrame, category: str, number: str) -> float:
    """The root of the share of the variance that the categories' means explain, by statsmodels."""
    own = frame.dropna(subset=[category, number])
    means = pd.get_dummies(own[category], dtype=float)
    return float(np.sqrt(sm.OLS(own[number].astype(float), means).fit().rsquared))


def compared(data: pa.Table, frame: pd.DataFrame, method: str) -> int:
    numbers, seen = frame.select_dtypes("number"), 0
    for row in data.to_pylist():
        a, b = row["first"], row["second"]
        if a == b:
            assert row["correlation"] == pytest.approx(1.0)
            continue
        assert row["rows"] == len(frame.dropna(subset=[a, b]))
        categories = [name for name in (a, b) if name not in numbers]
        if not categories:
            assert row["measure"] == method
            expected = frame[a].corr(frame[b], method=method)
        elif len(categories) == 2:
            assert row["measure"] == "Cramér's V"
            expected = bergsma(frame[a], frame[b])
        else:
            assert row["measure"] == "correlation ratio"
            expected = eta(frame, categories[0], a if b in categories else b)
        assert row["correlation"] == pytest.approx(expected, rel=1e-9), (a, b)
        seen += 1
    return seen


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_each_pair_has_the_measure_of_its_types(
    method: str, penguins: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    chart = Correlation(categories=True, method=method)  # type: ignore[arg-type]
    data = chart.data(whole(table_of, penguins), engine)
    assert compared(data, penguins, method) == 8 * 7
    words = str(chart.describe(data))
    assert "(correlation ratio)" in words
    assert "(Cramér's V)" in words
    assert "no direction" in words
    hover = chart.figure(data).data[0].hovertext
    assert any("Cramér's V" in text for line in hover for text in line)


def test_chosen_categories_of_a_filtered_table(
    penguins: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = selected(whole(table_of, penguins), Selection.of(Within(column="year", low=2008)))
    chart = Correlation(columns=("species", "island", "body_mass_g"))
    assert compared(chart.data(table, engine), penguins[penguins["year"] >= 2008], "pearson") == 6


def test_independent_categories_go_together_by_nothing(table_of: Build, engine: Engine) -> None:
    rng = np.random.default_rng(3)
    table = table_of(
        a=[f"a{i}" for i in rng.integers(0, 20, 400)], b=[f"b{i}" for i in rng.integers(0, 20, 400)]
    )
    data = Correlation(columns=("a", "b")).data(table, engine).to_pandas()
    strength = data.loc[(data["first"] == "a") & (data["second"] == "b"), "correlation"].iloc[0]
    assert strength < 0.1, "uncorrected, chance alone would give about 0.22"


def test_rare_values_are_put_together_and_it_is_said(table_of: Build, engine: Engine) -> None:
    rng = np.random.default_rng(5)
    many = np.minimum(rng.zipf(1.5, 5_000), 400)
    frame = pd.DataFrame({"many": [f"v{i}" for i in many], "two": np.where(many % 2 == 0, "even", "odd")})
    chart = Correlation(columns=("many", "two"))
    data = chart.data(whole(table_of, frame), engine)
    assert notes(data)["folded"] == ["many"]
    assert "Of many the 50 most frequent values count" in str(chart.describe(data))
    assert notes(Correlation(categories=True).data(whole(table_of, frame), engine))["folded"] == []


def test_categories_that_do_not_vary_have_no_strength(table_of: Build, engine: Engine) -> None:
    table = table_of(a=["x"] * 5, b=list("ababa"), n=[1.0, 2, 3, 4, 5], c=[2.0] * 5)
    data = Correlation(columns=("a", "b", "n", "c")).data(table, engine).to_pandas()
    none = data[(data["first"] != data["second"]) & data["first"].isin(["a", "c"])]
    assert none["correlation"].isna().all()


def test_pairs_count_the_rows_that_have_both(table_of: Callable[..., Table], engine: Engine) -> None:
    """Of two columns with gaps in other rows, of one gap and none, and of two that are whole."""
    frame = pd.DataFrame(np.random.default_rng(2).normal(size=(400, 4)), columns=list("abcd"))
    frame.loc[::7, "a"], frame.loc[::5, "b"] = np.nan, np.nan
    data = Correlation(columns=("a", "b", "c", "d")).data(
        table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine
    )
    for row in data.to_pylist():
        both = frame[list(dict.fromkeys((row["first"], row["second"])))].dropna()
        assert row["rows"] == len(both), row
        assert row["correlation"] == pytest.approx(frame[row["first"]].corr(frame[row["second"]]))
