"""Every measure of every chart that has measures, recomputed with pandas on a filtered and a joined table.

| chart                     | measures | one number for each                       | change |
| ------------------------- | -------- | ----------------------------------------- | ------ |
| bar                       | all 13   | segment and customer type                 | yes    |
| heat map                  | all 13   | segment and meal                          | yes    |
| line, area                | all 13   | month and customer type, empty ones too   | yes    |
| calendar                  | all 13   | day                                       | yes    |
| density map               | all 13   | cell of latitude and longitude            | yes    |
| filled map                | all 13   | country                                   | yes    |
| radar                     | all 13   | customer type and number                  | yes    |
| a dashboard's number      | all 13   | all rows                                  | yes    |
| decomposition             | 12       | month (its parts: test_decomposition)     | no     |
| forecast                  | 12       | month (what it foretells: test_forecast)  | no     |
| treemap, sunburst         | 3        | part of each level                        | no     |
| Pareto                    | 3        | category                                  | no     |
| Sankey                    | 3        | band                                      | no     |

A series that goes on has no share of a whole that is not known yet, and its change is what its trend tells.
Areas of a whole are sums, counts or shares: of means there is no whole, and no area is below 0.

Charts with a sum or a count of their own (waterfall, funnel, cohort) and those of statistics stand in
test_composition, test_parts_of_parts, test_numbers and the files of their names.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable
from typing import Any, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.charts import (
    Area,
    Bar,
    CalendarHeatMap,
    Decomposition,
    DensityMap,
    FilledMap,
    Forecast,
    HeatMap,
    Line,
    Pareto,
    Radar,
    Sankey,
    Sunburst,
    Treemap,
)  # fmt: skip
from core.charts.drawing import notes
from core.charts.measuring import Aggregation
from core.contracts import Chart, Engine, Step, Table
from core.dashboards import NumberTile, State
from core.dashboards.answers import answered
from core.engine.duckdb import DuckEngine, stored
from core.recipe import Recipe, RecipeStep
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

VALUE = "rate"
Key = tuple[Hashable, ...]
Expected = dict[Key, float | None]


def quantile(share: float) -> Callable[[Any], Any]:
    return lambda values: values.quantile(share)


# of a column, or of one in groups
MEASURES: dict[str, Callable[[Any], Any]] = {
    "count": lambda values: values.count(), "distinct": lambda values: values.nunique(),
    "sum": lambda values: values.sum(min_count=1), "mean": lambda values: values.mean(),
    "median": lambda values: values.median(), "min": lambda values: values.min(),
    "max": lambda values: values.max(), "share of total": lambda values: values.sum(min_count=1),
    "standard deviation": lambda values: values.std(),
    **{f"{q}th percentile": quantile(q / 100) for q in (10, 25, 75, 90)},
}  # fmt: skip


def used(values: pd.Series, how: str) -> pd.Series:
    """What a measure is made of: infinite values are counted, and used for nothing else."""
    return values if how in ("count", "distinct") else values.where(np.isfinite(values))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


@pytest.fixture(scope="module", params=["filtered", "joined"])
def given(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Table, pd.DataFrame, str]:
    """Bookings of hotels as the engine and as pandas have them, with missing and infinite values.

    The name is that of a column to group by: of the table itself, or one that the join added.
    """
    frame = pd.read_csv(SAMPLES / "modeldata_hotel_rates.csv.gz", parse_dates=["arrival_date"])
    frame = frame.sample(2_500, random_state=3).astype({"arrival_date": "datetime64[us]"})
    frame = frame.rename(columns={"avg_price_per_room": VALUE}).reset_index(drop=True)
    frame.loc[frame.index % 17 == 0, VALUE] = np.nan
    frame.loc[frame.index % 401 == 0, VALUE] = np.inf
    frame.loc[frame.index % 7 == 0, "market_segment"] = None
    folder = tmp_path_factory.mktemp("measures")

    def put(some: pd.DataFrame, name: str) -> Table:
        pq.write_table(pa.Table.from_pandas(some, preserve_index=False), folder / name)
        query = stored(folder / name)
        return Table(query, engine.schema(query))

    if request.param == "filtered":
        kept = Within(column="meal", values=("bed_and_breakfast", "half_board"))
        stays = Within(column="stays_in_week_nights", low=1, high=4, closed=True)
        some = frame[frame["meal"].isin(kept.values or ()) & frame["stays_in_week_nights"].between(1, 4)]
        return (
            selected(put(frame, "t.parquet"), Selection.of(kept), Selection.of(stays)),
            some,
            "customer_type",
        )
    # a segment on two sides: its bookings stand there twice; others are on none
    sides = pd.DataFrame({"market_segment": ["direct", "direct", "groups"], "side": ["own", "web", "own"]})
    left = put(frame, "t.parquet")
    beside = Table(left.query, left.columns, {"vn_sides": put(sides, "o.parquet")})
    keys = [{"column": "market_segment", "other": "market_segment"}]
    join = RecipeStep(step=Step.from_json({"kind": "join", "table": "vn_sides", "keys": keys}))
    recipe = Recipe(steps=(join,)).learn(beside, engine)
    merged = frame.merge(sides, on="market_segment", how="left")  # a missing key has no partner there either
    assert len(merged) > len(frame)
    return recipe.apply(beside, engine), merged, "side"


def shares(found: Expected, how: str) -> Expected:
    """Of shares: what sums are of all sums together."""
    whole = sum(value or 0.0 for value in found.values())
    if how != "share of total":
        return found
    return {key: None if value is None else value / whole * 100 for key, value in found.items()}


def expected(frame: pd.DataFrame, keys: list[Any], how: str) -> Expected:
    """The measure of each group of rows, by pandas; a missing key is a group, a missing result None."""
    names = [f"k{i}" for i in range(len(keys))]
    values = pd.DataFrame(dict(zip(names, keys, strict=True)) | {"v": used(frame[VALUE], how)})
    found: Expected = {}
    for key, number in MEASURES[how](values.groupby(names, dropna=False)["v"]).items():
        every = key if isinstance(key, tuple) else (key,)
        plain = tuple(None if isinstance(one, float) and math.isnan(one) else one for one in every)
        found[plain] = None if pd.isna(number) else float(number)
    return shares(found, how)


ADDING = ("count", "sum", "share of total")
ZERO = (*ADDING, "distinct")  # of no rows


def compared(now: float | None, then: float | None, change: str) -> float | None:
    if now is None or then is None:
        return None
    if change.endswith("%"):
        return (now / then - 1) * 100 if then > 0 else None
    return now - then


def expected_change(frame: pd.DataFrame, keys: list[str], how: str, change: str) -> Expected:
    """The measure of each group in the last quarter against that of the quarter before."""
    quarter = frame["arrival_date"].dt.to_period("Q")
    now, then = (
        expected(some, [some[key] for key in keys], how)
        for some in (frame[quarter == quarter.max()], frame[quarter == quarter.max() - 1])
    )
    nothing = 0.0 if how in ZERO else None
    changes: Expected = {}
    for key in expected(frame, [frame[key] for key in keys], "count"):
        ends = [nothing if (value := held.get(key)) is None else value for held in (now, then)]
        changes[key] = compared(*ends, change)
    return changes


def label(row: dict[str, Any], key: str) -> str | None:
    """A row's group as pandas has it; the tables have few values: none of them is put with others."""
    assert row[f"{key}_is"] != "other"
    return row[key] if row[f"{key}_is"] == "value" else None


