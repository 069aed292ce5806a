"""Rows of Python values from a driver that tells no types: met once, then written."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.contracts import Watch
from core.errors import BadInput, Cancelled
from core.sources.database.base import Taken
from core.sources.gathered import store
from core.sources.rows import Beyond, Met, Rounded
from core.wording import note

Rows = Callable[[], tuple[list[str], Iterator[Sequence[Any]]]]  # asks anew each time: names and rows
_LOOK = 1_000  # rows between two looks at whether to stop
_HEX = "bytes"


def gathered(ask: Rows, place: Path, watch: Watch, *, expected: int | None = None) -> Taken:
    """Ask twice, in one transaction of the caller's: to settle each column's type, and to write it."""
    names, rows = ask()
    if not names:
        raise BadInput("The query gives no columns.")
    met, count, raw = [Met() for _ in names], 0, [False] * len(names)
    for row in rows:
        for i, cell in enumerate(row):
            raw[i] = raw[i] or isinstance(cell, bytes | bytearray | memoryview)
            met[i].see(value(cell))
        count += 1
        if count % _LOOK == 0:
            if watch.stopped():
                raise Cancelled()
            watch.progress(min(0.5, count / expected / 2) if expected else None, f"{count:,} rows read")

    def again() -> Iterator[Sequence[Any]]:
        for row in ask()[1]:
            yield [value(cell) for cell in row]

    written, columns, notes = store(names, met, again, place, watch)
    if written != count:
        raise BadInput(
            "The database changed while it was read: {before:,} rows became {after:,}.",
            hint="Try again.",
            before=count,
            after=written,
        )
    notes += [
        note("{name}: bytes were written as hexadecimal text", name=column.name)
        for column, found in zip(columns, raw, strict=True)
        if found
    ]
    return Taken(written, columns, tuple(notes))


def value(cell: Any) -> Any:
    """A driver's value as one of those that columns are made of."""
    if cell is None or isinstance(cell, bool | int | float | str | dt.date | dict | list):
        return cell
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).hex()
    if isinstance(cell, Decimal):
        return _number(cell)
    return str(cell)


def _number(exact: Decimal) -> Any:
    if not exact.is_finite():
        return float(exact)
    near = float(exact)
    if math.isinf(near) or (near == 0 and exact != 0):
        return Beyond(str(exact))
    if Decimal(repr(near)) == exact:
        return near
    found = Rounded(near)
    found.written = str(exact)
    return found
