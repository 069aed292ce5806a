"""A job's event log: one JSON document a line, only ever appended to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from core.store import Job
from core.store.plain import encode
from core.store.records import now

_MOST = 8_000_000  # bytes read in one call: a page that follows asks again


def log_place(home: Path, job: str) -> Path:
    return home / "jobs" / f"{job}.jsonl"


class EventLog:
    """Appends events to a job's log. One write a line: readers never see two lines mixed."""

    def __init__(self, place: Path) -> None:
        self._descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append(self, kind: str, seconds: float, data: dict[str, Any]) -> None:
        event = {**data, "kind": kind, "t": round(seconds, 3)}
        os.write(self._descriptor, encode(event).encode() + b"\n")

    def end_line(self) -> None:
        os.write(self._descriptor, b"\n")

    def close(self) -> None:
        os.close(self._descriptor)


def append_end(home: Path, job: Job, state: str) -> None:
    """Close the log of a job that could not do so itself."""
    place = log_place(home, job.id)
    log = EventLog(place)
    if place.stat().st_size and place.read_bytes()[-1:] != b"\n":
        log.end_line()  # it was cut off in the middle of one
    log.append("ended", (now() - (job.started or job.created)).total_seconds(), {"state": state})
    log.close()


def read(place: Path, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The events from byte `after` on, and the byte to go on from; an unfinished line waits."""
    try:
        with place.open("rb") as file:
            file.seek(after)
            block = file.read(_MOST)
    except FileNotFoundError:
        return [], after
    whole = block[: block.rfind(b"\n") + 1]
    return [_event(line) for line in whole.splitlines()], after + len(whole)


def _event(line: bytes) -> dict[str, Any]:
    """One event; a line that was cut off when its writer died is told as that."""
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"kind": "cut off"}
    return event


def last(place: Path, kind: str, within: int = 65_536) -> dict[str, Any] | None:
    """The last event of a kind, looked for in the log's end."""
    try:
        with place.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - within)
            file.seek(start)
            lines = file.read().splitlines(keepends=True)
    except FileNotFoundError:
        return None
    wanted = b'"kind":"%s"' % kind.encode()
    for line in reversed(lines[1:] if start else lines):
        if line.endswith(b"\n") and wanted in line:
            event = _event(line)
            if event["kind"] == kind:
                return event
    return None


def told_progress(home: Path, job: str) -> dict[str, Any]:
    """The fields `progress` and `message` of a job's record, as its log has them; empty when it has none."""
    told = last(log_place(home, job), "progress")
    return {} if told is None else {"progress": told["share"], "message": told["message"]}
