"""Rows that did not fit, kept aside with their line and the reason."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS = ("line", "reason", "text")
_KEPT = 1_000  # characters of a refused row


class Refusals:
    """A CSV file of refused rows, written as they come."""

    def __init__(self, place: Path) -> None:
        self._file = place.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self.forget()

    def forget(self) -> None:
        """Begin again: the text is going to be read another way."""
        self.count = 0
        self._file.seek(0)
        self._file.truncate()
        self._writer.writerow(COLUMNS)

    def add(self, line: int, reason: str, text: str) -> None:
        """Keep one row aside; `line` counts from 1 in the input."""
        self.count += 1
        self._writer.writerow((line, reason, _harmless(text[:_KEPT])))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and no reader for the end of the file."""
    text = text.replace("\0", "\\0")
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
