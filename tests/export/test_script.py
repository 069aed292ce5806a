"""A recipe carried away: unpacked, its script runs as it is and makes what the engine makes."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import sql
from core.contracts import Column
from core.engine.duckdb import DuckEngine
from core.errors import NotFound
from core.export.bundle import zipped
from core.export.script import script_files
from core.recipe import Recipe
from core.store import LOCAL, Store, Version, tables

HOSTILE = "name\"'); print('ran') # {x}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def add(store: Store, name: str, owner: str = LOCAL, **columns: Any) -> Version:
    rows = pa.table(columns)
    kinds: Any = {pa.int64(): "integer", pa.string(): "text", pa.float64(): "number"}
    schema = tuple(Column(name=field.name, type=kinds[field.type]) for field in rows.schema)
    with store.new_object(owner, ".parquet") as made:
        pq.write_table(rows, made.path)
    return tables.add_dataset(store, owner, name, object=made, columns=schema, rows=rows.num_rows)[1]


def test_the_zip_runs_where_it_is_unpacked(store: Store, engine: DuckEngine, tmp_path: Path) -> None:
    sales = add(store, "sales", code=["a", "b", None, "a"], price=[1.0, None, 3.0, 4.0])
    codes = add(store, "codes", **{"code": ["a", "b"], HOSTILE: ["Apples", "=Bread"]})
    more = add(store, "more", code=["c"], price=[9.0])
    recipe = Recipe.from_json(
        [
            {"kind": "fill_missing", "columns": ["price"], "method": "mean"},
            {"kind": "union", "table": more.id},
            {"kind": "join", "table": codes.id, "keys": [{"column": "code", "other": "code"}]},
            {"kind": "sample_rows", "by": "number", "rows": 4, "seed": 1},
        ]
    )
    packed = b"".join(zipped(script_files(store, sales, recipe, engine)))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = {item.filename for item in archive.infolist()}
        archive.extractall(tmp_path / "unpacked")
    assert {"recipe.py", "recipe.sql", "recipe.json", "table.parquet"} < names
    assert len([name for name in names if name.startswith("other_")]) == 2
    done = subprocess.run(
        [sys.executable, "recipe.py"], cwd=tmp_path / "unpacked", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    table = tables.table(store, sales)
    expected = engine.rows(recipe.learn(table, engine).apply(table, engine).query).drop_columns([sql.ROW])
    got = pq.read_table(tmp_path / "unpacked" / "result.parquet")
    assert got.to_pylist() == expected.to_pylist()
    again = Recipe.from_json(json.loads((tmp_path / "unpacked" / "recipe.json").read_text()))
    assert again.steps[0].learned is not None, "what was learned goes with it"


def test_the_query_runs_where_it_is_unpacked(store: Store, engine: DuckEngine, tmp_path: Path) -> None:
    sales, more = add(store, "sales", x=[1, 2]), add(store, "more", x=[3])
    recipe = Recipe.from_json([{"kind": "union", "table": more.id}])
    for name, content in script_files(store, sales, recipe, engine):
        data = content if isinstance(content, bytes) else content.read_bytes()
        (tmp_path / name).write_bytes(data)
    code = "import duckdb, pathlib; print(duckdb.sql(pathlib.Path('recipe.sql').read_text()).fetchall())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [row[0] for row in ast.literal_eval(done.stdout)] == [1, 2, 3]


def test_a_table_that_is_no_longer_there_is_said(store: Store, engine: DuckEngine) -> None:
    sales, more = add(store, "sales", x=[1, 2]), add(store, "more", owner="somebody", x=[3])
    recipe = Recipe.from_json([{"kind": "union", "table": more.id}])
    with pytest.raises(NotFound):
        script_files(store, sales, recipe, engine)
