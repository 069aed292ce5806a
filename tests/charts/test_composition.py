"""Pareto, funnel, waterfall, Sankey and radar: their numbers are pandas'."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from core.charts import Bar, Cohort, Funnel, Pareto, Radar, Sankey, Waterfall, cohort
from core.charts.drawing import notes
from core.contracts import Chart, Engine, Table
from core.errors import BadParameter
from core.examples import COLUMNS
from core.selection import Selection, selected
from core.within import Within
from tests.charts.test_numbers import Build, sample

BIG = Selection.of(Within(column="carat", low=1.0))


def frame_of(chart: Chart, table: Table, engine: Engine) -> pd.DataFrame:
    return chart.data(table, engine).to_pandas()


@pytest.fixture
def diamonds() -> pd.DataFrame:
    return sample("ggplot2_diamonds")


@pytest.fixture
def table(diamonds: pd.DataFrame, table_of: Build) -> Table:
    return table_of(pa.Table.from_pandas(diamonds, preserve_index=False))


def test_a_pareto_s_shares_are_pandas(diamonds: pd.DataFrame, table: Table, engine: Engine) -> None:
    for own, of in ((table, diamonds), (selected(table, BIG), diamonds[diamonds["carat"] >= 1])):
        got = frame_of(Pareto(x="clarity", y="price"), own, engine)
        sums = of.groupby("clarity")["price"].sum().sort_values(ascending=False)
        assert list(got["x"]) == list(sums.index)
        assert list(got["value"]) == pytest.approx(list(sums))
        assert list(got["cumulative"]) == pytest.approx(list(sums.cumsum() / sums.sum()))


def test_a_pareto_says_how_many_make_up_most(table_of: Build, engine: Engine) -> None:
    chart = Pareto(x="x", line=80)
    data = chart.data(table_of(x=["a"] * 70 + ["b"] * 15 + ["c"] * 10 + ["d"] * 5), engine)
    assert "the largest 2 of 4 categories shown make up 85.0% of 100" in str(chart.describe(data))


def test_a_funnel_of_columns_counts_who_reached_all_before(table_of: Build, engine: Engine) -> None:
    table = table_of(
        who=[1, 1, 2, 3, 4, 5], seen=[True] * 5 + [False], basket=["a", "a", "b", None, "c", "d"],
        paid=[True, True, False, True, None, True],
    )  # fmt: skip
    rows = Funnel(stages=("seen", "basket", "paid"))
    assert frame_of(rows, table, engine)["value"].tolist() == [5, 4, 2]
    people = Funnel(stages=("seen", "basket", "paid"), unit="who")
    data = people.data(table, engine)
    assert data.column("value").to_pylist() == [4, 3, 1]
    assert engine.rows(selected(table, Selection(marks=(people.mark(data, 2),))).query).num_rows == 2
    assert "Most are lost before paid: 66.7%." in str(people.describe(data))


def test_a_funnel_of_values_counts_them(diamonds: pd.DataFrame, table: Table, engine: Engine) -> None:
    got = frame_of(Funnel(x="cut"), table, engine)
    assert dict(zip(got["x"], got["value"], strict=True)) == dict(diamonds["cut"].value_counts())
    assert got["value"].is_monotonic_decreasing


@pytest.mark.parametrize(
    "chart", [Funnel(), Funnel(stages=("member",)), Funnel(x="region", stages=("member", "day"))]
)
def test_a_funnel_has_one_kind_of_stages(chart: Funnel) -> None:
    with pytest.raises(BadParameter, match="2 to 12 columns as stages, or one column"):
        chart.check(COLUMNS)


def test_a_waterfall_adds_up(diamonds: pd.DataFrame, table: Table, engine: Engine) -> None:
    got = frame_of(Waterfall(x="cut", y="price"), table, engine)
    assert got["value"].iloc[-1] == diamonds["price"].sum() == got["value"].iloc[:-1].sum()


def test_a_waterfall_of_changes_leads_from_one_total_to_the_other(
    diamonds: pd.DataFrame, table: Table, engine: Engine
) -> None:
    chart = Waterfall(x="cut", y="price", between="color", before="E", after="I")
    got = frame_of(chart, table, engine)
    sums = diamonds.pivot_table(index="cut", columns="color", values="price", aggfunc="sum")
    assert got["value"].iloc[0] == sums["E"].sum()
    assert got["value"].iloc[-1] == sums["I"].sum()
    steps = got[got["part"] == "step"].set_index("x")["value"]
    assert dict(steps) == dict(sums["I"] - sums["E"])
    assert got["value"].iloc[:-1].sum() == got["value"].iloc[-1]


def test_a_waterfall_finds_the_first_and_the_last_period(table_of: Build, engine: Engine) -> None:
    table = table_of(year=[2020, 2020, 2021, 2022], kind=["a", "b", "a", "b"], v=[1, 2, 30, 5])
    chart = Waterfall(x="kind", y="v", between="year")
    data = chart.data(table, engine)
    assert data.column("value").to_pylist() == [3, 3, -1, 5]
    assert "from year 2020 to 2022" in str(chart.describe(data))


def test_the_bands_of_a_sankey_are_pandas_crosstabs(
    diamonds: pd.DataFrame, table: Table, engine: Engine
) -> None:
    got = frame_of(Sankey(columns=("cut", "color", "clarity"), value="price"), table, engine)
    for stage, column in enumerate(("cut", "color", "clarity")):  # the groups, whatever becomes of them
        nodes = got[(got["stage"] == stage) & got["right_is"].isna()]
        assert dict(zip(nodes["left"], nodes["value"], strict=True)) == dict(
            diamonds.groupby(column)["price"].sum()
        )
        assert dict(zip(nodes["left"], nodes["rows"], strict=True)) == dict(diamonds[column].value_counts())
    got = got[got["right_is"].notna()]
    for stage, (left, right) in enumerate([("cut", "color"), ("color", "clarity")]):
        expected = diamonds.groupby([left, right])["price"].sum()
        own = got[got["stage"] == stage]
        assert len(own) == len(expected)
        assert all(expected[row.left, row.right] == row.value for row in own.itertuples())


def test_the_spokes_of_a_radar_are_pandas_means(diamonds: pd.DataFrame, table: Table, engine: Engine) -> None:
    numbers = ("carat", "depth", "price")
    got = frame_of(Radar(columns=numbers, colour="cut"), table, engine)
    means = diamonds.groupby("cut")[list(numbers)].mean()
    for row in got.itertuples():
        assert row.value == pytest.approx(means.loc[row.colour, row.column])
        assert row.scaled == pytest.approx(means.loc[row.colour, row.column] / means[row.column].max())


def test_a_cohort_grid_is_pandas_retention(table_of: Build, engine: Engine) -> None:
    draw = np.random.default_rng(5)
    days = pd.Timestamp("2023-01-15") + pd.to_timedelta(draw.integers(0, 400, 3_000), unit="D")
    frame = pd.DataFrame({"who": draw.integers(0, 300, 3_000), "day": days})
    frame.loc[::50, "who"] = None
    table = table_of(pa.Table.from_pandas(frame.assign(day=frame["day"].dt.date), preserve_index=False))
    got = frame_of(Cohort(id="who", x="day", grain="month"), table, engine)
    known = frame.dropna().assign(month=lambda f: f["day"].dt.to_period("M"))
    known["first"] = known.groupby("who")["month"].transform("min")
    known["later"] = [(m - f).n for m, f in zip(known["month"], known["first"], strict=True)]
    expected = known.groupby(["first", "later"])["who"].nunique()
    last = known["month"].max()  # until then nobody seen is a 0, after it nobody knows
    come = [(first, later) for first in known["first"].unique() for later in range((last - first).n + 1)]
    expected = expected.reindex(come, fill_value=0)
    assert len(got) == len(expected)
    for row in got.itertuples():
        assert row.value == expected[pd.Period(row.first[:7], "M"), row.later]
    assert got[got["later"] == 0]["share"].eq(1).all()


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_a_cohort_grid_is_the_same_by_bits_as_by_lists(
    grain: str, table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(6)
    days = pd.Timestamp("1969-11-20") + pd.to_timedelta(draw.integers(0, 110, 2_000), unit="D")
    frame = pd.DataFrame({"who": [f"n{n}" for n in draw.integers(0, 900, 2_000)], "day": days})
    frame.loc[::40, "day"], frame.loc[7::40, "who"] = None, None
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    chart = Cohort(id="who", x="day", grain=grain)
    by_bits = chart.data(table, engine)
    assert chart._periods(table, engine)[1] <= cohort.MASKED
    monkeypatch.setattr(cohort, "MASKED", 0)
    assert by_bits.equals(chart.data(table, engine), check_metadata=True)
    assert (notes(by_bits)["left_out"] > 20) == (grain == "day")


def test_of_sums_the_largest_categories_are_kept(table_of: Build, engine: Engine) -> None:
    frame = sample("gapminder_gapminder")
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    largest = frame.groupby("country")["pop"].sum().sort_values(ascending=False)
    for chart in (Bar(x="country", y="pop", aggregation="sum", top=5), Pareto(x="country", y="pop", top=5)):
        got = frame_of(chart, table, engine)
        assert list(got["x"][:5]) == list(largest.index[:5])
        assert got["value"].iloc[5] == largest[5:].sum()


def test_error_bars_are_scipy_s_intervals(diamonds: pd.DataFrame, table: Table, engine: Engine) -> None:
    got = frame_of(Bar(x="cut", y="price", aggregation="mean", errors=True), table, engine)
    for row in got.itertuples():
        own = diamonds.loc[diamonds["cut"] == row.x, "price"]
        low, high = stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own))
        assert row.value - row.error == pytest.approx(low)
        assert row.value + row.error == pytest.approx(high)
    with pytest.raises(BadParameter, match="Error bars belong to means"):
        Bar(x="region", errors=True).check(COLUMNS)


def test_shares_of_all_and_the_line_for_all_rows(
    diamonds: pd.DataFrame, table: Table, engine: Engine
) -> None:
    chart = Bar(x="cut", show="shares of all", order="as in the table")
    trace = chart.figure(chart.data(table, engine)).data[0]
    first = diamonds["cut"].drop_duplicates().tolist()
    shares = diamonds["cut"].value_counts(normalize=True)
    assert list(trace.y) == pytest.approx([shares[cut] for cut in first])
    means = Bar(x="cut", y="price", aggregation="median", reference=True)
    line = means.figure(means.data(table, engine)).data[-1]
    assert set(line.y) == {diamonds["price"].median()}
