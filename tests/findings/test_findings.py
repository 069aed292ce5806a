"""What is found: nothing where nothing is, what was planted, and on samples what others' arithmetic says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from core import examples
from core.contracts import Recorded, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import Cancelled
from core.findings import Finding, Findings, cells, findings, found
from core.selection import Selection, marked, selected
from core.within import Within
from core.wording import Note
from tests.conftest import SAMPLES
from tests.findings.data import START, nothing, read

SEEDS = range(60)


@pytest.fixture(scope="module")
def engine() -> DuckEngine:
    return DuckEngine(threads=1)


@pytest.fixture(scope="module")
def penguins(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, Table]:
    frame = pd.read_csv(SAMPLES / "palmerpenguins_penguins.csv.gz")
    place = tmp_path_factory.mktemp("penguins") / "p.parquet"
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), place)
    query = stored(place)
    return frame, Table(query, DuckEngine(threads=1).schema(query))


def by(told: Findings, kind: str, *columns: str) -> Finding:
    return next(one for one in told.findings if one.kind == kind and set(one.columns) == set(columns))


def test_where_nothing_is_a_search_finds_something_no_more_often_than_q() -> None:
    q = 0.05
    wrong = sum(bool(found(read(nothing(seed)), q).findings) for seed in SEEDS)
    assert stats.binomtest(wrong, len(SEEDS), q, alternative="greater").pvalue > 0.01


def test_the_number_of_looks_depends_on_the_columns_alone() -> None:
    assert len({found(read(nothing(seed))).looks for seed in range(4)}) == 1


def planted(seed: int) -> dict[str, np.ndarray]:
    """A little of everything, in 1,500 rows."""
    rng = np.random.default_rng(seed + 1_000)  # not the draws that the columns are made of
    columns = nothing(seed, 1_500)
    columns["n1"] = columns["n0"] + 2 * rng.normal(size=1_500)
    columns["n3"] = columns["n3"] + 0.4 * (columns["c1"] == 2)
    columns["c3"] = np.where(rng.uniform(size=1_500) < 0.4, columns["c0"], columns["c3"])
    columns["n5"] = rng.normal(size=1_500) * 0.2 + 3.0 * (columns["c2"] == 5)
    columns["n6"] = np.exp(rng.normal(size=1_500))
    columns["n7"] = np.where(
        rng.uniform(size=1_500) < 0.1 + 0.5 * columns["c0"], np.nan, rng.normal(size=1_500)
    )
    columns["n8"] = rng.normal(size=1_500) + 4.0 * columns["c1"]
    columns["n9"] = -columns["n8"] + 8.0 * columns["c1"] + rng.normal(size=1_500)
    columns["na"] = rng.normal(size=1_500) + 2.0 * (columns["day"] >= START + 800)
    columns["nb"] = rng.normal(size=1_500) + 2.0 * np.sin(columns["day"] / 365.25 * 2 * np.pi)
    return columns


PLANTED = (
    ("relation", "n0", "n1"), ("difference", "n3", "c1"), ("association", "c0", "c3"),
    ("outlying group", "n5", "c2"), ("skew", "n6"), ("missing", "n7", "c0"), ("reversal", "n8", "n9", "c1"),
    ("break", "na", "day"), ("season", "nb", "day"),
)  # fmt: skip


def test_what_was_planted_is_found() -> None:
    runs = [
        {(one.kind, frozenset(one.columns)) for one in found(read(planted(seed))).findings}
        for seed in range(8)
    ]
    power = {kind: sum((kind, frozenset(columns)) in run for run in runs) for kind, *columns in PLANTED}
    assert min(power.values()) >= 7, power


def test_what_is_told_of_what_was_planted() -> None:
    told = found(read(planted(1)))
    gap = by(told, "missing", "n7", "c0")
    assert gap.marked() == Selection.of(Within(column="n7", missing=True))
    when = str(by(told, "break", "na", "day").told.values["when"])
    assert abs((pd.Timestamp(when) - pd.Timestamp("1970-01-01")).days - (START + 800)) <= 62
    season = by(told, "season", "nb", "day").told.values
    assert str(season["top"]) in ("March", "April", "May")
    assert str(by(told, "outlying group", "n5", "c2").told.values["group"]) == "“c2_5”"
    assert told.findings[0].kind == "reversal"
    assert all(one.adjusted <= told.q and one.p <= one.adjusted for one in told.findings)


def test_a_weekly_rhythm_in_the_number_of_rows() -> None:
    days = np.repeat(START + np.arange(140), [9 if (START + k + 3) % 7 >= 5 else 3 for k in range(140)])
    told = found(read({"day": days.astype(float), "n0": np.random.default_rng(0).normal(size=len(days))}))
    season = by(told, "season", "day")
    assert str(season.told).startswith("The number of rows follows the week: highest on S")
    assert season.chart["grain"] == "day"


def monthly(seed: int, months: int, kept: float, leap: float = 0.0) -> dict[str, np.ndarray]:
    """Ten rows a month around a level that keeps a part of what it was, and may leap in the middle."""
    rng, count = np.random.default_rng(seed), months + 2  # the first and the last month are left out
    level = rng.normal(size=count + 40)
    for step in range(1, len(level)):
        level[step] += kept * level[step - 1]
    level = level[40:] * np.sqrt(1 - kept**2) + leap * (np.arange(count) >= count // 2)
    days = (np.datetime64("2020-01") + np.arange(count)).astype("datetime64[D]").astype(float)
    return {"n0": np.repeat(level, 10) + 0.01 * rng.normal(size=10 * count), "day": np.repeat(days, 10)}


@pytest.mark.parametrize("months", [34, 60])
def test_a_short_course_that_keeps_half_of_what_it_had_seldom_breaks(months: int) -> None:
    """Neighbouring steps are alike, and nothing happened: 100 searches are wrong no more often than q."""
    wrong = sum(bool(found(read(monthly(seed, months, 0.5)), 0.05).findings) for seed in range(100))
    assert stats.binomtest(wrong, 100, 0.05, alternative="greater").pvalue > 0.05


@pytest.mark.parametrize(("months", "kept", "leap", "least"), [(34, 0.0, 8.0, 0.8), (60, 0.3, 5.0, 0.7)])
def test_a_leap_in_a_short_course_is_found(months: int, kept: float, leap: float, least: float) -> None:
    kinds = [
        {one.kind for one in found(read(monthly(seed, months, kept, leap)), 0.05).findings}
        for seed in range(30)
    ]
    assert np.mean(["break" in one for one in kinds]) >= least


def test_penguins_turn_around_within_species(
    penguins: tuple[pd.DataFrame, Table], engine: DuckEngine
) -> None:
    frame, table = penguins
    told = findings(table, engine)
    assert (told.rows, told.used, told.left_out) == (344, 344, 0)
    alarm = by(told, "reversal", "bill_length_mm", "bill_depth_mm", "species")
    whole = frame[["bill_length_mm", "bill_depth_mm"]].corr("spearman").iloc[0, 1]
    assert alarm.told.values["whole"] == f"{whole:.2f}"
    own = frame.groupby("species")[["bill_length_mm", "bill_depth_mm"]].corr("spearman").iloc[::2, 1]
    for species, r in own.droplevel(1).items():
        assert f"“{species}”: {r:.2f}" in str(alarm.told)
    pair = by(told, "relation", "flipper_length_mm", "body_mass_g")
    wanted = stats.spearmanr(frame["flipper_length_mm"], frame["body_mass_g"], nan_policy="omit")
    assert pair.value == pytest.approx(wanted.statistic)
    groups = by(told, "difference", "body_mass_g", "species")
    known = frame.dropna(subset="body_mass_g").groupby("species")["body_mass_g"]
    assert groups.p == pytest.approx(stats.kruskal(*[values for _, values in known]).pvalue, rel=1e-8)
    assert groups.told.values["high"] == f"{known.median().max():,.0f}"


def test_a_filtered_table(penguins: tuple[pd.DataFrame, Table], engine: DuckEngine) -> None:
    frame, table = penguins
    told = findings(selected(table, Selection.of(Within(column="species", values=("Adelie",)))), engine)
    some = frame[frame["species"] == "Adelie"]
    pair = by(told, "relation", "bill_depth_mm", "body_mass_g")
    wanted = stats.spearmanr(some["bill_depth_mm"], some["body_mass_g"], nan_policy="omit")
    assert (pair.value, pair.rows) == (pytest.approx(wanted.statistic), 151)
    assert not any("species" in one.columns for one in told.findings)


def test_every_chart_of_a_finding_can_be_drawn(
    penguins: tuple[pd.DataFrame, Table], engine: DuckEngine
) -> None:
    _, table = penguins
    told = findings(table, engine)
    assert {one.kind for one in told.findings} >= {"reversal", "relation", "difference", "association"}
    for one in told.findings:
        own, chosen = table, one.marked()
        if chosen is not None:
            own = marked(table, chosen, "gone")
        chart = one.drawn("gone")
        assert chart.data(own, engine).num_rows


def test_findings_come_back_from_json(penguins: tuple[pd.DataFrame, Table], engine: DuckEngine) -> None:
    told = findings(penguins[1], engine)
    assert Findings.from_json(told.to_json()) == told
    assert isinstance(told.findings[0].told, Note)


def test_a_column_that_names_rows_is_compared_with_nothing(
    engine: DuckEngine, table_of: Callable[..., Table]
) -> None:
    rng = np.random.default_rng(3)
    price, code = rng.normal(size=300), rng.permutation(300)
    assert findings(table_of(id=np.arange(300), price=price), engine).looks == 1
    table = table_of(code=code, price=price)
    assert findings(table, engine, {"code": "identifier"}).looks < findings(table, engine).looks


@pytest.mark.parametrize("rows", [0, 1, 12])
def test_few_rows_show_nothing(rows: int, tmp_path: Path, engine: DuckEngine) -> None:
    pq.write_table(examples.table().slice(0, rows), tmp_path / "t.parquet")
    told = findings(Table(stored(tmp_path / "t.parquet"), examples.COLUMNS), engine)
    assert told.findings == ()
    assert told.rows == rows


def test_ugly_values(engine: DuckEngine, table_of: Callable[..., Table]) -> None:
    rng, rows = np.random.default_rng(4), 200
    x = rng.normal(size=rows)
    x[:3] = [np.inf, -np.inf, np.nan]
    dates = np.array(["0001-01-01", "9999-12-31", *["1960-05-01"] * (rows - 2)], dtype="datetime64[s]")
    told = findings(
        table_of(
            x=x, big=np.where(rng.uniform(size=rows) < 0.1, 1e300, x), none=pa.nulls(rows, pa.float64()),
            one=np.ones(rows), at=pa.array(dates.astype("datetime64[us]")),
            text=rng.choice(['<b>"x"</b>', "$a$ {b}"], size=rows), words=[f"w{i}" for i in range(rows)],
        ), engine,
    )  # fmt: skip
    assert told.rows == rows
    assert not any({"none", "one", "words"} & set(one.columns) for one in told.findings)


def test_many_rows_are_looked_at_in_part(
    engine: DuckEngine, table_of: Callable[..., Table], monkeypatch
) -> None:
    monkeypatch.setattr(cells, "ROWS", 1_000)
    table = table_of(x=np.arange(20_000) % 97 * 1.0, y=np.arange(20_000) % 97 * 2.0 + np.arange(20_000) % 31)
    got = cells.read(table, engine, {}, 1_000)
    assert got.rows == 20_000
    assert 900 <= got.used <= 1_100
    assert found(got).findings[0].rows == got.used


def test_a_person_can_stop_the_search(penguins: tuple[pd.DataFrame, Table], engine: DuckEngine) -> None:
    class Stopped(Recorded):
        def stopped(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        findings(penguins[1], engine, watch=Stopped())
