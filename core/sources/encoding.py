"""Which encoding a text file is in, and the same text as UTF-8."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

from core.contracts import Watch
from core.errors import BadInput, Cancelled
from core.sources.charsets import Encoding, codec, likely
from core.wording import Note, note

CHUNK = 4 << 20
_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 65_536
_WIDE: tuple[Encoding, ...] = ("utf-16-le", "utf-16-be")
_NO_TEXT = ("Cc", "Cn", "Co", "Cs")  # categories of characters that no text holds
_SHIFTS = (b"\x1b$B", b"\x1b$@", b"\x1b(J")  # how ISO-2022-JP turns to its pairs: all of it is ASCII
_SAMPLE = 65_536  # bytes that the encoding is told from
# written by `to_utf8` for each byte that means nothing: no strict UTF-8 decoder lets it pass
_WRONG = "\udcff"


def _mark_wrong(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _WRONG, error.end


codecs.register_error("sightline.mark", _mark_wrong)


def mark_length(head: bytes, encoding: str) -> int:
    """How many bytes of byte order mark a file of this encoding begins with."""
    return next((len(mark) for mark, name in _MARKS if name == encoding and head.startswith(mark)), 0)


def encoding_of(path: Path) -> tuple[Encoding, tuple[Note, ...]]:
    """The encoding that makes sense of a text file's bytes, and what to say about it.

    A byte order mark decides; then whether the bytes are text two by two (UTF-16); then UTF-8, which
    hardly any other text is by accident and which is checked over the whole file; then which
    encoding's letters make the most sense. What cannot be told apart for certain is said.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, ()
    wide = utf_16(head)
    if wide:
        return wide, ()
    good, bad, sample = _utf8(path)
    if not bad:
        if good == 0 and any(mark in head for mark in _SHIFTS):
            return "iso-2022-jp", ()
        return "utf-8", ()
    if good > 20 * bad:
        return "utf-8", (note("some bytes are no UTF-8 text: the rows that hold them are refused"),)
    guess = likely(sample)
    if guess.others:
        doubt = "the text was taken to be {name}, but it may be {others}: look at its letters and choose"
        return guess.name, (note(doubt, name=guess.name, others=list(guess.others)),)
    sure = "the text was taken to be {name}: choose another encoding if letters look wrong"
    return guess.name, (note(sure, name=guess.name),)


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
        odd = sum(unicodedata.category(c) in _NO_TEXT and c not in "\t\r\n\x1a\0" for c in text)
        plain = sum(" " <= c < "\x7f" or c in "\t\r\n" for c in text)
        if odd * 100 <= len(text) and plain * 50 >= len(text) and text.count("\0") * 20 <= len(text):
            found.append((plain, name))
    return max(found)[1] if found else None


def _utf8(path: Path) -> tuple[int, int, bytes]:
    """Characters above ASCII that are good UTF-8, bytes that are not, and lines that hold such bytes."""
    good = bad = 0
    sample = bytearray()
    with path.open("rb") as file:
        rest = b""
        while chunk := file.read(CHUNK):
            if not rest and chunk.isascii():
                continue
            data = rest + chunk
            cut = data.rfind(b"\n") + 1 or len(data)
            block, rest = data[:cut], data[cut:]
            one, two = _judge(block, sample)
            good, bad = good + one, bad + two
            if len(rest) > CHUNK:
                one, two = _judge(rest, sample)
                good, bad, rest = good + one, bad + two, b""
        one, two = _judge(rest, sample)
    return good + one, bad + two, bytes(sample)


def _judge(block: bytes, sample: bytearray) -> tuple[int, int]:
    if block.isascii():
        return 0, 0
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        text = block.decode("utf-8", "replace")
        if len(sample) < _SAMPLE:  # from several places: a file's beginning may be of another kind
            lines = [line for line in block[: 4 * _SAMPLE].splitlines() if not line.isascii()]
            sample += b"\n".join(lines)[: _SAMPLE // 2] + b"\n"
        wrong = text.count("\ufffd")
        return max(0, len(text) - len(text.encode("ascii", "ignore")) - wrong), wrong
    return len(text) - len(text.encode("ascii", "ignore")), 0


def to_utf8(path: Path, encoding: str, into: Path, watch: Watch) -> None:
    """Write the file's text to `into` as UTF-8, in flat memory.

    Bytes that mean nothing in `encoding` become a sequence that no UTF-8 decoder lets pass, so
    that the rows that hold them are refused later, each with its line.
    """
    size = path.stat().st_size or 1
    try:
        decoder = codecs.getincrementaldecoder(codec(encoding))("sightline.mark")
    except LookupError as error:
        raise BadInput("{encoding!r} is no encoding that is known here.", encoding=encoding) from error
    done = 0
    with path.open("rb") as file, into.open("wb") as out:
        file.seek(mark_length(file.read(4), encoding))
        while chunk := file.read(CHUNK):
            out.write(decoder.decode(chunk).encode("utf-8", "surrogatepass"))
            done += len(chunk)
            watch.progress(0.2 * done / size, "Changing the text's encoding")
            if watch.stopped():
                raise Cancelled()
        out.write(decoder.decode(b"", True).encode("utf-8", "surrogatepass"))
