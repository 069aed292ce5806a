"""Every measure of every chart that has measures, recomputed with pandas on a filtered and a joined table.

| chart                     | measures | one number for each                       |
| ------------------------- | -------- | ----------------------------------------- |
| bar                       | all 12   | segment and customer type                 |
| heat map                  | all 12   | segment and meal                          |
| line, area                | all 12   | month and customer type, empty ones too   |
| calendar                  | all 12   | day                                       |
| decomposition             | all 12   | month (its parts: test_decomposition)     |
| forecast                  | all 12   | month (what it foretells: test_forecast)  |
| density map               | all 12   | cell of latitude and longitude            |
| filled map                | all 12   | country                                   |
| radar                     | its 4    | customer type and number                  |
| a dashboard's number      | all 12   | all rows                                  |

Charts with a sum or a count of their own (Pareto, waterfall, treemap, sunburst, Sankey, funnel, cohort) and
those of statistics stand in test_composition, test_parts_of_parts, test_numbers and the files of their names.
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
    Radar,
)  # fmt: skip
from core.charts.drawing import notes
from core.charts.grouping import Aggregation
from core.contracts import Chart, Engine, Step, Table
from core.dashboards import NumberTile, State
from core.dashboards.answers import answered
from core.engine.duckdb import DuckEngine, stored
from core.recipe import Recipe, RecipeStep
from core.selection import Selection, Within, selected
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
    "max": lambda values: values.max(), "standard deviation": lambda values: values.std(),
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


def expected(frame: pd.DataFrame, keys: list[Any], how: str) -> Expected:
    """The measure of each group of rows, by pandas; a missing key is a group, a missing result None."""
    names = [f"k{i}" for i in range(len(keys))]
    values = pd.DataFrame(dict(zip(names, keys, strict=True)) | {"v": used(frame[VALUE], how)})
    found: Expected = {}
    for key, number in MEASURES[how](values.groupby(names, dropna=False)["v"]).items():
        every = key if isinstance(key, tuple) else (key,)
        plain = tuple(None if isinstance(one, float) and math.isnan(one) else one for one in every)
        found[plain] = None if pd.isna(number) else float(number)
    return found


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
        "filled_map", "radar",
    }  # fmt: skip


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
    empty = 0.0 if how in ("count", "sum", "distinct") else None
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
        assert row["value"] == (None if pd.isna(want) else pytest.approx(want, rel=1e-9)), row["place"]


@pytest.mark.parametrize("how", ["mean", "median", "min", "max"])
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
        assert row["value"] == pytest.approx(MEASURES[how](used(some[VALUE], how)), rel=1e-9)
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
