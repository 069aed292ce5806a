r"""Numbers and dates as people write them, as RE2 patterns.

A move is a pattern and what replaces it; several in a row bring a text to one plain form. The same
moves run in SQL (`regexp_replace`) and in pandas code (`pyarrow.compute`), which both use RE2.
"""

from __future__ import annotations

import re
from typing import Literal

Move = tuple[str, str]
DateOrder = Literal["year first", "day first", "month first"]

# Classes are ranges, not \p{L} and the like, and nothing is captured that need not be: such patterns
# run on RE2's fast matcher, the others took a hundred times as long.
_SP = r"[\s\x{A0}\x{2000}-\x{200B}\x{202F}\x{3000}\x{FEFF}]*"
_GAP = _SP[:-1] + "+"
_SIGN = r"[-+−–]"
_MINUS = r"[-−–]"
_SPACES = r" \x{A0}\x{2009}\x{202F}"
_MONEY = r"[$¢-¥؋฿\x{20A0}-\x{20CF}₿＄￠￡￥￦]"
# a currency sign, alone or after letters (US$, R$), an abbreviation of one, or an ISO code and a space
_CURRENCY = rf"(?:[A-Z]{{0,3}}{_MONEY}|(?:Rs|Fr|kr)\.?|[A-Z]{{3}}{_GAP})"
# letters and the signs units are made of, in one or two words: "kg", "°C", "m²", "km/h", "sq ft"
_LETTER = (
    r"[A-Za-z$\x{A2}-\x{2012}\x{2015}-\x{2211}\x{2213}-\x{2FFF}"
    r"\x{3001}-\x{FF04}\x{FF06}-\x{FF0F}\x{FF1A}-\x{FFFF}]"
)
_UNIT = rf"(?:{_LETTER}(?:{_LETTER}|[/^.])*(?:{_GAP}{_LETTER}+)?)"

PERCENT = "[%％]"
# "3M" or "5 thousand" is another number than 3 or 5: such cells are not converted
SCALED = (
    rf"\d{_SP}(?:[kKMB]|(?i:bn|mn|mio|mrd|thousand|million|billion|trillion|lakh|crore)|[千万萬億亿])"
    r"(?:[^A-Za-z]|$)"
)
NEGATIVE = rf"^[^\d]*{_MINUS}|^{_SP}\(|\d[.,]?{_SP}{_MINUS}"
PLAIN_INTEGER = "^-?[0-9]{1,18}$"
LONG_INTEGER = "^-?[0-9]{19,}"  # more digits than a number can hold exactly
LEADING_ZEROS: Move = ("^0+([0-9])", r"\1")


def number(comma: bool, units: bool) -> str:
    """A whole cell that is a number. `comma`: the decimal sign is a comma, points group thousands."""
    decimal, group = (",", r"\.") if comma else (r"\.", ",")
    grouped = "|".join(rf"\d{{1,3}}(?:{g}\d{{2,3}})*{g}\d{{3}}" for g in (group, "['’]", f"[{_SPACES}]"))
    digits = rf"(?:(?:{grouped}|\d+)(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][-+]?\d{{1,3}})?"
    front = f"(?:{_CURRENCY}{_SP})?" if units else ""
    back = rf"{_SP}{PERCENT}?{_SP}" + (f"{_UNIT}?{_SP}" if units else "")
    signed = rf"(?:{_SIGN}?{_SP}{front}|{front}{_SIGN}{_SP}){digits}{back}"
    trailing = rf"{front}{digits}{_SP}{_SIGN}{back}"
    return rf"^{_SP}\(?{_SP}(?:{signed}|{trailing})\)?{_SP}$"


# of such a cell, the digits with their separators
DIGITS: tuple[Move, ...] = (
    (rf"^{_SP}\(?{_SP}{_SIGN}?{_SP}(?:{_CURRENCY}{_SP}{_SIGN}?{_SP})?", ""),
    (rf"^([\d.,'’{_SPACES}]*\d[.,]?(?:[eE][-+]?\d{{1,3}})?)[\d\D]*$", r"\1"),
)
# an opening and a closing bracket, or neither: RE2 cannot count, so this is looked at by itself
BALANCED = r"^[^()]*$|^[^()]*\([^()]*\)[^()]*$"


def separators(comma: bool) -> list[Move]:
    """What brings the digits of `number` to the plain form 1234.5."""
    moves = [(rf"[{'.' if comma else ','}'’{_SPACES}]", "")]
    return [*moves, (",", ".")] if comma else moves


_MONTHS = ("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?",
           "aug(?:ust)?", "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?")  # fmt: skip
_SEP = r"[-/.,\s\p{Z}]+"
_REST = r"((?:[T\s\p{Z},][\d\D]*)?)$"
_DAY = r"([0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"([1-9]\d{3})"
_LATE, _EARLY = r"(69|[7-9]\d)", r"([0-5]\d|6[0-8])"  # two digits: 1969 to 1999, 2000 to 2068
_ISO = r"[1-9]\d{3}-\d{1,2}-\d{1,2}"
LETTERS = "[A-Za-z]{3}"  # without them there is no name of a month or day
NAMES: tuple[Move, ...] = (
    (rf"(?i)^{_SP}(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?[\s\p{{Z}}]+", ""),
    *((rf"(?i)\b{month}\b\.?", f"M{number:02}") for number, month in enumerate(_MONTHS, 1)),
)
_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})"
STAMP = rf"^({_ISO} (?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{{1,6}})?)(\+00|[+-]\d{{2}}:?\d{{2}})$"
# 1 to 11 p.m. is twelve hours later than it reads, 12 a.m. twelve hours earlier
AFTERNOON = rf"(?i) (?:0?[1-9]|1[01]):[\d:.]+{_SP}p\.?m\.?$"
MIDNIGHT = rf"(?i) 12:[\d:.]+{_SP}a\.?m\.?$"
HALF_DAY: Move = (rf"(?i)^({_ISO} (?:0?[1-9]|1[0-2]):\d\d:\d\d(?:\.\d+)?){_SP}[ap]\.?m\.?$", r"\1+00")

