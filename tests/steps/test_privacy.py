"""Masks, keyed hashes and coarser values: what they leave, and where the key is not."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import math
import stat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core import keys, sql
from core.cli import commands
from core.contracts import Column, Engine, Step
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter, SightlineError
from core.recipe import Recipe, RecipeStep
from core.steps.coarser import Generalise
from core.steps.privacy import HashWithKey, MaskText
from core.store.sealed import hash_key, key_place
from tests.steps.tables import after, column, fetched, put

TEXTS = ["Ann", "", "李雷", "Zoë 😀", "'; drop table t; --", "a\x00b", "\u202eabc", "x" * 10_000, None, "Ann"]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def cells(engine: Engine, folder: Path, step: Step, kind: str, values: list[Any]) -> list[Any]:
    return after(step, column(kind, values), engine, folder)["x"].to_pylist()


@pytest.mark.parametrize(
    ("step", "value", "masked"),
    [
        (MaskText(columns=("x",)), "4111111111111111", "************1111"),
        (MaskText(columns=("x",), first=1, last=0), "Zoë", "Z**"),
        (MaskText(columns=("x",), first=1, last=1, same_length=False), "李小雷", "李*****雷"),
        (MaskText(columns=("x",), first=2, last=2), "abcd", "****"),  # nothing of it would be secret
        (MaskText(columns=("x",), first=0, last=4, same_length=False), "", "*****"),
        (MaskText(columns=("x",), first=0, last=0, sign="#"), "😀é", "##"),
        (MaskText(columns=("x",)), None, None),
    ],
)
def test_a_mask_keeps_the_ends_and_nothing_of_a_short_text(
    step: Step, value: str | None, masked: str | None, engine: Engine, tmp_path: Path
) -> None:
    assert cells(engine, tmp_path, step, "text", [value]) == [masked]


def test_a_mask_of_any_text_agrees_in_sql_and_pandas(engine: Engine, tmp_path: Path) -> None:
    found = cells(engine, tmp_path, MaskText(columns=("x",), first=1, last=1), "text", TEXTS)
    assert [None if text is None else len(text) for text in found] == [
        None if text is None else len(text) for text in TEXTS
    ]


@pytest.mark.parametrize(("kind", "values"), [("text", TEXTS), ("integer", [0, -5, 2**62, None])])
def test_hashes_are_hmac_sha256_as_python_makes_it(
    kind: str, values: list[Any], engine: Engine, tmp_path: Path
) -> None:
    found = cells(engine, tmp_path, HashWithKey(columns=("x",), length=64), kind, values)
    secret = keys.key("default")
    assert found == [
        None if value is None else hmac.new(secret, str(value).encode(), "sha256").hexdigest()
        for value in values
    ]


def hashing(name: str) -> tuple[Recipe, Any]:
    step = HashWithKey(columns=("x",), key=name)
    return Recipe(steps=(RecipeStep(step=step),)), column("text", ["Ann"])


def test_the_key_stands_in_no_recipe_query_or_script(engine: Engine, tmp_path: Path) -> None:
    recipe, rows = hashing("default")
    table = put(tmp_path, rows)
    learned = recipe.learn(table, engine)
    texts = [json.dumps(learned.to_json()), learned.sql(table, engine), learned.pandas(table, engine)]
    block, _ = keys.variables(sql.text(learned.apply(table, engine).query)).values()
    for text in texts:
        for secret in (keys.key("default"), block):
            assert secret.hex() not in text.lower()
            assert secret[:8].hex() not in text.lower()
    assert sql.text(learned.apply(table, engine).query).count("GETVARIABLE") == 2


def test_a_key_is_made_once_lies_outside_the_store_and_another_one_is_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SIGHTLINE_KEY_FILE", raising=False)
    recipe, rows = hashing("people")
    table = put(tmp_path, rows)
    learned = recipe.learn(table, engine)
    place = key_place(tmp_path / "home")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    (hashed,) = fetched(learned.apply(table, engine), engine)["x"].to_pylist()
    secret = hash_key(tmp_path / "home", "local", "people", make=False)
    assert hashed == hmac.new(secret, b"Ann", "sha256").hexdigest()[:32]
    assert secret != hash_key(tmp_path / "home", "local", "others", make=False)
    assert secret != hash_key(tmp_path / "home", "ann", "people", make=False)
    place.unlink()
    with pytest.raises(SightlineError, match="is not here"):
        fetched(learned.apply(table, engine), engine)
    hash_key(tmp_path / "home", "local", "people", make=True)
    with pytest.raises(SightlineError, match="another one"):
        fetched(learned.apply(table, engine), engine)


def test_a_key_may_come_from_the_environment_and_is_printed_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGHTLINE_HASH_KEY_ELSEWHERE", "ab" * 32)
    assert keys.key("elsewhere") == b"\xab" * 32
    commands.main(["key", "elsewhere"], standalone_mode=False)
    assert capsys.readouterr().out == f"SIGHTLINE_HASH_KEY_ELSEWHERE={'ab' * 32}\n"
    monkeypatch.setenv("SIGHTLINE_HOME", str(tmp_path / "home"))
    commands.main(["key", "made"], standalone_mode=False)
    assert capsys.readouterr().out.strip().endswith(keys.key("made").hex())
    monkeypatch.setenv("SIGHTLINE_HASH_KEY_ELSEWHERE", "secret")
    with pytest.raises(SightlineError, match="64 hexadecimal digits"):
        keys.key("elsewhere")


@pytest.mark.parametrize("name", ["", "Ann", "a-b", "a'b", "1a", "a" * 31, "a; drop"])
def test_a_key_has_a_plain_name(name: str) -> None:
    with pytest.raises(BadParameter, match="key"):
        Step.build("hash_with_key", {"columns": ["x"], "key": name})


def test_a_variable_of_a_query_that_no_step_wrote_gets_no_key() -> None:
    assert keys.variables("SELECT 'sightline_hash_default_inner', 'sightline_hash_default'") == {}


DAYS = [dt.date(2024, 2, 29), dt.date(1969, 7, 20), None]
MOMENTS = [dt.datetime(2024, 2, 29, 23, 59, 59, 999999), dt.datetime(1969, 7, 20, 20, 17), None]


@pytest.mark.parametrize(
    ("kind", "changes", "values", "expected"),
    [
        ("integer", {"width": 10.0}, [0, 9, 10, -1, -10, 2**62 + 3, None],
         [0, 0, 10, -10, -10, (2**62 + 3) // 10 * 10, None]),
        ("number", {"width": 2.5}, [0.0, 2.4, 2.5, -0.1, math.inf, None],
         [0.0, 0.0, 2.5, -2.5, math.inf, None]),
        ("number", {"to": "decimals", "keep": 2}, [48.85661, -33.8688, 0.005, None],
         [48.86, -33.87, 0.01, None]),
        ("number", {"to": "decimals", "keep": 0}, [1.5, -1.5, None], [2.0, -1.0, None]),
        ("text", {"to": "first characters", "keep": 3}, ["SW1A 1AA", "10", "", "北京市区", None],
         ["SW1", "10", "", "北京市", None]),
        ("date", {"to": "month"}, DAYS, [dt.date(2024, 2, 1), dt.date(1969, 7, 1), None]),
        ("date", {"to": "year"}, DAYS, [dt.date(2024, 1, 1), dt.date(1969, 1, 1), None]),
        ("datetime", {"to": "month"}, MOMENTS, [dt.datetime(2024, 2, 1), dt.datetime(1969, 7, 1), None]),
    ],
)  # fmt: skip
def test_values_become_coarser(
    kind: str, changes: dict[str, Any], values: list[Any], expected: list[Any], engine: Engine, tmp_path: Path
) -> None:
    assert cells(engine, tmp_path, Generalise(columns=("x",), **changes), kind, values) == expected


@pytest.mark.parametrize(
    ("kind", "changes"),
    [("text", {}), ("integer", {"to": "decimals"}), ("number", {"to": "year"}), ("integer", {"width": 2.5})],
)
def test_a_way_that_does_not_suit_the_column_is_refused(kind: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        Generalise(columns=("x",), **changes).check((Column(name="x", type=kind),))


@pytest.mark.parametrize("wrong", [{"width": 0}, {"width": 1e300}, {"to": "first characters", "keep": 0}])
def test_impossible_widths_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        Step.build("generalise", {"columns": ["x"], **wrong})


def test_an_empty_table_stays_empty(engine: Engine, tmp_path: Path) -> None:
    for step in (MaskText(columns=("x",)), HashWithKey(columns=("x",))):
        assert after(step, pa.table({"x": pa.array([], pa.string())}), engine, tmp_path).num_rows == 0
