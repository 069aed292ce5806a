"""What every kind of database offers: a frozen class of fields that say where it is, and a session.

database = Database.from_json(connection.settings)
with database.connect(password, here) as session:
    session.held()                      # schemas and tables, with how many rows
    session.shape("public", "orders")   # columns and key
    session.read(reading, place, watch) # streamed into a Parquet file of the six column types
"""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, Self

from pydantic import SecretStr, model_validator

from core.contracts import Member, Schema, Watch
from core.errors import BadParameter, Cancelled
from core.params import Frozen
from core.wording import Note

MOST_TABLES = 5_000  # shown of one database
CONNECT_SECONDS = 10
# what PostgreSQL (before 16, or by an extension) lets a read-only transaction write all the same
_WRITING = re.compile(r"\b(lo_\w+|lowrite|dblink\w*|pg_file_\w+)\s*\(", re.IGNORECASE)


class Reading(Frozen):
    """What is read: a table, or what a query gives."""

    schema_name: str = ""
    table: str = ""
    query: str = ""
    key: tuple[str, ...] = ()  # columns that tell one row from another, to follow rows over refreshes

    @model_validator(mode="after")
    def _one(self) -> Reading:
        if bool(self.table) == bool(self.query.strip()):
            raise ValueError("should name a table or hold a query")
        return self

    def title(self) -> str:
        return self.table or "query"


class Found(Frozen):
    """A table of a database, as its catalog has it."""

    schema_name: str = ""
    name: str
    kind: Literal["table", "view"] = "table"
    rows: int | None = None  # None: nobody knows without counting
    exact: bool = False  # counted; else the database's own estimate


class Held(Frozen):
    """What a database holds, as far as this user may see it."""

    tables: tuple[Found, ...]
    more: bool = False  # there are more than are listed


class Shaped(Frozen):
    """A column as the database declares it."""

    name: str
    type: str
    optional: bool = True


class Shape(Frozen):
    """A table's columns and what tells its rows apart."""

    columns: tuple[Shaped, ...]
    key: tuple[str, ...] = ()
    rows: int | None = None
    exact: bool = False


@dataclass(frozen=True)
class Taken:
    """What was read into a file."""

    rows: int
    columns: Schema
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Here:
    """What a connection uses of this machine: a folder for its own files, and the uploaded file."""

    scratch: Path
    file: Path | None = None


class Database(Member, family=True):
    """A database and how to reach it, as fields: never an address that hides more than it says."""

    needs_password: ClassVar[bool] = True
    endings: ClassVar[tuple[str, ...]] = ()  # of the files that hold such a database

    @abstractmethod
    def connect(self, password: SecretStr, here: Here) -> Session:
        """A session; BadInput says in words why there is none."""

    def goes_to(self) -> str:
        """Where it leads: what a password must not follow when it changes."""
        return ""


class Session(ABC):
    """One connection. What it reads, it reads in read-only transactions."""

    @abstractmethod
    def about(self) -> dict[str, str]:
        """What answered: server (its name and version), tls (the protocol; empty: not encrypted)."""

    @abstractmethod
    def held(self) -> Held:
        """The schemas and tables this user may see, with how many rows."""

    @abstractmethod
    def shape(self, schema: str, table: str) -> Shape:
        """A table's columns; NotFound when there is no such table."""

    @abstractmethod
    def read(
        self, reading: Reading, place: Path, watch: Watch, *, rows: int | None = None, seconds: float = 0
    ) -> Taken:
        """Stream into a Parquet file of the six column types, in flat memory.

        `rows` is the most that are read, by a limit that the database itself knows of; `seconds` the
        most that it may take (0: as long as it takes). Raises Cancelled within a second of being
        asked to stop.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """End what the database is doing for this session; from any thread."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def stopping(watch: Watch, interrupt: Callable[[], None]) -> Iterator[None]:
    """While the block runs, call `interrupt` once the watch says stop; what then fails is Cancelled."""
    done, stopped = threading.Event(), threading.Event()

    def follow() -> None:
        while not done.wait(0.1):
            if watch.stopped():
                stopped.set()
                with suppress(Exception):  # it may have ended just now
                    interrupt()
                return

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield
        if stopped.is_set():
            raise Cancelled()
    except Cancelled:
        raise
    except Exception as error:
        if stopped.is_set() or watch.stopped():
            raise Cancelled() from None
        raise error
    finally:
        done.set()
        follower.join()


def statement(query: str, dialect: str = "postgres") -> str:
    """A query as it may be sent: one statement, which asks for rows. Its last semicolon is left out.

    The read-only transaction is what keeps it from changing anything; this says early, and in words,
    what would fail there, and keeps a query within the parentheses that it is put in.
    """
    from sqlglot import TokenType, tokenize
    from sqlglot.errors import TokenError

    try:
        tokens = tokenize(query, read=dialect)
    except TokenError as error:
        raise BadParameter("This is no SQL: {reason}", reason=str(error).splitlines()[0][:300]) from None
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if dialect == "mysql" and any(mark in query for mark in ("/*!", "/*M!")):
        raise BadParameter("Comments that the server would run (/*! ... */) are not sent.")
    if not tokens:
        raise BadParameter("The query is empty.", hint="Write one, such as SELECT * FROM orders.")
    first = next((token.text.upper() for token in tokens if token.token_type != TokenType.L_PAREN), "")
    if first not in ("SELECT", "WITH", "VALUES", "TABLE", "FROM"):
        raise BadParameter(
            "A query begins with SELECT, WITH or VALUES; this one begins with {first!r}.",
            hint="Sightline reads from databases and changes nothing in them.",
            first=first[:60],
        )
    if dialect == "postgres" and (found := _WRITING.search(query)):
        raise BadParameter("A query that is read must not call {name}.", name=found[1])
    depth = 0
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            raise BadParameter(
                "A query is one statement; this has several.", hint="Leave out the semicolons."
            )
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth < 0:
            raise BadParameter("The query closes a parenthesis that it did not open.")
        if token.text.upper() in ("INTO", "OUTFILE", "DUMPFILE") and token.token_type not in (
            TokenType.STRING,
            TokenType.IDENTIFIER,
        ):
            raise BadParameter("A query that is read must not write INTO something.")
    # a line end after it: a comment on its last line must not swallow what follows
    return query[: tokens[-1].end + 1] + "\n"
