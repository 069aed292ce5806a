"""What to predict it with: a task and features proposed for a target, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column, Engine, Table, Task
from core.errors import BadParameter, MissingColumn
from core.features.aggregates import TOGETHER, one_row
from core.params import Frozen
from core.wording import Note, note

FEW = 10  # an integer with at most so many values is proposed as a category
MANY = 1_000  # a text with more values is no category
LONG = 60  # characters on average: a free text
ALMOST = 0.999  # a feature that alone predicts the target so well is a leak
ENOUGH = 20  # rows needed before uniqueness tells anything
_ID = re.compile(r"(^|[^a-z])(id|ids|uuid|guid|key|rowid|row|index|idx|no|nr|number|serial)$", re.IGNORECASE)


class Excluded(Frozen):
    """A column left out of the features, and why."""

    name: str
    reason: Note


class Proposal(Frozen):
    """A task and features for a target, with the reasons."""

    target: str
    task: Task
    reason: Note
    features: tuple[str, ...]
    excluded: tuple[Excluded, ...]
    notes: tuple[Note, ...] = ()


def propose(table: Table, engine: Engine, target: str) -> Proposal:
    """Look at every column once and propose what to do; nothing here is binding."""
    types = {column.name: column for column in table.columns}
    if target not in types:
        raise MissingColumn(needs="The target", column=target, candidates=", ".join(table.names()[:5]))
    seen = dict(_describe(table, engine, target))
    task, reason = propose_task(types[target], seen[target])
    reasons: dict[str, Note] = {}
    for column in table.columns:
        why = None if column.name == target else _useless(column, seen[column.name])
        if why:
            reasons[column.name] = why
    candidates = [c for c in table.columns if c.name != target and c.name not in reasons]
    leaks = _leaks(table, engine, types[target], task, candidates, seen)
    notes: tuple[Note, ...] = ()
    if leaks and len(leaks) == len(candidates):
        notes = tuple(
            note("{name} was kept, the only feature there is, though {why}", name=name, why=why)
            for name, why in leaks.items()
        )
        leaks = {}
    reasons.update(leaks)
    reasons[target] = note("it is the target")
    features = tuple(column.name for column in table.columns if column.name not in reasons)
    excluded = tuple(
        Excluded(name=c.name, reason=reasons[c.name]) for c in table.columns if c.name in reasons
    )
    return Proposal(
        target=target, task=task, reason=reason, features=features, excluded=excluded, notes=notes
    )


def propose_task(column: Column, seen: dict[str, Any]) -> tuple[Task, Note]:
    """Number or category, and why."""
    distinct, rows = seen["distinct"], seen["n"]
    if column.type in ("text", "boolean"):
        if column.type == "text":
            said = "{column} is text: a category with {distinct} values"
        else:
            said = "{column} is yes or no: a category with {distinct} values"
        return "category", note(said, column=column.name, distinct=distinct)
    if column.type in ("date", "datetime"):
        raise BadParameter(
            "{column!r} is a {type}, which cannot be predicted as it is.",
            hint="Derive a number from it first, such as days until then.",
            column=column.name,
            type=column.type,
        )
    whole = column.type == "integer" or seen["whole"]
    if whole and (distinct == 2 or (distinct <= FEW and rows >= 5 * distinct)):
        said = "{column} has only {distinct} different whole values"
        return "category", note(said, column=column.name, distinct=distinct)
    said = "{column} is a number with {distinct:,} different values"
    return "number", note(said, column=column.name, distinct=distinct)


def _describe(table: Table, engine: Engine, target: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Per column: rows with a value, distinct values, extremes, mean length."""
    for start in range(0, len(table.columns), TOGETHER):
        some = table.columns[start : start + TOGETHER]
        asked = {"rows": sql.template("count(*)")}
        wanted = [_aggregates(column, column.name == target) for column in some]
        for i, aggregates in enumerate(wanted):
            asked |= {f"{key}{i}": node for key, node in aggregates.items()}
        row = one_row(engine, table.query, asked)
        for i, column in enumerate(some):
            own = {key: row[f"{key}{i}"] for key in wanted[i]}
            found = {"whole": False, "length": 0.0, "low": None, "high": None, **own, "rows": row["rows"]}
            found["n"] = found["n"] or 0
            found["distinct"] = min(found["distinct"] or 0, found["n"])
            if column.type == "number" and found["n"] and found["low"] == found["high"]:
                found["distinct"] = 1
            yield column.name, found


