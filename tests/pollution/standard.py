"""The pollutions of the Pollock benchmark: one clean table, polluted in 2,290 ways, one way at a time.

Made after the published list: 12 pollutions of the file or table, 9 of its structural characters, and
for each row and column one missing and one more delimiter and one stray quote, and for each row another
delimiter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.pollution.clean import Clean, Row, orders
from tests.pollution.writing import Style


@dataclass(frozen=True)
class Polluted:
    """A polluted file, in memory: what it is, its bytes, and the tables that it should be read as."""

    name: str
    kind: str
    content: bytes
    truth: tuple[Clean, ...]
    weight: float = 1.0


STYLE = Style()
# how many of the 3,712 surveyed files have such a pollution, as published
_MET: dict[str, float] = {
    "source": 1,
    "no payload": 15,
    "no trailing newline": 184,
    "double trailing newline": 5,
    "no header": 470,
    "two header rows": 47,
    "three header rows": 47,
    "preamble": 282,
    "two tables, as wide": 188 / 3,
    "two tables, first wider": 188 / 3,
    "two tables, first narrower": 188 / 3,
    "header only": 3,
    "one row": 4,
    "records end in CR": 7,
    "records end in LF": 1691,
    "delimiter tab": 4,
    "delimiter ;": 834,
    "delimiter space": 4,
    "delimiter comma and space": 101,
    "quote '": 11,
    "escape backslash": 1,
    "escape missing": 7,
}


def standard(seed: int = 0) -> Iterator[Polluted]:
    """The source and its 2,289 pollutions."""
    clean = orders(seed)
    yield from (_file(kind, text, truth) for kind, text, truth in _of_files(clean))
    yield from (_file(kind, text, (clean,)) for kind, text in _of_marks(clean))
    yield from _of_rows(clean)


def _file(kind: str, text: str, truth: tuple[Clean, ...]) -> Polluted:
    return Polluted(kind, kind, text.encode(), truth, _MET[kind])


def _of_files(clean: Clean) -> Iterator[tuple[str, str, tuple[Clean, ...]]]:
    assert clean.header is not None
    header, rows = clean.header, clean.rows
    text = STYLE.text(clean.lines)
    yield "source", text, (clean,)
    yield "no payload", "", ()
    yield "no trailing newline", text.removesuffix(STYLE.end), (clean,)
    yield "double trailing newline", text + STYLE.end, (clean,)
    yield "no header", STYLE.text(rows), (Clean(None, rows),)
    groups = ("When", "When", "Goods", "Goods", "Goods", "Goods", "Goods", "More", "More")
    units = ("day", "clock", "pieces", "code", "money", "group", "words", "web", "words")
    two = tuple(f"{name} {unit}" for name, unit in zip(header, units, strict=True))
    three = tuple(f"{group} {name}" for group, name in zip(groups, two, strict=True))
    yield "two header rows", STYLE.text((header, units, *rows)), (Clean(two, rows),)
    yield "three header rows", STYLE.text((groups, header, units, *rows)), (Clean(three, rows),)
    preamble = STYLE.line(("Orders of the shop", *[""] * 8)) + STYLE.end + STYLE.line([""] * 9) + STYLE.end
    yield "preamble", preamble + text, (clean,)
    yield from _of_tables(clean, text)
    yield "header only", STYLE.text((header,)), (Clean(header, ()),)
    yield "one row", STYLE.text((header, rows[0])), (Clean(header, rows[:1]),)


def _of_tables(clean: Clean, text: str) -> Iterator[tuple[str, str, tuple[Clean, ...]]]:
    other = orders(99)
    assert other.header is not None
    renamed = tuple(f"{name}_b" for name in other.header)
    for kind, keep in (("as wide", 9), ("first wider", 5), ("first narrower", 9)):
        second = Clean(renamed[:keep], tuple(row[:keep] for row in other.rows[:30]))
        first = clean
        if kind == "first narrower":
            assert clean.header is not None
            first = Clean(clean.header[:5], tuple(row[:5] for row in clean.rows))
        both = STYLE.text(first.lines) + STYLE.end + STYLE.text(second.lines)
        yield f"two tables, {kind}", both, (first, second)


def _of_marks(clean: Clean) -> Iterator[tuple[str, str]]:
    styles = {
        "delimiter space": replace(STYLE, delimiter=" "),
        "delimiter comma and space": replace(STYLE, delimiter=", "),
        "delimiter ;": replace(STYLE, delimiter=";"),
        "delimiter tab": replace(STYLE, delimiter="\t"),
        "quote '": replace(STYLE, opening="'", closing="'", escape="'"),
        "escape backslash": replace(STYLE, escape="\\"),
        "escape missing": replace(STYLE, escape=None),
        "records end in LF": replace(STYLE, end="\n"),
        "records end in CR": replace(STYLE, end="\r"),
    }
    for kind, style in styles.items():
        yield kind, style.text(clean.lines)


def _of_rows(clean: Clean) -> Iterator[Polluted]:
    lines = [STYLE.line(cells) for cells in clean.lines]

    def made(kind: str, row: int, column: int, line: str, met: float) -> Polluted:
        text = "".join(each + STYLE.end for each in (*lines[:row], line, *lines[row + 1 :]))
        return Polluted(f"{kind}, row {row} column {column}", kind, text.encode(), (clean,), met)

    for row, cells in enumerate(clean.lines):
        written = [STYLE.cell(cell) for cell in cells]
        for column in range(len(cells)):
            if column:
                joined = [
                    *written[: column - 1],
                    written[column - 1] + written[column],
                    *written[column + 1 :],
                ]
                yield made("a delimiter missing", row, column, ",".join(joined), 525 / 1428)
            more = [*written[:column], "", *written[column:]]
            yield made("a delimiter too many", row, column, ",".join(more), 525 / 1428)
            yield made("a stray quote", row, column, ",".join(_stray(written, column)), 7 / 756)
        spaced = replace(STYLE, delimiter=" ").line(cells)
        yield made("a row with spaces between cells", row, 0, spaced, 12 / 84)


def _stray(written: list[str], column: int) -> Row:
    """One quote more at the end of a cell, or inside a cell that has quotes around it."""
    cell = written[column]
    middle = len(cell) // 2
    cell = cell[:middle] + '"' + cell[middle:] if cell.startswith('"') else cell + '"'
    return (*written[:column], cell, *written[column + 1 :])
