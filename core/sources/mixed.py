"""Texts whose lines are in different encodings: each line is read for itself."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable

from core.sources.charsets import PAIRED, codec, sense
from core.sources.wide import Parts
from core.wording import Note, note

# written for each byte that means nothing: no strict UTF-8 decoder lets it pass
_WRONG = "\udcff"
_MARK = codecs.BOM_UTF8
_LINE_MARKS = re.compile(rb"(?m)^\xef\xbb\xbf")
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SHORT = re.compile(rb"[\xc2-\xdf]")  # begins a letter of two bytes
# a letter of UTF-8 whose bytes were taken for letters of Windows-1252, and written in UTF-8 again
_TWICE = re.compile(
    rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xc6\x92|\xcb[\x86\x9c])"
)
_HIGH = re.compile("[^\x00-\x7f]+")
TWICE = "twice"


def _mark_wrong(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _WRONG, error.end


codecs.register_error("sightline.mark", _mark_wrong)


class Lines:
    """Reads a text that comes piece by piece: what is UTF-8 or UTF-16 as that, other lines as `encoding`."""

    def __init__(self, encoding: str, *, twice: bool) -> None:
        self.encoding = "utf-8" if encoding.startswith("utf-16") else encoding
        self.twice = twice
        self.counts: Counter[str] = Counter()  # lines that were not plain UTF-8
        self._parts = Parts()
        self._open = False  # what was read last ended amid a line
        self._order = ""

    def decode(self, piece: bytes, *, last: bool = False) -> bytes:
        """What has been read to its line's end, as UTF-8."""
        return b"".join(self._part(*part) for part in self._parts.feed(piece, last=last))

    def notes(self) -> tuple[Note, ...]:
        """How many lines were read in which encoding."""
        told = []
        for name, count in self.counts.most_common():
            if name == TWICE:
                text = (
                    "{count:,} line had been encoded twice, which was undone"
                    " | {count:,} lines had been encoded twice, which was undone"
                )
                told.append(note(text, count=count))
            else:
                text = "{count:,} line was read as {name} | {count:,} lines were read as {name}"
                told.append(note(text, count=count, name=name))
        return tuple(told)

    def _part(self, order: str, data: bytes) -> bytes:
        before = b"\n" if self._open and order != self._order else b""
        self._order = order
        if order:
            text = data[: len(data) // 2 * 2].decode(order, "sightline.mark")
            text = _WRONG.join((text, "")) if len(data) % 2 else text
            self.counts[order] += text.count("\n") + (not text.endswith("\n"))
            data = text.replace("\ufeff", "").encode("utf-8", "surrogatepass")
        else:
            data = self._narrow(data)
        self._open = not data.endswith((b"\n", b"\r"))
        return before + data

    def _narrow(self, block: bytes) -> bytes:
        if block.isascii():
            return block
        if _MARK in block:
            block = _LINE_MARKS.sub(b"", block)
        if self._surely_utf8(block):
            return block
        return b"".join(
            line if line.isascii() else self._line(line) for line in block.splitlines(keepends=True)
        )

    def _surely_utf8(self, block: bytes) -> bool:
        """Whether all lines of the block are UTF-8 beyond doubt, encoded once."""
        if self.twice and _TWICE.search(block):
            return False
        return is_utf8(block) and not (self.encoding in PAIRED and _SHORT.search(block))

    def _line(self, line: bytes) -> bytes:
        if is_utf8(line) and not self._by_chance(line):
            if self.twice and _TWICE.search(line) and (text := once(line.decode())) is not None:
                self.counts[TWICE] += 1
                return text.encode()
            return line
        if self.encoding == "utf-8":
            return line  # its row is refused
        self.counts[self.encoding] += 1
        return read_line(line, self.encoding).encode("utf-8", "surrogatepass")

    def _by_chance(self, line: bytes) -> bool:
        """Whether a line in an encoding of two bytes a letter may happen to be UTF-8 as well."""
        if self.encoding not in PAIRED or any(byte >= 0xE0 for byte in line):
            return False
        try:
            line.decode(codec(self.encoding))
        except UnicodeDecodeError:
            return False
        return True


def is_utf8(data: bytes) -> bool:
    """Whether bytes are strict UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_line(line: bytes, encoding: str) -> str:
    """A line that is not UTF-8 as a whole: in `encoding`, but for letters in it that surely are UTF-8."""
    text = line.decode(codec(encoding), "sightline.mark")
    if encoding in PAIRED or not _LETTER.search(line):
        return text
    pieces = in_pieces(line, lambda part: part.decode(codec(encoding), "sightline.mark"))
    return pieces if sense(pieces, "utf-8") > sense(text, encoding) else text


def in_pieces(line: bytes, other: Callable[[bytes], str]) -> str:
    """A line with its letters of UTF-8 read as such, and what is between them by `other`."""
    result, place = [], 0
    for found in _LETTER.finditer(line):
        if is_utf8(found[0]):
            result += [other(line[place : found.start()]), found[0].decode()]
            place = found.end()
    return "".join([*result, other(line[place:])])


def without_utf8(line: bytes) -> bytes:
    """A line with a plain letter in the place of each letter of UTF-8."""
    return _LETTER.sub(lambda found: b"x" if is_utf8(found[0]) else found[0], line)


def seems_twice(block: bytes) -> bool:
    """Whether a block may hold text that was encoded twice."""
    return bool(_TWICE.search(block))


def once(text: str) -> str | None:
    """A line of text that was encoded twice, as it was meant; None unless all of its letters say so."""
    pieces, place = [], 0
    for found in _HIGH.finditer(text):
        try:
            meant = b"".join(map(_byte, found[0])).decode()
        except UnicodeError:
            return None
        pieces += [text[place : found.start()], meant]
        place = found.end()
    return "".join([*pieces, text[place:]])


def _byte(character: str) -> bytes:
    if "\x80" <= character <= "\x9f":  # the five bytes that mean nothing in Windows-1252
        return character.encode("latin-1")
    return character.encode("cp1252")