def _aggregates(column: Column, exact: bool) -> dict[str, exp.Expr]:
    x = sql.name(column.name)
    # of real numbers a rough count will do, but for the target's
    kind = "approx_count_distinct(:x)" if column.type == "number" and not exact else "count(DISTINCT :x)"
    found = {"n": sql.template("count(:x)", x=x), "distinct": sql.template(kind, x=x)}
    if column.type in ("integer", "number"):
        found["low"], found["high"] = sql.template("min(:x)", x=x), sql.template("max(:x)", x=x)
    if column.type == "number":
        found["n"] = sql.template("count_if(isfinite(:x))", x=x)
        found["whole"] = sql.template("bool_and(:x = trunc(:x)) FILTER (WHERE isfinite(:x))", x=x)
    if column.type == "text":
        found["length"] = sql.template("avg(length(:x))", x=x)
    return found


def _useless(column: Column, seen: dict[str, Any]) -> Note | None:
    rows, distinct = seen["n"], seen["distinct"]
    if rows == 0:
        return note("all its values are missing")
    if distinct == 1 and rows == seen["rows"]:
        return note("it has one value on all rows")
    if column.type == "text":
        if rows >= ENOUGH and distinct == rows:
            return note("it is different on every row, as an identifier is")
        if distinct > MANY:
            return note("it has {distinct:,} different texts: too many for categories", distinct=distinct)
        if seen["length"] > LONG and distinct > FEW:
            return note("it is free text of {length:.0f} characters on average", length=seen["length"])
        if distinct > FEW and distinct > rows / 2:
            return note("its {distinct:,} texts are almost all different", distinct=distinct)
    if column.type == "integer" and distinct == rows and rows >= ENOUGH:
        if _ID.search(column.name):
            return note("it is different on every row and is called like an identifier")
        if seen["low"] in (0, 1) and seen["high"] - seen["low"] == rows - 1:
            return note("it counts the rows")
    return None


def _leaks(
    table: Table,
    engine: Engine,
    target: Column,
    task: Task,
    candidates: list[Column],
    seen: dict[str, dict[str, Any]],
) -> dict[str, Note]:
    """Features that alone predict the target almost perfectly."""
    found: dict[str, Note] = {}
    for start in range(0, len(candidates), TOGETHER):
        some = candidates[start : start + TOGETHER]
        numbers = [c for c in some if c.type in ("integer", "number")]
        texts = [c for c in some if c.type in ("text", "boolean")]
        if task == "number":
            found.update(_correlated(table, engine, target, numbers))
            found.update(_explaining(table, engine, target, texts, seen))
        elif seen[target.name]["distinct"] <= MANY:
            if seen[target.name]["distinct"] == 2:
                found.update(_apart(table, engine, target, numbers))
            few = [c for c in numbers if seen[c.name]["distinct"] <= 50]
            found.update(_determining(table, engine, target, texts + few, seen))
    return found


def _correlated(
    table: Table, engine: Engine, target: Column, columns: list[Column]
) -> Iterator[tuple[str, Note]]:
    if not columns:
        return
    inner = {"y": _squarable(target)}
    asked = {}
    for i, column in enumerate(columns):
        inner[f"x{i}"] = _squarable(column)
        x, y = sql.name(f"x{i}"), sql.name("y")
        asked[f"r{i}"] = sql.template("corr(:x, :y)", x=x, y=y)
        asked[f"n{i}"] = sql.template("count(:x + :y)", x=x, y=y)
    row = one_row(engine, table.query, asked, inner)
    for i, column in enumerate(columns):
        value = row[f"r{i}"]
        if value is not None and abs(value) > ALMOST and row[f"n{i}"] > 3:
            yield (
                column.name,
                note("it alone gives the target almost exactly (correlation {r:.5f}): a leak?", r=value),
            )


def _squarable(column: Column) -> exp.Expr:
    # larger values, infinite ones among them, would overflow when squared
    x = sql.template("CAST(:x AS DOUBLE)", x=sql.name(column.name))
    return sql.template("CASE WHEN abs(:x) < 1e150 THEN :x END", x=x)  # type: ignore[no-any-return]


