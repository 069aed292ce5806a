"""Numbers that stand for a missing value, sown into the samples: found, and nothing else taken for one.

    python -m bench.sentinels [SEED]

Every number column of every sample gets, one at a time, each of the codes that people commonly use, in
0.5, 2 and 10% of its cells (three at least). Right: the code is named with just the rows it was
put in. A code that lies among the column's own values cannot be told from them, and is counted apart.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from core.contracts import Table
from core.engine.duckdb import DuckEngine, stored
from core.profile import profile
from tests.conftest import SAMPLES

CODES = (999, -999, 9999, -9999, 99999, -1, -99, 99.99, 0)
RATES = (0.005, 0.02, 0.1)
ROWS = 3_000  # of a sample that the codes are sown into


def samples() -> Iterator[tuple[str, pd.DataFrame]]:
    for place in sorted(SAMPLES.glob("*.csv.gz")):
        yield (
            place.name.removesuffix(".csv.gz"),
            pd.read_csv(place, keep_default_na=False, na_values=["", "NA"]),
        )


def table_of(frame: pd.DataFrame, engine: DuckEngine, folder: Path) -> Table:
    place = folder / "rows.parquet"
    frame.assign(__row__=range(len(frame))).to_parquet(place, index=False)
    query = stored(place)
    return Table(query, engine.schema(query))


def found(frame: pd.DataFrame, engine: DuckEngine, folder: Path) -> list[tuple[str, str, int, bool]]:
    """(column, codes, rows, sure) of each finding."""
    told = profile(table_of(frame, engine, folder), engine).findings
    return [
        (f.columns[0], f.values["values"], f.values["count"], f.sure) for f in told if f.kind == "sentinel"
    ]


def sown(frame: pd.DataFrame, code: float, rate: float, rng: np.random.Generator) -> tuple[pd.DataFrame, int]:
    """Every number column with the code in some cells; whole numbers stay whole."""
    rows = max(3, round(rate * len(frame)))
    dirty = {}
    for name in frame.columns:
        places = rng.choice(len(frame), rows, replace=False)
        kept = np.ones(len(frame), dtype=bool)
        kept[places] = False
        dirty[name] = frame[name].where(kept, code)
        if pd.api.types.is_integer_dtype(frame[name].dtype) and code == int(code):
            dirty[name] = dirty[name].astype("int64")
    return pd.DataFrame(dirty), rows


def main(seed: int = 1) -> None:
    rng, tally = np.random.default_rng(seed), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as inner:
        folder, clean = Path(inner), Counter[str]()
        engine = DuckEngine()
        for name, frame in samples():
            numbers = frame.select_dtypes("number")
            for column, codes, rows, sure in found(frame, engine, folder):
                print(f"clean {name}: {column} has {codes} in {rows} rows ({'sure' if sure else 'asked'})")
                clean["sure" if sure else "asked"] += rows
            clean["columns"] += len(numbers.columns)
            clean["cells"] += int(numbers.notna().sum().sum())
            numbers = numbers.sample(min(ROWS, len(numbers)), random_state=seed, ignore_index=True)
            for code in CODES:
                for rate in RATES:
                    _tallied(numbers, code, rate, rng, engine, folder, tally)
        print(f"clean samples: {clean['columns']} number columns of {clean['cells']:,} cells; "
              f"taken for missing {clean['sure']:,}, asked about {clean['asked']:,}")  # fmt: skip
    print("\ncode, columns sown, found surely, found at all, wrong; those it lies among: sown, found")
    for code in [*map(str, CODES), "all"]:
        row = {key: n for (of, key), n in tally.items() if of == code}
        sown_, told = row.get("apart", 0), row.get("sure", 0) + row.get("asked", 0)
        print(f"{code:>7}  {sown_:6,}  {row.get('sure', 0) / max(1, sown_):9.0%}  "
              f"{told / max(1, sown_):9.0%}  {row.get('wrong', 0):6,}   {row.get('among', 0):6,} "
              f"{row.get('among found', 0):6,}")  # fmt: skip


def _tallied(
    frame: pd.DataFrame, code: float, rate: float, rng: np.random.Generator, engine: DuckEngine,
    folder: Path, tally: Counter[tuple[str, str]],
) -> None:  # fmt: skip
    dirty, rows = sown(frame, code, rate, rng)
    told = {column: (codes, count, sure) for column, codes, count, sure in found(dirty, engine, folder)}
    for name in frame.columns:
        own = frame[name].dropna()
        among = own.min() <= code <= own.max()
        right = name in told and told[name][:2] == (f"{code:g}", rows)
        keys = ["among"] if among else ["apart"]
        if right:
            keys.append("among found" if among else "sure" if told[name][2] else "asked")
        elif name in told:
            keys.append("wrong")
        for key in keys:
            tally[str(code), key] += 1
            tally["all", key] += 1


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
