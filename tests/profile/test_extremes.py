"""Infinite, enormous and minute values, compared with exact fractions."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np
import pytest

from core import sql
from core.contracts import Engine, Silent, Table
from core.errors import Cancelled
from core.ordinal import scaling
from core.profile import ColumnProfile, profile, work
from core.profile.work import select

Build = Callable[..., Table]
RNG = np.random.default_rng(11)
BODIES: dict[str, list[float]] = {
    "enormous": [float(v) for v in RNG.normal(3, 1, 300) * 1e300],
    "up to the largest": [1.7976931348623157e308, 1e308, 1.5e308, 1.2e308] * 20,
    "both signs": [float(v) for v in RNG.normal(0, 1, 300) * 1e200],
    "one among small ones": [*(float(v) for v in RNG.normal(50, 5, 300)), 1e250],
    "minute": [float(v) for v in RNG.normal(3, 1, 300) * 1e-200],
    "subnormal": [i * 5e-324 for i in range(1, 200)],
    "ordinary": [float(v) for v in RNG.normal(1e9, 1e-3, 300)],
    "enormous and constant": [1e200] * 50,
}


def exact(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation in exact arithmetic, rounded once."""
    fractions = [Fraction(value) for value in values]
    mean = sum(fractions) / len(fractions)
    variance = sum((value - mean) ** 2 for value in fractions) / (len(fractions) - 1)
    power = math.frexp(max(abs(value) for value in values))[1]
    root = math.sqrt(variance / Fraction(4) ** power)  # near 1: neither overflows nor vanishes
    return float(mean), float(Fraction(root) * Fraction(2) ** power)


def quartiles(values: Sequence[float]) -> tuple[float, ...]:
    """Linear between the two values around q * (n - 1), in exact arithmetic."""
    ordered, found = sorted(map(Fraction, values)), []
    for share in (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)):
        place = share * (len(ordered) - 1)
        low = ordered[math.floor(place)]
        found.append(float(low + (ordered[math.ceil(place)] - low) * (place - math.floor(place))))
    return tuple(found)


def column_of(values: Sequence[float | None], table_of: Build, engine: Engine) -> ColumnProfile:
    found = profile(table_of(x=values), engine)
    json.dumps(found.to_json(), allow_nan=False)
    return found.column("x")


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_moments_and_quartiles_of_extreme_values_are_those_of_exact_arithmetic(
    name: str, large: bool, table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:  # the queries of large tables, on few rows
        monkeypatch.setattr(work, "EXACT_ROWS", 20)
    values = BODIES[name]
    found = column_of([*values, None], table_of, engine)
    mean, sd = exact(values)
    assert (found.minimum, found.maximum, found.missing) == (min(values), max(values), 1)
    assert found.mean == pytest.approx(mean, rel=1e-13, abs=5e-324)
    assert found.sd == pytest.approx(sd, rel=1e-9, abs=5e-324)
    assert found.quartiles == pytest.approx(quartiles(values), rel=1e-12, abs=5e-324)
    histogram = found.histogram
    assert histogram is not None
    assert sum(histogram.counts) + histogram.below + histogram.above == len(values)
    assert sum(count > 0 for count in histogram.counts) >= min(4, len(set(values)))
    edges = [float(edge) for edge in histogram.edges if isinstance(edge, float)]
    assert all(math.isfinite(edge) for edge in edges)
    assert edges == sorted(edges)


@pytest.mark.parametrize("large", [False, True])
def test_infinite_values_are_counted_and_left_out_of_the_rest(
    large: bool, table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(work, "EXACT_ROWS", 20)
    body = BODIES["enormous"]
    found = column_of([math.inf, *body, -math.inf, math.inf, math.nan, None], table_of, engine)
    assert (found.infinite, found.missing) == (3, 2)
    mean, sd = exact(body)
    assert found.mean == pytest.approx(mean, rel=1e-13)
    assert found.sd == pytest.approx(sd, rel=1e-9)


def test_only_infinite_values_have_no_mean_and_no_histogram(table_of: Build, engine: Engine) -> None:
    found = column_of([math.inf, -math.inf, math.inf], table_of, engine)
    assert (found.infinite, found.missing, found.minimum, found.mean, found.sd) == (3, 0, None, None, None)
    assert found.histogram is None


def test_a_deviation_beyond_all_numbers_is_said_to_be_so(table_of: Build, engine: Engine) -> None:
    found = profile(table_of(x=[1.7e308, -1.7e308]), engine)
    assert found.column("x").mean == 0
    assert found.column("x").sd is None
    kinds = {finding.kind for finding in found.findings}
    assert {"enormous", "beyond_range"} <= kinds


@pytest.mark.parametrize(
    ("name", "kind"), [("enormous", "enormous"), ("minute", "minute"), ("subnormal", "minute")]
)
def test_extreme_values_are_found_and_said(name: str, kind: str, table_of: Build, engine: Engine) -> None:
    findings = [f for f in profile(table_of(x=BODIES[name]), engine).findings if f.kind == kind]
    assert len(findings) == 1
    assert "e" in findings[0].message


@pytest.mark.parametrize("largest", [5e-324, 1e-300, 1e-150, 1.0, 1e139, 1e150, 1.7e308])
def test_scaling_is_a_power_of_two_that_makes_squares_safe(largest: float) -> None:
    scale = scaling(-largest, largest / 3)
    assert math.frexp(scale)[0] == 0.5
    square = (largest * scale) ** 2
    assert 1e-290 < square < 1e290


def test_a_very_large_table_is_looked_at_in_stretches_from_end_to_end(
    table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "EXACT_ROWS", 100)
    monkeypatch.setattr(work, "SAMPLE_ROWS", 500)
    monkeypatch.setattr(work, "STRETCH", 50)
    table = table_of(x=[float(v) for v in range(5_000)], y=[v * -2.0 for v in range(5_000)])
    looked = work.begin(table, engine, Silent())
    rows = engine.rows(select([sql.name("x")], looked.some_rows(["x"]))).column("x").to_pylist()
    assert len(rows) == pytest.approx(500, rel=0.3)
    assert min(rows) < 50
    assert max(rows) >= 4_950
    assert len({int(row) // 50 for row in rows}) == 20
    found = profile(table, engine)
    assert found.pairs[0].correlation == pytest.approx(-1)
    assert found.pairs[0].rows == len(rows)
    assert found.column("x").sd == pytest.approx(float(np.std(np.arange(5_000), ddof=1)), rel=1e-12)


@pytest.mark.parametrize("large", [False, True])
def test_progress_never_goes_back_and_a_stop_ends_it_between_two_queries(
    large: bool, table_of: Build, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(work, "EXACT_ROWS", 20)
    shares: list[float] = []

    class Followed(Silent):
        def progress(self, share: float | None, message: str = "") -> None:
            shares.append(share or 0.0)

        def stopped(self) -> bool:
            return len(shares) >= limit

    limit = 1_000
    columns = {f"{name} {i}": BODIES[name][:50] for name in BODIES for i in range(10)}
    table = table_of(**columns, kind=["a", "b"] * 25)
    profile(table, engine, Followed())
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    whole, limit = len(shares), 3
    shares.clear()
    with pytest.raises(Cancelled):
        profile(table, engine, Followed())
    assert len(shares) < whole
