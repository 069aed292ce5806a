"""Error bars of means, and trends along steps: against scipy and statsmodels on the same rows."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.api as sm
from scipy import stats

from core.charts import Bar, Line
from core.charts.drawing import notes
from core.contracts import Engine, Table
from core.errors import BadParameter
from tests.charts.test_doors import Build


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    days = pd.date_range("2023-01-01", "2024-06-30", freq="D").repeat(2)
    found = pd.DataFrame({"day": days, "side": rng.choice(["left", "right"], len(days))})
    month = (found["day"].dt.year - 2023) * 12 + found["day"].dt.month - 1
    found["price"] = 50 + 2.0 * month * (found["side"] == "left") + rng.normal(0, 9, len(days))
    found.loc[found.index % 13 == 0, "price"] = np.nan
    found.loc[(found["day"].dt.month == 3) & (found["day"].dt.year == 2023), "price"] = np.nan
    return found.astype({"day": "datetime64[us]"})


@pytest.fixture
def table(frame: pd.DataFrame, table_of: Build) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def line(**more: Any) -> Line:
    return Line(x="day", y="price", aggregation="mean", grain="month", colour="side", **more)


def test_error_bars_of_steps_and_dots_are_student_s(
    frame: pd.DataFrame, table: Table, engine: Engine
) -> None:
    month = frame["day"].dt.to_period("M").dt.start_time
    data = line(errors=True).data(table, engine)
    assert any(row["error"] is None for row in data.to_pylist())
    for row in data.to_pylist():
        own = frame[(month == pd.Timestamp(row["x"])) & (frame["side"] == row["colour"])]["price"].dropna()
        if len(own) < 2:
            assert row["error"] is None
            continue
        low, high = stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own))
        assert (row["value"] - row["error"], row["value"] + row["error"]) == pytest.approx((low, high))
    drawn = line(errors=True).figure(data)
    assert [len(trace.error_y.array) for trace in drawn.data] == [18, 18]
    dots = Bar(x="side", y="price", aggregation="mean", errors=True, look="dots", run="to the right")
    (trace,) = dots.figure(dots.data(table, engine)).data
    own = frame[frame["side"] == "left"]["price"].dropna()
    at = trace.hovertext[0].startswith("right")
    assert (trace.type, trace.mode) == ("scatter", "markers")
    assert trace.x[int(at)] == pytest.approx(own.mean())
    assert trace.error_x.array[int(at)] == pytest.approx(stats.sem(own) * stats.t.ppf(0.975, len(own) - 1))
    assert "t(0.975, n" in str(dots.describe(dots.data(table, engine)))


@pytest.mark.parametrize("log", [False, True])
def test_a_trend_of_steps_is_least_squares(
    log: bool, frame: pd.DataFrame, table: Table, engine: Engine
) -> None:
    chart = line(trend=True, log_y=log)
    data = chart.data(table, engine)
    figure = chart.figure(data)
    months = sorted(frame["day"].dt.to_period("M").unique())
    for told in notes(data)["trend"]:
        name = told["groups"]["colour"][0]
        rows = [row for row in data.to_pylist() if row["colour"] == name and row["value"] is not None]
        x = np.array([months.index(pd.Period(row["x"], "M")) for row in rows], float)
        y = np.array([row["value"] for row in rows])
        fit = sm.OLS(np.log10(y) if log else y, sm.add_constant(x)).fit()
        assert told["n"] == len(rows) == 17
        assert told["slope"] == pytest.approx(fit.params[1])
        band, middle = [t for t in figure.data if t.name == name and not t.customdata]
        ends = fit.get_prediction(sm.add_constant(np.arange(18.0))).conf_int()
        ends = 10**ends if log else ends
        assert list(band.y[:18]) == pytest.approx(list(ends[:, 1]))
        assert list(band.y[18:]) == pytest.approx(list(ends[::-1, 0]))
        assert len(middle.x) == 18
        low = fit.conf_int()[1][0]
        words = str(chart.describe(data))
        assert f"for each month, r {np.sign(fit.params[1]) * fit.rsquared**0.5:.3f}, 17 steps" in words
        assert f"({10**low if log else low:.3f}"[:5] in words


def test_what_has_no_interval_says_so(table: Table, engine: Engine) -> None:
    for more in ({"show": "change"}, {"rolling": 3}):
        with pytest.raises(BadParameter, match="no error bars"):
            line(errors=True, **more).check(table.columns)
    with pytest.raises(BadParameter, match="belong to means"):
        Line(x="day", errors=True).check(table.columns)
    short = Line(x="day", grain="year", trend=True)
    assert "1 line has no trend" in str(short.describe(short.data(table, engine)))


def test_lying_bars_are_the_same_bars(table: Table, engine: Engine) -> None:
    more: dict[str, Any] = {"bars": "side by side", "lines": [{"what": "mean"}], "aggregation": "sum"}
    up, lying = (
        Bar(x="side", y="price", colour="side", run=run, **more)
        for run in ("upwards", "to the right")
    )  # fmt: skip
    data = lying.data(table, engine)
    assert data.to_pylist() == up.data(table, engine).to_pylist()
    standing, flat = up.figure(data), lying.figure(data)
    assert [(t.x, t.y) for t in standing.data] == [(t.y, t.x) for t in flat.data]
    assert [list(t.customdata) for t in flat.data] == [list(t.customdata) for t in standing.data]
    assert {t.orientation for t in flat.data} == {"h"}
    assert lying.region(data, (0, 1), (-0.5, 0.5)) == up.region(data, (-0.5, 0.5), None)
    (rule,) = lying.figure(lying.data(table, engine)).layout.shapes
    assert rule.x0 == rule.x1 == pytest.approx(np.mean([t.x[0] for t in flat.data]))
    json.dumps(flat.to_plotly_json(), default=str)