_TIME: list[Move] = [
    (rf"^({_ISO}){_SP}$", r"\1 00:00:00+00"),
    # hours and minutes without seconds
    (rf"^({_ISO})[T\s\p{{Z}},]+(\d{{1,2}}):(\d\d)((?:[^:\d][\d\D]*)?)$", r"\1 \2:\3:00\4"),
    (rf"^({_ISO})[T\s\p{{Z}},]+(\d{{1,2}}):(\d\d):(\d\d)(?:[.,](\d{{1,6}})\d*)((?:[^\d][\d\D]*)?)$",
     r"\1 \2:\3:\4.\5\6"),
    (rf"^({_ISO})[T\s\p{{Z}},]+(\d{{1,2}}:\d\d:\d\d)", r"\1 \2"),
    (rf"({_ZONE}?){_SP}$", r"\1"),
    (r"Z$", "+00"),
    (rf"^({_ISO} [\d:.]+){_SP}$", r"\1+00"),
    (rf"^({_ISO} [\d:.]+){_SP}([-+])", r"\1\2"),
]  # fmt: skip


def dates(order: DateOrder) -> list[Move]:
    """What brings a date (after NAMES), with or without a time, to "2024-1-5 18:30:00+00" or like it.

    Dates that begin with a four-digit year, and dates with an English month name, are read
    whatever the order; the order decides what 1/2/2024 means.
    """
    m = r"M(\d\d)"
    moves: list[Move] = [
        (rf"^{_SP}{_YEAR}(?:{_SEP}|年)(\d{{1,2}})(?:{_SEP}|月)(\d{{1,2}})日?{_REST}", r"\1-\2-\3\4"),
        (rf"^{_SP}{_YEAR}(\d\d)(\d\d){_REST}", r"\1-\2-\3\4"),
        (rf"^{_SP}{_YEAR}{_SEP}{m}{_SEP}{_DAY}{_REST}", r"\1-\2-\3\4"),
    ]
    for year, century in ((_YEAR, ""), (_LATE, "19"), (_EARLY, "20")):
        moves += [
            (rf"^{_SP}{_DAY}{_SEP}{m}{_SEP}{year}{_REST}", rf"{century}\3-\2-\1\4"),
            (rf"^{_SP}{m}{_SEP}{_DAY}{_SEP}{year}{_REST}", rf"{century}\3-\1-\2\4"),
        ]
        if order != "year first":
            put = r"\3-\2-\1\4" if order == "day first" else r"\3-\1-\2\4"
            moves.append((rf"^{_SP}(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}{year}{_REST}", century + put))
    return moves + _TIME


_DIRECTIVES = {
    "Y": _YEAR, "m": r"(\d{1,2})", "d": r"(\d{1,2})", "H": r"(\d{1,2})", "I": r"(\d{1,2})",
    "M": r"(\d{1,2})", "S": r"(\d{1,2})", "f": r"(\d{1,6})\d*", "p": r"([AaPp])\.?[Mm]\.?",
    "z": rf"({_ZONE})", "b": r"M(\d\d)", "B": r"M(\d\d)", "y": "",
}  # fmt: skip


def dates_of_format(format: str) -> list[Move]:
    """The moves for dates (after NAMES) in one format, as in strftime; ValueError says what is wrong."""
    pieces = re.findall(r"%(.)|(\s+)|([^%\s]+)|(%)$", format)
    order = [directive for directive, *_ in pieces if directive and directive != "%"]
    unknown = [directive for directive in order if directive not in _DIRECTIVES]
    if unknown or any(piece[3] for piece in pieces):
        known = " ".join(f"%{directive}" for directive in _DIRECTIVES)
        raise ValueError(f"must use only {known} and %%")
    named = {"b": "m", "B": "m", "y": "Y", "I": "H"}
    parts = [named.get(directive, directive) for directive in order]
    if len(set(parts)) < len(parts) or not {"Y", "m", "d"} <= set(parts):
        raise ValueError("must have year, month and day, each part once")
    place = {part: rf"\{number}" for number, part in enumerate(parts, 1)}
    if ("p" in place) != ("I" in order) or ("p" in place and "z" in place):
        raise ValueError("must have %I and %p together, without %z")
    time = f" {place.get('H', '00')}:{place.get('M', '00')}:{place.get('S', '00')}"
    time += f".{place['f']}" if "f" in place else ""
    time += f"{place['p']}m" if "p" in place else place.get("z", "+00")
    moves: list[Move] = []
    years = ((_LATE, "19"), (_EARLY, "20")) if "y" in order else ((_YEAR, ""),)
    for year, century in years:
        pattern = "".join(
            (year if directive in "yY" else "%" if directive == "%" else _DIRECTIVES[directive])
            if directive
            else (r"[\s\p{Z}]+" if space else re.escape(text))
            for directive, space, text, _ in pieces
        )
        put = f"{century}{place['Y']}-{place['m']}-{place['d']}{time}"
        moves.append((rf"^{_SP}{pattern}{_SP}$", put))
    return [*moves, (r"Z$", "+00")]
