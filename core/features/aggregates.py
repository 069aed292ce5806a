"""One row of aggregates over many columns, asked in queries that stay quick for thousands of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from core.contracts import Engine

TOGETHER = 150  # the engine plans counts of distinct values in time that grows with the square


def one_row(
    engine: Engine,
    relation: exp.Select | exp.Query,
    aggregates: Mapping[str, exp.Expr],
    inner: Mapping[str, exp.Expr] | None = None,
) -> dict[str, Any]:
    """The aggregates by name; with `inner`, over these expressions of the relation's columns."""
    source = relation.subquery("d")
    if inner is not None:
        source = _select(inner).from_(source, copy=False).subquery("e", copy=False)
    found = engine.rows(_select(aggregates).from_(source, copy=False)).to_pylist()[0]
    return dict(found)


def _select(columns: Mapping[str, exp.Expr]) -> exp.Select:
    # built without the copies that sqlglot's builder makes of all it is given
    return exp.Select(expressions=[exp.alias_(node, name, copy=False) for name, node in columns.items()])
