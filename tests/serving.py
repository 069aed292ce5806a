"""Servers of the tests: a process that answers on a free port of this machine while the block runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 60.0  # seconds that a busy machine may take to start it


@contextmanager
def sightline(home: Path, **settings: str) -> Iterator[int]:
    """The product itself with its store at `home`, its log at `home`/server.log; gives the port."""
    environment = {"SIGHTLINE_HOME": str(home), **settings}
    with answering(["serve.py", "--port"], "/healthz", home / "server.log", environment) as port:
        yield port


@contextmanager
def answering(
    command: list[str], health: str, log: Path, environment: dict[str, str] | None = None
) -> Iterator[int]:
    """`python *command PORT`, once the address `health` answers; gives the port.

    RuntimeError with its log when it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *command, str(port)], cwd=ROOT, env={**os.environ, **(environment or {})},
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait(process, f"http://127.0.0.1:{port}{health}", log)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(health, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(log.read_text(errors="replace"))
