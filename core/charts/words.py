"""How charts speak: numbers as people read them, sentences in a row, lists that end in time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from core.wording import Note, note

OTHERS = "other ({values} values)"
INFINITE = "{count:,} infinite value is left out. | {count:,} infinite values are left out."


def number(value: object) -> str:
    """A number as a person reads it: 1,234,567 or 0.0123."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "\u2013"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    if isinstance(value, float) and 1e3 <= abs(value) < 1e15:
        return f"{value:,.0f}"  # not 1.409e+04
    return f"{value:,.4g}"


def brief(value: object) -> str:
    """A number in a few characters, for where there is little room: 12.3k, 0.012."""
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return number(value)
    if abs(value) >= 1e15:
        return f"{value:.3g}"
    for size, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, 1e4):
            return f"{value / size:,.3g}{sign}"
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def counted(template: str, count: float | None, **values: object) -> Note | None:
    """A sentence on how many there are: "{count:,} value is missing. | ..."; none when there are none."""
    return note(template, count=int(count), **values) if count else None


def sentences(*parts: Note | None) -> Note:
    """Some sentences as one note; those that do not apply are None."""
    return _joined(" ", [part for part in parts if part is not None])


def listed(items: Iterable[Note], limit: int = 12) -> Note:
    """The items in one sentence part, the rest counted."""
    everything = list(items)
    rest = len(everything) - limit
    return _joined("; ", [*everything[:limit], *([note("and {rest} more", rest=rest)] if rest > 0 else [])])


def pair(name: Note | str, value: object) -> Note:
    """A name and what there is to say of it: "North: 12"."""
    return note("{name}: {value}", name=name, value=value)


def _joined(between: str, parts: Sequence[Note]) -> Note:
    # a template of placeholders alone is the same in every language
    template = between.join(f"{{p{i}}}" for i in range(len(parts)))
    return Note(template=template, values={f"p{i}": part for i, part in enumerate(parts)})
