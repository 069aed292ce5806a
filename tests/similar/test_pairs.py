"""Pairs of similar rows against ones made by hand, and what becomes of them once they are decided."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rapidfuzz.distance import JaroWinkler

from core.contracts import Engine
from core.errors import BadParameter
from core.recipe import Recipe, RecipeStep, compare
from core.similar import pairs, records
from core.steps.drop_similar import DropSimilarRows, SamePair, read, written
from tests.similar.test_clusters import misspelt, names
from tests.steps.tables import after, assert_same, by_pandas, fetched, put

PEOPLE = pa.table(
    {
        "name": ["Anna Müller", "Muller, Anna", "Bob Stone", "Bob Stone", "Zoe", None, None],
        "city": ["Bern", "Bern", "Oslo", "Oslo", None, None, None],
        "age": [30, None, 41, 41, 5, 1, 2],
    }
)


def decided(*decisions: tuple[tuple[str | None, ...], tuple[str | None, ...], bool]) -> tuple[SamePair, ...]:
    return tuple(
        SamePair(one=written(one), other=written(other), same=same) for one, other, same in decisions
    )


ANNA, MULLER = ("Anna Müller", "Bern"), ("Muller, Anna", "Bern")


def ages(engine: Engine, folder: Path, **given: Any) -> list[Any]:
    step = DropSimilarRows(columns=("name", "city"), **given)
    return after(step, PEOPLE, engine, folder).column("age").to_pylist()


def test_records_are_the_different_rows_in_their_order(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, PEOPLE)
    found = records(table, DropSimilarRows(columns=("name", "city")).cells(table.columns), engine)
    assert found == [ANNA, MULLER, ("Bob Stone", "Oslo"), ("Zoe", None)]


def test_a_pair_has_the_mean_of_its_columns(engine: Engine, tmp_path: Path) -> None:
    (pair,) = pairs([("Martha", "Bern"), ("Marhta", "Bern"), ("Xu", "Rome")], 0.9)
    assert (pair.one, pair.other) == (("Martha", "Bern"), ("Marhta", "Bern"))
    assert pair.scores == pytest.approx((0.9611, 1.0), abs=1e-4), "Winkler's own example"
    assert pair.score == pytest.approx((0.9611 + 1) / 2, abs=1e-4)
    assert JaroWinkler.similarity("martha", "marhta") == pytest.approx(pair.scores[0])


def test_words_in_another_order_are_the_same() -> None:
    (pair,) = pairs([ANNA, MULLER], 0.99)
    assert pair.score == 1


def test_other_digits_count_against_a_pair() -> None:
    streets = [("Ann", "12 Main Street"), ("Ann", "13 Main Street"), ("Ann", "12 Main Stret")]
    (pair,) = pairs(streets, 0.9)
    assert (pair.one, pair.other) == (streets[0], streets[2])


def test_half_of_the_columns_must_be_there_in_both() -> None:
    a: tuple[str | None, ...] = ("same", None, None)
    assert pairs([a, ("same", None, "x")], 0.5) == []
    (pair,) = pairs([("same", None), ("same", "x")], 0.5)
    assert pair.scores == (1.0, None)


@pytest.mark.parametrize("found", [[], [("a",)], [("a",), ("b",)]])
def test_nothing_similar_is_no_pair(found: list[tuple[str]]) -> None:
    assert pairs(found, 0.9) == []


def test_among_many_rows_nearly_all_pairs_are_found() -> None:
    chance = random.Random(9)
    first, last = names(6_000, chance), names(6_000, chance)
    right = list(zip(first, last, strict=True))
    wrong = [(misspelt(one, chance), misspelt(other, chance)) for one, other in right[:500]]
    got = {(pair.one, pair.other) for pair in pairs([*right, *wrong], 0.85)}
    made = [
        (one, other) for one, other in zip(right, wrong, strict=False)
        if sum(JaroWinkler.similarity(a, b) for a, b in zip(one, other, strict=True)) >= 1.7
    ]  # fmt: skip
    assert len(made) > 400
    assert sum(pair in got for pair in made) >= 0.97 * len(made)


def test_confirmed_rows_become_one_and_refused_ones_stay(engine: Engine, tmp_path: Path) -> None:
    same = decided((ANNA, MULLER, True), (ANNA, ("Zoe", None), False))
    assert ages(engine, tmp_path, pairs=same) == [30, 41, 5, 1, 2]
    assert ages(engine, tmp_path, pairs=same, keep="last") == [None, 41, 5, 1, 2]
    assert ages(engine, tmp_path, pairs=same, exact=False) == [30, 41, 41, 5, 1, 2]
    assert ages(engine, tmp_path) == [30, None, 41, 5, 1, 2], "rows without any value are not the same"


def test_the_fullest_row_stays(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"n": ["ab", "ab.", "ab!"], "x": [None, 1, 2]})
    same = decided((("ab",), ("ab.",), True), (("ab!",), ("ab.",), True))
    step = DropSimilarRows(columns=("n",), keep="fullest", pairs=same)
    assert after(step, rows, engine, tmp_path).to_pydict() == {"n": ["ab."], "x": [1]}


def test_rows_that_are_the_same_as_a_third_are_the_same(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"n": list("abcdef")})
    same = decided((("a",), ("b",), True), (("d",), ("e",), True), (("b",), ("d",), True))
    step = DropSimilarRows(columns=("n",), pairs=same)
    assert after(step, rows, engine, tmp_path).column("n").to_pylist() == ["a", "c", "f"]


def test_decisions_hold_on_new_rows_with_numbers_and_missing_cells(engine: Engine, tmp_path: Path) -> None:
    one, other = ("1.5", None, "true"), ("2", None, "true")
    step = DropSimilarRows(columns=("x", "y", "z"), pairs=decided((one, other, True)))
    rows = pa.table({"x": [2.0, 3.0, 1.5], "y": pa.nulls(3, pa.string()), "z": [True, True, True]})
    table = put(tmp_path, rows)
    recipe = Recipe(steps=(RecipeStep(step=step),))
    got = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, tmp_path), got)
    assert got.column("x").to_pylist() == [2.0, 3.0]


def test_decisions_about_other_columns_are_refused() -> None:
    with pytest.raises(BadParameter, match="decisions about the columns that are compared"):
        DropSimilarRows.build("drop_similar_rows", {
            "columns": ["a"], "pairs": [{"one": '["x", "y"]', "other": '["x", null]', "same": True}],
        })  # fmt: skip
    for wrong in ("x", "{}", "[1]", "[" * 100_000):
        with pytest.raises(BadParameter, match="JSON list of texts"):
            DropSimilarRows.build(
                "drop_similar_rows", {"columns": ["a"], "pairs": [{"one": wrong, "other": "[null]"}]}
            )
    assert read(written(("a\n", None))) == ("a\n", None)


def test_the_rows_that_go_are_known(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, PEOPLE)
    step = DropSimilarRows(columns=("name", "city"), pairs=decided((ANNA, MULLER, True)))
    found = compare(Recipe(steps=(RecipeStep(step=step),)), table, engine)
    assert engine.rows(found.removed_rows().query).column("name").to_pylist() == ["Muller, Anna", "Bob Stone"]
