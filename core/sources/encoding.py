"""Which encoding a text file is in, and the same text as UTF-8."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Literal

from core.contracts import Watch
from core.errors import BadInput, Cancelled
from core.wording import Note, note

Encoding = Literal[
    "utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5", "shift_jis", "euc-kr", "windows-1252", "latin-1"
]
CHUNK = 4 << 20
_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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

    A byte order mark decides; then zero bytes in every second place (UTF-16); then UTF-8, which
    hardly any other text is by accident and which is checked over the whole file; then the
    encoding whose everyday characters the bytes are.
    """
    with path.open("rb") as file:
        head = file.read(65_536)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, ()
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8 and min(even, odd) < max(even, odd) // 8:
        return ("utf-16-be" if even > odd else "utf-16-le"), ()
    whole, broken, sample = _utf8(path)
    if not broken:
        return "utf-8", ()
    if whole > 20 * broken:
        return "utf-8", (note("some bytes are no UTF-8 text: the rows that hold them are refused"),)
    name = _legacy(sample)
    return name, (
        note("the text was taken to be {name}: choose another encoding if letters look wrong", name=name),
    )


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
        if len(sample) < 65_536:
            lines = [line for line in block[: 8 * 65_536].splitlines() if not line.isascii()]
            sample += b"\n".join(lines)[:65_536]
        wrong = text.count("\ufffd")
        return max(0, len(text) - len(text.encode("ascii", "ignore")) - wrong), wrong
    return len(text) - len(text.encode("ascii", "ignore")), 0


def _legacy(sample: bytes) -> Encoding:
    """The older encoding whose everyday characters these bytes are."""
    scores: dict[Encoding, float] = {
        "gb18030": _share(sample, "gb18030", lambda a, b: 0xB0 <= a <= 0xD7 and b >= 0xA1),
        "big5": _share(sample, "big5", lambda a, b: 0xA4 <= a <= 0xC6),
        "euc-kr": _share(sample, "euc-kr", lambda a, b: 0xB0 <= a <= 0xC8 and b >= 0xA1),
        "shift_jis": _share(sample, "shift_jis", lambda a, b: a in (0x82, 0x83) or 0x88 <= a <= 0x97),
    }
    high = [index for index, byte in enumerate(sample) if byte >= 0x80]
    alone = sum(
        1
        for index in high
        if (index == 0 or sample[index - 1] < 0x80) and (index + 1 == len(sample) or sample[index + 1] < 0x80)
    )
    best = max(scores, key=lambda name: scores[name])
    # letters with accents stand alone among plain ones; Chinese, Japanese and Korean come in pairs
    if alone > 0.6 * len(high) and _kana(sample, "shift_jis") < 0.3:
        best_score = 0.0
    else:
        best_score = scores[best]
    if best == "gb18030" and scores["euc-kr"] > 0.95 and _hangul(sample) > 0.5:
        best = "euc-kr"
    if best != "shift_jis" and scores["shift_jis"] > 0.6 and _kana(sample, "shift_jis") > 0.3:
        best = "shift_jis"
    if best_score > 0.5:
        return best
    try:
        sample.decode("windows-1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "windows-1252"


def _share(sample: bytes, encoding: str, everyday: object) -> float:
    """The share of a sample's double-byte characters that are everyday ones; 0 if it cannot be read."""
    assert callable(everyday)
    wrong = common = other = 0
    for line in sample.splitlines():
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            wrong += 1
            continue
        for character in text:
            if ord(character) < 0x80:
                continue
            pair = character.encode(encoding)
            if len(pair) == 2 and everyday(pair[0], pair[1]):
                common += 1
            else:
                other += 1
    total = common + other
    lines = max(1, len(sample.splitlines()))
    return 0.0 if wrong > lines * 0.05 or total == 0 else common / total


def _fraction(sample: bytes, encoding: str, low: int, high: int) -> float:
    text = sample.decode(encoding, "ignore")
    above = [ord(character) for character in text if ord(character) >= 0x80]
    return sum(1 for code in above if low <= code <= high) / max(1, len(above))


def _kana(sample: bytes, encoding: str) -> float:
    return _fraction(sample, encoding, 0x3040, 0x30FF)


def _hangul(sample: bytes) -> float:
    return _fraction(sample, "euc-kr", 0xAC00, 0xD7A3)


def to_utf8(path: Path, encoding: str, into: Path, watch: Watch) -> None:
    """Write the file's text to `into` as UTF-8, in flat memory.

    Bytes that mean nothing in `encoding` become a sequence that no UTF-8 decoder lets pass, so
    that the rows that hold them are refused later, each with its line.
    """
    size = path.stat().st_size or 1
    try:
        decoder = codecs.getincrementaldecoder(encoding)("sightline.mark")
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
