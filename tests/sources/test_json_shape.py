"""JSON: how deep objects are spread, lists kept or made rows, and where rows are found in one object."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.errors import BadInput, LimitReached
from core.sources import JsonFile, offers
from core.sources import json_shape as shape
from tests.sources.conftest import Read, Reader

ORDERS = [
    {
        "id": 1,
        "who": {"name": "Ann", "home": {"city": "Oslo", "at": {"x": 1.5, "y": 2}}},
        "orders": [
            {"day": "2024-01-31", "items": [{"sku": "a", "n": 2}, {"sku": "b", "n": 1}]},
            {"day": "2024-02-01", "items": []},
        ],
        "tags": ["new", "x"],
    },
    {"id": 2, "who": {"name": "Bob"}, "orders": [], "tags": []},
    {"id": 3, "who": None, "orders": [{"day": None, "items": [{"sku": "c", "n": 5, "note": "?"}]}]},
]


def names(found: Read) -> list[str]:
    return list(found.types())


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0, ["id", "who", "orders", "tags"]),
        (1, ["id", "who.name", "who.home", "orders", "tags", "who"]),
        (2, ["id", "who.name", "who.home.city", "who.home.at", "orders", "tags", "who"]),
        (3, ["id", "who.name", "who.home.city", "who.home.at.x", "who.home.at.y", "orders", "tags", "who"]),
    ],
)
def test_objects_are_spread_as_deep_as_is_asked(read: Reader, depth: int, expected: list[str]) -> None:
    found = read(json.dumps(ORDERS), "x.json", JsonFile(depth=depth))
    assert names(found) == expected
    assert found.account.rows == 3


def test_the_columns_are_those_of_pandas(read: Reader) -> None:
    rows = [row for row in ORDERS if row["who"] is not None]
    found = read(json.dumps(rows), "x.json")
    assert set(names(found)) == set(pd.json_normalize(rows).columns)


def test_lists_that_could_be_made_rows_are_named(read: Reader) -> None:
    found = read(json.dumps(ORDERS), "x.json")
    assert any("could be made rows: orders" in str(note) for note in found.account.notes)
    assert found.column("tags") == ['["new","x"]', "[]", None]


def test_each_element_of_a_list_becomes_a_row(read: Reader) -> None:
    found = read(json.dumps(ORDERS), "x.json", JsonFile(explode="orders"))
    assert found.column("id") == [1, 1, 2, 3]
    assert [str(day) if day else None for day in found.column("orders.day")] == [
        "2024-01-31", "2024-02-01", None, None,
    ]  # fmt: skip
    assert found.column("who.name") == ["Ann", "Ann", "Bob", None]
    assert any("3 elements became 4 rows" in str(note) for note in found.account.notes)


def test_lists_within_lists_become_rows_as_pandas_makes_them(read: Reader) -> None:
    found = read(json.dumps(ORDERS), "x.json", JsonFile(explode="orders.items"))
    flat = pd.json_normalize(
        [row for row in ORDERS if row["orders"]], ["orders", "items"], ["id", ["orders", "day"]]
    )
    kept = [
        (id_, sku, n)
        for id_, sku, n in zip(
            *(found.column(c) for c in ("id", "orders.items.sku", "orders.items.n")), strict=True
        )
        if sku is not None
    ]
    assert kept == list(zip(flat["id"], flat["sku"], flat["n"], strict=True))
    assert found.column("id") == [1, 1, 1, 2, 3]  # an order without items, and a person without orders, stay
    assert found.column("orders.items.note") == [None, None, None, None, "?"]


def test_plain_values_of_a_list_become_rows_too(read: Reader) -> None:
    found = read('[{"a": 1, "l": [1, 2.5]}, {"a": 2, "l": 7}, {"a": 3}]', "x.json", JsonFile(explode="l"))
    assert found.column("a") == [1, 1, 2, 3]
    assert found.column("l") == [1, 2.5, 7, None]


def test_lines_are_made_rows_and_broken_ones_refused(read: Reader) -> None:
    text = '{"a":1,"l":[1,2]}\n{"a":\n{"a":3,"l":[4]}\n'
    found = read(text, "x.jsonl", JsonFile(explode="l"))
    assert found.column("l") == [1, 2, 4]
    assert (found.account.rows_in, found.account.refused) == (4, 1)


def test_a_list_that_is_nowhere_is_told_with_those_that_are(read: Reader) -> None:
    with pytest.raises(BadInput, match=r"No row has a list 'order'.*orders"):
        read(json.dumps(ORDERS), "x.json", JsonFile(explode="order"))


def test_keys_with_points_lose_nothing(read: Reader) -> None:
    found = read('[{"a.b": 1, "a": {"b": 2}}, {"a.b": 3, "a": {"b": 4}}]', "x.json")
    assert [found.column(name) for name in names(found)] == [[1, 3], [2, 4]]
    assert len(set(names(found))) == 2
    again = read('[{"x.y": [{"n": 1}, {"n": 2}]}]', "x.json", JsonFile(explode="x.y"))
    assert again.column("x.y.n") == [1, 2]


def test_one_key_with_every_kind_of_value_is_text(read: Reader) -> None:
    found = read('[{"a": 1}, {"a": "x"}, {"a": [1]}, {"a": {"b": true}}, {"a": null}, {"a": true}]', "x.json")
    assert found.column("a") == ["1", "x", "[1]", None, None, "true"]
    assert found.column("a.b") == [None, None, None, True, None, None]


# ---- one object


def test_the_rows_of_one_object_are_found_however_deep(read: Reader) -> None:
    document = {"status": "ok", "result": {"count": 2, "data": {"rows": [{"a": 1}, {"a": 2}]}}}
    found = read(json.dumps(document), "x.json")
    assert found.source == JsonFile(records="result.data.rows")
    assert found.column("a") == [1, 2]


def test_several_lists_are_offered_as_tables_the_longest_first(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text(json.dumps({"users": [{"u": 1}], "posts": [{"p": 1}, {"p": 2}], "meta": {"n": 1}}))
    found = offers(file, "x.json", tmp_path)
    assert [(offer.name, offer.source) for offer in found] == [
        ("x.json: posts", JsonFile(records="posts")),
        ("x.json: users", JsonFile(records="users")),
    ]


def test_a_list_inside_a_list_can_hold_the_rows(read: Reader) -> None:
    document = {"pages": [{"rows": [{"a": 1}, {"a": 2}]}, {"rows": [{"a": 3}]}]}
    found = read(json.dumps(document), "x.json", JsonFile(records="pages.rows"))
    assert found.column("a") == [1, 2, 3]


def test_a_place_that_is_not_there_is_told(read: Reader) -> None:
    with pytest.raises(BadInput, match="no key 'nowhere'"):
        read('{"a": [{"b": 1}]}', "x.json", JsonFile(records="nowhere"))


# ---- hostile


def test_a_list_that_repeats_a_long_text_without_end_is_refused(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "_REPEATED", 1_000_000)
    row = {"long": "x" * 10_000, "l": [None] * 1_000}
    with pytest.raises(LimitReached, match="would repeat the rest"):
        read(json.dumps([row]), "x.json", JsonFile(explode="l"))


def test_objects_in_objects_without_end_are_refused_or_text(read: Reader) -> None:
    deep = '{"a":' * 500 + "1" + "}" * 500
    found = read(f"[{deep}, {deep}]", "x.json", JsonFile(depth=10))
    assert names(found) == [".".join("a" * 11)]
    keys = ",".join(f'"k{i}":1' for i in range(10_001))
    with pytest.raises(LimitReached, match="different keys"):
        read(f'[{{"o":{{{keys}}}}}]', "x.json")
