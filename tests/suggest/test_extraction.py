"""Extraction by example: what is selected in one text is found in others; a second settles doubt."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from core.engine.duckdb import DuckEngine
from core.recipe import Recipe, RecipeStep
from core.suggest import Example, for_selection
from tests.steps.tables import fetched, put

# the texts, what is selected in the first, and what the same thing is in the others
SITUATIONS = {
    "number before a unit": (["5 kg", "12 kg", "103 kg"], "5", ["5", "12", "103"]),
    "unit after a number": (["5 kg", "12 lb", "103 oz"], "kg", ["kg", "lb", "oz"]),
    "number inside words": (["about 3.5 km away", "some 12 km", "7 km"], "3.5", ["3.5", "12", "7"]),
    "host of an address": (["ann@example.org", "bob@mail.test"], "example.org", ["example.org", "mail.test"]),
    "name of an address": (["ann@example.org", "bob.b@mail.test"], "ann", ["ann", "bob.b"]),
    "first of three names": (["Ann, Bob, Cid", "Dan, Eve, Fay"], "Ann", ["Ann", "Dan"]),
    "second of three names": (["Ann, Bob, Cid", "Dan, Eve, Fay"], "Bob", ["Bob", "Eve"]),
    "last of several": (["a/b/c", "d/e", "f/g/h/i"], "c", ["c", "e", "i"]),
    "in brackets": (["Oslo (NO)", "Rome (IT)", "Bonn (DE)"], "NO", ["NO", "IT", "DE"]),
    "before brackets": (["Oslo (NO)", "New York (US)"], "Oslo", ["Oslo", "New York"]),
    "code in front": (["AB-12-x", "CD-7-y"], "AB", ["AB", "CD"]),
    "digits between dashes": (["AB-12-x", "CD-7-y"], "12", ["12", "7"]),
    "year of a date": (["2024-03-01", "1999-12-31"], "2024", ["2024", "1999"]),
    "month of a date": (["2024-03-01", "1999-12-31"], "03", ["03", "12"]),
    "fixed width": (["X1994A", "X2003B"], "1994", ["1994", "2003"]),
    "state after a city": (["Portland, OR", "San Diego, CA"], "OR", ["OR", "CA"]),
    "key and value": (["size=4;colour=red", "size=12;colour=blue"], "red", ["red", "blue"]),
    "e-mail in a sentence": (
        ["write to ann@a.org now", "or bob@b.org"],
        "ann@a.org",
        ["ann@a.org", "bob@b.org"],
    ),
    "price": (["EUR 12.50 each", "EUR 3.99 each"], "12.50", ["12.50", "3.99"]),
    "Chinese": (["北京市朝阳区", "上海市徐汇区"], "北京", ["北京", "上海"]),
    "accents": (["Zoë Müller", "Élodie Grün"], "Zoë", ["Zoë", "Élodie"]),
    "quoted": (['say "yes" twice', 'say "no" once'], "yes", ["yes", "no"]),
}


def made(step: object, texts: list[str | None], folder: Path, engine: DuckEngine) -> list[str | None]:
    """The new column that a step makes of the texts."""
    table = put(folder, pa.table({"x": texts}))
    done = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine).apply(table, engine)  # type: ignore[arg-type]
    rows = fetched(done, engine)
    name = next(name for name in rows.column_names if name != "x")
    return [None if value is None else str(value) for value in rows.column(name).to_pylist()]


@pytest.mark.parametrize("name", SITUATIONS)
def test_one_of_the_first_rules_means_what_was_meant(name: str, engine: DuckEngine, tmp_path: Path) -> None:
    texts, chosen, wanted = SITUATIONS[name]
    start = texts[0].index(chosen)
    found = for_selection(
        put(tmp_path, pa.table({"x": texts})), engine, "x", [Example(texts[0], start, start + len(chosen))]
    )
    rules = [one.step for one in found if one.step.kind().startswith("extract_")]
    assert 1 <= len(rules) <= 6
    results = [made(rule, list(texts), tmp_path, engine) for rule in rules]
    assert all(result[0] == chosen for result in results), "each rule finds what was selected"
    assert wanted in results


def test_a_second_example_leaves_only_rules_that_fit_both(engine: DuckEngine, tmp_path: Path) -> None:
    texts = ["ab 12 cd", "x 345 yz", "345 last"]
    table = put(tmp_path, pa.table({"x": texts}))
    examples = [Example(texts[0], 3, 5), Example(texts[1], 2, 5)]
    before = for_selection(table, engine, "x", examples[:1])
    after = for_selection(table, engine, "x", examples)
    assert 0 < len(after) < len(before)
    for one in after:
        assert made(one.step, list(texts), tmp_path, engine)[:2] == ["12", "345"]


def test_what_cannot_be_told_apart_is_offered_more_than_once(engine: DuckEngine, tmp_path: Path) -> None:
    texts = ["a-b-c", "d-e-f-g"]
    found = for_selection(put(tmp_path, pa.table({"x": texts})), engine, "x", [Example(texts[0], 4, 5)])
    rules = [one for one in found if one.step.kind().startswith("extract_")]
    seconds = {made(one.step, list(texts), tmp_path, engine)[1] for one in rules}
    assert {"f", "g"} <= seconds, "the third part, or the last: both are meant by c"


def test_rows_touched_are_those_in_which_something_is_found(engine: DuckEngine, tmp_path: Path) -> None:
    texts = ["5 kg", "none", None, "7 kg", ""]
    found = for_selection(put(tmp_path, pa.table({"x": texts})), engine, "x", [Example("5 kg", 0, 1)])
    for one in found:
        if one.step.kind().startswith("extract_"):
            values = made(one.step, texts, tmp_path, engine)
            assert one.touched == sum(value is not None for value in values), one.step
            assert all(pair.rows >= 1 for pair in one.pairs)


def test_the_same_selection_can_also_be_removed_or_choose_rows(engine: DuckEngine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"x": ["5 kg", "6 lb", "7 kg"]}))
    found = for_selection(table, engine, "x", [Example("5 kg", 2, 4)])
    kinds = {one.step.kind(): one.touched for one in found}
    assert "filter_rows" in kinds
    removed = {one.touched for one in found if one.removes}
    assert removed == {1, 2}, "keeping rows with kg removes one, dropping them two"


@pytest.mark.parametrize("evil", ["(", "a|b", "[x", "$^", "\\", "x" * 5_000, "\u202eabc", "a\x00b"[:1] + "*"])
def test_signs_of_patterns_in_a_text_are_text(evil: str, engine: DuckEngine, tmp_path: Path) -> None:
    text = f"{evil}7{evil}"
    table = put(tmp_path, pa.table({"x": [text, f"{evil}8{evil}"]}))
    for one in for_selection(table, engine, "x", [Example(text, len(evil), len(evil) + 1)]):
        if one.step.kind().startswith("extract_"):
            assert made(one.step, [text], tmp_path, engine) == ["7"]
