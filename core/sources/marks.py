"""Marks that may stand between the cells of a text: the usual ones, and those that its own lines suggest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from core.sources.records import SPACES, TAB

USUAL = (",", ";", TAB, "|", "^", "~", "||", "::", SPACES)
_LINES = 80  # of the text that are looked at
_MOST = 6  # marks beyond the usual ones that are tried
_LOOKS = 60  # that are counted to find those
_STEADY = 0.6  # the share of the lines that must have a mark equally often
_QUOTED = re.compile(r'"[^"\n]*"')
_RUNS = re.compile(r"[^\w\s\"'.\-]{2,4}|\t\t| [;|] |[,;] ")
# control characters made to separate, and signs; not those that stand inside words, numbers and paths
_SINGLE = re.compile(r"[\x01\x02\x1c-\x1f:#!$*&@§¦¬`]")
_CONTROL = re.compile(r"[\x01\x02\x1c-\x1f]")


def candidates(head: bytes) -> Sequence[str]:
    """The marks to try on a text that begins with `head`."""
    text = head[:30_000].decode("utf-8", "ignore")
    lines = [_QUOTED.sub("x", line) for line in re.split(r"[\r\n]+", text)[:_LINES] if line.strip(" ")]
    together = "\n".join(lines)
    looks = {mark[:length] for mark in set(_RUNS.findall(together)) for length in (2, 3)}
    looks |= set(_SINGLE.findall(together))
    found: dict[str, float] = {}
    for mark in sorted(looks, key=lambda mark: (len(mark), mark))[:_LOOKS]:
        share = _steady([line.count(mark) for line in lines])
        if share >= _STEADY:
            found[mark] = share
    extra = [mark for mark, _ in sorted(found.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))]
    return [*USUAL, *[mark for mark in extra if mark not in USUAL][:_MOST]]


def usual(mark: str) -> bool:
    """Whether the mark is made for this: a comma, bar, tab or control character, with spaces or without."""
    return mark in USUAL or mark.strip() in USUAL or bool(_CONTROL.fullmatch(mark))


def _steady(counts: Sequence[int]) -> float:
    """The share of the lines that have the mark as often as most lines do."""
    often, lines = Counter(counts).most_common(1)[0] if counts else (0, 0)
    return lines / len(counts) if often else 0.0
