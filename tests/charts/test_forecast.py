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

from core.charts import Forecast, rehearsal, smoothing
from core.charts.drawing import notes
from core.charts.smoothing import Form
from core.contracts import Engine, Table
from core.selection import Selection, selected
from core.within import Within

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
    fitted = form.parameters() - 1  # without the spread itself: as many degrees of freedom are gone
    sigma = np.sqrt(np.sum(np.asarray(found.resid) ** 2) / (len(y) - fitted)) * smoothing.size(y)
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
    season = smoothing.best(monthly(120).to_numpy(), 12, False)
    assert season is not None
    assert season.form.season == 12
    assert season.form.trend
    flat = smoothing.best(np.random.default_rng(1).normal(50, 3, 120), 12, False)
    assert flat is not None
    assert flat.form == Form()


def test_growth_by_per_cents_is_seen_on_logarithms() -> None:
    rng = np.random.default_rng(6)
    y = np.exp(1 + 0.04 * np.arange(120) + rng.normal(0, 0.05, 120))
    chosen = smoothing.best(y, 1, None)
    assert chosen is not None
    assert chosen.form.log
    told = smoothing.ahead(y, chosen.form, 6)
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
    wider = np.sqrt(100 / (101 - form.parameters()))  # statsmodels leaves degrees of freedom out of account
    assert width == pytest.approx((interval[:, 1] - interval[:, 0]) * wider, rel=0.05)


def test_the_tests_are_recomputed_by_hand(table_of: Build, engine: Engine) -> None:
    series = monthly(100)
    chart = Forecast(x="at", y="y", aggregation="sum", grain="month", horizon=12, scale="as they are")
    data = chart.data(table(table_of, daily_rows(series)), engine)
    got, test, y = data.to_pandas(), notes(data)["test"], series.to_numpy()
    begins = [52, 61, 70, 79, 88]  # the last one before the last 12; from the half of the series on
    assert rehearsal.origins(100, 12, 12) == begins
    assert (test["blocks"], test["held"], test["compared"], test["overlap"]) == (5, 12, 60, True)
    seasonal = np.concatenate([np.abs(y[i - 12 : i] - y[i : i + 12]) for i in begins])
    last = np.concatenate([np.abs(y[i - 1] - y[i : i + 12]) for i in begins])
    scale = np.repeat([np.abs(y[12:i] - y[: i - 12]).mean() for i in begins], 12)
    for kind, misses in (("season", seasonal), ("last", last)):
        assert test["errors"][kind]["mae"] == pytest.approx(misses.mean())
        assert test["errors"][kind]["mase"] == pytest.approx((misses / scale).mean())
    assert test["guess"] == "season"
    assert got["naive"][100:].to_numpy() == pytest.approx(y[-12:]), "ahead: the last year again"
    form = smoothing.best(y[:52], 12, False)
    assert form is not None
    again = [smoothing.ahead(y[:i], form.form, 12) for i in begins]  # each fitted from scratch
    assert got["tested"][88:100].to_numpy() == pytest.approx(again[-1].value, rel=0.01)  # type: ignore[union-attr]
    misses = np.concatenate([np.abs(t.value - y[i : i + 12]) for t, i in zip(again, begins, strict=True)])  # type: ignore[union-attr]
    assert test["errors"]["forecast"]["mae"] == pytest.approx(misses.mean(), rel=0.05)
    inside = [sum((low <= y[i : i + 12]) & (y[i : i + 12] <= high))
              for t, i in zip(again, begins, strict=True) for low, high in [t.bounds[1]]]  # type: ignore[union-attr]  # fmt: skip
    assert test["inside"][1] == pytest.approx(sum(inside), abs=1)
    words = str(chart.describe(data))
    assert "The forecast beats the naive guess." in words
    assert "Tested 5 times, 12 steps ahead each, told only from the steps before. The tests overlap." in words
    assert f"Of the 60 values told, {test['inside'][0]} (" in words


def test_what_comes_after_a_beginning_changes_nothing_of_what_is_told_there(engine: Engine) -> None:
    y: list[float | None] = monthly(60, trend=0, swing=0).tolist()
    y[47] = None  # the last step before the last beginning: its bridge must not lead to what comes
    other = [*y[:48], *(1e6 for _ in range(12))]
    one, two = (rehearsal.rehearsed(values, 12, 1, False) for values in (y, other))
    assert one is not None
    assert two is not None
    assert one.blocks[-1].origin == 48
    assert list(one.blocks[-1].told.value) == list(two.blocks[-1].told.value)


