"""The server's side of the cells: one warm locked process for each owner, killed when it takes too long.

    sandbox = Sandbox(store.home)
    answer = sandbox.run("local", {"orders": Stored(file, columns)}, "SELECT * FROM orders")

What a cell says is not trusted: its rows are checked before they are used, its sentences are shown
as text, and whatever does not fit the line ends it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.engine.believing import Answer, answer_of, error_of
from core.engine.stored_tables import Stored
from core.errors import Cancelled, LimitReached, SightlineError
from core.jobs import limits
from core.jobs.line import Broken, Line
from core.store.files import parse_bytes
from core.store.sealed import key_place

ROWS, BYTES = 10_000, 16 * 1024 * 1024  # of an answer
WARM = 8  # cells at a time; of more owners the one that rested longest loses its own
_DISK = 2 * 1024**3  # bytes a statement may spill
_START = 20.0  # seconds a cell may take until it is ready
_LOOK = 0.05  # seconds between two looks whether a person asked to stop
_CODE = (
    "import sys, json, socket; sys.path[:] = json.loads(sys.argv[2]);"
    "from core.engine.cell import forge; forge(socket.socket(fileno=int(sys.argv[1])))"
)


def seconds_allowed() -> float:
    """Seconds one statement may run: SIGHTLINE_SQL_SECONDS, or a minute."""
    return float(os.environ.get("SIGHTLINE_SQL_SECONDS") or 60)


def memory_allowed() -> int:
    """Bytes one statement may take: SIGHTLINE_SQL_MEMORY ("2GB"), or a quarter of the machine's memory."""
    wanted = os.environ.get("SIGHTLINE_SQL_MEMORY")
    return parse_bytes(wanted) if wanted else max(512 << 20, min(4 << 30, limits.machine_memory() // 4))


@dataclass
class _Cell:
    """A process that answers one owner's statements."""

    pid: int
    line: Line
    end: socket.socket
    spec: dict[str, Any]
    confined: bool
    used: float = field(default_factory=time.monotonic)


class Sandbox:
    """Runs statements in cells. Any thread may call it; one statement of an owner runs at a time."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self._lock = threading.RLock()
        self._line: socket.socket | None = None
        self._forge: subprocess.Popen[bytes] | None = None
        self._cells: dict[str, _Cell] = {}
        self._busy: set[str] = set()

    def run(
        self,
        owner: str,
        tables: Mapping[str, Stored],
        statement: str,
        *,
        rows: int = ROWS,
        size: int = BYTES,
        seconds: float | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """The first rows of a statement over `tables`, by the names that it uses.

        Raises what the check or the engine has against it, Cancelled once `stopped()` is true, and
        LimitReached when it takes more than `seconds` or `memory_allowed()`.
        """
        with self._lock:
            if owner in self._busy:
                raise LimitReached("Another statement of yours is running.", hint="Stop it, or wait.")
            self._busy.add(owner)
        try:
            allowed = seconds or seconds_allowed()
            cell = self._cell(owner, tables, stopped)
            asked = {"statement": statement, "rows": rows, "bytes": size, "processor": allowed * 4}
            # whatever a cell does, it does not go on for ever
            last = threading.Timer(allowed + 2 * _START, self._end, [owner])
            last.daemon = True
            last.start()
            try:
                found = _heard(cell, asked, allowed, stopped)
            except SightlineError:
                self._end(owner)
                raise
            except Broken:
                self._end(owner)
                raise LimitReached(
                    "The process in which this statement ran has ended: it may have needed too much memory.",
                    hint="Read fewer columns or rows, or group before joining.",
                ) from None
            finally:
                last.cancel()
            if isinstance(found, SightlineError):
                raise found
            return found
        finally:
            with self._lock:
                self._busy.discard(owner)

    def warm(self) -> None:
        """Start the process that forks cells, so that nobody's first statement waits for it."""
        with self._lock:
            self._forging()

    def confined(self, owner: str) -> bool | None:
        """Whether the system confines this owner's cell; None before there is one."""
        cell = self._cells.get(owner)
        return cell.confined if cell else None

    def close(self) -> None:
        """End all cells and the process that forks them."""
        with self._lock:
            for owner in list(self._cells):
                self._end(owner)
            if self._line is not None:
                self._line.close()
                self._line = None
            if self._forge is not None:
                self._forge.wait(timeout=10)
                self._forge = None

    def _cell(self, owner: str, tables: Mapping[str, Stored], stopped: Callable[[], bool]) -> _Cell:
        """The owner's cell; a fresh one when there is none for these tables."""
        named = {name: [table.file, list(table.columns)] for name, table in tables.items()}
        with self._lock:
            cell = self._cells.get(owner)
            if cell is not None and cell.spec["tables"] == named:
                cell.used = time.monotonic()
                return cell
            self._end(owner)
            resting = sorted(set(self._cells) - self._busy, key=lambda one: self._cells[one].used)
            for other in resting[: max(0, len(self._cells) - WARM + 1)]:
                self._end(other)
            cell = self._start(named)
            self._cells[owner] = cell
        try:
            said = cell.line.receive(_START)
        except Broken:
            self._end(owner)
            raise LimitReached(
                "The process for statements could not start.", hint="Memory may be short. Try again."
            ) from None
        cell.confined = said.get("confined") is True
        return cell

    def _start(self, named: dict[str, Any]) -> _Cell:
        spill = self.home / "scratch" / f"sql-{secrets.token_hex(8)}"
        spill.mkdir(parents=True, mode=0o700)
        spec = {
            "hidden": [str(self.home), str(key_place(self.home))], "spill": str(spill),
            "tables": named, "memory": memory_allowed(), "disk": _DISK,
            "threads": max(1, min(4, limits.jobs_at_once())),
        }  # fmt: skip
        for fresh in (False, True):
            if fresh:
                self._forget()
            ours, theirs = socket.socketpair()
            try:
                line = self._forging()
                socket.send_fds(line, [b"{}\n"], [theirs.fileno()])
                answer = line.recv(4096)
                if answer:
                    cell = _Cell(int(json.loads(answer)["pid"]), Line(ours), ours, spec, False)
                    cell.line.send(spec)
                    return cell
            except (OSError, Broken):
                if fresh:
                    raise
            finally:
                theirs.close()
            ours.close()
        raise LimitReached(
            "The process for statements could not start.", hint="Memory may be short. Try again."
        )

    def _forging(self) -> socket.socket:
        """The line to the process that forks cells."""
        if self._line is None:
            self._line, theirs = socket.socketpair()
            self._line.settimeout(_START)
            where = json.dumps([str(Path(place).resolve()) for place in sys.path if place] + _root())
            self._forge = subprocess.Popen(
                [sys.executable, "-I", "-c", _CODE, str(theirs.fileno()), where],
                env={}, cwd="/", pass_fds=[theirs.fileno()], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            theirs.close()
        return self._line

    def _forget(self) -> None:
        """Let a process that forks cells, and does not answer, go: its cells go with it."""
        if self._line is not None:
            self._line.close()
        if self._forge is not None:
            self._forge.kill()
            self._forge.wait()
        self._line = self._forge = None

    def _end(self, owner: str) -> None:
        """Kill the owner's cell, if there is one."""
        with self._lock:
            cell = self._cells.pop(owner, None)
            if cell is None:
                return
            with suppress(OSError):
                self._forging().sendall(json.dumps({"kill": cell.pid}).encode() + b"\n")
            cell.end.close()
        shutil.rmtree(cell.spec["spill"], ignore_errors=True)


def _root() -> list[str]:
    return [str(Path(__file__).resolve().parents[2])]


def _heard(
    cell: _Cell, asked: dict[str, Any], seconds: float, stopped: Callable[[], bool]
) -> Answer | SightlineError:
    """What the cell answers, once it does: rows, or an error of the statement's own; the cell stays."""
    import select

    cell.line.send(asked)
    deadline = time.monotonic() + seconds
    while not select.select([cell.end], [], [], _LOOK)[0]:
        if stopped():
            raise Cancelled()
        if time.monotonic() > deadline:
            raise LimitReached(
                "This statement took longer than {seconds:,.0f} seconds, and was stopped.",
                hint="Filter first, or try it on fewer rows: USING SAMPLE 10000 ROWS.",
                seconds=seconds,
            )
    said = cell.line.receive(_START)
    if "error" in said:
        return error_of(said["error"])
    return answer_of(cell.line, said, asked, cell.spec["tables"])
