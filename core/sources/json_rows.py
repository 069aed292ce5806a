"""The elements of a JSON file one by one, with their lines: from an array, from lines, from one object."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.errors import BadInput, LimitReached
from core.sources.json_shape import lists_in, resolved
from core.sources.rows import Beyond, Rounded

CHUNK = 1 << 20
_LONGEST = 64 << 20  # characters of one row
_DOCUMENT = 512 << 20  # bytes of a document that is one object and so is read at once


@dataclass(frozen=True)
class Row:
    """One element: the line it begins on, and its value or the reason it is none."""

    line: int
    value: Any
    text: str = ""
    reason: str = ""


def elements(path: Path, records: str = "") -> Iterator[Row]:
    """The elements of a JSON file, in flat memory unless the file is one single object."""
    with path.open("rb") as file:
        head = file.read(CHUNK).removeprefix(b"\xef\xbb\xbf")
    start = head.lstrip()
    if not start:
        raise BadInput("The file is empty.", hint="Choose a file that holds rows.")
    first, _, rest = start.partition(b"\n")
    if not records and start[:1] in (b"{", b"[") and rest.strip() and _parses(first):
        yield from _by_line(path)
    elif start[:1] == b"[":
        yield from _of_array(path)
    elif start[:1] == b"{":
        yield from _of_object(path, records)
    else:
        raise BadInput(
            "The file is no JSON: it begins with {start!r}.",
            hint="JSON tables begin with [ or {{.",
            start=start[:20].decode("utf-8", "replace"),
        )


def _parses(line: bytes) -> bool:
    try:
        json.loads(line.decode())
    except (ValueError, RecursionError):
        return False
    return True


class _Parser:
    """JSON into rows; a row in which a value would be lost or could not be kept is refused."""

    def __init__(self) -> None:
        self.twice: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_float=_number)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            self.twice.append(next(key for key in keys if keys.count(key) > 1))
        return found

    def value(self, text: str, place: int = 0) -> tuple[Any, int]:
        """The value that begins at `place`, and where it ends."""
        self.twice.clear()
        return self._decoder.raw_decode(text, place)

    def row(self, line: int, value: Any, text: str) -> Row:
        """The row of a value just read from `text`."""
        if self.twice:
            return Row(line, None, text[:2000], f"the key {self.twice[0]!r:.60} is there twice")
        if ("\\ud" in text or "\\uD" in text) and _half(value):
            return Row(line, None, text[:2000], "half of a character (a lone surrogate), which is no text")
        return Row(line, value)


def _number(written: str) -> float | str:
    """A number with a point or an exponent; as it was written when no double is near it."""
    value = float(written)
    if len(written) < 17 and "e" not in written and "E" not in written:  # as nearly all are: to the digit
        return value
    if math.isinf(value) or (value == 0 and re.match(r"-?[0.]*[1-9]", written)):
        return Beyond(written)
    meant = Decimal(written) if value else Decimal(0)
    if meant in (Decimal(repr(value)), Decimal(value)):
        return value
    rounded = Rounded(value)
    rounded.written = written
    return rounded


def _half(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _by_line(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        number, parser = 0, _Parser()
        while line := file.readline(_LONGEST):
            number += 1
            if len(line) == _LONGEST and not line.endswith(b"\n"):
                while (more := file.readline(_LONGEST)) and not more.endswith(b"\n"):
                    pass
                yield Row(number, None, line[:1000].decode("utf-8", "replace"), "a line that is too long")
                continue
            if not line.strip():
                continue
            try:
                text = line.decode().strip()
                value, end = parser.value(text)
                if end < len(text):
                    raise json.JSONDecodeError("Extra data", text, end)
            except (ValueError, RecursionError) as error:
                shown = line[:2000].decode("utf-8", "backslashreplace").rstrip("\r\n")
                yield Row(number, None, shown, f"no JSON: {_reason(error)}")
            else:
                yield parser.row(number, value, text)


def _of_array(path: Path) -> Iterator[Row]:
    """The elements of one array, however long, each decoded as soon as it is complete."""
    parser = _Parser()
    with path.open("rb") as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="strict")
        buffer = _more(file, "", 1).lstrip()[1:]
        place, line, ended = 0, 1, False
        while True:
            while True:  # the next character that is no space
                while place < len(buffer) and buffer[place] in " \t\r\n":
                    line += buffer[place] == "\n"
                    place += 1
                if place < len(buffer):
                    break
                buffer, place = _more(file, "", line), 0
                if not buffer:
                    raise _cut(line)
            if buffer[place] == "]":
                return
            if ended:
                if buffer[place] != ",":
                    raise _broken(line, f"a comma is missing before {buffer[place : place + 20]!r}")
                place, ended = place + 1, False
                continue
            value, end, buffer = _value(parser, file, buffer[place:], line)
            yield parser.row(line, value, buffer[:end])
            line += buffer.count("\n", 0, end)
            place, ended = end, True


def _value(parser: _Parser, file: Any, buffer: str, line: int) -> tuple[Any, int, str]:
    while True:
        try:
            value, end = parser.value(buffer)
            if end < len(buffer):  # a number at the buffer's end may go on
                return value, end, buffer
            reason = "the file ends inside the array"
        except (ValueError, RecursionError) as error:
            reason = _reason(error)
        more = _more(file, "", line)
        if not more or len(buffer) > _LONGEST:
            raise _broken(line, reason)
        buffer += more


def _more(file: Any, before: str, line: int) -> str:
    try:
        return before + str(file.read(CHUNK))
    except UnicodeDecodeError as error:
        raise _broken(line, f"bytes that are no UTF-8 ({error.reason})") from error


def lists_of_rows(path: Path) -> list[str]:
    """Where lists of objects lie in a file that is one object, the longest first; else none."""
    with path.open("rb") as file:
        start = file.read(CHUNK).removeprefix(b"\xef\xbb\xbf").lstrip()
    first, _, rest = start.partition(b"\n")
    if start[:1] != b"{" or (rest.strip() and _parses(first)) or path.stat().st_size > _DOCUMENT:
        return []
    try:
        found = lists_in(_document(path)[0])
    except BadInput:
        return []  # reading it says what is wrong with it, and where
    return [".".join(key) for key, _ in sorted(found, key=lambda pair: -len(pair[1]))]


def _document(path: Path) -> tuple[dict[str, Any], _Parser]:
    parser = _Parser()
    try:
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode().strip()
        document, end = parser.value(text)
        if end < len(text):
            raise json.JSONDecodeError("Extra data", text, end)
        if parser.twice:
            raise ValueError(f"the key {parser.twice[0]!r:.60} is there twice")
    except json.JSONDecodeError as error:
        raise _broken(error.lineno, error.msg) from error
    except (ValueError, RecursionError) as error:
        raise _broken(1, _reason(error)) from error
    return document, parser


def _of_object(path: Path, records: str) -> Iterator[Row]:
    if path.stat().st_size > _DOCUMENT:
        raise LimitReached(
            "The file is one JSON object of more than {most:,} bytes.",
            hint="Write its rows as an array or one a line: those are read piece by piece.",
            most=_DOCUMENT,
        )
    document, parser = _document(path)
    lists = lists_in(document)
    key = resolved(document, records) if records else ()
    if records and not key:
        raise BadInput(
            "The JSON object has no key {key!r}.",
            hint="Its keys are: {known}.",
            key=records,
            known=", ".join(list(document)[:20]),
        )
    if not records and len(lists) == 1:
        key = lists[0][0]
    for value in _under(document, key):
        yield parser.row(1, value, json.dumps(value))


def _under(document: Any, key: Sequence[str]) -> list[Any]:
    """What stands at a place of a document; lists on the way there stand for all their elements."""
    values = [document]
    for name in (*key, None):
        items = [item for value in values for item in (value if isinstance(value, list) else [value])]
        if name is None:
            return items
        values = [item[name] for item in items if isinstance(item, dict) and name in item]
    return []


def _reason(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "bytes that are no UTF-8"
    return "a whole number of more than 4,300 digits" if "digits" in str(error) else str(error)[:200]


def _cut(line: int) -> BadInput:
    return _broken(line, "the file ends inside the array")


def _broken(line: int, reason: str) -> BadInput:
    return BadInput(
        "The JSON is broken on line {line}: {reason}.",
        hint="Mend the file, or write one object a line: then only broken lines are refused.",
        line=line,
        reason=reason,
    )
