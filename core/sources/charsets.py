"""The encodings that a text may be in, and the likeliest one for some bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

Encoding = Literal[
    "utf-8", "utf-16-le", "utf-16-be",
    "gb18030", "big5", "big5-hkscs", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr",
    "windows-1252", "latin-1", "iso-8859-15", "macintosh",
    "windows-1250", "iso-8859-2", "windows-1257", "iso-8859-13",
    "windows-1251", "koi8-r", "koi8-u", "iso-8859-5", "ibm866",
    "windows-1253", "iso-8859-7", "windows-1254", "iso-8859-9",
    "windows-1255", "windows-1256", "windows-1258", "windows-874",
]  # fmt: skip
# what systems write under these names is more than the standard has: ㈱ and ① in Shift-JIS, for one
_WIDER = {
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc-jp": "euc_jis_2004",
    "euc-kr": "cp949",
    "windows-874": "cp874",
    "macintosh": "mac_roman",
}
# the detector's names for those that it tells apart; subsets are read by what holds them
_NAMES: dict[str, Encoding] = {
    "gb18030": "gb18030", "big5hkscs": "big5", "cp932": "shift_jis", "shift_jis_2004": "shift_jis",
    "euc_jis_2004": "euc-jp", "cp949": "euc-kr", "euc_kr": "euc-kr",
    "cp1252": "windows-1252", "iso8859-1": "latin-1", "iso8859-15": "iso-8859-15", "mac-roman": "macintosh",
    "cp1250": "windows-1250", "iso8859-2": "iso-8859-2", "cp1257": "windows-1257",
    "iso8859-13": "iso-8859-13", "cp1251": "windows-1251", "koi8-r": "koi8-r", "koi8-u": "koi8-u",
    "iso8859-5": "iso-8859-5", "cp866": "ibm866", "cp1253": "windows-1253", "iso8859-7": "iso-8859-7",
    "cp1254": "windows-1254", "iso8859-9": "iso-8859-9", "cp1255": "windows-1255",
    "cp1256": "windows-1256", "cp1258": "windows-1258", "cp874": "windows-874",
}  # fmt: skip
# few letters say little: then what is written most often is the better guess
_USUAL: dict[str, float] = {
    "windows-1252": 0.008,
    "gb18030": 0.004,
    "shift_jis": 0.004,
    "windows-1251": 0.004,
}
_TOLD_APART = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr")
PAIRED = (*_TOLD_APART, "big5-hkscs")  # two bytes or more a letter
# up to so many letters, an encoding with this share of the best score may be meant as well
_DOUBT = ((8, 0.0), (60, 0.35), (1 << 30, 0.7))
_KNOWN = get_args(Encoding)
_LOOKED = 6_000  # characters whose sense is judged
_CONTROL = re.compile("[\x80-\x9f]")


@dataclass(frozen=True)
class Guess:
    """The likeliest encoding, and those that would give another text and are nearly as likely."""

    name: Encoding
    others: tuple[Encoding, ...] = ()


def codec(encoding: str) -> str:
    """Python's name for what reads an encoding."""
    return _WIDER.get(encoding, encoding)


def likely(sample: bytes, known: Collection[str] = ()) -> Guess:
    """The encoding whose letters make the most sense of bytes that are no UTF-8.

    A detector that knows pairs of letters in many languages proposes; each proposal counts for as
    much as the text it gives is text: no marks amid words, no capitals after small letters, no rare
    ideographs where everyday ones are to be expected. Letters that are `known` from other lines of the
    same file speak for an encoding that has them here, too.
    """
    texts: dict[Encoding, str] = {}
    scores: dict[Encoding, float] = {}
    for part in _readable(sample):
        for place, (name, confidence) in enumerate(_proposed(part)):
            name = _widest(name, part)
            text = part.decode(codec(name), "replace")
            score = confidence * sense(text[:_LOOKED], name) * (1.0 if place else 1.1)
            score *= 1 + share_known(text[:_LOOKED], known)
            score = _USUAL.get(name, 0.0) + (score / 2 if _CONTROL.search(text) else score)
            if score > scores.get(name, 0.0):
                scores[name], texts[name] = score, text
    if not scores:
        return Guess("latin-1")
    ranked = sorted(scores, key=lambda name: (-scores[name], _KNOWN.index(name)))
    # of encodings that read the same text the best known one is named
    best = min((n for n in ranked if texts[n] == texts[ranked[0]]), key=_KNOWN.index)
    letters = sum(character >= "\x80" for character in texts[best][:_LOOKED])
    near = next(share for most, share in _DOUBT if letters <= most) * scores[ranked[0]]
    return Guess(best, tuple(n for n in ranked if scores[n] > near and texts[n] != texts[best])[:2])


