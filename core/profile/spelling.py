"""Values that are other values misspelt: rare ones very near to one frequent one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.profile.written import PLACEHOLDERS, Written

OFTEN = 5  # rows of a value that others may be a misspelling of
SELDOM = 0.03  # of the rows of the value meant, or two: more, and it may be a value of its own
TIMES = 8  # so many times as often as its misspelling
CATEGORICAL = 0.6  # of the rows must have a frequent value
SHORTEST = 4  # characters: below, too many words are near each other
CLEAR = 5  # characters from which a misspelling is surely one
EXPLAINED = 0.6  # of a column's rare values must be near a frequent one
COMPARISONS = 4_000_000  # of a rare with a frequent value, in one profile
MOST = 500  # values that one suggestion replaces
CERTAIN = 2  # the same where the file has one habit of spoiling letters
COMMON = 0.2  # of the cells have a word that all have
SYSTEMATIC = 5  # values spoilt by the same character, before it is taken for a habit of the file


@dataclass(frozen=True)
class Respelt:
    """One value and the one that is meant by it."""

    find: str
    put: str
    rows: int
    sure: bool


def variants(column: Written) -> list[Respelt]:
    """Values that differ from a more frequent one by capitals and spaces alone."""
    alike: dict[str, list[str]] = {}
    for value in column.counts:
        if value.casefold() not in PLACEHOLDERS:
            alike.setdefault(" ".join(value.casefold().split()), []).append(value)
    found = []
    for values in alike.values():
        first, *others = values  # the most frequent first
        for value in others:
            # codes of two letters may tell apart by capitals, as may two spellings in equal use
            times = 2 if len(first) > 2 else 20
            clear = len(first) > 1 and column.counts[first] >= times * column.counts[value]
            found.append(Respelt(value, first, column.counts[value], sure=clear))
    return found[:MOST]


def misspelt(columns: Sequence[Written]) -> dict[str, list[Respelt]]:
    """{column: rare values that are one letter away from a frequent one, or spoilt in the file's own way}."""
    near = {column.name: found for column, found in _near(columns)}
    spoiler = _spoiler(near)
    result = {}
    for column in columns:
        pairs = {pair.find: pair for pair in near.get(column.name, ()) if not _by_digit(pair)}
        if spoiler:
            pairs |= {pair.find: pair for pair in _spoilt(column, spoiler)}
        if pairs:
            result[column.name] = sorted(pairs.values(), key=lambda pair: (-pair.rows, pair.find))[:MOST]
    return result


def _settled(column: Written) -> tuple[dict[str, int], dict[str, int]]:
    """Frequent and rare values; none when the column is no list of categories."""
    counts = column.without(PLACEHOLDERS)
    frequent = {value: rows for value, rows in counts.items() if rows >= OFTEN}
    if not column.whole or not column.named or sum(frequent.values()) < CATEGORICAL * sum(counts.values()):
        return {}, {}
    top = max(frequent.values(), default=0)
    rare = {value: rows for value, rows in counts.items() if rows * TIMES <= top}
    return frequent, rare


def _near(columns: Sequence[Written]) -> list[tuple[Written, list[Respelt]]]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found, left = [], COMPARISONS
    for column in columns:
        frequent, rare = _settled(column)
        left -= len(frequent) * len(rare)
        if not frequent or not rare or left < 0:
            continue
        names, others = list(frequent), list(rare)
        folded = [value.casefold() for value in names]
        distances = process.cdist(
            [value.casefold() for value in others], folded, scorer=OSA.distance, score_cutoff=1
        )
        pairs = []
        for value, row in zip(others, distances, strict=True):
            near = [names[place] for place in (row == 1).nonzero()[0]]
            near = [name for name in near if frequent[name] >= TIMES * rare[value] and name != value]
            if len(near) == 1 and min(len(value), len(near[0])) >= SHORTEST:
                seldom = rare[value] <= max(2, SELDOM * frequent[near[0]])
                pair = Respelt(value, near[0], rare[value], sure=seldom and _clear(value, near[0]))
                pairs.append(pair)
        # where most rare values are near none, those that are may be near by chance, as names are
        if len(pairs) < EXPLAINED * len([value for value in others if rare[value] < OFTEN]):
            pairs = [replace(pair, sure=False) for pair in pairs]
        found.append((column, pairs))
    return found


def _clear(value: str, meant: str) -> bool:
    """Not where a letter more, less or other makes another word: actor and actors, I all and C all."""
    if value.startswith(meant) or meant.startswith(value) or len(value) < CLEAR:
        return False
    one, other = value.casefold().split(), meant.casefold().split()
    if len(one) != len(other):
        return True  # a space too much or too little
    return all(min(len(a), len(b)) >= 2 for a, b in zip(one, other, strict=True) if a != b)


def _difference(pair: Respelt) -> tuple[str, str] | None:
    """The one character that was replaced and what stands there, in texts of the same length."""
    if len(pair.find) != len(pair.put):
        return None
    differ = [(a, b) for a, b in zip(pair.put, pair.find, strict=True) if a != b]
    return differ[0] if len(differ) == 1 else None


def _by_digit(pair: Respelt) -> bool:
    """Whether the two differ in their digits: "room 1" is not "room 2" misspelt, nor "A 12" "A 1"."""
    digits = [[char for char in text if char.isdigit()] for text in (pair.find, pair.put)]
    return digits[0] != digits[1]


def _spoiler(near: dict[str, list[Respelt]]) -> str | None:
    """The character that stands for others all over the file, as where a scan could not be read."""
    put = Counter(
        (pair.put, found[1])
        for pairs in near.values()
        for pair in pairs
        if (found := _difference(pair)) is not None
    )
    chars = Counter(char for _, char in put)
    if not chars:
        return None
    char, values = chars.most_common(1)[0]
    # letters exchanged by chance would be each as frequent as the next
    return char if values >= SYSTEMATIC and values >= 0.3 * sum(chars.values()) else None


def _spoilt(column: Written, char: str) -> list[Respelt]:
    """Rare values that are one frequent value with that character in place of others."""
    counts = column.without(PLACEHOLDERS)
    frequent, _ = _settled(column)
    by_length: dict[int, list[str]] = {}
    for name in frequent:
        by_length.setdefault(len(name), []).append(name)
    words, left, found = _words(counts), COMPARISONS, []
    for value, rows in counts.items():
        same = by_length.get(len(value), [])
        left -= len(same)
        if char not in value or left < 0:
            continue
        meant = [name for name in same if frequent[name] >= CERTAIN * rows and _covers(value, name, char)]
        if not meant and (mended := _by_words(value, words, char)) != value:
            meant = [mended]
        if len(meant) == 1:
            found.append(Respelt(value, meant[0], rows, sure=True))
    return found


def _words(counts: dict[str, int]) -> set[str]:
    """Words that stand in a good part of a column's cells."""
    rows: Counter[str] = Counter()
    for value, times in counts.items():
        for word in set(value.split()):
            rows[word] += times
    least = max(OFTEN, COMMON * sum(counts.values()))
    return {
        word for word, times in rows.items() if times >= least and word.isalpha() and len(word) >= SHORTEST
    }


def _by_words(value: str, words: set[str], char: str) -> str:
    """A value of free parts in which the words that all have are spoilt: "25 patxents"."""
    parts = value.split(" ")
    for place, part in enumerate(parts):
        meant = [word for word in words if len(word) == len(part) and _covers(part, word, char)]
        if part not in words and len(meant) == 1:
            parts[place] = meant[0]
    return " ".join(parts)


def _covers(value: str, name: str, char: str) -> bool:
    differ = [a for a, b in zip(value, name, strict=True) if a != b]
    return bool(differ) and len(differ) <= max(1, len(name) // 4) and all(a == char for a in differ)
