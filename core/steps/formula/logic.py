"""Choices, and what to do about missing values."""

from __future__ import annotations

from core.steps.formula.forms import Form, Function, form


def _function(name: str, call: str, help: str, example: str, *forms: Form, repeats: bool = False) -> Function:
    return Function(name, "Logic and missing values", call, help, example, forms, repeats)


LOGIC = (
    _function(
        "if",
        "if(condition, then, else)",
        "One value where the condition is met, the other where it is not or is missing.",
        'if(price >= 10, "dear", "cheap")',
        form("boolean, same, same", "same", "CASE WHEN :a THEN :b ELSE :c END", "{b}.where({a}, {c.raw})"),
        form("boolean, same", "same", "CASE WHEN :a THEN :b END", "{b}.where({a})"),
    ),
    _function(
        "coalesce",
        "coalesce(a, b, ...)",
        "The first that is not missing.",
        "coalesce(price, 0)",
        form("same, same", "same", "coalesce(:a, :b)", "{a}.fillna({b.raw})"),
        repeats=True,
    ),
    _function(
        "is_missing",
        "is_missing(value)",
        "Whether there is no value.",
        "is_missing(price)",
        form("any", "boolean", ":a IS NULL", "{a}.isna().astype('bool[pyarrow]')"),
    ),
    _function(
        "one_of",
        "one_of(value, a, b, ...)",
        "Whether the value is one of those that follow.",
        'one_of(region, "North", "South")',
        form("same, same", "boolean", ":a = :b", "{a.raw} == {b.raw}"),
    ),
)
