"""Findings, their fixes and what is suggested: each on a table that has just that trouble."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import core.steps  # noqa: F401, registers the members
from core import examples
from core.contracts import Engine, Step, Table
from core.profile import Finding, profile, suggested
from core.recipe import Recipe, RecipeStep
from tests.conftest import SAMPLES

Build = Callable[..., Table]
NAMES = [f"person {i} of many" for i in range(40)]


def found(table: Table, engine: Engine, kind: str) -> Finding:
    findings = profile(table, engine).findings
    matching = [finding for finding in findings if finding.kind == kind]
    assert matching, f"no {kind} among {[finding.kind for finding in findings]}"
    return matching[0]


def apply(table: Table, engine: Engine, *steps: dict[str, Any]) -> pa.Table:
    recipe = Recipe(steps=tuple(RecipeStep(step=Step.from_json(step)) for step in steps))
    return engine.rows(recipe.learn(table, engine).apply(table, engine).query)


TROUBLES: dict[str, dict[str, Any]] = {
    "constant": {"a": ["x"] * 40, "b": NAMES},
    "all_missing": {"a": pa.nulls(40, pa.int64()), "b": NAMES},
    "mostly_missing": {"a": [1] * 3 + [None] * 36 + [2], "b": NAMES},
    "missing": {"a": [1.0, 2.0, 3.0, None] * 10, "b": NAMES},
    "identifier": {"customer_id": list(range(40)), "b": NAMES},
    "text_type": {"a": [f"{i},{i:03}.5" for i in range(1, 41)], "b": NAMES},
    "mixed_types": {"a": [*(str(i / 2) for i in range(38)), "unknown", "see note"], "b": NAMES},
    "disguised_missing": {"a": ["red", "n/a", "blue", ""] * 10, "b": NAMES},
    "spaces": {"a": ["red", " red", "blue", "blue "] * 10, "b": NAMES},
    "variants": {"a": ["red", "Red", "blue", "RED"] * 10, "b": NAMES},
    "duplicates": {"a": [1, 2] * 20, "b": NAMES[:20] * 2, "c": [1.5, 2.5] * 20},
    "outliers": {"a": [float(i % 9) for i in range(39)] + [1e6], "b": NAMES},
    "infinite": {"a": [1.0, 2.0, math.inf, 4.0] * 10, "b": NAMES},
    "correlated": {
        "a": [float(i) for i in range(40)],
        "z": [i * 2.0 + (i % 2) for i in range(40)],
        "b": NAMES,
    },
    "many_categories": {"a": [f"place {i // 2}" for i in range(4000)]},
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_each_trouble_is_found_in_plain_words_with_a_fix_that_builds(
    kind: str, table_of: Build, engine: Engine
) -> None:
    table = table_of(**TROUBLES[kind])
    finding = found(table, engine, kind)
    assert finding.severity in ("note", "warning", "serious")
    assert finding.message.endswith(".")
    assert "{" not in finding.message
    if kind != "many_categories":
        assert finding.fix is not None
        Step.from_json(finding.fix).check(table.columns)


@pytest.mark.parametrize(
    "kind", [kind for kind in TROUBLES if kind not in ("many_categories", "mixed_types")]
)
def test_the_fix_mends_it(kind: str, table_of: Build, engine: Engine) -> None:
    table = table_of(**TROUBLES[kind])
    finding = found(table, engine, kind)
    assert finding.fix is not None
    after = apply(table, engine, finding.fix).drop_columns(["__row__"])
    again = [
        f
        for f in profile(table_of(after), engine).findings
        if f.kind == kind and f.columns == finding.columns
    ]
    assert not again, again


def test_every_fix_on_the_example_builds_and_runs(table_of: Build, engine: Engine) -> None:
    table = table_of(examples.table())
    fixes = [finding.fix for finding in profile(table, engine).findings if finding.fix]
    assert len({fix["kind"] for fix in fixes}) >= 6
    for fix in fixes:
        assert apply(table, engine, fix).num_columns


def test_a_clean_table_has_no_warnings(table_of: Build, engine: Engine) -> None:
    rng = np.random.default_rng(3)
    table = table_of(height=rng.normal(170, 8, 200), colour=rng.choice(["red", "blue"], 200))
    assert [
        finding.message for finding in profile(table, engine).findings if finding.severity != "note"
    ] == []
    assert suggested(profile(table, engine)) == []


def test_suggested_steps_lose_no_value(table_of: Build, engine: Engine) -> None:
    """Whatever is suggested, no cell that held a value becomes missing, but for words that mean that."""
    table = table_of(
        amount=["1,200", "35", "n/a", "-7.5"] * 10, share=["12%", "7.5 %", "100%", "0%"] * 10,
        day=["2024-02-29", "2023-01-31", "1969-07-20", "2024-12-01"] * 10,
        at=["2024-02-29 10:30", "2023-01-31 00:00:01", "1969-07-20 20:17:40", "2024-12-01 01:01"] * 10,
        when=["31/12/2024", "01/02/2024", "15/06/1969", "07/08/2024"] * 10,
        unclear=["01/02/2024", "03/04/2024", "05/06/2024", "07/08/2024"] * 10,
        comma=["1,5", "2.000,25", "3", "-4,0"] * 10, place=[" North", "South ", "North", "East"] * 10,
        code=["007", "012", "123", "999"] * 10, zip=["12345", "10115", "80331", "20095"] * 10,
        empty=pa.nulls(40, pa.string()), serial=[f"s{i}" for i in range(40)],
    )  # fmt: skip
    steps = suggested(profile(table, engine))
    after = apply(table, engine, *steps)
    kinds = {field.name: field.type for field in after.schema}
    rows = after.to_pydict()
    assert rows["amount"][:4] == [1200.0, 35.0, None, -7.5]
    assert rows["share"][:2] == pytest.approx([0.12, 0.075])
    assert rows["day"][0] == dt.date(2024, 2, 29)
    assert rows["at"][0] == dt.datetime(2024, 2, 29, 10, 30)
    assert rows["when"][:2] == [dt.date(2024, 12, 31), dt.date(2024, 2, 1)]
    assert rows["comma"][:4] == [1.5, 2000.25, 3.0, -4.0]
    assert rows["place"][:2] == ["North", "South"]
    for untouched in ("unclear", "code", "zip"):
        assert pa.types.is_string(kinds[untouched]) or pa.types.is_large_string(kinds[untouched])
    assert "empty" not in kinds
    assert after.num_rows == 40
    missing = {name: sum(value is None for value in values) for name, values in rows.items()}
    assert missing == {name: 10 if name == "amount" else 0 for name in rows}


def test_suggestions_on_real_samples_keep_every_value(table_of: Build, engine: Engine) -> None:
    for name in ("modeldata_credit_data", "palmerpenguins_penguins", "modeldata_attrition"):
        frame = pd.read_csv(SAMPLES / f"{name}.csv.gz")
        table = table_of(pa.Table.from_pandas(frame, preserve_index=False))
        steps = suggested(profile(table, engine))
        assert {step["kind"] for step in steps} <= {"drop_duplicates"}, "these samples are clean"
        if steps:
            assert apply(table, engine, *steps).num_rows == len(frame.drop_duplicates())


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        (["a@b.co", "c.d@e.org"] * 20, "contact", "e-mail"),
        (["https://a.b/c", "www.d.e"] * 20, "page", "web address"),
        (["yes", "no"] * 20, "answer", "boolean"),
        ([True, False] * 20, "answer", "boolean"),
        ([0, 1] * 20, "answer", "boolean"),
        (["North", "South"] * 20, "region", "category"),
        ([f"the story of number {i} goes on" for i in range(40)], "story", "free text"),
        ([f"X{i:05}" for i in range(40)], "anything", "identifier"),
        (list(range(40)), "order_id", "identifier"),
        ([i * 7919 % 1000 for i in range(40)], "weight", "number"),
        ([1990 + i % 20 for i in range(40)], "year", "year"),
        ([dt.date(2024, 1, 1 + i % 28) for i in range(40)], "day", "date"),
        (["2024-01-31", "2024-02-01"] * 20, "day", "date"),
        (["1.5", "2.5"] * 20, "amount", "number"),
        (["same"] * 40, "same", "constant"),
        ([None] * 40, "nothing", "empty"),
        ([f"{i:04}" for i in range(40)], "plain", "identifier"),
    ],
)  # fmt: skip
def test_meanings(values: list[Any], name: str, expected: str, table_of: Build, engine: Engine) -> None:
    data = pa.table({name: pa.array(values, pa.string() if values[0] is None else None)})
    assert profile(table_of(data), engine).column(name).meaning == expected


def test_gapminder_population_is_no_identifier_and_year_is_a_year(table_of: Build, engine: Engine) -> None:
    frame = pd.read_csv(SAMPLES / "gapminder_gapminder.csv.gz")
    result = profile(table_of(pa.Table.from_pandas(frame, preserve_index=False)), engine)
    meanings = {column.name: column.meaning for column in result.columns}
    assert meanings == {
        "country": "country", "continent": "category", "year": "year",
        "lifeExp": "number", "pop": "number", "gdpPercap": "number",
    }  # fmt: skip
