"""Rows that speak of the same thing: learned by majority, votes of several columns, nothing by a coin."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadInput, BadParameter
from core.recipe import Recipe, RecipeStep
from core.steps.agree import MakeAgree
from tests.steps.tables import after, by_pandas, fetched, put

CODES = ["1000"] * 5 + ["2000"] * 4 + ["3000"] * 2
CITIES = ["Rome", "Rome", "Rome", "Rom", None, "Bern", "Bern", "Bern", "Oslo", "Cork", "Kiel"]


def agreed(engine: Engine, folder: Path, step: MakeAgree, **columns: list[Any]) -> list[Any]:
    return after(step, pa.table(columns), engine, folder).column(step.column).to_pylist()


def test_a_cell_becomes_what_most_rows_of_its_group_have(engine: Engine, tmp_path: Path) -> None:
    step = MakeAgree(column="city", by=("code",))
    got = agreed(engine, tmp_path, step, code=CODES, city=CITIES)
    assert got == ["Rome"] * 5 + ["Bern"] * 4 + ["Cork", "Kiel"]  # two values of two are no majority


def test_missing_cells_may_stay_missing(engine: Engine, tmp_path: Path) -> None:
    step = MakeAgree(column="city", by=("code",), fill=False)
    got = agreed(engine, tmp_path, step, code=CODES, city=CITIES)
    assert got[3:5] == ["Rome", None]


def test_a_value_that_others_agree_on_is_spared_unless_two_columns_speak_against_it(
    engine: Engine, tmp_path: Path
) -> None:
    rows = {
        "code": ["1"] * 6 + ["2"] * 6, "hall": ["red"] * 6 + ["blue"] * 6,
        "city": ["Rome"] * 3 + ["Rom", None, "Bern"] + ["Bern"] * 6,
    }  # fmt: skip
    alone = agreed(engine, tmp_path, MakeAgree(column="city", by=("code",), share=0.4, spare=True), **rows)
    assert alone[:6] == ["Rome"] * 5 + ["Bern"]
    both = MakeAgree(column="city", by=("code", "hall"), share=0.4, spare=True)
    assert agreed(engine, tmp_path, both, **rows)[:6] == ["Rome"] * 6


@pytest.mark.parametrize(("least", "share", "changes"), [(3, 0.75, True), (5, 0.75, False), (3, 0.8, False)])
def test_groups_that_are_small_or_divided_say_nothing(
    least: int, share: float, changes: bool, engine: Engine, tmp_path: Path
) -> None:
    step = MakeAgree(column="city", by=("code",), least=least, share=share)
    got = agreed(engine, tmp_path, step, code=["a"] * 4, city=["x", "x", "x", "y"])
    assert (got == ["x"] * 4) == changes


def test_a_wrong_key_is_outvoted(engine: Engine, tmp_path: Path) -> None:
    """The last row has the code of Bern, and everything else says that it is Rome."""
    rows = {
        "code": ["1"] * 4 + ["2"] * 4 + ["2"],
        "mayor": ["Ann"] * 4 + ["Bob"] * 4 + ["Ann"],
        "hall": ["red"] * 4 + ["blue"] * 4 + ["red"],
        "city": ["Rome"] * 4 + ["Bern"] * 4 + ["Rome"],
    }
    alone = MakeAgree(column="city", by=("code",))
    assert agreed(engine, tmp_path, alone, **rows)[-1] == "Bern"
    for by in (("code", "mayor"), ("code", "mayor", "hall")):
        assert agreed(engine, tmp_path, MakeAgree(column="city", by=by), **rows) == rows["city"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(3, 4), (2.5, -0.0), (True, False), (dt.date(2024, 2, 29), dt.date(1, 1, 1)),
     (dt.datetime(2024, 2, 29, 1, 2, 3, 4), dt.datetime(1969, 1, 1)), ("it's \\ \"\n😀", "")],
)  # fmt: skip
def test_every_type_can_agree_and_most_can_say_which(
    right: Any, wrong: Any, engine: Engine, tmp_path: Path
) -> None:
    key = "k" if isinstance(right, float) else right
    other = "l" if isinstance(right, float) else wrong
    got = agreed(
        engine, tmp_path, MakeAgree(column="x", by=("key",)),
        key=[key] * 4 + [other] * 3, x=[right, right, wrong, right] + [wrong] * 3,
    )  # fmt: skip
    assert got == [right] * 4 + [wrong] * 3


def test_infinite_values_are_never_agreed(engine: Engine, tmp_path: Path) -> None:
    got = agreed(
        engine, tmp_path, MakeAgree(column="x", by=("k",), least=2, share=0.2),
        k=["a"] * 6, x=[float("inf")] * 3 + [1.0, 1.0, None],
    )  # fmt: skip
    assert got == [1.0] * 6


def test_what_was_agreed_is_used_on_new_rows(engine: Engine, tmp_path: Path) -> None:
    old = put(tmp_path, pa.table({"code": CODES, "city": CITIES}))
    recipe = Recipe(steps=(RecipeStep(step=MakeAgree(column="city", by=("code",))),)).learn(old, engine)
    new = put(
        tmp_path, pa.table({"code": ["1000", "2000", "9999", None], "city": ["Roma", None, "Lima", "Ulm"]})
    )
    rows = fetched(recipe.apply(new, engine), engine)
    assert rows.column("city").to_pylist() == ["Rome", "Bern", "Lima", "Ulm"]
    assert by_pandas(recipe, new, engine, tmp_path).equals(
        rows.cast(by_pandas(recipe, new, engine, tmp_path).schema)
    )


def test_a_group_listed_twice_is_refused(engine: Engine, tmp_path: Path) -> None:
    """Two values for one group would double its rows."""
    table = put(tmp_path, pa.table({"code": CODES, "city": CITIES}))
    learned = {"groups": {"code": {"keys": ["1000", "1000"], "values": ["Rome", "Bern"]}}}
    step = RecipeStep(step=MakeAgree(column="city", by=("code",)), learned=learned)
    with pytest.raises(BadInput, match="must give each group one value"):
        Recipe(steps=(step,)).apply(table, engine)


def test_a_column_cannot_say_what_it_is_itself(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"code": CODES, "city": CITIES}))
    with pytest.raises(BadParameter, match="cannot say what its own value is"):
        MakeAgree(column="city", by=("city",)).check(table.columns)


@pytest.mark.parametrize("number", [[7, 8], [dt.date(2024, 1, 1), dt.date(1, 1, 1)], ["a b", None]])
def test_two_columns_say_it_together(number: list[Any], engine: Engine, tmp_path: Path) -> None:
    """An airline and a flight's number give the gate; each alone is at several."""
    rows = {
        "line": ["X"] * 8 + ["Y"] * 8 + [None],
        "number": ([number[0]] * 4 + [number[1]] * 4) * 2 + [number[0]],
        "gate": ["A1", "A1", "Al", "A1", "B2", "B2", "B2", None, "C3", "C3", "C3", "", "D4", "D4", "D4", "D4"]
        + ["Z"],
    }
    step = MakeAgree(column="gate", by=("line", "number"), together=True)
    got = agreed(engine, tmp_path, step, **rows)
    last = {None: rows["gate"]}.get(number[1])  # a missing number makes no group
    b, d = (last[4:8], last[12:16]) if last else (["B2"] * 4, ["D4"] * 4)
    assert got == ["A1"] * 4 + b + ["C3"] * 4 + d + ["Z"]
    table = put(tmp_path, pa.table(rows))
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)
    again = Recipe.from_json(recipe.to_json())
    assert fetched(again.apply(table, engine), engine).column("gate").to_pylist() == got


def test_groups_of_two_columns_that_do_not_fit_are_refused(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, pa.table({"code": CODES, "hall": CODES, "city": CITIES}))
    step = MakeAgree(column="city", by=("code", "hall"), together=True)
    for keys, problem in (
        ({"code": ["1"]}, "it is missing"),
        ({"code": ["1"], "hall": []}, "must give each group one value"),
        ({"code": ["1", "1"], "hall": ["2", "2"]}, "must give each group one value"),
        ({"code": [1], "hall": ["2"]}, "must fit a column of type text"),
    ):
        learned = {"joint": {"keys": keys, "values": ["Rome"] * len(keys["code"])}}
        with pytest.raises(BadInput, match=problem):
            Recipe(steps=(RecipeStep(step=step, learned=learned),)).apply(table, engine)
