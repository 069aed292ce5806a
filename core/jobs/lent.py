"""The store as a job has it: everything is asked of its keeper, which looks at what is asked for."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from core.errors import SightlineError
from core.jobs.line import Line, raised
from core.store import NewObject, Record, Store, Transaction

R = TypeVar("R", bound=Record)


class LentStore(Store):
    """Acts as the store does, without touching the catalog: a job's process may not even read it.

    One transaction at a time. Files named in a job's parameters can be read, and so can those of the
    records that these name; new files can be written.
    """

    def __init__(self, home: Path, line: Line) -> None:
        self.home, self.quota = home, None
        self._line, self._turn = line, threading.RLock()

    def ask(self, what: str, **given: Any) -> Any:
        with self._turn:
            self._line.send({"ask": what, **given})
            return raised(self._line.receive())

    @contextmanager
    def _open(self, write: bool) -> Iterator[Transaction]:
        with self._turn:
            self.ask("begin", write=write)
            try:
                yield _LentTransaction(self)
            except BaseException:
                self.ask("end", commit=False)
                raise
            self.ask("end", commit=True)

    def reading(self) -> Any:
        return self._open(write=False)

    def writing(self) -> Any:
        return self._open(write=True)

    @contextmanager
    def new_object(self, owner: str, suffix: str) -> Iterator[NewObject]:
        name, place = self.ask("new", owner=owner, suffix=suffix)
        made = NewObject(id=name, owner=owner, path=Path(place))
        try:
            yield made
            made.bytes, made.fingerprint, final = self.ask("seal", name=name)
            made.path = Path(final)
        except BaseException:
            made.path.unlink(missing_ok=True)
            raise

    def place(self, object_id: str, owner: str) -> Path:
        return Path(self.ask("place", object=object_id, owner=owner))

    def secret(self, connection: str, owner: str) -> str:
        return str(self.ask("secret", connection=connection, owner=owner))

    def hash_key(self, name: str, make: bool) -> bytes:
        """The key of this name of the job's owner: see `core.keys`."""
        return bytes.fromhex(self.ask("hash_key", name=name, make=make))

    def check_space(self, bytes_needed: int, owner: str | None = None) -> None:
        self.ask("space", bytes=bytes_needed, owner=owner)

    def collect_garbage(self) -> int:
        raise SightlineError("A job does not keep the house.")

    def data_version(self) -> int:
        raise SightlineError("A job does not watch the catalog.")

    def close(self) -> None: ...


class _LentTransaction(Transaction):
    """A transaction that the keeper holds open."""

    def __init__(self, store: LentStore) -> None:
        self._ask = store.ask

    def get(self, cls: type[R], id: str, owner: str) -> R:
        return cls.model_validate(self._ask("get", kind=cls.kind(), id=id, owner=owner))

    def _select(
        self,
        cls: type[R],
        condition: str,
        values: tuple[Any, ...],
        where: dict[str, Any],
        limit: int | None = None,
    ) -> builtins.list[R]:
        if not values:
            raise SightlineError("A job sees the records of its owner alone.")
        found = self._ask("list", kind=cls.kind(), owner=values[0], where=where, limit=limit)
        return [cls.model_validate(record) for record in found]

    def add(self, record: R, objects: Sequence[NewObject] = ()) -> R:
        self._ask("add", kind=record.kind(), record=record.model_dump(), objects=_names(objects))
        return record

    def change(
        self, cls: type[R], id: str, owner: str, objects: Sequence[NewObject] = (), **changes: Any
    ) -> R:
        current = self.get(cls, id, owner)
        changed = cls.model_validate({**dict(current), **changes, "id": id, "owner": owner})
        written = changed.model_dump(include=set(changes))
        self._ask("change", kind=cls.kind(), id=id, owner=owner, changes=written, objects=_names(objects))
        return changed

    def delete(self, cls: type[R], id: str, owner: str) -> None:
        self._ask("delete", kind=cls.kind(), id=id, owner=owner)

    def used(self, owner: str) -> int:
        return int(self._ask("used", owner=owner))

    def check_quota(self, owner: str, needed: int) -> None:
        self._ask("quota", owner=owner, bytes=needed)


def _names(objects: Sequence[NewObject]) -> list[str]:
    return [made.id for made in objects]
