"""Tables from Arrow columns or sample files, and an engine to ask them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Table
from core.engine.duckdb import DuckEngine, stored

os.environ.setdefault("SIGHTLINE_HASH_KEY_DEFAULT", "5e" * 32)  # no test needs a key file of its own
SAMPLES = Path(__file__).parents[1] / "data" / "samples"


@pytest.fixture(scope="session")
def engine() -> DuckEngine:
    return DuckEngine(threads=1)


@pytest.fixture
def table_of(tmp_path: Path, engine: DuckEngine) -> Callable[..., Table]:
    """A table of columns given as lists or Arrow arrays: table_of(age=[1, None, 3])."""

    def build(data: pa.Table | None = None, **columns: Any) -> Table:
        place = tmp_path / f"{len(list(tmp_path.iterdir()))}.parquet"
        pq.write_table(pa.table(columns) if data is None else data, place)
        query = stored(place)
        return Table(query, engine.schema(query))

    return build