def _grouped(table: Table, target: Column, column: Column) -> exp.Select:
    y, x = sql.name(target.name), sql.name(column.name)
    return (
        exp.select(exp.alias_(x, "x"), exp.alias_(y, "y"))
        .from_(table.query.subquery("t"))
        .where(sql.template("NOT :x IS NULL AND NOT :y IS NULL", x=x, y=y))
    )


def _explaining(
    table: Table, engine: Engine, target: Column, columns: list[Column], seen: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, Note]]:
    """Categories inside which a number hardly varies."""
    for column in columns:
        if seen[column.name]["distinct"] > seen[column.name]["n"] / 3:
            continue  # small groups explain anything
        query = sql.template("SELECT sum(n * v) / sum(n) AS v FROM g")
        inner = sql.template("SELECT x, count(*) AS n, var_pop(y) AS v FROM d WHERE isfinite(y) GROUP BY x")
        casted = _grouped(table, Column(name=target.name, type="number"), column)
        query = query.with_("d", as_=_as_double().from_(
            casted.subquery("c"))).with_("g", as_=inner)  # fmt: skip
        total = sql.template(
            "SELECT var_pop(CAST(y AS DOUBLE)) AS v FROM c WHERE isfinite(CAST(y AS DOUBLE))"
        )
        within = engine.rows(query).to_pylist()[0]["v"]
        whole = engine.rows(total.with_("c", as_=casted)).to_pylist()[0]["v"]
        if whole and within is not None and within < (1 - ALMOST) * whole:
            yield column.name, note("the target hardly varies within its categories: a leak?")


def _as_double() -> exp.Select:
    return exp.select("x", exp.alias_(sql.template("CAST(y AS DOUBLE)"), "y"))


def _determining(
    table: Table, engine: Engine, target: Column, columns: list[Column], seen: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, Note]]:
    """Categories that each go with one class."""
    for column in columns:
        if seen[column.name]["distinct"] > seen[column.name]["n"] / 3:
            continue
        best = sql.template("SELECT x, max(n) AS top, sum(n) AS n FROM p GROUP BY x")
        query = (
            sql.template("SELECT CAST(sum(top) AS BIGINT) AS top, CAST(sum(n) AS BIGINT) AS n FROM b")
            .with_("d", as_=_grouped(table, target, column))
            .with_("p", as_=sql.template("SELECT x, y, count(*) AS n FROM d GROUP BY x, y"))
            .with_("b", as_=best)
        )
        row = engine.rows(query).to_pylist()[0]
        base = sql.template("SELECT max(n) AS top FROM (SELECT y, count(*) AS n FROM d GROUP BY y) AS c")
        majority = engine.rows(base.with_("d", as_=_grouped(table, target, column))).to_pylist()[0]["top"]
        if row["n"] and row["top"] / row["n"] > ALMOST and majority / row["n"] < ALMOST:
            yield column.name, note("each of its categories goes with one class of the target: a leak?")


def _apart(table: Table, engine: Engine, target: Column, columns: list[Column]) -> Iterator[tuple[str, Note]]:
    """Numbers whose ranges in the two classes do not touch."""
    if not columns:
        return
    chosen: list[exp.Expr] = [exp.alias_(sql.template("count(*)"), "rows")]
    for i, column in enumerate(columns):
        x = sql.template("CAST(:x AS DOUBLE)", x=sql.name(column.name))
        chosen.append(exp.alias_(sql.template("min(:x)", x=x), f"lo{i}"))
        chosen.append(exp.alias_(sql.template("max(:x)", x=x), f"hi{i}"))
    y = sql.name(target.name)
    query = (
        exp.select(*chosen)
        .from_(table.query.subquery("t"))
        .where(sql.template("NOT :y IS NULL", y=y))
        .group_by(y.copy())
    )
    rows = engine.rows(query).to_pylist()
    if len(rows) != 2 or min(row["rows"] for row in rows) < 5:
        return
    a, b = rows
    for i, column in enumerate(columns):
        ends = [a[f"lo{i}"], a[f"hi{i}"], b[f"lo{i}"], b[f"hi{i}"]]
        if None not in ends and (ends[1] < ends[2] or ends[3] < ends[0]):
            yield column.name, note("its ranges in the two classes do not touch: a leak?")
