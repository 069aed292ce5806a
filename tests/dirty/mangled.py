"""More kinds of error: what spreadsheets, other systems and wrong encodings make of cells."""

from __future__ import annotations

import datetime as dt
import re

from tests.dirty.errors import Cell, Wrong

_LANGUAGES = {"eng": "English", "fre": "French", "ger": "German", "spa": "Spanish", "ita": "Italian"}
_ODD = ("-1", "NULL", "n/a", "nan", "-", "None")


def smudges(cell: Cell) -> str | None:
    """Characters become an x: one in short texts, up to three in long ones, never all."""
    text, rng = cell.value, cell.rng
    if len(text) < 2:
        return None
    count = 1 if len(text) < 12 else int(rng.integers(1, 4))
    letters = list(text)
    for at in rng.choice(len(text), count, replace=False):
        letters[int(at)] = "x"
    return "".join(letters)


def odd_missing(cell: Cell) -> str | None:
    """Where nothing stands, a number or word that says so."""
    return _ODD[int(cell.rng.integers(len(_ODD)))] if not cell.value else None


def range_as_date(cell: Cell) -> str | None:
    """A range that a spreadsheet took for a date, month first: 2-6 is 6-Feb, 9-60 is Sep-60."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", cell.value)
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    month, name = int(found[1]), dt.date(2000, int(found[1]), 1).strftime("%b")
    if not 1 <= int(found[2]) <= 28:
        return f"{name}-{int(found[2]):02}"
    ways = [f"{int(found[2])}-{name}", f"{month}/{int(found[2])}/2015", f"2015-{month:02}-{int(found[2]):02}"]
    return ways[int(cell.rng.choice(3, p=[0.8, 0.1, 0.1]))]


def number_as_date(cell: Cell) -> str | None:
    """A number shown as the day that a spreadsheet counts so: 1998 is 1905-06-20."""
    if not cell.value.isdigit() or int(cell.value) < 61:
        return None
    return (dt.date(1899, 12, 30) + dt.timedelta(days=int(cell.value))).isoformat()


def bare_number(cell: Cell) -> str | None:
    """A number of two parts read as one: the hyphen is gone, or also the zeros before it."""
    if not cell.value:
        return None
    joined = cell.value.replace("-", "")
    ways = [joined, joined.lstrip("0"), cell.value.replace("-", " "), cell.value.replace("-", "–")]
    return ways[int(cell.rng.integers(len(ways)))]


def day_written(cell: Cell) -> str | None:
    """The day of m/d/yy as ISO, with the day first where that shows, or with four digits of the year."""
    month, day, year = map(int, cell.value.split("/"))
    whole = 2000 + year
    ways = [f"{whole}-{month:02}-{day:02}", f"{month}/{day}/{whole}", f"{month:02}/{day:02}/{year:02}",
            f"{dt.date(2000, month, 1).strftime('%b')} {day}, {whole}"]  # fmt: skip
    if day > 12:
        ways.append(f"{day}/{month}/{year:02}")
    return ways[int(cell.rng.integers(len(ways)))]


def language_name(cell: Cell) -> str | None:
    """The name of a language for its code, or its code in capitals."""
    name = _LANGUAGES.get(cell.value)
    return None if name is None else (name, cell.value.upper(), name.lower())[int(cell.rng.integers(3))]


def instead(neighbour: str) -> Wrong:
    """The neighbouring column's value instead of this one's."""
    return lambda cell: cell.other(neighbour) or None


def list_written(cell: Cell) -> str | None:
    """A list "A. Author; B. Other" with other separators, in brackets, or with quotes."""
    parts = cell.value.split("; ")
    if len(parts) < 2:
        return None
    ways = ["{" + ",".join(f'"{part}"' for part in parts) + "}", "|".join(parts), ";".join(parts),
            "[" + ", ".join(f"'{part}'" for part in parts) + "]"]  # fmt: skip
    return ways[int(cell.rng.integers(len(ways)))]


def wrong_encoding(cell: Cell) -> str | None:
    """UTF-8 read as if it were Windows' western code page."""
    wrong = cell.value.encode().decode("cp1252", errors="ignore")
    return (
        None
        if wrong == cell.value or wrong.encode("cp1252").decode("utf-8", "ignore") != cell.value
        else wrong
    )


def noted_clock(cell: Cell) -> str | None:
    """A time of day with a note, a weekday or a date beside it."""
    text = cell.value
    tight = text.replace(" ", "").replace(".", "")
    ways = [f"{text} (Estimated)", f"Fri, Dec 2 {text}", f"2011-12-02 {text}", f"{tight[:-1]}Dec 2",
            f"{text}*", f"12/2/11 {tight.upper()} (-00:00)", f"{text} Scheduled"]  # fmt: skip
    return ways[int(cell.rng.integers(len(ways)))]


def no_time(cell: Cell) -> str | None:
    """Words where a time should stand."""
    words = ("Not Available", "Contact Airline", "Delayed", "Cancelled", "--:--", "N/A")
    return words[int(cell.rng.integers(len(words)))] if cell.value else None


def with_comma(neighbour: str) -> Wrong:
    """The neighbouring column's value behind a comma: "Portland, OR"."""
    return lambda cell: (
        f"{cell.value}, {cell.other(neighbour)}" if cell.value and cell.other(neighbour) else None
    )


def fraction(cell: Cell) -> str | None:
    """A share written in percent: 0.05 is 5% or 5.0 %."""
    try:
        share = float(cell.value)
    except ValueError:
        return None
    return (
        (f"{share * 100:.4g}%", f"{share * 100:.1f} %")[int(cell.rng.integers(2))]
        if len(cell.value) < 6
        else None
    )
