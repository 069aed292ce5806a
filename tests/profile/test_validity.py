"""What columns mean, and which of their values are valid for that."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from core import meanings, sql
from core.contracts import Column, Engine, Table
from core.meanings import MEANINGS
from core.profile import profile

Build = Callable[..., Table]
VALID = {
    "e-mail": ["a@b.co", "Jörg.Müller@müller.de", "x+y@sub.example.org", "用户@例子.中国", " a@b.co\u3000"],
    "web address": ["https://a.b/c", "http://localhost:8080/x?y#z", "www.d.e", "https://例子.中国/路", "http://[::1]/"],
    "phone": [
        "+49 30 123456", "(030) 123456", "030/123456", "+1 (415) 555-2671", "415-555-2671", "020 7946 0958",
        "01.23.45.67.89", "13812345678", "+86 138 1234 5678", "612 34 56 78", "98765 43210",
        "(11) 91234-5678", "22 12 34 56", "415.555.2671 x12",
    ],
    "postcode": ["12345", "12345-6789", "SW1A 1AA", "K1A 0B1", "1012 AB", "100-0001", "00-950", "D-10115"],
    "country": ["France", "france", "USA", "U.S.A.", "中国", "DE", "Côte d'Ivoire"],
    "amount": ["$1,234.50", "1.234,50 €", "USD 12", "-£3", "(€4.00)", "1200", "100元", "R$ 5,00"],
    "percent": ["12%", "7.5 %", "-3%", "100％", "0.5"],
    "coordinates": ["48.8566, 2.3522", "(48.8566; 2.3522)", "48°51'24\"N 2°21'03\"E", "POINT (2.35 48.85)"],
    "boolean": ["yes", "No", "TRUE", "是"],
    "date": [
        "2024-02-29", "2000-02-29", "31/12/2024", "12/31/2024", "2024-01-01T10:00:00Z", "3 Jan 2024",
        "2024年1月2日",
    ],
    "number": ["1", "-1.5", "1e5", "1,234", "1.234,5", "(12)", ".5"],
}  # fmt: skip
INVALID = {
    "e-mail": ["a@b", "@b.co", "a b@c.de", "a..b@c.de", "a@.com", "n/a", "", "a@b.co, c@d.e", "a@b.co\nx"],
    "web address": ["a.b/c", "http://", "http:// a", "javascript:alert(1)", "www"],
    "phone": ["2024-01-30", "01/02/2024", "01-02-2024", "12345", "192.168.1.1", "1234567.89", "n/a"],
    "postcode": ["ABCDE", "1", "123456789", "12 345 6"],
    "country": ["Atlantis", "Franc", "USX", "", "Paris"],
    "amount": ["12%", "abc", "$"],
    "percent": ["12 kg", "%"],
    "coordinates": ["91, 2", "48,200.5,3", "12/3", "181.0 12"],
    "boolean": ["maybe", "2"],
    "date": ["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "31/04/2024", "30/02/2024", "12/2024"],
    "number": ["abc", "1-2", "", "12 kg"],
}  # fmt: skip


def in_engine(values: list[Any], meaning: str, table_of: Build, engine: Engine) -> list[bool | None]:
    table = table_of(x=pa.array(values))
    query = sql.over(table.query, {"y": MEANINGS[meaning].test(table.columns[0])}, row=True)
    return list(engine.rows(query.order_by(sql.name(sql.ROW))).column("y").to_pylist())


def in_pandas(values: list[Any], meaning: str) -> list[bool | None]:
    import pandas as pd

    arrow = pa.table({"x": pa.array(values)})
    names = {"df": arrow.to_pandas(types_mapper=pd.ArrowDtype), "pd": pd, "pa": pa, "pc": pc}
    code = MEANINGS[meaning].code(Column(name="x", type="text"))
    exec(f"result = {code}", names)
    return [None if value is pd.NA else bool(value) for value in names["result"]]


@pytest.mark.parametrize("meaning", sorted(VALID))
def test_engine_and_pandas_agree_on_what_is_valid(meaning: str, table_of: Build, engine: Engine) -> None:
    values = [*VALID[meaning], *INVALID[meaning], None]
    expected = [True] * len(VALID[meaning]) + [False] * len(INVALID[meaning]) + [None]
    assert in_engine(values, meaning, table_of, engine) == expected
    assert in_pandas(values, meaning) == expected


RECOGNISED = [
    (["+49 30 123456", "(415) 555-2671"] * 20, "contact", "phone"),
    ([4155552671 + i for i in range(40)], "phone_number", "phone"),
    ([4155552671 + i for i in range(40)], "epoch", "number"),
    (["SW1A 1AA", "M1 1AE", "K1A 0B1"] * 20, "where", "postcode"),
    ([f"{10000 + i * 37}" for i in range(40)], "zip_code", "postcode"),
    (["France", "Germany", "中国"] * 20, "place", "country"),
    (["DE", "FR", "US"] * 20, "country", "country"),
    (["DE", "FR", "US"] * 20, "state", "category"),
    (["$1,200", "€35.50", "£7"] * 20, "due", "amount"),
    (["12%", "7.5 %"] * 20, "part", "percent"),
    (["48.85, 2.35", "-33.86, 151.2"] * 20, "spot", "coordinates"),
    ([f"{i},{i % 10}5" for i in range(40)], "weight", "number"),  # decimal commas
    ([f"-0.{i} 0.08{i}" for i in range(40)], "pair", "free text"),
    ([i * 1.25 for i in range(40)], "price", "amount"),
    ([math.sqrt(i) for i in range(40)], "price", "number"),
    ([float(i) + 0.5 for i in range(40)], "lat", "latitude"),
    ([i * 100.5 for i in range(40)], "lat", "number"),
]


@pytest.mark.parametrize(("values", "name", "expected"), RECOGNISED)
def test_meanings_show_in_the_values_and_names_only_support_them(
    values: list[Any], name: str, expected: str, table_of: Build, engine: Engine
) -> None:
    assert profile(table_of(pa.table({name: pa.array(values)})), engine).column(name).meaning == expected


def test_invalid_values_are_counted_and_empty_ones_are_not_among_them(
    table_of: Build, engine: Engine
) -> None:
    mails = ["a@b.co", "c.d@e.org"] * 18 + ["n/a", "a@b", "nobody", None, None]
    found = profile(table_of(mail=mails, weight=[1.5, math.inf, None] + [2.5] * 38), engine)
    mail, weight = found.column("mail"), found.column("weight")
    assert (mail.meaning, mail.valid, mail.invalid, mail.missing) == ("e-mail", 36, 3, 2)
    assert (weight.valid, weight.invalid, weight.missing) == (39, 1, 1)


def test_a_category_has_no_notion_of_what_is_valid(table_of: Build, engine: Engine) -> None:
    region = profile(table_of(region=["North", "South"] * 20), engine).column("region")
    assert (region.meaning, region.valid, region.invalid) == ("category", None, None)


def test_a_large_table_is_counted_whole_and_not_by_its_sample(table_of: Build, engine: Engine) -> None:
    rows = 250_000
    mails = [f"user{i}@example.org" if i % 1000 else "not a mail" for i in range(rows)]
    mail = profile(table_of(mail=mails), engine).column("mail")
    assert mail.look is not None
    assert mail.look.sampled
    assert (mail.meaning, mail.valid, mail.invalid) == ("e-mail", rows - 250, 250)


@pytest.mark.parametrize("name", ['a"; drop table t; --', "价格", ":x"])
def test_the_rows_of_each_part_make_up_the_table(name: str, table_of: Build, engine: Engine) -> None:
    table = table_of(pa.table({name: ["a@b.co", "x", "", None, "c@d.ef"]}))
    parts = {}
    for part in ("valid", "invalid", "empty"):
        test = meanings.rows(table.columns[0], "e-mail", part)
        query = sql.over(table.query, {"y": test}, row=True)
        parts[part] = engine.rows(query.order_by(sql.name(sql.ROW))).column("y").to_pylist()
    assert parts["valid"] == [True, False, False, False, True]
    assert parts["invalid"] == [False, True, True, False, False]
    assert parts["empty"] == [False, False, False, True, False]
