"""Columns that together name one thing: a journal, its abbreviation and its number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from core.profile.coded import Coded
from core.similar.things import Cell, Row, Things, things

LEAST = 8  # different values of each
MOST = 6  # columns
MUTUAL = 0.4  # of the rows whose values repeat must have partners of each other
CONFLICT = 0.1  # of the rows may have other partners again and again
AGAIN = 3  # rows


@dataclass(frozen=True)
class Together:
    """Columns that name one thing, and what bringing them together would do."""

    columns: tuple[str, ...]
    changed: int  # cells that are brought to another value
    filled: int
    example: tuple[str, str]  # a value and what it becomes


def together(columns: Sequence[Coded], scale: float) -> tuple[list[Together], list[Coded]]:
    """The groups of columns that name one thing each, and all columns as they are after it."""
    ties = {
        (a, b): tie for a, b in combinations(range(len(columns)), 2) if (tie := _tie(columns[a], columns[b]))
    }
    groups: list[list[int]] = []
    taken: set[int] = set()
    for a, b in sorted(ties, key=lambda pair: (-ties[pair], pair)):
        if {a, b} & taken:
            continue
        group = [a, b]
        for other in range(len(columns)):
            tied = all((min(one, other), max(one, other)) in ties for one in group)
            if tied and other not in (*group, *taken) and len(group) < MOST:
                group.append(other)
        groups.append(sorted(group))
        taken |= set(group)
    after, found = list(columns), []
    for group in groups:
        one, codes = _mended([columns[place] for place in group], scale)
        if one is not None:
            found.append(one)
            for place, coded in zip(group, codes, strict=True):
                after[place] = coded
    return found, after


def _tie(a: Coded, b: Coded) -> float:
    """The share of rows in which two values are each other's most frequent partners.

    0 where they are no names of one thing: too few values, or other partners that come again and again.
    """
    if (
        not (a.key and b.key)
        or min(a.kinds, b.kinds) < LEAST
        or max(a.kinds, b.kinds) > 6 * min(a.kinds, b.kinds)
    ):
        return 0.0
    both = (a.codes >= 0) & (b.codes >= 0)
    if both.sum() < 20:
        return 0.0
    pairs, n = np.unique(a.codes[both] * b.kinds + b.codes[both], return_counts=True)
    first, second = pairs // b.kinds, pairs % b.kinds
    most_a, most_b = np.zeros(a.kinds), np.zeros(b.kinds)
    np.maximum.at(most_a, first, n)
    np.maximum.at(most_b, second, n)
    total_a = np.bincount(first, weights=n, minlength=a.kinds)
    total_b = np.bincount(second, weights=n, minlength=b.kinds)
    repeated = (total_a[first] > 1) & (total_b[second] > 1)
    rows = float(n[repeated].sum())
    mutual = (n == most_a[first]) & (n == most_b[second]) & (n > 1)
    again = ~mutual & (n >= AGAIN) & (n >= 0.1 * np.maximum(total_a[first], total_b[second]))
    share = float(n[mutual].sum()) / rows if rows else 0.0
    if share < MUTUAL or mutual.sum() < LEAST or n[again].sum() > CONFLICT * rows:
        return 0.0
    return share


def _mended(group: Sequence[Coded], scale: float) -> tuple[Together | None, list[Coded]]:
    cells = [_cells(one) for one in group]
    rows: list[Row] = list(zip(*cells, strict=True))
    counts = Counter(rows)
    found: Things = things(counts, len(group))
    meant = {row: found.meant(row) for row in counts}
    changed = filled = 0
    examples: Counter[tuple[str, str]] = Counter()
    for row, times in counts.items():
        for before, after in zip(row, meant[row], strict=True):
            if before is None and after is not None:
                filled += times
            elif before != after:
                changed += times
                examples[str(before), str(after)] += times
    if not changed and not filled:
        return None, list(group)
    example = examples.most_common(1)[0][0] if examples else ("", "")
    told = Together(tuple(one.name for one in group), round(changed * scale), round(filled * scale), example)
    after_codes = [_recoded(one, [meant[row][place] for row in rows]) for place, one in enumerate(group)]
    return told, after_codes


def _cells(one: Coded) -> list[Cell]:
    return [None if code < 0 else one.values[code] if one.values else int(code) for code in one.codes]


def _recoded(one: Coded, cells: Sequence[Cell]) -> Coded:
    if not one.values:
        return replace(one, codes=np.array([-1 if cell is None else cell for cell in cells], dtype=np.int64))
    places = {value: place for place, value in enumerate(one.values)}
    codes = np.array([-1 if cell is None else places[str(cell)] for cell in cells], dtype=np.int64)
    return replace(one, codes=codes)
