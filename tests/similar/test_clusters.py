"""Clusters of values against ones made by hand, and against comparing each value with each."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pytest
from rapidfuzz.distance import JaroWinkler, Levenshtein

from core.contracts import Engine
from core.similar import clusters, counted, near, texts
from core.similar.clusters import Method
from core.steps.merge_similar import Merge, MergeSimilar
from tests.steps.tables import after, put


def found(method: Method, least: float = 0.85, **rows: int) -> list[tuple[str, ...]]:
    values = [(value.replace("_", " "), count) for value, count in rows.items()]
    return [cluster.values for cluster in clusters(values, method, least)]


def test_the_same_words_in_any_order_case_and_spelling_of_accents() -> None:
    values = [("Müller, Anna", 5), ("anna muller", 2), ("ANNA  MÜLLER.", 1), ("Anna Miller", 9)]
    (cluster,) = clusters(values, "fingerprint")
    assert cluster.values == ("Müller, Anna", "anna muller", "ANNA  MÜLLER.")
    assert cluster.rows == (5, 2, 1)
    assert cluster.proposed == "Müller, Anna"


def test_letter_pairs_pass_over_spaces() -> None:
    assert found("letter pairs", New_York=3, Newyork=1, newyork=2, York=1) == [
        ("New York", "newyork", "Newyork")
    ]
    assert found("fingerprint", New_York=3, Newyork=1) == []


def test_misspellings_go_to_the_most_frequent_value() -> None:
    got = found("Levenshtein", 0.8, Springfield=90, Sprngfield=2, Springfeild=1, Summerfield=50, Boston=7)
    assert got == [("Springfield", "Sprngfield", "Springfeild")]


def test_a_common_beginning_counts_for_jaro_winkler() -> None:
    assert found("Jaro-Winkler", 0.9, Massachusetts=9, Massachuset=1, Missouri=4) == [
        ("Massachusetts", "Massachuset")
    ]


def test_different_digits_are_different_things() -> None:
    values = [("Building number 12", 5), ("Building number 13", 3), ("Bilding number 12", 1)]
    (cluster,) = clusters(values, "Levenshtein", 0.85)
    assert cluster.values == ("Building number 12", "Bilding number 12")


def test_small_steps_do_not_chain_what_is_far_apart() -> None:
    chain = {"abcdefgh": 9, "abcdefgx": 3, "abcdefyx": 2, "abcdezyx": 1}
    for cluster in clusters(list(chain.items()), "Levenshtein", 0.85):
        for value in cluster.values:
            assert Levenshtein.normalized_similarity(value, cluster.proposed) >= 0.85


@pytest.mark.parametrize("method", get_args(Method))
def test_no_value_and_one_value_make_no_cluster(method: Method) -> None:
    assert clusters([], method) == []
    assert clusters([("a", 3)], method) == []
    assert clusters([("", 3), ("!!", 2), ("??", 1)], method) == []


def names(count: int, chance: random.Random) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < count:
        made["".join(chance.choices(string.ascii_lowercase, k=chance.randint(6, 14)))] = None
    return list(made)


def misspelt(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    letter = chance.choice(string.ascii_lowercase)
    cut = {"drop": text[:place] + text[place + 1 :], "put": text[:place] + letter + text[place:],
           "swap": text[:place] + letter + text[place + 1 :]}  # fmt: skip
    return cut[chance.choice(list(cut))]


@pytest.mark.parametrize("measure", ["Levenshtein", "Jaro-Winkler"])
def test_among_many_values_nearly_all_pairs_are_found_with_few_comparisons(measure: near.Measure) -> None:
    chance = random.Random(3)
    right = names(6_000, chance)
    wrong = [misspelt(text, chance) for text in right[:1_000]]
    values = list(dict.fromkeys([*right, *wrong]))
    first, second, scores = near.near(values, measure, 0.85)
    got = {frozenset((values[one], values[other])) for one, other in zip(first, second, strict=True)}
    score = {"Levenshtein": Levenshtein.normalized_similarity, "Jaro-Winkler": JaroWinkler.similarity}[
        measure
    ]
    made = {
        frozenset(pair) for pair in zip(right[:1_000], wrong, strict=True)
        if pair[0] != pair[1] and score(*pair) >= 0.85
    }  # fmt: skip
    assert len(made) > 700
    assert len(made & got) >= 0.98 * len(made)
    assert all(score(*pair) >= 0.85 for pair in map(sorted, got))
    assert ((scores >= 0.85) & (scores <= 1)).all()
    assert len(near.candidates([values] * len(near.ORDERS))[0]) <= near.BUDGET


def test_of_few_values_each_is_compared_with_each() -> None:
    chance = random.Random(4)
    values = names(300, chance)
    first, second, _ = near.near(values, "Levenshtein", 0.5)
    expected = {
        (one, other)
        for one in range(300) for other in range(one + 1, 300)
        if Levenshtein.normalized_similarity(values[one], values[other]) >= 0.5
    }  # fmt: skip
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected


def test_values_are_counted_over_all_rows(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"x": ["b", "a", None, "b", ""]}))
    assert counted(table, "x", engine) == [("b", 2), ("", 1), ("a", 1)]


def test_plain_forms() -> None:
    assert texts.plain(" Élan--Vital_2 ") == "elan vital 2"
    assert texts.fingerprint("b A b") == "a b"
    assert texts.ngrams("aab") == "aaab"
    assert texts.plain("李雷") == "李雷"


def test_confirmed_values_are_merged_and_others_stay(engine: Engine, tmp_path: Path) -> None:
    step = MergeSimilar(
        column="x", merges=(Merge(value="rome ", becomes="Rome"), Merge(value="", becomes="none"))
    )
    rows = pa.table({"x": ["rome ", "Rome", "roma", "", None]})
    assert after(step, rows, engine, tmp_path).column("x").to_pylist() == [
        "Rome",
        "Rome",
        "roma",
        "none",
        None,
    ]
    assert str(step.describe()) == 'Merge 2 values of "x" into 2'
