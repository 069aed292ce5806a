"""Partners by similar text, beside all pairs compared one by one."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rapidfuzz.distance import Levenshtein

from core import examples
from core.contracts import Engine, Table
from core.joins import Match, similar
from core.steps.similar import JoinFuzzy
from tests.steps.tables import put

OTHER = examples.OTHER


def found(folder: Path, engine: Engine, left: list[Any], right: list[Any], **more: Any) -> Match:
    mine, theirs = (pa.table({"s": pa.array(texts, pa.string())}) for texts in (left, right))
    table: Table = put(folder, mine, {OTHER: theirs})
    step = JoinFuzzy(table=OTHER, column="s", other="s", **more)
    return similar(table, table.other(OTHER), step, engine)


@pytest.mark.parametrize("partners", ["best", "all"])
def test_partners_are_those_of_all_pairs(partners: str, engine: Engine, tmp_path: Path) -> None:
    chance = random.Random(4)
    right = ["".join(chance.choices("abcd", k=6)) for _ in range(40)]
    left = [word[:3] + chance.choice("abcde") + word[4:] for word in right for _ in range(2)] + ["", None]
    near = {
        (i, j)
        for i, a in enumerate(left) for j, b in enumerate(right)
        if a and 1 - Levenshtein.distance(a, b) / max(len(a), len(b)) >= 0.8
    }  # fmt: skip
    got = found(tmp_path, engine, left, right, measure="Levenshtein", threshold=0.8, partners=partners)
    with_one = {i for i, _ in near}
    assert (got.left.rows, got.left.empty, got.left.matched) == (82, 2, len(with_one))
    assert got.pairs == (len(near) if partners == "all" else len(with_one))
    if partners == "all":
        assert got.right.matched == len({j for _, j in near})
        assert got.right.most == max(Counter(i for i, _ in near).values())
    assert got.several == (partners == "all")
    assert got.rows("left") == got.pairs + 82 - len(with_one)


def test_the_most_frequent_texts_without_a_partner_are_told(engine: Engine, tmp_path: Path) -> None:
    got = found(tmp_path, engine, ["Rome", "xx", "Xx ", "yy"], ["Rom", "Bern", None], threshold=0.85)
    assert got.left.lost == (("xx", 2), ("yy", 1))
    assert got.right.lost == (("bern", 1),)
    assert (got.left.matched, got.right.matched, got.right.empty) == (1, 1, 1)


def test_empty_tables_have_no_partners(engine: Engine, tmp_path: Path) -> None:
    got = found(tmp_path, engine, [], [None])
    assert (got.left.rows, got.right.rows, got.pairs, got.left.lost) == (0, 1, 0, ())
