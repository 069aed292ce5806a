"""A fitted model as one file to carry away, and the lines of Python that use it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CHUNK = 1024 * 1024


class _Pipe(io.RawIOBase):
    """What the archive writes, to be taken away piece by piece: nothing is kept."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self.pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def model_zip(weights: Path, card: Path) -> Iterator[bytes]:
    """A zip of model.json and weights.safetensors, in pieces and flat memory.

    Unpacked, it is the folder that `core.score.load` reads. The same model gives the same bytes.
    """
    sink = _Pipe()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, place in (("model.json", card), ("weights.safetensors", weights)):
            entry = zipfile.ZipInfo(name)  # without a date of its own: always the same bytes
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as out, place.open("rb") as source:
                while piece := source.read(CHUNK):
                    out.write(piece)
                    yield sink.take()
    yield sink.take()


def loading_code(folder: str, row: Mapping[str, Any]) -> str:
    """Python that loads the unpacked model and predicts one row.

    Names and values are written as literals: whatever they hold stays data.
    """
    typed = "".join(f"    {name!r}: {value!r},\n" for name, value in row.items())
    return f"""\
from pathlib import Path
from core.score import load

scorer = load(Path({folder!r}))  # the unpacked folder
row = {{
{typed}}}
print(scorer.check(scorer.columns))  # what is wrong with a table of these columns: nothing
print(scorer.score_row(row))
"""
