"""Whether a table's columns suit a model: what is missing, what has another type, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.contracts import ColumnType, Schema, near
from core.wording import note

_ABSENT = "The column {column!r} is missing. Columns like it: {like}."
_OTHER_TYPE = (
    "The column {column!r} is {has}; the model knows {needs}. "
    "Values that cannot be converted count as missing."
)


@dataclass(frozen=True)
class Problem:
    """Something about a table's columns, as a template with its values."""

    template: str
    values: dict[str, Any]
    blocks: bool  # without mending it there is no prediction

    def __str__(self) -> str:
        return str(note(self.template, **self.values))


def problems(columns: Schema, needed: Schema) -> list[Problem]:
    """What stands between a table of these columns and a model that needs those."""
    known = {column.name: column.type for column in columns}
    found = []
    for column in needed:
        if column.name not in known:
            like = near(column.name, known) or note("none")
            found.append(Problem(_ABSENT, {"column": column.name, "like": like}, True))
        elif not suits(known[column.name], column.type):
            types = {"column": column.name, "has": note(known[column.name]), "needs": note(column.type)}
            found.append(Problem(_OTHER_TYPE, types, False))
    return found


def suits(has: ColumnType, needs: ColumnType) -> bool:
    """Whether every value of one type is one of the other."""
    if needs in ("text", "boolean"):
        return needs == "text" or has == "boolean"
    if needs in ("date", "datetime"):
        return has in ("date", "datetime")
    return has in ("integer", "number", "boolean")
