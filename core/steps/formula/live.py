"""What a page asks while somebody types: is it right, what is its type, what could come next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.contracts import ColumnType, Schema
from core.steps.formula.build import Formula
from core.steps.formula.check import checked
from core.steps.formula.functions import FUNCTIONS
from core.steps.formula.grammar import FormulaError, quoted_column


@dataclass(frozen=True)
class Verdict:
    """What a formula gives, or why it cannot be used."""

    type: ColumnType | None  # of its result; None when it is wrong
    error: FormulaError | None  # its `position` counts characters from 1

    @property
    def ok(self) -> bool:
        return self.error is None


@dataclass(frozen=True)
class Suggestion:
    """Something that could be typed: a column, or a function with its help."""

    insert: str  # "[unit price]" or "round("
    label: str  # "round(number, digits)"
    help: str


def compiled(text: str, columns: Schema) -> Formula:
    """The formula, checked against these columns; FormulaError when it is wrong."""
    tree = checked(text, columns)
    assert tree.type is not None
    return Formula(text, tree, tree.type)


def validate(text: str, columns: Schema) -> Verdict:
    """Whether a formula can be used on these columns; raises nothing, runs nothing."""
    try:
        return Verdict(compiled(text, columns).type, None)
    except FormulaError as error:
        return Verdict(None, error)


def suggest(typed: str, columns: Schema, limit: int = 20) -> tuple[Suggestion, ...]:
    """Columns and functions that begin with, or else contain, the word being typed at the end."""
    match = re.search(r"(\[[^\]]*|[^\W\d]\w*)\Z", typed)
    word = match.group().lstrip("[").casefold() if match else ""
    bracket = bool(match) and typed[match.start()] == "[" if match else False
    found = [
        Suggestion(quoted_column(column.name), column.name, column.type)
        for column in columns
        if word in column.name.casefold()
    ]
    if not bracket:
        found += [
            Suggestion(f"{function.name}(", function.call, function.help)
            for function in FUNCTIONS.values()
            if not function.operator and word in function.name
        ]
    found.sort(key=lambda one: not one.label.casefold().startswith(word))  # stable: columns stay first
    return tuple(found[:limit])
