"""How many values are valid for what their column means: counted over all rows, never over a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import sql
from core.contracts import Column
from core.meanings import MEANINGS
from core.profile.each import ask_each
from core.profile.facts import ColumnProfile
from core.profile.work import Work


def validity(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """{column: {"valid": rows, "invalid": rows}} of each column whose meaning tells valid from invalid.

    Only where a value can be invalid, the rows are read once more: most columns cost nothing.
    """
    result: dict[str, dict[str, Any]] = {}
    asked: list[Column] = []
    present = {column.name: column.present for column in found}
    meanings = {column.name: column.meaning for column in found}
    for facts in found:
        kind, column = MEANINGS.get(facts.meaning), Column(name=facts.name, type=facts.type)
        if kind is None or not kind.judges(column):
            continue
        if kind.always(column):
            result[facts.name] = _counts(facts.present, 0)
        elif kind.low is None and facts.type in ("number", "date", "datetime"):
            result[facts.name] = _counts(facts.present, facts.infinite)
        else:
            asked.append(column)

    def test(column: Column) -> Any:
        return MEANINGS[meanings[column.name]].test(column)

    for part in ask_each(work, asked, test, lambda _: {"valid": "count_if(:x)"}):
        for name, row in part.items():
            valid = int(row["valid"] or 0)
            result[name] = _counts(present[name], present[name] - valid)
    return result


def cents(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """{column: {"cents": ...}}: whether numbers whose name speaks of money have two decimals at most."""
    money = MEANINGS["amount"]
    columns = [
        Column(name=column.name, type=column.type)
        for column in found
        if column.type in ("integer", "number") and money.hinted(column.name) and column.present
    ]
    share = {
        "whole": "avg(CAST(abs(:x * 100 - round(:x * 100)) < 1e-6 AS INTEGER)) FILTER (WHERE isfinite(:x))"
    }

    def value(column: Column) -> Any:
        return sql.template("CAST(:x AS DOUBLE)", x=sql.name(column.name))

    result: dict[str, dict[str, Any]] = {}
    for part in ask_each(work, columns, value, lambda _: share, of="few"):
        result |= {name: {"cents": (row["whole"] or 0) >= 0.95} for name, row in part.items()}
    return result


def _counts(present: int, invalid: int) -> dict[str, Any]:
    return {"valid": present - invalid, "invalid": invalid}
