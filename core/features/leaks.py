"""Features that alone predict the target almost perfectly: most likely they were known after it only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlglot import exp

from core import sql
from core.contracts import Column, Task
from core.profile.each import ask_each, stacked, stacks
from core.profile.work import Work, named, select
from core.wording import Note, note

MANY = 1_000  # a text with more values is no category
ALMOST = 0.999  # a feature that alone predicts the target so well is a leak
FEW = 50  # values of a number that are looked at like categories
SMALL = 1 / 3  # of the rows: categories as many as this would explain anything

Seen = Mapping[str, Mapping[str, Any]]


def find_leaks(
    work: Work, target: Column, task: Task, candidates: Sequence[Column], seen: Seen
) -> dict[str, Note]:
    """The candidates that are leaks, each with what gives it away."""
    numbers = [column for column in candidates if column.type in ("integer", "number")]
    few = [column for column in numbers if seen[column.name]["distinct"] <= FEW]
    texts = [column for column in candidates if column.type in ("text", "boolean")]
    texts, few = _grouping(texts, seen), _grouping(few, seen)
    found: dict[str, Note] = {}
    if task == "number":
        found |= _correlated(work, target, numbers)
        found |= _explaining(work, target, texts)
    elif seen[target.name]["distinct"] <= MANY:
        if seen[target.name]["distinct"] == 2:
            found |= _apart(work, target, numbers)
        found |= _determining(work, target, [*texts, *few])
    return found


def _grouping(columns: Sequence[Column], seen: Seen) -> list[Column]:
    return [column for column in columns if seen[column.name]["distinct"] <= SMALL * seen[column.name]["n"]]


def _correlated(work: Work, target: Column, columns: Sequence[Column]) -> dict[str, Note]:
    """Numbers that the target follows in a straight line."""
    asked = {"r": "corr(:x, :y)", "n": "count(:x + :y)"}
    found = {}
    for part in ask_each(work, columns, _squarable, lambda _: asked, also={"y": _squarable(target)}):
        for name, row in part.items():
            if row["r"] is not None and abs(row["r"]) > ALMOST and row["n"] > 3:
                said = "it alone gives the target almost exactly (correlation {r:.5f}): a leak?"
                found[name] = note(said, r=row["r"])
    return found


def _squarable(column: Column) -> Any:
    # larger values, infinite ones among them, would overflow when squared
    x = sql.template("CAST(:x AS DOUBLE)", x=sql.name(column.name))
    return sql.template("CASE WHEN abs(:x) < 1e150 THEN :x END", x=x)


def _apart(work: Work, target: Column, columns: Sequence[Column]) -> dict[str, Note]:
    """Numbers whose ranges in the two classes do not touch."""
    y = sql.name(target.name)
    asked = [named(sql.template("min(:y)", y=y), "low"), named(sql.template("max(:y)", y=y), "high")]
    classes = work.ask(select(asked, work.all_rows([target.name])))[0]
    second = sql.template(":y > :low", y=y, low=classes["low"])
    ends = {
        f"{function}{number}": f"{function}(:x) FILTER (WHERE {condition})"
        for number, condition in enumerate(("NOT :second", ":second"))
        for function in ("min", "max")
    }
    rows = {"rows0": "count_if(NOT :second)", "rows1": "count_if(:second)"}
    found = {}
    for part in ask_each(work, columns, _double, lambda _: ends | rows, also={"second": second}):
        for name, row in part.items():
            known = None not in row.values() and min(row["rows0"], row["rows1"]) >= 5
            if known and (row["max0"] < row["min1"] or row["max1"] < row["min0"]):
                found[name] = note("its ranges in the two classes do not touch: a leak?")
    return found


def _double(column: Column) -> Any:
    return sql.template("CAST(:x AS DOUBLE)", x=sql.name(column.name))


def _explaining(work: Work, target: Column, columns: Sequence[Column]) -> dict[str, Note]:
    """Categories inside which a number hardly varies."""
    variance = named(sql.template("var_pop(y)"), "v")
    within = named(sql.template("sum(n * v) / sum(n)"), "within")
    found = {}
    for some, source in _beside(work, columns, _squarable(target)):
        grouped = _by(["c", "x"], [_counted(), variance], source)
        inside = work.ask(_by(["c"], [within], grouped.subquery("g")))
        whole = {row["c"]: row["v"] for row in work.ask(_by(["c"], [variance.copy()], source.copy()))}
        for row in inside:
            if whole[row["c"]] and row["within"] < (1 - ALMOST) * whole[row["c"]]:
                said = note("the target hardly varies within its categories: a leak?")
                found[some[row["c"]].name] = said
    return found


def _determining(work: Work, target: Column, columns: Sequence[Column]) -> dict[str, Note]:
    """Categories that each go with one class."""
    frequent, every = (named(sql.template(text), key) for text, key in (("max(n)", "top"), ("sum(n)", "n")))
    asked = [named(sql.template(f"CAST(sum({key}) AS BIGINT)"), key) for key in ("top", "n")]
    found = {}
    for some, source in _beside(work, columns, sql.name(target.name)):
        counted = _by(["c", "x", "y"], [_counted()], source).subquery("p")
        rows = work.ask(_by(["c"], asked, _by(["c", "x"], [frequent, every], counted).subquery("b")))
        classes = _by(["c", "y"], [_counted()], source.copy()).subquery("q")
        majority = {row["c"]: row["top"] for row in work.ask(_by(["c"], [frequent.copy()], classes))}
        for row in rows:
            if row["top"] / row["n"] > ALMOST and majority[row["c"]] / row["n"] < ALMOST:
                said = note("each of its categories goes with one class of the target: a leak?")
                found[some[row["c"]].name] = said
    return found


def _beside(
    work: Work, columns: Sequence[Column], y: exp.Expr
) -> Iterator[tuple[Sequence[Column], exp.Subquery]]:
    """Stacks of columns, and their values x beside the target y where both are known."""
    for some in stacks(work, columns):
        values = stacked(work, some, lambda column: sql.name(column.name), also={"y": y})
        known = select([exp.column(name) for name in ("c", "x", "y")], values)
        yield some, known.where("NOT x IS NULL AND NOT y IS NULL", copy=False).subquery("d")


def _counted() -> exp.Expr:
    return named(sql.template("count(*)"), "n")


def _by(keys: Sequence[str], asked: Sequence[exp.Expr], source: exp.Subquery) -> exp.Select:
    nodes = [*(exp.column(key) for key in keys), *(node.copy() for node in asked)]
    return select(nodes, source).group_by(*keys, copy=False)
