"""What a column's header in the grid shows: type, meaning, quality, and a small distribution."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.contracts import ColumnType
from ui.text import plain

if TYPE_CHECKING:
    from core.profile import ColumnProfile

BARS = 40  # of a header's distribution
NAMED = 3  # values named in the header of a text column
LABEL = 60  # characters of a value's name there
NAME = 1_000  # characters of a column's name; the page shortens it to what fits


@dataclass(frozen=True)
class Bars:
    """Neighbouring bars, from `low` to `high`; `labels` say what each stands for."""

    counts: tuple[int, ...]
    labels: tuple[str, ...]
    low: str
    high: str


@dataclass(frozen=True)
class Values:
    """The commonest values with their counts, out of `rows`; `remark` instead where none is common."""

    top: tuple[tuple[str, int], ...]
    rows: int
    remark: str = ""


@dataclass(frozen=True)
class HeaderInfo:
    """One column's header. Counts are of rows; None means it is not known, and no bar is drawn.

    `meaning` is one of the words of a profile, translated here; `note` (already translated) is shown
    as a badge: "new", "was text".
    """

    name: str
    type: ColumnType
    meaning: str = ""
    rows: int | None = None
    empty: int | None = None
    invalid: int | None = None
    picture: Bars | Values | None = None
    words: str = ""  # the picture in words
    note: str = ""
    personal: str = ""  # the kind of personal data it seems to hold, already translated

    def kind(self) -> str:
        """Storage type and meaning in plain words: "text · category"."""
        return " · ".join(dict.fromkeys(plain(word) for word in (self.type, self.meaning) if word))

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name if len(self.name) <= NAME else self.name[: NAME - 1] + "…",
            "kind": self.kind(),
            "note": self.note,
            "personal": self.personal,
            "number": self.type in ("integer", "number"),
            "quality": list(self._quality()),
            "picture": _picture(self.picture),
            "words": self.words,
        }

    def _quality(self) -> Iterator[dict[str, Any]]:
        """The parts of the quality bar that have rows, in their order."""
        if not self.rows or self.empty is None:
            return
        invalid = self.invalid or 0
        parts = {"valid": self.rows - self.empty - invalid, "invalid": invalid, "empty": self.empty}
        words = {
            "valid": plain("Valid" if self.invalid is not None else "Present"),
            "invalid": plain("Invalid"),
            "empty": plain("Empty"),
        }
        for part, count in parts.items():
            if count > 0:
                told = {
                    "part": words[part],
                    "count": count,
                    "rows": self.rows,
                    "share": share(count, self.rows),
                }
                label = plain("{part}: {count:,} of {rows:,} rows ({share})", **told)
                yield {"part": part, "share": count / self.rows, "label": label}


def share(part: int, whole: int) -> str:
    """A percentage that calls neither a few cells none nor nearly all of them all."""
    if not part or not whole:
        return "0%"
    if part / whole < 0.001:
        return "< 0.1%"
    return "> 99.9%" if part < whole and part / whole >= 0.9995 else f"{part / whole:.1%}"


def _picture(picture: Bars | Values | None) -> dict[str, Any] | None:
    if isinstance(picture, Bars):
        return {
            "bars": picture.counts,
            "labels": [f"{a}: {b:,}" for a, b in zip(picture.labels, picture.counts, strict=True)],
            "low": picture.low,
            "high": picture.high,
        }
    if isinstance(picture, Values):
        top = [
            {
                "text": text if len(text) <= LABEL else text[: LABEL - 1] + "…",
                "share": count / picture.rows if picture.rows else 0,
                "told": share(count, picture.rows),
                "count": f"{count:,}",
            }
            for text, count in picture.top
        ]
        return {"values": top, "remark": picture.remark}
    return None


def header(column: ColumnProfile, *, words: str = "") -> HeaderInfo:
    """The header of a column whose profile is known."""
    return HeaderInfo(
        name=column.name, type=column.type, meaning=column.meaning, rows=column.rows, empty=column.missing,
        invalid=column.invalid, personal=plain(column.personal or ""), picture=_drawn(column), words=words,
    )  # fmt: skip


def _drawn(column: ColumnProfile) -> Bars | Values | None:
    found = column.histogram
    if found is not None and found.counts:
        ranges = [_range(column.type, a, b) for a, b in pairwise(found.edges)][:BARS]
        labels = tuple(a if a == b else f"{a} … {b}" for a, b in ranges)
        low = ranges[0][0] if found.below else _range(column.type, column.minimum, column.maximum)[0]
        high = ranges[-1][1] if found.above else _range(column.type, column.minimum, column.maximum)[1]
        return Bars(found.counts[:BARS], labels, low, high)
    if not column.present:
        return None
    if not column.top or column.unique or column.top[0].count < 2:
        return Values(
            (), column.present, plain("{count:,} value | {count:,} different values", count=column.distinct)
        )
    top = tuple((value.value, value.count) for value in column.top[:NAMED])
    more = max(column.distinct - len(top), 0)
    remark = plain("and {count:,} more", count=more) if more else ""
    return Values(top, column.present, remark)


def _range(kind: ColumnType, low: Any, high: Any) -> tuple[str, str]:
    """The ends of a bar as people say them: whole numbers are from 1 to 3, not from 0.5 to 3.5."""
    if kind == "integer" and isinstance(low, float) and isinstance(high, float):
        first, last = math.ceil(low), math.ceil(high) - 1
        return figure(first), figure(max(first, last))
    if kind in ("date", "datetime") and str(low)[:10] != str(high)[:10]:
        return str(low)[:10], str(high)[:10]
    return figure(low), figure(high)


def figure(value: object) -> str:
    """A number in at most four digits that fits under a small picture; dates and texts as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return str(value) if isinstance(value, int) and abs(value) < 10_000_000 else f"{value:.4g}"
