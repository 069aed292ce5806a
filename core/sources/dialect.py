"""How a delimited text is written: delimiter, quotes, header, lines before it, decimal comma, dates."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from core.contracts import Json
from core.sources import marks, quoting
from core.sources.header import date_like, has_header, is_group_row, number_like, rows_of_names, typed
from core.sources.layout import one_too_many
from core.sources.records import BROKEN, LINE_LIMIT, NONE, SPACES, TAB, Reader, Record, Splitter
from core.sources.written import date_order, number_marks
from core.wording import Note, note

_ENDS = re.compile(r"\r\n|\n|\r")
_SEP = re.compile(r'^"?sep=(.|\\t)"?\s*$', re.IGNORECASE)
_MARKS = re.compile(r"[;|\t^~]")


@dataclass(frozen=True)
class Dialect:
    """What a look at the beginning of a text says about it: parameters of DelimitedFile, and why."""

    values: dict[str, Json]
    notes: tuple[Note, ...] = ()
    score: float = 0.0
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    every: bool = False  # every line of the text is such a row, the first one too

    def splitter(self) -> Splitter:
        return splitter(self.values)


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
    best = _best(head, likely, before) or _one_column(head, before)
    within = quoting.unwrapped(head)
    if within is not None:
        best = _unwrapped(within, likely if declared else marks.candidates(within.text), before) or best
    notes = list(best.notes)
    values = dict(best.values)
    grouped = len(best.rows) > 2 and is_group_row(best.rows[0], best.rows[1:])
    header, why = (True, None) if grouped else has_header(best.rows)
    values["header"] = header
    notes.extend([why] if why else [])
    more = rows_of_names(best.rows) if header else 0
    if more:
        values["more_names"] = more
        notes.append(note("the first {count} rows were taken as names, joined", count=more + 1))
    body = best.rows[1 + more :] if header else best.rows
    values.update(number_marks(body))
    values["date_order"] = date_order(body)
    if declared:
        notes.append(note("the first line names the delimiter and is no row"))
    return Dialect(values, tuple(notes), best.score, best.rows)


def splitter(values: Mapping[str, Json]) -> Splitter:
    """What cuts the records of a text whose dialect has these values."""
    quote = "" if values["quote"] == "none" else values["quote"]
    escape = {"doubled": quote, "backslash": "\\", "unmarked": ""}[values["escape"]]
    return Splitter(values["delimiter"], quote, escape, wrapped=bool(values.get("wrapped")))


def records(head: bytes, splitter: Splitter, limit: int = 200) -> list[Record]:
    """The first records of a text, whatever their width."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    quoted = splitter.wrapped or (splitter.quote and splitter.quote.encode() in head)
    if not quoted and b"\0" not in head and len(head) < LINE_LIMIT:
        return _without_quotes(head, splitter, limit)
    file = io.BytesIO(head)
    return list(islice(Reader(file, splitter), limit))


def _without_quotes(head: bytes, splitter: Splitter, limit: int) -> list[Record]:
    """As the careful reader reads a text without quotes, which then needs no care."""
    try:
        lines = _ENDS.split(head.decode())
    except UnicodeDecodeError:
        return list(islice(Reader(io.BytesIO(head), splitter), limit))
    found = ((i, line) for i, line in enumerate(lines, start=1) if line.strip(" "))
    return [Record(i, splitter.simple(line)) for i, line in islice(found, limit)]


def _best(head: bytes, likely: Sequence[str], before: int, most: int | None = None) -> Dialect | None:
    """The likeliest dialect of a text; None where no mark parts it."""
    text = head[: quoting.LOOKED_AT].decode("utf-8", "ignore")
    ways = [
        (delimiter, quote)
        for quote in quoting.candidates(text)[:most]
        for delimiter in likely
        if _parts(head, delimiter)
        if quote == '"' or quoting.stands_around(text, _mark(delimiter).decode(), quote)
    ]
    best: Dialect | None = None
    tried: list[Dialect] = []
    beaten: list[tuple[str, str]] = []
    for way in ways:
        if best is not None and _most(*way) < best.score:
            beaten.append(way)  # whatever its rows are
        elif trial := _try(head, *way, before):
            tried.append(trial)
            best = trial if best is None or trial.score > best.score else best
    if best is None or best.every or best.values["skip"] == before:
        return best
    tried.extend(trial for way in beaten if (trial := _try(head, *way, before)))
    # marks inside the cells below a line without them make that line look like a title
    return max((trial for trial in tried if trial.every), key=lambda trial: trial.score, default=best)


def _parts(head: bytes, delimiter: str) -> bool:
    """Whether a text holds the mark, not only doubled: then the doubled one is the delimiter."""
    mark = _mark(delimiter)
    return mark in head and not head.count(mark * 2) * 2 == head.count(mark) > 2


def _most(delimiter: str, quote: str) -> float:
    """The highest score that a delimiter and a quote can come to."""
    score = 0.5 if delimiter == SPACES else 1.0 if marks.usual(delimiter) else 0.8
    return score if quote == '"' else 1.3 * score


def _unwrapped(within: quoting.Unwrapped, likely: Sequence[str], before: int) -> Dialect | None:
    """The dialect of a text whose lines are quoted as a whole; None where they are not."""
    best = _best(within.text, likely, before, most=1)
    if best is None or best.values["escape"] != "doubled":
        return None
    from_first = best.values["skip"] == before
    if not within.is_table(best.values["delimiter"], best.rows, from_first=from_first):
        return None
    said = note("lines that are quoted as a whole were taken for the rows that they hold")
    return replace(best, values={**best.values, "wrapped": True}, notes=(*best.notes, said))


