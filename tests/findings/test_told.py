"""What is told of what was found: each relation once, what follows from others as such, of any table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.findings import findings, found
from core.findings.cells import COLUMNS
from core.findings.contrast import contrast
from core.findings.derived import derived
from core.findings.finding import TESTED
from core.selection import Selection
from core.within import Within
from tests.findings.data import START, read


@pytest.fixture(scope="module")
def engine() -> DuckEngine:
    return DuckEngine(threads=1)


def orders(rows: int = 600) -> dict[str, np.ndarray]:
    """Amounts that are quantity times price, in two units; cities in countries; a date and its year."""
    rng = np.random.default_rng(3)
    quantity, price = rng.integers(1, 9, rows).astype(float), np.round(rng.gamma(3, 4, rows), 2)
    city, day = rng.integers(0, 20, rows), START + np.floor(rng.uniform(0, 2_000, rows))
    return {
        "n_quantity": quantity, "n_price": price, "n_amount": np.round(quantity * price, 2),
        "n_cents": np.round(quantity * price, 2) * 100, "n_total": quantity + price,
        "c_city": city, "c_country": city // 5, "d_day": day, "n_days": day - START,
        "n_rate": np.array([3.0, 5.5, 9.0, 1.0])[city // 5],
    }  # fmt: skip


def test_what_follows_from_other_columns_is_said_and_is_no_news() -> None:
    told = found(read(orders()))
    said = [str(one) for one in told.derived]
    assert "n_amount is n_quantity × n_price." in said
    assert "n_total is n_quantity + n_price." in said
    assert "Each value of c_city has one value each of c_country, n_rate." in said
    assert "d_day is n_days told as a number." not in said
    assert "n_days is d_day told as a number." in said
    assert any(line.startswith("n_cents is n_amount in another unit") for line in said)
    pairs = {frozenset(one.columns) for one in told.findings}
    amount, city = ("n_amount", "n_cents", "n_price"), ("c_city", "c_country", "n_rate")
    for known in ((amount[0], amount[1]), (amount[0], amount[2]), city[:2], (city[0], city[2])):
        assert frozenset(known) not in pairs


def test_nothing_follows_where_columns_only_go_together() -> None:
    rng = np.random.default_rng(0)
    x, group = rng.normal(size=400), rng.integers(0, 3, 400)
    columns = {
        "n0": x, "n1": x + 0.3 * rng.normal(size=400), "n2": np.full(400, 3.0) + (np.arange(400) == 7),
        "c0": group, "c1": np.where(rng.uniform(size=400) < 0.9, group, 0),
        "c2": (np.arange(400) % 200 == 0).astype(int),
    }  # fmt: skip
    assert derived(read(columns)).told == []


def test_the_same_relation_is_told_once_with_the_columns_it_holds_for() -> None:
    rng = np.random.default_rng(1)
    size, group = rng.gamma(4, 1, 800), rng.integers(0, 3, 800)
    near = {f"n{k}": size * (1 + 0.01 * rng.normal(size=800)) for k in range(3)}
    told = found(read({**near, "n_price": size + rng.normal(size=800) + group, "c0": group}))
    about_price = [one for one in told.findings if one.kind == "relation" and "n_price" in one.columns]
    (one,) = about_price
    assert set(one.columns) | set(one.also) == {"n0", "n1", "n2", "n_price"}
    assert told.same >= 2
    assert len({(one.kind, frozenset(one.columns)) for one in told.findings}) == len(told.findings)


def test_a_value_that_two_columns_share_is_no_relation_of_them() -> None:
    rng = np.random.default_rng(2)
    none = rng.uniform(size=900) < 0.3
    columns = {f"c{k}": np.where(none, 9, rng.integers(0, 2, 900)) for k in range(2)}
    cells = read(columns)  # both have a level "9", called by the column's name: give it one name
    names = tuple(
        replace(one, labels=tuple("none" if label.endswith("9") else label for label in one.labels))
        for one in cells.categories
    )
    told = found(type(cells)(cells.rows, cells.used, categories=names))
    assert told.findings == ()
    assert [str(one) for one in told.derived] == ["c0, c1 are “none” in the same rows."]


def test_what_has_one_cause_is_said_in_one_sentence() -> None:
    """A garden that is not there has no area, no trees and no fence; two columns come from one survey."""
    rng = np.random.default_rng(4)
    garden, asked = rng.uniform(size=900) < 0.6, rng.uniform(size=900) < 0.7
    grown = {name: np.where(garden, rng.gamma(3, 5, 900), 0.0) for name in ("n_area", "n_trees", "n_fence")}
    size = rng.normal(size=900) + 1.5 * asked
    survey = {name: np.where(asked, rng.normal(size=900), np.nan) for name in ("n_score", "n_rank")}
    price = rng.gamma(3, 2, 900)
    units = {"n_price": price, "n_cents": price * 100, "n_dimes": price * 10}
    told = found(read({**grown, **survey, **units, "n_size": size}))
    said = [str(one) for one in told.derived]
    assert "n_area, n_trees, n_fence are 0 in the same rows." in said
    assert "n_score, n_rank are missing in the same rows." in said
    assert sum("n_cents" in line for line in said) == 1
    assert next(line for line in said if "n_cents" in line).startswith(
        "n_cents, n_dimes are n_price in other"
    )
    assert not [one for one in told.findings if one.kind == "relation" and set(one.columns) <= {*grown}]
    (missing,) = [one for one in told.findings if one.kind == "missing"]
    assert set(missing.also) == {"n_rank"} or set(missing.also) == {"n_score"}


def test_a_break_says_how_many_months_are_missing() -> None:
    rng = np.random.default_rng(5)
    months = (np.datetime64("2019-01") + np.arange(62)).astype("datetime64[D]").astype(float)
    kept = np.delete(np.arange(62), [20, 21, 22, 41])
    days, level = np.repeat(months[kept], 10), np.where(kept >= 30, 3.0, 0.0) + 0.5 * rng.normal(size=58)
    told = found(read({"day": days, "n0": np.repeat(level, 10) + 0.01 * rng.normal(size=580)}))
    (one,) = [one for one in told.findings if one.kind == "break" and one.columns == ("n0", "day")]
    assert str(one.told).endswith("4 of the 60 steps (each a month) have no row.")


def test_every_finding_says_how_it_was_tested_and_how_sure_its_number_is() -> None:
    from tests.findings.test_findings import planted

    told = found(read(planted(2)))
    assert {one.kind for one in told.findings} == set(TESTED)
    for one in told.findings:
        assert str(one.tested())
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high, one.kind
    assert told.level > 0.95


def test_many_groups_are_compared_and_the_one_apart_is_drawn(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(60), 15)
    told = found(read({"c0": group, "n0": rng.normal(size=900) + 6.0 * (group == 57)}))
    one = next(one for one in told.findings if one.kind == "outlying group")
    assert "“c0_57”" in str(one.told)
    assert one.marked() == Selection.of(Within(column="c0", values=("c0_57",)))


def test_a_group_that_most_rows_are_in_does_not_stand_apart() -> None:
    rng = np.random.default_rng(4)
    group = np.where(np.arange(900) < 600, 9, np.arange(900) % 8)
    told = found(read({"c0": group, "n0": rng.normal(size=900) + 6.0 * (group == 9)}))
    assert not any(one.kind == "outlying group" for one in told.findings)


def test_years_and_large_numbers_are_written_as_people_do() -> None:
    rng = np.random.default_rng(5)
    group = rng.integers(0, 2, 400)
    year = 1980.0 + rng.integers(0, 9, 400) + 20 * group
    columns = {"c0": group, "n_year": year, "n_pop": 1e6 * rng.uniform(1, 2, 400) + 1e6 * group}
    said = " ".join(str(one.told) for one in found(read(columns)).findings)
    assert "its median is 2004 " in said
    assert "e+06" not in said
    assert ",980" not in said


WIDE = 200


def wide(rows: int) -> dict[str, pa.Array]:
    """Numbers, categories, constants, nothing at all, a text of as many values as rows."""
    rng = np.random.default_rng(6)
    columns: dict[str, pa.Array] = {f"x{k}": pa.array(rng.normal(size=rows)) for k in range(WIDE - 50)}
    columns |= {f"c{k}": pa.array(rng.choice(["a", "b", "c"], rows)) for k in range(40)}
    columns |= {f"one{k}": pa.array(["same"] * rows) for k in range(4)}
    columns |= {f"none{k}": pa.nulls(rows, pa.float64()) for k in range(3)}
    columns |= {f"no{k}": pa.nulls(rows, pa.string()) for k in range(2)}
    order = {name: columns[name] for name in sorted(columns, key=lambda name: (name[-1], name))}
    return {"words": pa.array([f"w{i}" for i in range(rows)]), **order}


@pytest.mark.parametrize("rows", [1, 600])
def test_wide_and_empty_tables_are_bounded(
    engine: DuckEngine, table_of: Callable[..., Table], rows: int
) -> None:
    table = table_of(**wide(rows))
    told = findings(table, engine)
    assert told.rows == rows
    assert told.left_out == WIDE - COLUMNS
    assert told.looks <= COLUMNS * COLUMNS * 40
    assert rows > 1 or told.findings == ()
    beside = contrast(table, Selection.of(Within(column="c0", values=("a",))), engine)
    assert beside.inside + beside.outside == rows


def test_a_text_of_a_hundred_thousand_values(engine: DuckEngine, table_of: Callable[..., Table]) -> None:
    rows = 200_000
    words = np.array([f"w{k}" for k in range(100_000)])[np.arange(rows) % 100_000]
    told = findings(table_of(words=words, x=np.arange(rows) % 977 * 1.0), engine)
    assert told.rows == rows
    assert not any("words" in one.columns for one in told.findings)
