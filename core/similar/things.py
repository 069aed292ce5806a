"""Columns that together name one thing, as a journal, its abbreviation and its number: which cells belong.

Values that are each other's most frequent partners are linked, the most frequent pairs first, as long as
a thing has one value a column. What is written nearly as a thing's value, and stands beside its other
values, is that value misspelt. A row speaks of the thing that most of its cells name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

Cell = str | int | None
Row = tuple[Cell, ...]
Node = tuple[int, Cell]  # a column's place and one of its values

FACT = 2  # rows in which a value stands beside a thing, before it may be one of its own right
SELDOM = 0.03  # of the thing's rows, the same: misspellings seldom repeat
SHARED = 3  # rows with other things, before a value names none of them
SHARE = 0.1  # of its rows, the same
NEAR = 0.25  # of the characters may differ in a misspelling
FIRM = 2  # rows that a value must share with others of its thing before it is put elsewhere


@dataclass(frozen=True)
class Things:
    """What each thing is called in each column, and which thing each value names."""

    records: list[Row]  # None where nothing is settled
    known: list[dict[Cell, tuple[int, bool]]]  # by column: value -> thing, and whether the value may stay

    def meant(self, row: Row) -> Row:
        """The row with the cells of the thing that it speaks of; as it is when that is not clear."""
        named = [known.get(cell) for known, cell in zip(self.known, row, strict=True)]
        votes = Counter(found[0] for found in named if found is not None)
        if not votes:
            return row
        thing, most = votes.most_common(1)[0]
        strange = sum(cell is not None and found is None for cell, found in zip(row, named, strict=True))
        if 2 * most <= votes.total() or (most == 1 and strange):
            return row
        return tuple(
            cell if right is None or (found is not None and found[1] and found[0] == thing) else right
            for cell, right, found in zip(row, self.records[thing], named, strict=True)
        )


def things(rows: Mapping[Row, int], width: int) -> Things:
    """The things that rows of so many columns speak of; `rows` counts how often each combination occurs."""
    links = _links(rows)
    owner, firm = _linked(links)
    alone = _alone(rows, owner, firm)
    places = {mark: place for place, mark in enumerate(sorted(set(owner.values()) - alone))}
    records: list[list[Cell]] = [[None] * width for _ in places]
    known: list[dict[Cell, tuple[int, bool]]] = [{} for _ in range(width)]
    for node, mark in owner.items():
        if mark in places:
            column, value = node
            known[column][value] = (places[mark], False)
            if firm[node] >= FIRM:
                records[places[mark]][column] = value
    found = Things([tuple(record) for record in records], known)
    _add_others(found, rows)
    return found


def _links(rows: Mapping[Row, int]) -> dict[tuple[Node, Node], int]:
    """Pairs of values that are each other's most frequent partners, and their rows."""
    together: dict[tuple[int, int], Counter[tuple[Cell, Cell]]] = {}
    for row, times in rows.items():
        for a, b in combinations(range(len(row)), 2):
            if row[a] is not None and row[b] is not None:
                together.setdefault((a, b), Counter())[row[a], row[b]] += times
    links = {}
    for (a, b), counts in together.items():
        ahead, back = _partners(counts), _partners(Counter({(w, v): n for (v, w), n in counts.items()}))
        for v, w in ahead.items():
            if back.get(w) == v:
                links[(a, v), (b, w)] = counts[v, w]
    return links


def _partners(counts: Counter[tuple[Cell, Cell]]) -> dict[Cell, Cell]:
    """The most frequent partner of each value; none where two are as frequent."""
    best: dict[Cell, tuple[int, Cell, bool]] = {}
    for (v, w), n in counts.items():
        most, _, _ = best.get(v, (0, None, False))
        if n > most:
            best[v] = (n, w, True)
        elif n == most:
            best[v] = (n, None, False)
    return {v: w for v, (_, w, one) in best.items() if one}


def _linked(links: Mapping[tuple[Node, Node], int]) -> tuple[dict[Node, int], Counter[Node]]:
    """The values put together into things, and in how many rows each stands beside another of its thing."""
    owner: dict[Node, int] = {}
    members: dict[int, set[Node]] = {}
    firm: Counter[Node] = Counter()
    for number, ((one, other), times) in enumerate(
        sorted(links.items(), key=lambda link: (-link[1], repr(link[0])))
    ):
        groups = [members.get(owner.get(node, -1), {node}) for node in (one, other)]
        joined = groups[0] | groups[1]
        if len({column for column, _ in joined}) < len(joined):
            continue
        members[number] = joined
        for node in joined:
            owner[node] = number
        for node in (one, other):
            firm[node] = max(firm[node], times)
    return owner, firm


def _alone(rows: Mapping[Row, int], owner: Mapping[Node, int], firm: Mapping[Node, int]) -> set[int]:
    """Things of one row that also names a thing of several: that row is wrong somewhere."""
    found = set()
    for row, times in rows.items():
        nodes = [(place, cell) for place, cell in enumerate(row) if (place, cell) in owner]
        if times == 1 and any(firm[node] >= FIRM for node in nodes):
            found |= {owner[node] for node in nodes if firm[node] < FIRM}
    strong = {owner[node] for node in owner if firm[node] >= FIRM}
    return found - strong


def _add_others(found: Things, rows: Mapping[Row, int]) -> None:
    """Values that are a thing's value misspelt, and those that stand beside it too often to be errors.

    A value that several things have in common names none of them.
    """
    beside: dict[Node, Counter[int]] = {}
    size: Counter[tuple[int, int]] = Counter()  # rows that name a thing, whatever stands in one column
    for row, times in rows.items():
        for place, cell, thing in _named_by_others(found, row):
            if thing is not None:
                size[thing, place] += times
                if cell is not None:
                    beside.setdefault((place, cell), Counter())[thing] += times
    for (place, cell), counts in beside.items():
        if cell in found.known[place]:
            own = found.known[place][cell][0]
            others = max((times for thing, times in counts.items() if thing != own), default=0)
            if others >= max(SHARED, SHARE * counts.total()):
                del found.known[place][cell]
            continue
        (thing, times), *rest = counts.most_common(2)
        right = found.records[thing][place]
        if right is None or (rest and rest[0][1] == times):
            continue
        if near(cell, right) and times <= max(1, SELDOM * size[thing, place]):
            found.known[place][cell] = (thing, False)
        elif 2 * times > counts.total() and times >= max(FACT, SELDOM * size[thing, place]):
            found.known[place][cell] = (thing, True)


def _named_by_others(found: Things, row: Row) -> Iterator[tuple[int, Cell, int | None]]:
    """Each cell with the thing that most of the row's other cells name; None where that is not clear."""
    named = [known.get(cell) for known, cell in zip(found.known, row, strict=True)]
    for place, cell in enumerate(row):
        votes = Counter(one[0] for at, one in enumerate(named) if one is not None and at != place)
        best = votes.most_common(1)
        yield place, cell, best[0][0] if best and 2 * best[0][1] > votes.total() else None


def near(cell: Cell, right: Cell) -> bool:
    """Whether one text is the other one misspelt: other digits are another number."""
    from rapidfuzz.distance import OSA

    if not isinstance(cell, str) or not isinstance(right, str) or len(right) < 3:
        return False
    digits = [[char for char in text if char.isdigit()] for text in (cell, right)]
    one, other = cell.casefold(), right.casefold()
    return digits[0] == digits[1] and OSA.distance(one, other) <= max(1, NEAR * len(other))
