"""Which charts are suggested for which columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.charts.shelves import columns_of
from core.charts.suggest import suggest
from core.contracts import Chart, Column, Engine, Table
from core.errors import MissingColumn
from core.profile import ColumnProfile, Profile, profile
from tests.conftest import SAMPLES

Build = Callable[..., Table]


@pytest.fixture
def gapminder(table_of: Build, engine: Engine) -> tuple[Table, Profile]:
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
    return table, profile(table, engine)


def kinds(found: list[tuple[Chart, str]]) -> list[str]:
    return [chart.kind() for chart, _ in found]


@pytest.mark.parametrize(
    ("columns", "first"),
    [
        (["lifeExp"], "histogram"), (["continent"], "bar"), (["lifeExp", "gdpPercap"], "scatter"),
        (["lifeExp", "continent"], "bar"), (["year", "lifeExp"], "line"), (["year"], "line"),
        (["continent", "country"], "heat_map"), (["lifeExp", "gdpPercap", "pop"], "correlation"),
    ],
)  # fmt: skip
def test_the_first_suggestion_suits_the_columns(
    columns: list[str], first: str, gapminder: tuple[Table, Profile]
) -> None:
    assert kinds(suggest(columns, gapminder[1]))[0] == first


def test_every_suggestion_draws_and_gives_a_reason(gapminder: tuple[Table, Profile], engine: Engine) -> None:
    table, found = gapminder
    for columns in ([], ["lifeExp", "gdpPercap", "continent"], ["year", "pop", "continent"], ["country"]):
        suggestions = suggest(columns, found)
        assert 1 <= len(suggestions) <= 6
        suggestions = suggest(columns, found, limit=20)
        documents = [repr(chart.to_json()) for chart, _ in suggestions]
        assert len(set(documents)) == len(documents)
        for chart, reason in suggestions:
            assert str(reason).endswith(".")
            assert chart.figure(chart.data(table, engine)).data


def test_every_chosen_column_is_used_by_the_first_suggestion_for_two(
    gapminder: tuple[Table, Profile],
) -> None:
    chart, _ = suggest(["lifeExp", "continent"], gapminder[1])[0]
    assert {"lifeExp", "continent"} <= set(columns_of(chart.to_json()))


def test_far_values_are_folded_so_that_the_picture_is_not_flat(table_of: Build, engine: Engine) -> None:
    found = profile(table_of(x=[float(i % 50) for i in range(500)] + [1e9]), engine)
    (chart, _), *_ = suggest(["x"], found)
    assert chart.to_json()["extremes"] == "fold"


def test_an_unknown_column_is_an_error(gapminder: tuple[Table, Profile]) -> None:
    with pytest.raises(MissingColumn, match="lifeexp"):
        suggest(["lifeexp"], gapminder[1])


def column(
    name: str, type_: str, meaning: str, distinct: int, rows: int = 1_000, **more: Any
) -> ColumnProfile:
    return ColumnProfile(
        name=name,
        type=type_,
        meaning=meaning,
        rows=rows,
        missing=0,
        distinct=distinct,
        **more,  # type: ignore[arg-type]
    )


DAY = column("day", "date", "date", 700)
PRICES = [column(name, "number", "amount", 900) for name in ("Open", "High", "Low", "Close", "Adj Close")]


@pytest.mark.parametrize(
    ("columns", "kind", "reason"),
    [
        ([DAY, *PRICES], "candlestick", "Open, high, low and close"),
        ([DAY], "calendar_heat_map", "Many days"),
        ([DAY, column("sales", "number", "amount", 900)], "calendar_heat_map", "weekdays and seasons"),
        ([column("a", "text", "category", 4), column("b", "text", "category", 5),
          column("sales", "number", "amount", 900, minimum=0.0)], "treemap", "most of its sum"),
        ([column("a", "text", "category", 4), column("b", "text", "category", 5)], "treemap", "inside"),
        ([column("product", "text", "category", 200)], "pareto", "few of them make up most rows"),
        ([column("product", "text", "category", 200), column("sales", "number", "amount", 900)], "pareto",
         "most of its sum"),
        ([column("stage", "text", "category", 5)], "funnel", "reach each"),
        ([DAY, column("customer", "text", "identifier", 100)], "cohort", "who comes back"),
        ([column("a", "text", "category", 4), column("b", "text", "category", 5),
          column("c", "text", "category", 6)], "sankey", "from one to the next"),
        ([column("lat", "number", "latitude", 900), column("lon", "number", "longitude", 900)], "point_map",
         "where the rows lie"),
        ([column("nation", "text", "country", 90)], "filled_map", "Countries"),
    ],
)  # fmt: skip
def test_columns_of_a_certain_shape_are_offered_their_own_chart(
    columns: list[ColumnProfile], kind: str, reason: str
) -> None:
    found = suggest([one.name for one in columns], Profile(rows=1_000, columns=tuple(columns)))
    own = [(chart, str(words)) for chart, words in found if chart.kind() == kind]
    assert own, [chart.kind() for chart, _ in found]
    assert reason in own[0][1]
    own[0][0].check(tuple(Column(name=one.name, type=one.type) for one in columns))


def test_what_does_not_add_up_makes_no_parts_and_who_is_unique_never_comes_back() -> None:
    below = column("balance", "number", "amount", 900, minimum=-5.0)
    two = [column("a", "text", "category", 4), column("b", "text", "category", 5)]
    found = suggest(["a", "b", "balance"], Profile(rows=1_000, columns=(*two, below)), limit=20)
    (treemap,) = [chart for chart, _ in found if chart.kind() == "treemap"]
    assert treemap.to_json()["value"] is None
    once = Profile(rows=1_000, columns=(DAY, column("order", "text", "identifier", 1_000)))
    assert "cohort" not in kinds(suggest(["day", "order"], once, limit=20))
