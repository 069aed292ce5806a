"""Whatever is typed ends in a formula or in a clear error; whatever is accepted is one scalar."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlglot import exp

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from core.errors import SightlineError
from core.recipe import Recipe, RecipeStep
from core.steps.derive import DerivedColumn
from core.steps.formula import FUNCTIONS, Formula, compiled, quoted_column, validate
from tests.steps.formulas import COLUMNS, ROWS
from tests.steps.tables import assert_same, by_pandas, fetched, put

STRINGS, SEQUENCES, TREES = 2_500, 2_500, 160
ALPHABET = "xsbd019. +-*/%^&=<>!()[],'\"\\;:{}$#@|~?\n\t\0\ud800é李😀_eE"
WORDS = """
+ - * / % ^ & = != < <= > >= ( ) ) ) , , and or not true false missing
1 0 -1 2.5 1e308 9223372036854775807 "a" "" "2024-01-30" "; drop table t --" [x] [ " '
select from read_parquet( x.y $1 ?
"""
PIECES = [
    *(quoted_column(column.name) for column in COLUMNS),
    *(name + "(" for name, function in FUNCTIONS.items() if not function.operator),
    *WORDS.split(),
]
# every node a formula may become: no query, no table, no function but those of the allowlist
ALLOWED = {
    exp.Abs,
    exp.Add,
    exp.And,
    exp.Between,
    exp.Boolean,
    exp.Case,
    exp.Cast,
    exp.Ceil,
    exp.Coalesce,
    exp.Column,
    exp.Contains,
    exp.DPipe,
    exp.DataType,
    exp.DateDiff,
    exp.Day,
    exp.DayOfWeekIso,
    exp.Div,
    exp.EQ,
    exp.EndsWith,
    exp.Exp,
    exp.Floor,
    exp.GT,
    exp.GTE,
    exp.Greatest,
    exp.Hour,
    exp.Identifier,
    exp.If,
    exp.Is,
    exp.LT,
    exp.LTE,
    exp.Least,
    exp.Left,
    exp.Length,
    exp.Literal,
    exp.Ln,
    exp.Log,
    exp.Lower,
    exp.Minute,
    exp.Month,
    exp.Mul,
    exp.NEQ,
    exp.Neg,
    exp.Not,
    exp.Null,
    exp.Nullif,
    exp.Or,
    exp.Paren,
    exp.Pow,
    exp.Quarter,
    exp.RegexpFullMatch,
    exp.RegexpReplace,
    exp.Replace,
    exp.Right,
    exp.Round,
    exp.Sign,
    exp.Sqrt,
    exp.StartsWith,
    exp.Sub,
    exp.Substring,
    exp.TimeToStr,
    exp.TimestampTrunc,
    exp.ToDays,
    exp.Trim,
    exp.Trunc,
    exp.TryCast,
    exp.Upper,
    exp.Var,
    exp.WeekOfYear,
    exp.Year,
}
ANONYMOUS = {"epoch_us"}


def is_one_scalar(formula: Formula) -> None:
    known = {column.name for column in COLUMNS}
    for node in formula.sql().walk():
        if isinstance(node, exp.Anonymous):
            assert node.name.lower() in ANONYMOUS
        else:
            assert type(node) in ALLOWED, type(node)
        if isinstance(node, exp.Column):
            assert node.name in known
            assert not node.table


def outcome(text: str) -> Formula | None:
    """The formula, or nothing when it was refused with a message; anything else is a failure."""
    refusal = validate(text, COLUMNS).error
    if refusal is None:
        return compiled(text, COLUMNS)
    assert len(str(refusal)) > 20
    assert 1 <= refusal.position <= len(text) + 1
    return None


def test_random_characters_end_in_a_formula_or_an_error() -> None:
    source = random.Random(1)
    for _ in range(STRINGS):
        text = "".join(source.choices(ALPHABET, k=source.randrange(1, 30)))
        if formula := outcome(text):
            is_one_scalar(formula)


def test_random_sequences_of_words_end_in_a_formula_or_an_error() -> None:
    source = random.Random(2)
    accepted = 0
    for _ in range(SEQUENCES):
        text = " ".join(source.choices(PIECES, k=source.randrange(1, 9)))
        if formula := outcome(text):
            is_one_scalar(formula)
            accepted += 1
    assert accepted > 50, "the sequences must reach what lies behind the parser"


def _fixed(kind: str, source: random.Random) -> str:
    texts = ["'a'", "'o'", "'%_'", '"\'"', "'\\'", "'李'", "' '"]
    return {
        "fixed text": source.choice([*texts, "''"]),
        "fixed part": source.choice(texts),
        "fixed count": str(source.choice([1, 2, 3, 1_000_000])),
        "fixed digits": str(source.choice([0, 1, 3, 15])),
        "nonzero": source.choice(["2", "-0.5", "1e300"]),
    }[kind]


def _leaf(kind: str, source: random.Random) -> str:
    written = {
        "integer": ["0", "-3", "42"],
        "number": ["0.5", "-1e300", "2.0"],
        "text": ["'North'", "''", "'2024-01-30'", "'\\'"],
        "boolean": ["true", "false"],
        "date": ["date('2024-02-29')"],
        "datetime": ["add_days(at, 0)"],
    }[kind]
    columns = [quoted_column(column.name) for column in COLUMNS if column.type == kind]
    return source.choice(columns if source.random() < 0.7 else written)


def tree(kind: str, depth: int, source: random.Random) -> str:
    """A random formula of this type."""
    if depth == 0 or source.random() < 0.1:
        return _leaf(kind, source)
    function, form = source.choice(
        [
            (function, form)
            for function in FUNCTIONS.values()
            # years past 9999 are fine for both engines; Python's own dates cannot show them
            if function.name != "add_days"
            for form in function.forms
            if form.gives in (kind, "same")
        ]
    )
    shared = (
        kind if form.gives == "same" else source.choice(["integer", "number", "text", "date", "datetime"])
    )
    parts = [
        _fixed(kind, source)
        if kind.startswith("fixed") or kind == "nonzero"
        else tree(shared if kind in ("same", "any") else kind, depth - 1, source)
        for kind in form.takes
    ]
    if not function.operator:
        return f"{function.name}({', '.join(parts)})"
    if len(parts) == 1:
        return f"({function.name.removesuffix('a')} {parts[0]})"
    return f"({parts[0]} {function.name} {parts[1]})"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


@pytest.mark.parametrize("seed", range(TREES // 20))
def test_random_formulas_give_the_same_in_the_engine_and_in_pandas(
    seed: int, engine: Engine, tmp_path: Path
) -> None:
    source = random.Random(seed)
    table = put(tmp_path, ROWS)
    steps: list[RecipeStep] = []
    while len(steps) < 20:
        kind = source.choice(["integer", "number", "text", "boolean", "date", "datetime"])
        text = tree(kind, source.choice([1, 2, 2, 3]), source)
        if (formula := outcome(text)) is None:
            continue
        is_one_scalar(formula)
        steps.append(RecipeStep(step=DerivedColumn(name=f"r{len(steps)}", formula=text)))
    for step in steps:
        recipe = Recipe(steps=(step,))
        try:
            assert_same(
                by_pandas(recipe, table, engine, tmp_path), fetched(recipe.apply(table, engine), engine)
            )
        except SightlineError as error:
            raise AssertionError(f"accepted, then refused: {step.step}") from error
        except Exception as error:
            raise AssertionError(f"differs: {step.step}") from error
