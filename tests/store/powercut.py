"""Cut the power of a writer at many moments: what was not synced is gone, or half there.

    python -m tests.store.powercut store|unsynced|normal|naive FOLDER KEEPS EVERY SEED

The writer runs under ptrace. Each fsync that returns says which bytes of which file, or which names
of which folder, are on the disk from then on; SQLite's own are seen like ours. At every EVERY-th
system call or so, and at the end, two images are made of what the disk may hold then:

    strict   only what was synced
    torn     of everything that was not synced, any block and any name may be there too

Each image is opened as a store, and every commit acknowledged before it was made must be in it. The
writers "unsynced" (files are not synced), "normal" (SQLite's synchronous=NORMAL) and "naive" must be
found out. Linux on x86-64.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import random
import shutil
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from core.store import files, schema, upkeep
from tests.store.killing import WRITERS, StoreWriter, Writer

_TRACEME, _SYSCALL, _GETREGS, _SETOPTIONS = 0, 24, 12, 0x4200
_GOOD, _EXIT_KILL = 1, 1 << 20
_RESULT, _FIRST, _CALL = 10, 14, 15  # rax, rdi, orig_rax in user_regs_struct
_SYNCS = (74, 75)  # fsync, fdatasync
_BLOCK = 4096
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


def possible() -> bool:
    """Whether this machine lets a process be traced, and has the system calls known here."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if _libc.ptrace(_TRACEME, 0, None, None) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@dataclass
class Disk:
    """What is on the disk for certain, by inode: the bytes of files, the names in folders."""

    root: Path
    bytes: dict[int, bytes] = field(default_factory=dict)
    names: dict[int, dict[str, int]] = field(default_factory=dict)

    def synced(self, place: Path) -> None:
        found = place.stat()
        if stat.S_ISDIR(found.st_mode):
            self.names[found.st_ino] = _names(place)
        else:
            self.bytes[found.st_ino] = place.read_bytes()

    def image(self, place: Path, torn: random.Random | None) -> None:
        """Lay out at `place` what the disk may hold now; `torn` throws the dice for what was not synced."""
        live = {path.stat().st_ino: path for path in (self.root, *self.root.rglob("*"))}
        self._folder(self.root.stat().st_ino, place, live, torn)

    def _folder(self, inode: int, place: Path, live: dict[int, Path], torn: random.Random | None) -> None:
        place.mkdir()
        names = dict(self.names.get(inode, {}))
        if torn is not None and inode in live:
            now = _names(live[inode])
            for name in sorted(now.keys() | names.keys()):
                if now.get(name) != names.get(name) and torn.random() < 0.5:
                    names.pop(name, None)
                    names |= {name: now[name]} if name in now else {}
        for name, inner in names.items():
            if inner in self.names or (inner in live and live[inner].is_dir()):
                self._folder(inner, place / name, live, torn)
            else:
                (place / name).write_bytes(self._content(inner, live, torn))

    def _content(self, inode: int, live: dict[int, Path], torn: random.Random | None) -> bytes:
        kept = self.bytes.get(inode, b"")
        if torn is None or inode not in live:
            return kept
        now = live[inode].read_bytes()
        if now == kept:
            return kept
        size = len(torn.choice((kept, now)))
        blocks = []
        for start in range(0, size, _BLOCK):
            block = torn.choice((kept, now))[start : start + _BLOCK]
            blocks.append(block.ljust(min(_BLOCK, size - start), b"\0"))
        return b"".join(blocks)


def _names(folder: Path) -> dict[str, int]:
    return {entry.name: entry.inode() for entry in os.scandir(folder)}


@dataclass(frozen=True)
class Image:
    """What the disk may have held at one moment, and the commits acknowledged before it."""

    place: Path
    promised: dict[str, str]


def cut(
    writer: Callable[[Callable[[bytes], Any]], None], root: Path, images: Path, every: int, seed: str
) -> list[Image]:
    """Trace `writer`, which is given a way to acknowledge, and make images of `root` on the way."""
    dice, disk, made = random.Random(seed), Disk(root), []
    reader, acknowledge = os.pipe()
    os.set_blocking(reader, False)
    child = os.fork()
    if child == 0:
        _be_traced(lambda: writer(lambda line: os.write(acknowledge, line)))
    os.close(acknowledge)
    promised: dict[str, str] = {}
    rest = b""

    def lay_out() -> None:
        nonlocal promised, rest
        lines, rest = _read(reader, rest)
        promised |= dict(line.decode().split() for line in lines)
        for torn in (None, dice):
            image = images / f"{len(made)}"
            disk.image(image, torn)
            made.append(Image(image, dict(promised)))

    next_cut = dice.randrange(1, 2 * every)
    for count, place in enumerate(_stops(child)):
        if place is not None and root in (place, *place.parents):
            disk.synced(place)
        if count >= next_cut:
            next_cut = count + dice.randrange(1, 2 * every)
            lay_out()
    lay_out()  # the power may also go when the writer is done
    os.close(reader)
    return made


