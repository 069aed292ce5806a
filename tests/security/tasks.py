"""A job that has been taken over: it tries what a stranger would, and tells what came of it."""

from __future__ import annotations

import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.jobs.work import Work


def attempt(action: Callable[[], object]) -> str:
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "allowed"


def taken_over(work: Work) -> dict[str, Any]:
    def connect() -> None:
        with socket.create_connection(("127.0.0.1", int(str(work.params["port"]))), timeout=5):
            pass

    def listen() -> None:
        with socket.create_server(("127.0.0.1", 0)):
            pass

    def plant() -> None:
        place = Path(__file__).parents[2] / "core" / "planted_by_a_test.py"
        place.write_text("")
        place.unlink()

    devices = [place for place in ("/dev/kmsg", "/dev/tty0", "/dev/ptmx", "/dev/sda") if Path(place).exists()]
    status = Path("/proc/self/status").read_text()
    return {
        "connect": attempt(connect),
        "listen": attempt(listen),
        "signal the server": attempt(lambda: os.kill(int(str(work.params["server"])), 0)),
        "signal the supervisor": attempt(lambda: os.kill(os.getppid(), signal.SIGCONT)),
        "change the program": attempt(plant),
        "devices": sorted({attempt(lambda place=place: Path(place).open("ab").close()) for place in devices}),
        "null device": attempt(lambda: Path("/dev/null").write_text("x")),
        "environment": {name: os.environ[name] for name in os.environ if name.startswith("SECRET_")},
        "no new privileges": "NoNewPrivs:\t1" in status,
        "core dumps": list(resource.getrlimit(resource.RLIMIT_CORE)),
        "memory": resource.getrlimit(resource.RLIMIT_DATA)[0],
    }


def swallow(work: Work) -> dict[str, Any]:
    """Takes more memory than a job may have."""
    return {"taken": len(bytearray(4_000_000_000))}


TASKS = {"taken_over": taken_over, "swallow": swallow}
