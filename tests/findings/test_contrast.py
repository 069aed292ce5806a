"""Chosen rows beside the others: differences as pandas and scipy find them, and none where there are none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from core.contracts import Table
from core.engine.duckdb import DuckEngine, stored
from core.findings.contrast import Contrast, cohen, contrast
from core.findings.finding import MARK, Finding
from core.selection import Selection, marked, selected
from core.within import Within
from tests.conftest import SAMPLES

GENTOO = Selection.of(Within(column="species", values=("Gentoo",)))


@pytest.fixture(scope="module")
def penguins(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Table]:
    frame = pd.read_csv(SAMPLES / "palmerpenguins_penguins.csv.gz")
    place = tmp_path_factory.mktemp("penguins") / "p.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), place)
    query = stored(place)
    return frame, Table(query, DuckEngine(threads=1).schema(query))


def of(told: Contrast, column: str) -> Finding:
    return next(one for one in told.differences if one.columns == (column,))


def test_numbers_are_those_of_scipy_and_pandas(
    penguins: tuple[pd.DataFrame, Table], engine: DuckEngine
) -> None:
    frame, table = penguins
    told = contrast(table, GENTOO, engine)
    assert (told.inside, told.outside, told.chosen) == (124, 220, ("species",))
    mass = of(told, "body_mass_g")
    a = frame.loc[frame["species"] == "Gentoo", "body_mass_g"].dropna()
    b = frame.loc[frame["species"] != "Gentoo", "body_mass_g"].dropna()
    wanted = stats.mannwhitneyu(a, b, use_continuity=False, method="asymptotic")
    assert mass.p == pytest.approx(wanted.pvalue, rel=1e-8)
    assert mass.value == pytest.approx(2 * wanted.statistic / (len(a) * len(b)) - 1)
    pooled = np.sqrt(((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2))
    assert mass.told.values["d"] == f"{(a.mean() - b.mean()) / pooled:.2f}"
    assert (mass.told.values["here"], mass.told.values["elsewhere"]) == (
        f"{a.median():,.0f}",
        f"{b.median():,.0f}",
    )
    assert [one.effect for one in told.differences] == sorted(
        (one.effect for one in told.differences), reverse=True
    )


def test_categories_are_those_of_scipy(penguins: tuple[pd.DataFrame, Table], engine: DuckEngine) -> None:
    frame, table = penguins
    island = of(contrast(table, GENTOO, engine), "island")
    counts = pd.crosstab(frame["island"], frame["species"] == "Gentoo")
    wanted = stats.chi2_contingency(counts, correction=False)
    assert island.p == pytest.approx(wanted.pvalue, rel=1e-8)
    assert str(island.told).startswith("island is “Biscoe” in 100% of these rows, and in 20% of the others")


def test_on_a_filtered_table_the_others_are_those_of_the_filter(
    penguins: tuple[pd.DataFrame, Table], engine: DuckEngine
) -> None:
    frame, table = penguins
    female = selected(table, Selection.of(Within(column="sex", values=("female",))))
    told = contrast(female, GENTOO, engine)
    some = frame[frame["sex"] == "female"]
    own = int((some["species"] == "Gentoo").sum())
    assert (told.inside, told.outside) == (own, len(some) - own)
    here = some.loc[some["species"] == "Gentoo", "bill_depth_mm"].median()
    assert of(told, "bill_depth_mm").told.values["here"] == f"{here:,.4g}"


def test_charts_of_differences_are_drawn_on_the_marked_table(
    penguins: tuple[pd.DataFrame, Table], engine: DuckEngine
) -> None:
    _, table = penguins
    for one in contrast(table, GENTOO, engine).differences:
        chart = one.drawn("chosen")
        assert chart is not None
        assert chart.data(marked(table, GENTOO, "chosen"), engine).num_rows
        assert MARK not in str(chart.to_json())


def test_rows_chosen_by_chance_differ_no_more_often_than_q(
    engine: DuckEngine, table_of: Callable[..., Table]
) -> None:
    wrong, runs = 0, 40
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        table = table_of(
            by=rng.integers(0, 10, size=400), a=rng.normal(size=400), b=rng.integers(0, 3, size=400),
            c=rng.choice(["x", "y", "z"], size=400), d=rng.uniform(size=400) < 0.5,
        )  # fmt: skip
        some = Selection.of(Within(column="by", low=0, high=2))
        wrong += bool(contrast(table, some, engine).differences)
    assert stats.binomtest(wrong, runs, 0.05, alternative="greater").pvalue > 0.01


def test_missing_values_and_dates(engine: DuckEngine, table_of: Callable[..., Table]) -> None:
    rng = np.random.default_rng(5)
    by = rng.uniform(size=500) < 0.3
    table = table_of(
        by=by, gone=np.where(by & (rng.uniform(size=500) < 0.6), None, "v").tolist(),
        at=pa.array(np.datetime64("2024-01-01") + 40 * by + rng.integers(0, 60, size=500), pa.date32()),
    )  # fmt: skip
    told = contrast(table, Selection.of(Within(column="by", values=("true",))), engine)
    assert str(of(told, "gone").told).startswith("gone is missing in 6")
    assert of(told, "gone").drawn() is None
    assert "at is later in these rows: its median is 2024-0" in str(of(told, "at").told)


def test_few_chosen_rows_of_many_are_all_looked_at(
    engine: DuckEngine, table_of: Callable[..., Table]
) -> None:
    x = np.arange(30_000)
    table = table_of(x=x, y=np.where(x < 50, 1.0, 0.0) + x % 7)
    told = contrast(table, Selection.of(Within(column="x", low=0, high=50)), engine, rows=2_000)
    assert (told.inside, told.outside, told.used[0]) == (50, 29_950, 50)
    assert 1_800 <= told.used[1] <= 2_200
    assert of(told, "y").value > 0.1


@pytest.mark.parametrize("some", [Selection(), Selection(exclude=True)])
def test_all_rows_or_none_differ_from_nothing(
    some: Selection, penguins: tuple[pd.DataFrame, Table], engine: DuckEngine
) -> None:
    told = contrast(penguins[1], some, engine)
    assert told.differences == ()
    assert {told.inside, told.outside} == {0, 344}


def test_cohens_d_of_equal_values_is_nothing() -> None:
    assert cohen(np.ones(10), np.arange(10) < 5) == 0.0