def _be_traced(work: Callable[[], None]) -> NoReturn:
    try:
        _libc.ptrace(_TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
        os._exit(0)
    finally:
        os._exit(1)


def _stops(child: int) -> Iterator[Path | None]:
    """Each return of a system call; with the place that it synced, when it did."""
    os.waitpid(child, 0)
    _libc.ptrace(_SETOPTIONS, child, None, ctypes.c_void_p(_GOOD | _EXIT_KILL))
    registers = (ctypes.c_ulonglong * 27)()
    entering, number = True, 0
    while True:
        _libc.ptrace(_SYSCALL, child, None, ctypes.c_void_p(number))
        _, status = os.waitpid(child, 0)
        if not os.WIFSTOPPED(status):
            if os.waitstatus_to_exitcode(status) != 0:
                raise RuntimeError(f"the writer ended with {status}")
            return
        number = os.WSTOPSIG(status)
        if number != signal.SIGTRAP | 0x80:
            continue  # a signal of its own: handed on
        number, entering = 0, not entering
        if not entering:
            continue  # before the call
        _libc.ptrace(_GETREGS, child, None, ctypes.byref(registers))
        done = registers[_CALL] in _SYNCS and registers[_RESULT] == 0
        yield Path(os.readlink(f"/proc/{child}/fd/{registers[_FIRST]}")) if done else None


def _read(reader: int, rest: bytes) -> tuple[list[bytes], bytes]:
    try:
        text = rest + os.read(reader, 1 << 20)
    except BlockingIOError:
        text = rest
    *lines, rest = text.split(b"\n")
    return lines, rest


def keep_on(kind: str, home: Path, keeps: int, seed: str, acknowledge: Callable[[bytes], Any]) -> None:
    """Write `keeps` files; let the log be folded into the database now and then."""
    if kind == "unsynced":
        files.sync = lambda descriptor: None  # type: ignore[assignment]
    if kind == "normal":
        connect = schema.connect
        schema.connect = lambda path: _relaxed(connect(path))  # type: ignore[assignment]
    writer: Writer = WRITERS["naive" if kind == "naive" else "store"](home)
    writer.open()
    dice = random.Random(seed)
    for number in range(keeps):
        content = dice.randbytes(dice.randrange(1, 3 * _BLOCK))
        key = writer.keep(f"{seed}-{number}", content)
        acknowledge(f"{key} {hashlib.sha256(content).hexdigest()}\n".encode())
        if number % 17 == 16 and isinstance(writer, StoreWriter):
            writer.store.close()


def _relaxed(connection: Any) -> Any:
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def losses(kind: str, image: Image) -> list[str]:
    """What is wrong with an image: commits that were acknowledged and are not there, and damage."""
    home = image.place / "home"
    if not image.promised and not (home / "catalog.db").exists():
        return []  # before anything was promised
    writer = WRITERS["naive" if kind == "naive" else "store"](home)
    wrong = [
        key
        for key, digest in image.promised.items()
        if (content := writer.read(key)) is None or hashlib.sha256(content).hexdigest() != digest
    ]
    if isinstance(writer, StoreWriter):
        with writer.store.reading() as catalog:
            health = catalog.connection.execute("PRAGMA integrity_check").fetchone()[0]
        wrong += [health] if health != "ok" else []
        wrong += upkeep.damage(writer.store)
        if writer.count() < len(image.promised):
            wrong.append("the count")
        writer.store.close()
    return wrong


def measure(kind: str, folder: Path, keeps: int, every: int, seed: str) -> dict[str, Any]:
    """The figures of one writer."""
    (folder / "images").mkdir(parents=True)
    (folder / "disk").mkdir()
    home = folder / "disk" / "home"
    found = cut(
        lambda say: keep_on(kind, home, keeps, seed, say), folder / "disk", folder / "images", every, seed
    )
    lost = {"strict": 0, "torn": 0}
    for number, image in enumerate(found):
        name = ("strict", "torn")[number % 2]
        try:
            lost[name] += bool(losses(kind, image))
        except Exception as error:  # noqa: BLE001 - a store that cannot be opened has lost everything
            sys.stderr.write(f"image {number}: {error!r}\n")
            lost[name] += 1
        shutil.rmtree(image.place)
    promised = max((len(image.promised) for image in found), default=0)
    return {"images": len(found), "acknowledged": promised, "lost": lost}


if __name__ == "__main__":
    kind, folder, keeps, every, seed = sys.argv[1:]
    sys.stdout.write(json.dumps(measure(kind, Path(folder), int(keeps), int(every), seed)))
