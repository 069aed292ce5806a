"""What is inside folders, gzip and zip files, with a bound on everything a hostile one could blow up."""

from __future__ import annotations

import errno
import gzip
import lzma
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from core.contracts import Silent, Watch
from core.errors import BadInput, Cancelled, LimitReached
from core.sources import folder
from core.wording import Note

CHUNK = 1 << 20
_ENTRIES = 1_000
_RATIO = 1_000  # unpacked bytes for one packed; gzip itself cannot do better than 1032
_FREE = 100 << 20  # bytes that are never suspicious, whatever the ratio
# what the unpackers of the zip format's four ways to pack say
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError)
_WORKBOOK = ("[Content_Types].xml", "mimetype")  # a zip that holds one of these is a document


@dataclass(frozen=True)
class Part:
    """One file of an upload: the name it had, and where its bytes lie now."""

    name: str
    path: Path
    within: str = ""  # where it lay in an archive or a folder, its name at the end

    @property
    def called(self) -> str:
        """Its place in what was brought, which no other file has."""
        return self.within or self.name


def most_bytes() -> int:
    """The most bytes one upload may unpack to; SIGHTLINE_MAX_BYTES sets it (20 GB)."""
    return int(os.environ.get("SIGHTLINE_MAX_BYTES", 20 * 1000**3))


