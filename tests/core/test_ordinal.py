"""Numbers and dates on one scale: what is no number is none there either, whatever a file says of itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from core import sql
from core.charts import Histogram
from core.contracts import Table
from core.engine.duckdb import DuckEngine
from core.ordinal import TAME, ordinal

NAN = float("nan")


@pytest.mark.parametrize("wild", [NAN, math.inf, -math.inf, TAME * 10])
def test_what_is_no_tame_number_is_missing(
    table_of: Callable[..., Table], engine: DuckEngine, wild: float
) -> None:
    table, x = table_of(x=[1.0, wild, 3.0, None]), ordinal("x", "number")
    asked = {"low": "min(:x)", "high": "max(:x)", "n": "count(:x)"}
    query = exp.select(*[exp.alias_(sql.template(text, x=x), key) for key, text in asked.items()])
    (found,) = engine.rows(query.from_(table.query.subquery("t"))).to_pylist()
    assert found == {"low": 1.0, "high": 3.0, "n": 2}


def test_a_file_tells_of_its_numbers_as_if_none_were_nan(tmp_path: Path) -> None:
    """Why: by these bounds an engine may hold `abs(x) < 10` for true in every row."""
    pq.write_table(pa.table({"x": [1.0, NAN, 3.0]}), tmp_path / "t.parquet")
    bounds = pq.read_metadata(tmp_path / "t.parquet").row_group(0).column(0).statistics
    assert (bounds.min, bounds.max) == (1.0, 3.0)


def test_a_histogram_leaves_nan_out_and_says_so(table_of: Callable[..., Table], engine: DuckEngine) -> None:
    data = Histogram(x="x", bins=4).data(table_of(x=[1.0, NAN, 3.0, 5.0]), engine)
    assert sum(data["value"].to_pylist()) == 3
    assert data["start"][0].as_py() == 1.0
