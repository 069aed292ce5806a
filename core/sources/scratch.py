"""A folder for one reading, beside the place it writes to, gone when the reading ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_beside(place: Path | None = None) -> Iterator[Path]:
    """A private folder in the folder of `place` (so that results move there at once), or anywhere."""
    folder = None if place is None else place.parent
    with tempfile.TemporaryDirectory(dir=folder, prefix="reading-") as made:
        yield Path(made)
