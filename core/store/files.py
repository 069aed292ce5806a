"""Immutable files that exist wholly or not at all, whatever moment the power goes."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import LimitReached
from core.store.records import new_id

KEEP_FREE = 0.05  # of the disk: SQLite and the log need room to say that the disk is full
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,16}){0,2}")


@dataclass
class NewObject:
    """A file on its way into the store. Write to `path`; the rest is filled in when it is whole."""

    id: str
    owner: str
    path: Path
    bytes: int = 0
    fingerprint: str = ""  # sha256


@contextmanager
def new_object(home: Path, owner: str, suffix: str) -> Iterator[NewObject]:
    """A place to write one object; on a clean exit the file is durable under its final name."""
    made = new_in(home / "tmp", owner, suffix)
    try:
        yield made
        seal(made, home / "objects")
    except BaseException:
        with suppress(FileNotFoundError):
            made.path.unlink()
        raise


def new_in(folder: Path, owner: str, suffix: str) -> NewObject:
    """A name for a new object that grows in `folder`."""
    if not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"no suffix for a stored file: {suffix!r}")
    name = new_id("ob") + suffix
    return NewObject(id=name, owner=owner, path=folder / name)


def seal(made: NewObject, folder: Path) -> None:
    """Make a written file durable under its final name in `folder`, never to be written again.

    Whoever wrote it may be hostile: a link to something else is refused.
    """
    final = folder / made.id
    with os.fdopen(os.open(made.path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "rb+") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise OSError(errno.EINVAL, "not a file of its own", str(made.path))
        made.fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
        made.bytes = os.fstat(file.fileno()).st_size
        os.fchmod(file.fileno(), 0o400)
        os.utime(file.fileno())  # the age of an orphan counts from here
        sync(file.fileno())
    made.path.rename(final)
    made.path = final
    sync_folder(final.parent)


def fingerprint(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(descriptor: int) -> None:
    """Return once a file's bytes are on the disk itself."""
    if sys.platform == "darwin":  # there fsync leaves them in the drive's cache
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(home: Path, names: tuple[str, ...]) -> None:
    """The store's folders, private to this user and durable."""
    missing = [folder for folder in (home, *home.parents) if not folder.exists()]
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in names:
        (home / name).mkdir(exist_ok=True, mode=0o700)
    for folder in {home, *(folder.parent for folder in missing)}:
        sync_folder(folder)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock that ends with this process; yields False when it is taken and `wait` is off."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def check_free(folder: Path, needed: int) -> None:
    """LimitReached when `needed` more bytes would leave less than 5% of the disk free."""
    left = room(folder)
    if needed > left:
        raise LimitReached(
            "The disk is too full: this needs {needed}, and {room} may still be used.",
            hint="Delete what is no longer needed, or move the store to a larger disk.",
            needed=readable(needed),
            room=readable(left),
        )


def room(folder: Path) -> int:
    """Bytes of the disk that may still be used: all that is free but the last 5%."""
    disk = shutil.disk_usage(folder)
    return max(0, disk.free - int(disk.total * KEEP_FREE))


def readable(count: int) -> str:
    """A number of bytes as people write it: 1.5 GB."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def parse_bytes(text: str) -> int:
    """How many bytes "20GB", "512 MB" or "1048576" are."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", text, re.IGNORECASE)
    if match is None:
        raise ValueError(f"not a size: {text!r} (write it like 20GB)")
    return int(float(match[1]) * 1000 ** " kmgt".index(match[2].lower() or " "))
