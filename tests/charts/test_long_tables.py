"""What charts say of tables too long to look at every row: proposed, then counted, and never kept quiet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.charts import Bar, Correlation, grouping
from core.charts.drawing import notes
from core.charts.grouping import spread
from core.contracts import Engine, Table
from core.engine.duckdb import DuckEngine

Build = Callable[..., Table]
ROWS = 60_000


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are long from 10,000 rows on."""
    for name, value in {"COUNTED_ROWS": 10_000, "SAMPLED_ROWS": 6_000, "FEW_VALUES": 500}.items():
        monkeypatch.setattr(grouping, name, value)


def table(table_of: Build, frame: pd.DataFrame) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def categories(frequent: bool) -> pd.DataFrame:
    """20,000 names: all about as frequent, or by Zipf's law."""
    rng = np.random.default_rng(4)
    drawn = rng.zipf(1.3, ROWS) % 20_000 if frequent else rng.integers(0, 20_000, ROWS)
    return pd.DataFrame({"x": [f"a rather long name {i}" for i in drawn], "y": rng.random(ROWS)})


@pytest.mark.usefixtures("long")
def test_frequent_categories_of_a_long_table_are_the_most_frequent_with_exact_numbers(
    table_of: Build, engine: Engine
) -> None:
    frame = categories(frequent=True)
    chart = Bar(x="x", y="y", aggregation="sum", top=8)
    data = chart.data(table(table_of, frame), engine)
    got, counts = data.to_pandas(), frame["x"].value_counts()
    assert set(got["x"][:8]) == set(counts.index[:8])
    sums = frame.groupby("x")["y"].sum()
    for row in got[:8].itertuples():
        assert row.value == pytest.approx(sums[row.x])
        assert row.rows == counts[row.x]
    assert got["value"].sum() == pytest.approx(frame["y"].sum()), "the others are all other rows"
    assert "may be as frequent" not in str(chart.describe(data))


@pytest.mark.usefixtures("long")
def test_where_others_may_be_as_frequent_the_chart_says_so(table_of: Build, engine: Engine) -> None:
    frame = categories(frequent=False)
    chart = Bar(x="x", top=8, rest=False)
    data = chart.data(table(table_of, frame), engine)
    counts = frame["x"].value_counts()
    assert all(row.value == counts[row.x] for row in data.to_pandas().itertuples()), "exact all the same"
    words = str(chart.describe(data))
    assert "the most frequent of 6,000 rows evenly spread over all" in words
    assert "Many more categories are not shown." in words


@pytest.mark.usefixtures("long")
def test_few_categories_of_a_long_table_are_all_counted(table_of: Build, engine: Engine) -> None:
    frame = pd.DataFrame({"x": np.arange(ROWS) % 300})
    data = Bar(x="x", top=8).data(table(table_of, frame), engine)
    assert data.column("x").to_pylist()[-1] == "other (292 values)"


@pytest.mark.parametrize("period", [2, 7, 10, 24, 100, 365])
def test_rows_evenly_spread_keep_no_rhythm(period: int, table_of: Build, engine: DuckEngine) -> None:
    some = spread(ROWS, 6_000)
    assert some is not None
    query = table_of(i=np.arange(ROWS)).query.where(some)
    rows = engine.rows(query).column("i").to_numpy()
    assert len(rows) == pytest.approx(6_000, rel=0.01)
    assert np.diff(rows).max() <= 30, "nowhere far from one"
    shares = np.bincount(rows % period, minlength=period) / len(rows) * period
    assert shares.min() > 0.5
    assert shares.max() < 1.5
    assert spread(6_000, 6_000) is None


def relations() -> pd.DataFrame:
    """Columns that go together straight, bent, across each other, and not at all."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=ROWS)
    cross = np.where(rng.random(ROWS) < 0.5, x, -x)
    return pd.DataFrame(
        {"x": x, "bent": np.exp(x) + rng.random(ROWS), "cross": cross, "noise": rng.normal(size=ROWS),
         "ties": rng.integers(0, 4, ROWS)}
    )  # fmt: skip


def test_ranks_of_some_rows_are_as_near_to_all_rows_as_is_said(
    table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Correlation, "RANKED_ROWS", 6_000)
    frame = relations()
    chart = Correlation(method="spearman")
    data = chart.data(table(table_of, frame), engine)
    words = str(chart.describe(data))
    assert f"Measured on {notes(data)['looked']:,} rows evenly spread over all 60,000." in words
    error = float(words.split("to within ")[1].rstrip("."))
    assert 0.03 < error < 0.04
    expected = frame.corr(method="spearman")
    for row in data.to_pandas().itertuples():
        assert row.correlation == pytest.approx(expected.loc[row.first, row.second], abs=error)


def test_many_pairs_of_long_columns_are_measured_on_some_rows(
    table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Correlation, "RANKED_ROWS", 6_000)
    monkeypatch.setattr(Correlation, "PAIRED_ROWS", 60_000)
    frame = relations()
    chart = Correlation()
    data = chart.data(table(table_of, frame), engine)
    assert notes(data)["looked"] == pytest.approx(6_000, rel=0.01)
    assert "rows evenly spread over all 60,000" in str(chart.describe(data))
    assert "evenly spread" in chart.figure(data).layout.title.text
