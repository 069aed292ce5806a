"""Values written in another form than most of their column: codes without their hyphens, dates, languages."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from core.profile.written import PLACEHOLDERS, Written

CODES = 0.6  # of the values must have one form
DATES = 0.5
MOST = 500  # values that one suggestion replaces
_CODE = re.compile(r"(?=.*\d)[0-9Xx]+(?:[-./ ][0-9Xx]+)+")
_BARE = re.compile(r"\d+[0-9Xx]")
_GAPS = re.compile(r"[\s.\-–—_/]+")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_NAMED = re.compile(r"(?:([A-Za-z]{3,9})\.? (\d{1,2})|(\d{1,2})[ -]([A-Za-z]{3,9})\.?),?[ -](\d{4}|\d{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LANGUAGES = (
    "english en eng", "french fr fre fra", "german de ger deu", "spanish es spa", "italian it ita",
    "portuguese pt por", "dutch nl dut nld", "russian ru rus", "chinese zh chi zho", "japanese ja jpn",
    "korean ko kor", "polish pl pol", "turkish tr tur", "arabic ar ara", "swedish sv swe", "danish da dan",
    "norwegian no nor", "finnish fi fin", "czech cs cze ces", "hungarian hu hun", "greek el gre ell",
    "hebrew he heb", "ukrainian uk ukr", "romanian ro rum ron", "hindi hi hin", "persian fa per fas",
)  # fmt: skip


def forms(column: Written) -> dict[str, str | None]:
    """{a value in another form: the same in the form of most}; nothing where the values have no one form."""
    present = column.without(PLACEHOLDERS)
    if not column.whole or sum(present.values()) < 20:
        return {}
    found = _codes(present) or _dates(present) or _languages(present)
    return dict(list(found.items())[:MOST])


def _codes(present: dict[str, int]) -> dict[str, str | None]:
    """Codes of one length with separators: the others get them back, and zeros that a number has lost.

    Zeros come back only where the code is then one of the column, or its check digit is right.
    """
    shapes: Counter[tuple[int | str, ...]] = Counter()
    for value, rows in present.items():
        if _CODE.fullmatch(value):
            parts = re.split(r"([-./ ])", value)
            shapes[tuple(part if place % 2 else len(part) for place, part in enumerate(parts))] += rows
    if not shapes:
        return {}
    shape, rows = shapes.most_common(1)[0]
    length = sum(part for part in shape if isinstance(part, int))
    if rows < CODES * sum(present.values()) or length < 6 or _is_day(shape):
        return {}
    found: dict[str, str | None] = {}
    for value in present:
        bare = _GAPS.sub("", value)
        if not _BARE.fullmatch(bare) or not length - 3 <= len(bare) <= length:
            continue
        whole = _shaped(bare.zfill(length).upper(), shape)
        sure = len(bare) == length or whole in present or _checked(whole)
        if sure and whole != value and (len(bare) == length or bare == value):
            found[value] = whole
    return found


def _is_day(shape: tuple[int | str, ...]) -> bool:
    return sorted(part for part in shape if isinstance(part, int)) in ([2, 2, 4], [2, 2, 2])


def _shaped(bare: str, shape: tuple[int | str, ...]) -> str:
    made, at = "", 0
    for part in shape:
        if isinstance(part, int):
            made, at = made + bare[at : at + part], at + part
        else:
            made += part
    return made


def _checked(code: str) -> bool:
    """Whether this is a serial number (ISSN) with the right check digit."""
    found = re.fullmatch(r"(\d{4})-(\d{3})([\dX])", code)
    if found is None:
        return False
    digits = [int(char) for char in found[1] + found[2]] + [10 if found[3] == "X" else int(found[3])]
    return sum(digit * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True)) % 11 == 0


def _dates(present: dict[str, int]) -> dict[str, str | None]:
    """Dates such as 4/25/15, as most are: others are written so where they can be read in one way only."""
    kinds: Counter[tuple[str, int]] = Counter()
    firsts = seconds = padded = single = 0
    for value, rows in present.items():
        if found := _NUMERIC.fullmatch(value):
            kinds[found[2], len(found[4])] += rows
            firsts += rows * (int(found[1]) > 12)
            seconds += rows * (int(found[3]) > 12)
            for part in (found[1], found[3]):
                padded += rows * part.startswith("0")
                single += rows * (len(part) == 1)
    if not kinds or sum(kinds.values()) < DATES * sum(present.values()):
        return {}
    (mark, years), rows = kinds.most_common(1)[0]
    if rows < DATES * sum(present.values()) or max(firsts, seconds) < 5 * max(1, min(firsts, seconds)):
        return {}
    width, day_first = (2 if padded > single else 1), firsts > seconds
    found_ = {}
    for value in present:
        day = _day(value, day_first)
        if day is not None:
            month, number = f"{day.month:0{width}}", f"{day.day:0{width}}"
            first, second = (number, month) if day_first else (month, number)
            meant = f"{first}{mark}{second}{mark}{day:%Y}"
            meant = meant if years == 4 else f"{meant[:-4]}{meant[-2:]}"
            if meant != value:
                found_[value] = meant
    return dict(found_)


def _day(value: str, day_first: bool) -> dt.date | None:
    if found := _ISO.fullmatch(value):
        year, month, day = map(int, found.groups())
    elif found := _NAMED.fullmatch(value):
        name = (found[1] or found[4])[:3].casefold()
        if name not in _MONTHS:
            return None
        year, month, day = int(found[5]), _MONTHS.index(name) + 1, int(found[2] or found[3])
    elif found := _NUMERIC.fullmatch(value):
        year, first, second = int(found[4]), int(found[1]), int(found[3])
        day, month = (first, second) if day_first else (second, first)
        if month > 12:  # the other order is the only one
            day, month = month, day
    else:
        return None
    if year < 100:
        year += 2000 if year < 69 else 1900
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _languages(present: dict[str, int]) -> dict[str, str | None]:
    """Names of languages among their codes."""
    every = [words.split() for words in _LANGUAGES]
    for length in (3, 2):
        codes = {code for _, *rest in every for code in rest if len(code) == length}
        if sum(rows for value, rows in present.items() if value in codes) < CODES * sum(present.values()):
            continue
        found: dict[str, str | None] = {}
        for value in present:
            known = [rest for name, *rest in every if value.casefold() in (name, *rest)]
            if known and value not in codes:
                own = [code for code in known[0] if len(code) == length]
                found[value] = max(own, key=lambda code: present.get(code, 0))
        return found
    return {}
