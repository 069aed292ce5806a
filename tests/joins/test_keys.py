"""Likely keys: found by names and values, in small tables and in parts of large ones."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Engine, Step
from core.joins import Likely, chosen, keys, likely
from core.joins.names import alike
from core.recipe import Recipe
from core.steps.pairing import Pair
from tests.joins.test_match import two
from tests.steps.tables import put
from tests.steps.test_join import OTHER


def found(left: dict[str, Any], right: dict[str, Any], engine: Engine, folder: Path) -> tuple[Likely, ...]:
    return likely(*two(folder, pa.table(left), pa.table(right)), engine)


def orders(rows: int, customers: int, seed: int = 1) -> dict[str, Any]:
    chance = random.Random(seed)
    return {
        "order_id": list(range(rows)),
        "customer": [chance.randrange(customers) + 1_000 for _ in range(rows)],
        "quantity": [chance.randrange(10) for _ in range(rows)],
        "amount": [chance.random() for _ in range(rows)],
    }


def test_a_key_is_found_by_its_values_though_the_names_differ(engine: Engine, tmp_path: Path) -> None:
    right = {"id": list(range(1_000, 1_050)), "rank": list(range(50)), "name": [f"n{i}" for i in range(50)]}
    best = found(orders(400, 40), right, engine, tmp_path)[0]
    assert (best.column, best.other) == ("customer", "id")
    assert (best.found, best.covered, best.compared) == (1.0, 0.8, 40)
    assert best.other_single == 1
    assert best.single < 0.1


def test_values_that_lie_among_others_by_chance_are_less_than_a_key(engine: Engine, tmp_path: Path) -> None:
    ids = [*range(1_000, 1_050), 1_003]  # one stands twice
    best = found(orders(5_000, 45), {"id": ids, "rank": list(range(51))}, engine, tmp_path)[0]
    assert (best.column, best.other) == ("customer", "id")


def test_the_id_of_a_table_is_like_a_column_called_as_its_rows(engine: Engine, tmp_path: Path) -> None:
    left = {"shop": [1, 2, 3, 3], "customer": [1, 2, 3, 3]}
    tables = two(tmp_path, pa.table(left), pa.table({"id": [1, 2, 3]}))
    assert likely(*tables, engine, ("orders", "customers"))[0].column == "customer"
    assert likely(*tables, engine, ("orders", "shops"))[0].column == "shop"
    assert alike("customer_id", "id", ("", "customers")) > 0.9 > alike("customer_id", "id")


def test_names_decide_between_columns_with_the_same_values(engine: Engine, tmp_path: Path) -> None:
    left = {"id": [1, 2, 3], "ShopId": [1, 2, 3]}
    right = {"id": [1, 2, 3, 4], "shop_id": [1, 2, 3, 4]}
    pairs = [(pair.column, pair.other) for pair in found(left, right, engine, tmp_path)[:2]]
    assert sorted(pairs) == [("ShopId", "shop_id"), ("id", "id")]


def test_shares_are_those_of_counting_all_values(engine: Engine, tmp_path: Path) -> None:
    left, right = {"k": ["a", "b", "c", "a", None]}, {"k": ["b", "c", "d", "e", None]}
    best = found(left, right, engine, tmp_path)[0]
    assert best.found == pytest.approx(2 / 3)
    assert best.covered == pytest.approx(2 / 4)


def test_in_large_tables_a_part_of_the_values_tells(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "VALUES", 200)
    left = {"key": list(range(20_000)), "w": ["x"] * 20_000}
    right = {"key": list(range(5_000, 30_000)), "v": list(range(25_000))}
    best = found(left, right, engine, tmp_path)[0]
    assert (best.column, best.other) == ("key", "key")
    assert 50 < best.compared < 1_000
    assert best.found == pytest.approx(0.75, abs=0.1)
    assert best.covered == pytest.approx(0.6, abs=0.1)


def test_few_values_are_all_looked_for_in_many(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "VALUES", 100)
    left, right = {"shop": [100, 200, 99_999_999, 100]}, {"shop": list(range(20_000))}
    best = found(left, right, engine, tmp_path)[0]
    assert best.compared == 3
    assert best.found == pytest.approx(2 / 3)
    assert best.covered == pytest.approx(2 / 20_000)


def test_texts_that_meet_without_case_and_spaces_are_told(engine: Engine, tmp_path: Path) -> None:
    left, right = {"city": ["Rome ", "OSLO", "Bern"]}, {"city": ["rome", "Oslo", "Bern"]}
    best = found(left, right, engine, tmp_path)[0]
    assert best.found == pytest.approx(1 / 3)
    assert best.loosely == 1
    assert best.loose


@pytest.mark.parametrize(
    ("mine", "theirs", "side"),
    [
        (["007", "012", "100"], [7, 12, 100], "mend"),
        ([7, 12, 100], ["7", "12", "100"], "mend"),
        ([7, 12, 100], ["007", "012", "100"], "mend_other"),
    ],
)
def test_types_that_do_not_meet_come_with_the_step_that_mends_them(
    mine: Any, theirs: Any, side: str, engine: Engine, tmp_path: Path
) -> None:
    from core.joins import match

    left, right = two(tmp_path, pa.table({"code": mine}), pa.table({"code": theirs, "v": [1, 2, 3]}))
    best = likely(left, right, engine)[0]
    step = getattr(best, side)
    assert step is not None
    assert best.loosely == 1
    mended = Recipe.from_json([Step.from_json(step).to_json()])
    if side == "mend":
        left = mended.learn(left, engine).apply(left, engine)
    else:
        right = mended.learn(right, engine).apply(right, engine)
    assert match(left, right, (Pair(column="code", other="code"),), engine).left.rate == 1


def test_measurements_and_flags_are_no_keys(engine: Engine, tmp_path: Path) -> None:
    left, right = {"price": [1.5, 2.5], "ok": [True, False]}, {"weight": [1.5, 2.5], "ok": [True, False]}
    assert found(left, right, engine, tmp_path) == ()


def test_columns_that_share_nothing_are_not_suggested(engine: Engine, tmp_path: Path) -> None:
    assert found({"id": ["a", "b"]}, {"id": ["c", "d"]}, engine, tmp_path) == ()
    assert found({"a": pa.array([], pa.string())}, {"a": ["x"]}, engine, tmp_path) == ()


def test_a_key_of_several_columns_where_none_is_unique_alone(engine: Engine, tmp_path: Path) -> None:
    left = {"year": [2020, 2020, 2021, 2021], "shop": ["a", "b", "a", "b"], "sold": [1.5, 2.5, 3.5, 4.5]}
    right = {"year": [2021, 2020, 2021, 2020], "shop": ["a", "b", "b", "a"], "staff": [4.5, 3.5, 2.5, 9.5]}
    key = chosen(found(left, right, engine, tmp_path))
    assert sorted(pair.column for pair in key) == ["shop", "year"]
    assert chosen(()) == ()


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [("Customer ID", "customer_id", 1, 1), ("id", "customer_id", 0.3, 0.5),
     ("total price", "price", 0.6, 0.9), ("colour", "color", 0.6, 0.95),
     ("price", "name", 0, 0.5), ("客户 编号", "客户编号", 1, 1), ("", "x", 0, 0.1)],
)  # fmt: skip
def test_names_are_alike(one: str, other: str, least: float, most: float) -> None:
    assert least <= alike(one, other) <= most


def test_hostile_names_are_just_names(engine: Engine, tmp_path: Path) -> None:
    name = 'a"; drop table t; --'
    table = put(tmp_path, pa.table({name: ["x", "y"]}), {OTHER: pa.table({name: ["y", "x"]})})
    assert likely(table, table.other(OTHER), engine)[0].found == 1
