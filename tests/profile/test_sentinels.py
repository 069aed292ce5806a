"""Numbers that stand for a missing value: found where they can be no measurement, and left elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.contracts import Engine, Table
from core.profile import profile, suggested

Build = Callable[..., Table]
RNG = np.random.default_rng(1)
LENGTHS = [round(float(x), 1) for x in RNG.normal(44, 5, 300)]
AGES = [int(x) for x in RNG.integers(18, 90, 300)]
WEIGHTS = [int(x) for x in RNG.normal(4200, 300, 300)]
SKEWED = [round(float(x), 2) for x in RNG.lognormal(8, 1.2, 300)]


def told(values: list[Any], build: Build, engine: Engine, name: str = "a") -> list[tuple[str, int, bool]]:
    found = profile(build(**{name: values, "n": [f"row {i}" for i in range(len(values))]}), engine).findings
    return [(f.values["values"], f.values["count"], f.sure) for f in found if f.kind == "sentinel"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (LENGTHS + [999.0] * 7, ("999", 7, True)),
        (LENGTHS + [99.99] * 4, ("99.99", 4, True)),
        (WEIGHTS + [-999] * 9, ("-999", 9, True)),
        (AGES + [999] * 5 + [-999] * 2 + [9999] * 3, ("999, 9999", 8, True)),
        (AGES + [-1] * 20, ("-1", 20, False)),
        (WEIGHTS + [0] * 6, ("0", 6, False)),
        ([*[1, 2, 3, 4, 5] * 30, *[99] * 4], ("99", 4, False)),
    ],
)
def test_codes_far_from_all_other_values_are_told(
    values: list[Any], expected: tuple[str, int, bool], table_of: Build, engine: Engine
) -> None:
    assert told(values, table_of, engine) == [expected]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a", AGES + [99] * 6),  # people of 99
        ("a", SKEWED + [99999.0] * 2),  # twice is no habit
        ("a", [int(x) for x in SKEWED] + [999] * 5),  # among the others
        ("a", [0] * 60 + WEIGHTS),  # pays nothing, or a full price
        ("a", [0, 1, 2, 3] * 80),
        ("a", list(range(-1, 60)) * 5),
        ("part_no", WEIGHTS + [99999] * 9),
        ("customer_id", [*range(1000, 1300), 9999999, 9999999, 9999999]),
        ("zip", WEIGHTS + [99999] * 9),
    ],
)
def test_what_may_be_a_value_stays(name: str, values: list[Any], table_of: Build, engine: Engine) -> None:
    assert told(values, table_of, engine, name) == []


def test_the_sure_ones_become_missing_and_are_no_outliers(table_of: Build, engine: Engine) -> None:
    table = table_of(a=[*LENGTHS, *[999.0] * 7])
    found = profile(table, engine)
    assert "outliers" not in [finding.kind for finding in found.findings]
    replaced = {"kind": "replace_values", "columns": ["a"], "values": [{"find": "999", "missing": True}]}
    assert [s for s in suggested(found) if s["kind"] == "replace_values"] == [replaced]
    message = next(f.message for f in found.findings if f.kind == "sentinel")
    assert message == "7 values of 'a' are 999, far from all others: they seem to stand for missing ones."
