"""What can be typed as a formula, what it means, and what a person is told who mistypes."""

from __future__ import annotations

from typing import Any

import pytest

from core import examples
from core.errors import MissingColumn, SightlineError
from core.steps.formula import (
    FUNCTIONS,
    MAX_LENGTH,
    FormulaError,
    compiled,
    quoted_column,
    renamed,
    suggest,
    validate,
)
from core.steps.formula.grammar import Call, ColumnRef, Literal, Node, parsed
from tests.steps.formulas import COLUMNS


def shape(node: Node) -> Any:
    """The tree as nested lists, the function first."""
    if isinstance(node, Literal):
        return node.value
    return node.name if isinstance(node, ColumnRef) else [node.function, *map(shape, node.arguments)]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", ["+", 1, ["*", 2, 3]]),
        ("(1 + 2) * 3", ["*", ["+", 1, 2], 3]),
        ("8 - 4 - 2", ["-", ["-", 8, 4], 2]),
        ("2 ^ 3 ^ 2", ["^", 2, ["^", 3, 2]]),
        ("2 ** 3", ["^", 2, 3]),
        ("-x ^ 2", ["-a", ["^", "x", 2]]),
        ("2 ^ -1", ["^", 2, -1]),
        ("-5", -5),
        ("x - -5", ["-", "x", -5]),
        ("not a = b", ["not", ["=", "a", "b"]]),
        ("a or b and not c", ["or", "a", ["and", "b", ["not", "c"]]]),
        ("a & b = c", ["=", ["&", "a", "b"], "c"]),
        ("a <> b", ["!=", "a", "b"]),
        ("a == b", ["=", "a", "b"]),
        ("NOT a AND TRUE", ["and", ["not", "a"], True]),
        ("null", None),
        ("IF(a, 1, 2.5)", ["if", "a", 1, 2.5]),
        ("[with space] + [a]]b]", ["+", "with space", "a]b"]),
        ('\'it\'\'s\' & "a ""b"""', ["&", "it's", 'a "b"']),
        ("'\n😀 -- ; /*'", "\n😀 -- ; /*"),
        ("价格 * 2", ["*", "价格", 2]),
        ("1e3 + .5 + 2.", ["+", ["+", 1000.0, 0.5], 2.0]),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", 9223372036854775808.0),
        ("f()", ["f"]),
    ],
)
def test_the_tree_of_a_formula(text: str, tree: Any) -> None:
    assert shape(parsed(text)) == tree


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i", "integer"),
        ("i + 1", "number"),
        ("-i", "number"),
        ("I * X", "number"),
        ("i > x", "boolean"),
        ("if(b, i, 1)", "integer"),
        ("if(b, i, 1.5)", "number"),
        ("if(b, missing, s)", "text"),
        ('if(b, d, "2024-01-30")', "date"),
        ('if(b, d, "2024-01-30 10:00")', "datetime"),
        ("coalesce(d, at)", "datetime"),
        ("min(i, j)", "integer"),
        ("date(at)", "date"),
        ("text(x) & s", "text"),
    ],
)
def test_the_type_of_a_formula(text: str, kind: str) -> None:
    assert validate(text, COLUMNS).type == kind


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 1, "empty"),
        ("  ", 1, "empty"),
        ("x +", 4, "expected a value, a column or a function, found the formula ends"),
        ("(x", 3, "expected an operator or )"),
        ("x)", 2, "expected an operator or the end"),
        ("unit price", 6, "found 'price'"),
        ("1 + prise", 5, "Did you mean one of these: [unit price]"),
        ("rond(x)", 1, "Did you mean one of these: round"),
        ("x + year", 5, "called with parentheses: year(date)"),
        ("s + t", 1, "Texts are joined with &"),
        ("x & s", 1, "Make it a text with text()"),
        ("abs(s)", 5, "abs takes a number here, not a text. Make it a number with number()."),
        ("if(x, 1, 2)", 4, "takes a condition (true or false) here, not a number"),
        ("if(b, 1, 'a')", 10, "needs values of one type; this is a text, the one before is a whole number"),
        ("s > 2", 5, "needs values of one type"),
        ("d > 'abc'", 5, 'Write dates as "2024-01-30"'),
        ("d = '2024-02-30'", 5, "a text that is no date"),
        ("left(s, x)", 9, "a whole number from 1 to 1000000, written out"),
        ("replace(s, '', 'a')", 12, "a text in quotes that is not empty"),
        ("1 < x < 2", 7, "Join two with and"),
        ("round()", 1, "round is called as round(number, digits); arguments given: 0"),
        ("coalesce(x)", 1, "coalesce(a, b, ...)"),
        ("missing", 1, "always missing"),
        ("x ! 2", 3, "Write not or !="),
        ("x || s", 3, "joined with &"),
        ('s = "abc', 5, "a text begins here and does not end"),
        ("[abc", 1, "does not end"),
        ("s = '\0'", 5, "cannot hold the character"),
        ("1e999", 1, "too large a number"),
        ("negative(x)", 1, "there is no function 'negative'"),
        ("and(b, c)", 1, "found 'and'"),
        ("d - e", 1, "takes a number here, not a date"),
        ("b < 1", 5, "needs values of one type"),
    ],
)
def test_an_error_says_where_and_what_was_expected(text: str, position: int, says: str) -> None:
    verdict = validate(text, COLUMNS)
    assert not verdict.ok
    assert verdict.error is not None
    assert verdict.error.position == position
    assert says in str(verdict.error)
    assert f"character {position}" in str(verdict.error)


