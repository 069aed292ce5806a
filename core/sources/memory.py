"""How much memory this process may still take: what is read as a whole is refused when it would not fit."""

from __future__ import annotations

import resource
from pathlib import Path

from core.errors import LimitReached

_PAGE = resource.getpagesize()


def memory_left() -> int | None:
    """Bytes that this process may still take, by its own limits and the machine's; None if unknown."""
    limits = (_within(resource.RLIMIT_AS, 0), _within(resource.RLIMIT_DATA, 5))
    left = [free for free in limits if free is not None]
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        left.append(int(told["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):  # a system that does not tell: its limits are all there is
        pass
    return min(left) if left else None


def _within(limit: int, column: int) -> int | None:
    """What a limit leaves beside what is taken, which stands in a column of statm, in pages."""
    most, _ = resource.getrlimit(limit)
    if most == resource.RLIM_INFINITY:
        return None
    try:
        taken = int(Path("/proc/self/statm").read_text().split()[column]) * _PAGE
    except (OSError, IndexError, ValueError):
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return max(0, most - taken)


def check_memory(cells: int, each: int) -> None:
    """LimitReached when so many cells of `each` bytes would not fit."""
    needed, left = cells * each, memory_left()
    if left is not None and needed > left:
        raise LimitReached(
            "The sheet has about {cells:,} cells, which need {needed:,} MB of memory; {left:,} MB are free.",
            hint="Export it as CSV and add that: a text is read piece by piece.",
            cells=cells,
            needed=-(-needed // 2**20),
            left=left // 2**20,
        )
