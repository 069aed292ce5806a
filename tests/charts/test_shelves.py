"""Fields on shelves choose the chart, and suggestions say their numbers."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pytest
import statsmodels.formula.api as smf

import core.charts  # noqa: F401, registers the members
from core.charts import shelves
from core.charts.effects import effects, ratio, some, telling
from core.charts.suggest import suggest
from core.contracts import Chart, Column, ColumnType, Engine, Table
from core.profile import Profile, profile
from core.selection import Selection, selected
from core.within import Within
from tests.conftest import SAMPLES

Build = Callable[..., Table]
COLUMNS = (
    Column(name="when", type="date"), Column(name="region", type="text"), Column(name="price", type="number"),
    Column(name="weight", type="number"), Column(name="size", type="integer"),
    Column(name="kind", type="text"), Column(name="sold", type="boolean"),
)  # fmt: skip
KNOWN = shelves.sketch(COLUMNS, 100)


@pytest.mark.parametrize(
    ("placed", "kind"),
    [
        ({"x": ("price",)}, "histogram"), ({"x": ("region",)}, "bar"), ({"x": ("sold",)}, "bar"),
        ({"x": ("when",)}, "line"), ({"x": ("when",), "y": ("price",)}, "line"),
        ({"x": ("price",), "y": ("weight",)}, "scatter"), ({"x": ("region",), "y": ("price",)}, "bar"),
        ({"x": ("region",), "y": ("price",), "colour": ("kind",)}, "bar"),
        ({"x": ("when",), "y": ("price",), "colour": ("region",)}, "line"),
        ({"x": ("price",), "y": ("weight",), "facet": ("region",)}, "scatter"),
    ],
)  # fmt: skip
def test_the_meaning_of_the_fields_decides_the_chart(placed: shelves.Placed, kind: str) -> None:
    document = shelves.chosen(placed, KNOWN, COLUMNS)
    assert document is not None
    assert document["kind"] == kind
    assert shelves.placed(document) == placed
    Chart.from_json(document).check(COLUMNS)


def test_a_number_in_groups_is_measured_by_its_mean_and_a_text_by_its_values() -> None:
    bar = Chart.members["bar"]
    of_numbers = shelves.assembled(bar, {"x": ("region",), "y": ("price",)}, COLUMNS)
    of_texts = shelves.assembled(bar, {"x": ("region",), "y": ("kind",)}, COLUMNS)
    assert of_numbers is not None
    assert of_texts is not None
    assert (of_numbers["aggregation"], of_texts["aggregation"]) == ("mean", "distinct")
    settings = {"aggregation": "median", "top": 7}
    kept = shelves.assembled(bar, {"x": ("region",), "y": ("price",)}, COLUMNS, settings)
    assert kept is not None
    assert (kept["aggregation"], kept["top"]) == ("median", 7)
    gone = shelves.assembled(bar, {"x": ("region",)}, COLUMNS, settings)  # no column is left to measure
    assert gone is not None
    assert (gone["aggregation"], gone["top"]) == ("count", 7)


def test_a_field_that_stands_where_no_chart_has_it_moves_to_its_place() -> None:
    document = shelves.chosen({"y": ("region",)}, KNOWN, COLUMNS)
    assert document is not None
    assert (document["kind"], document["x"]) == ("bar", "region")


def test_fields_swap_places_and_leave() -> None:
    now: shelves.Placed = {"x": ("price",), "y": ("weight",)}
    assert shelves.moved(now, "y", "price", source="x") == {"x": ("weight",), "y": ("price",)}
    assert shelves.moved(now, "x", "size") == {"x": ("size",), "y": ("weight",)}
    assert shelves.moved({"columns": ("a",)}, "columns", "b", many=True) == {"columns": ("a", "b")}
    assert shelves.without(now, "x", "price") == {"y": ("weight",)}


def test_a_kind_that_was_chosen_stays_while_it_can() -> None:
    box = {"kind": "box_plot", "x": "region", "y": "price"}
    stays = shelves.changed({"x": ("kind",), "y": ("price",)}, KNOWN, COLUMNS, box, free=False)
    freed = shelves.changed({"x": ("kind",), "y": ("price",)}, KNOWN, COLUMNS, box, free=True)
    gives_way = shelves.changed(
        {"x": ("when",), "y": ("price",), "colour": ("kind",)}, KNOWN, COLUMNS, box, False
    )
    assert stays is not None
    assert freed is not None
    assert gives_way is not None
    assert (stays["kind"], stays["x"]) == ("box_plot", "kind")
    assert freed["kind"] == "bar"
    assert gives_way["kind"] == "line"


def test_a_field_is_added_where_its_meaning_asks_for_it() -> None:
    first = shelves.added({}, "price", KNOWN, COLUMNS, {})
    assert first is not None
    second = shelves.added(shelves.placed(first), "when", KNOWN, COLUMNS, first)
    assert second is not None
    assert (second["kind"], second["x"], second["y"]) == ("line", "when", "price")
    third = shelves.added(shelves.placed(second), "region", KNOWN, COLUMNS, second)
    assert third is not None
    assert "region" in shelves.columns_of(third)


@pytest.mark.parametrize("kind", sorted(Chart.members))
def test_every_chart_is_taken_apart_and_put_together_again(kind: str) -> None:
    from core import examples

    document = Chart.members[kind].example().to_json()
    again = shelves.assembled(Chart.members[kind], shelves.placed(document), examples.COLUMNS, document)
    assert again == document
    assert {name for name, field in shelves.shelves(Chart.members[kind]) if field} >= set(
        shelves.placed(document)
    )


@pytest.fixture
def gapminder(table_of: Build, engine: Engine) -> tuple[pd.DataFrame, Table, Profile]:
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    return frame, table, profile(table, engine)


def test_the_shares_are_the_adjusted_r_squared_of_one_way_models(
    gapminder: tuple[pd.DataFrame, Table, Profile], engine: Engine
) -> None:
    frame, table, known = gapminder
    found = {(e.number, e.category): e.share for e in effects(table, engine, known)}
    assert found
    for (number, category), share in found.items():
        expected = smf.ols(f"Q('{number}') ~ C(Q('{category}'))", frame).fit().rsquared_adj
        assert share == pytest.approx(max(0.0, expected), abs=1e-9)
    late = Selection.of(Within(column="year", low=1980))
    some_rows = frame[frame["year"] >= 1980]
    part = {(e.number, e.category): e.share for e in effects(selected(table, late), engine, known)}
    fitted = smf.ols("lifeExp ~ C(continent)", some_rows).fit().rsquared_adj
    assert part["lifeExp", "continent"] == pytest.approx(fitted, abs=1e-9)


def test_suggestions_say_by_what_a_number_differs_most(
    gapminder: tuple[pd.DataFrame, Table, Profile], engine: Engine
) -> None:
    _, table, known = gapminder
    found = effects(table, engine, known)
    chart, reason = telling((), known, found, table)[0]
    assert {found[0].number, found[0].category} == set(shelves.columns_of(chart.to_json()))
    assert str(reason).startswith(f"{found[0].number} differs most by {found[0].category}")
    (_, own), (_, other), *_ = telling(["lifeExp"], known, found, table)
    assert "spread" in str(own)
    assert "differs most by continent" in str(other)
    reasons = [str(reason) for _, reason in telling(["lifeExp", "gdpPercap"], known, found, table)]
    assert "correlation is 0.5" in reasons[0]
    for names in ((), ("continent",), ("lifeExp", "continent")):
        for chart, _ in telling(names, known, found, table):
            assert chart.figure(chart.data(table, engine)).data


def test_an_effect_of_a_sample_says_so(
    gapminder: tuple[pd.DataFrame, Table, Profile], engine: Engine
) -> None:
    _, table, known = gapminder
    (short, *_), (long, *_) = (
        effects(table, engine, known.model_copy(update={"rows": rows})) for rows in (1_704, 300_000)
    )
    assert "Measured on" not in str(short.words())
    assert f"Measured on {long.rows:,} rows, evenly spread over all." in str(long.words())
    reasons = [str(reason) for _, reason in telling((), known, [long], table)]
    assert "Measured on" in reasons[0]


def test_of_a_long_table_evenly_spread_rows_are_looked_at(table_of: Build, engine: Engine) -> None:
    table = table_of(x=list(range(10_000)))
    assert some(table, 10_000) is table
    few = engine.rows(some(table, 10_000, 1_000).query).num_rows
    assert 900 < few < 1100
    assert ratio([]) is None
    assert ratio([(2, 1.0, 0.0), (2, 1.0, 0.0)]) is None  # nothing to explain


def test_a_column_that_no_suggestion_takes_goes_to_a_free_shelf_of_the_best_one() -> None:
    many = KNOWN.model_copy(
        update={"columns": tuple(c.model_copy(update={"distinct": 5_000}) for c in KNOWN.columns)}
    )
    now: shelves.Placed = {"x": ("region",), "y": ("price",)}
    document = shelves.added(now, "when", many, COLUMNS, {"kind": "bar"})
    assert document is not None
    assert (document["kind"], document["x"], document["y"], document["colour"]) == (
        "line", "when", "price", "region",
    )  # fmt: skip


def test_means_of_colours_are_not_stacked() -> None:
    now: shelves.Placed = {"x": ("region",), "y": ("price",), "colour": ("kind",)}
    document = shelves.assembled(Chart.members["bar"], now, COLUMNS)
    assert document is not None
    assert document["bars"] == "side by side"


def test_a_column_that_names_rows_is_no_measure_before_anybody_counted() -> None:
    columns = (Column(name="Order No", type="integer"), Column(name="price", type="number"))
    guessed = shelves.sketch(columns, 100)
    assert [column.meaning for column in guessed.columns] == ["identifier", "number"]
    drawn = [chart.to_json() for found in suggest((), guessed) for chart in found[:1]]
    assert drawn
    assert all("Order No" not in shelves.columns_of(chart) for chart in drawn)


NUMBERS: dict[str, tuple[dict, shelves.Placed | None]] = {
    "a size": ({"kind": "scatter", "x": "a", "y": "b"}, {"x": ("a",), "y": ("b",), "size": ("more",)}),
    "a size on a map": (
        {"kind": "point_map", "latitude": "a", "longitude": "b"},
        {"latitude": ("a",), "longitude": ("b",), "size": ("more",)},
    ),
    "the measure": (
        {"kind": "heat_map", "x": "side", "y": "kind"}, {"x": ("side",), "y": ("kind",), "value": ("more",)},
    ),
    "one more number": ({"kind": "radar", "columns": ["a", "b", "c"]}, {"columns": ("a", "b", "c", "more")}),
    "against the other number": (
        {"kind": "bar", "x": "side", "y": "a", "aggregation": "mean"},
        {"x": ("a",), "y": ("more",), "colour": ("side",)},
    ),
    "nowhere": ({"kind": "line", "x": "day", "y": "a", "aggregation": "mean"}, None),
}  # fmt: skip


@pytest.mark.parametrize("case", NUMBERS)
def test_a_number_that_is_pressed_is_no_colour(case: str) -> None:
    types: dict[str, ColumnType] = {
        "a": "number", "b": "number", "c": "integer", "more": "number", "side": "text", "kind": "text",
        "day": "date",
    }  # fmt: skip
    columns = tuple(Column(name=name, type=kind) for name, kind in types.items())
    document, wanted = NUMBERS[case]
    now = shelves.placed(document)
    found = shelves.added(now, "more", shelves.sketch(columns, 100), columns, document)
    assert (None if found is None else shelves.placed(found)) == wanted
