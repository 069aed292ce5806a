"""Which encoding a text file is in, and the same text as UTF-8."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from core.contracts import Watch
from core.errors import BadInput, Cancelled
from core.sources.charsets import Encoding, codec, likely
from core.sources.mixed import Lines
from core.sources.mixture import Scan
from core.sources.wide import NO_TEXT, Parts
from core.wording import Note, note

CHUNK = 4 << 20
_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 65_536
_WIDE: tuple[Encoding, ...] = ("utf-16-le", "utf-16-be")
_SHIFTS = (b"\x1b$B", b"\x1b$@", b"\x1b(J")  # how ISO-2022-JP turns to its pairs: all of it is ASCII


@dataclass(frozen=True)
class Coding:
    """How the bytes of a text stand for letters, and what to say about it."""

    name: Encoding
    notes: tuple[Note, ...] = ()
    mixed: bool = False  # lines that are UTF-8 or UTF-16 are read as that, whatever the others are in
    twice: bool = False  # lines of UTF-8 that were encoded twice are read as they were meant

    @property
    def plain(self) -> bool:
        """Whether the file may be read as it is."""
        return self.name == "utf-8" and not self.mixed and not self.twice


def mark_length(head: bytes, encoding: str) -> int:
    """How many bytes of byte order mark a file of this encoding begins with."""
    return next((len(mark) for mark, name in _MARKS if name == encoding and head.startswith(mark)), 0)


def encoding_of(path: Path) -> tuple[Encoding, tuple[Note, ...]]:
    """The encoding that makes sense of a text file's bytes, and what to say about it."""
    found = coding_of(path)
    return found.name, found.notes


