"""Records of a delimited text, read one by one: the careful reader that refuses and says why."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

CHUNK = 1 << 20
LINE_LIMIT = 2_000_000  # bytes in one record; a cell that long is a broken quote or no table
NONE, TAB, SPACES = "none", "tab", "spaces"  # delimiters that have a name

_TOO_LONG = f"longer than {LINE_LIMIT:,} bytes"
_NUL = "a NUL character"
_UNDECODABLE = "bytes that are no text in this encoding"
_OPEN = "a quote that is opened and never closed"
BROKEN = "text after a closing quote"
_WHOLE = re.compile(r'"((?:[^"]|"")*+)"[ \t]*')  # a line that is one quoted cell

# a line's number, its bytes, whether it is too long (its start alone is kept then), the byte after it
_Line = tuple[int, bytes, bool, int]


@dataclass(frozen=True)
class Record:
    """One record: the line it begins on, and its cells or the reason it is refused."""

    line: int
    cells: list[str]
    text: str = ""  # of a refused record
    reason: str = ""


class Splitter:
    """Cuts one record into cells, by the rules of RFC 4180 with any delimiter, quote and escape.

    A quote is one character, or an opening and a closing one. The escape of a quote inside quotes is the
    quote itself, a backslash, or nothing: then a quote closes only where its cell ends. Where lines are
    `wrapped`, one that is a single quoted cell is taken for the row that this cell holds.
    """

    def __init__(self, delimiter: str, quote: str, escape: str, *, wrapped: bool = False) -> None:
        self.delimiter = {TAB: "\t"}.get(delimiter, delimiter)
        self.quote, self.closing = quote[:1], quote[-1:]
        self.doubled = escape == quote
        self.wrapped = wrapped
        named = self.delimiter in (NONE, SPACES)
        never = "(?!)"
        mark = r"[ \t]+" if delimiter == SPACES else (never if named else re.escape(self.delimiter))
        q, c, e = re.escape(self.quote) or never, re.escape(self.closing), re.escape(escape[-1:])
        ahead, blank = ("", "") if self.delimiter == " " else (" ?", " *")  # as the fast reader takes them
        ends = rf"{blank}(?:{mark}|\Z)"
        if not quote:
            body = never
        elif self.doubled:
            # where it opens again another cell begins: the one before was never closed
            other = "" if q == c else rf"(?!{mark} ?{q})"
            body = rf"(?:{other}[^{c}]|{c}{c})*+"
        else:
            body = rf"(?:[^{c}{e}]|{e}.)*+" if escape else rf"(?:[^{c}]|{c}(?!{ends}))*+"
        self._quoted = re.compile(rf"{ahead}{q}({body}){c}{blank}(?={mark}|\Z)", re.DOTALL)
        self._open = re.compile(rf"{ahead}{q}{body}{e}{'?' if e else ''}\Z", re.DOTALL)
        self._begins = re.compile(rf"{ahead}{q}")
        self._mark = re.compile(mark)
        if delimiter == SPACES:
            self._plain = re.compile(r"[^ \t]*")
        elif len(self.delimiter) == 1:
            self._plain = re.compile(rf"[^{re.escape(self.delimiter)}]*")
        else:
            self._plain = re.compile(rf"(?:(?!{mark}).)*", re.DOTALL)
        self._unescape = re.compile(rf"{e or never}(.)", re.DOTALL)
        plain = self.doubled and len(quote) < 2
        self._standard = plain and len(self.delimiter) == 1 and self.delimiter != " "

    def simple(self, text: str) -> list[str]:
        """The cells of a record that holds no quote."""
        if self.delimiter == SPACES:
            return text.split()
        return [text] if self.delimiter == NONE else text.split(self.delimiter)

    def split(self, text: str) -> list[str] | str:
        """The cells of a record, or the reason it is none."""
        if self.wrapped and (found := _WHOLE.fullmatch(text)):
            inside = self._cells(found[1].replace('""', '"'))
            if isinstance(inside, str) or len(inside) > 1:
                return inside
        return self._cells(text)

    def goes_on(self, text: str) -> list[str] | str:
        """What `split` would make of a line that begins inside quotes."""
        if self.wrapped and _WHOLE.fullmatch(self.quote + text):
            return []
        return self._cells(self.quote + text)

    def _cells(self, text: str) -> list[str] | str:
        if self.delimiter == NONE or not self.quote or self.quote not in text:
            return self.simple(text)
        if self._standard and " " + self.quote not in text:
            # ten times as fast, and as strict: what it refuses is looked at again for the reason
            try:
                found = next(
                    csv.reader([text], delimiter=self.delimiter, quotechar=self.quote, strict=True), None
                )
            except csv.Error:
                found = None
            if found is not None:
                return found
        return self._slowly(text.strip(" \t") if self.delimiter == SPACES else text)

    def _slowly(self, text: str) -> list[str] | str:
        cells: list[str] = []
        place = 0
        while True:
            found = self._quoted.match(text, place)
            if found:
                cells.append(self._unescape.sub(r"\1", found[1]))
            elif self._begins.match(text, place):
                return _OPEN if self._open.match(text, place) else BROKEN
            else:
                found = self._plain.match(text, place)
                assert found is not None  # it matches the empty text
                cells.append(found[0])
            place = found.end()
            if place == len(text):
                return cells
            after = self._mark.match(text, place)
            if after is None:
                return BROKEN
            place = after.end()


@dataclass
class Reader:
    """Reads records from a UTF-8 file that stands at the first of them."""

    file: IO[bytes]
    splitter: Splitter
    width: int | None = None  # fields in a record; None: any number
    pad: bool = False
    line: int = 0  # lines before the file's place
    chunk: int = CHUNK
    blank_lines: int = 0
    bytes_read: int = 0
    taken_lines: int = 0  # the number of the last line that was used
    taken_bytes: int = 0  # bytes up to its end
    _ahead: deque[_Line] = field(default_factory=deque)  # lines that were looked at and not used
    _open_to: int = 0  # a quote left open on a line before this one is not closed before it either
    _hopeless: bool = False  # nor there, nor later

    def __iter__(self) -> Iterator[Record]:
        lines = self._lines()
        ahead = self._ahead
        quote = self.splitter.quote.encode() or b"\0\0"
        while True:
            item = ahead.popleft() if ahead else next(lines, None)
            if item is None:
                return
            number, line, long, self.taken_bytes = item
            self.taken_lines = number
            if long:
                yield _refused(number, line, _TOO_LONG)
            elif quote in line and b"\0" not in line and self.splitter.delimiter != NONE:
                yield self._quoted_record(number, line, lines)
            elif (record := self.single(number, line)) is not None:
                yield record
            else:
                self.blank_lines += 1

    def single(self, number: int, line: bytes) -> Record | None:
        """The record of one line, in which every quote that is opened is closed; None for a blank line."""
        if b"\0" in line:
            return _refused(number, line, _NUL)
        if not line.strip(b" \r\n"):
            return None
        outcome = self._split(line)
        if isinstance(outcome, str):
            return _refused(number, line, outcome)
        return self._fitted(number, line, outcome)

    def _quoted_record(self, number: int, line: bytes, lines: Iterator[_Line]) -> Record:
        outcome = self._split(line)
        if outcome == _OPEN and (last := self._closing(number, line, lines)):
            taken = [line]
            while self.taken_lines < last:
                self.taken_lines, part, _, self.taken_bytes = self._ahead.popleft()
                taken.append(part)
            line = b"".join(taken)
            outcome = self._split(line)
        if isinstance(outcome, list):
            return self._fitted(number, line, outcome)
        # the quote that went wrong is in the first line: the lines after it get their own chance
        return _refused(number, line, outcome)

    def _closing(self, number: int, line: bytes, lines: Iterator[_Line]) -> int:
        """The line on which the quote is closed that line `number` leaves open; 0 where none closes it.

        Inside quotes every line goes on in the same way, wherever they were opened. So what one search
        has found out holds for all lines it has passed, and no line is searched twice.
        """
        if number >= self._open_to:
            self._open_to, self._hopeless = number, False
        begun = self.taken_bytes - len(line)
        quote = self.splitter.closing.encode()
        while not self._hopeless:
            item = self._next_ahead(lines)
            if item is None or item[2] or not _is_text(item[1]):
                self._hopeless = True
                self._open_to = item[0] if item else self.line + 1
            elif item[3] - begun > LINE_LIMIT:
                break
            else:
                self._open_to = item[0]
                closing = item[1].replace(quote * 2, b"") if self.splitter.doubled else item[1]
                if quote in closing:  # only a quote can close it, and no doubled one
                    outcome = self._split(item[1], inside=True)
                    if isinstance(outcome, list):
                        return item[0]
                    self._hopeless = outcome != _OPEN
        return 0

    def _next_ahead(self, lines: Iterator[_Line]) -> _Line | None:
        """The first line that no search has passed; it is kept for later."""
        if not self._ahead or self._ahead[-1][0] <= self._open_to:
            item = next(lines, None)
            if item is None:
                return None
            self._ahead.append(item)
        return self._ahead[-1]

    def _split(self, record: bytes, *, inside: bool = False) -> list[str] | str:
        try:
            text = record.rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            return _UNDECODABLE
        return self.splitter.goes_on(text) if inside else self.splitter.split(text)

    def _fitted(self, number: int, record: bytes, cells: list[str]) -> Record:
        width = self.width
        if width is None or len(cells) == width:
            return Record(number, cells)
        if len(cells) == width + 1 and cells[-1] == "":  # a delimiter at the end of the line
            return Record(number, cells[:-1])
        if len(cells) < width and self.pad:
            return Record(number, cells + [""] * (width - len(cells)))
        return _refused(number, record, f"{len(cells)} fields where {width} were expected")

    def _lines(self) -> Iterator[_Line]:
        carry, kept, number, end = b"", b"", self.line, 0
        skipping = False
        while chunk := self.file.read(self.chunk):
            if chunk.endswith(b"\r"):
                chunk += self.file.read(1)  # a line end is never cut in two
            self.bytes_read += len(chunk)
            parts = (carry + chunk).splitlines(keepends=True)
            carry = b"" if parts[-1].endswith((b"\n", b"\r")) else parts.pop()
            for part in parts:
                number += 1
                end += len(part)
                self.line = number
                if skipping:
                    skipping = False
                    yield number, kept, True, end
                elif len(part) > LINE_LIMIT:
                    yield number, part[:1000], True, end
                else:
                    yield number, part, False, end
            if len(carry) > LINE_LIMIT or skipping:
                if not skipping:
                    kept = carry[:1000]
                end += len(carry)
                carry, skipping = b"", True
        if skipping or carry:  # the last line, without a line end
            self.line = number + 1
            end += len(carry)
            yield self.line, kept if skipping else carry, skipping or len(carry) > LINE_LIMIT, end


def _is_text(line: bytes) -> bool:
    if b"\0" in line:
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refused(line: int, record: bytes, reason: str) -> Record:
    text = record[:1000].rstrip(b"\r\n").decode("utf-8", "backslashreplace")
    return Record(line, [], text, reason)
