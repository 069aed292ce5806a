"""Numbers in text with units, signs or words around them: "12.0 oz", "0.05%", "$1,200"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from core.notation import patterns
from core.notation.measures import MEASURES, Unit, unit_of
from core.profile.written import PLACEHOLDERS, Written

MOSTLY = 0.8  # of the values must be numbers
FEW = 0.02  # values without the percent sign that others have may be of either meaning
_NUMBER = re.compile(
    r"(?P<before>(?:[A-Z]{0,3}[$€£¥￥]|USD|EUR|GBP|JPY|CNY|CHF|Rs\.?)?)\s*(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-+]?\.\d+)"
    r"\s*(?P<after>(?:[^\d\s.,:/()+-][^\d:]{0,30})?)"
)
_CURRENCIES = {"$": "usd", "us$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "￥": "jpy"}
_NO_UNITS = frozenset(("st", "nd", "rd", "th", "am", "pm", "a m", "p m"))  # of ordinals and times
_SCALED = re.compile(r"\d\s*(?:[kKMB]|bn|mn|mio|mrd|thousand|million|billion|[千万萬億亿])(?![A-Za-z])")
_CODE = re.compile(r"0\d+|\d{16,}")  # digits that are no number


@dataclass(frozen=True)
class Amounts:
    """What a column's numbers carry, and what its step should do."""

    marked: int  # rows with a unit, a sign or separators
    unread: int  # rows that are no number
    example: str
    sure: bool
    whole: bool  # no fractions
    percent: str = ""  # how percent is read, where there is any
    convert: tuple[Unit, Unit | None] | None = None  # to this unit, and that of numbers without one


@dataclass
class _Cell:
    value: str
    rows: int
    number: float
    mark: str


def amounts(column: Written) -> Amounts | None:
    """None for a column whose values are no numbers, or bare ones alone."""
    present = column.without(PLACEHOLDERS)
    total = sum(present.values())
    cells = [cell for value, rows in present.items() if (cell := _cell(value, rows)) is not None]
    read = sum(cell.rows for cell in cells)
    marked = [cell for cell in cells if cell.mark]
    if not marked or read < MOSTLY * total or any(_CODE.fullmatch(value) for value in present):
        return None
    plain = [cell for cell in cells if not cell.mark]
    kinds = {_kind(cell.mark) for cell in marked}
    words = {kind for kind in kinds if isinstance(kind, str)}
    if words & _NO_UNITS or not (_one_word(words) or words <= {",", *_CURRENCIES.values()}):
        return None
    units = frozenset[Unit]().union(*(kind for kind in kinds if isinstance(kind, frozenset)))
    facts: dict[str, Any] = {
        "marked": sum(cell.rows for cell in marked), "unread": total - read, "example": marked[0].value,
        "whole": all(cell.number == int(cell.number) and "." not in cell.value for cell in cells),
    }  # fmt: skip
    sound = column.whole and read == total
    if kinds == {"%"}:
        percent, clear = _percent(marked, plain)
        return Amounts(**facts, sure=sound and clear, percent=percent)
    if any(isinstance(kind, frozenset) for kind in kinds):
        return _measured(facts, cells, kinds, units, sound)
    # "," separates thousands, or a currency stands by the number
    return Amounts(**facts, sure=sound and _one_word(words) and _readable([c.value for c in cells]))


def _cell(value: str, rows: int) -> _Cell | None:
    found = _NUMBER.fullmatch(value)
    if found is None or _SCALED.search(value):
        return None
    before, number, after = found["before"].strip(), found["number"], found["after"].strip()
    if before and after and before.casefold() != after.casefold():
        return None
    mark = before or after or ("," if "," in number else "")
    return _Cell(value, rows, float(number.replace(",", "")), mark)


def _plain(word: str) -> str:
    return " ".join(word.casefold().replace(".", " ").split())


def _kind(mark: str) -> str | frozenset[Unit]:
    """What a mark says: a percent sign, separators, a currency, a word, or the units it may mean."""
    word = _plain(mark)
    if word in ("%", "％", ","):
        return word.replace("％", "%")
    if word in _CURRENCIES:
        return _CURRENCIES[word]
    parts = word.split()
    for length in range(min(3, len(parts)), 0, -1):  # "oz silo can" is in ounces
        if units := unit_of(" ".join(parts[:length])):
            return frozenset(units)
    return word


def _percent(marked: list[_Cell], plain: list[_Cell]) -> tuple[str, bool]:
    """Beside 0.05, 0.05% is 0.05 with a sign too much; beside 0.05, 5% is the same."""
    if not plain:
        return "as a share", True
    one, other = (_middle(cells) for cells in (marked, plain))
    if one <= 0 or other <= 0:
        return "as written", False
    ratio = one / other
    if 0.2 <= ratio <= 5:
        return "as written", True
    return "as a share", 20 <= ratio <= 500


def _middle(cells: list[_Cell]) -> float:
    numbers = sorted((abs(cell.number), cell.rows) for cell in cells)
    half, passed = sum(rows for _, rows in numbers) / 2, 0
    for number, rows in numbers:
        passed += rows
        if passed >= half:
            return number
    return 0.0


def _measured(
    facts: dict[str, Any], cells: list[_Cell], kinds: set[Any], units: frozenset[Unit], sound: bool
) -> Amounts | None:
    """Amounts with units: of one unit, of several that measure the same, or of any."""
    named = [kind for kind in kinds if isinstance(kind, frozenset)]
    shared = frozenset.intersection(*named)
    foreign = {kind for kind in kinds if isinstance(kind, str) and kind != ","}
    if shared and not foreign:
        if _readable([cell.value for cell in cells]):
            return Amounts(**facts, sure=sound)
        # words behind the unit are left to the step that knows units
        unit = min(shared)
        return Amounts(**facts, sure=sound, convert=(unit, unit))
    if foreign or len({MEASURES[unit].quantity for unit in units}) > 1:
        return None
    counted = {unit: sum(c.rows for c in cells if unit in _units(c.mark)) for unit in sorted(units)}
    most = max(counted, key=lambda unit: counted[unit])
    # grams beside kilograms: what a number without a unit means is not known
    return Amounts(**facts, sure=False, convert=(most, None))


def _units(mark: str) -> frozenset[Unit]:
    kind = _kind(mark) if mark else ""
    return kind if isinstance(kind, frozenset) else frozenset()


def _one_word(words: set[str]) -> bool:
    """Whether all words may be one, shortened or not: "mo" and "months"; separators beside any.

    A single letter is the end of a name, as in house 12 b.
    """
    rest = sorted(words - {","}, key=len)
    if rest and len(rest[0]) < 2 and rest[0].isalpha():
        return False
    return all(len(rest[0]) >= 2 and word.startswith(rest[0]) for word in rest[1:])


def _readable(values: list[str]) -> bool:
    """Whether the step that changes types reads all of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(values, pa.string())
    fits = pc.match_substring_regex(texts, patterns.number(False, True))
    scaled = pc.match_substring_regex(texts, patterns.SCALED)
    return bool(pc.all(pc.and_not(fits, scaled)).as_py())