@pytest.mark.parametrize(
    ("steps", "held", "season", "begins"),
    [
        (12, 3, 1, [8, 9]),
        (20, 5, 1, [11, 12, 13, 14, 15]),
        (500, 12, 12, [440, 452, 464, 476, 488]),
        (35, 8, 12, [27]),
        (200, 1, 1, [192, 193, 194, 195, 196, 197, 198, 199]),
    ],
)
def test_beginnings_are_five_or_more_where_the_series_is_long_enough(
    steps: int, held: int, season: int, begins: list[int]
) -> None:
    assert rehearsal.origins(steps, held, season) == begins


def test_a_random_walk_has_nothing_to_beat_the_last_value_with() -> None:
    y = 100 + np.cumsum(np.random.default_rng(0).normal(0, 1, 200))
    found = rehearsal.rehearsed(y.tolist(), 12, 1, False)
    assert found is not None
    words = str(rehearsal.verdict(found.judged(y.tolist())))
    assert words.startswith("The forecast is no better than the naive guess: rather trust that one.")
    assert "no smaller than that of the naive guess, as the last step" in words


# Airline passengers a month in thousands, 1949 to 1960: Box and Jenkins, Time Series Analysis, series G
AIRLINE = [
    112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141, 135, 125, 149, 170, 170, 158,
    133, 114, 140, 145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218,
    230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201, 204, 188, 235,
    227, 234, 264, 302, 293, 259, 229, 203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
    284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404,
    347, 305, 336, 340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472,
    548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432,
]  # fmt: skip


def test_the_airline_series_gives_the_published_intervals() -> None:
    """R's `ses` and `holt` of package forecast (https://rstudio-pubs-static.s3.amazonaws.com/
    589678_b4c5daafa0b4908a7b8274140b04f6e.html): one step ahead 431.9958, with 80% from 388.641 to 475.3506
    and 95% from 365.6904 to 498.3012; AICc 1733.958, with a trend 1737.729."""
    told = smoothing.ahead(AIRLINE, Form(), 1)
    assert told is not None
    assert told.value[0] == pytest.approx(431.9958, abs=0.01)
    ends = [float(end[0]) for pair in told.bounds for end in pair]
    assert ends == pytest.approx([388.641, 475.3506, 365.6904, 498.3012], abs=0.05)
    scaled = np.array(AIRLINE) / smoothing.size(AIRLINE)
    level, trend = (
        smoothing.criterion(smoothing.fit(scaled, form), scaled, form) for form in (Form(), Form(trend=True))
    )
    assert trend - level == pytest.approx(1737.729 - 1733.958, abs=0.2)
    assert trend - level <= 1737.729 - 1733.958, "as good a fit of the trend, or a better one"


def test_the_airline_series_is_told_better_than_by_the_year_before() -> None:
    found = rehearsal.rehearsed(AIRLINE, 12, 12, None)
    assert found is not None
    test = found.judged(AIRLINE)
    assert [block.origin for block in found.blocks] == [84, 96, 108, 120, 132]
    y = np.array(AIRLINE, float)
    assert test["errors"]["season"]["mae"] == pytest.approx(np.abs(y[84:] - y[72:-12]).mean())
    assert test["errors"]["forecast"]["mae"] < test["errors"]["season"]["mae"] / 2
    assert test["inside"][1] / test["compared"] >= 0.9


def test_intervals_hold_as_often_as_they_say() -> None:
    """On 150 short series that a smoothing of a level makes, 6 steps ahead, fitted anew to each."""
    rng, inside, every = np.random.default_rng(11), [0, 0], 0
    for _ in range(150):
        noise = rng.normal(0, 1, 46)
        level, y = 50.0, []
        for error in noise:
            y.append(level + error)
            level += 0.3 * error
        told = smoothing.ahead(y[:40], Form(), 6)
        assert told is not None
        for i, (low, high) in enumerate(told.bounds):
            inside[i] += int(((low <= y[40:]) & (y[40:] <= high)).sum())
        every += 6
    # six steps of one series go together: as if 300 were told, twice their standard error
    assert inside[0] / every == pytest.approx(0.80, abs=2 * np.sqrt(0.8 * 0.2 / 300))
    assert inside[1] / every == pytest.approx(0.95, abs=2 * np.sqrt(0.95 * 0.05 / 300))


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
