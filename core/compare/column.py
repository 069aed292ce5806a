"""What is told of one column in two tables: missing values, bins with their counts, the measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from core.compare import measures
from core.compare.measures import Level
from core.params import Frozen

LABEL = 120  # characters of a value
ORDER: tuple[Level, ...] = ("little", "some", "much")

Kind = Literal["number", "category", "identifier", "empty", "types differ"]


class Bin(Frozen):
    """A range of numbers, or a value (None: all others), with its rows in each table."""

    label: str | None
    a: int
    b: int
    low: float | str | None = None
    high: float | str | None = None


class ColumnDrift(Frozen):
    """One column in both tables: what is missing, how its values spread, and how far apart that is."""

    name: str
    kind: Kind
    present_a: int
    present_b: int
    rows_a: int
    rows_b: int
    mean_a: float | None = None
    mean_b: float | None = None
    psi: float | None = None
    psi_chance: float | None = None  # what chance alone stays below
    psi_missing: float | None = None  # of missing against present
    ks: float | None = None
    ks_exact: bool = True
    ks_chance: float | None = None
    js: float | None = None
    level: Level = "little"
    bins: tuple[Bin, ...] = ()


def base(name: str, kind: Kind, here: int, there: int, rows_a: int, rows_b: int) -> ColumnDrift:
    gaps = None
    level: Level = "little"
    if rows_a and rows_b:
        gaps = measures.psi((here, rows_a - here), (there, rows_b - there))
        level = measures.level(gaps, 2, rows_a, rows_b)
    return ColumnDrift(
        name=name, kind=kind, present_a=here, present_b=there, rows_a=rows_a, rows_b=rows_b,
        psi_missing=gaps, level=level,
    )  # fmt: skip


def judged(
    column: ColumnDrift, pairs: tuple[list[int], list[int]], bins: Sequence[Bin], **more: Any
) -> ColumnDrift:
    index = measures.psi(*pairs)
    sizes = column.present_a, column.present_b
    found = measures.level(index, len(bins), *sizes)
    return column.model_copy(
        update={
            "psi": index,
            "psi_chance": measures.psi_by_chance(len(bins), *sizes),
            "level": max(found, column.level, key=ORDER.index),
            "bins": tuple(bins),
            **more,
        }
    )