def share_known(text: str, known: Collection[str]) -> float:
    """The share of a text's letters above ASCII that are among the known ones."""
    high = [character for character in text if character >= "\x80"] if known else []
    return sum(character in known for character in high) / len(high) if high else 0.0


def _readable(sample: bytes) -> Iterator[bytes]:
    """The sample, and what is left of it without the few lines that a pair-wise encoding cannot read."""
    yield sample
    lines = sample.splitlines(keepends=True)
    told = {sample}
    for name in _TOLD_APART:
        kept = b"".join(line for line in lines if _reads(line, name))
        if kept not in told and len(kept) >= 0.9 * len(sample):
            told.add(kept)
            yield kept


def _reads(part: bytes, name: str) -> bool:
    try:
        part.decode(codec(name))
    except UnicodeDecodeError:
        return False
    return True


def _proposed(sample: bytes) -> Iterator[tuple[Encoding, float]]:
    from chardet import detect_all

    for found in detect_all(
        sample,
        max_bytes=len(sample),
        compat_names=False,
        ignore_threshold=True,
        include_encodings=tuple(_NAMES),
    ):
        name = _NAMES.get(found["encoding"] or "")
        if name:
            yield name, found["confidence"]


def _widest(name: Encoding, part: bytes) -> Encoding:
    if name == "latin-1" and _reads(part, "windows-1252"):
        return "windows-1252"
    if name == "big5" and not _reads(part, "big5"):
        return "big5-hkscs"
    return name


def sense(text: str, name: str) -> float:
    """How much of a text's letters above ASCII stand where such letters stand, from 0 to 1."""
    total, strange = 0, 0.0
    for character in text:
        if character >= "\x80":
            total += 1
            strange += _rare(character, name)
    for before, after in pairwise(text):
        if before >= "\x80" or after >= "\x80":
            strange += _odd(before, after)
    return max(0.05, 1 - strange / total) if total else 1.0


def _rare(character: str, name: str) -> float:
    kind = unicodedata.category(character)
    if kind in ("Cn", "Co", "Cs", "Cc") or character == "\ufffd":
        return 1.0
    if name not in PAIRED:
        return 0.5 if kind in ("So", "Sm", "Sk") else 0.0
    if "\u3040" <= character <= "\u30ff":
        return 0.0 if name in ("shift_jis", "euc-jp") else 2.0
    if "\uff61" <= character <= "\uff9f":  # half-width katakana: one byte each, so nearly any byte is one
        return 0.3
    if kind != "Lo":
        return 0.0
    first = character.encode(codec(name), "replace")[0]
    everyday = {
        "gb18030": 0xB0 <= first <= 0xD7,
        "big5": 0xA4 <= first <= 0xC6,
        "big5-hkscs": 0xA4 <= first <= 0xC6,
        "shift_jis": 0x88 <= first <= 0x97,
        "euc-jp": 0xB0 <= first <= 0xCF,
        "euc-kr": 0xB0 <= first <= 0xC8,
    }
    return 0.0 if everyday[name] else 0.7


def _foreign(letter: str) -> bool:
    """A letter of Greek, Cyrillic, Hebrew, Arabic or Thai: no word has it beside one of a to z."""
    return "\u0370" <= letter <= "\u10ff"


def _odd(before: str, after: str) -> float:
    """How unlikely two characters stand beside each other in a word."""
    if before.islower() and after.isupper():
        return 1.0
    if before.isalpha() and after.isalpha():
        if (before.isascii() and _foreign(after)) or (after.isascii() and _foreign(before)):
            return 0.5
        wide = (before >= "\u2e80") != (after >= "\u2e80")
        return 0.5 if wide and (before.islower() or after.islower()) else 0.0
    if (before.isalpha() and _mark(after)) or (after.isalpha() and _mark(before)):
        return 0.5
    return 0.0


def _mark(character: str) -> bool:
    return character >= "\x80" and (
        unicodedata.category(character) in ("Sc", "Sk", "Sm", "So", "No", "Cf") or character in "¶§†‡"
    )
