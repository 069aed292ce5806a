"""Tables as text: cells, marks between them, and quotes where a cell needs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """How a table is written. `opening` and `closing` quotes are alike except typographic ones."""

    delimiter: str = ","
    opening: str = '"'
    closing: str = '"'
    escape: str | None = '"'  # before a closing quote inside quotes; None: nothing is
    end: str = "\r\n"
    always: bool = False  # quotes around every cell

    def cell(self, text: str) -> str:
        marks = (self.delimiter, self.opening, self.closing, "\n", "\r")
        needs = self.always or any(mark and mark in text for mark in marks)
        if not needs or not self.opening:
            return text
        inner = text
        if self.escape is not None:
            if self.escape not in (self.opening, self.closing):
                inner = inner.replace(self.escape, self.escape * 2)
            inner = inner.replace(self.closing, self.escape + self.closing)
        return self.opening + inner + self.closing

    def line(self, cells: Iterable[str]) -> str:
        return self.delimiter.join(map(self.cell, cells))

    def text(self, lines: Sequence[Sequence[str]]) -> str:
        return "".join(self.line(cells) + self.end for cells in lines)
