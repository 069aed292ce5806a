"""Tables in text whose columns stand one below the other, each at its place in the line."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled
from core.params import Text
from core.sources import choices
from core.sources.delimited import DelimitedFile
from core.sources.encoding import Coding, to_utf8
from core.sources.records import LINE_LIMIT
from core.sources.scratch import scratch_beside
from core.wording import Note, note

_RULE = re.compile(r"[\s\-=_+*|]*[-=_]{2}[\s\-=_+*|]*")  # a line drawn under the names
_LINES = 2_000  # that the places of columns are found from
_TOLD = 10  # places that cut words
_TITLES = 5  # lines above the table that may stand across its columns


class FixedWidthFile(Source):
    """Rows of a text file whose columns stand at fixed places in the line."""

    title: ClassVar[str] = "Text file with columns at fixed places"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".fwf", ".prn")

    encoding: choices.Encoding = "utf-8"
    mixed: choices.Mixed = False
    twice: choices.Twice = False
    begins: Annotated[str, Text(example="1, 11, 19")] = Field(
        default="1",
        title="Columns begin at",
        description="The place in the line at which each column begins, the first at 1, with commas between "
        "them. A column goes on to the next one.",
        max_length=10_000,
    )
    header: choices.Header = True
    skip: choices.Skip = 0
    decimal: choices.Decimal = "."
    thousands: choices.Thousands = "none"
    date_order: choices.DateOrder = "unclear"
    missing: choices.Missing = choices.MISSING

    @field_validator("begins")
    @classmethod
    def _ascending(cls, value: str) -> str:
        places = _numbers(value)
        if places[:1] != [1] or any(a >= b for a, b in pairwise(places)):
            raise ValueError("must be places in a line, from 1 on and each behind the one before")
        return ", ".join(map(str, places))

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        if file.stat().st_size == 0:
            raise BadInput("The file is empty.", hint="Choose a file that holds rows.")
        with scratch_beside(place) as scratch:
            text = file
            recoded: tuple[Note, ...] = ()
            if not Coding(self.encoding, mixed=self.mixed, twice=self.twice).plain:
                text = scratch / "text"
                recoded = to_utf8(file, self.encoding, text, watch, mixed=self.mixed, twice=self.twice)
            cut, across = scratch / "cut.csv", Counter[int]()
            with (
                # what is no UTF-8 stays as it is: the reader of cells refuses those rows
                text.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines,
                cut.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out,
            ):
                begins = [number - 1 for number in _numbers(self.begins)]
                for line in cells_of(_lines(lines, watch), begins, self.skip, across):
                    out.write(line)
            values = self.model_dump(exclude={"encoding", "mixed", "twice", "begins"})
            account = DelimitedFile(**values).read(cut, place, refused, watch)
        cut_words = [
            note(
                "in {count:,} row a word goes on at the place {place}, where a column begins"
                " | in {count:,} rows a word goes on at the place {place}, where a column begins",
                count=count,
                place=number + 1,
            )
            for number, count in sorted(across.items())[:_TOLD]
        ]
        dialect = {k: v for k, v in self.to_json().items() if k != "kind"}
        return account.model_copy(
            update={"dialect": dialect, "notes": (*recoded, *cut_words, *account.notes)}
        )


def _numbers(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    return [int(part) if re.fullmatch(r"[1-9]\d{0,6}", part) else 0 for part in parts]


def _lines(file: io.TextIOBase, watch: Watch) -> Iterator[str]:
    number = 0
    while line := file.readline(LINE_LIMIT + 1):
        number += 1
        if number % 20_000 == 0:
            watch.progress(None, "Reading rows one by one")
            if watch.stopped():
                raise Cancelled()
        yield line


def cells_of(
    lines: Iterable[str], begins: Sequence[int], skip: int = 0, across: Counter[int] | None = None
) -> Iterator[str]:
    """Each line as a line of CSV, so that line numbers stay what they are; those to skip as they are.

    `across` counts the lines in which a word goes on where a column begins.
    """
    ends = [*begins[1:], None]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    for number, line in enumerate(lines):
        text = line.rstrip("\r\n")
        if number < skip:
            yield text + "\n"
            continue
        text = text.expandtabs(8)
        if not text.strip() or _RULE.fullmatch(text):
            yield "\n"
            continue
        if across is not None:
            cut = [n for n in begins[1:] if text[n - 1 : n].strip() and text[n : n + 1].strip()]
            across.update(cut)
        out.seek(0)
        out.truncate()
        writer.writerow([text[a:b].strip() for a, b in zip(begins, ends, strict=True)])
        yield out.getvalue()


def places(head: str, *, whole: bool) -> tuple[list[int], int]:
    """Where the columns of a text seem to begin (from 0), and the lines before the table; none: ([], 0).

    A column ends where all lines have a space. Text that is words between single spaces has such
    places by chance, so narrow ones count in many lines only, and where a row has as many words as
    there are columns, spaces part them just as well.
    """
    lines = [line.expandtabs(8) for line in head.splitlines()[:_LINES]]
    if not whole and len(lines) > 1:
        lines.pop()
    for skip in range(_TITLES + 1):
        body = [line for line in lines[skip:] if line.strip() and not _RULE.fullmatch(line)]
        if len(body) < 3:
            return [], 0
        begins = _columns(body)
        if len(begins) > 1:
            words = {len(line.split()) for line in body}
            return (begins, skip) if words != {len(begins)} else ([], 0)
    return [], 0


def _columns(lines: Sequence[str]) -> list[int]:
    width = max(map(len, lines))
    if width > 10_000:
        return []
    padded = [line.ljust(width) for line in lines]
    blank = [all(line[i] == " " for line in padded) for i in range(width)]
    narrow = 1 if len(lines) >= 12 else 2
    begins, gap = [0], 0
    for i, empty in enumerate(blank):
        if empty:
            gap += 1
            continue
        if gap >= narrow and i != gap:
            begins.append(_edge(padded, i - gap, i, blank))
        gap = 0
    # most rows fill most columns, else the gaps are those of a text
    edges = [*begins[1:], width]
    filled = sum(bool(line[a:b].strip()) for line in padded for a, b in zip(begins, edges, strict=True))
    return begins if filled * 2 > len(lines) * len(begins) else []


def _edge(lines: Sequence[str], gap: int, begin: int, blank: Sequence[bool]) -> int:
    """Where a column begins that is first filled at `begin`, behind a gap that all lines have.

    Numbers that end below one another may grow to the left in later lines: the gap is theirs, or
    half of it where the column before may grow to the right.
    """
    end = next((i for i in range(begin, len(blank)) if blank[i]), len(blank))
    cells = [line[begin:end] for line in lines if line[begin:end].strip()]
    left = {len(cell) - len(cell.lstrip()) for cell in cells}
    right = {len(cell) - len(cell.rstrip()) for cell in cells}
    if len(left) == 1 or len(right) > 1:
        return begin
    before = {len(line[:gap].rstrip()) for line in lines if line[:gap].strip()}
    return gap + 1 if len(before) == 1 else (gap + begin + 1) // 2
