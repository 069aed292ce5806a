"""Columns that follow from others: a sum, a copy in another unit, the country of a city. It is no news."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from core.findings import measures
from core.findings.cells import Categories, Cells, Numbers
from core.findings.relations import RELATED, shared
from core.wording import Note, note

SAME = 0.999  # of the correlation of ranks: one column is the other in another unit
NEAR = 0.98  # nearly so: what is told of one column holds for the other
FOLLOWS = 0.995  # of the rows in which a column is what another one says
WRONG = 0.02  # of those that the most frequent value would get wrong
EACH = 5  # rows of a value, on average, before it can be said to have one other
TOLD = 20  # rows in which columns are 0 or missing together, at least
TRIED = 48  # rows on which sums and products are tried first


@dataclass
class Derived:
    """Which columns follow from which, in words; `stands` names for a column the one that stands for it."""

    told: list[Note] = field(default_factory=list)
    known: set[frozenset[str]] = field(default_factory=set)  # columns whose relation is no news
    stands: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # the same of columns missing in the same rows

    def of(self, column: str) -> str:
        """The column that stands for this one and those that say nearly the same."""
        while self.stands.get(column, column) != column:
            column = self.stands[column]
        return column

    def say(self, told: Note, *columns: str) -> None:
        """That these columns go together by their making."""
        if self.knows(*columns):
            self.told.append(told)

    def knows(self, *columns: str) -> bool:
        """Remember that these go together by their making; whether that is new."""
        key = frozenset(columns)
        new = key not in self.known
        self.known.add(key)
        return new


def derived(cells: Cells) -> Derived:
    """What follows from what in these rows."""
    found = Derived()
    _copies(cells.numbers, found)
    _times(cells, found)
    for groups in cells.categories:
        _of_categories(groups, cells, found)
    _shared(cells.categories, found)
    together(cells, found)
    _sums([one for one in cells.numbers if found.of(one.name) == one.name], found)
    return found


def _copies(numbers: tuple[Numbers, ...], found: Derived) -> None:
    """Numbers that rise with each other exactly, or nearly: all of one making in one sentence."""
    copies: dict[str, list[str]] = {}
    for x, y, r in _ranked(numbers):
        if r >= SAME and found.knows(x.name, y.name):
            first = next((name for name, others in copies.items() if x.name in others), x.name)
            copies.setdefault(first, []).extend({y.name} - set(copies.get(first, ())))
        elif r <= -SAME:
            told = note("{y} is {x} turned around: it falls exactly as {x} rises.", x=x.name, y=y.name)
            found.say(told, x.name, y.name)
        # both are near the column that stands for them, not only near each other
        if abs(r) >= NEAR and found.of(x.name) == x.name and found.of(y.name) == y.name:
            found.stands[y.name] = x.name
    for name, others in copies.items():
        found.told.append(
            note("{y} is {x} in another unit or on another scale: each rises exactly as the other does.",
                 x=name, y=others[0])
            if len(others) == 1
            else note("{columns} are {x} in other units or on other scales: all rise exactly as one.",
                      x=name, columns=others)
        )  # fmt: skip


def _ranked(numbers: tuple[Numbers, ...]) -> Iterator[tuple[Numbers, Numbers, float]]:
    if not numbers:
        return
    ranked = np.full((len(numbers), len(numbers[0].values)), np.nan)
    for place, one in enumerate(numbers):
        ranked[place, one.present] = measures.ranks(one.values[one.present])
    held = np.isfinite(ranked)
    centred = np.where(held, ranked - np.nanmean(ranked, axis=1, keepdims=True), 0.0)
    size = np.sqrt((centred**2).sum(axis=1))
    close = np.abs(centred @ centred.T / np.maximum(np.outer(size, size), 1e-300)) >= NEAR - 0.1
    for i, j in combinations(range(len(numbers)), 2):
        if close[i, j]:
            tested = measures.spearman(numbers[i].values, numbers[j].values)
            if tested.rows >= 20:
                yield numbers[i], numbers[j], tested.effect


def _times(cells: Cells, found: Derived) -> None:
    """Numbers that are a date told otherwise: its year, its place in the order."""
    for when in cells.times:
        for one in cells.numbers:
            if abs(measures.spearman(when.values, one.values).effect) >= SAME:
                found.say(note("{y} is {x} told as a number.", x=when.name, y=one.name), when.name, one.name)
                found.stands[one.name] = when.name


def _of_categories(groups: Categories, cells: Cells, found: Derived) -> None:
    """Categories and numbers that each value of a category has one of."""
    if groups.codes_of_all is None:
        return
    codes, ones = groups.codes_of_all, list[str]()
    for other in cells.categories:
        if other.name != groups.name and other.codes_of_all is not None and _says(codes, other.codes_of_all):
            ones += [other.name] if found.knows(groups.name, other.name) else []
            if found.of(other.name) == other.name and _says(other.codes_of_all, codes):
                found.stands[other.name] = found.of(groups.name)
    for one in cells.numbers:
        here = one.present
        values = np.unique(one.values[here])
        if len(values) > len(groups.labels) + 1:  # more values than the category tells apart
            continue
        coded = np.full(len(codes), -1, dtype=np.int64)
        coded[here] = np.searchsorted(values, one.values[here])
        if _says(codes, coded):
            ones += [one.name] if found.knows(groups.name, one.name) else []
    if len(ones) == 1:
        found.told.append(note("Each value of {x} has one value of {y}.", x=groups.name, y=ones[0]))
    elif ones:
        found.told.append(
            note("Each value of {x} has one value each of {columns}.", x=groups.name, columns=list(ones))
        )


def _shared(categories: tuple[Categories, ...], found: Derived) -> None:
    """A value that several columns have in the same rows, such as "No internet service"."""
    together: dict[str, dict[str, None]] = {}
    for a, b in combinations([one for one in categories if len(one.labels) > 2], 2):
        for i, _ in shared(a, b, measures.counts(a.codes, b.codes)):
            together.setdefault(a.labels[i], {}).update({a.name: None, b.name: None})
    for value, columns in together.items():
        words = note(
            "{columns} are \u201c{value}\u201d in the same rows.", columns=list(columns), value=value
        )
        found.told.append(words)


def _says(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether each value of `a` has one value of `b`, far more so than all rows have the usual one."""
    both = (a >= 0) & (b >= 0)
    rows = int(both.sum())
    if rows < 20 or len(np.unique(b[both])) < 2:
        return False
    wide = int(b.max()) + 1
    pairs, counts = np.unique(a[both] * wide + b[both], return_counts=True)
    first, largest = pairs // wide, counts
    best = np.zeros(int(first.max()) + 1)
    np.maximum.at(best, first, largest)
    kinds, usual = int((best > 0).sum()), int(np.bincount(b[both]).max())
    others = rows - float(best.sum())
    return rows >= EACH * kinds and others <= (1 - FOLLOWS) * rows and others <= WRONG * (rows - usual)


