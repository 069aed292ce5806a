"""Which supervisor is alive, and how others find, start, wake and end it.

Life is told by file locks, which the kernel drops however a process ends; a process id is only
used while its owner's lock proves that it still is that process.

    jobs/supervisor.lock   held by the supervisor that takes new jobs; says its pid and code version
    jobs/clients.lock      shared by every process that called `ensure`: while one lives, none idles out
    jobs/alive/<id>        held by each supervisor for as long as it has jobs: a newer one can tell
                           the jobs of a retired one from those of a dead one
    jobs/wake              a pipe with a name: one byte says "look at the catalog"
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import SightlineError
from core.store.files import locked

_SIGNED = 400  # bytes of a supervisor's signature in its lock file
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# passwords and keys of other programs stand in the environment too: a job must not have them
_NEEDED = re.compile(
    r"PATH|HOME|USER|LOGNAME|TZ|LANG|LC_\w+|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|VIRTUAL_ENV"
    r"|PYTHON\w*|COVERAGE_\w+|SIGHTLINE_\w+|\w+_NUM_THREADS|(?:CUDA|NVIDIA|ROCR|HIP|HSA|ROCM|TORCH|PYTORCH)_\w+"
)
_ROOT = Path(__file__).resolve().parents[2]
_BORN = time.time()  # when this process read its code
_clients: dict[tuple[int, Path], int] = {}  # this process's hold on clients.lock, for each home
_started: list[subprocess.Popen[bytes]] = []  # kept, so that those that end are noticed
_starting = threading.Lock()


@cache
def code_version() -> str:
    """A fingerprint of the code that jobs run and of the settings they obey, as this process found them."""
    digest = hashlib.sha256(f"{sys.executable} {sys.version}".encode())
    for place in sorted((_ROOT / "core").rglob("*.py")):
        digest.update(str(place.relative_to(_ROOT)).encode() + b"\0" + place.read_bytes())
    for name, value in sorted(environment().items()):
        if name.startswith("SIGHTLINE_") and name != "SIGHTLINE_HOME":  # set anew for each supervisor
            digest.update(f"\0{name}={value}".encode(errors="surrogateescape"))
    return digest.hexdigest()[:20]


def ensure(home: Path) -> None:
    """Make sure that a supervisor takes jobs; one with older code or settings finishes and is replaced."""
    _hold_client(home)
    if _suits(living(home)):
        return
    with _starting, locked(home / "jobs" / "start.lock"):
        found = living(home)
        if _suits(found):
            return
        if found is not None:
            with suppress(ProcessLookupError):
                os.kill(found["pid"], signal.SIGTERM)  # it lets go of its lock and ends with its jobs
            _wait(lambda: living(home) is None, 10.0)
        _started[:] = [process for process in _started if process.poll() is None]
        process = _start(home)
        _started.append(process)
        if not _wait(lambda: living(home) is not None or process.poll() is not None, 20.0) or not living(
            home
        ):
            raise SightlineError(
                "The process that runs jobs did not start.",
                hint="Its log is {log}.",
                log=str(home / "logs" / "supervisor.log"),
            )


def _suits(found: dict[str, Any] | None) -> bool:
    """Not one of older code: it has this process's, or read its own later than this process did."""
    return found is not None and (found["code"] == code_version() or found.get("born", 0.0) >= _BORN)


def environment() -> dict[str, str]:
    """What jobs get of this process's environment: what programs need to run, and none of its secrets."""
    return {name: value for name, value in os.environ.items() if _NEEDED.fullmatch(name)}


def _start(home: Path) -> subprocess.Popen[bytes]:
    with (home / "logs" / "supervisor.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core.jobs.supervisor"],
            cwd=_ROOT,
            env={**environment(), **dict.fromkeys(THREADS, "1"), "SIGHTLINE_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
        )


def signature(id: str, heir: int | None) -> bytes:
    """What a supervisor writes into the lock file that it holds."""
    said = {"pid": os.getpid(), "id": id, "code": code_version(), "born": _BORN, "heir": heir}
    return json.dumps(said).encode().ljust(_SIGNED)


def living(home: Path) -> dict[str, Any] | None:
    """What the supervisor that takes jobs says of itself (see `signature`); None when none lives."""
    try:
        descriptor = os.open(home / "jobs" / "supervisor.lock", os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if _free(descriptor):
            return None
        text = os.pread(descriptor, _SIGNED, 0)
    finally:
        os.close(descriptor)
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:  # it holds the lock and has not signed yet
        return None
    return found


def _free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def alive(home: Path, supervisor: str | None) -> bool:
    """Whether the supervisor of this id still looks after its jobs."""
    try:
        descriptor = os.open(home / "jobs" / "alive" / str(supervisor), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not _free(descriptor)
    finally:
        os.close(descriptor)


def hold(place: Path, patience: float) -> int | None:
    """Take a lock for the life of this process; None when somebody keeps it all through `patience`."""
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:  # held, or looked at by `living` for a moment
            if time.monotonic() > until:
                os.close(descriptor)
                return None
            time.sleep(0.01)


def _hold_client(home: Path) -> None:
    key = (os.getpid(), home)
    if key not in _clients:
        descriptor = os.open(home / "jobs" / "clients.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        _clients[key] = descriptor


def has_clients(home: Path) -> bool:
    """Whether a process lives that may still submit jobs here."""
    with locked(home / "jobs" / "clients.lock", wait=False) as free:
        return not free


def wake(home: Path) -> bool:
    """Tell the supervisor to look at the catalog now; False when nobody listens."""
    try:
        descriptor = os.open(home / "jobs" / "wake", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        with suppress(BlockingIOError):  # full of calls already
            os.write(descriptor, b"!")
    finally:
        os.close(descriptor)
    return True


def stop(home: Path, timeout: float) -> None:
    """Kill the supervisor and its heir; its jobs end with it."""
    until = time.monotonic() + timeout
    while (found := living(home)) is not None and time.monotonic() < until:
        for pid in (found["heir"], found["pid"]):
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _wait(condition: Any, timeout: float) -> bool:
    until = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > until:
            return False
        select.select([], [], [], 0.01)
    return True