def is_gzip(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b")


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_archive(path: Path) -> bool:
    """True for a gzip file, for a zip file that is not a workbook, and for a folder."""
    if path.is_dir():
        return True
    with path.open("rb") as file:
        head = file.read(8)
    return is_gzip(head) or (is_zip(head) and not is_document(path))


def is_document(path: Path) -> bool:
    """True for a zip file that is an Office or OpenDocument file."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return any(name in names for name in _WORKBOOK)


def unpack(path: Path, name: str, into: Path, watch: Watch | None = None, *, depth: int = 2) -> list[Part]:
    """The files inside a gzip or zip, written into the folder `into`, or those of a folder, where they lie.

    The file itself if it is none of these.

    Raises BadInput for a damaged, encrypted or empty archive and LimitReached for one that unpacks
    to more than is allowed: bytes are counted as they come, whatever its headers claim.
    """
    return list(parts_of(path, name, into, watch, depth=depth))


def parts_of(
    path: Path, name: str, into: Path, watch: Watch | None = None, *, depth: int = 2
) -> Iterator[Part]:
    """As `unpack`, file by file."""
    if not path.is_dir():
        budget = _Budget(most_bytes(), path.stat().st_size, watch or Silent())
        yield from _parts(Part(_base(name), path), into, budget, depth)
        return
    found = folder.files(path)
    _check_count(len(found))
    if not found:
        raise BadInput("The folder {name!r} holds no files.", name=_base(name))
    for within, place in found:
        budget = _Budget(most_bytes(), place.stat().st_size, watch or Silent())
        yield from _parts(Part(place.name, place, within), into, budget, depth)


def left_out(path: Path) -> list[tuple[str, Note]]:
    """What of an archive or a folder is never read, each with why: hidden files, and unreadable ones."""
    if path.is_dir():
        return folder.left_out(path)
    with path.open("rb") as file:
        if not is_zip(file.read(8)) or is_document(path):
            return []
    try:
        with zipfile.ZipFile(path) as archive:
            return [
                (_within(entry.filename), folder.UNREADABLE if _unreadable(entry) else folder.HIDDEN)
                for entry in archive.infolist()
                if not entry.is_dir() and not _wanted(entry) and not _beside_a_mac(entry)
            ]
    except _DAMAGED:
        return []  # what is wrong with it is said when it is unpacked


def _parts(part: Part, into: Path, budget: _Budget, depth: int) -> Iterator[Part]:
    with part.path.open("rb") as file:
        head = file.read(8)
    if is_gzip(head) and depth:
        inner = Part(_without_gz(part.name), _place(into), _without_gz(part.within))
        _gunzip(part, inner.path, budget)
        yield from _parts(inner, into, budget, depth - 1)
    elif is_zip(head) and depth and not is_document(part.path):
        for inner in _unzip(part, into, budget):
            yield from _parts(inner, into, budget, depth - 1)
    else:
        yield part


class _Budget:
    """Bytes that may still be unpacked."""

    def __init__(self, most: int, packed: int, watch: Watch) -> None:
        self.most, self.packed, self.watch = most, max(1, packed), watch
        self.used = 0

    def spend(self, count: int) -> None:
        self.used += count
        if self.used > self.most:
            raise LimitReached(
                "The archive unpacks to more than {most:,} bytes.",
                hint="Unpack it yourself and add its files one by one, or raise SIGHTLINE_MAX_BYTES.",
                most=self.most,
            )
        if self.used > _FREE and self.used > _RATIO * self.packed:
            raise LimitReached(
                "The archive unpacks to more than {ratio:,} times its size: it was not read on.",
                hint="Unpack it yourself and add its files one by one.",
                ratio=_RATIO,
            )
        if self.watch.stopped():
            raise Cancelled()
        self.watch.progress(None, "Unpacking")


def _gunzip(part: Part, place: Path, budget: _Budget) -> None:
    try:
        with gzip.open(part.path, "rb") as source:
            _copy(source, place, budget)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(
            "The gzip file {name!r} is damaged or cut short: {reason}.", name=part.name, reason=str(error)
        ) from error


def _unzip(part: Part, into: Path, budget: _Budget) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(part.path) as archive:
            entries = [entry for entry in archive.infolist() if _wanted(entry)]
            if not entries:
                raise BadInput("The zip file {name!r} holds no files.", name=part.name)
            _check_count(len(entries))
            _check_room(sum(entry.file_size for entry in entries), into)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise BadInput(
                        "{name!r} inside the zip file is encrypted.",
                        hint="Unpack it with its password and add the file itself.",
                        name=_base(entry.filename),
                    )
                place = _place(into)
                with archive.open(entry) as source:
                    _copy(source, place, budget)
                above = f"{part.within}/" if part.within else ""
                yield Part(_base(entry.filename), place, (above + _within(entry.filename))[-300:])
    except (*_DAMAGED, OSError) as error:
        # without a number it is bzip2's; an invalid argument is a place before the file's beginning
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):  # the disk, then
            raise
        raise BadInput(
            "The zip file {name!r} is damaged or of an unknown kind: {reason}.",
            name=part.name,
            reason=str(error)[:200],
        ) from error


def _check_count(count: int) -> None:
    if count > _ENTRIES:
        raise LimitReached(
            "{count:,} files are in it; at most {most:,} are read.",
            hint="Bring its folders one by one.",
            count=count,
            most=_ENTRIES,
        )


def _check_room(needed: int, into: Path) -> None:
    """Refuse an archive that says itself that it would fill the disk."""
    usage = shutil.disk_usage(into)
    free = max(0, usage.free - usage.total // 20)
    if needed > free:
        raise LimitReached(
            "The archive unpacks to {needed:,} bytes, and {free:,} bytes are free on the disk.",
            hint="Make room, or add its files one by one.",
            needed=needed,
            free=free,
        )


def _wanted(entry: zipfile.ZipInfo) -> bool:
    hidden = any(folder.is_hidden(step) for step in PurePosixPath(_within(entry.filename)).parts)
    return not (entry.is_dir() or hidden or _beside_a_mac(entry) or _unreadable(entry))


def _beside_a_mac(entry: zipfile.ZipInfo) -> bool:
    """What a Mac's packer adds to a zip file beside each file: nobody has put it there."""
    return "__MACOSX" in PurePosixPath(entry.filename.replace("\\", "/")).parts


def _unreadable(entry: zipfile.ZipInfo) -> bool:
    """A file of a dropped folder that the browser could not open: drop.js names it so."""
    return entry.file_size == 0 and entry.comment == b"unreadable"


def _copy(source: IO[bytes] | gzip.GzipFile, place: Path, budget: _Budget) -> None:
    with place.open("wb") as out:
        while chunk := source.read(CHUNK):
            budget.spend(len(chunk))
            out.write(chunk)


def _place(into: Path) -> Path:
    """A file of our own naming: names from an archive never become paths."""
    number = sum(1 for _ in into.iterdir()) + 1
    return into / f"part-{number:04d}"


def _base(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name or "file"


def _within(name: str) -> str:
    """Where a file lies in an archive, as people read it: it never becomes a path."""
    steps = [step for step in PurePosixPath(name.replace("\\", "/")).parts if step not in ("/", "..", ".")]
    return "/".join(steps)[-300:] or "file"


def _without_gz(name: str) -> str:
    stem, dot, end = name.rpartition(".")
    return stem if dot and end.lower() in ("gz", "gzip") and stem else name
