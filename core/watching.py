"""Progress of a part of the work, and the moment at which a person's wish to stop is heard."""

from __future__ import annotations

from core.contracts import Silent, Watch
from core.errors import Cancelled


class Part(Silent):
    """A Watch whose progress is a part of another's."""

    def __init__(self, whole: Watch, start: float, end: float) -> None:
        self._whole, self._start, self._end = whole, start, end

    def progress(self, share: float | None, message: str = "") -> None:
        self._whole.progress(self._start + (share or 0.0) * (self._end - self._start), message)

    def stopped(self) -> bool:
        return self._whole.stopped()


def go_on(watch: Watch, share: float, message: str) -> None:
    """Say how far it is; Cancelled where a person asked to stop."""
    watch.progress(share, message)
    if watch.stopped():
        raise Cancelled()
