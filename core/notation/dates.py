"""A text as a date in both orders: with the day first, and with the month first."""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

from core.contracts import ColumnType
from core.notation import conversions, patterns

Order = Literal["day first", "month first"]


def reading(order: Order) -> conversions.Reading:
    """How texts are read whose dates stand in this order."""
    return conversions.Reading(False, True, True, True, tuple(patterns.dates(order)), (), ())


def readings(cell: exp.Expr, kind: ColumnType, to: ColumnType) -> tuple[exp.Expr, exp.Expr]:
    """The text as a date with the day first, and with the month first; NULL where it is none."""
    found = []
    for how in (reading("day first"), reading("month first")):
        plain = conversions.prepared(cell, kind, to, how)
        assert plain is not None
        found.append(conversions.in_sql(cell, plain, kind, to, how))
    return found[0], found[1]
