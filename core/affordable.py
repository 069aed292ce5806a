"""What selections cost the server: a millisecond a condition; an address may not ask for seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from core.errors import BadParameter

if TYPE_CHECKING:
    from core.selection import Mark, Selection
    from core.within import Within

CONDITIONS = 1_000  # at once
VALUES = 20  # that cost as much as one condition


def cost(mark: Mark) -> float:
    """A mark's conditions; one that says values of one column alone costs no more than these."""
    values = sum(len(part.values or ()) for part in mark.parts) / VALUES
    return values if mark.simple() is not None else len(mark.parts) + values


def check_cost(selections: Iterable[Selection]) -> None:
    """BadParameter where asking for all of these would take too long."""
    count = sum(cost(mark) for one in selections for mark in one.marks)
    if count > CONDITIONS:
        raise BadParameter(
            "These are {count:,} conditions; at most {most:,} can be asked for at once.",
            hint="Select fewer marks, or the range around them.",
            count=int(count),
            most=CONDITIONS,
        )


def affordable(marks: Sequence[Mark], share: float = 0.5) -> tuple[Mark, ...]:
    """As many of the marks, from the first, as cost no more than a share of what can be asked for."""
    taken: list[Mark] = []
    spent = 0.0
    for mark in marks:
        spent += cost(mark)
        if spent > CONDITIONS * share:
            break
        taken.append(mark)
    return tuple(taken)


def merged(marks: Sequence[Mark]) -> list[Mark]:
    """Marks of the same rows, where those that say values of one column alone are asked as one list."""
    lists: dict[str, list[tuple[Mark, Within]]] = {}
    others: list[Mark] = []
    for mark in marks:
        one = mark.simple()
        if one is None:
            others.append(mark)
        else:
            lists.setdefault(one.column, []).append((mark, one))
    for found in lists.values():
        mark, first = found[0]
        values = tuple(dict.fromkeys(value for _, one in found for value in one.values or ()))
        joined = first.model_copy(update={"values": values, "missing": any(one.missing for _, one in found)})
        others.append(mark.model_copy(update={"parts": (joined,)}))
    return others
