"""How a delimited text is written: delimiter, quotes, header, lines before it, decimal comma, dates."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from core.contracts import Json
from core.sources import marks
from core.sources.layout import one_too_many
from core.sources.records import NONE, SPACES, TAB, Reader, Record, Splitter
from core.wording import Note, note

MOST_NAMES = 3  # rows below the header that may belong to the names
_ABSENT = {"na", "n/a", "nan", "null", "none", "missing", "unknown", "nil", "inf", "-inf"}
_SEP = re.compile(r'^"?sep=(.|\\t)"?\s*$', re.IGNORECASE)
_NUMBER = re.compile(r"\s*[-+]?(\d+([.,']\d+)*|[.,]\d+)([eE][-+]?\d+)?\s*%?\s*")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?")
_DAY_MONTH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}(\D.*)?")
_MARKS = re.compile(r"[;|\t^~]")


@dataclass(frozen=True)
class Dialect:
    """What a look at the beginning of a text says about it: parameters of DelimitedFile, and why."""

    values: dict[str, Json]
    notes: tuple[Note, ...] = ()
    score: float = 0.0
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)


def sniff(head: bytes, *, whole: bool) -> Dialect:
    """The dialect of a text that begins with `head` (UTF-8, cut at a line end unless it is `whole`)."""
    first = head.split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r")
    declared = _SEP.match(first)
    before = 1 if declared else 0
    if declared:
        mark = TAB if declared[1] in ("\t", "\\t") else declared[1]
        likely: Sequence[str] = (mark,)
    else:
        likely = marks.candidates(head)
    tried = [
        trial
        for delimiter in likely
        for quote in ('"', "'")
        if quote == '"' or b"'" in head
        if (trial := _try(head, delimiter, quote, before)) is not None
    ]
    best = max(tried, key=lambda trial: trial.score, default=None)
    if best is None:
        best = _one_column(head, before)
    notes = list(best.notes)
    values = dict(best.values)
    header, why = has_header(best.rows)
    values["header"] = header
    notes.extend([why] if why else [])
    more = rows_of_names(best.rows) if header else 0
    if more:
        values["more_names"] = more
        notes.append(note("the first {count} rows were taken as names, joined", count=more + 1))
    body = best.rows[1 + more :] if header else best.rows
    values.update(_marks(body))
    values["date_order"] = _date_order(body)
    if declared:
        notes.append(note("the first line names the delimiter and is no row"))
    return Dialect(values, tuple(notes), best.score, best.rows)


def records(head: bytes, delimiter: str, quote: str, escape: str, limit: int = 200) -> list[Record]:
    """The first records of a text, whatever their width."""
    file = io.BytesIO(head.removeprefix(b"\xef\xbb\xbf"))
    return list(islice(Reader(file, Splitter(delimiter, quote, escape)), limit))


def _try(head: bytes, delimiter: str, quote: str, before: int) -> Dialect | None:
    escape = "\\" if b"\\" + quote.encode() in head and quote.encode() * 2 not in head else quote
    mark = _mark(delimiter)
    if mark not in head or head.count(mark * 2) * 2 == head.count(mark) > 2:
        return None  # it is not there, or only ever doubled: then the doubled one is the delimiter
    found = [record for record in records(head, delimiter, quote, escape) if record.line > before]
    good = [record for record in found if not record.reason]
    if not good:
        return None
    widths = Counter(len(record.cells) for record in good)
    # the last rows are the table's; a title above it has another width
    width = max(widths, key=lambda w: (widths[w] * (w > 1), w))
    if width == 1:
        return None
    begins = _beginning(good, width)
    skip = max(before, good[begins].line - 1) if begins else before
    if begins == 0 and one_too_many(good[0].cells, width):
        good[0] = replace(good[0], cells=[cell for cell in good[0].cells if cell.strip()])
    rows = tuple(
        tuple(record.cells)
        for i, record in enumerate(good[begins:])
        if len(record.cells) == width or (i == 0 and len(record.cells) == width - 1)
    )
    table = [record for record in good if record.line > skip]
    fits = sum(1.0 if len(r.cells) == width else 0.9 * (len(r.cells) == width - 1 > 1) for r in table)
    even = fits / max(1, len(found) - begins)
    cells = [cell for row in rows[:100] for cell in row]
    clean = sum(map(_clean, cells)) / max(1, len(cells))
    score = even * clean * (1 - 0.5 / width)
    if not marks.usual(delimiter):
        score *= 0.8 if skip == before and _surely_cells(rows, width) else 0
    if delimiter == SPACES:
        score *= 0.5 if even > 0.95 and len(table) > 1 else 0.1
    if quote == "'":
        # a ' is an apostrophe until it stands around whole cells
        score *= 1.05 if _wrapped(head, mark, b"'") > max(1, _wrapped(head, mark, b'"')) else 0.5
    if even < 0.5 or score < 0.15:
        return None
    above = note("the first {skip} lines come before the table and were left out", skip=skip)
    notes = (above,) if skip > before else ()
    values: dict[str, Json] = {
        "delimiter": delimiter,
        "quote": quote,
        "escape": "backslash" if escape == "\\" else "doubled",
        "skip": skip,
    }
    return Dialect(values, notes, score, rows)


def _wrapped(head: bytes, mark: bytes, quote: bytes) -> int:
    """How many cells this quote stands around."""
    q, m = re.escape(quote), re.escape(mark)
    return len(
        re.findall(
            rb"(?:^|" + m + rb" ?)" + q + rb"[^" + quote + rb"\r\n]+" + q + rb"(?=" + m + rb"|[\r\n]|\Z)",
            head,
            re.M,
        )
    )


def _surely_cells(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether an unusual mark stands between cells, and not inside times, addresses or amounts."""
    if width < 3 or len(rows) < 2 or len(rows[0]) != width:
        return False
    return any(any(map(str.isalpha, cell)) for row in rows[1:] for cell in row)