def assert_same(got: Expected, wanted: Expected, empty: float | None = None) -> None:
    """The same groups and numbers; steps of time without rows have `empty`."""
    assert set(wanted) <= set(got)
    for key, value in got.items():
        want = wanted.get(key, empty)
        assert value == (want if want is None else pytest.approx(want, rel=1e-9)), key


Given = tuple[Table, pd.DataFrame, str]
HOWS = get_args(Aggregation)
# how tables are asked is the same for all measures: what the bars show of all, these show of some
SOME = [("filtered", how) for how in HOWS] + [("joined", how) for how in ("mean", "median", "distinct")]


def rows(chart: Chart, table: Table, engine: Engine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = chart.data(table, engine).to_pylist()
    assert found
    return found


def test_every_measure_and_every_chart_that_has_them_is_here() -> None:
    assert set(MEASURES) == set(HOWS)
    having = {kind for kind, cls in Chart.members.items() if "aggregation" in cls.model_fields}
    assert having == {
        "bar", "heat_map", "line", "area", "calendar_heat_map", "decomposition", "forecast", "density_map",
        "filled_map", "radar", "treemap", "sunburst", "pareto", "sankey",
    }  # fmt: skip
    changing = {kind for kind in having if {"when", "show"} & set(Chart.members[kind].model_fields)}
    assert having - changing == {"decomposition", "forecast", "treemap", "sunburst", "pareto", "sankey"}


@pytest.mark.parametrize("how", HOWS)
def test_bars_and_cells(how: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    bars = Bar(x="market_segment", y=VALUE, aggregation=how, colour=group)
    got = {(label(row, "x"), label(row, "colour")): row["value"] for row in rows(bars, table, engine)}
    assert_same(got, expected(frame, [frame["market_segment"], frame[group]], how))
    heat = HeatMap(x=group, y="meal", value=VALUE, aggregation=how)
    got = {(label(row, "x"), label(row, "y")): row["value"] for row in rows(heat, table, engine)}
    assert_same(got, expected(frame, [frame[group], frame["meal"]], how))


@pytest.mark.parametrize(("given", "how"), SOME, indirect=["given"])
def test_steps_of_time(how: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    month = frame["arrival_date"].dt.to_period("M").dt.start_time
    empty = 0.0 if how in ZERO else None
    for chart in (
        Line(x="arrival_date", y=VALUE, aggregation=how, grain="month", colour=group),
        Area(x="arrival_date", y=VALUE, aggregation=how, grain="month", colour=group),
    ):
        got = {
            (pd.Timestamp(row["x"]), label(row, "colour")): row["value"] for row in rows(chart, table, engine)
        }
        assert_same(got, expected(frame, [month, frame[group]], how), empty)
    days = CalendarHeatMap(x="arrival_date", y=VALUE, aggregation=how)
    got = {(pd.Timestamp(row["x"]),): row["value"] for row in rows(days, table, engine)}
    assert_same(got, expected(frame, [frame["arrival_date"]], how))
    if how == "share of total":
        return
    apart = Decomposition(x="arrival_date", y=VALUE, aggregation=how, grain="month", ends="keep", season=1)
    got = {(pd.Timestamp(row["x"]),): row["value"] for row in rows(apart, table, engine)}
    assert_same(got, expected(frame, [month], how), empty)


@pytest.mark.parametrize(("given", "how"), SOME, indirect=["given"])
def test_places(how: Any, given: Given, engine: Engine) -> None:
    table, frame, _ = given
    cells = DensityMap(
        latitude="stays_in_week_nights", longitude="lead_time", y=VALUE, aggregation=how, cells=300
    )
    data = cells.data(table, engine)
    width, some = notes(data)["width"], frame[frame["lead_time"] <= 180]
    assert 0 < len(some) < len(frame), "places beyond 180 degrees are none"
    got = {(row["lat_cell"], row["lon_cell"]): row["value"] for row in data.to_pylist()}
    across = (some["lead_time"] // width).clip(upper=180 / width - 1)  # 180 degrees end the last cell
    assert_same(got, expected(some, [some["stays_in_week_nights"] // width, across], how))
    lands = FilledMap(country="country", y=VALUE, aggregation=how)
    found = rows(lands, table, engine)
    assert len(found) > 20
    for row in found:
        own = frame[frame["country"].isin(json.loads(row["spellings"]))]
        if row["place_is"] != "value":
            continue
        want = MEASURES[how](used(own[VALUE], how))
        if how == "share of total":
            want = want / used(frame[VALUE], how).sum() * 100
        assert row["value"] == (None if pd.isna(want) else pytest.approx(want, rel=1e-9)), row["place"]


@pytest.mark.parametrize(("given", "how"), SOME, indirect=["given"])
def test_spokes(how: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    chart = Radar(columns=(VALUE, "lead_time", "adults"), colour=group, aggregation=how)
    got = {(label(row, "colour"), row["column"]): row["value"] for row in rows(chart, table, engine)}
    wanted: Expected = {}
    for column in chart.columns:
        of = frame.assign(**{VALUE: frame[column]})
        wanted |= {(key[0], column): value for key, value in expected(of, [frame[group]], how).items()}
    assert_same(got, wanted)


@pytest.mark.parametrize("how", HOWS)
def test_a_number_of_a_dashboard(how: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    tile = NumberTile(id="n", aggregation=how, column=VALUE)
    own = Within(column=group, values=(str(frame[group].dropna().iloc[0]),))
    for asked, some in (
        (State().asked(tile, "filter"), frame),
        (
            State().picked("other", Selection.of(own)).asked(tile, "highlight"),
            frame[frame[group].isin(own.values or ())],
        ),
    ):
        answer = answered(tile, selected(table, *asked.filter), engine, asked)
        assert answer.data is not None
        (row,) = answer.data.to_pylist()
        want = MEASURES[how](used(some[VALUE], how))
        whole = used(frame[VALUE], how).sum() / 100 if how == "share of total" else 1
        assert row["value"] == pytest.approx(want / whole, rel=1e-9)
        assert row["rows"] == len(some)


@pytest.mark.parametrize("how", ["mean", "distinct"])
def test_steps_that_a_forecast_goes_on_from(how: Any, given: Given, engine: Engine) -> None:
    table, frame, _ = given
    chart = Forecast(
        x="arrival_date", y=VALUE, aggregation=how, grain="quarter", ends="keep", season=1, horizon=1
    )
    data = chart.data(table, engine)
    got = {(pd.Timestamp(row["x"]),): row["value"] for row in data.to_pylist()[: notes(data)["steps"]]}
    quarter = frame["arrival_date"].dt.to_period("Q").dt.start_time
    assert_same(got, expected(frame, [quarter], how), 0.0 if how == "distinct" else None)


@pytest.mark.parametrize("how", ADDING)
def test_parts_of_a_whole(how: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    wanted = expected(frame, [frame["market_segment"], frame[group]], how)
    for kind in (Treemap, Sunburst):
        found = rows(kind(columns=("market_segment", group), value=VALUE, aggregation=how), table, engine)
        got = {(label(r, "part0"), label(r, "part1")): r["value"] for r in found if r["level"] == 2}
        assert_same(got, {key: value or 0.0 for key, value in wanted.items()})
        outer = {(label(r, "part0"),): r["value"] for r in found if r["level"] == 1}
        assert_same(outer, expected(frame, [frame["market_segment"]], how))
    bands = rows(Sankey(columns=("market_segment", group), value=VALUE, aggregation=how), table, engine)
    bands = [row for row in bands if row["right_is"]]  # beside them stand the groups themselves
    got = {(label(row, "left"), label(row, "right")): row["value"] for row in bands}
    assert_same(got, {key: value or 0.0 for key, value in wanted.items()})
    bars = rows(Pareto(x="market_segment", y=VALUE, aggregation=how), table, engine)
    got = {(label(row, "x"),): row["value"] for row in bars}
    assert_same(got, expected(frame, [frame["market_segment"]], how))
    assert bars[-1]["cumulative"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("given", "how", "change"),
    [*(("filtered", how, "difference") for how in HOWS), ("filtered", "mean", "in %"),
     ("filtered", "sum", "in %"), ("joined", "median", "in %"), ("joined", "distinct", "difference")],
    indirect=["given"],
)  # fmt: skip
def test_changes_of_marks_without_time(how: Any, change: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    over: dict[str, Any] = {"aggregation": how, "when": "arrival_date", "period": "quarter", "change": change}
    bars = rows(Bar(x="market_segment", y=VALUE, colour=group, **over), table, engine)
    got = {(label(row, "x"), label(row, "colour")): row["value"] for row in bars}
    assert_same(got, expected_change(frame, ["market_segment", group], how, change))
    heat = rows(HeatMap(x=group, y="meal", value=VALUE, **over), table, engine)
    got = {(label(row, "x"), label(row, "y")): row["value"] for row in heat}
    assert_same(got, expected_change(frame, [group, "meal"], how, change))
    spokes = rows(Radar(columns=(VALUE, "lead_time", "adults"), colour=group, **over), table, engine)
    got = {(label(row, "colour"),): row["value"] for row in spokes if row["column"] == VALUE}
    assert_same(got, expected_change(frame, [group], how, change))
    some = frame[frame["lead_time"] <= 180]
    cells = DensityMap(latitude="stays_in_week_nights", longitude="lead_time", y=VALUE, cells=300, **over)
    data = cells.data(table, engine)
    across = (some["lead_time"] // notes(data)["width"]).clip(upper=180 / notes(data)["width"] - 1)
    own = some.assign(up=some["stays_in_week_nights"] // notes(data)["width"], across=across)
    last = frame["arrival_date"].max()  # that of the whole table, wherever its rows lie
    if own["arrival_date"].max().to_period("Q") == last.to_period("Q"):
        got = {(row["lat_cell"], row["lon_cell"]): row["value"] for row in data.to_pylist()}
        assert_same(got, expected_change(own, ["up", "across"], how, change))
    lands = rows(FilledMap(country="country", y=VALUE, **over), table, engine)
    wanted = expected_change(frame, ["country"], how, change)
    named = [(row, json.loads(row["spellings"])) for row in lands if row["place_is"] == "value"]
    checked = [(row["value"], wanted[(own[0],)]) for row, own in named if len(own) == 1]
    assert len(checked) > 15
    for value, want in checked:
        assert value == (want if want is None else pytest.approx(want, rel=1e-9))
    if how == "share of total":  # of a tile's own rows it is always 100%
        return
    (number,) = answered(
        NumberTile(id="n", column=VALUE, **over), table, engine, State().asked(NumberTile(id="n"), "filter")
    ).data.to_pylist()  # type: ignore[union-attr]
    assert_same({(): number["value"]}, {(): expected_change(frame.assign(all=1), ["all"], how, change)[(1,)]})


@pytest.mark.parametrize("show", ["change", "change, %"])
@pytest.mark.parametrize("how", ["sum", "mean", "distinct", "90th percentile"])
def test_changes_of_steps(how: Any, show: Any, given: Given, engine: Engine) -> None:
    table, frame, group = given
    month = frame["arrival_date"].dt.to_period("M")
    nothing = 0.0 if how in ZERO else None
    for line in (Line, Area):
        chart = line(x="arrival_date", y=VALUE, aggregation=how, grain="month", colour=group, show=show)
        found = rows(chart, table, engine)
        own = expected(frame, [month, frame[group]], how)
        for row in found:
            at, name = pd.Timestamp(row["x"]).to_period("M"), label(row, "colour")
            want = compared(own.get((at, name), nothing), own.get((at - 1, name), nothing), show)
            if at > month.min():
                assert row["value"] == (want if want is None else pytest.approx(want, rel=1e-9)), (at, name)
    day = frame["arrival_date"].dt.to_period("D")
    own = expected(frame, [day], how)
    for row in rows(CalendarHeatMap(x="arrival_date", y=VALUE, aggregation=how, show=show), table, engine):
        at = pd.Timestamp(row["x"]).to_period("D")
        want = compared(own.get((at,), nothing), own.get((at - 1,), nothing), show)
        if at > day.min():
            assert row["value"] == (want if want is None else pytest.approx(want, rel=1e-9, abs=1e-9)), at
