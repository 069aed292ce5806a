"""Columns that say what another one is: a postcode and its city, a flight and its departure.

How far A says what B is, is measured by mu: the share of pairs of rows with the same A that have
the same B, less what chance would give (Piatetsky-Shapiro and Matheus 1993; compared with others in
Parciak and others, "Measuring approximate functional dependencies", 2024). 1: always, 0: by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from core.contracts import Engine, Table
from core.profile.coded import Changes, Coded, coded
from core.profile.together import Together, together

STRONG = 0.85  # mu from which exceptions are taken for errors
LOOSE = 0.35  # the same where the exceptions are misspellings
TOLD = 0.2  # the same where every fact is told by several sources
SAME = 0.97  # mu of a fact that stands in a table of its own right, and is not told
NEAR = 0.34  # of the characters may differ in a misspelling
MOSTLY = 0.6  # of the exceptions must be misspellings
PAIRS = 300  # of values that are compared
LEAST = 3  # values of a group that may say something
GROUPS = 5  # so many groups must speak
VOTES = 3  # columns that say what another is
JOINED = 5  # columns that are tried two by two for one: those that say most about it
MORE = 0.15  # mu that two columns together must have above each of them
TRIED = 120  # of two columns and a third, in one table


@dataclass(frozen=True)
class Agreement:
    """`by` say what `column` is: `differ` rows say otherwise, and `missing` rows do not say."""

    column: str
    by: tuple[str, ...]
    strength: float
    differ: int
    missing: int
    sampled: bool
    sure: bool
    told: bool = False  # the table is what several sources tell about the same things
    settled: int = 0  # rows that differ with a value that other groups agree on: either column may be wrong
    spare: bool = True  # those are left where one column alone is against them
    support: int = 0  # rows that say what their groups agree on
    together: bool = False  # no column says it alone


def agreements(
    table: Table, engine: Engine, rows: int, changes: Changes
) -> tuple[list[Together], list[Agreement]]:
    """Which columns name one thing, and which should agree within the groups of which others.

    `changes` are the values that steps before would change, by column.
    """
    columns = coded(table, engine, rows, changes)
    if not columns or len(columns[0].codes) < 20:
        return [], []
    found, scale, left = [], rows / len(columns[0].codes), TRIED
    told = _sources(columns)
    names, columns = together(columns, scale) if told is None else ([], columns)
    settled = {name for one in names for name in one.columns}
    for column in columns:
        if column.name in settled:
            continue
        if told is not None:
            ways = [(TOLD, told)] if column.name in told[1] else []
            judged = [_judged(told[0], column, True)] if ways else []
        else:
            others = [one for one in columns if one is not column and _groups(one)]
            # what has far more values than the groups is not told by them
            others = [one for one in others if column.kinds <= 3 * one.kinds + 20]
            judged = [_judged(other, column, False) for other in others]
        strong = [one for one in judged if one is not None]
        strong.sort(key=lambda one: (-one.strength, one.by))
        if strong:
            found += _joined(strong[:VOTES], scale)
        elif told is None:
            joint, tried = _together(columns, column, left)
            found += _joined([joint], scale) if joint is not None else []
            left -= tried
    return names, [one for one in found if one.differ or one.missing]


def _groups(one: Coded) -> bool:
    return one.key and GROUPS <= one.kinds <= 0.5 * one.present


@dataclass(frozen=True)
class _Counts:
    """Rows of each pair of values a and b that occurs."""

    pairs: np.ndarray  # a * kinds of b + b
    a: np.ndarray
    n: np.ndarray
    totals: np.ndarray  # of each a
    best: np.ndarray  # rows of the most frequent b of each a
    mu: float

    def best_of(self, kinds: int) -> np.ndarray:
        """The most frequent b of each a; -1 where there is none."""
        found = np.full(len(self.totals), -1)
        most = self.n == self.best[self.a]
        found[self.a[most]] = (self.pairs % kinds)[most]
        return found


def _counted(a: Coded, b: Coded) -> _Counts | None:
    both = (a.codes >= 0) & (b.codes >= 0)
    if both.sum() < 20:
        return None
    pairs, n = _occurring(a.codes[both] * b.kinds + b.codes[both], a.kinds * b.kinds)
    first = pairs // b.kinds
    totals = np.bincount(first, weights=n, minlength=a.kinds)
    best = np.zeros(a.kinds)
    np.maximum.at(best, first, n)
    rows = float(n.sum())
    speak = totals > 0
    within = float((n.astype(float) ** 2 / totals[first]).sum()) / rows
    shares = np.bincount(pairs % b.kinds, weights=n, minlength=b.kinds) / rows
    chance, groups = float((shares**2).sum()), int(speak.sum())
    if chance >= 1 or groups >= rows:
        return None
    mu = 1 - (1 - within) / (1 - chance) * (rows - 1) / (rows - groups)
    return _Counts(pairs, first, n, totals, best, mu)


def _occurring(codes: np.ndarray, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """The codes that occur, and how often; few kinds are counted without sorting."""
    if kinds > 8 * len(codes):
        found: tuple[np.ndarray, np.ndarray] = np.unique(codes, return_counts=True)
        return found
    counts = np.bincount(codes, minlength=1)
    there = np.flatnonzero(counts)
    return there, counts[there]


def _judged(a: Coded, b: Coded, told: bool) -> Agreement | None:
    """Whether a says what b is, and whether what differs looks like errors."""
    found = _counted(a, b)
    if found is None or found.mu < (TOLD if told else LOOSE if b.values else STRONG):
        return None
    large = found.totals >= LEAST
    agreed = large & (found.best >= (0.3 if told else 0.6) * found.totals) & (found.best > 1)
    if agreed.sum() < GROUPS:
        return None
    differ = int((found.totals - found.best)[agreed].sum())
    missing = int((np.isin(a.codes, np.flatnonzero(agreed)) & (b.codes < 0)).sum())
    except_ = (found.n < found.best[found.a]) & agreed[found.a]
    rows, owners, values = found.n[except_], found.a[except_], (found.pairs % b.kinds)[except_]
    if not told and found.mu < STRONG and not _misspelt(b, values, found.best_of(b.kinds)[owners], rows):
        return None
    # errors fall here and there; groups that are split in themselves, or exceptions that repeat, are facts
    spread = float(found.totals[agreed].sum() / max(1.0, found.totals[large].sum()))
    repeated = rows[(rows >= 3) & (rows >= 0.1 * found.totals[owners])].sum()
    sure = told or bool(spread >= (0.9 if found.mu >= STRONG else 0.5) and repeated <= 0.3 * max(1, differ))
    settled = 0 if told else int(rows[np.isin(values, found.best_of(b.kinds)[agreed])].sum())
    support = int(found.best[agreed].sum())
    return Agreement(
        b.name, (a.name,), found.mu, differ, missing, False, sure, told, settled, not told, support
    )


def _misspelt(b: Coded, values: np.ndarray, meant: np.ndarray, rows: np.ndarray) -> bool:
    """Whether most exceptions are spelt nearly as what their groups agree on: then they are errors."""
    from rapidfuzz.distance import OSA

    if not b.values or not len(values):
        return False
    chosen = np.argsort(-rows, kind="stable")[:PAIRS]
    near = sum(
        int(rows[place]) * (OSA.normalized_distance(b.values[values[place]], b.values[meant[place]]) <= NEAR)
        for place in chosen
    )
    return near >= MOSTLY * int(rows[chosen].sum())


def _joined(strong: list[Agreement], scale: float) -> list[Agreement]:
    """Several columns that say what one is: those that are sure, if there are any.

    One alone that is against values which stand well elsewhere may itself be wrong: these are asked about.
    """
    chosen = [one for one in strong if one.sure] or strong
    first = chosen[0]
    one = replace(
        first, by=tuple(name for one in chosen for name in one.by), differ=round(first.differ * scale),
        missing=round(first.missing * scale), settled=round(first.settled * scale), sampled=scale > 1,
        support=round(first.support * scale),
    )  # fmt: skip
    if len(chosen) > 1 or not one.settled:
        return [one]
    rest = replace(one, differ=one.settled, missing=0, spare=False, sure=False)
    return [replace(one, differ=one.differ - one.settled), rest]


def _together(columns: Sequence[Coded], column: Coded, most: int) -> tuple[Agreement | None, int]:
    """The two columns that together say best what this one is, and how many couples were tried.

    Tried are those that say most about it alone, but not all: an airline, and a flight's number.
    """
    alone = {
        one.name: counts.mu
        for one in columns
        if one is not column and one.key and one.kinds <= 0.5 * one.present
        and (counts := _counted(one, column)) is not None and counts.mu > 0
    }  # fmt: skip
    named = {one.name: one for one in columns}
    names = sorted(alone, key=lambda name: (-alone[name], name))[:JOINED]
    best: Agreement | None = None
    tried = 0
    for a, b in combinations(names, 2):
        if tried >= most or not named[a].kinds * named[b].kinds >= column.kinds:
            continue
        tried += 1
        both = _crossed(named[a], named[b])
        found = _judged(both, column, False) if _groups(both) else None
        if found is None or found.strength < max(STRONG, alone[a] + MORE, alone[b] + MORE):
            continue
        if best is None or found.strength > best.strength:
            best = replace(found, by=tuple(sorted((a, b))), together=True)
    return best, tried


def _crossed(a: Coded, b: Coded) -> Coded:
    """Two columns as one, whose values are the couples of theirs that occur."""
    both = (a.codes >= 0) & (b.codes >= 0)
    codes = np.full(len(a.codes), -1)
    kinds, codes[both] = np.unique(a.codes[both] * b.kinds + b.codes[both], return_inverse=True)
    return Coded(a.name, codes, len(kinds), True, [])


def _sources(columns: Sequence[Coded]) -> tuple[Coded, set[str]] | None:
    """Where each row is what one source says of one thing: the thing's column, and what is told of it.

    Then thing and source, a text, make each row unique, and most other columns are told nearly alike by
    the sources, far beyond chance, but not quite. A table of things by year or shop is none.
    """
    rows = len(columns[0].codes)
    for thing in columns:
        if not _groups(thing) or rows / thing.kinds < LEAST:
            continue
        for source in columns:
            others = [one for one in columns if one is not thing and one is not source]
            if source is thing or not source.values or len(others) < 3 or source.kinds > 0.2 * rows:
                continue
            pairs: Any = np.unique(thing.codes * (source.kinds + 1) + source.codes)
            if len(pairs) < 0.98 * rows:
                continue
            strength = {one.name: found.mu for one in others if (found := _counted(thing, one)) is not None}
            told = {name for name, mu in strength.items() if mu >= TOLD}
            doubted = [name for name in told if strength[name] < SAME]
            if 3 * len(told) >= 2 * len(others) and 2 * len(doubted) >= len(told) >= 3:
                return thing, told
    return None
