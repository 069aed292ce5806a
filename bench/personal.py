"""Columns of personal data and columns that look like them: how many of each kind are recognised."""

from __future__ import annotations

import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.people import LOOK_ALIKES, POSITIVES
from core.contracts import Table
from core.engine.duckdb import DuckEngine, stored
from core.profile import profile

EACH = 40  # columns of each kind
SEED = 20_240_229
VAGUE = ("value", "field", "x", "data", "col", "entry", "info", "attr")  # names that say nothing
_WRONG = ("", None, "n/a", "unknown", "see notes", "0000", "-")
Made = tuple[str | None, str, str, list[str | None]]


def columns(seed: int) -> Iterator[Made]:
    """What each column holds (None: nothing personal), what it was made as, its name and 60 to 400 values.

    Of a column's values up to a fifth is spoiled. Every other positive has a name that says nothing.
    """
    chance = random.Random(seed)
    for kind, (make, names) in POSITIVES.items():
        for number in range(EACH):
            told = number % 2 or kind == "date of birth"  # a day says nothing of what happened on it
            yield kind, kind, chance.choice(names if told else VAGUE), _values(chance, make(chance))
    for what, (make, names) in LOOK_ALIKES.items():
        for _ in range(EACH):
            yield None, what, chance.choice(names), _values(chance, make(chance))


def _values(chance: random.Random, one: Callable[[], str]) -> list[str | None]:
    spoiled, count = chance.choice((0.0, 0.02, 0.1, 0.2)), chance.randint(60, 400)
    return [chance.choice(_WRONG) if chance.random() < spoiled else one() for _ in range(count)]


def measured(seed: int = SEED) -> tuple[Counter[tuple[str | None, str | None]], Counter[tuple[str, str]]]:
    """How often a column that holds one kind was taken for which, and what was taken wrongly."""
    engine, made = DuckEngine(threads=2), list(columns(seed))
    found: Counter[tuple[str | None, str | None]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(made), EACH):
            some = made[start : start + EACH]
            place = Path(folder) / f"{start}.parquet"
            longest = max(len(values) for *_, values in some)
            pq.write_table(
                pa.table({
                    f"{name}_{i}": pa.array(values + [None] * (longest - len(values)), pa.string())
                    for i, (_, _, name, values) in enumerate(some)
                }),
                place,
            )  # fmt: skip
            query = stored(place)
            told = profile(Table(query, engine.schema(query)), engine).columns
            for (kind, what, _, _), column in zip(some, told, strict=True):
                found[kind, column.personal] += 1
                if column.personal != kind:
                    wrong[what, str(column.personal)] += 1
    return found, wrong


def main() -> None:
    found, wrong = measured()
    taken: dict[str | None, int] = defaultdict(int)
    for (_, got), count in found.items():
        taken[got] += count
    print(f"{len(POSITIVES)} kinds and {len(LOOK_ALIKES)} look-alikes, {EACH} columns of each")
    print(f"{'kind':36} precision  recall")
    for kind in POSITIVES:
        right = found[kind, kind]
        print(f"{kind:36} {right / taken[kind] if taken[kind] else 1:9.1%} {right / EACH:7.1%}")
    alarms = sum(count for (kind, got), count in found.items() if kind is None and got is not None)
    print(f"look-alikes taken for personal data: {alarms} of {EACH * len(LOOK_ALIKES)}")
    for (what, got), count in wrong.most_common(30):
        print(f"  {what}: taken for {got} {count} times")


if __name__ == "__main__":
    main()
