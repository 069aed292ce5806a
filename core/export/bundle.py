"""Files in one zip, packed while it is sent; a fitted model as such a zip, and the lines that use it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from core.export.pipe import Pipe

CHUNK = 1024 * 1024


Entry = Path | bytes


def zipped(files: Iterable[tuple[str, Entry]]) -> Iterator[bytes]:
    """A zip of files and made texts by name, in pieces and flat memory; the same content, the same bytes.

    Parquet files are stored as they are: they are packed already.
    """
    sink = Pipe()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)  # without a date of its own: always the same bytes
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as out, _opened(content) as source:
                while piece := source.read(CHUNK):
                    out.write(piece)
                    yield sink.take()
    yield sink.take()


def _opened(content: Entry) -> IO[bytes]:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def model_zip(weights: Path, card: Path) -> Iterator[bytes]:
    """A zip of model.json and weights.safetensors: unpacked, the folder that `core.score.load` reads."""
    return zipped((("model.json", card), ("weights.safetensors", weights)))


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
