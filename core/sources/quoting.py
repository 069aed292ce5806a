"""Which quotes stand around the cells of a text, and lines that are quoted as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.sources.header import has_header, typed
from core.sources.records import Splitter

Quote = Literal[
    '"', "'", "`", "“”", "„“", "„”", "””", "«»", "»«", "‹›", "‘’", "‚‘", "「」", "none"
]  # fmt: skip
UNUSUAL: tuple[str, ...] = ("'", "`", "“”", "„“", "„”", "””", "«»", "»«", "‹›", "‘’", "‚‘", "「」")
LOOKED_AT = 60_000  # bytes that say whether a quote can be one
_LINES = 100
_WRAPPED = re.compile(rb'^"((?:[^"]|"")*+)"[ \t]*(?=\r?$|\r|\Z)', re.MULTILINE)
_WRAPPED_LINE = re.compile(rb'"(?:[^"]|"")*+"[ \t]*')


def candidates(text: str) -> list[str]:
    """The quotes to try on a text that begins so: the usual one, and those around some of its cells."""
    found = [quote for quote in UNUSUAL if quote[0] in text and quote[-1] in text]
    some = r"[^\w\s'\"] ?|[\t\x1c-\x1f ]"
    return ['"', *[quote for quote in found if len(_around(text, quote, some, some, ",;|\t")) > 1]]


def stands_around(text: str, mark: str, quote: str) -> bool:
    """Whether this quote, and not the usual one, quotes cells between such marks.

    An apostrophe does where it stands around whole cells. The others are often part of a text, such as
    a title: they do where they keep a mark or a line end from parting a cell, or where not one word
    of the table stands without them.
    """
    cells = _between(text, mark, quote)
    if len(cells) <= max(1, len(_between(text, mark, '"'))):
        return False
    if quote == "'":
        return True
    return any(mark in cell or "\n" in cell or "\r" in cell for cell in cells) or _always(text, mark, quote)


def _between(text: str, mark: str, quote: str) -> list[str]:
    """What stands inside the cells that have this quote around them."""
    m = re.escape(mark)
    return _around(text, quote, m + " ?", " ?" + m, mark)


def _around(text: str, quote: str, before: str, after: str, marks: str) -> list[str]:
    q, c = re.escape(quote[0]), re.escape(quote[-1])
    inside = rf"((?:\\.|[^{q}{c}\\]|{c}{c})++)"
    found = re.findall(rf"(?:^|{before}){q}{inside}{c}(?={after}|[\r\n]|\Z)", text, re.MULTILINE)
    if q != c:
        return found
    # from one apostrophe to the next there may be cells of two lines
    return [cell for cell in found if not ("\n" in cell or "\r" in cell) or not _has(cell, marks)]


def _has(cell: str, marks: str) -> bool:
    return marks in cell if len(marks) < 4 else any(mark in cell for mark in marks)


def _always(text: str, mark: str, quote: str) -> bool:
    """Whether every text of the table, names too, stands in this quote, in more than one column."""
    columns: set[int] = set()
    for line in text.splitlines()[:_LINES]:
        for place, cell in enumerate(map(str.strip, line.split(mark))):
            if len(cell) > 1 and cell[0] == quote[0] and cell[-1] == quote[-1]:
                columns.add(place)
            elif cell and not typed(cell):
                return False
    return len(columns) > 1


@dataclass(frozen=True)
class Unwrapped:
    """A text whose lines that are one quoted cell were replaced by what these cells hold."""

    text: bytes
    inside: tuple[bytes, ...]

    def is_table(self, delimiter: str, rows: Sequence[Sequence[str]], *, from_first: bool) -> bool:
        """Whether these cells hold rows of the table that the text is, and not texts with commas.

        They do when quotes inside them quote cells, or when all of the text, from its first line on, is
        rows, with nothing that makes the marks look like those of a sentence.
        """
        splitter = Splitter(delimiter, '"', '"')
        split = [(text, splitter.split(text.decode("utf-8", "replace"))) for text in self.inside]
        width = len(rows[-1])
        fits = [(text, cells) for text, cells in split if isinstance(cells, list) and len(cells) == width]
        if not fits or len(fits) < max(min(2, len(split)), 0.8 * len(split)):
            return False
        mark = re.escape(splitter.delimiter.encode())
        if len(fits) > 1 and any(re.search(rb'(?:^|%b)"' % mark, text) for text, _ in fits):
            return True
        spaced = delimiter != delimiter.strip() or any(cells[1].startswith(" ") for _, cells in fits)
        named = has_header(rows) == (True, None)
        return (
            from_first and (named or not spaced) and (width > 2 or not (spaced or any(map(typed, rows[0]))))
        )


def unwrapped(head: bytes) -> Unwrapped | None:
    """The text with its lines that are one quoted cell unwrapped; None where hardly a line is one."""
    lines = head[:LOOKED_AT].splitlines()[:_LINES]
    some = [line for line in lines if line[:1] == b'"' and _WRAPPED_LINE.fullmatch(line)]
    if len(some) < 2 and some != lines[:1]:
        return None  # a line of names may be the only one
    inside: list[bytes] = []

    def unwrap(match: re.Match[bytes]) -> bytes:
        inside.append(match[1].replace(b'""', b'"'))
        return inside[-1]

    text = _WRAPPED.sub(unwrap, head)
    return Unwrapped(text, tuple(inside))
