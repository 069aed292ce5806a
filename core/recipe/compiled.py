"""Steps as common table expressions over one another, in the six column types."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from core import sql
from core.contracts import Column, ColumnType, Engine, Json, Schema, Step, Table, wrong_constant
from core.errors import BadParameter, SightlineError

IN_STEP = "Step {step_number}, {step_title}: "  # what stands before an error's own template

_TYPES: dict[str, ColumnType] = {own: kind for kind, own in sql.STORAGE.items()}


@dataclass(frozen=True)
class Stage:
    """One step, compiled: its query over the relation `source`, and the columns it yields."""

    number: int  # as people count: the first step is 1
    step: Step
    learned: Mapping[str, Json]
    source: str
    query: exp.Select
    before: Schema
    after: Schema

    @property
    def relation(self) -> str:
        return f"step_{self.number}"


def compiled(table: Table, stages: list[Stage]) -> exp.Select:
    """The whole recipe as one query with explicit columns, in row order."""
    columns = stages[-1].after if stages else table.columns
    query = sql.select(
        stages[-1].relation if stages else "base",
        {column.name: sql.name(column.name) for column in columns},
    )
    if any(not stage.step.keeps_order for stage in stages):
        query = query.order_by(sql.name(sql.ROW), copy=False)
    return with_stages(query, table, stages)


def with_stages(query: exp.Select, table: Table, stages: list[Stage]) -> exp.Select:
    """`query` with the table as the relation "base" and each step as "step_1", "step_2", ...

    Before them stand the other tables that the steps read.
    """
    query = query.with_("base", as_=table.query.copy(), copy=False)
    for id in dict.fromkeys(id for stage in stages for id in stage.step.reads()):
        query = query.with_(sql.other(id), as_=table.other(id).query.copy(), copy=False)
    for stage in stages:
        query = query.with_(stage.relation, as_=stage.query.copy(), copy=False)
    return query


Others = tuple[tuple[str, Schema], ...]  # the tables that a step reads beside its source


def compile_step(
    number: int,
    step: Step,
    learned: Mapping[str, Json],
    source: str,
    columns: Schema,
    engine: Engine,
    table: Table,
) -> Stage:
    """One step over the relation `source`; its errors name it. `table` knows the other tables."""
    with in_step(number, step):
        others = tuple((id, table.other(id).columns) for id in dict.fromkeys(step.reads()))
        # mypy takes no protocol for hashable; every engine is, by identity
        return _stage(number, step, json.dumps(learned), source, columns, engine, others)  # type: ignore[arg-type]


# a screen compiles the same recipe for its preview, its effects, its SQL and its pandas code
@lru_cache(maxsize=512)
def _stage(
    number: int, step: Step, learned: str, source: str, columns: Schema, engine: Engine, others: Others
) -> Stage:
    step.check(columns)
    constants = json.loads(learned)
    step.check_learned(constants, columns)
    _check_others(constants, others)
    query = step.sql(source, columns, constants)
    _check_names(query)
    query, after = _six_types(
        query, {source: columns} | {sql.other(id): found for id, found in others}, source, engine
    )
    return Stage(number, step, constants, source, query, columns, after)


def _check_others(learned: Mapping[str, Json], others: Others) -> None:
    """What was learned of other tables must be what they are."""
    for id, columns in others:
        known = learned.get("others", {}).get(id)
        if known != [column.model_dump() for column in columns]:
            raise wrong_constant(f"others.{id}", "it must name the columns of that table", known)


def _six_types(
    query: exp.Select, relations: Mapping[str, Schema], source: str, engine: Engine
) -> tuple[exp.Select, Schema]:
    """The query with casts where the engine's own types differ from the six column types."""
    kinds = {column.name: column.type for column in relations[source]}
    selected = {node.alias_or_name: node.unalias() for node in query.selects}
    del selected[sql.ROW]
    alone = len(relations) == 1  # a column's name says which it is
    if alone and all(isinstance(node, exp.Column) and node.name in kinds for node in selected.values()):
        return query, tuple(Column(name=name, type=kinds[node.name]) for name, node in selected.items())
    # typed on empty relations: nothing is read, however long the recipe and the table
    probe = exp.select("*").from_(query.subquery("probed"))
    for relation, columns in relations.items():
        probe = probe.with_(relation, as_=_nothing(columns), copy=False)
    own = engine.storage(probe)
    if all(own[name] in _TYPES for name in selected):
        return query, tuple(Column(name=name, type=_TYPES[own[name]]) for name in selected)
    after = engine.schema(probe)
    wrong = {c.name: sql.STORAGE[c.type] for c in after if own[c.name] != sql.STORAGE[c.type]}
    query = query.copy()
    query.set("expressions", [_cast(node, wrong) for node in query.selects])
    return query, after


def _nothing(columns: Schema) -> exp.Select:
    """No rows of these columns."""
    empty = {column.name: exp.cast(exp.Null(), sql.STORAGE[column.type]) for column in columns}
    empty[sql.ROW] = exp.cast(exp.Null(), "BIGINT")
    return sql.select_values(empty).where(exp.false())


def _cast(node: exp.Expr, wrong: Mapping[str, str]) -> exp.Expr:
    name = node.alias_or_name
    if name not in wrong:
        return node
    return exp.alias_(exp.cast(node.unalias(), wrong[name]), name, quoted=True)


def _check_names(query: exp.Select) -> None:
    seen: set[str] = set()
    for name in query.named_selects:
        if not name:
            raise BadParameter("A column would have no name.", hint="Give it a name.")
        if name.casefold() in seen:
            raise BadParameter(
                "There would be two columns called {name!r}; capital and small letters count as the same.",
                hint="Choose another name.",
                name=name,
            )
        seen.add(name.casefold())
    if sql.ROW not in seen:
        raise TypeError("a step's query must carry the row order")


@contextmanager
def in_step(number: int, step: Step) -> Iterator[None]:
    """Errors from within say which step they come from."""
    try:
        yield
    except SightlineError as error:
        values = {**error.values, "step_number": number, "step_title": step.title}
        raise type(error)(IN_STEP + error.template, hint=error.hint, **values) from error
