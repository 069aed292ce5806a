"""Values with a value of another column written behind them: "Portland OR" beside the state OR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.profile.written import PLACEHOLDERS, Written

SEVERAL = 3  # values with something behind them, before it is taken for a habit
MOST = 0.4  # of the rows: more, and it is how the column is written
_LAST = re.compile(r"(.*[^\s,;/(-])(?:\s*[,;/-]\s*|\s+\(?)([^\s,;/()-]{2,})\)?")


@dataclass(frozen=True)
class Appended:
    """What each value was before another column's value was written behind it."""

    other: str
    changes: dict[str, str | None]


def appended(column: Written, others: Sequence[Written]) -> Appended | None:
    """The other column whose values end the most values of this one; None where none does."""
    if not column.whole or not column.named:
        return None
    present = column.without(PLACEHOLDERS)
    parts = {value: found.groups() for value in present if (found := _LAST.fullmatch(value))}
    best: Appended | None = None
    for other in others:
        if other.name == column.name or not other.whole or not other.named:
            continue
        words = other.without(PLACEHOLDERS)
        # the rest must be a value of its own: "New York" may end in a name, "Very Good" in a grade
        changes: dict[str, str | None] = {
            value: rest
            for value, (rest, last) in parts.items()
            if last in words and rest in present and present[rest] >= present[value]
            and len(rest) >= 3 and not rest.isdigit()
        }  # fmt: skip
        if len(changes) >= SEVERAL and all(word.isupper() for word in words):
            # where it is a habit, a code behind a word needs no other witness
            changes |= {v: rest for v, (rest, last) in parts.items() if last in words and not rest.isupper()}
        rows = sum(present[value] for value in changes)
        few = rows <= MOST * sum(present.values())
        if len(changes) >= SEVERAL and few and (best is None or len(changes) > len(best.changes)):
            best = Appended(other.name, changes)
    return best
