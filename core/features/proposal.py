"""What to predict it with: a task and features proposed for a target, each with its reason."""

from __future__ import annotations

import re
from typing import Any

from core import sql
from core.contracts import Column, Engine, Silent, Table, Task
from core.errors import BadParameter, MissingColumn
from core.features.leaks import MANY, find_leaks
from core.params import Frozen
from core.profile.each import ask_each
from core.profile.relations import LIKELY, without_repetition
from core.profile.work import Work, begin
from core.wording import Note, note

FEW = 10  # an integer with at most so many values is proposed as a category
LONG = 60  # characters on average: a free text
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
    work = begin(table, engine, Silent())
    seen = _describe(work, target)
    task, reason = propose_task(types[target], seen[target])
    reasons: dict[str, Note] = {}
    for column in table.columns:
        why = None if column.name == target else _useless(column, seen[column.name])
        if why:
            reasons[column.name] = why
    candidates = [c for c in table.columns if c.name != target and c.name not in reasons]
    leaks = find_leaks(work, types[target], task, candidates, seen)
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


def _describe(work: Work, target: str) -> dict[str, dict[str, Any]]:
    """Per column: rows with a value, distinct values, extremes, mean length."""
    seen: dict[str, dict[str, Any]] = {}
    for part in ask_each(
        work,
        work.table.columns,
        lambda column: sql.name(column.name),
        lambda column: _asked(column, rough=not work.stacked),
    ):
        seen |= part
    if not work.stacked:
        _count_closer(work, seen, target)
    for column in work.table.columns:
        found = {"whole": False, "length": 0.0, "low": None, "high": None, **seen[column.name]}
        found |= {"rows": work.rows, "n": int(found["n"] or 0)}
        found["distinct"] = min(found["distinct"] or 0, found["n"])
        if column.type == "number" and found["n"] and found["low"] == found["high"]:
            found["distinct"] = 1
        seen[column.name] = found
    return seen


def _count_closer(work: Work, seen: dict[str, dict[str, Any]], target: str) -> None:
    """Counts of distinct values in a large table are rough: made exact where something hangs on it."""
    distinct = {column.name: seen[column.name]["distinct"] or 0 for column in work.table.columns}
    likely = [
        column
        for column in work.table.columns
        if column.type in ("integer", "text") and distinct[column.name] > LIKELY * seen[column.name]["n"] > 0
    ]
    unique = without_repetition(work, likely)
    for column in likely:
        n = seen[column.name]["n"]
        seen[column.name]["distinct"] = n if column.name in unique else min(distinct[column.name], n - 1)
    few = [column for column in work.table.columns if column.name == target and distinct[target] < 2 * MANY]
    for part in ask_each(
        work, few, lambda column: sql.name(column.name), lambda _: {"d": "count(DISTINCT :x)"}
    ):
        seen[target]["distinct"] = part[target]["d"]


def _asked(column: Column, *, rough: bool) -> dict[str, str]:
    found = {"n": "count(:x)", "distinct": "approx_count_distinct(:x)" if rough else "count(DISTINCT :x)"}
    if column.type in ("integer", "number"):
        found |= {"low": "min(:x)", "high": "max(:x)"}
    if column.type == "number":
        found["n"] = "count_if(isfinite(:x))"
        found["whole"] = "bool_and(:x = trunc(:x)) FILTER (WHERE isfinite(:x))"
    if column.type == "text":
        found["length"] = "avg(length(:x))"
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
