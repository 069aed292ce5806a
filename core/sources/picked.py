"""Which files or sheets are meant by their names: "*.csv", "2024 *", or a list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import PurePosixPath

MOST = 60_000  # letters of a pattern
_SPECIAL = re.compile(r"[*?\[\],]")


def picks(pattern: str, *names: str) -> bool:
    """Whether one of the names of a thing is meant: * stands for anything, commas part several patterns."""
    patterns = [found for one in pattern.split(",") if (found := one.strip().casefold())]
    return any(fnmatchcase(name.casefold(), one) for name in names for one in patterns)


def pattern_for(wanted: Sequence[str], every: Sequence[str]) -> str | None:
    """The shortest pattern at hand that means the wanted names and no other; None where there is none."""
    chosen = set(wanted)
    for pattern in _candidates(wanted):
        met = {name for name in every if picks(pattern, name, name.rpartition("/")[2])}
        if len(pattern) <= MOST and met == chosen:
            return pattern
    return None


def _candidates(wanted: Sequence[str]) -> Iterator[str]:
    yield "*"
    ending = PurePosixPath(wanted[0]).suffix
    before = _shared(min(wanted), max(wanted))  # what these two begin with all names between them do
    folder = before[: before.rfind("/") + 1]
    yield from (_plain(one) for one in (f"*{ending}", f"{folder}*", f"{folder}*{ending}"))
    before = before.rstrip("0123456789")  # what numbers happen to begin with says nothing of the next one
    yield from (_plain(one) for one in (f"{before}*", f"{before}*{ending}"))
    yield ", ".join(_SPECIAL.sub("?", name) for name in wanted)


def _shared(one: str, other: str) -> str:
    """The letters that both begin with."""
    pairs = zip(one, other, strict=False)
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _plain(pattern: str) -> str:
    """A pattern whose stars alone are marks: of the names no letter is one."""
    return "*".join(_SPECIAL.sub("?", part) for part in pattern.split("*"))
