"""The same aggregates of many columns at once, planned quickly for two columns and for two thousand.

A small table's columns are put one below the other and grouped, because an engine plans a thousand
aggregates slower than it reads a million values. A large table's columns stay side by side, where
each value is read once and moved nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlglot import exp

from core import sql
from core.contracts import Column
from core.profile.work import Work, batches, named, select

STACKED_VALUES = 2_000_000  # put one below the other in one query
STACKED_COLUMNS = 500
BATCH = 50  # columns side by side in one query

Value = Callable[[Column], exp.Expr]
Asked = Callable[[Column], Mapping[str, str]]
Constants = Mapping[str, Mapping[str, float]]
Also = Mapping[str, exp.Expr]
Of = Literal["all", "some", "few"]  # rows


def ask_each(
    work: Work,
    columns: Sequence[Column],
    value: Value,
    asked: Asked,
    constants: Constants | None = None,
    *,
    also: Also | None = None,
    of: Of = "all",
) -> Iterator[dict[str, dict[str, Any]]]:
    """{column: {key: result}} of some columns after the other.

    `asked` gives aggregates in SQL, in which :x is the column's value and :name one of its constants,
    or one of the expressions in `also`, which stand beside every column. Of a large table
    they may be asked of some rows, or of a few only.
    """
    known, beside = constants or {}, also or {}
    if not work.stacked:
        for batch in batches(columns, BATCH):
            yield _beside(work, batch, value, asked, known, beside, of)
        return
    for some in stacks(work, columns):
        yield _below(work, some, value, asked(some[0]), known, beside)


def stacks(work: Work, columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """The columns in stacks of one type each, as high as one query should read."""
    size = max(1, min(STACKED_COLUMNS, STACKED_VALUES // max(1, work.rows)))
    kinds: dict[str, list[Column]] = {}
    for column in columns:
        kinds.setdefault(column.type, []).append(column)
    for some in kinds.values():
        yield from batches(some, size)


def _beside(
    work: Work,
    batch: Sequence[Column],
    value: Value,
    asked: Asked,
    constants: Constants,
    also: Also,
    of: Of,
) -> dict[str, dict[str, Any]]:
    nodes: list[exp.Expr] = []
    keys: list[tuple[str, str]] = []
    for index, column in enumerate(batch):
        own = {key: sql.literal(constant) for key, constant in constants.get(column.name, {}).items()}
        own |= {key: exp.column(key) for key in also}
        for key, text in asked(column).items():
            keys.append((column.name, key))
            nodes.append(named(sql.template(text, x=exp.column(f"x{index}"), **own), f"a{len(nodes)}"))
    values = [named(value(column), f"x{index}") for index, column in enumerate(batch)]
    values += [named(node.copy(), key) for key, node in also.items()]
    names = [column.name for column in batch] + _columns(also)
    rows = select(values, _rows(work, of, names))
    row = work.ask(select(nodes, rows.subquery("v", copy=False)))[0]
    found: dict[str, dict[str, Any]] = {column.name: {} for column in batch}
    for (name, key), result in zip(keys, row.values(), strict=True):
        found[name][key] = result
    return found


def _rows(work: Work, of: Of, names: Sequence[str]) -> exp.Subquery:
    if of == "few":
        return work.few_rows(names)
    return work.some_rows(names) if of == "some" else work.all_rows(names)


def _below(
    work: Work,
    some: Sequence[Column],
    value: Value,
    asked: Mapping[str, str],
    constants: Constants,
    also: Also,
) -> dict[str, dict[str, Any]]:
    names = list(constants.get(some[0].name, {}))
    numbers = {name: [constants[column.name][name] for column in some] for name in names}
    source = stacked(work, some, value, numbers, also)
    own = {name: exp.column(name) for name in ("x", *names, *also)}
    nodes = [named(sql.template(text, **own), key) for key, text in asked.items()]
    query = select([exp.column("c"), *nodes], source).group_by("c", copy=False)
    # a table without rows has no groups: all its aggregates are null
    found: dict[str, dict[str, Any]] = {column.name: dict.fromkeys(asked) for column in some}
    for row in work.ask(query):
        found[some[row.pop("c")].name] = row
    return found


def stacked(
    work: Work,
    columns: Sequence[Column],
    value: Value,
    numbers: Mapping[str, Sequence[float]] | None = None,
    also: Also | None = None,
) -> exp.Subquery:
    """The values of the columns one below the other: x, the column's place c, and what stands beside."""
    lists = {
        "x": [value(column) for column in columns],
        "c": [sql.literal(place) for place in range(len(columns))],
        **{name: [sql.literal(number) for number in own] for name, own in (numbers or {}).items()},
    }
    nodes = [
        named(sql.template("unnest(:list)", list=exp.Array(expressions=items)), name)
        for name, items in lists.items()
    ]
    nodes += [named(node.copy(), name) for name, node in (also or {}).items()]
    rows = work.all_rows([column.name for column in columns] + _columns(also or {}))
    return select(nodes, rows).subquery("s", copy=False)


def _columns(also: Also) -> list[str]:
    return [column.name for node in also.values() for column in node.find_all(exp.Column)]