def _mark(delimiter: str) -> bytes:
    return {TAB: b"\t", SPACES: b" "}.get(delimiter, delimiter.encode())


def _beginning(good: Sequence[Record], width: int) -> int:
    """Which record is the table's first: titles and blank padding above it are passed over."""
    first = next(i for i, record in enumerate(good) if len(record.cells) == width)
    if first > 0 and len(good[first - 1].cells) == width - 1 > 1 and all(good[first - 1].cells):
        first -= 1  # a header that has no name for the row names
    elif first == 1 and one_too_many(good[0].cells, width):
        first = 0
    if first > 50:
        return 0
    for i in range(first, min(first + 20, len(good) - 1)):
        filled = sum(1 for cell in good[i].cells if cell.strip())
        if filled > max(1, len(good[i].cells) // 4) or width < 3:
            return i
    return first


def _one_column(head: bytes, before: int) -> Dialect:
    delimiter = NONE if b"," in head else ","
    found = records(head, delimiter, '"', '"')
    rows = tuple(tuple(r.cells) for r in found if not r.reason and r.line > before)
    values: dict[str, Json] = {"delimiter": delimiter, "quote": '"', "escape": "doubled", "skip": before}
    return Dialect(values, (note("no delimiter was found: the table has one column"),), 0.0, rows)


def _clean(cell: str) -> float:
    """How much a text looks like one cell: 1 for a number, a date, a word; less with delimiters inside."""
    if not cell or _NUMBER.fullmatch(cell) or _DATE.fullmatch(cell):
        return 1.0
    if _MARKS.search(cell):
        return 0.2
    if cell[0] == " " or cell[-1] == " ":
        return 0.85
    return 0.9 if len(cell) < 200 else 0.6


def typed(cell: str) -> bool:
    """True when a cell looks like a value (a number, a date, a truth value) and not like a name."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text) or text.lower() in ("true", "false"))


def has_header(rows: Sequence[Sequence[str]]) -> tuple[bool, Note | None]:
    """Whether the first row holds names, and a word on it when that is not certain."""
    if not rows:
        return True, None
    first, rest = rows[0], rows[1:]
    values = [cell for cell in first if typed(cell)]
    if values:
        years = [int(cell) for cell in values if re.fullmatch(r"(1[89]|20|21)\d\d", cell.strip())]
        if len(years) == len(values) < len(first) and years == sorted(set(years)) and len(years) > 1:
            return True, None  # country, 1990, 1991, ...
        if len(values) * 10 <= len(first) and len(first) >= 10:
            return True, None
        return False, note("the first row holds values: the columns were given names")
    named = [cell.strip() for cell in first if cell.strip()]
    if not named:
        return False, note("the first row is empty: the columns were given names")
    if any(typed(cell) for row in rest[:50] for cell in row):
        return True, None
    if len(set(named)) < len(named) and len(named) > 1 and any(set(row) & set(named) for row in rest[:50]):
        return False, note("the first row repeats values of the rows below: the columns were given names")
    return True, note(
        "every column is text, so nothing tells names from values: the first row was taken as names"
    )


def rows_of_names(rows: Sequence[Sequence[str]]) -> int:
    """How many rows below the header name the columns, too: words where the rows below have values."""
    for more in range(MOST_NAMES, 0, -1):
        body = rows[1 + more : 60]
        if len(body) < 3:
            continue
        columns = [[row[place].strip() for row in body if place < len(row)] for place in range(len(rows[0]))]
        measured = [
            place
            for place, cells in enumerate(columns)
            if sum(map(typed, cells)) >= 0.5 * len(body)
            and sum(typed(c) or not c for c in cells) >= 0.9 * len(body)
        ]
        if len(measured) >= 2 and all(_names(row, measured) for row in rows[1 : 1 + more]):
            return more
    return 0


def _names(row: Sequence[str], measured: Sequence[int]) -> bool:
    """Whether a row has words, and no value, in the columns of values."""
    cells = [row[place].strip() for place in measured if place < len(row)]
    words = [cell for cell in cells if cell and not typed(cell) and cell.lower() not in _ABSENT]
    worded = [cell for cell in words if any(map(str.isalpha, cell))]
    return len(worded) >= 2 and len(worded) + cells.count("") == len(cells)


def _marks(rows: Sequence[Sequence[str]]) -> dict[str, Json]:
    """Decimal sign and thousands mark, where the cells leave no doubt."""
    both_comma = both_point = comma = point = 0
    for row in rows:
        for cell in row:
            text = cell.strip().lstrip("-+")
            if not text[:1].isdigit():
                continue
            if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", text):
                both_comma += 1
            elif re.fullmatch(r"\d{1,3}(,\d{3})+\.\d+", text):
                both_point += 1
            elif re.fullmatch(r"\d+,\d+", text):
                comma += not re.fullmatch(r"[1-9]\d{0,2},\d{3}", text)
            elif re.fullmatch(r"\d+\.\d+", text):
                point += not re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text)
    if both_comma and not both_point and not point:
        return {"decimal": ",", "thousands": "."}
    if both_point and not both_comma and not comma:
        return {"decimal": ".", "thousands": ","}
    if comma and not point and not both_point:
        return {"decimal": ",", "thousands": "none"}
    return {"decimal": ".", "thousands": "none"}


def _date_order(rows: Sequence[Sequence[str]]) -> str:
    """Which comes first in 31/12/2024, where some date in the rows can only be read one way."""
    day = month = False
    for column in zip(*rows, strict=False):
        found = [match for cell in column if (match := _DAY_MONTH.fullmatch(cell.strip()))]
        day = day or any(int(match[1]) > 12 >= int(match[2]) for match in found)
        month = month or any(int(match[2]) > 12 >= int(match[1]) for match in found)
    if day == month:
        return "unclear"
    return "day first" if day else "month first"
