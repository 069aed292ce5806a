"""A job that has been taken over: it tries what a stranger would, and tells what came of it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import stat
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import SightlineError
from core.jobs.lent import LentStore
from core.jobs.work import Work
from core.store import Dataset, Job, Run, Setting, Upload


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


def reach_store(work: Work) -> dict[str, Any]:
    """Tries the files of the store, and the records of others."""
    home, given = work.store.home, work.store.get(Upload, work.params["upload"], work.owner)
    place = work.store.place(given.object, work.owner)
    other, theirs = (home / "objects" / name for name in (work.params["other"][0], work.params["theirs"]))
    found = {
        "read what it was given": attempt(place.read_bytes),
        "change what it was given": attempt(lambda: os.truncate(place, 0)),
        "remove what it was given": attempt(place.unlink),
        "read another file": attempt(other.read_bytes),
        "read another's file": attempt(theirs.read_bytes),
        "list the files": attempt(lambda: os.listdir(home / "objects")),
        "read the catalog": attempt((home / "catalog.db").read_bytes),
        "write the catalog": attempt(lambda: (home / "catalog.db").open("r+b")),
        "put a file among the kept": attempt(lambda: (home / "objects" / "new").write_text("x")),
        "link a kept file to its scratch": attempt(lambda: os.link(place, work.scratch / "linked")),
        "write another job's log": attempt(lambda: (home / "jobs" / "jb_x.jsonl").write_text("x")),
        "write beside its scratch": attempt(lambda: (home / "scratch" / "new").write_text("x")),
        "make a device": attempt(
            lambda: os.mknod(work.scratch / "disk", stat.S_IFBLK | 0o600, os.makedev(8, 0))
        ),
    }
    foreign = work.params["foreign"]
    asked: dict[str, Callable[[], object]] = {
        "another's record": lambda: work.store.get(Upload, foreign, "ann"),
        "another's place": lambda: work.store.place(work.params["theirs"], work.owner),
        "a record for another": lambda: work.store.add(Upload(owner="ann", name="x", bytes=1, object="ob_x")),
    }
    for what, action in asked.items():
        try:
            action()
        except SightlineError as error:
            found[what] = type(error).__name__
    found["files left open"] = [p for p in open_files(work)["places"] if str(home) in p and "/jobs/" not in p]
    return found


def open_files(work: Work) -> dict[str, Any]:
    numbers = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    places = []
    for number in numbers:
        with suppress(FileNotFoundError):  # the folder's own
            places.append(os.readlink(f"/proc/self/fd/{number}"))
    return {"places": places}


def wish(work: Work) -> dict[str, Any]:
    """Asks its keeper for what no job gets."""
    store, wished = work.store, work.params["wish"]
    assert isinstance(store, LentStore)
    dataset, run = work.params["dataset"], f"rn_{work.params['other']}"
    if wished == "change its own job":
        store.change(Job, work.job, work.owner, title="x")
    elif wished == "write a setting":
        store.add(Setting(owner=work.owner, key="a", value=1))
    elif wished == "change a dataset":
        store.change(Dataset, dataset, work.owner, name="x")
    elif wished == "delete a dataset":
        store.delete(Dataset, dataset, work.owner)
    elif wished == "change another run":
        store.change(Run, run, work.owner, name="x")
    elif wished == "settle as running":
        store.ask("settle", state="running")
    elif wished == "a file that it did not write":
        _keep_object(store, work.owner, "ob_aaaaaaaaaaaaaaaaaaaa.csv")
    elif wished == "a link as a file":
        with store.new_object(work.owner, ".csv") as made:
            made.path.symlink_to(work.params["secret"])
        _keep_object(store, work.owner, made.id)
    elif wished == "ask for nonsense":
        store.ask("__class__")
    elif wished == "a deep message":
        store._line._end.sendall(struct.pack("!I", 200_000) + b"[" * 200_000)
        time.sleep(60)
    elif wished == "a long message":
        store._line._end.sendall(struct.pack("!I", 4_000_000_000))
        time.sleep(60)
    elif wished == "no message":
        store._line._end.sendall(b"\0\0\0\7not it!")
        time.sleep(60)
    elif wished == "hold the catalog":
        with store.writing():
            time.sleep(60)
    return {"came": "through"}


def _keep_object(store: LentStore, owner: str, name: str) -> None:
    with store.writing():
        record = Upload(owner=owner, name="x", bytes=1, object=name).model_dump()
        store.ask("add", kind="upload", record=record, objects=[name])


TASKS = {task.__name__: task for task in (taken_over, swallow, reach_store, open_files, wish)}
