"""Types for columns of text: a column has a type when ALL its values are of it, else it stays text.

The rows are read as text in internal columns c0, c1, ... A `Form` is one way to read a text as a
typed value and to tell whether nothing is lost by it ("007" is no integer). Which forms fit is
first asked of a sample; then one pass casts, checks every value and writes. Only when a later
value proves the sample wrong does a second pass ask the whole input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from core import sql
from core.contracts import Column, Schema, Watch
from core.sources.forms import TEXT, UNFIT, Form
from core.sources.running import copied

if TYPE_CHECKING:
    import pyarrow as pa

_ASKED = 400  # expressions in one pass: beyond it planning costs more than another pass
_FEW = 100  # rows


def fitting(
    connection: Any, sample: pa.Table, ways: Sequence[Form], missing: Sequence[str]
) -> list[list[Form]]:
    """For each column of a sample of text, the forms that all its values have; None of them: text.

    A column without values in the sample fits every form.
    """
    # a few rows rule out most forms, which the others then need not be tried for
    fits = _fitting(connection, sample.slice(0, _FEW), ways, missing)
    open_ = [i for i, some in enumerate(fits) if some]
    if sample.num_rows > _FEW and open_:
        left = [form for form in ways if any(form in some for some in fits)]
        found = _fitting(connection, sample.select(open_).slice(_FEW), left, missing)
        for i, some in zip(open_, found, strict=True):
            fits[i] = [form for form in fits[i] if form in some]
    return fits


def _fitting(
    connection: Any, sample: pa.Table, ways: Sequence[Form], missing: Sequence[str]
) -> list[list[Form]]:
    import pyarrow as pa

    count = sample.num_columns
    tall = pa.table(
        {
            "i": pa.concat_arrays(
                [pa.repeat(pa.scalar(i, pa.int32()), sample.num_rows) for i in range(count)]
            ),
            "c": pa.concat_arrays([sample.column(i).combine_chunks() for i in range(count)]),
        }
    )
    values = ", ".join(f"{form.cast('c')} AS v{n}" for n, form in enumerate(ways))
    good = ", ".join(f"bool_and({form.good('c', f'v{n}')})" for n, form in enumerate(ways))
    nulls = ", ".join(sql.literal(text).sql(dialect="duckdb") for text in ("", *missing))
    statement = (
        f"SELECT i, {good} FROM (SELECT i, c, {values} FROM "
        f"(SELECT DISTINCT i, CASE WHEN c IN ({nulls}) THEN NULL ELSE c END AS c FROM sample)) "
        "GROUP BY i ORDER BY i"
    )
    with closing(connection.cursor()) as cursor:
        cursor.register("sample", tall)
        rows = cursor.execute(statement).fetchall()
        cursor.unregister("sample")
    if not rows:
        return [list(ways) for _ in range(count)]
    return [[form for form, fits in zip(ways, row[1:], strict=True) if fits] for row in rows]


def settled(
    connection: Any, relation: str, candidates: Mapping[int, Sequence[Form]]
) -> dict[int, list[Form]]:
    """Of each column's candidate forms, those that every value in the whole input has.

    A column of the result with no value at all has an empty list.
    """
    result: dict[int, list[Form]] = {}
    if sum(map(len, candidates.values())) > _ASKED:  # empty columns fit every form: thousands of passes
        empty = set(candidates) - _filled(connection, relation, sorted(candidates))
        result = {i: [] for i in sorted(empty)}
    asking = [(i, form) for i, many in candidates.items() if i not in result for form in many]
    for start in range(0, len(asking), _ASKED):
        some = asking[start : start + _ASKED]
        columns = sorted({i for i, _ in some})
        values = ", ".join(f"{form.cast(f'c{i}')} AS v{n}" for n, (i, form) in enumerate(some))
        kept = ", ".join(f"c{i}" for i in columns)
        good = ", ".join(f"bool_and({form.good(f'c{i}', f'v{n}')})" for n, (i, form) in enumerate(some))
        held = ", ".join(f"count(nullif(trim(c{i}), ''))" for i in columns)
        statement = f"SELECT {good}, {held} FROM (SELECT {kept}, {values} FROM {relation})"
        with closing(connection.cursor()) as cursor:
            row = cursor.execute(statement).fetchone()
        filled = dict(zip(columns, row[len(some) :], strict=True))
        for (i, form), fits in zip(some, row, strict=False):
            result.setdefault(i, [])
            if fits and filled[i]:
                result[i].append(form)
    return result


def _filled(connection: Any, relation: str, columns: Sequence[int]) -> set[int]:
    """The columns that hold any value at all."""
    found: set[int] = set()
    for start in range(0, len(columns), _ASKED):
        some = columns[start : start + _ASKED]
        counts = ", ".join(f"count(nullif(trim(c{i}), ''))" for i in some)
        with closing(connection.cursor()) as cursor:
            row = cursor.execute(f"SELECT {counts} FROM {relation}").fetchone()
        found |= {i for i, count in zip(some, row, strict=True) if count}
    return found


def chosen(fits: Sequence[Form]) -> tuple[Form | None, bool]:
    """The form to use among those that fit, and whether day and month could be either way round."""
    if not fits:
        return TEXT, False
    names = {form.name for form in fits}
    for kind in ("date", "datetime"):
        if {f"{kind}, day first", f"{kind}, month first"} <= names and fits[0].name.startswith(kind):
            return TEXT, True
    return fits[0], False


def unfit(error: duckdb.Error) -> bool:
    """True when a query ended because a value did not have its column's form."""
    return UNFIT in str(error)


def write(
    connection: Any,
    relation: str,
    columns: Schema,
    use: Sequence[Form],
    scratch: Path,
    place: Path,
    watch: Watch,
    *,
    reading: Path,
    drop_unfit: bool = False,
) -> int:
    """Cast the text columns c0, c1, ... of `relation` and write them as Parquet; returns the rows.

    Raises duckdb.Error (see `unfit`) at the first value that has not its column's form, or leaves
    out such rows when `drop_unfit`.
    """
    inner, outer, tests = [], [], []
    for i, (column, form) in enumerate(zip(columns, use, strict=True)):
        alias = sql.name(column.name).sql(dialect="duckdb")
        inner.append(f"c{i}")
        if form.type == "text":
            outer.append(f"c{i} AS {alias}")
            continue
        inner.append(f"{form.cast(f'c{i}')} AS v{i}")
        test = form.good(f"c{i}", f"v{i}")
        if drop_unfit:
            tests.append(test)
            outer.append(f"v{i} AS {alias}")
        else:
            # checked in the same pass that writes: a wrong guess costs a second pass, a right one nothing
            outer.append(f"{form.checked(f'c{i}', f'v{i}')} AS {alias}")
    query = f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM {relation})"
    if tests:
        query += f" WHERE {' AND '.join(tests)}"
    return copied(connection, query, scratch, place, len(columns), watch, reading=reading)


def schema(names: Sequence[str], use: Sequence[Form]) -> Schema:
    return tuple(Column(name=name, type=form.type) for name, form in zip(names, use, strict=True))
