"""Small tables that statements in tests may read, and what they may not touch beside them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.engine.stored_tables import Stored

MARK = "the-hidden-word-4711"  # in every place that no statement may read


@dataclass(frozen=True)
class Places:
    """Files that a statement may read, and a guarded folder that it may not."""

    tables: dict[str, Stored]
    folder: Path
    file: Path
    parquet: Path

    def attack(self) -> tuple[str, str, str]:
        return str(self.file), str(self.parquet), str(self.folder)


def _tables() -> dict[str, pa.Table]:
    day = dt.date(2024, 1, 1)
    count = 12
    return {
        "orders": pa.table({
            "id": list(range(1, count + 1)),
            "customer": [n % 4 + 1 for n in range(count)],
            "city": ["Rome", "Oslo", None, "Bern"] * 3,
            "amount": [float(7 * n % 31) * 11.5 for n in range(count)],
            "placed": [day + dt.timedelta(days=3 * n) for n in range(count)],
            "seen": [dt.datetime(2024, 1, 1, n, 5 * n) for n in range(count)],
            "paid": [n % 3 == 0 for n in range(count)],
            "note": ["a b", None, "c", ""] * 3,
        }),
        "customers": pa.table({
            "id": [1, 2, 3, 9],
            "name": ["Ada", "Bo", "Cy", "Di"],
            "joined": [day] * 4,
        }),
        "Sales 2024": pa.table({
            "region": ["Rome", "North"], "quarter": [1, 2], "total amount": [10.5, None],
        }),
    }  # fmt: skip


def lay(home: Path) -> Places:
    """Write the tables and the guarded folder under `home`."""
    stored = {}
    for name, table in _tables().items():
        place = home / f"{name}.parquet"
        pq.write_table(table, place)
        stored[name] = Stored(str(place), table.column_names)
    folder = home / "guarded"
    folder.mkdir()
    (folder / "words.csv").write_text(f"word\n{MARK}\n")
    pq.write_table(pa.table({"word": [MARK]}), folder / "words.parquet")
    return Places(stored, folder, folder / "words.csv", folder / "words.parquet")
