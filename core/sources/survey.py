"""One quick look at all bytes of a UTF-8 text: is it clean enough for the fast reader, and how long."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.contracts import Watch
from core.errors import Cancelled
from core.sources.records import CHUNK, LINE_LIMIT

if TYPE_CHECKING:
    import numpy as np

_SMALL = 1 << 17  # small enough that memory for looking at it is not asked for anew each time


@dataclass(frozen=True)
class Survey:
    """What the bytes of a text say: `lines` that end in a newline or the end of the file."""

    size: int
    lines: int
    trouble: str = ""  # why only the careful reader may read it


def survey(path: Path, start: int, mark: str, quote: str, width: int, watch: Watch) -> Survey:
    """Look at the bytes from `start` on; stops at the first trouble."""
    import numpy as np

    size = path.stat().st_size
    lines = done = gap = marks = 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    delimiter, around = mark.encode(), quote.encode()
    spaced = around + b" " + around
    last = b"\n"
    returns = paired = 0
    quoted = False
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(_SMALL):
            data = np.frombuffer(chunk, np.uint8)
            found = int(np.count_nonzero(data == 10))
            first = chunk.find(b"\n")
            gap += len(chunk) if first < 0 else first
            if gap > LINE_LIMIT:
                return Survey(size, lines, "a very long line")
            if first >= 0:
                gap = len(chunk) - chunk.rfind(b"\n") - 1
            if b"\0" in chunk:
                return Survey(size, lines, "NUL characters")
            if not chunk.isascii() or decoder.getstate()[0]:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    return Survey(size, lines, "bytes that are no UTF-8")
            if b"\r" in chunk:
                returns += chunk.count(b"\r")
                paired += chunk.count(b"\r\n")
            paired += last.endswith(b"\r") and chunk[:1] == b"\n"
            quoted = quoted or (bool(quote) and around in chunk)
            seam = last + chunk[:2]
            if quoted and (spaced in seam or _spaced(data, around[0])):
                return Survey(size, lines, "a space between quotes")  # the fast reader joins what they hold
            if not quoted:
                marks += int(np.count_nonzero(data == delimiter[0]))
            lines += found
            last = chunk[-2:]
            done += len(chunk)
            watch.progress(0.2 + 0.1 * done / max(1, size - start), "Looking through the file")
            if watch.stopped():
                raise Cancelled()
    try:
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return Survey(size, lines, "bytes that are no UTF-8")
    if returns and (returns != paired or returns != lines):
        return Survey(size, lines, "different line ends")
    lines += not last.endswith(b"\n")
    # without quotes every mark ends a cell; fewer whole rows of them than lines may be blank lines
    if not quoted and (marks > lines * (width - 1) or (width > 2 and marks % (width - 1))):
        return Survey(size, lines, "rows of different lengths")
    return Survey(size, lines)


def _spaced(data: np.ndarray[Any, np.dtype[np.uint8]], quote: int) -> bool:
    """Whether a space stands between two quotes: ten times as quick as a search for the three bytes."""
    found = data == quote
    return bool((found[2:] & found[:-2] & (data[1:-1] == 32)).any())


def records_outside_quotes(path: Path, start: int, quote: str) -> int:
    """Lines that are not blank and do not end inside quotes: the records of a clean file, counted apart."""
    import numpy as np

    mark = ord(quote) if quote else -1
    count = 0
    inside = False
    length = 0  # bytes in the record so far, line ends left out
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(CHUNK):
            data = np.frombuffer(chunk, np.uint8)
            ends = np.flatnonzero(data == 10)
            quotes = np.cumsum(data == mark)
            filled = np.cumsum((data != 10) & (data != 13) & (data != 32))
            outside = ends[(quotes[ends] + inside) % 2 == 0]
            upto = np.concatenate(([0], filled[outside]))
            held = np.diff(upto)
            if len(held):
                held[0] += length
                count += int((held > 0).sum())
                length = int(filled[-1] - upto[-1])
            else:
                length += int(filled[-1])
            inside = bool((quotes[-1] + inside) % 2)
    return count + (length > 0)
