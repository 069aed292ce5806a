"""A table as statements find it: a Parquet file and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stored:
    """A table that statements may name: its Parquet file and its columns."""

    file: str
    columns: Sequence[str]
