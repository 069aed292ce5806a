"""Columns of personal data, told by their values and names; look-alikes, which are not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from bench.people import LOOK_ALIKES, POSITIVES
from core.contracts import Engine, Table
from core.personal import ALL
from core.profile import profile
from core.profile.chosen import with_chosen
from core.tongue import LOCALES

Build = Callable[..., Table]


def columns(names: bool) -> pa.Table:
    """A column of each kind, spoiled a little; their names speak for them, or say nothing."""
    chance = random.Random(7)
    made = {}
    for number, (make, called) in enumerate(POSITIVES.values()):
        one = make(chance)
        values = [one() if row % 20 else "see notes" for row in range(300)]
        made[f"{called[0] if names else 'value'}_{number}"] = pa.array(values)
    return pa.table(made)


@pytest.mark.parametrize("names", [True, False])
def test_a_column_of_each_kind_is_recognised(names: bool, table_of: Build, engine: Engine) -> None:
    found = [column.personal for column in profile(table_of(columns(names)), engine).columns]
    missed = {kind for kind, got in zip(POSITIVES, found, strict=True) if got != kind}
    assert missed == (set() if names else {"date of birth"}), "a day does not say what happened on it"


def test_look_alikes_are_not_taken_for_personal_data(table_of: Build, engine: Engine) -> None:
    chance, made = random.Random(11), {}
    for number, (make, names) in enumerate(LOOK_ALIKES.values()):
        one = make(chance)
        for name in names:
            made[f"{name}_{number}"] = pa.array([one() for _ in range(300)])
    wrong = {
        column.name: column.personal
        for column in profile(table_of(pa.table(made)), engine).columns
        if column.personal is not None
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("card", [4111111111111111, 4012888888881881, 5555555555554444, 5105105105105100], "payment card"),
        ("pesel", [2070803628, 44051401359], "Polish PESEL"),  # the first lost its zero
        ("pesel", [2070803629, 44051401358], None),
        ("n", [4111111111111111, 1, 2, 3, 4, 5, 6, 7, 8, 9], None),
        ("ssn", ["123-45-6789", "234-56-7890"], "US social security number"),
        ("part", ["123-45-6789", "234-56-7890"], None),
        ("version", ["1.2.3.4", "1.2.3.5", "1.2.4.0", "2.0.0.1"] * 9, None),
        ("ip", ["10.0.0.1", "10.0.0.2"], "IP address"),
        ("姓名", ["王伟", "李娜", "张敏", "刘洋"], "person's name"),
        ("surname", ["García", "Müller", "Ólafsdóttir", "Nguyễn", "Xu"], "person's name"),
        ("name", ["Oak Chair", "Steel Lamp", "Amber Vase"] * 9, None),
        ("birth_date", ["1980-01-31", "1990-02-28"] * 9, "date of birth"),
        ("order_date", ["1980-01-31", "1990-02-28"] * 9, None),
        ("住址", ["北京市朝阳区建国路88号", "上海市浦东新区世纪大道1号"], None),
        ("地址", ["北京市朝阳区建国路88号", "上海市浦东新区世纪大道1号"], "street address"),
        ('a"; drop table t; --', ["a@b.co", "c@d.org"] * 9, "e-mail address"),
        ("note", ["x" * 100_000, "\x00", "\u202e", "😀", "4111 1111 1111 1111"], None),
        ("note", ["call me", "write to ann@example.org please", "x@y, z@w"] * 4, None),
        ("note", [f"write to ann{i}@example.org please" for i in range(5)], "personal data within text"),
        ("note", [f"see page@{i} of the annex" for i in range(50)], None),
        ("empty", [None, None], None),
    ],
)
def test_columns(name: str, values: list[Any], kind: str | None, table_of: Build, engine: Engine) -> None:
    column = profile(table_of(pa.table({name: pa.array(values)})), engine).columns[0]
    assert column.personal == kind


def test_a_meaning_set_by_hand_takes_what_followed_from_it_along(table_of: Build, engine: Engine) -> None:
    table = table_of(mail=["a@b.co", "c@d.org"] * 9)
    found = profile(table, engine)
    assert found.column("mail").personal == "e-mail address"
    assert with_chosen(found, {"mail": "category"}, table, engine).column("mail").personal is None
    assert with_chosen(found, {"mail": "phone"}, table, engine).column("mail").personal == "phone number"


def test_every_kind_has_its_name_in_every_language() -> None:
    for place in LOCALES.glob("*.json"):
        assert set(ALL) <= set(json.loads(place.read_text(encoding="utf-8")))
