"""What a task is given: its parameters, the store, a scratch folder, and the one who watches."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.contracts import Json, Watch
from core.jobs.events import EventLog
from core.store import Store

_EVERY = 0.1  # seconds between two progress events
_AGAIN = 0.25  # seconds between two calls of an interruption, until its block ends


@dataclass
class Work:
    """A task's arguments. A task is a function of one `Work` that returns its result as JSON.

    Its parameters name records by id: a task can read the files of those, and of the records that
    these name in turn, and of the store no other.
    """

    store: Store
    owner: str
    params: dict[str, Json]
    watch: Watch
    scratch: Path  # a folder of the job's own, removed when it ends
    job: str
    memory: int = 0  # bytes the job may take in all (0: unlimited); give engines about half

    @contextmanager
    def interruptible(self, interrupt: Callable[[], object]) -> Iterator[None]:
        """While the block runs, call `interrupt` (say `engine.cancel`) once a person asks to stop.

        For long calls that cannot ask `watch.stopped()` themselves.
        """
        if isinstance(self.watch, LogWatch):
            with self.watch.interruptible(interrupt):
                yield
        else:
            yield


class LogWatch:
    """The Watch of a job: writes its log, and hears SIGTERM as the request to stop.

    A thread waits for the signal, because a handler in Python must wait for long calls in C to end.
    """

    def __init__(self, log: EventLog) -> None:
        self._log, self._start = log, time.monotonic()
        self._lock = threading.Lock()
        self._stopped = False
        self._pending: tuple[float | None, str] | None = None
        self._newest: tuple[float | None, str] | None = None
        self._told = -1.0
        self._interrupts: list[Callable[[], object]] = []

    def listen(self, parent: int) -> None:
        """Hear SIGTERM from now on, and end with `parent`; to be called in the main thread."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.siginterrupt(signal.SIGTERM, False)
        threading.Thread(target=self._follow, args=(reader, parent), name="watch", daemon=True).start()

    def _follow(self, reader: int, parent: int) -> None:
        while True:
            if os.getppid() != parent:  # where the system does not see to that itself
                os._exit(1)
            if self._stopped:
                time.sleep(_AGAIN)
                for interrupt in tuple(self._interrupts):
                    interrupt()
            elif select.select([reader], [], [], _EVERY)[0]:
                os.read(reader, 64)
                self._stopped = True
                for interrupt in tuple(self._interrupts):
                    interrupt()
            self._tell()

    @contextmanager
    def interruptible(self, interrupt: Callable[[], object]) -> Iterator[None]:
        self._interrupts.append(interrupt)
        try:
            yield
        finally:
            self._interrupts.remove(interrupt)

    def seconds(self) -> float:
        return time.monotonic() - self._start

    def report(self, kind: str, **data: Json) -> None:
        with self._lock:
            self._log.append(kind, self.seconds(), data)

    def progress(self, share: float | None, message: str = "") -> None:
        self._pending = self._newest = (None if share is None else min(1.0, max(0.0, float(share))), message)
        self._tell()

    def told(self) -> dict[str, Json]:
        """The newest progress, as fields of the job's record; what was held back is logged before."""
        self._tell(at_once=True)
        return {} if self._newest is None else dict(zip(("progress", "message"), self._newest, strict=True))

    def _tell(self, at_once: bool = False) -> None:
        """Log the newest progress, ten times a second at most; the thread brings what was held back."""
        with self._lock:
            now = self.seconds()
            if self._pending is None or (now - self._told < _EVERY and not at_once):
                return
            share, message = self._pending
            self._pending, self._told = None, now
            self._log.append("progress", now, {"share": share, "message": message})

    def stopped(self) -> bool:
        return self._stopped
