"""Names in sentences: how steps speak of columns in `describe`."""

from __future__ import annotations

from collections.abc import Sequence

from core.wording import Note, note

LONGEST = 40  # characters of a name that a sentence shows
MOST = 4  # names that a sentence lists


def quoted(name: str) -> str:
    """A name as a sentence shows it: quoted, on one line, cut when it is very long."""
    plain = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)
    return f'"{plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + chr(0x2026)}"'


def listed(names: Sequence[str | Note]) -> str | Note:
    """Names in a row: a, b and c; beyond a few, how many more there are."""
    if len(names) > MOST:
        return note("{names} and {more} more", names=names[:MOST], more=len(names) - MOST)
    if len(names) > 1:
        return note("{names} and {last}", names=names[:-1], last=names[-1])
    return names[0] if names else ""


def named(names: Sequence[str]) -> str | Note:
    """Names of columns in a row, each in quotes."""
    return listed([quoted(name) for name in names])