def test_an_unknown_column_is_a_missing_column() -> None:
    with pytest.raises(MissingColumn):
        compiled("nothere + 1", COLUMNS)


@pytest.mark.parametrize(
    "text",
    ["(" * 900 + "x" + ")" * 900, "-" * 1900 + "x", "not " * 400 + "b", "x" + "+x" * 900, "x^" * 900 + "x"],
)
def test_depth_is_limited(text: str) -> None:
    with pytest.raises(FormulaError, match="levels of parts within parts"):
        compiled(text, COLUMNS)


def test_length_is_limited() -> None:
    with pytest.raises(FormulaError, match="2000 characters; this one has 2001"):
        compiled("1" * (MAX_LENGTH + 1), COLUMNS)


@pytest.mark.parametrize(
    ("few", "many"),
    [
        ("x" + " % y" * 4, "x" + " % y" * 30),
        # the engine writes NULLIF(a, b) as a CASE with two a: nested, it would fill the memory
        ("int(1 / " * 4 + "i" + ")" * 4, "int(1 / " * 19 + "i" + ")" * 19),
        ("1 / (" * 4 + "x" + ")" * 4, "1 / (" * 19 + "x" + ")" * 19),
        ("exp(x * " * 4 + "y" + ")" * 4, "exp(x * " * 19 + "y" + ")" * 19),
        ("sqrt(" * 4 + "x" + ")" * 4, "sqrt(" * 30 + "x" + ")" * 30),
    ],
)
def test_what_grows_when_written_out_is_limited(few: str, many: str) -> None:
    assert validate(few, COLUMNS).ok
    with pytest.raises(FormulaError, match="too long when written out"):
        compiled(many, COLUMNS)


@pytest.mark.parametrize(
    "name", ["x", "unit price", "a]b[", "and", "Missing", "价格", "1st", "", 'a"; drop', "]]", "two\nlines"]
)
def test_any_column_can_be_written_in_a_formula(name: str) -> None:
    assert parsed(quoted_column(name)) == ColumnRef(0, name)


def test_columns_can_be_renamed_in_a_formula_and_nothing_else_changes() -> None:
    text = "if( year > 1,[unit price] ,year(d) ) & 'year'"
    assert renamed(text, {"year": "the year", "unit price": "price", "d": "]"}) == (
        "if( [the year] > 1,price ,year([]]]) ) & 'year'"
    )


def test_a_function_and_a_column_may_have_one_name() -> None:
    columns = (*COLUMNS, *(column.model_copy(update={"name": "year"}) for column in COLUMNS[:1]))
    assert compiled("year(d) = year", columns).columns() == ("d", "year")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_has_help_and_an_example_that_works(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.help.endswith(".")
    assert function.operator or function.call.startswith(f"{name}(")
    used = parsed(function.example)
    assert isinstance(used, Call)
    assert used.function == name
    assert validate(function.example, examples.COLUMNS).ok


def test_suggestions_are_columns_then_functions_that_begin_with_the_word_then_those_that_contain_it() -> None:
    assert [one.insert for one in suggest("1 + u", COLUMNS)][:2] == ["[unit price]", "upper("]
    assert "number(" in [one.insert for one in suggest("1 + u", COLUMNS)]
    assert [one.insert for one in suggest("1 + [uni", COLUMNS)] == ["[unit price]"]
    assert len(suggest("", COLUMNS)) == 20


def test_messages_translate_by_their_template() -> None:
    verdict = validate("rond(x)", COLUMNS)
    assert isinstance(verdict.error, SightlineError)
    assert verdict.error.template == "Formula, character {position}: {problem}"
    assert verdict.error.values["problem"].template == "there is no function {name!r}."