def coding_of(path: Path) -> Coding:
    """The encoding that makes sense of a text file's bytes, or those that its lines are in.

    A byte order mark decides; then whether the bytes are text two by two (UTF-16); then UTF-8, which
    hardly any other text is by accident and which is checked over the whole file; then which
    encoding's letters make the most sense. What cannot be told apart for certain is said.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
        wide = utf_16(head) if marked in (None, "utf-8") else marked
        if wide and _all_wide(head, wide):
            size = file.seek(0, 2)
            file.seek(max(0, size - _HEAD) // 2 * 2)
            if size <= _HEAD or _all_wide(_from_line(file.read(), wide), wide):
                return Coding(wide)
        file.seek(len(head))
        scan, parts, chunk = Scan(), Parts(), head
        while chunk:
            if not (parts.idle and chunk.isascii() and b"\0" not in chunk):
                for order, block in parts.feed(chunk):
                    scan.see(order, block)
            chunk = b"" if len(head) < _HEAD else file.read(CHUNK)
        for order, block in parts.feed(b"", last=True):
            scan.see(order, block)
    return _told(scan, head)


def _told(scan: Scan, head: bytes) -> Coding:
    twice = scan.proves_twice()
    if not scan.bad:
        if scan.good == 0 and not scan.wide and any(mark in head for mark in _SHIFTS):
            return Coding("iso-2022-jp")
        return Coding("utf-8", mixed=scan.wide or scan.marks, twice=twice)
    mixed = scan.mixture()
    if mixed:
        doubt = "some lines are no UTF-8 and were taken to be {name}: choose another if letters look wrong"
        if mixed.others:
            doubt = (
                "some lines are no UTF-8 and were taken to be {name}, but they may be {others}: "
                "look at their letters and choose"
            )
        said = note(doubt, name=mixed.name, others=list(mixed.others))
        return Coding(mixed.name, (said,), mixed=True, twice=twice)
    if scan.good > 20 * scan.bad or scan.wide:
        said = note("some bytes are no UTF-8 text: the rows that hold them are refused")
        return Coding("utf-8", (said,), mixed=scan.wide or scan.marks, twice=twice)
    guess = likely(scan.sample())
    if guess.others:
        doubt = "the text was taken to be {name}, but it may be {others}: look at its letters and choose"
        return Coding(guess.name, (note(doubt, name=guess.name, others=list(guess.others)),))
    sure = "the text was taken to be {name}: choose another encoding if letters look wrong"
    return Coding(guess.name, (note(sure, name=guess.name),))


def _all_wide(data: bytes, name: str) -> bool:
    """Whether all lines of a text are UTF-16, but for a byte or two."""
    parts = Parts(name)
    found = [*parts.feed(data), *parts.feed(b"", last=True)]
    return all(order == name or len(block.strip(b"\0\r\n ")) < 4 for order, block in found)


def _from_line(data: bytes, name: str) -> bytes:
    """UTF-16 from its first line end on; from its beginning where it has none."""
    newline = "\n".encode(name)
    place = data.find(newline)
    while place % 2 == 1:
        place = data.find(newline, place + 1)
    return data[place + 2 :] if place >= 0 else data


def utf_16(head: bytes) -> Encoding | None:
    """The order of the bytes in UTF-16 without a mark; None for any other text.

    Read two by two in the right order they are plain text with commas, digits or line ends; in the
    wrong order these are letters that do not exist, and one by one a tenth of them are no text.
    """
    nothing = head.count(0)
    if nothing * 50 < len(head) or nothing == 0:
        return None
    narrow = head.replace(b"\0", b"").decode("utf-8", "replace")
    strange = sum(
        (character < " " and character not in "\t\r\n") or character == "\ufffd" for character in narrow
    )
    if (strange + nothing) * 10 < len(head):
        return None
    found: list[tuple[int, Encoding]] = []
    for name in _WIDE:
        text = head[: len(head) // 2 * 2].decode(name, "replace")
        odd = sum(unicodedata.category(c) in NO_TEXT and c not in "\t\r\n\x1a\0" for c in text)
        plain = sum(" " <= c < "\x7f" or c in "\t\r\n" for c in text)
        if odd * 100 <= len(text) and plain * 50 >= len(text) and text.count("\0") * 20 <= len(text):
            found.append((plain, name))
    return max(found)[1] if found else None


def to_utf8(
    path: Path, encoding: str, into: Path, watch: Watch, *, mixed: bool = False, twice: bool = False
) -> tuple[Note, ...]:
    """Write the file's text to `into` as UTF-8, in flat memory; says how many lines were in another encoding.

    Bytes that mean nothing in `encoding` become a sequence that no UTF-8 decoder lets pass, so
    that the rows that hold them are refused later, each with its line.
    """
    size = path.stat().st_size or 1
    decoder = _decoder(encoding, mixed=mixed, twice=twice)
    done = 0
    with path.open("rb") as file, into.open("wb") as out:
        if not mixed:
            file.seek(mark_length(file.read(4), encoding))
        while chunk := file.read(CHUNK):
            out.write(decoder.decode(chunk))
            done += len(chunk)
            watch.progress(0.2 * done / size, "Changing the text's encoding")
            if watch.stopped():
                raise Cancelled()
        out.write(decoder.decode(b"", last=True))
    return decoder.notes()


def as_utf8(data: bytes, coding: Coding) -> bytes:
    """The beginning of a text as UTF-8, without a byte order mark."""
    decoder = _decoder(coding.name, mixed=coding.mixed, twice=coding.twice)
    start = 0 if coding.mixed else mark_length(data, coding.name)
    text = decoder.decode(data[start:]) + decoder.decode(b"", last=True)
    return text.removeprefix(codecs.BOM_UTF8)


def readable(path: Path, into: Path, watch: Watch) -> tuple[Path, tuple[Note, ...]]:
    """The file where it is plain UTF-8, otherwise `into`, with its text as that; and what to say of it."""
    found = coding_of(path)
    if found.plain:
        return path, found.notes
    told = to_utf8(path, found.name, into, watch, mixed=found.mixed, twice=found.twice)
    return into, (*found.notes, *told)


def _decoder(encoding: str, *, mixed: bool, twice: bool) -> Lines | _Whole:
    return Lines(encoding, twice=twice) if mixed or twice else _Whole(encoding)


class _Whole:
    """Reads a text that comes piece by piece and is in one encoding."""

    def __init__(self, encoding: str) -> None:
        try:
            self._decoder = codecs.getincrementaldecoder(codec(encoding))("sightline.mark")
        except LookupError as error:
            raise BadInput("{encoding!r} is no encoding that is known here.", encoding=encoding) from error

    def decode(self, piece: bytes, *, last: bool = False) -> bytes:
        return self._decoder.decode(piece, last).encode("utf-8", "surrogatepass")

    def notes(self) -> tuple[Note, ...]:
        return ()
