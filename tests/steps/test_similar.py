"""Similar texts: scores beside those of their definitions, partners beside comparing each with each."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.steps.similar import JoinFuzzy
from tests.steps.test_join import OTHER, joined

NAMES = [
    "martha",
    "dwayne",
    "dixon",
    "jellyfish",
    "crate",
    "abcvwxyz",
    "hans peter",
    "o'hara",
    "łódź",
    "李雷",
]


def jaro_winkler(a: bytes, b: bytes) -> float:
    """After Winkler (1990): matches within half the longer text, half-transpositions, a common beginning."""
    reach = max(max(len(a), len(b)) // 2 - 1, 0)
    taken: list[int] = []
    mine: list[int] = []
    for i, letter in enumerate(a):
        for j in range(max(0, i - reach), min(len(b), i + reach + 1)):
            if j not in taken and b[j] == letter:
                taken.append(j)
                mine.append(i)
                break
    if not mine:
        return 0.0
    m = len(mine)
    swaps = sum(a[i] != b[j] for i, j in zip(mine, sorted(taken), strict=True)) // 2
    jaro = (m / len(a) + m / len(b) + (m - swaps) / m) / 3
    same = 0
    while same < min(4, len(a), len(b)) and a[same] == b[same]:
        same += 1
    return jaro + same * 0.1 * (1 - jaro) if jaro > 0.7 else jaro


def levenshtein(a: bytes, b: bytes) -> float:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return 1 - row[-1] / max(len(a), len(b))


def misspelt(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    return chance.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + "x" + word[place:],
            word[:place] + "q" + word[place + 1 :],
        ]
    )


@pytest.mark.parametrize("measure", ["Jaro-Winkler", "Levenshtein"])
@pytest.mark.parametrize("threshold", [0.7, 0.85, 1.0])
def test_partners_and_scores_are_those_of_comparing_each_with_each(
    measure: Any, threshold: float, engine: Engine, tmp_path: Path
) -> None:
    chance = random.Random(7)
    left = [misspelt(chance.choice(NAMES), chance) for _ in range(60)] + [*NAMES, None, "", "zzz"]
    right = [*NAMES, "marhta", "duane", "dicksonx", "smellyfish", None, "", "jellyfish"]
    step = JoinFuzzy(
        table=OTHER, column="a", other="b", measure=measure, threshold=threshold, partners="all",
        rows="rows with a partner",
    )  # fmt: skip
    tables = pa.table({"l": range(len(left)), "a": left}), pa.table({"r": range(len(right)), "b": right})
    got = {(r["l"], r["r"]): r["similarity"] for r in joined(step, *tables, engine, tmp_path).to_pylist()}
    score = jaro_winkler if measure == "Jaro-Winkler" else levenshtein
    expected = {
        (i, j): s
        for i, a in enumerate(left)
        for j, b in enumerate(right)
        if a and b and (s := score(a.encode(), b.encode())) >= threshold
    }
    assert set(got) <= set(expected)
    for pair, similarity in got.items():
        assert similarity == pytest.approx(expected[pair], abs=1e-9)
    if measure == "Levenshtein":
        assert set(got) == set(expected), "none is missed"
    assert len(got) >= 0.9 * len(expected) > 0


def test_the_best_alone_is_joined_and_every_row_stays(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"name": ["Jon  Smith", None, "Xaver", "JANE DOE"]})
    right = pa.table({"who": ["John Smyth", "jon smith", "John Smith", "Jane Doe "], "n": [1, 2, 3, 4]})
    got = joined(JoinFuzzy(table=OTHER, column="name", other="who"), left, right, engine, tmp_path)
    assert got["n"].to_pylist() == [2, None, None, 4]
    assert got["similarity"].to_pylist() == [1.0, None, None, 1.0]
    strict = JoinFuzzy(table=OTHER, column="name", other="who", loose=False, threshold=1)
    assert joined(strict, left, right, engine, tmp_path)["n"].to_pylist() == [None] * 4


def test_of_equally_similar_rows_the_first_is_taken(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"name": ["anna"]}), pa.table({"who": ["annb", "annc", "annb"], "n": [1, 2, 3]})
    step = JoinFuzzy(table=OTHER, column="name", other="who", threshold=0.8)
    assert joined(step, left, right, engine, tmp_path)["n"].to_pylist() == [1]
