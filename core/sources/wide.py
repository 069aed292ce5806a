"""UTF-16 amid other text: where it begins and where it ends."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

NO_TEXT = ("Cc", "Cn", "Co", "Cs")  # categories of characters that no text holds
_ORDERS = ("utf-16-le", "utf-16-be")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_LOOK = 4_096  # bytes that tell whether UTF-16 begins
_LONG = 4 << 20  # a line as long as this is cut
_SURE = 12  # bytes of other text that are no accident in UTF-16
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1f]")
_TRIES = 200  # zeros that begin no UTF-16, after which none is expected to


class Parts:
    """Cuts a text that comes piece by piece into stretches of whole lines: UTF-16 in either order, or not."""

    def __init__(self, order: str = "") -> None:
        self._rest = b""
        self._order = order  # of the UTF-16 that the rest begins with; empty where it is other text
        self._tries = _TRIES

    @property
    def idle(self) -> bool:
        """Whether nothing is left of what came, and it was no UTF-16."""
        return not self._rest and not self._order

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[tuple[str, bytes]]:
        """The stretches that are whole: the order of UTF-16 or "", and the bytes."""
        data = self._rest + piece
        place = 0
        while place < len(data):
            order = self._order
            end = self._wide(data, place, last) if order else self._other(data, place, last)
            if end is None:
                break
            if end > place:
                yield order, data[place:end]
            place = end
        self._rest = data[place:]

    def _other(self, data: bytes, place: int, last: bool) -> int | None:
        """Where text that is no UTF-16 ends; None where more must be seen to tell."""
        zero = data.find(0, place) if self._tries else -1
        if zero < 0:
            return len(data) if last else _line_end(data, place)
        begin = max(place, data.rfind(b"\n", place, zero) + 1)
        begin = max(begin, *(data.rfind(mark, begin, zero + 2) for mark in _MARKS))
        if not last and len(data) - begin < _LOOK:
            return begin if begin > place else None
        self._order = _begins(data[begin : begin + _LOOK])
        if self._order:
            return begin
        self._tries -= 1
        end = data.find(b"\n", zero) + 1
        return end or (len(data) if last or len(data) - place > _LONG else None)

    def _wide(self, data: bytes, place: int, last: bool) -> int | None:
        """Where UTF-16 ends; None where more must be seen to tell."""
        at = place
        while at < len(data):
            if not last and len(data) - at < _LOOK:
                break  # the line may go on, or be one of other text
            if _leaves(data, at, last=last):
                self._order = ""
                return at
            end = _line(data, at, self._order)
            if not end and not last and len(data) - at < _LONG:
                break
            at = end or len(data)
        return at if at > place else None


def _leaves(data: bytes, place: int, *, last: bool) -> bool:
    """Whether the lines up to the next zero are text byte by byte, and long enough to be no accident."""
    zero = data.find(0, place)
    stretch = data[place:] if zero < 0 else data[place:zero]
    if zero >= 0 or not last:
        stretch = stretch[: stretch.rfind(b"\n") + 1]
    if len(stretch) < _SURE or _CONTROL.search(stretch):
        return False
    plain = sum(32 <= byte < 127 for byte in stretch[:_LOOK])
    try:
        stretch.decode()
    except UnicodeDecodeError:
        return plain * 2 >= len(stretch[:_LOOK])
    return True


def _line_end(data: bytes, place: int) -> int | None:
    """Behind the last line that is whole."""
    end = data.rfind(b"\n", place) + 1 or data.rfind(b"\r", place, len(data) - 1) + 1
    return end or (len(data) if len(data) - place > _LONG else None)


def _line(data: bytes, place: int, order: str) -> int:
    """Behind the first line of UTF-16; 0 where its end is not there."""
    newline = "\n".encode(order)
    found = data.find(newline, place)
    while found >= 0 and (found - place) % 2:
        found = data.find(newline, found + 1)
    return found + 2 if found >= 0 else 0


def _begins(window: bytes) -> str:
    """The order of the UTF-16 that a window begins with; empty where it begins with something else."""
    marked = _MARKS.get(window[:2])
    orders = _ORDERS if window[1::2].count(0) >= window[::2].count(0) else _ORDERS[::-1]
    for order in (marked,) if marked else orders:
        end = _line(window, 0, order)
        if (end or len(window) == _LOOK or marked) and is_wide(window[: end or len(window)], order):
            return order
    return ""


def is_wide(line: bytes, order: str) -> bool:
    """Whether a line's bytes are text two by two, with some ASCII in it, and none one by one."""
    line = line[: len(line) // 2 * 2]
    high, low = (line[1::2], line[::2]) if order == "utf-16-le" else (line[::2], line[1::2])
    zeros = high.count(0)
    if zeros < 2 or (b"\0" in low and any(a == b == 0 for a, b in zip(high, low, strict=True))):
        return False
    if zeros * 2 >= len(high):
        return True
    try:
        text = line.decode(order)
    except UnicodeDecodeError as error:
        if len(line) < _LOOK or error.start < len(line) - 2:  # not cut in the middle of a character
            return False
        text = line[: error.start].decode(order)
    if any(unicodedata.category(c) in NO_TEXT and c not in "\t\r\n" for c in text):
        return False
    # two letters of ASCII read as one are an ideograph, too
    pairs = sum(0 < a < 127 and b < 127 for a, b in zip(high, low, strict=True))
    return pairs * 10 <= 6 * (len(high) - zeros)
