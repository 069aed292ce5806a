"""A stretch of delimited text as positions of line ends, delimiters and quotes."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from core.sources.records import LINE_LIMIT

_Positions = np.ndarray[Any, np.dtype[np.int64]]
_Flags = np.ndarray[Any, np.dtype[np.bool_]]
_NEWLINE, _RETURN, _SPACE = 10, 13, 32


class Block:
    """Bytes that begin where a record begins.

    Which line ends are inside quotes depends on where counting begins: after a stray quote, what
    was inside is outside. Both ways to count are kept as a `View`, each made when first needed.
    """

    def __init__(self, data: bytes, width: int, mark: bytes, quote: bytes) -> None:
        self.data, self.width = data, width
        self.mark, self.quote = ord(mark), quote[0] if quote else -1
        self.bytes = np.frombuffer(data, np.uint8)
        self.newlines = np.flatnonzero(self.bytes == _NEWLINE)
        self.marks = np.flatnonzero(self.bytes == self.mark)
        held = bool(quote) and quote in data
        self.quotes = np.flatnonzero(self.bytes == self.quote) if held else np.empty(0, np.int64)
        self.quotes_before = np.searchsorted(self.quotes, self.newlines) if held else None
        self.returns = b"\r" in data
        self._views: dict[int, View] = {}

    def view(self, place: int) -> View:
        """The records as they are when one begins at `place`."""
        odd = int(np.searchsorted(self.quotes, place)) & 1
        if odd not in self._views:
            self._views[odd] = View(self, odd)
        return self._views[odd]

    @cached_property
    def lone_returns(self) -> _Positions:
        """Line ends of one return, which few readers take for line ends."""
        if not self.returns:
            return np.empty(0, np.int64)
        found = np.flatnonzero(self.bytes == _RETURN)
        followed = self.bytes[np.minimum(found + 1, len(self.bytes) - 1)] == _NEWLINE
        lone: _Positions = found[~followed]
        return lone

    @cached_property
    def unreadable(self) -> _Positions:
        """A place in each line that holds NUL characters or is no UTF-8."""
        nul = np.flatnonzero(self.bytes == 0) if b"\0" in self.data else np.empty(0, np.int64)
        return nul if self._is_utf8() else np.concatenate([nul, self._undecodable()])

    def _is_utf8(self) -> bool:
        if self.data.isascii():
            return True
        try:
            self.data[: int(self.newlines[-1]) + 1 if len(self.newlines) else 0].decode()
        except UnicodeDecodeError:
            return False
        return True

    def _undecodable(self) -> _Positions:
        lines = np.unique(np.searchsorted(self.newlines, np.flatnonzero(self.bytes >= 0x80)))
        wrong = []
        for line in lines[lines < len(self.newlines)].tolist():
            start = int(self.newlines[line - 1]) + 1 if line else 0
            try:
                self.data[start : int(self.newlines[line])].decode()
            except UnicodeDecodeError:
                wrong.append(start)
        return np.array(wrong, np.int64)


class View:
    """The records of a block when an even or an odd number of its quotes stands before a record.

    It does not hold the block, which holds it: both would stay in memory until the next collection.
    """

    def __init__(self, block: Block, odd: int) -> None:
        self._data, self._bytes, self._returns = block.data, block.bytes, block.returns
        if block.quotes_before is None:
            self._lines = np.arange(len(block.newlines))
        else:
            self._lines = np.flatnonzero(block.quotes_before & 1 == odd)
        self.ends = block.newlines[self._lines] + 1  # the byte after each record
        self._tall = len(self._lines) < len(block.newlines)
        self.rough = np.zeros(len(self.ends), bool)  # where it ends is for the careful reader to say
        self._surplus = np.empty(0, np.int64)
        self.troubled = self._uneven(block, odd)
        self._mark_rough(block, odd)
        self._troubles = np.flatnonzero(self.troubled)

    def after(self, place: int) -> int:
        """The index of the record that begins at `place`."""
        return int(np.searchsorted(self.ends, place, "right"))

    def next_trouble(self, first: int) -> int:
        """The index of the first record from `first` on that is not plainly good, or their number."""
        i = int(np.searchsorted(self._troubles, first))
        return int(self._troubles[i]) if i < len(self._troubles) else len(self.ends)

    def heights(self, first: int, stop: int) -> _Positions | None:
        """How many lines each of these records has; None where all have one."""
        if not self._tall:
            return None
        before = self._lines[first - 1] if first else -1
        return np.diff(self._lines[first:stop], prepend=before)

    def clean(self, first: int, stop: int, start: int) -> bytes | memoryview:
        """The bytes of these records, with plain line ends and no delimiter after the last cell."""
        end = int(self.ends[stop - 1])
        drop = self._surplus[np.searchsorted(self._surplus, start) : np.searchsorted(self._surplus, end)]
        if self._returns:
            before = self.ends[first:stop] - 2
            drop = np.concatenate([drop, before[self._bytes[before] == _RETURN]])
        if not len(drop):
            return memoryview(self._data)[start:end]
        return np.delete(self._bytes[start:end], drop - start).tobytes()

    def _uneven(self, block: Block, odd: int) -> _Flags:
        """Which records have not the right number of cells, or none at all."""
        counted = np.searchsorted(block.marks, self.ends)
        if block.quotes_before is not None:
            opened, closed = block.quotes[odd::2], block.quotes[odd + 1 :: 2]
            held = np.searchsorted(block.marks, closed) - np.searchsorted(block.marks, opened[: len(closed)])
            inside = np.concatenate([[0], np.cumsum(held)])
            counted = counted - inside[(block.quotes_before[self._lines] - odd) // 2]
        marks = np.diff(counted, prepend=0)
        uneven: _Flags = marks != block.width - 1
        if uneven.any():
            self._surplus = self._after_last(block, np.flatnonzero(marks == block.width))
            uneven[np.searchsorted(self.ends, self._surplus, "right")] = False
        if block.width == 1 and len(self.ends):
            blank = (block.bytes == _NEWLINE) | (block.bytes == _RETURN) | (block.bytes == _SPACE)
            filled = np.cumsum(~blank, dtype=np.int32)[self.ends - 1]
            uneven |= np.diff(filled, prepend=0) == 0
        return uneven

    def _after_last(self, block: Block, records: _Positions) -> _Positions:
        """Where the delimiter stands that each of these records ends in, if it does."""
        place = self.ends[records] - 2
        place = place - (block.bytes[place] == _RETURN)
        surplus: _Positions = place[block.bytes[place] == block.mark]
        return surplus

    def _mark_rough(self, block: Block, odd: int) -> None:
        self._mark(block.unreadable)
        self._mark(block.lone_returns, rough=True)
        self._mark(_stray_quotes(block, odd), rough=True)
        if len(self.ends):
            self.rough |= np.diff(self.ends, prepend=0) > LINE_LIMIT
        self.troubled |= self.rough
        heights = self.heights(0, len(self.ends))
        if heights is not None:
            self.rough |= self.troubled & (heights > 1)

    def _mark(self, places: _Positions, *, rough: bool = False) -> None:
        records = np.searchsorted(self.ends, places, "right")
        records = records[records < len(self.ends)]
        self.troubled[records] = True
        if rough:
            self.rough[records] = True


def _stray_quotes(block: Block, odd: int) -> _Positions:
    """Quotes that neither begin nor end a cell nor stand doubled inside one."""
    if block.quotes_before is None:
        return np.empty(0, np.int64)
    opened, closed = block.quotes[odd::2], block.quotes[odd + 1 :: 2]
    # before the first byte a line ended
    before = np.where(opened > 0, block.bytes[opened - 1], _NEWLINE)
    after = block.bytes[np.minimum(closed + 1, len(block.bytes) - 1)]
    fine = (block.mark, _NEWLINE, block.quote)
    wrong = opened[~np.isin(before, fine)]
    return np.concatenate([wrong, closed[~np.isin(after, (*fine, _RETURN))]])
