"""Rows that do not fit, found by counting bytes and set aside: what stays is for the fast reader."""

from __future__ import annotations

import io
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.contracts import Watch
from core.errors import Cancelled
from core.sources.blocks import Block, View
from core.sources.records import LINE_LIMIT, Reader, Record, Splitter
from core.sources.refusals import Refusals

if TYPE_CHECKING:
    import numpy as np

_BLOCK = 2 << 20  # what the processor's cache nearly holds
_AHEAD = 2 * LINE_LIMIT + (1 << 20)  # bytes that must follow where a quote may stay open


@dataclass
class Lines:
    """The line on which each row of a sifted text began; kept only where the distance changes."""

    rows: array[int] = field(default_factory=lambda: array("q"))
    lines: array[int] = field(default_factory=lambda: array("q"))

    def note(self, row: int, line: int) -> None:
        """From `row` on, counted from 1, rows and lines go on together."""
        self.rows.append(row)
        self.lines.append(line)

    def of(self, row: int) -> int:
        i = bisect_right(self.rows, row) - 1
        return self.lines[i] + row - self.rows[i]


@dataclass
class Sifting:
    """Copies the good records of a UTF-8 text to `into` as clean text; the others go to the refusals.

    Records that are plainly good are copied as they are, a stretch at a time. The others are read by
    the careful reader, one by one, and what it accepts is written again with every cell in quotes.
    """

    splitter: Splitter  # of one plain delimiter, and quotes that are doubled
    width: int
    pad: bool
    line: int  # lines before the next record
    refusals: Refusals
    rows: int = 0
    blank_lines: int = 0
    lines: Lines = field(default_factory=Lines)
    _patience: int = 0  # bytes that may still be looked at in vain

    def run(self, text: Path, start: int, into: Path, watch: Watch) -> bool:
        """True when all of the text could be sifted; False where only reading it record by record will do."""
        size = max(1, text.stat().st_size)
        self._patience = size
        done, carry = start, b""
        with text.open("rb") as file, into.open("wb", buffering=1 << 20) as out:
            file.seek(start)
            while True:
                # much is left over where what follows a stray quote was not there to see
                wanted = _BLOCK if len(carry) < _BLOCK // 32 else 2 * _AHEAD
                chunk = file.read(wanted)
                last = len(chunk) < wanted
                data = carry + chunk
                if last and data and not data.endswith(b"\n"):
                    data += b"\n"
                used = self._sift(data, out, last) if data else 0
                if used is None:
                    return False
                carry = data[used:]
                done += len(chunk)
                watch.progress(0.2 + 0.3 * min(1.0, done / size), "Setting aside rows that do not fit")
                if watch.stopped():
                    raise Cancelled()
                if last:
                    return True

    def _sift(self, data: bytes, out: IO[bytes], last: bool) -> int | None:
        """Sift the records that are whole in `data`; the bytes used, or None where a line has no end."""
        block = Block(data, self.width, self.splitter.delimiter.encode(), self.splitter.quote.encode())
        place = 0
        while place < len(data):
            view = block.view(place)
            first = view.after(place)
            stop = view.next_trouble(first)
            if stop > first:
                place = self._copy(view, first, stop, place, out)
            rough = stop == len(view.ends) or bool(view.rough[stop])
            if not rough:
                place = self._single(data, place, int(view.ends[stop]), out)
                continue
            if place == len(data) or (not last and len(data) - place < _AHEAD):
                return place
            if data.find(b"\n", place) < 0:
                return None
            after = self._rough(block, place, out, last)
            if after == place or self._patience < 0:
                return None
            place = after
        return place

    def _copy(self, view: View, first: int, stop: int, place: int, out: IO[bytes]) -> int:
        """Copy the records `first` to `stop`, which are good, as they are."""
        end = int(view.ends[stop - 1])
        out.write(view.clean(first, stop, place))
        heights = view.heights(first, stop)
        row, line = self.rows + 1, self.line + 1
        self.lines.note(row, line)
        if heights is not None:
            self._note_tall(heights, row, line)
        self.line += stop - first if heights is None else int(heights.sum())
        self.rows += stop - first
        return end

    def _note_tall(self, heights: np.ndarray, row: int, line: int) -> None:
        tall = (heights > 1).nonzero()[0]
        below = line + heights.cumsum()[tall]
        self.lines.rows.extend((row + 1 + tall).tolist())
        self.lines.lines.extend(below.tolist())

    def _single(self, data: bytes, place: int, end: int, out: IO[bytes]) -> int:
        """One line that is a record by itself, whatever else is wrong with it."""
        self.line += 1
        record = Reader(io.BytesIO(), self.splitter, self.width, self.pad).single(self.line, data[place:end])
        if record is None:
            self.blank_lines += 1
        else:
            self._take(record, out)
        return end

    def _rough(self, block: Block, place: int, out: IO[bytes], last: bool) -> int:
        """Records whose quotes or line ends are not plain, read one by one until plain ones follow."""
        file = io.BytesIO(block.data)
        file.seek(place)
        reader = Reader(file, self.splitter, self.width, self.pad, self.line, chunk=1 << 16)
        at, line, blank = place, self.line, 0
        for record in reader:
            beyond = len(block.data) - place - reader.taken_bytes
            if not last and beyond < LINE_LIMIT:
                break  # what follows the block may belong to it
            self._take(record, out)
            at, line, blank = place + reader.taken_bytes, reader.taken_lines, reader.blank_lines
            if block.data[at - 1] == 10 and beyond:
                view = block.view(at)
                here = view.after(at)
                if here < len(view.ends) and not view.troubled[here]:
                    break
        else:
            if last:
                at, line, blank = len(block.data), reader.taken_lines, reader.blank_lines
        self.line = line
        self.blank_lines += blank
        # one reader for all of the text does not look twice for the end of what a quote began
        self._patience -= max(0, reader.bytes_read - (at - place) - (1 << 16))
        return at

    def _take(self, record: Record, out: IO[bytes]) -> None:
        if record.reason:
            self.refusals.add(record.line, record.reason, record.text)
            return
        self.rows += 1
        self.lines.note(self.rows, record.line)
        mark, quote = self.splitter.delimiter, self.splitter.quote
        cells = record.cells
        if quote:
            cells = [quote + cell.replace(quote, quote * 2) + quote for cell in cells]
        out.write((mark.join(cells) + "\n").encode())
