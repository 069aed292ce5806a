"""Reading bytes in one call: what the tests of sources share."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Account, Recorded, Source
from core.sources import detect


@dataclass
class Read:
    """A file as it was read."""

    source: Source
    account: Account
    table: pa.Table
    refused: list[list[str]]  # line, reason, text

    def types(self) -> dict[str, str]:
        return {column.name: column.type for column in self.account.columns}

    def column(self, name: str) -> list[object]:
        return self.table.column(name).to_pylist()


Reader = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Write bytes (or text as UTF-8) to a file, detect its source unless one is given, and read it."""

    def reading(content: bytes | str, name: str = "table.csv", source: Source | None = None) -> Read:
        file = tmp_path / "input"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        used = source or detect(file, name)
        place, refused = tmp_path / "out.parquet", tmp_path / "refused.csv"
        account = used.read(file, place, refused, Recorded())
        table = pq.read_table(place)
        with refused.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        assert rows[0] == ["line", "reason", "text"]
        assert account.rows == table.num_rows
        assert account.refused == len(rows) - 1
        assert account.rows_in == account.rows + account.refused
        assert tuple(table.column_names) == tuple(c.name for c in account.columns)
        return Read(used, account, table, rows[1:])

    return reading
