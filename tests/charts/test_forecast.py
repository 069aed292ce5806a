"""Forecasts: intervals against algebra and statsmodels, the test against a naive guess done by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import SimpleExpSmoothing

from core.charts import Forecast, smoothing
from core.charts.drawing import notes
from core.charts.smoothing import Form
from core.contracts import Engine, Table
from core.selection import Selection, Within, selected

Build = Callable[..., Table]


def monthly(months: int, seed: int = 3, trend: float = 0.6, swing: float = 12.0) -> pd.Series:
    at = pd.date_range("1958-03-01", periods=months, freq="MS").astype("datetime64[us]")
    x = np.arange(months)
    noise = np.random.default_rng(seed).normal(0, 2, months)
    return pd.Series(80 + trend * x + swing * np.sin(2 * np.pi * x / 12) + noise, at)


def daily_rows(series: pd.Series) -> pd.DataFrame:
    """Each month's value spread over two rows a day, which add up to it again."""
    parts = [
        pd.DataFrame({"at": np.repeat(pd.date_range(month, periods=month.days_in_month), 2),
                      "y": value / month.days_in_month / 2})
        for month, value in series.items()
    ]  # fmt: skip
    frame = pd.concat(parts, ignore_index=True)
    return frame.astype({"at": "datetime64[us]"})


def table(table_of: Build, frame: pd.DataFrame) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


@pytest.mark.parametrize(
    "form",
    [Form(), Form(trend=True), Form(trend=True, damped=True), Form(trend=True, season=12), Form(season=12)],
)
def test_intervals_are_those_of_the_formula(form: Form) -> None:
    """With additive errors the spread h steps ahead is sigma times the root of 1 + the sum of c_j squared."""
    y = monthly(120).to_numpy()
    told = smoothing.ahead(y, form, 18)
    assert told is not None
    found = smoothing.fit(y / smoothing.size(y), form)
    names = dict(zip(found.param_names, found.params, strict=True))
    alpha, beta = names["smoothing_level"], names.get("smoothing_trend", 0.0)
    gamma, phi = names.get("smoothing_seasonal", 0.0), names.get("damping_trend", 1.0)
    sigma = np.sqrt(np.mean(np.asarray(found.resid) ** 2)) * smoothing.size(y)
    c = [
        alpha
        + beta * sum(phi**k for k in range(1, j + 1))
        + (gamma if form.season > 1 and j % 12 == 0 else 0)
        for j in range(1, 18)
    ]
    spread = sigma * np.sqrt(1 + np.concatenate([[0.0], np.cumsum(np.square(c))]))
    for level, (low, high) in zip(smoothing.LEVELS, told.bounds, strict=True):
        z = stats.norm.ppf(0.5 + level / 200)
        assert (high - low) / 2 == pytest.approx(z * spread, rel=2e-3), level
        assert (high + low) / 2 == pytest.approx(told.value, rel=1e-6)


def test_the_level_alone_is_simple_exponential_smoothing() -> None:
    y = monthly(80, trend=0, swing=0).to_numpy()
    told = smoothing.ahead(y, Form(), 5)
    other = SimpleExpSmoothing(y, initialization_method="estimated").fit()
    assert told is not None
    assert told.value == pytest.approx(np.asarray(other.forecast(5)), rel=1e-2)


def test_the_form_that_made_the_series_is_found() -> None:
    season, _ = smoothing.best(monthly(120).to_numpy(), 12, False) or (Form(), 0.0)
    assert season.season == 12
    assert season.trend
    flat, _ = smoothing.best(np.random.default_rng(1).normal(50, 3, 120), 12, False) or (Form(season=12), 0)
    assert flat.season == 1


def test_growth_by_per_cents_is_seen_on_logarithms() -> None:
    rng = np.random.default_rng(6)
    y = np.exp(1 + 0.04 * np.arange(120) + rng.normal(0, 0.05, 120))
    form, _ = smoothing.best(y, 1, None) or (Form(), 0.0)
    assert form.log
    told = smoothing.ahead(y, form, 6)
    assert told is not None
    assert (told.bounds[1][0] > 0).all()
    assert told.value[-1] == pytest.approx(np.exp(1 + 0.04 * 125), rel=0.15)


def test_the_forecast_of_a_table_is_statsmodels_of_its_months(table_of: Build, engine: Engine) -> None:
    series = monthly(100)
    frame = daily_rows(series)
    other = pd.DataFrame({"at": frame["at"], "y": 1000.0, "kind": "other"})
    whole = table(table_of, pd.concat([frame.assign(kind="own"), other]))
    own = selected(whole, Selection.of(Within(column="kind", values=("own",))))
    chart = Forecast(x="at", y="y", aggregation="sum", grain="month", horizon=10, scale="as they are")
    data = chart.data(own, engine)
    got, facts = data.to_pandas(), notes(data)
    assert got["value"][:100].to_numpy() == pytest.approx(series.to_numpy())
    assert list(pd.to_datetime(got["x"][100:])) == list(pd.date_range("1966-07-01", periods=10, freq="MS"))
    form = Form(**facts["form"])
    model = ETSModel(
        pd.Series(series.to_numpy()), error="add", trend="add" if form.trend else None,
        damped_trend=form.damped, seasonal="add", seasonal_periods=12,
    )  # fmt: skip
    assert form.season == 12
    expected = model.fit(disp=False, maxiter=2000).get_prediction(100, 109)
    assert got["forecast"][100:].to_numpy() == pytest.approx(np.asarray(expected.predicted_mean), rel=0.01)
    interval = np.asarray(expected.pred_int(alpha=0.05))
    width = (got["high_95"] - got["low_95"])[100:].to_numpy()
    assert width == pytest.approx(interval[:, 1] - interval[:, 0], rel=0.05)


