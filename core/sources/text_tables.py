"""Several tables below one another in one delimited text: where each begins and ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from core.sources.dialect import Dialect, records, sniff
from core.sources.header import has_header, typed

_BYTES = 32 << 20  # of a text in which several tables are looked for
_TABLES = 50
_EVEN = 0.9  # share of a table's rows that are equally wide
_LEFT = 0.2  # share of the lines that may stand outside of the tables


@dataclass(frozen=True)
class Stretch:
    """Lines of a text, from the first to before the last, counted from 0, and the title above them."""

    first: int
    last: int
    title: str = ""


def stretches(path: Path) -> tuple[list[Stretch], list[bytes]]:
    """The tables of a text in an encoding that keeps ASCII, and its lines; ([], []) where it is one table.

    Blank lines alone part nothing: each table must have names of its own over typed values, and
    other names than the one above it.
    """
    if path.stat().st_size > _BYTES:
        return [], []
    lines = path.read_bytes().splitlines(keepends=True)
    blocks = _blocks(lines)
    if not 2 <= len(blocks) <= 4 * _TABLES:
        return [], []
    found: list[tuple[Stretch, Dialect]] = []
    title, outside = "", 0
    for block in blocks:
        text = b"".join(lines[block.first : block.last])
        dialect = sniff(text, whole=True)
        if _is_table(dialect, text):
            found.append((replace(block, title=title), dialect))
            title = ""
        elif block.last - block.first == 1 and len(dialect.rows) == 1 and _filled(dialect.rows[0]) == 1:
            title = next(cell.strip() for cell in dialect.rows[0] if cell.strip())[:60]
        elif found and _goes_on(found[-1][1], dialect):
            found[-1] = (replace(found[-1][0], last=block.last), found[-1][1])
        else:
            outside += block.last - block.first
    if any(len(dialect.rows[0]) > 2 for _, dialect in found):
        found = [(stretch, dialect) for stretch, dialect in found if not _is_keys(dialect)]
    names = [frozenset(cell.strip().casefold() for cell in dialect.rows[0]) for _, dialect in found]
    apart = all(2 * len(one & other) < max(len(one), len(other)) for one, other in pairwise(names))
    if not 2 <= len(found) <= _TABLES or not apart or outside > _LEFT * len(lines):
        return [], []
    return [stretch for stretch, _ in found], lines


def _blocks(lines: Sequence[bytes]) -> list[Stretch]:
    """Stretches of lines without a blank one outside of quotes; one of delimiters alone is blank too."""
    found: list[Stretch] = []
    quotes, begun = 0, None
    for i, line in enumerate(lines):
        blank = quotes % 2 == 0 and not line.strip(b" \t,;|\r\n\xef\xbb\xbf")
        quotes += line.count(b'"')
        if blank:
            if begun is not None:
                found.append(Stretch(begun, i))
            begun = None
        elif begun is None:
            begun = i
    return found if begun is None else [*found, Stretch(begun, len(lines))]


def _is_table(dialect: Dialect, text: bytes) -> bool:
    """Names that are certain, over at least two rows that are as wide."""
    rows = dialect.rows
    if len(rows) < 3 or len(rows[0]) < 2 or _filled(rows[0]) < 2:
        return False
    found = [r for r in records(text, dialect.splitter()) if r.line > dialect.values["skip"]]
    even = sum(len(record.cells) == len(rows[0]) for record in found)
    return even >= _EVEN * len(found) and has_header(rows) == (True, None)


def _is_keys(dialect: Dialect) -> bool:
    """Whether two columns are keys and what they stand for, one a year and another a word, above a table."""
    columns = list(zip(*dialect.rows[1:], strict=False))
    return len(columns) == 2 and not any(sum(map(typed, column)) >= 0.8 * len(column) for column in columns)


def _goes_on(above: Dialect, dialect: Dialect) -> bool:
    """Whether a block without names of its own has the columns of the table above it."""
    same = dialect.values["delimiter"] == above.values["delimiter"]
    return same and bool(dialect.rows) and len(dialect.rows[0]) == len(above.rows[0])


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)
