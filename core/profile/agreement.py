"""Columns that say what another one is: a postcode and its city, a flight and its departure.

How far A says what B is, is measured by mu: the share of pairs of rows with the same A that have
the same B, less what chance would give (Piatetsky-Shapiro and Matheus 1993; compared with others in
Parciak and others, "Measuring approximate functional dependencies", 2024). 1: always, 0: by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import sql
from core.contracts import Engine, Table

ROWS = 20_000  # looked at
COLUMNS = 40
STRONG = 0.85  # mu from which exceptions are taken for errors
TOLD = 0.3  # the same where every fact is told by several sources
LEAST = 3  # values of a group that may say something
GROUPS = 5  # so many groups must speak
VOTES = 3  # columns that say what another is


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
    settled: bool = False  # what differs are values that other groups agree on: either column may be wrong


@dataclass(frozen=True)
class Coded:
    """A column's cells as numbers from 0, missing ones -1."""

    name: str
    codes: np.ndarray
    kinds: int
    key: bool  # of a type that can say what another column is

    @property
    def present(self) -> int:
        return int((self.codes >= 0).sum())


Changes = Mapping[str, Mapping[str, str | None]]


def agreements(table: Table, engine: Engine, rows: int, changes: Changes) -> list[Agreement]:
    """Which columns should agree within the groups of which others, and how many cells do not.

    `changes` are the values that steps before would change, by column.
    """
    columns = _coded(table, engine, rows, changes)
    if not columns or len(columns[0].codes) < 20:
        return []
    found, scale = [], rows / len(columns[0].codes)
    told = _sources(columns)
    for column in columns:
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
            found.append(_joined(strong[:VOTES], scale))
    return [one for one in found if one.differ or one.missing]


def _coded(table: Table, engine: Engine, rows: int, changes: Changes) -> list[Coded]:
    chosen = table.columns[: 4 * COLUMNS]
    query = sql.over(table.query, {column.name: sql.name(column.name) for column in chosen})
    if rows > ROWS:  # by hash and not every nth: a table may repeat itself every nth row
        part = sql.template("hash(:row) % :of < :some", row=sql.name(sql.ROW), of=rows, some=ROWS)
        query = query.where(part, copy=False)
    found = engine.rows(query.limit(2 * ROWS, copy=False))
    coded = []
    for place, column in enumerate(chosen):
        cells = found.column(place).combine_chunks().dictionary_encode()
        codes = np.asarray(cells.indices.fill_null(-1)).astype(np.int64)
        kinds = len(cells.dictionary)
        if column.type == "text":
            codes, kinds = _changed(codes, cells.dictionary.to_pylist(), changes.get(column.name, {}))
        if 2 <= kinds <= 0.95 * (codes >= 0).sum():  # not where each row has a value of its own
            coded.append(Coded(column.name, codes, kinds, key=column.type != "number"))
    coded.sort(key=lambda one: one.kinds)
    return coded[:COLUMNS]


def _changed(
    codes: np.ndarray, values: list[str], changes: Mapping[str, str | None]
) -> tuple[np.ndarray, int]:
    """The codes once some values are others, or missing; outer spaces do not count."""
    places: dict[str, int] = {}
    after = []
    for value in values:
        bare = value.strip()
        now = changes.get(bare, bare)
        after.append(-1 if now is None else places.setdefault(now, len(places)))
    return np.array([*after, -1], dtype=np.int64)[codes], len(places)


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


def _counted(a: Coded, b: Coded) -> _Counts | None:
    both = (a.codes >= 0) & (b.codes >= 0)
    if both.sum() < 20:
        return None
    pairs, n = np.unique(a.codes[both] * b.kinds + b.codes[both], return_counts=True)
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


def _judged(a: Coded, b: Coded, told: bool) -> Agreement | None:
    """Whether a says what b is, and whether what differs looks like errors."""
    found = _counted(a, b)
    if found is None or found.mu < (TOLD if told else STRONG):
        return None
    large = found.totals >= LEAST
    agreed = large & (found.best >= (0.3 if told else 0.6) * found.totals) & (found.best > 1)
    if agreed.sum() < GROUPS:
        return None
    differ = int((found.totals - found.best)[agreed].sum())
    groups = np.flatnonzero(agreed)
    missing = int((np.isin(a.codes, groups) & (b.codes < 0)).sum())
    # errors fall here and there; groups that are split in themselves, or exceptions that repeat, are facts
    spread = float(found.totals[agreed].sum() / max(1.0, found.totals[large].sum()))
    exceptions = found.n[(found.n < found.best[found.a]) & agreed[found.a]]
    owners = found.a[(found.n < found.best[found.a]) & agreed[found.a]]
    repeated = exceptions[(exceptions >= 3) & (exceptions >= 0.1 * found.totals[owners])].sum()
    sure = told or bool(spread >= 0.9 and repeated <= 0.3 * max(1, differ))
    agreed_on = np.unique((found.pairs % b.kinds)[(found.n == found.best[found.a]) & agreed[found.a]])
    values = (found.pairs % b.kinds)[(found.n < found.best[found.a]) & agreed[found.a]]
    settled = not told and exceptions[np.isin(values, agreed_on)].sum() > 0.5 * differ
    return Agreement(b.name, (a.name,), found.mu, differ, missing, False, sure, told, bool(settled))


def _joined(strong: list[Agreement], scale: float) -> Agreement:
    """Several columns that say what one is: those that are sure, if there are any.

    One alone that is against values which stand well elsewhere may itself be wrong.
    """
    chosen = [one for one in strong if one.sure] or strong
    first = chosen[0]
    by = tuple(name for one in chosen for name in one.by)
    return Agreement(
        first.column, by, first.strength, round(first.differ * scale), round(first.missing * scale),
        scale > 1, first.sure and not (first.settled and len(chosen) == 1), first.told,
    )  # fmt: skip


def _sources(columns: Sequence[Coded]) -> tuple[Coded, set[str]] | None:
    """Where each row is what one source says of one thing: the thing's column, and what is told of it.

    Then thing and source make each row unique, and every other column is told nearly alike by the
    sources, far beyond chance. A table of things by year or shop is none: most of it differs.
    """
    rows = len(columns[0].codes)
    for thing in columns:
        if not _groups(thing) or rows / thing.kinds < LEAST:
            continue
        for source in columns:
            others = [one for one in columns if one is not thing and one is not source]
            if source is thing or not source.key or len(others) < 3 or source.kinds > 0.2 * rows:
                continue
            pairs: Any = np.unique(thing.codes * (source.kinds + 1) + source.codes)
            if len(pairs) < 0.98 * rows:
                continue
            found = [_counted(thing, other) for other in others]
            if all(one is not None and one.mu >= TOLD for one in found):
                return thing, {one.name for one in others}
    return None
