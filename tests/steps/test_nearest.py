"""Joins by nearness, beside pandas.merge_asof and beside comparing every row with every other."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadParameter
from core.steps.nearest import JoinAsOf
from core.steps.pairing import Pair
from core.steps.within import JoinWithin
from tests.steps.test_join import OTHER, joined, ordered, tuples

DIRECTIONS = {"before": "backward", "after": "forward", "either": "nearest"}
START = dt.datetime(2024, 1, 1)


def some(seed: int, rows: int, *, side: str, times: bool) -> pa.Table:
    """Values that are often equal and sometimes missing, in groups."""
    chance = random.Random(seed)
    values: list[Any] = [None if chance.random() < 0.1 else chance.randrange(60) for _ in range(rows)]
    kept = pa.array(values, pa.int64())
    if times:
        stamps = [None if v is None else START + dt.timedelta(hours=6 * v) for v in values]
        kept = pa.array(stamps, pa.timestamp("us"))
    groups = [None if chance.random() < 0.1 else "abc"[chance.randrange(3)] for _ in range(rows)]
    return pa.table({"t": kept, "g": groups, side: list(range(rows))})


@pytest.mark.parametrize("times", [False, True])
@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("within", [None, 2.5])
def test_rows_are_those_of_pandas_merge_asof(
    times: bool, equal: bool, direction: Any, within: float | None, engine: Engine, tmp_path: Path
) -> None:
    left, right = some(1, 50, side="l", times=times), some(2, 40, side="r", times=times)
    step = JoinAsOf(
        table=OTHER, column="t", other="t", by=(Pair(column="g", other="g"),), direction=direction,
        within=within, equal=equal, unit="days", keep=("r",),
    )  # fmt: skip
    got = joined(step, left, right, engine, tmp_path)
    assert got["l"].to_pylist() == list(range(50))
    limit: Any = within
    if within is not None and times:
        limit = pd.Timedelta(days=within)
    a, b = (
        side.to_pandas().dropna(subset=["t", "g"]).sort_values("t", kind="stable") for side in (left, right)
    )
    if not times:
        a["t"], b["t"] = a["t"].astype("float64"), b["t"].astype("float64")
    expected = pd.merge_asof(
        a, b, on="t", by="g", direction=DIRECTIONS[direction], tolerance=limit, allow_exact_matches=equal
    )
    known = {int(a): int(b) for a, b in zip(expected["l"], expected["r"], strict=True) if not pd.isna(b)}
    assert len(known) > 5
    assert got["r"].to_pylist() == [known.get(row) for row in range(50)]


def test_rows_without_a_partner_may_be_left_out(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"t": [5, 1, 3]}), pa.table({"u": [3.0, 2.5], "v": ["c", "b"]})
    step = JoinAsOf(table=OTHER, column="t", other="u", rows="rows with a partner")
    got = joined(step, left, right, engine, tmp_path)
    assert tuples(got) == [(5, 3.0, "c"), (3, 3.0, "c")]


def test_days_and_moments_are_near_each_other(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"day": [dt.date(2024, 3, 1)]})
    right = pa.table(
        {"at": pa.array([dt.datetime(2024, 2, 29, 23), dt.datetime(2024, 3, 1, 2)], pa.timestamp("us"))}
    )
    for direction, hour in (("before", 23), ("after", 2), ("either", 23)):
        step = JoinAsOf(table=OTHER, column="day", other="at", direction=direction)  # type: ignore[arg-type]
        assert joined(step, left, right, engine, tmp_path)["at"].to_pylist()[0].hour == hour


def test_a_number_is_not_near_a_day(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"t": [5]}), pa.table({"u": [dt.date(2024, 1, 1)]})
    with pytest.raises(BadParameter, match="no distance between them"):
        joined(JoinAsOf(table=OTHER, column="t", other="u"), left, right, engine, tmp_path)


@pytest.mark.parametrize("times", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("grouped", [False, True])
def test_all_rows_within_a_distance_are_those_found_by_comparing_each_with_each(
    times: bool, direction: Any, grouped: bool, engine: Engine, tmp_path: Path
) -> None:
    left, right = some(3, 40, side="l", times=times), some(4, 30, side="r", times=times)
    by = (Pair(column="g", other="g"),) if grouped else ()
    step = JoinWithin(
        table=OTHER, column="t", other="t", by=by, direction=direction,
        within=18 if times else 3, unit="hours",
        rows="rows with a partner", keep=("r",),
    )  # fmt: skip
    got = joined(step, left, right, engine, tmp_path).select(["l", "r"])
    expected = []
    for a in left.to_pylist():
        for b in right.to_pylist():
            if a["t"] is None or b["t"] is None or (grouped and (a["g"] is None or a["g"] != b["g"])):
                continue
            far = (b["t"] - a["t"]) / dt.timedelta(hours=6) if times else b["t"] - a["t"]
            low, high = {"before": (-3, 0), "after": (0, 3), "either": (-3, 3)}[direction]
            if low <= far <= high:
                expected.append((a["l"], b["r"]))
    assert len(expected) > 10
    assert tuples(got) == expected, "in the order of this table, then of the other"
    lone = joined(step.model_copy(update={"rows": "all rows"}), left, right, engine, tmp_path)
    without = set(range(40)) - {row for row, _ in expected}
    assert ordered(tuples(lone.select(["l", "r"]))) == ordered(expected + [(row, None) for row in without])


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("grouped", [False, True])
def test_a_distance_that_would_make_too_many_rows_is_refused(
    direction: Any, grouped: bool, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = some(3, 60, side="l", times=False), some(4, 50, side="r", times=False)
    by = (Pair(column="g", other="g"),) if grouped else ()
    step = JoinWithin(
        table=OTHER, column="t", other="t", by=by, direction=direction, within=9, rows="rows with a partner"
    )
    rows = joined(step, left, right, engine, tmp_path).num_rows
    monkeypatch.setattr("core.steps.size.MOST_ROWS", rows)
    assert joined(step, left, right, engine, tmp_path).num_rows == rows
    monkeypatch.setattr("core.steps.size.MOST_ROWS", rows - 1)
    with pytest.raises(BadParameter, match=f"put {rows} pairs"):
        joined(step, left, right, engine, tmp_path)
