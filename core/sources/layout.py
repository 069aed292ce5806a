"""Where the rows of a delimited text begin, and the names of its columns."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import BadInput
from core.sources import names as naming
from core.sources.encoding import mark_length
from core.sources.records import Reader, Record, Splitter
from core.sources.sheet_area import joined
from core.wording import Note, note


@dataclass(frozen=True)
class Layout:
    """Where the rows begin and what their columns are called."""

    names: tuple[str, ...]
    start: int  # byte of the first row
    line: int  # lines before it
    notes: tuple[Note, ...]


def layout(path: Path, splitter: Splitter, *, skip: int, has_header: bool, more: int = 0) -> Layout:
    """The columns of a UTF-8 text; BadInput when its header cannot be read.

    `more` rows of names stand below the first: the parts of a name are joined.
    """
    with path.open("rb") as file:
        mark = mark_length(file.read(4), "utf-8")
        start, line = _after(file, mark, skip, 0)
        file.seek(start)
        reader = Reader(file, splitter, line=line)
        found = iter(reader)
        header = next(found, None) if has_header else None
        if header is not None:
            header = _whole(header, list(itertools.islice(found, more)))
            used = reader.taken_lines
            body = list(itertools.islice(found, 200))
            start, line = _after(file, start, used, line)
        else:
            body = list(itertools.islice(found, 200))
        if header is None and not body:
            raise BadInput("{name} holds no rows and no names of columns.", name=path.name)
    if header is not None and header.reason:
        raise BadInput(
            "The names of the columns on line {line} cannot be read: {reason}.",
            hint="Check the delimiter, the quote and the lines to leave out.",
            line=header.line,
            reason=header.reason,
        )
    good = [record.cells for record in body if not record.reason]
    if header is None and not good:
        raise BadInput(
            "No row can be read: the first one, on line {line}, is refused because of {reason}.",
            line=body[0].line,
            reason=body[0].reason,
        )
    width = Counter(map(len, good)).most_common(1)[0][0] if good else 0
    raw, notes = _columns(None if header is None else header.cells, width, good)
    if header is not None and _marked(raw):
        raw = [raw[0][1:], *raw[1:]]
        notes = [*notes, note("the # that marks the line of names was left out of the first name")]
    mended, changed = naming.mend(raw)
    return Layout(tuple(mended), start, line, (*notes, *(changed if has_header else ())))


def _marked(names: Sequence[str]) -> bool:
    """Whether the line of names is marked as a remark: "#id,name", but not "# of items,#" or "#,name"."""
    first, *others = names or [""]
    named = len(first) > 1 and first[0] == "#" and (first[1].isalpha() or first[1] == "_")
    return named and bool(others) and not any(name.startswith("#") for name in others)


def _whole(first: Record, below: Sequence[Record]) -> Record:
    """One header from several rows of names."""
    wrong = next((record for record in below if record.reason), None)
    if first.reason or wrong is not None or not below:
        return wrong or first
    lines = [first.cells, *(record.cells for record in below)]
    width = max(map(len, lines))
    cells: list[list[object]] = [[*line, *[""] * (width - len(line))] for line in lines]
    return Record(first.line, joined(cells, [True] * len(cells)))


def _after(file: IO[bytes], start: int, upto: int, line: int) -> tuple[int, int]:
    """The place after line number `upto`, when line number `line` ends at `start`."""
    file.seek(start)
    place = start
    carry = b""
    while line < upto and (chunk := file.read(1 << 16)):
        if chunk.endswith(b"\r"):
            chunk += file.read(1)
        parts = (carry + chunk).splitlines(keepends=True)
        carry = b"" if parts[-1].endswith((b"\n", b"\r")) else parts.pop()
        for part in parts[: upto - line]:
            place += len(part)
            line += 1
    if line < upto and carry:
        place, line = place + len(carry), line + 1
    return place, line


def one_too_many(header: Sequence[str], width: int) -> bool:
    """Whether a header is one name wider than the rows, and one of its names, not the last, is empty."""
    empty = [place for place, cell in enumerate(header) if not cell.strip()]
    return len(header) == width + 1 > 2 and len(empty) == 1 and empty[0] < width


def _columns(header: list[str] | None, width: int, rows: Sequence[list[str]]) -> tuple[list[str], list[Note]]:
    """Names for the columns when the header and the rows are not equally wide."""
    if header is None:
        if width > 1 and all(not row[-1] for row in rows if len(row) == width):
            width -= 1  # a delimiter at the end of every line
        return [""] * width, []
    wide = [row for row in rows if len(row) == width]
    if width == len(header) + 1:
        if all(row[-1] == "" for row in wide):
            return header, [note("each row ends in a delimiter, which was left out")]
        said = note("the first column has no name in the header: it is called {name!r}", name="row")
        return ["row", *header], [said]
    if width > len(header):
        return [*header, *[""] * (width - len(header))], [
            note("the rows have more cells than the header has names")
        ]
    if one_too_many(header, width):
        return [name for name in header if name.strip()], [
            note("the header has an empty name too many, which was left out")
        ]
    surplus = header[width:]
    if wide and surplus and not any(cell.strip() for cell in surplus):
        return header[:width], [note("the header ends in delimiters, which were left out")]
    if len(surplus) == 0 and width > 1 and not header[-1].strip() and all(r[-1] == "" for r in wide):
        return header[:-1], [note("each line ends in a delimiter, which was left out")]
    return header, []
