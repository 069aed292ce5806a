"""Commands open strangers' files: each runs in a process that reads those and writes its results alone."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from core.errors import BadInput, SightlineError
from core.jobs import answers, landlock, limits
from core.store.catalog import usual_home
from core.store.sealed import key_place


@dataclass(frozen=True)
class Cage:
    """The places of a confined command: the folder for its temporary files, and the one for its result."""

    scratch: Path
    beside: Path | None = None  # next to the file that --out names


class Caged(click.Command):
    """A command that is confined when it was called from a command line.

    What its paths name can be read. A folder that --out names can be written; a file comes to its
    place only when the command has succeeded. Called from within another program (as tests do) it
    runs in that program's process, with that one's rights.
    """

    def invoke(self, context: click.Context) -> object:
        if not isinstance(context.find_root().obj, Fork):
            return super().invoke(context)
        out: Path | None = context.params.get("out")
        folder = any(
            p.name == "out" and isinstance(p.type, click.Path) and not p.type.file_okay for p in self.params
        )
        with _places(None if folder else out) as cage:
            made = folder and out is not None and _make(out)
            sys.stdout.flush()
            sys.stderr.flush()
            parent = os.getpid()
            child = os.fork()
            if child == 0:
                return self._confined(context, cage, parent, out if folder else None)
            code = _ended(child)
            if code == 0 and out is not None and not folder:
                _deliver(cage, out)
            if made and code != 0 and out is not None:
                with suppress(OSError):  # it holds something: then it stays
                    out.rmdir()
        context.exit(code)

    def _confined(self, context: click.Context, cage: Cage, parent: int, folder: Path | None) -> object:
        """Do the work, in the process just forked for it; what follows ends this process."""
        limits.end_with(parent)
        memory, disk = limits.job_memory(), limits.job_disk(cage.beside or folder or cage.scratch)
        limits.bound(memory, disk)
        os.environ["TMPDIR"] = tempfile.tempdir = str(cage.scratch)
        context.find_root().obj = cage
        reads = [place for param in self.params if _is_path(param) and param.name != "out"
                 for place in _paths(context.params.get(str(param.name)))]  # fmt: skip
        landlock.confine(
            hidden=[usual_home(), key_place(usual_home())],
            reads=reads,
            writes=[p for p in (cage.scratch, cage.beside, folder) if p is not None],
        )
        try:
            return super().invoke(context)
        except Exception as error:
            if answers.is_memory(error):
                limits.make_room()
                raise answers.no_memory(memory) from None
            if answers.is_disk(error):
                raise answers.no_disk(disk) from None
            raise


class Fork:
    """What the command line gives its commands: they may fork."""


@contextmanager
def result_file(out: Path, scratch: Path) -> Iterator[Path]:
    """Where to write what is to be the file `out`: it gets there whole, once all of it is written."""
    cage = click.get_current_context().find_root().obj
    if isinstance(cage, Cage) and cage.beside is not None:
        yield cage.beside / f"result{out.suffix}"  # the process outside takes it from there
        return
    made = scratch / f"result{out.suffix}"
    yield made
    shutil.move(made, out)


def _is_path(param: click.Parameter) -> bool:
    kinds = param.type.types if isinstance(param.type, click.Tuple) else [param.type]
    return any(isinstance(kind, click.Path) for kind in kinds)


def _paths(value: object) -> list[Path]:
    """The paths of a parameter's value, which may be several, or a part of each of several."""
    if isinstance(value, tuple):
        return [place for part in value for place in _paths(part)]
    return [value] if isinstance(value, Path) else []


def _make(folder: Path) -> bool:
    """Make the folder that --out names; whether it was not there."""
    there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    return not there


@contextmanager
def _places(out: Path | None) -> Iterator[Cage]:
    if out is not None and not out.parent.is_dir():
        raise BadInput("There is no folder {name!r}.", hint="Make it, or name another.", name=str(out.parent))
    owner = os.getpid()
    cage = Cage(_folder(), _folder(out.parent) if out is not None else None)
    try:
        yield cage
    finally:
        if os.getpid() == owner:  # not for the confined process to do
            for place in (cage.scratch, cage.beside):
                if place is not None:
                    shutil.rmtree(place, ignore_errors=True)


def _folder(within: Path | None = None) -> Path:
    """A new private folder; hidden when it stands among a person's files."""
    return Path(tempfile.mkdtemp(prefix=".sightline-" if within else "sightline-", dir=within))


def _ended(child: int) -> int:
    """Wait for the confined process; its exit status."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # it hears an interruption itself
    try:
        _, status = os.waitpid(child, 0)
    finally:
        signal.signal(signal.SIGINT, before)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise SightlineError(
            "The process that read the file was ended or crashed ({name}).", name=signal.Signals(-code).name
        )
    return code


def _deliver(cage: Cage, out: Path) -> None:
    """Put the result where it was asked for. What made it has read a stranger's file: no links."""
    assert cage.beside is not None
    made = cage.beside / f"result{out.suffix}"
    if not stat.S_ISREG(made.lstat().st_mode):
        raise SightlineError("The result is no file.")
    made.replace(out)
