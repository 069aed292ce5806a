"""Tables in web pages and in Markdown: what people copy from a page or a note."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, LimitReached
from core.sources import choices
from core.sources.delimited import DelimitedFile
from core.sources.dialect import sniff
from core.sources.encoding import readable
from core.sources.scratch import scratch_beside
from core.wording import Note

_CELLS = 5_000_000  # of all tables of a page
_BYTES = 256 << 20
_SPAN = 1_000
_PIECE = 1 << 20
_LINE = frozenset("|+-:= \t")  # what a line drawn below names is made of


class MarkupTable(Source):
    """Rows of a table in a web page (HTML) or in Markdown."""

    title: ClassVar[str] = "Table in a web page or in Markdown"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".html", ".htm", ".md")

    table: int = Field(
        default=1, ge=1, le=10_000, title="Table", description="Which of the tables, counted from the first."
    )
    header: choices.Header = True

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        with scratch_beside(place) as scratch:
            found, notes = tables_in(file, scratch, watch)
            if not found:
                raise BadInput("There is no table in it.", hint="Choose a file that holds rows.")
            if self.table > len(found):
                raise BadInput(
                    "There is no table {number}: there are {count}.", number=self.table, count=len(found)
                )
            rows = [_filled(row) for row in found[self.table - 1].rows]
            width = max(1, *map(len, rows))
            cut = scratch / "cells.csv"
            with cut.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
            values = sniff(cut.read_bytes()[: 1 << 17].rpartition(b"\n")[0] + b"\n", whole=True).values
            kept = {key: values[key] for key in ("decimal", "thousands", "date_order") if key in values}
            account = DelimitedFile(header=self.header, **kept).read(cut, place, refused, watch)
        return account.model_copy(
            update={
                "dialect": {k: v for k, v in self.to_json().items() if k != "kind"},
                "notes": (*notes, *account.notes),
            }
        )


def _filled(row: list[str]) -> list[str]:
    """A row up to its last filled cell: what a page leaves open at its side is no column."""
    last = next((i for i in range(len(row), 0, -1) if row[i - 1]), 0)
    return row[:last]


@dataclass
class Found:
    """One table of a page: its rows, and whether its first row says that it holds names."""

    rows: list[list[str]] = field(default_factory=list)
    named: bool = True


def tables_in(file: Path, scratch: Path, watch: Watch) -> tuple[list[Found], tuple[Note, ...]]:
    """The tables of a text with at least two rows, in their order, and what is said of its encoding."""
    if file.stat().st_size > _BYTES:
        raise LimitReached(
            "A page of more than {most:,} bytes is not read.", hint="Save its table as CSV.", most=_BYTES
        )
    text, notes = readable(file, scratch / "page", watch)
    content = text.read_text(encoding="utf-8-sig", errors="surrogateescape")
    found = _of_page(content, watch) if is_page(content[:65_536]) else list(_of_markdown(content))
    return [one for one in found if len(one.rows) > 1], notes


def is_page(head: str) -> bool:
    """Whether a text is HTML with a table, or the beginning of a page that may have one."""
    start = head.lstrip("\ufeff \t\r\n")[:200].lower()
    return start.startswith(("<!doctype html", "<html", "<head", "<table", "<meta", "<body", "<div"))


def is_markdown(head: str) -> bool:
    """Whether a text has a table in Markdown: a line drawn below names with bars between them."""
    lines = head.splitlines()[:200]
    return any(_drawn(line) and _bars(before) for before, line in pairwise(lines))


def _drawn(line: str) -> bool:
    parts = "|" in line or "+" in line
    return parts and any(mark in line for mark in ("--", ":-", "-:", "==")) and _LINE.issuperset(line)


def _bars(line: str) -> bool:
    return "|" in line and not _drawn(line)


# ---- Markdown


def _of_markdown(text: str) -> Iterator[Found]:
    """Stretches of lines with bars; a line drawn below the first one says that it holds names."""
    table, named, cells = Found(), False, 0
    for line in [*text.splitlines(), ""]:
        if _drawn(line):
            named = named or len(table.rows) == 1
        elif "|" in line:
            table.rows.append(_cells(line))
            cells += len(table.rows[-1])
            _check(cells)
        elif table.rows:
            if named:
                yield table
            table, named = Found(), False


def _cells(line: str) -> list[str]:
    text = line.strip().removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    parts = re.split(r"(?<!\\)\|", text)
    return [part.strip().replace("\\|", "|") for part in parts]


def _check(cells: int) -> None:
    if cells > _CELLS:
        raise LimitReached("The tables have more than {most:,} cells.", most=_CELLS)


# ---- HTML


def _of_page(text: str, watch: Watch) -> list[Found]:
    page = _Page()
    for place in range(0, len(text), _PIECE):
        page.feed(text[place : place + _PIECE])
        if watch.stopped():
            raise Cancelled()
    page.close()
    return page.found


@dataclass
class _Open:
    """A table whose end has not come yet."""

    table: Found
    row: list[str] | None = None
    heads: int = 0  # names among the row's cells
    cell: list[str] | None = None
    span: tuple[int, int] = (1, 1)
    below: dict[int, tuple[int, str]] = field(default_factory=dict)  # column -> rows to come, value


class _Page(HTMLParser):
    """Collects the tables of a page; one inside a cell of another is a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Found] = []
        self.cells = 0
        self._open: list[_Open] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._unseen += 1
        elif tag == "table" and len(self._open) < 50:
            self._open.append(_Open(Found()))
            self.found.append(self._open[-1].table)
        elif not self._open:
            return
        elif tag == "tr":
            self._end_row()
            self._open[-1].row = []
        elif tag in ("td", "th"):
            self._end_cell()
            here, values = self._open[-1], dict(attrs)
            here.row = [] if here.row is None else here.row
            here.heads += tag == "th"
            here.cell, here.span = [], (_span(values.get("colspan")), _span(values.get("rowspan")))
        elif tag == "br" and self._open[-1].cell is not None:
            self._open[-1].cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._unseen = max(0, self._unseen - 1)
        elif not self._open:
            return
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "thead", "tbody", "tfoot"):
            self._end_row()
        elif tag == "table":
            self._end_row()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].cell is not None and not self._unseen:
            self._open[-1].cell.append(data)

    def close(self) -> None:
        super().close()
        while self._open:
            self.handle_endtag("table")

    def _end_cell(self) -> None:
        here = self._open[-1]
        if here.cell is None or here.row is None:
            return
        text = " ".join("".join(here.cell).split())
        self._from_above(here)
        columns, rows = here.span
        for _ in range(columns):
            if rows > 1:
                here.below[len(here.row)] = (rows - 1, text)
            here.row.append(text)
        self.cells += columns
        _check(self.cells)
        here.cell = None

    def _from_above(self, here: _Open) -> None:
        """Cells that reach down from a row above."""
        while here.row is not None and len(here.row) in here.below:
            place = len(here.row)
            rows, text = here.below.pop(place)
            if rows > 1:
                here.below[place] = (rows - 1, text)
            here.row.append(text)
            self.cells += 1

    def _end_row(self) -> None:
        self._end_cell()
        here = self._open[-1]
        if here.row is not None:
            self._from_above(here)
        if here.row:
            if not here.table.rows:
                here.table.named = here.heads > 0 or here.table.named
            here.table.rows.append(here.row)
        here.row, here.heads = None, 0


def _span(text: str | None) -> int:
    return min(_SPAN, max(1, int(text))) if text and text.strip().isdecimal() and len(text) < 9 else 1


def widest(found: Sequence[Found]) -> int:
    """The number of the table with the most cells, from 1."""
    return max(range(len(found)), key=lambda i: sum(map(len, found[i].rows))) + 1
