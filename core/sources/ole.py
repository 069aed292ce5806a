"""The streams inside an OLE compound file: what .xls workbooks and encrypted ones are packed in."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA  # sector numbers from here on end a chain or stand for nothing
_ENTRY = 128  # bytes of a directory entry


class DamagedOle(ValueError):
    """The file's tables lead nowhere or in a circle."""


class Ole:
    """A compound file in memory: its streams by name."""

    def __init__(self, data: bytes) -> None:
        if not data.startswith(MARK) or len(data) < 512:
            raise DamagedOle("it has no header")
        self._data = data
        shift, small = struct.unpack_from("<HH", data, 30)
        if not 7 <= shift <= 20 or not 2 <= small <= shift:
            raise DamagedOle("its sectors have no possible size")
        self._size, self._small = 1 << shift, 1 << small
        (directory,) = struct.unpack_from("<I", data, 48)
        self._cutoff, first_small = struct.unpack_from("<II", data, 56)
        self._table = self._numbers(b"".join(map(self._sector, self._table_sectors())))
        self._entries = dict(self._directory(self._chained(directory)))
        self._small_table = self._numbers(self._chained(first_small))
        start, length = self._entries.get("Root Entry", (_LAST, 0))
        self._inner = self._chained(start)[:length]

    def names(self) -> list[str]:
        return list(self._entries)

    def stream(self, name: str) -> bytes:
        """The bytes of a stream."""
        start, length = self._entries[name]
        if length >= self._cutoff:
            return self._chained(start)[:length]
        size, pieces = self._small, []
        for number in self._chain(start, self._small_table):
            pieces.append(self._inner[number * size : (number + 1) * size])
        return b"".join(pieces)[:length]

    def _table_sectors(self) -> Iterator[int]:
        """The sectors that hold the table of chains: 109 from the header, the rest from a list of lists."""
        yield from (n for n in struct.unpack_from("<109I", self._data, 76) if n < _LAST)
        (place,) = struct.unpack_from("<I", self._data, 68)
        for _ in range(len(self._data) // self._size):
            if place >= _LAST:
                return
            *listed, place = self._numbers(self._sector(place))
            yield from (n for n in listed if n < _LAST)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise DamagedOle("it ends before one of its sectors")
        return self._data[start : start + self._size]

    def _numbers(self, data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _chained(self, start: int) -> bytes:
        return b"".join(map(self._sector, self._chain(start, self._table)))

    def _chain(self, number: int, table: tuple[int, ...]) -> Iterator[int]:
        for _ in range(len(table) + 1):
            if number >= _LAST:
                return
            if number >= len(table):
                raise DamagedOle("a chain of its sectors leads nowhere")
            yield number
            number = table[number]
        raise DamagedOle("a chain of its sectors has no end")

    def _directory(self, data: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
        for place in range(0, len(data) - _ENTRY + 1, _ENTRY):
            (length,) = struct.unpack_from("<H", data, place + 64)
            if data[place + 66] in (2, 5) and 2 <= length <= 64:  # a stream, or the root
                name = data[place : place + length - 2].decode("utf-16-le", "replace")
                name = "Root Entry" if data[place + 66] == 5 else name
                yield name, struct.unpack_from("<II", data, place + 116)
