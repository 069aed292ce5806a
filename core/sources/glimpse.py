"""A look at a text before it is read: rows from its start, its middle and its end."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.sources.records import Reader, Splitter

if TYPE_CHECKING:
    import pyarrow as pa

_BYTES = (1 << 18, 1 << 16, 1 << 16)  # looked at from the start, the middle and the end
_MANY = 9  # good rows for each bad one: then it is the row that is wrong, not the look


@dataclass(frozen=True)
class Glimpse:
    """Rows of text, as columns c0, c1, ...; `ragged` where rows beside them do not fit."""

    rows: pa.Table
    ragged: bool


def glimpse(path: Path, start: int, splitter: Splitter, width: int, pad: bool) -> Glimpse:
    """Look at the text whose rows begin at byte `start`."""
    import pyarrow as pa

    size = path.stat().st_size
    head, middle, end = _BYTES
    quote = splitter.quote.encode()
    with path.open("rb") as file:
        file.seek(start)
        rows, bad = _good(file.read(head), splitter, width, pad, cut=size > start + head)
        ragged = bad > 0
        for place, length in ((size // 2, middle), (size - end, end)):
            if place <= start + head:
                continue
            file.seek(place)
            part = file.read(length)
            found, bad = _good(part.partition(b"\n")[2], splitter, width, pad, cut=place + length < size)
            ragged = ragged or 0 < bad * _MANY < len(found)
            # inside quotes a line end is no end of a record: such parts are not trusted
            if not quote or quote not in part:
                rows += found
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    table = pa.table([pa.array(c, pa.string()) for c in columns], names=[f"c{i}" for i in range(width)])
    return Glimpse(table, ragged)


def _good(
    part: bytes, splitter: Splitter, width: int, pad: bool, *, cut: bool
) -> tuple[list[list[str]], int]:
    """The cells of the rows that fit, and how many do not."""
    if cut:
        part = part[: part.rfind(b"\n") + 1]
    limit = max(50, 200_000 // width)
    found = list(itertools.islice(Reader(io.BytesIO(part), splitter, width, pad), limit))
    good = [record.cells for record in found if not record.reason]
    return good, len(found) - len(good)
