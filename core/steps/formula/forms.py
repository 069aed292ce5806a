"""What an entry of the allowlist is made of.

A form is one way to call a function. Its `takes` are, for each argument:

    number, integer, text, boolean, date, datetime    a part of that type; a whole number serves as a
                                                      number, a date as a datetime
    any                                               a part of any type
    same                                              all of one type, which `gives` may name too
    fixed text, fixed part, fixed count, fixed digits, nonzero
                                                      written out in the formula, and checked there

In `sql` the arguments are :a, :b, :c; in `pandas` they are {a}, {b}, {c}: always a column, while
{b.raw} is the bare Python value when it was written out. Both are constants of this package: what
people type never becomes part of a template, only a node (SQL) or a quoted literal (pandas).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["Operators", "Numbers", "Texts", "Dates", "Logic and missing values"]


@dataclass(frozen=True)
class Form:
    """One way to call a function: the types it takes, the type it gives, and how it is written."""

    takes: tuple[str, ...]
    gives: str
    sql: str
    pandas: str
    makes_nan: bool = False  # its result may be "not a number", which stands for missing


@dataclass(frozen=True)
class Function:
    """A function as people meet it: how it is called, what it does, an example."""

    name: str
    group: Group
    call: str  # "round(number, digits)"
    help: str
    example: str
    forms: tuple[Form, ...]
    repeats: bool = False  # any number of arguments: f(a, b, c) is f(f(a, b), c)

    @property
    def operator(self) -> bool:
        return self.group == "Operators"


def form(takes: str, gives: str, sql: str, pandas: str, *, makes_nan: bool = False) -> Form:
    """A form whose types are written with commas between: "number, fixed digits"."""
    return Form(tuple(takes.split(", ")), gives, sql, pandas, makes_nan)
