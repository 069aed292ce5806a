"""Tables in JSON: an array of objects, or one object a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, LimitReached
from core.params import Text
from core.sources.encoding import encoding_of, to_utf8
from core.sources.gathered import store
from core.sources.refusals import Refusals
from core.sources.rows import Met
from core.sources.scratch import scratch_beside

CHUNK = 1 << 20
_LONGEST = 64 << 20  # characters of one row
_DOCUMENT = 512 << 20  # bytes of a document that is one object and so is read at once
_COLUMNS = 10_000


@dataclass(frozen=True)
class Row:
    """One element: the line it begins on, and its value or the reason it is none."""

    line: int
    value: Any
    text: str = ""
    reason: str = ""


class JsonFile(Source):
    """Rows of a JSON file: an array of objects, or one object a line."""

    title: ClassVar[str] = "JSON, JSON Lines"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".json", ".jsonl", ".ndjson", ".geojson")

    flatten: bool = Field(
        default=True,
        title="Spread nested objects",
        description='{"place": {"city": "Oslo"}} becomes the column place.city. Deeper ones stay JSON text.',
    )
    records: Annotated[str, Text(example="data")] = Field(
        default="",
        title="Rows are under",
        description="The key that holds the rows, when the file is one object.",
    )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        with scratch_beside(place) as scratch, Refusals(refused) as refusals:
            text = file
            encoding, notes = encoding_of(file)
            if encoding != "utf-8":
                text = scratch / "text.json"
                to_utf8(file, encoding, text, watch)
            columns: dict[str, Met] = {}
            rows_in, first = 0, ""
            for row in _shaped(elements(text, self.records), watch):
                rows_in += 1
                if row.reason:
                    refusals.add(row.line, row.reason, row.text)
                    first = first or f"{row.reason} (line {row.line})"
                    continue
                for key, value in self._flat(row.value):
                    columns.setdefault(key, Met()).see(value)
                if len(columns) > _COLUMNS:
                    raise LimitReached("The rows have more than {most:,} different keys.", most=_COLUMNS)
            if not columns:
                raise _no_rows(first)
            keys = list(columns)

            def values() -> Iterator[Sequence[Any]]:
                for row in _shaped(elements(text, self.records), watch):
                    if not row.reason:
                        cells = dict(self._flat(row.value))
                        yield [cells.get(key) for key in keys]

            rows, schema, more = store(keys, list(columns.values()), values, place, watch)
        return Account(
            rows_in=rows_in,
            rows=rows,
            refused=refusals.count,
            columns=schema,
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=(*notes, *more),
        )

    def _flat(self, value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, list):
            yield from ((f"column_{i}", cell) for i, cell in enumerate(value, start=1))
        elif isinstance(value, dict):
            for key, cell in value.items():
                if self.flatten and isinstance(cell, dict) and cell:
                    yield from ((f"{key}.{inner}", deep) for inner, deep in cell.items())
                else:
                    yield key, cell
        else:
            yield "value", value


def _shaped(rows: Iterator[Row], watch: Watch) -> Iterator[Row]:
    """The rows, those of another shape than the first one's refused."""
    shape: type | None = None
    for number, row in enumerate(rows):
        if number % 5_000 == 0:
            watch.progress(None, "Reading rows")
            if watch.stopped():
                raise Cancelled()
        if not row.reason:
            mine = type(row.value) if isinstance(row.value, (dict, list)) else object
            shape = shape or mine
            if mine is not shape:
                wanted = "an object" if shape is dict else "an array" if shape is list else "a plain value"
                text = json.dumps(row.value, ensure_ascii=False)
                row = Row(row.line, None, text, f"not {wanted}, as the first row is")
        yield row


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
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object)

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


def _of_object(path: Path, records: str) -> Iterator[Row]:
    if path.stat().st_size > _DOCUMENT:
        raise LimitReached(
            "The file is one JSON object of more than {most:,} bytes.",
            hint="Write its rows as an array or one a line: those are read piece by piece.",
            most=_DOCUMENT,
        )
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
    lists = [
        key
        for key, value in document.items()
        if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value)
    ]
    if records and records not in document:
        raise BadInput(
            "The JSON object has no key {key!r}.",
            hint="Its keys are: {known}.",
            key=records,
            known=", ".join(list(document)[:20]),
        )
    key = records or (lists[0] if len(lists) == 1 else "")
    rows = document[key] if key else [document]
    if not isinstance(rows, list):
        rows = [rows]
    for value in rows:
        yield parser.row(1, value, json.dumps(value))


def _no_rows(first: str) -> BadInput:
    """What to say of a file without a good row; `first` is why its first row was refused."""
    return BadInput(
        "No row of the JSON file can be read: {reason}." if first else "The JSON file holds no rows.",
        hint='Rows are objects with values, as [{{"a": 1}}, {{"a": 2}}], or one of them a line.',
        reason=first,
    )


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
