"""Who has a partner, beside pandas.merge of the same rows."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from core.contracts import Engine, Table
from core.errors import BadParameter, MissingColumn
from core.joins import match, segments
from core.steps.join import Join
from core.steps.pairing import Pair
from tests.steps.tables import put
from tests.steps.test_join import OTHER, joined, some


def two(folder: Path, left: pa.Table, right: pa.Table) -> tuple[Table, Table]:
    table = put(folder, left, {OTHER: right})
    return table, table.other(OTHER)


def on(*names: str) -> tuple[Pair, ...]:
    return tuple(Pair(column=name, other=name) for name in names)


@pytest.mark.parametrize("names", [["k"], ["k", "w"]])
@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_pandas_merge(
    names: list[str], seed: int, engine: Engine, tmp_path: Path
) -> None:
    left, right = some(seed, 60, 40, side="l"), some(seed + 50, 40, 40, side="r")
    found = match(*two(tmp_path, left, right), on(*names), engine)
    a, b = (side.to_pandas(types_mapper=pd.ArrowDtype) for side in (left, right))
    inner = a.dropna(subset=names).merge(b.dropna(subset=names), on=names)
    assert found.pairs == len(inner)
    for side, frame, row in ((found.left, a, "l0"), (found.right, b, "r0")):
        assert side.rows == len(frame)
        assert side.empty == int(frame[names].isna().any(axis=1).sum())
        assert side.matched == inner[row].nunique()
        assert side.alone == len(frame) - inner[row].nunique()
        sizes = frame.dropna(subset=names).groupby(names).size()
        assert side.keys == len(sizes)
        assert side.repeated == int((sizes > 1).sum())
    assert found.right.most == inner.groupby("l0").size().max()
    assert found.left.most == inner.groupby("r0").size().max()


@pytest.mark.parametrize("kind", ["left", "inner", "right", "full", "semi", "anti"])
@pytest.mark.parametrize("loose", [False, True])
def test_the_rows_foretold_are_the_rows_that_come(
    kind: Any, loose: bool, engine: Engine, tmp_path: Path
) -> None:
    chance = random.Random(5)
    words = ["a", "A ", "b", "c", None, "d  d", "D d"]
    left = pa.table({"k": [chance.choice(words) for _ in range(30)]})
    right = pa.table({"k": [chance.choice(words[:4]) for _ in range(9)], "v": range(9)})
    foretold = match(*two(tmp_path, left, right), on("k"), engine, loose=loose).rows(kind)
    step = Join(table=OTHER, keys=on("k"), kind_of=kind, loose=loose)
    assert joined(step, left, right, engine, tmp_path).num_rows == foretold


def test_keys_without_a_partner_are_named_the_most_frequent_first(engine: Engine, tmp_path: Path) -> None:
    left = pa.table({"k": ["x", "y", "x", "z", "q", None], "n": [1, 1, 1, 1, 2, 1]})
    right = pa.table({"k": ["z", "w"], "n": [1, 1]})
    found = match(*two(tmp_path, left, right), on("k"), engine)
    assert found.left.lost == (("x", 2), ("y", 1), ("q", 1))
    assert found.right.lost == (("w", 1),)
    both = match(*two(tmp_path, left, right), on("k", "n"), engine)
    assert both.left.lost[0] == ("x · 1", 2)


def test_empty_tables_have_no_partners(engine: Engine, tmp_path: Path) -> None:
    full, none = pa.table({"k": ["a"]}), pa.table({"k": pa.array([], pa.string())})
    found = match(*two(tmp_path, none, full), on("k"), engine)
    assert (found.left.rows, found.left.rate, found.right.alone, found.pairs) == (0, 0.0, 1, 0)
    assert found.left.lost == ()
    assert segments(*two(tmp_path, none, full), on("k"), "k", engine) == ()


@pytest.mark.parametrize("where", ["left", "right"])
def test_rates_by_group_are_those_of_counting(where: Any, engine: Engine, tmp_path: Path) -> None:
    left, right = some(1, 90, 40, side="l"), some(2, 40, 40, side="r")
    found = segments(*two(tmp_path, left, right), on("k"), "w", engine, where=where)
    mine, theirs = (left, right) if where == "left" else (right, left)
    known = set(theirs["k"].to_pylist()) - {None}
    rows = Counter(mine["w"].to_pylist())
    matched = Counter(row["w"] for row in mine.to_pylist() if row["k"] in known)
    assert {(one.value, one.rows, one.matched) for one in found} == {(w, rows[w], matched[w]) for w in rows}
    assert [one.rows for one in found] == sorted(rows.values(), reverse=True)


def test_rare_groups_stand_together_at_the_end(engine: Engine, tmp_path: Path) -> None:
    left = pa.table(
        {"k": [0] * 30 + list(range(20)), "g": ["many"] * 30 + [f"g{i}" for i in range(19)] + [None]}
    )
    right = pa.table({"k": range(5)})
    found = segments(*two(tmp_path, left, right), on("k"), "g", engine)
    assert len(found) == 21
    assert found[-1].rest
    assert sum(one.rows for one in found) == 50
    assert (found[0].value, found[0].rows, found[0].rate) == ("many", 30, 1.0)


def test_what_cannot_be_compared_is_said(engine: Engine, tmp_path: Path) -> None:
    left, right = pa.table({"k": ["7"], "n": [7]}), pa.table({"k": [7], "n": [7]})
    tables = two(tmp_path, left, right)
    with pytest.raises(BadParameter, match="never equal"):
        match(*tables, on("k"), engine)
    with pytest.raises(MissingColumn):
        match(*tables, on("zz"), engine)
    with pytest.raises(MissingColumn):
        segments(*tables, on("n"), "zz", engine)
    with pytest.raises(BadParameter, match="needs a key"):
        match(*tables, (), engine)
