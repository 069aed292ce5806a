"""Kill a writer again and again at random moments; then look for every commit it acknowledged.

    python -m tests.store.killing store|naive HOME KILLS SEED

A writer keeps small files with a row for each, and says "kept" for each one. Afterwards every one
that was acknowledged must be there with the bytes it had. Two writers can be put to this test:
Sightline's store, and a naive one that rewrites its files in place, which must be found out.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from core.errors import NotFound
from core.store import LOCAL, Setting, Store, Upload, upkeep

LONGEST = 0.025  # seconds a writer lives after its first commit


class Writer(Protocol):
    def open(self) -> None: ...

    def keep(self, name: str, content: bytes) -> str: ...

    def read(self, key: str) -> bytes | None: ...

    def count(self) -> int: ...


class StoreWriter:
    """Keeps files as Sightline does, and counts them in a record that it rewrites."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.open()
        found = self.store.list(Setting, LOCAL)
        self.counter = found[0] if found else self.store.add(Setting(owner=LOCAL, key="count", value=0))

    def open(self) -> None:
        self.store = Store(self.home)

    def keep(self, name: str, content: bytes) -> str:
        with self.store.new_object(LOCAL, ".bin") as made:
            made.path.write_bytes(content)
        upload = Upload(owner=LOCAL, name=name, bytes=made.bytes, object=made.id)
        with self.store.writing() as catalog:
            catalog.add(upload, [made])
            count = catalog.get(Setting, self.counter.id, LOCAL).value
            catalog.change(Setting, self.counter.id, LOCAL, value=count + 1)
        return upload.id

    def read(self, key: str) -> bytes | None:
        try:
            upload = self.store.get(Upload, key, LOCAL)
            return self.store.place(upload.object, LOCAL).read_bytes()
        except (NotFound, FileNotFoundError):
            return None

    def count(self) -> int:
        return int(self.store.get(Setting, self.counter.id, LOCAL).value)


class NaiveWriter:
    """Keeps files as one would without thinking of it: one JSON document, rewritten in place."""

    def __init__(self, home: Path) -> None:
        self.home, self.index = home, home / "index.json"
        home.mkdir(parents=True, exist_ok=True)

    def open(self) -> None:
        pass

    def _rows(self) -> dict[str, str]:
        try:
            rows: dict[str, str] = json.loads(self.index.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return rows

    def keep(self, name: str, content: bytes) -> str:
        (self.home / name).write_bytes(content)
        with self.index.open("w") as file:
            json.dump({**self._before, name: name}, file)
        self._before[name] = name
        return name

    @property
    def _before(self) -> dict[str, str]:
        if not hasattr(self, "_cached"):
            self._cached = self._rows()
        return self._cached

    def read(self, key: str) -> bytes | None:
        name = self._rows().get(key)
        return None if name is None or not (self.home / name).exists() else (self.home / name).read_bytes()

    def count(self) -> int:
        return len(self._rows())


WRITERS: dict[str, type[StoreWriter] | type[NaiveWriter]] = {"store": StoreWriter, "naive": NaiveWriter}


def write_until_killed(writer: Writer, acknowledge: int, seed: str) -> None:
    writer.open()
    dice = random.Random(seed)
    for number in range(1_000_000):
        content = dice.randbytes(dice.randrange(1, 3000))
        key = writer.keep(f"{seed}-{number}", content)
        digest = hashlib.sha256(content).hexdigest()
        os.write(acknowledge, f"{key} {digest}\n".encode())  # short enough to be one piece


def one_life(writer: Writer, seed: str, life: float) -> Iterator[tuple[str, str]]:
    """Let a writer live for `life` seconds after its first commit; what it acknowledged."""
    reader, acknowledge = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            write_until_killed(writer, acknowledge, seed)
        finally:
            os._exit(1)
    os.close(acknowledge)
    with os.fdopen(reader, "rb") as lines:
        first = lines.readline()
        time.sleep(life)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
            raise RuntimeError("the writer ended by itself")
        for line in (first, *lines):
            key, digest = line.decode().split()
            yield key, digest


def hammer(kind: str, home: Path, kills: int, seed: int) -> dict[str, Any]:
    """The figures of a whole test: commits acknowledged, and those lost or changed."""
    writer = WRITERS[kind](home)
    if isinstance(writer, StoreWriter):
        writer.store.close()
    dice = random.Random(seed)
    promised: dict[str, str] = {}
    for number in range(kills):
        promised.update(one_life(WRITERS[kind](home), f"{seed}-{number}", dice.uniform(0, LONGEST)))
    survivor = WRITERS[kind](home)
    found = {key: survivor.read(key) for key in promised}
    lost = [key for key, content in found.items() if content is None]
    changed = [
        key
        for key, content in found.items()
        if content is not None and hashlib.sha256(content).hexdigest() != promised[key]
    ]
    figures: dict[str, Any] = {
        "kills": kills,
        "acknowledged": len(promised),
        "lost": len(lost),
        "changed": len(changed),
        "counted": survivor.count(),
    }
    if isinstance(survivor, StoreWriter):
        with survivor.store.reading() as catalog:
            figures["integrity"] = catalog.connection.execute("PRAGMA integrity_check").fetchone()[0]
        figures["damage"] = upkeep.damage(survivor.store)
        figures["rows"] = len(survivor.store.list(Upload, LOCAL))
    return figures


if __name__ == "__main__":
    kind, home, kills, seed = sys.argv[1:]
    sys.stdout.write(json.dumps(hammer(kind, Path(home), int(kills), int(seed))))
