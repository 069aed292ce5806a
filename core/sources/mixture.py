"""What the lines of a text say about the encodings they are in: one for all, or several."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from core.sources.charsets import PAIRED, Guess, codec, likely, sense, share_known
from core.sources.mixed import in_pieces, is_utf8, once, seems_twice, without_utf8

_SAMPLE = 65_536  # bytes that the encoding is told from
_LINES = 200  # that may have been encoded twice, and are looked at
_CLEARER = 0.25  # how much more sense one reading must make than another
_AT_END = "ÃÂÄÅÐÑÎÏâ"  # the beginning of a letter of UTF-8 whose end was cut off


@dataclass
class Scan:
    """Looks through the blocks of a text, each of whole lines."""

    good: int = 0  # characters above ASCII that are good UTF-8
    bad: int = 0  # bytes that are not
    wide: bool = False  # some lines are UTF-16
    marks: bool = False  # a byte order mark stands before another line than the first
    _sample: bytearray = field(default_factory=bytearray)  # lines of blocks that are not all UTF-8
    _right: bytearray = field(default_factory=bytearray)  # lines of blocks that are
    _double: list[str] = field(default_factory=list)  # lines that may have been encoded twice

    def see(self, order: str, block: bytes) -> None:
        """One block more; `order` where it is UTF-16."""
        if order:
            self.wide = True
            return
        if block.isascii():
            return
        self.marks = self.marks or b"\n\xef\xbb\xbf" in block
        if len(self._double) < _LINES and seems_twice(block):
            self._keep_double(block)
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError as error:
            text = block.decode("utf-8", "replace")
            wrong = text.count("\ufffd")
            first = block.rfind(b"\n", 0, error.start) + 1
            self._keep(self._right, block[:first], 0)
            self._keep(self._sample, block, first)
        else:
            wrong = 0
            self._keep(self._right, block, 0)
        self.bad += wrong
        self.good += max(0, len(text) - len(text.encode("ascii", "ignore")) - wrong)

    def sample(self) -> bytes:
        """Lines from several places: a file's beginning may be of another kind."""
        return bytes(self._sample)

    def _keep(self, into: bytearray, block: bytes, start: int) -> None:
        most = min(_SAMPLE, len(into) + _SAMPLE // 2)
        for line in block[start : start + 4 * _SAMPLE].splitlines() if len(into) < most else ():
            if not line.isascii():
                into += line[:_SAMPLE] + b"\n"
                if len(into) >= most:
                    return

    def _keep_double(self, block: bytes) -> None:
        for line in block.splitlines():
            if seems_twice(line) and is_utf8(line):
                self._double.append(line.decode())
                if len(self._double) == _LINES:
                    return

    def proves_twice(self) -> bool:
        """Whether lines were surely encoded twice: only what they were meant to be makes sense."""
        lines = [(line, meant) for line in self._double if (meant := once(line)) is not None]
        if not lines:
            return False
        found, meant = ("\n".join(texts) for texts in zip(*lines, strict=True))
        letters = [c for c in meant if c >= "\x80"]
        right, _ = self._apart()
        known = {c for line in right if not seems_twice(line) for c in line.decode() if c >= "\x80"}
        return (
            (len(letters) > 2 or share_known(meant, known) > 0.5)
            and all(unicodedata.category(c)[0] in "LP" or c in "\xa0€£°" for c in letters)
            and sense(found, "utf-8") < 0.6
            and sense(meant, "utf-8") > 0.85
        )

    def mixture(self) -> Guess | None:
        """The encoding of the lines that are no UTF-8, where others surely are; None where all are in one."""
        right, wrong = self._apart()
        if not wrong:
            return None
        text = b"\n".join(right).decode()
        known = {character for character in text if character >= "\x80"}
        guess = likely(b"\n".join(wrong), known)
        pieces = [line for line in wrong if without_utf8(line) != line]
        if pieces:  # UTF-8 inside of lines that are something else
            bare = likely(b"\n".join(map(without_utf8, wrong)), known)
            if bare.name not in PAIRED and _clearer(_mended(pieces, bare), pieces, guess):
                guess, right, text = bare, right or pieces, text or _mended(pieces, bare)
            else:
                pieces = []
        if self.good > 20 * self.bad:
            return guess if self._means_something(wrong, guess, known) else None
        if pieces or self.wide or (right and _clearer(text, right, guess)):
            return guess
        return None

    def _apart(self) -> tuple[list[bytes], list[bytes]]:
        """Lines above ASCII that are UTF-8, and those that are not."""
        right = [line for line in bytes(self._right).splitlines() if is_utf8(line)]
        wrong: list[bytes] = []
        for line in bytes(self._sample).splitlines():
            (right if is_utf8(line) else wrong).append(line)
        return right, wrong

    def _means_something(self, wrong: list[bytes], guess: Guess, known: set[str]) -> bool:
        """Whether the few bytes that are no UTF-8 are letters of an encoding, and not damage."""
        try:
            bare = [without_utf8(line).decode(codec(guess.name)) for line in wrong]
        except UnicodeDecodeError:
            return False
        text = "\n".join(bare)
        if any(c in "ÿþ" or "\x80" <= c <= "\x9f" for c in text if c not in known):
            return False
        if not _scripts(text) <= _scripts("".join(known)):
            return False  # letters of another alphabet than all others above ASCII
        cut = any(
            c in _AT_END and c not in known and not text[i + 1 : i + 2].isalpha() for i, c in enumerate(text)
        )
        return not cut and (share_known(text, known) >= 0.5 or sense(text, guess.name) >= 0.8)


def _scripts(text: str) -> set[str]:
    """The alphabets of a text's letters above ASCII."""
    return {unicodedata.name(c, "").split(" ")[0] for c in set(text) if c >= "\x80" and c.isalpha()}


def _mended(lines: list[bytes], guess: Guess) -> str:
    return "\n".join(
        in_pieces(line, lambda part: part.decode(codec(guess.name), "replace")) for line in lines
    )


def _clearer(text: str, lines: list[bytes], guess: Guess) -> bool:
    """Whether a text makes more sense than its lines do when they are read as the guess says."""
    other = b"\n".join(lines).decode(codec(guess.name), "replace")
    gap = sense(text[:6_000], "utf-8") - sense(other[:6_000], guess.name)
    letters = sum(c >= "\x80" for c in text)
    return gap > (_CLEARER if letters > 2 else 2 * _CLEARER)
