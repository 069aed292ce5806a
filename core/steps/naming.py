"""What a step calls the column it makes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from sqlglot import exp

from core import sql
from core.contracts import Schema


def _allowed(name: str) -> str:
    if name.casefold() == sql.ROW:
        raise ValueError(f"must not be {sql.ROW}, which is kept for the row order")
    if name and not name.strip():
        raise ValueError("must not be blank")
    return name


NewName = Annotated[str, AfterValidator(_allowed)]


def target(columns: Schema, column: str, name: str) -> str:
    """Where the result goes: `column` itself without a name, else the column of that name, as the table
    spells it, or else a new one."""
    if not name:
        return column
    return next((c.name for c in columns if c.name.casefold() == name.casefold()), name)


def with_result(
    source: str, columns: Schema, place: str, node: exp.Expr, *, drop: tuple[str, ...] = ()
) -> exp.Select:
    """All columns of `source` but those dropped, with `node` as the column `place`, at the end if new."""
    chosen: dict[str, exp.Expr] = {c.name: sql.name(c.name) for c in columns if c.name not in drop}
    chosen[place] = node
    return sql.select(source, chosen)
