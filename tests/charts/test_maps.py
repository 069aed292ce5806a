"""Maps: countries by any of their names, places by their coordinates, numbers checked with pandas."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sqlglot import exp

from core.charts import DensityMap, FilledMap, PointMap, atlas, land
from core.charts.coding import patterned
from core.charts.drawing import coloured, notes, shade
from core.charts.projection import equal_earth
from core.charts.suggest import suggest
from core.contracts import Chart, Engine, Table
from core.meanings import countries
from core.meanings.nations import FORMS, NATIONS, known, plain
from core.profile import profile
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]
RADIUS = 6371.0  # kilometres
MOST_BYTES = 2_000_000


def sample(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES / f"{name}.csv.gz")


def put(frame: pd.DataFrame, table_of: Build) -> Table:
    return table_of(pa.Table.from_pandas(frame, preserve_index=False))


def behind(chart: Chart, data: pa.Table, row: int, table: Table, engine: Engine) -> pd.DataFrame:
    mark = chart.mark(data, row)
    assert mark is not None
    return engine.rows(selected(table, Selection(marks=(mark,))).query).to_pandas()


@pytest.fixture(scope="module")
def gapminder() -> pd.DataFrame:
    return sample("gapminder_gapminder")


@pytest.fixture(scope="module")
def ames() -> pd.DataFrame:
    return sample("modeldata_ames")


@pytest.fixture(scope="module")
def scattered() -> pd.DataFrame:
    """30,000 places around the 180th meridian, and some that are none."""
    draw = np.random.default_rng(7)
    lon = draw.uniform(150, 230, 30_000)
    frame = pd.DataFrame({"lat": draw.uniform(-60, 70, 30_000), "lon": np.where(lon > 180, lon - 360, lon)})
    frame["size"] = draw.exponential(3, 30_000)
    frame.loc[:9, "lat"] = [91, -91, math.inf, math.nan, 90, -90, 0, 0, 0, 0]
    frame.loc[4:9, "lon"] = [180, -180, 180.5, math.nan, 180, -180]
    return frame


# ---- which country a text names


def test_every_way_to_write_a_country_that_is_recognised_names_one(table_of: Build, engine: Engine) -> None:
    names = [name.strip() for name in countries._NAMES.replace("\n", "").split("|")]
    texts = [*names, *countries._TWO.split(), *countries._THREE.split()]
    texts += [f"\u3000{text.lower()}\u00a0" for text in texts]
    table = table_of(x=texts)
    query = exp.select(exp.alias_(known("x"), "k")).from_(table.query.subquery("t"))
    found = engine.rows(query).column("k").to_pylist()
    assert found == [plain(text) for text in texts], "the engine reads a text as we do"
    assert [text for text in found if text not in FORMS] == []


def test_codes_and_names_mean_the_same_country() -> None:
    same = {"DEU": ["DE", "Germany", "Deutschland", "德国"], "COD": ["Congo, Dem. Rep.", "CD"],
            "CIV": ["Côte d'Ivoire",
    "Cote d'Ivoire", "ivory coast"],
            "KOR": ["Korea, Rep.", "韩国", "한국"]}  # fmt: skip
    for code, forms in same.items():
        assert {FORMS[plain(form)] for form in forms} == {code}


# ---- the land


def test_the_borders_are_small_and_every_country_has_a_place() -> None:
    assert land.FILE.stat().st_size < 300_000
    assert set(land.codes()) - {""} == set(NATIONS)
    for code in NATIONS:
        lon, lat = land.middle(code)
        assert -180 <= lon <= 180
        assert -90 <= lat <= 90


# square kilometres as atlases give them
AREAS = {"BRA": 8_515_767, "AUS": 7_692_024, "GRL": 2_166_086, "FRA": 543_940, "FJI": 18_274, "ISL": 103_000,
         "IND": 3_287_263, "ZAF": 1_221_037}  # fmt: skip


@pytest.mark.parametrize("code", AREAS)
def test_areas_on_the_plane_are_those_of_the_globe(code: str) -> None:
    lines = [one.line for one in atlas.outlines(code, fine=True)]
    area = abs(sum(float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) / 2 for x, y in (line.T for line in lines)))
    assert area * RADIUS**2 == pytest.approx(AREAS[code], rel=0.04)


def test_the_projection_keeps_areas_everywhere() -> None:
    draw = np.random.default_rng(1)
    lon, lat, h = draw.uniform(-180, 180, 500), draw.uniform(-89, 89, 500), 1e-4
    (x0, y0), (x1, y1), (x2, y2) = (equal_earth(lon + a, lat + b) for a, b in ((0, 0), (h, 0), (0, h)))
    stretched = ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / np.radians(h) ** 2
    assert stretched == pytest.approx(np.cos(np.radians(lat)), rel=1e-3)
    x, y = equal_earth(np.array([180.0]), np.array([90.0]))
    widest = float(equal_earth(np.array([180.0]), np.array([0.0]))[0][0])
    assert float(x[0]) / widest == pytest.approx(0.59247, abs=1e-4), "the pole is a line, as its makers say"
    assert float(y[0]) == pytest.approx(1.3173, abs=1e-4)


def test_a_country_on_both_sides_of_the_map_is_cut_there() -> None:
    ends = [one.box for one in atlas.outlines("RUS")]
    assert max(box[2] - box[0] for box in ends) < 2.5, "no line runs through the whole map"
    assert min(box[0] for box in ends) < -1.0 < 1.0 < max(box[2] for box in ends)


# ---- filled maps

AGGREGATIONS = {"mean": "mean", "median": "median", "sum": "sum", "max": "max", "distinct": "nunique"}


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_shades_are_pandas_aggregates(
    aggregation: Any, gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table = put(gapminder, table_of)
    chart = FilledMap(country="country", y="lifeExp", aggregation=aggregation)
    got = chart.data(table, engine).to_pandas().set_index("place")
    expected = gapminder.groupby("country")["lifeExp"].agg(AGGREGATIONS[aggregation])
    assert got["value"].to_dict() == pytest.approx(expected.to_dict(), rel=1e-12)
    assert got["code"].notna().all(), "the sample's countries are all known"
    assert got["code"].is_unique


def test_shades_of_a_filtered_table(gapminder: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    few = selected(put(gapminder, table_of), Selection.of(Within(column="year", low=1990, high=2000)))
    got = FilledMap(country="country", y="pop", aggregation="sum").data(few, engine).to_pandas()
    own = gapminder[(gapminder["year"] >= 1990) & (gapminder["year"] < 2000)]
    expected = own.groupby("country")["pop"].sum()
    assert got.set_index("place")["value"].to_dict() == pytest.approx(expected.to_dict())
    assert got["rows"].sum() == len(own)


MIXED = ["France", "FR", "fra ", "法国", "Peru", "Atlantis", "Atlantis", "Narnia", None, "PERU"]


MESSY = {
    "United States": "USA", "usa": "USA", " us ": "USA", "U.S.A.": "USA", "美国": "USA", "美國": "USA",
    "DE": "DEU", "Deutschland": "DEU", "德国": "DEU", "CN": "CHN", "chn": "CHN", "中國": "CHN",
    "Cote d'Ivoire": "CIV",
    "Türkiye": "TUR", "Korea, Rep.": "KOR", "義大利": "ITA", "Burma": "MMR",
}  # fmt: skip
UNKNOWN = {
    "Untied Kingdom": "United Kingdom", "Chnia": "China", "Frnace": "France", "Czech Rep": "Czechia",
    "Dem Rep Congo": "Democratic Republic of the Congo", "澳大利亚联邦": "澳大利亚",
    "Total": None, "Europe": None, "n/a": None, "North": None, "Northland": None, "unknown": None,
}  # fmt: skip


def test_a_messy_list_finds_its_countries_and_says_what_the_rest_may_mean(
    table_of: Build, engine: Engine
) -> None:
    names = [name for name in (*MESSY, *UNKNOWN) for _ in range(2)]
    table = put(pd.DataFrame({"land": names, "x": 1.0}), table_of)
    chart = FilledMap(country="land", y="x", aggregation="sum")
    data = chart.data(table, engine)
    rows = data.to_pylist()
    got = {name: row["code"] for row in rows for name in json.loads(row["spellings"]) if row["code"]}
    assert got == MESSY
    assert {row["place"]: row["nearest"] for row in rows if row["code"] is None} == UNKNOWN
    words = str(chart.describe(data))
    assert "Chnia (China?): 2" in words
    assert "Total: 2" in words
    beneath = next(trace for trace in chart.figure(data).data if trace.mode == "markers+text")
    assert "Untied Kingdom (United Kingdom?): 2" in beneath.text
    for row in range(data.num_rows):  # however it is written, its mark opens its rows
        mark = chart.mark(data, row)
        assert engine.rows(selected(table, Selection(marks=(mark,))).query).num_rows == rows[row]["rows"]


def test_spellings_are_one_country_and_its_numbers_are_of_all_rows(table_of: Build, engine: Engine) -> None:
    table = table_of(where=MIXED, x=[1.0, 2.0, 30.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, math.inf])
    chart = FilledMap(country="where", y="x", aggregation="median")
    data = chart.data(table, engine)
    rows = {row["place"]: row for row in data.to_pylist()}
    assert rows["FR"]["value"] == 3.0
    assert (rows["FR"]["code"], rows["FR"]["rows"]) == ("FRA", 4)
    assert set(json.loads(rows["FR"]["spellings"])) == {"France", "FR", "fra ", "法国"}
    assert [row["place"] for row in data.to_pylist()][2:] == ["Narnia", "Atlantis", "(missing)"]
    words = str(chart.describe(data))
    for part in (
        "2 names are on no map: Narnia: 1; Atlantis: 2",
        "In 1 row it is missing",
        "1 infinite value",
    ):
        assert part in words
    for number, row in enumerate(data.to_pylist()):
        own = behind(chart, data, number, table, engine)
        assert len(own) == row["rows"]
    assert set(behind(chart, data, 0, table, engine)["where"]) <= set(MIXED[:5]) | {"PERU"}


def test_very_many_names_that_are_none_are_one_group(table_of: Build, engine: Engine) -> None:
    table = table_of(where=[f"place {i % 5_000}" for i in range(9_000)] + ["Chad"] * 3)
    chart = FilledMap(country="where")
    data = chart.data(table, engine)
    last = data.num_rows - 1
    assert data.num_rows == 1 + chart.UNKNOWN + 1
    assert data.column("place_is")[last].as_py() == "other"
    assert len(behind(chart, data, last, table, engine)) == data.column("rows")[last].as_py()
    assert "5,000 names are on no map" in str(chart.describe(data))


def test_a_window_holds_the_countries_it_shows(
    gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    more = pd.concat([gapminder, pd.DataFrame({"country": ["Atlantis"]})])
    table, chart = put(more, table_of), FilledMap(country="country")
    data = chart.data(table, engine)
    (x0, x1), (y0, y1) = equal_earth(np.array([-4.0, 16.0]), np.array([41.0, 53.0]))
    region = chart.region(data, (x0, x1), (y0, y1))
    assert region is not None
    shown = set(engine.rows(selected(table, region).query).to_pandas()["country"])
    assert {"France", "Germany", "Switzerland", "Belgium", "Italy", "Spain"} <= shown
    assert not shown & {"Brazil", "China", "Egypt", "Atlantis", "Turkey", "Sweden"}
    inside = equal_earth(np.array([100.0, 100.5]), np.array([35.0, 35.5]))
    middle = chart.region(data, *((float(ends[0]), float(ends[1])) for ends in inside))
    assert middle is not None
    assert set(engine.rows(selected(table, middle).query).to_pandas()["country"]) == {"China"}


def test_every_country_can_be_pressed_and_told_from_land_without_rows(
    gapminder: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table, chart = put(gapminder, table_of), FilledMap(country="country", y="pop", aggregation="sum")
    data = chart.data(table, engine)
    figure = chart.figure(data)
    assert len(figure.to_json()) < MOST_BYTES
    carried = [int(one) for trace in figure.data if trace.customdata is not None for one in trace.customdata]
    assert sorted(carried) == list(range(142))
    before = figure.to_json()
    assert patterned(chart.figure(data)).to_json() == before, "areas are no series"
    coloured(figure, ["#000000"], ((0.0, "#ffffff"), (1.0, "#000000")))
    kinds = {(trace.meta or {}).get("ground") for trace in figure.data}
    assert {"net", "bare"} <= kinds
    by_name = {
        trace.text.split(":")[0]: trace for trace in figure.data if getattr(trace, "hoveron", None) == "fills"
    }
    assert by_name["China"].fillcolor == "#000000"
    assert int(by_name["India"].fillcolor[1:3], 16) < int(by_name["Chad"].fillcolor[1:3], 16)
    assert {trace.type for trace in figure.data} == {"scatter", "heatmap"}, "nothing that needs the network"


def test_ranks_spread_the_shades(gapminder: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    chart = FilledMap(country="country", y="pop", aggregation="sum", shades="by rank")
    drawn = atlas.Atlas(chart.data(put(gapminder, table_of), engine), by_rank=True)
    parts = sorted(drawn.shade(row["value"]) or 0.0 for row in drawn.rows)
    assert parts == pytest.approx(list(np.linspace(0, 1, 142)))


def test_a_shade_lies_between_the_colours_of_a_scale() -> None:
    scale = ((0.0, "#000000"), (0.5, "#800000"), (1.0, "#ff00ff"))
    assert [shade(part, scale) for part in (0, 0.25, 0.5, 1)] == ["#000000", "#400000", "#800000", "#ff00ff"]


# ---- points and cells


def test_points_are_the_rows_places(ames: pd.DataFrame, table_of: Build, engine: Engine) -> None:
    table = put(ames, table_of)
    chart = PointMap(latitude="Latitude", longitude="Longitude", colour="MS_Zoning", size="Sale_Price")
    data = chart.data(table, engine)
    got = data.to_pandas()[["latitude", "longitude", "size"]].to_numpy()
    expected = ames[["Latitude", "Longitude", "Sale_Price"]].to_numpy(float)
    assert sorted(map(tuple, got)) == sorted(map(tuple, expected))
    own = behind(chart, data, 0, table, engine)
    first = data.to_pylist()[0]
    same = ames[(ames["Latitude"] == first["latitude"]) & (ames["Longitude"] == first["longitude"])]
    assert len(own) == (same["MS_Zoning"] == first["colour"]).sum()
    figure = chart.figure(data)
    assert len(figure.to_json()) < MOST_BYTES
    assert figure.layout.yaxis.scaleratio == pytest.approx(1 / math.cos(math.radians(42.03)), rel=1e-3)


def test_a_window_is_a_range_of_latitudes_and_longitudes(
    ames: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table, chart = put(ames, table_of), PointMap(latitude="Latitude", longitude="Longitude")
    region = chart.region(chart.data(table, engine), (-93.65, -93.62), (42.02, 42.04))
    assert region is not None
    expected = ames[ames["Latitude"].between(42.02, 42.04) & ames["Longitude"].between(-93.65, -93.62)]
    assert engine.rows(selected(table, region).query).num_rows == len(expected) > 0
    few = chart.data(selected(table, region), engine)
    assert few.num_rows == len(expected), "a closer look is drawn of those rows"


def test_rows_around_the_180th_meridian_lie_together(table_of: Build, engine: Engine) -> None:
    table = table_of(lat=[-17.0, -18.0, -16.5, 95.0], lon=[179.0, -179.0, 177.0, 10.0])
    chart = PointMap(latitude="lat", longitude="lon")
    data = chart.data(table, engine)
    facts = notes(data)
    assert (facts["west"], facts["east"], facts["left_out"]) == (177.0, 181.0, 1)
    points = chart.figure(data).data[-1]
    assert sorted(points.x) == [177.0, 179.0, 181.0]
    region = chart.region(data, (178.0, 182.0), (-20.0, 0.0))
    assert region is not None
    assert engine.rows(selected(table, region).query).column("lon").to_pylist() == [179.0, -179.0]
    words = str(chart.describe(data))
    assert "1 row is left out" in words
    assert "179\u00b0 W" in words


@pytest.mark.parametrize("kind", [PointMap, DensityMap])
def test_cells_count_what_numpy_counts(
    kind: Any, scattered: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table, chart = put(scattered, table_of), kind(latitude="lat", longitude="lon")
    data = chart.data(table, engine)
    facts, got = notes(data), data.to_pandas()
    fits = scattered[scattered["lat"].between(-90, 90) & scattered["lon"].between(-180, 180)]
    assert facts["rows"] == len(fits) == got["rows"].sum()
    assert facts["left_out"] == len(scattered) - len(fits)
    width = facts["width"]
    lat = np.minimum(np.floor(fits["lat"] / width), math.ceil(90 / width) - 1)
    lon = np.minimum(np.floor(fits["lon"] / width), 180 / width - 1)
    expected = fits.groupby([lat, lon]).size()
    for row in got.itertuples():
        assert row.rows == expected[row.lat_cell, row.lon_cell]
    assert got["longitude"].between(148, 232).all(), "one window, not the whole globe"
    for row in range(0, data.num_rows, 37):
        assert len(behind(chart, data, row, table, engine)) == got["rows"][row]
    assert len(chart.figure(data).to_json()) < MOST_BYTES


def test_a_measure_in_cells_on_a_filtered_table(
    scattered: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    few = selected(put(scattered, table_of), Selection.of(Within(column="size", low=5)))
    chart = DensityMap(latitude="lat", longitude="lon", aggregation="median", y="size", cells=200)
    data = chart.data(few, engine)
    width, own = notes(data)["width"], scattered[scattered["size"] >= 5]
    own = own[own["lat"].between(-90, 90) & own["lon"].between(-180, 180)]
    lat = np.minimum(np.floor(own["lat"] / width), math.ceil(90 / width) - 1)
    lon = np.minimum(np.floor(own["lon"] / width), 180 / width - 1)
    expected = own.groupby([lat, lon])["size"].median()
    for row in data.to_pandas().itertuples():
        assert row.value == pytest.approx(expected[row.lat_cell, row.lon_cell], rel=1e-12)
    assert data.num_rows <= 200


def test_cells_of_a_closer_look_lie_within_those_of_the_wider_one(
    scattered: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    table, chart = put(scattered, table_of), DensityMap(latitude="lat", longitude="lon")
    data = chart.data(table, engine)
    width = notes(data)["width"]
    region = chart.region(data, (184.0, 192.0), (8.0, 16.0))
    assert region is not None
    closer = notes(chart.data(selected(table, region), engine))["width"]
    assert closer < width
    assert math.log2(width / closer).is_integer()


# ---- suggestions


def test_maps_are_suggested_for_what_says_where(
    gapminder: pd.DataFrame, ames: pd.DataFrame, table_of: Build, engine: Engine
) -> None:
    told = profile(put(gapminder, table_of), engine)
    assert suggest(["country", "lifeExp"], told)[0][0].kind() == "filled_map"
    assert suggest(["country"], told)[0][0].kind() == "filled_map"
    assert "filled_map" in [chart.kind() for chart, _ in suggest([], told)]
    houses = profile(put(ames, table_of), engine)
    kinds = [chart.kind() for chart, _ in suggest(["Latitude", "Longitude"], houses)]
    assert kinds[:2] == ["point_map", "density_map"]


def test_the_folder_says_where_the_borders_come_from() -> None:
    text = (Path(land.FILE).parent / "README.md").read_text(encoding="utf-8")
    assert "Natural Earth" in text
    assert "public domain" in text
