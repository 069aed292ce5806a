"""Names in sentences: how steps speak of columns in `describe`."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 40  # characters of a name that a sentence shows
MOST = 4  # names that a sentence lists


def quoted(name: str) -> str:
    """A name as a sentence shows it: quoted, on one line, cut when it is very long."""
    plain = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in name)
    return f'"{plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + chr(0x2026)}"'


def listed(names: Sequence[str]) -> str:
    """Names in a row: a, b and c; beyond a few, how many more there are."""
    if len(names) > MOST:
        return ", ".join(names[:MOST]) + f" and {len(names) - MOST} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
