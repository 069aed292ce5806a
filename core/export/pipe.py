"""A file that is sent while it is written: its pieces are taken away, and nothing of it is kept."""

from __future__ import annotations

import io
from typing import Any


class Pipe(io.RawIOBase):
    """What a writer writes, to be taken away piece by piece."""

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
