"""Tables for the tests of steps and recipes: written to Parquet, read back, compared exactly."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core import examples, sql
from core.contracts import Column, Engine, Schema, Step, Table
from core.engine.duckdb import stored
from core.recipe import Recipe, RecipeStep
from core.recipe.recipe import exported_as

_KINDS = {
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.string(): "text",
    pa.large_string(): "text",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "datetime",
}


def kinds(rows: pa.Table) -> list[tuple[str, str]]:
    """Each column's name and which of the six types it has; KeyError for any other type."""
    return [(field.name, _KINDS[field.type]) for field in rows.schema]


def put(folder: Path, rows: pa.Table, others: dict[str, pa.Table] | None = None) -> Table:
    """The rows as a stored table: `table.parquet` in the folder; beside it the other tables."""
    place = folder / "table.parquet"
    pq.write_table(rows, place)
    columns = tuple(Column(name=name, type=kind) for name, kind in kinds(rows))
    others = {examples.OTHER: examples.other()} if others is None else others
    return Table(stored(place), columns, {id: _beside(folder, id, rows) for id, rows in others.items()})


def _beside(folder: Path, id: str, rows: pa.Table) -> Table:
    """Another table, in the file in which exported code looks for it."""
    place = folder / exported_as(id)
    pq.write_table(rows, place)
    return Table(stored(place), tuple(Column(name=name, type=kind) for name, kind in kinds(rows)))


def made(columns: Schema, **values: list[Any]) -> pa.Table:
    return pa.table(values, schema=examples.arrow_schema(columns))


def fetched(table: Table, engine: Engine) -> pa.Table:
    """The table's rows without the hidden row order, which must be ascending and never missing."""
    rows = engine.rows(table.query)
    order = rows.column(sql.ROW).to_pylist()
    assert order == sorted(order)
    assert len(set(order)) == len(order)
    return rows.drop_columns([sql.ROW])


def by_pandas(recipe: Recipe, table: Table, engine: Engine, folder: Path) -> pa.Table:
    """What the exported script makes of `table.parquet` in the folder."""
    script = recipe.pandas(table, engine)
    for file in ["table.parquet", *(str(exported_as(id)) for id in recipe.reads())]:
        script = script.replace(f'"{file}"', repr(str(folder / file)))
    names: dict[str, Any] = {}
    exec(compile(script, "recipe.py", "exec"), names)
    return pa.Table.from_pandas(names["df"], preserve_index=False)


def assert_same(got: pa.Table, expected: pa.Table) -> None:
    """The same columns, types, rows in the same order, and values (numbers to 1e-12)."""
    assert kinds(got) == kinds(expected)
    assert got.num_rows == expected.num_rows
    for place, (name, kind) in enumerate(kinds(expected)):
        left, right = got.column(place).to_pylist(), expected.column(place).to_pylist()
        if kind == "number":
            assert len(left) == len(right)
            for row, (a, b) in enumerate(zip(left, right, strict=True)):
                assert _close(a, b), f"{name!r} row {row}: {a!r} is not {b!r}"
        else:
            assert left == right, name


def _close(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-12)


def after(step: Step, rows: pa.Table, engine: Engine, folder: Path) -> pa.Table:
    """The rows after the step, learned on them; SQL and pandas must agree."""
    table = put(folder, rows)
    recipe = Recipe(steps=(RecipeStep(step=step),)).learn(table, engine)
    result = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), result)
    return result


def column(kind: str, cells: list[Any]) -> pa.Table:
    """A table of one column "x"."""
    return pa.table({"x": cells}, schema=examples.arrow_schema((Column(name="x", type=kind),)))
