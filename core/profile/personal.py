"""Which columns seem to hold personal data: a few hundred distinct values of each are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core import sql
from core.contracts import Column
from core.personal import SAMPLE, looked_at, recognised
from core.profile.facts import ColumnProfile
from core.profile.values import MISSING_WORDS
from core.profile.work import Work, batches, named, select

LONGEST = 200  # characters of a value
CELLS = 400_000  # fetched at once


def personal(work: Work, found: Sequence[ColumnProfile]) -> dict[str, dict[str, Any]]:
    """{column: {"personal": kind}} of the columns that seem to hold personal data."""
    columns = [Column(name=facts.name, type=facts.type) for facts in found if looked_at(facts)]
    values: dict[str, list[str]] = {}
    for batch in batches(columns, 100):
        values |= _distinct(work, batch)
    kinds = {facts.name: recognised(facts, values.get(facts.name, ())) for facts in found}
    return {name: {"personal": kind} for name, kind in kinds.items() if kind is not None}


def _distinct(work: Work, columns: Sequence[Column]) -> dict[str, list[str]]:
    """Some distinct values of each column, as texts, those that stand for a missing one left out."""
    if not work.rows:
        return {}
    shown = [
        named(sql.template("left(CAST(:x AS VARCHAR), :n)", x=sql.name(c.name), n=LONGEST), f"x{i}")
        for i, c in enumerate(columns)
    ]
    each = max(50, min(1_000, CELLS // (8 * len(columns))))
    rows = work.engine.rows(select(shown, work.few_rows([c.name for c in columns], each)))
    found = {}
    for place, column in enumerate(columns):
        known = [
            value
            for value in rows.column(place).unique().to_pylist()
            if value is not None and value.strip().lower() not in MISSING_WORDS
        ]
        found[column.name] = known[:: max(1, len(known) // SAMPLE)][:SAMPLE]
    return found
