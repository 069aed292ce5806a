"""Which charts are suggested for which columns."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pytest

from core.charts.shelves import columns_of
from core.charts.suggest import suggest
from core.contracts import Chart, Engine, Table
from core.errors import MissingColumn
from core.profile import Profile, profile
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