def test_the_test_is_the_naive_guess_by_hand(table_of: Build, engine: Engine) -> None:
    series = monthly(100)
    chart = Forecast(x="at", y="y", aggregation="sum", grain="month", horizon=12)
    data = chart.data(table(table_of, daily_rows(series)), engine)
    got, test = data.to_pandas(), notes(data)["test"]
    truth, y = series.to_numpy()[-12:], series.to_numpy()
    naive = y[-24:-12]
    assert got["naive"][88:100].to_numpy() == pytest.approx(naive)
    assert got["naive"][100:].to_numpy() == pytest.approx(truth), "ahead: the last year again"
    assert test["naive"]["mae"] == pytest.approx(np.abs(naive - truth).mean())
    scale = np.abs(y[12:88] - y[:76]).mean()
    assert test["naive"]["mase"] == pytest.approx(np.abs(naive - truth).mean() / scale)
    told = got["tested"][88:100].to_numpy()
    assert test["forecast"]["mae"] == pytest.approx(np.abs(told - truth).mean())
    assert test["forecast"]["mae"] < test["naive"]["mae"], "a trend: last year is too low"
    words = str(chart.describe(data))
    assert "The forecast beats the naive guess." in words
    assert "12 lay within the 95% interval" in words
    unseen = smoothing.best(y[:88], 12, None)
    assert unseen is not None
    again = smoothing.ahead(y[:88], unseen[0], 12)
    assert again is not None
    assert told == pytest.approx(again.value, rel=1e-4), "of the steps before alone"


def test_a_random_walk_has_nothing_to_beat_the_last_value_with() -> None:
    from core.charts.forecast import judged

    errors = {"forecast": {"mae": 2.0, "mase": 1.1}, "naive": {"mae": 1.8, "mase": 1.0}}
    words = str(judged({"held": 8, "inside": 7, **errors}, 1))
    assert "does not beat the naive guess" in words
    assert "no smaller than that of the naive guess, as the last step" in words


def test_intervals_hold_about_as_often_as_they_say() -> None:
    """On series that a smoothing of level and trend makes: 95% hold 95%, less what fitting costs."""
    rng, inside, all_of = np.random.default_rng(11), 0, 0
    for _ in range(60):
        noise = rng.normal(0, 1, 106)
        level, y = 50.0, []
        for error in noise:
            y.append(level + error)
            level += 0.3 * error
        told = smoothing.ahead(y[:100], Form(), 6)
        assert told is not None
        low, high = told.bounds[-1]
        inside += int(((low <= y[100:]) & (y[100:] <= high)).sum())
        all_of += 6
    assert 0.89 < inside / all_of < 0.98


@pytest.mark.parametrize(
    ("series", "more", "words"),
    [
        (monthly(11), {}, "A forecast needs 12 steps or more; there are 11."),
        (monthly(20) * 0 + 5.0, {}, "5, with 95% between 5 and 5."),
        (monthly(20) - 1000, {"scale": "logarithm"}, "needs values above zero"),
        (monthly(26), {}, "A season of 12 steps needs 33 steps or more"),
    ],
)
def test_what_cannot_be_forecast_says_why(
    series: pd.Series, more: dict[str, Any], words: str, table_of: Build, engine: Engine
) -> None:
    chart = Forecast(x="at", y="y", aggregation="mean", grain="month", **more)
    frame = pd.DataFrame({"at": series.index, "y": series.to_numpy()})
    data = chart.data(table(table_of, frame), engine)
    assert words in str(chart.describe(data))
    assert chart.figure(data).data, "the steps themselves are drawn"


def test_a_month_that_is_not_over_is_left_out_unless_asked_for(table_of: Build, engine: Engine) -> None:
    frame = daily_rows(monthly(40))
    frame = frame[(frame["at"] > "1958-03-09") & (frame["at"] < "1961-06-12")]
    chart = Forecast(x="at", y="y", aggregation="sum", grain="month")
    data = chart.data(table(table_of, frame), engine)
    assert notes(data)["cut"] == ["1958-03-01 00:00:00", "1961-06-01 00:00:00"]
    assert "Left out as not whole: 1958-03-01, 1961-06-01." in str(chart.describe(data))
    kept = chart.model_copy(update={"ends": "keep"}).data(table(table_of, frame), engine)
    assert notes(kept)["cut"] == []
    assert notes(kept)["steps"] == notes(data)["steps"] + 2


def test_gaps_are_bridged_and_counted(table_of: Build, engine: Engine) -> None:
    series = monthly(60)
    frame = pd.DataFrame({"at": series.index, "y": series.to_numpy()}).drop(index=[20, 21, 40])
    chart = Forecast(x="at", y="y", aggregation="mean", grain="month")
    data = chart.data(table(table_of, frame), engine)
    assert "3 steps had no value and were bridged by straight lines." in str(chart.describe(data))
    assert data.column("value").null_count - chart.horizon == 3, "drawn as gaps all the same"
