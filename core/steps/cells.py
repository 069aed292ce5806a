"""Steps that change cells and leave rows and columns where they are."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from core import sql
from core.contracts import Schema


def with_cells(source: str, columns: Schema, cells: Mapping[str, exp.Expr]) -> exp.Select:
    """All columns of `source`, those in `cells` with the expression given there."""
    return sql.select(source, {c.name: cells.get(c.name, sql.name(c.name)) for c in columns})
