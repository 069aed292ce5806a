"""The keeper of one job: it speaks to the catalog for a process that reads strangers' files.

The supervisor's child forks once more. The inner process does the work, confined to its own folders
and the files it needs, without the catalog; this one, which never looks at a file's contents, does on
its behalf what a job may do, and nothing for any other owner. It ends as its job ended.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import select
import signal
import sqlite3
import time
from contextlib import ExitStack, suppress
from typing import Any, NoReturn

from pydantic import ValidationError

from core import keys
from core.contracts import Json
from core.errors import NotFound, SightlineError
from core.jobs import answers, events, limits
from core.jobs.access import Access
from core.jobs.line import Broken, Line, told
from core.store import Connection, Job, NewObject, Record, Schedule, Setting, Store, Transaction, files
from core.store.records import now
from core.store.sealed import hash_key

HOLD = 10.0  # seconds a job may keep a transaction open: everybody else waits
_LOOK = 0.5  # seconds between two looks at the disk
_KINDS: dict[str, type[Record]] = {cls.kind(): cls for cls in Record.__subclasses__()}
_NEVER = (Job, Setting, Connection, Schedule)  # what no job writes
_CHANGED = ("run",)  # what a job may change of what was there before it
_ENDS = ("done", "cancelled", "failed")


class _Undo(Exception):
    """Takes a transaction back."""


class Keeper:
    """Answers one job's questions until its process ends."""

    def __init__(self, store: Store, job: Job, access: Access, line: Line, disk: int) -> None:
        self.store, self.job, self.access, self.line, self.disk = store, job, access, line, disk
        self.growing: dict[str, NewObject] = {}  # asked for, not whole yet
        self.whole: dict[str, NewObject] = {}
        self.added: set[str] = set()
        self.catalog: Transaction | None = None
        self.settled = self.too_big = False
        self._ending = ExitStack()
        self._since = 0.0

    def serve(self, worker: int, parent: int) -> NoReturn:
        """Answer until the worker ends, pass on the request to stop, and end in the same way."""
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: _tell(worker, signal.SIGTERM))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        listening = [reader, self.line.fileno()]
        while True:
            ready, _, _ = select.select(listening, [], [], _LOOK)
            if reader in ready:
                with suppress(BlockingIOError):
                    os.read(reader, 4096)
            if self.line.fileno() in ready and not self._answer():
                listening = [reader]
                if not self.settled:
                    _tell(worker, signal.SIGKILL)
            ended, status = os.waitpid(worker, os.WNOHANG)
            if ended:
                self._end(status)
            if os.getppid() != parent or self._held_too_long() or self._disk_full():
                _tell(worker, signal.SIGKILL)

    def _answer(self) -> bool:
        """One message and its answer; False when the line is broken."""
        try:
            asked = self.line.receive(patience=HOLD)
            self.line.send(self._reply(asked))
        except Broken as error:
            if str(error) != "it ended":
                logging.getLogger(__name__).error("job %s: %s", self.job.id, error)
            return False
        return True

    def _reply(self, asked: dict[str, Any]) -> dict[str, Any]:
        what = asked.pop("ask", None)
        deed = getattr(self, f"do_{what}", None)
        try:
            if deed is None:
                raise Broken(f"it asked for {str(what)[:40]!r}")
            return {"value": deed(**asked)}
        except SightlineError as error:
            return told(error)
        except (OSError, sqlite3.Error) as error:
            logging.getLogger(__name__).exception("job %s asked for %s", self.job.id, what)
            return {"failed": {"number": getattr(error, "errno", None) or 0, "text": str(error)}}
        except (TypeError, ValueError, KeyError, ValidationError) as error:
            raise Broken(f"it asked wrongly for {str(what)[:40]!r}: {str(error)[:400]}") from None

    # what a job may ask

    def do_begin(self, write: bool) -> None:
        if self.catalog is not None:
            raise ValueError("a transaction is open")
        opened = self.store.writing() if write else self.store.reading()
        self.catalog, self._since = self._ending.enter_context(opened), time.monotonic()

    def do_end(self, commit: bool) -> None:
        self.catalog = None
        if commit:
            self._ending.close()
        else:
            with suppress(_Undo):
                self._ending.__exit__(_Undo, _Undo(), None)

    def do_get(self, kind: str, id: str, owner: str) -> Json:
        return self._open().get(_KINDS[kind], id, self._own(owner)).model_dump()

    def do_list(self, kind: str, owner: str, where: dict[str, Json], limit: int | None) -> Json:
        found = self._open().list(_KINDS[kind], self._own(owner), limit=limit, **where)
        return [record.model_dump() for record in found]

    def do_add(self, kind: str, record: dict[str, Json], objects: list[str]) -> None:
        made = _KINDS[kind].model_validate(record)
        self._own(made.owner)
        if isinstance(made, _NEVER):
            raise ValueError("no job writes that")
        self._open().add(made, self._files(objects))
        self.added.add(made.id)

    def do_change(self, kind: str, id: str, owner: str, changes: dict[str, Json], objects: list[str]) -> None:
        cls = _KINDS[kind]
        self._may_change(cls, id)
        self._open().change(cls, id, self._own(owner), self._files(objects), **changes)

    def do_delete(self, kind: str, id: str, owner: str) -> None:
        self._may_change(_KINDS[kind], id)
        self._open().delete(_KINDS[kind], id, self._own(owner))

    def do_used(self, owner: str) -> int:
        return self._open().used(self._own(owner))

    def do_quota(self, owner: str, bytes: int) -> None:
        self._open().check_quota(self._own(owner), bytes)

    def do_space(self, bytes: int, owner: str | None) -> None:
        self.store.check_space(bytes, None if owner is None else self._own(owner))

    def do_place(self, object: str, owner: str) -> str:
        return str(self.store.place(object, self._own(owner)))

    def do_secret(self, connection: str, owner: str) -> str:
        """The password of a connection that the job was given."""
        if connection not in self.access.named:
            raise ValueError("a password that is not the job's")
        return self.store.secret(connection, self._own(owner))

    def do_hash_key(self, name: str, make: bool) -> str:
        """A key for hashes, of the job's owner; the file that it is derived from stays out of reach."""
        if not re.fullmatch(keys.NAME, name):
            raise ValueError("no name of a key")
        return hash_key(self.store.home, self.job.owner, name, make=make).hex()

    def do_new(self, owner: str, suffix: str) -> Json:
        made = files.new_in(self.access.made, self._own(owner), suffix)
        self.growing[made.id] = made
        return made.id, str(made.path)

    def do_seal(self, name: str) -> Json:
        made = self.growing.pop(name)
        files.seal(made, self.store.home / "objects")
        self.whole[name] = made
        return made.bytes, made.fingerprint, str(made.path)

    def do_log(self, text: str) -> str:
        """Keep the story of a defect; its number is for the person."""
        reference = secrets.token_hex(4)
        place = self.store.home / "logs" / f"{reference}.log"
        place.write_text(
            f"job {self.job.id}\n{text[:1_000_000]}", encoding="utf-8", errors="backslashreplace"
        )
        logging.getLogger(__name__).error("job %s failed: reference %s", self.job.id, reference)
        return reference

    def do_settle(
        self, state: str, result: Json = None, error: Json = None, progress: Json = None, message: str = ""
    ) -> None:
        """How the job ended: its last word."""
        if state not in _ENDS or self.catalog is not None:
            raise ValueError("no way to end")
        told = {"state": state, "result": result, "error": error, "progress": progress, "message": message}
        self._settle({name: value for name, value in told.items() if value is not None})

    # how it looks at what is asked

    def _own(self, owner: str) -> str:
        if owner != self.job.owner:
            raise NotFound("There is no record of {owner!r} here.", owner=str(owner)[:80])
        return owner

    def _open(self) -> Transaction:
        if self.catalog is None:
            raise ValueError("no transaction is open")
        return self.catalog

    def _may_change(self, cls: type[Record], id: str) -> None:
        mine = id in self.added
        if issubclass(cls, _NEVER) or not (mine or (cls.kind() in _CHANGED and id in self.access.named)):
            raise ValueError(f"it may not change the {cls.kind()} {id[:40]!r}")

    def _files(self, names: list[str]) -> list[NewObject]:
        return [self.whole[name] for name in names]

    def _held_too_long(self) -> bool:
        return self.catalog is not None and time.monotonic() > self._since + HOLD

    def _disk_full(self) -> bool:
        """Whether the job has taken more of the disk than it may, or the last that may be taken."""
        taken = self.access.taken()
        crowded = taken > limits.LEAST_DISK and files.room(self.store.home) <= 0
        self.too_big = self.too_big or taken > self.disk or crowded
        return self.too_big

    # how it ends

    def _settle(self, changes: dict[str, Any]) -> None:
        with self.store.writing() as catalog:
            if catalog.get(Job, self.job.id, self.job.owner).state == "running":
                catalog.change(Job, self.job.id, self.job.owner, ended=now(), **changes)
                events.append_end(
                    self.store.home, self.job, changes["state"]
                )  # whoever sees the end can read it
        self.settled = True

    def _end(self, status: int) -> NoReturn:
        if self.catalog is not None:
            self.do_end(commit=False)
        if self.too_big and not self.settled:
            self._settle(answers.failure(answers.no_disk(self.disk)))
            status = 0
        self.access.clear()
        code = os.waitstatus_to_exitcode(status)
        if code < 0 and not self.settled:  # the supervisor tells the story of each signal
            signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
            os.kill(os.getpid(), -code)
        os._exit(max(code, 0))


def _tell(worker: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(worker, number)
