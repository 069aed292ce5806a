"""Statements that run now or have just run: started in the background, followed, stopped, written down."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.engine.believing import Answer
from core.engine.sandbox import Sandbox
from core.errors import Cancelled, NotFound, SightlineError
from core.export.tables import arrow_csv
from core.queries.naming import named_tables, reachable, stored
from core.sources.names import mend
from core.store import Store
from core.store.records import Statement, new_id
from core.wording import told

if TYPE_CHECKING:
    import pyarrow as pa

REMEMBERED = 8  # answers kept in memory, of all owners
WRITTEN = 200  # statements kept in an owner's history

State = Literal["running", "done", "failed", "cancelled"]


@dataclass
class Query:
    """A statement of an owner and how it stands; `versions` are the tables it could name, by name."""

    id: str
    owner: str
    text: str
    versions: dict[str, str]
    begun: float = field(default_factory=time.monotonic)
    state: State = "running"
    answer: Answer | None = None
    error: Exception | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def seconds(self) -> float:
        """Since it was started; the engine's own time once it is done."""
        return self.answer.seconds if self.answer else time.monotonic() - self.begun

    def rows(self) -> pa.Table:
        """The rows that came of it, under names that are all different."""
        if self.answer is None:
            raise NotFound("This statement has no rows.", hint="Run it again.")
        names, _ = mend(self.answer.names)
        return self.answer.data.rename_columns(names)

    def csv(self) -> bytes:
        """The same rows for a spreadsheet, which will run nothing of them."""
        return arrow_csv(self.rows())

    def read(self) -> dict[str, str]:
        """The versions that it read, by the name it gave them."""
        return {name: self.versions[name] for name in (self.answer.tables if self.answer else ())}


class Queries:
    """The statements of all owners of one server. Any thread may call it."""

    def __init__(self, store: Store, sandbox: Sandbox) -> None:
        self.store, self.sandbox = store, sandbox
        self._known: OrderedDict[str, Query] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, owner: str, text: str) -> Query:
        """Run a statement over the owner's tables in the background."""
        query = Query(new_id("qy"), owner, text, {})
        with self._lock:
            self._known[query.id] = query
            over = [id for id, one in self._known.items() if one.state != "running"]
            for id in over[: max(0, len(over) - REMEMBERED + 1)]:
                del self._known[id]

        def work() -> None:
            try:
                given = reachable(named_tables(self.store, owner), text)
                versions = {name: named.version for name, named in given.items()}
                query.versions = {name: version.id for name, version in versions.items()}
                tables = stored(self.store, versions)
                query.answer = self.sandbox.run(owner, tables, text, stopped=query.stop.is_set)
                state: State = "done"
            except Cancelled:
                state = "cancelled"
            except Exception as error:  # noqa: BLE001  the page that follows it says what it was
                query.error, state = error, "failed"
            try:
                self._write(query, state)
            except Exception as error:  # noqa: BLE001  the answer is there; its line in the history is not
                query.error = query.error or error
            query.state = state

        threading.Thread(target=work, name=f"statement {query.id}", daemon=True).start()
        return query

    def get(self, id: str, owner: str) -> Query:
        """A statement that this server remembers; NotFound when it does not, or it is somebody else's."""
        with self._lock:
            query = self._known.get(id)
        if query is None or query.owner != owner:
            raise NotFound("The result of this statement is no longer in memory.", hint="Run it again.")
        return query

    def cancel(self, id: str, owner: str) -> None:
        """Ask a statement to end: its process is killed."""
        self.get(id, owner).stop.set()

    def _write(self, query: Query, state: State) -> None:
        """A line in the owner's history; the oldest lines go."""
        answer, error = query.answer, query.error
        kept = Statement(
            owner=query.owner,
            text=query.text,
            state=state if state != "running" else "failed",
            rows=answer.data.num_rows if answer else None,
            cut=bool(answer and answer.cut),
            seconds=query.seconds,
            error=told(error).model_dump(mode="json") if isinstance(error, SightlineError) else None,
            tables=query.read(),
        )
        with self.store.writing() as catalog:
            catalog.add(kept)
            for old in catalog.list(Statement, query.owner)[WRITTEN:]:
                catalog.delete(Statement, old.id, query.owner)
