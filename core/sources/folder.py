"""The files of a folder and of those in it: which are read, and which are left out and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.wording import Note, note

HIDDEN = note("It is hidden.")
UNREADABLE = note("It could not be opened.")
_LINK = note("It is a link to another place.")
_NO_FILE = note("It is no ordinary file.")
_SYSTEM = ("thumbs.db", "desktop.ini", "icon\r")
_DEPTH = 20  # folders in one another


def files(folder: Path) -> list[tuple[str, Path]]:
    """Where each file lies that can be read, and its place in the folder, as people write it; sorted."""
    return [(name, path) for name, path, why in _met(folder, "", _DEPTH) if why is None]


def left_out(folder: Path) -> list[tuple[str, Note]]:
    """What is not read and why; of a hidden folder nothing but its name."""
    return [(name, why) for name, _, why in _met(folder, "", _DEPTH) if why is not None]


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is one that programs keep for themselves."""
    return name.startswith((".", "~$")) or name.lower() in _SYSTEM


def _met(folder: Path, above: str, depth: int) -> Iterator[tuple[str, Path, Note | None]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield above.rstrip("/"), folder, UNREADABLE
        return
    for entry in entries:
        name, path = above + entry.name, Path(entry.path)
        if is_hidden(entry.name):
            yield name, path, HIDDEN
        elif entry.is_symlink():  # what it leads to is not in the folder
            yield name, path, _LINK
        elif entry.is_dir():
            if depth:
                yield from _met(path, f"{name}/", depth - 1)
            else:
                yield name, path, UNREADABLE
        elif not entry.is_file():
            yield name, path, _NO_FILE
        else:
            yield name, path, None if os.access(path, os.R_OK) else UNREADABLE
