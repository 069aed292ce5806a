"""Tables in which nothing goes with anything, and the same with one thing planted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from core.contracts import Column
from core.findings.cells import Cells, cells

START = 18_262  # days since 1970: 2020-01-01, a Wednesday
NUMBERS, CATEGORIES = 5, 4


def nothing(seed: int, rows: int = 600) -> dict[str, np.ndarray]:
    """Numbers of several shapes, categories, a column of dates, values missing by chance: all independent."""
    rng = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {
        "n0": rng.normal(size=rows),
        "n1": rng.standard_t(2, size=rows),
        "n2": rng.integers(0, 5, size=rows).astype(float),
        "n3": rng.uniform(size=rows),
        "n4": np.where(rng.uniform(size=rows) < 0.2, np.nan, rng.normal(size=rows)),
        "c0": rng.integers(0, 2, size=rows),
        "c1": rng.integers(0, 4, size=rows),
        "c2": rng.choice(8, size=rows, p=[0.4, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05]),
        "c3": np.where(rng.uniform(size=rows) < 0.1, -1, rng.integers(0, 3, size=rows)),
        "day": START + np.floor(rng.uniform(0, 1400, size=rows)),
    }
    return found


def read(columns: dict[str, np.ndarray]) -> Cells:
    """The columns as findings read them: n a number, c a category, day a date."""
    schema: list[Column] = []
    arrays: dict[str, pa.ChunkedArray] = {}
    for place, (name, values) in enumerate(columns.items()):
        if name[0] == "c":
            texts = [None if value < 0 else f"{name}_{value}" for value in values]
            array, gone = pa.array(texts, pa.string()), values < 0
        else:
            array, gone = pa.array(values, pa.float64()), np.isnan(values)
        kind = {"c": "text", "d": "date"}.get(name[0], "number")
        schema.append(Column(name=name, type=kind))  # type: ignore[arg-type]
        arrays[f"v{place}"], arrays[f"m{place}"] = pa.chunked_array([array]), pa.chunked_array([gone])
    rows = len(next(iter(columns.values())))
    return cells(pa.table(arrays), tuple(schema), {}, rows)