_WAYS = (("{z} is {x} + {y}.", np.add), ("{z} is {x} × {y}.", np.multiply))


def _sums(numbers: list[Numbers], found: Derived) -> None:
    """Sums and products of two columns; differences and quotients are these, told from another side."""
    if len(numbers) < 3:
        return
    whole = np.isfinite(np.vstack([one.values for one in numbers])).all(axis=0)
    rows = np.flatnonzero(whole)
    if len(rows) < 20:
        return
    some = rows[np.linspace(0, len(rows) - 1, min(TRIED, len(rows))).astype(int)]
    tried = np.vstack([one.values[some] for one in numbers])
    left, right = np.triu_indices(len(numbers), 1)
    for template, way in _WAYS:
        made = way(tried[left], tried[right])
        for place, z in enumerate(numbers):
            wanted = tried[place]
            if len(np.unique(wanted)) < 5:
                continue
            hits = np.isclose(made, wanted, rtol=5e-3, atol=1e-9).mean(axis=1) >= 0.95
            for pair in np.flatnonzero(hits):
                i, j = int(left[pair]), int(right[pair])
                if place in (i, j) or not _made(way, numbers[i], numbers[j], z):
                    continue
                x, y = numbers[i].name, numbers[j].name
                found.say(note(template, x=x, y=y, z=z.name), x, y, z.name)
                found.known |= {frozenset((z.name, x)), frozenset((z.name, y))}


def _made(way: np.ufunc, x: Numbers, y: Numbers, z: Numbers) -> bool:
    """Whether one column is made of two others in nearly all rows, and of both: neither is idle."""
    here = x.present & y.present & z.present
    a, b, c = x.values[here], y.values[here], z.values[here]
    idle = np.isclose(c, a, rtol=1e-6, atol=1e-9).mean(), np.isclose(c, b, rtol=1e-6, atol=1e-9).mean()
    fits = np.isclose(way(a, b), c, rtol=1e-3, atol=0.011).mean()
    return bool(fits >= FOLLOWS and max(idle) < 0.9)


def together(cells: Cells, found: Derived) -> None:
    """Numbers that are 0, and columns that are missing, in the same rows: one cause, told once."""
    numbers = {one.name: one for one in cells.numbers if len(np.unique(one.values[one.present])) > 3}
    for names in _same_rows({name: one.values == 0 for name, one in numbers.items()}):
        words = note("{columns} are 0 in the same rows.", columns=names)
        found.told.append(words)
        for x, y in combinations(names, 2):
            here = (numbers[x].values != 0) & (numbers[y].values != 0)
            left = measures.spearman(numbers[x].values[here], numbers[y].values[here])
            if abs(left.effect) < RELATED:  # nothing goes together beside the zeros
                found.knows(x, y)
    for names in _same_rows(cells.missing):
        found.told.append(note("{columns} are missing in the same rows.", columns=names))
        found.missing |= dict.fromkeys(names, names[0])


def _same_rows(masks: Mapping[str, np.ndarray]) -> list[list[str]]:
    """The names of masks that are true in nearly the same rows, those of each cause together."""
    groups: list[list[str]] = []
    for name, mask in masks.items():
        if min(mask.sum(), (~mask).sum()) < TOLD:
            continue
        for names in groups:
            other = masks[names[0]]
            if (mask & other).sum() >= NEAR * (mask | other).sum():
                names.append(name)
                break
        else:
            groups.append([name])
    return [names for names in groups if len(names) > 1]
