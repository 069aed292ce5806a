"""Small tables for the tests of features, models and scoring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.contracts import Matrix, Table, Task, TrainingData
from core.engine.duckdb import DuckEngine, stored


def table(columns: dict[str, Any], place: Path, engine: DuckEngine) -> Table:
    """The columns as a stored table."""
    file = place / f"t{len(list(place.glob('*.parquet')))}.parquet"
    pq.write_table(pa.table(columns), file)
    query = stored(file)
    return Table(query, engine.schema(query))


def training(task: Task = "number", rows: int = 400, classes: int = 2, seed: int = 0) -> TrainingData:
    """Standardised features with a signal that every model can find some of."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(rows, 4))
    signal = x @ np.array([1.0, -2.0, 0.5, 0.0]) + 0.3 * x[:, 0] * x[:, 1]
    names = ("a", "b", "c = yes", "d")
    if task == "number":
        y: np.ndarray = 10 + 3 * signal + chance.normal(size=rows)
    else:
        cuts = np.quantile(signal, np.linspace(0, 1, classes + 1)[1:-1])
        y = np.digitize(signal + chance.normal(size=rows), cuts).astype(np.int64)
    part = rows * 4 // 5
    valid = Matrix(x[part:], y[part:])
    labels = tuple(f"class {k}" for k in range(classes)) if task == "category" else ()
    return TrainingData(Matrix(x[:part], y[:part]), valid, task, names, labels)