def _escape(head: bytes, quote: str) -> str:
    """How a quote inside quotes is written."""
    closing = quote[-1].encode()
    return "backslash" if b"\\" + closing in head and closing * 2 not in head else "doubled"


def _try(head: bytes, delimiter: str, quote: str, before: int) -> Dialect | None:
    values: dict[str, Json] = {"delimiter": delimiter, "quote": quote, "escape": _escape(head, quote)}
    found = [record for record in records(head, splitter(values)) if record.line > before]
    if sum(record.reason == BROKEN for record in found) > 1:
        values, found = _bare(head, values, found, before)
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
    if _is_decorated(rows):
        return None
    table = [record for record in good if record.line > skip]
    fits = sum(1.0 if len(r.cells) == width else 0.9 * (len(r.cells) == width - 1 > 1) for r in table)
    even = fits / max(1, len(found) - begins)
    cells = Counter(cell for row in rows[:100] for cell in row)
    clean = sum(_clean(cell) * often for cell, often in cells.items()) / max(1, cells.total())
    score = even * clean * (1 - 0.5 / width)
    if not marks.usual(delimiter):
        score *= 0.8 if skip == before and _surely_cells(rows, width) else 0
    if delimiter == SPACES:
        score *= 0.5 if even > 0.95 and len(table) > 1 else 0.1
    if quote != '"':
        # it was seen to stand around cells; where that makes the lines alike little else counts
        score *= 1.3 if even > 0.85 and skip == before and len(rows[0]) == width else 1.05
    if even < 0.5 or score < 0.15:
        return None
    every = begins == 0 and len(rows) == len(found) >= 5 and width > 2 and not _cut_off(rows, delimiter)
    above = note(
        "the first line comes before the table and was left out | the first {skip} lines come before "
        "the table and were left out",
        skip=skip,
    )
    notes = (above,) if skip > before else ()
    return Dialect({**values, "skip": skip}, notes, score, rows, every)


def _bare(
    head: bytes, values: dict[str, Json], found: list[Record], before: int
) -> tuple[dict[str, Json], list[Record]]:
    """The values and records with quotes inside quotes left as they are, where that alone mends records."""
    bare = {**values, "escape": "unmarked"}
    again = [record for record in records(head, splitter(bare)) if record.line > before]
    good = [record for record in found if not record.reason]
    cells = {record.line: record.cells for record in again if not record.reason}
    widths = set(map(len, cells.values()))
    if len(widths) == 1 and len(cells) > len(good) and all(cells.get(r.line) == r.cells for r in good):
        return bare, again
    return values, found


def _is_decorated(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column is the same sign throughout: then that sign is a part of a longer mark."""
    signs = [place for place, cell in enumerate(rows[0]) if cell and not any(map(str.isalnum, cell))]
    return len(rows) > 3 and any(
        all(row[place : place + 1] == rows[0][place : place + 1] for row in rows) for place in signs
    )


def _cut_off(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether spaces part what another mark parts, so that its marks are left at the ends of cells."""
    if delimiter != SPACES:
        return False
    return any(sum(cell.endswith((",", ";", "|")) for cell in row) > len(row) // 3 for row in rows[:20])


def _surely_cells(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether an unusual mark stands between cells, and not inside times, addresses or amounts."""
    if width < 2 or len(rows) < 2 or len(rows[0]) != width:
        return False
    if width == 2:  # names over values, and not one empty cell: no sign before or after the words of a text
        values = any(all(map(typed, column[1:])) for column in zip(*rows, strict=False))
        filled = all(cell and cell == cell.strip() for row in rows for cell in row)
        return len(rows) > 4 and values and filled and has_header(rows) == (True, None)
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
        cells, below = good[i].cells, [record.cells for record in good[i + 1 : i + 30]]
        filled = sum(1 for cell in cells if cell.strip())
        if (width == 2 and filled == 1 and _title_over(below)) or _is_label(cells, below):
            continue
        if filled > max(1, len(cells) // 4) or width < 3 or is_group_row(cells, below):
            return i
    return first


def _is_label(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row of mostly empty cells has words and a value, such as a year, above a row of names."""
    texts = [cell for cell in cells if cell.strip()]
    values = sum(map(typed, texts))
    sparse = 2 * len(texts) <= len(cells) and 0 < values < len(texts)
    if not sparse:
        return False
    named = all(cell.strip() for cell in below[0]) and has_header(below) == (True, None)
    return named or is_group_row(below[0], below[1:])


def _title_over(below: Sequence[Sequence[str]]) -> bool:
    """Whether names, and only values, come below a row of one cell: then that cell is a title."""
    rows = [row for row in below if len(row) == 2]
    named = len(rows) > 3 and all(cell.strip() for cell in rows[0]) and not any(map(typed, rows[0]))
    return named and all(typed(second) for _, second in rows[1:])


def _one_column(head: bytes, before: int) -> Dialect:
    delimiter = NONE if b"," in head else ","
    found = records(head, Splitter(delimiter, '"', '"'))
    rows = tuple(tuple(r.cells) for r in found if not r.reason and r.line > before)
    values: dict[str, Json] = {"delimiter": delimiter, "quote": '"', "escape": "doubled", "skip": before}
    return Dialect(values, (note("no delimiter was found: the table has one column"),), 0.0, rows)


def _clean(cell: str) -> float:
    """How much a text looks like one cell: 1 for a number, a date, a word; less with delimiters inside."""
    if not cell or (not cell[0].isalpha() and (number_like(cell) or date_like(cell))):
        return 1.0
    if _MARKS.search(cell):
        return 0.2
    if cell[0] == " " or cell[-1] == " ":
        return 0.85
    return 0.9 if len(cell) < 200 else 0.6
