"""Rows that are nearly another one: counted, and left for a person to review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.contracts import Engine, Step, Table
from core.profile import profile, suggested
from core.steps.drop_similar import DropSimilarRows

Build = Callable[..., Table]
RNG = np.random.default_rng(4)
LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def people(count: int) -> dict[str, list[Any]]:
    def words(length: int) -> list[str]:
        return ["".join(RNG.choice(LETTERS, length)).title() for _ in range(count)]

    return {
        "name": [f"{a} {b}" for a, b in zip(words(6), words(8), strict=True)],
        "street": [f"{word} Street {RNG.integers(1, 90)}" for word in words(7)],
        "town": [str(x) for x in RNG.choice(["Rome", "Oslo", "Lima"], count)],
        "born": [int(x) for x in RNG.integers(1940, 2005, count)],
    }


def told(rows: dict[str, list[Any]], build: Build, engine: Engine) -> tuple[int, dict[str, Any] | None]:
    found = profile(build(**rows), engine)
    assert not [step for step in suggested(found) if step["kind"] == "drop_similar_rows"]
    one = next((f for f in found.findings if f.kind == "similar_rows"), None)
    return (one.values["count"], one.fix) if one else (0, None)


def test_records_entered_twice_are_counted_and_left_to_review(table_of: Build, engine: Engine) -> None:
    rows = people(200)
    again = {name: values[:30] for name, values in rows.items()}
    again["name"] = [
        name.upper() if i % 3 == 0 else f" {name}." if i % 3 == 1 else name[:3] + name[4:]
        for i, name in enumerate(again["name"])
    ]
    again["town"] = [None if i % 7 == 2 and i % 3 != 2 else town for i, town in enumerate(again["town"])]
    both = {"id": list(range(1, 231)), **{name: [*rows[name], *again[name]] for name in rows}}
    count, fix = told(both, table_of, engine)
    assert count == 30
    assert fix is not None
    step = Step.from_json(fix)
    assert isinstance(step, DropSimilarRows)
    assert step.columns == ("name", "street", "town", "born")


@pytest.mark.parametrize("change", ["nothing", "exact", "street", "born", "town"])
def test_other_records_are_not(change: str, table_of: Build, engine: Engine) -> None:
    rows = people(200)
    again = {name: values[:30] for name, values in rows.items()}
    if change == "street":  # the neighbour
        again["street"] = [f"{street}7" for street in again["street"]]
    elif change == "born":
        again["born"] = [born + 1 for born in again["born"]]
    elif change == "town":
        again["town"] = ["Oslo" if town != "Oslo" else "Rome" for town in again["town"]]
    if change != "nothing":
        rows = {name: [*rows[name], *again[name]] for name in rows}
    assert told(rows, table_of, engine) == (0, None)
