"""MySQL and MariaDB, by PyMySQL with a cursor that the server keeps: rows come in pieces."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field as P
from pydantic import SecretStr

from core.contracts import Watch
from core.errors import NotFound, SightlineError
from core.sources.database import problems
from core.sources.database.base import (
    CONNECT_SECONDS,
    MOST_TABLES,
    Found,
    Held,
    Here,
    Reading,
    Session,
    Shape,
    Shaped,
    Taken,
    statement,
    stopping,
)
from core.sources.database.network import Server
from core.sources.database.writing import (
    Form,
    as_hexadecimal,
    from_decimal,
    read_again,
    streamed,
    zoned,
)

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES = """
SELECT table_schema, table_name, table_type, table_rows FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')
ORDER BY table_schema <> %s, table_schema, table_name LIMIT %s
"""
_COLUMNS = """
SELECT column_name, column_type, is_nullable, column_key FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
"""
_BINARY = 63  # the character set of what is no text
_AT_ONCE = 10_000  # rows asked for at a time
_SMALL = 100_000


class MySql(Server):
    """A MySQL or MariaDB server."""

    title: ClassVar[str] = "MySQL, MariaDB"

    port: int = P(default=3306, ge=1, le=65_535, title="Port", description="The port it listens on.")

    def connect(self, password: SecretStr, here: Here) -> Session:
        return MySqlSession(self, password, here, self.addresses())

    def link(self, password: SecretStr, here: Here, addresses: Sequence[str]) -> Any:
        """A connection to the first of the addresses that answers."""
        import pymysql
        from pymysql import converters
        from pymysql.cursors import SSCursor

        def problem(error: Exception) -> SightlineError:
            return problems.refused(
                error,
                host=self.host,
                port=self.port,
                user=self.user,
                database=self.database,
                password=password,
            )

        connection = pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=password.get_secret_value(),
            database=self.database,
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            cursorclass=SSCursor,
            conv=dict(converters.encoders),  # no decoders: values stay as they are written
            local_infile=False,  # a server cannot ask for this machine's files
            defer_connect=True,
            autocommit=True,
            program_name="Sightline",
            **self._encryption(here),
        )
        try:
            line = _line(addresses, self.port)
        except OSError as error:
            raise problem(error) from None
        try:
            connection.connect(line)
        except (pymysql.Error, OSError, ssl.SSLError) as error:
            line.close()
            raise problem(error) from None
        return connection

    def _encryption(self, here: Here) -> dict[str, Any]:
        if self.tls == "off":
            return {"ssl_disabled": True}
        context = ssl.create_default_context(cafile=self.authorities(here.scratch))
        if self.tls != "verify":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return {"ssl": context}


def _line(addresses: Sequence[str], port: int) -> socket.socket:
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), CONNECT_SECONDS)
    return socket.create_connection((addresses[-1], port), CONNECT_SECONDS)


class MySqlSession(Session):
    """One connection to MySQL or MariaDB."""

    def __init__(self, server: MySql, password: SecretStr, here: Here, addresses: Sequence[str]) -> None:
        self._server, self._password, self._here, self._addresses = server, password, here, addresses
        self._connection = self._begun()
        self._version = str(self._connection.get_server_info())

    def _begun(self) -> Any:
        """A connection, encrypted where that can be: "prefer" goes on without it."""
        server = self._server
        try:
            connection = server.link(self._password, self._here, self._addresses)
        except SightlineError as error:
            if server.tls != "prefer" or not problems.for_want_of_tls(error):
                raise  # a wrong password is not tried again: that may lock the user out
            server = server.model_copy(update={"tls": "off"})
            return server.link(self._password, self._here, self._addresses)
        if server.tls in ("require", "verify") and not isinstance(connection._sock, ssl.SSLSocket):
            connection.close()
            raise problems.refused(
                ConnectionError("the server has no TLS"), host=server.host, port=server.port,
                user=server.user, database=server.database, password=self._password,
            )  # fmt: skip
        return connection

    @property
    def _maria(self) -> bool:
        return "mariadb" in self._version.lower()

    def about(self) -> dict[str, str]:
        number = self._version.removeprefix("5.5.5-").split("-")[0]  # how MariaDB stays known to old clients
        line = self._connection._sock
        tls = line.version() if isinstance(line, ssl.SSLSocket) else ""
        return {"server": f"{'MariaDB' if self._maria else 'MySQL'} {number}", "tls": tls or ""}

    def held(self) -> Held:
        rows = self._rows(_TABLES, (self._server.database, MOST_TABLES + 1))
        found = tuple(
            Found(
                schema_name=schema,
                name=name,
                kind="view" if "VIEW" in kind else "table",
                rows=None if count is None else int(count),
            )
            for schema, name, kind, count in rows[:MOST_TABLES]
        )
        return Held(tables=found, more=len(rows) > MOST_TABLES)

    def shape(self, schema: str, table: str) -> Shape:
        rows = self._rows(_COLUMNS, (schema or self._server.database, table))
        if not rows:
            raise NotFound(
                "There is no table {table!r} in {schema!r}, or this user may not see it.",
                table=table[:200],
                schema=(schema or self._server.database)[:200],
            )
        count = self._estimate(schema, table)
        exact = False
        if count is not None and count <= _SMALL:
            with suppress(SightlineError):
                count = int(self._rows(f"SELECT count(*) FROM {_name(schema, table)}", seconds=5)[0][0])
                exact = True
        return Shape(
            columns=tuple(Shaped(name=n, type=kind, optional=empty == "YES") for n, kind, empty, _ in rows),
            key=tuple(n for n, _, _, key in rows if key == "PRI"),
            rows=count,
            exact=exact,
        )

    def _estimate(self, schema: str, table: str) -> int | None:
        query = "SELECT table_rows FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
        found = self._rows(query, (schema or self._server.database, table))
        return int(found[0][0]) if found and found[0][0] is not None else None

    def read(
        self, reading: Reading, place: Path, watch: Watch, *, rows: int | None = None, seconds: float = 0
    ) -> Taken:
        """See Session. All of it is read in one transaction."""
        if reading.table:
            source = f"SELECT * FROM {_name(reading.schema_name, reading.table)}"
            expected = self._estimate(reading.schema_name, reading.table)
        else:
            source, expected = statement(reading.query, "mysql"), None
        expected = expected if rows is None else rows

        def once(texts: set[int]) -> Taken:
            with self._asking(seconds) as cursor, stopping(watch, self.interrupt):
                if rows is not None:
                    cursor.execute(f"SET sql_select_limit = {int(rows)}")
                cursor.execute(source)
                forms, binary = _forms(cursor._result.fields, texts)
                return streamed(_batches(cursor, binary, rows), forms, place, watch, expected=expected)

        return read_again(once)

    def _rows(self, query: str, values: Sequence[Any] = (), seconds: float = 30) -> list[tuple[Any, ...]]:
        with self._asking(seconds) as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    @contextmanager
    def _asking(self, seconds: float) -> Iterator[Any]:
        """A cursor in a read-only transaction of its own."""
        import pymysql

        if self._connection._sock is None:
            self._connection = self._begun()
        cursor = self._connection.cursor()
        try:
            for setting in (
                "SET time_zone = '+00:00', sql_select_limit = DEFAULT",
                f"SET max_statement_time = {seconds}"
                if self._maria
                else f"SET max_execution_time = {int(seconds * 1000)}",
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
            ):
                cursor.execute(setting)
            yield cursor
        except (pymysql.Error, OSError) as error:
            raise problems.failed(error, self._password) from None
        finally:
            self._end(cursor)

    def _end(self, cursor: Any) -> None:
        """Leave the transaction; where rows are still on their way, leave the connection."""
        import pymysql

        result = cursor._result
        if result is not None and result.unbuffered_active:
            self._connection._force_close()  # else the rest would be read to be thrown away
            result.unbuffered_active, result.connection = False, None
        else:
            with suppress(pymysql.Error, OSError):
                cursor.close()
                self._connection.rollback()

    def interrupt(self) -> None:
        """End the query on the server, by a connection of its own, and stop listening here.

        The connection goes with it: a server that waits to send its rows does not look at a killed query.
        """
        line, number = self._connection._sock, int(self._connection.thread_id())
        try:
            other = self._server.link(self._password, self._here, self._addresses)
            with suppress(Exception):
                other.query(f"KILL CONNECTION {number}")
            other.close()
        finally:
            line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        import pymysql

        with suppress(pymysql.Error, OSError):
            self._connection.close()


def _name(schema: str, table: str) -> str:
    parts = [schema, table] if schema else [table]
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def _forms(fields: Sequence[Any], texts: set[int]) -> tuple[list[Form], list[bool]]:
    """What each column becomes, and which ones arrive as bytes."""
    from pymysql.constants import FIELD_TYPE as T

    integers = (T.TINY, T.SHORT, T.LONG, T.LONGLONG, T.INT24, T.YEAR)
    strings = (T.VARCHAR, T.VAR_STRING, T.STRING, T.BLOB, T.TINY_BLOB, T.MEDIUM_BLOB, T.LONG_BLOB)
    forms, binary = [], []
    for i, field in enumerate(fields):
        kind, as_bytes = field.type_code, False
        form = Form(field.name, "text")
        if i in texts:
            pass
        elif kind in integers:
            form = Form(field.name, "integer")
        elif kind in (T.FLOAT, T.DOUBLE):
            form = Form(field.name, "number")
        elif kind in (T.DECIMAL, T.NEWDECIMAL):
            form = Form(field.name, "decimal", from_decimal)
        elif kind in (T.DATE, T.NEWDATE):
            form = Form(field.name, "date")
        elif kind in (T.DATETIME, T.TIMESTAMP):
            form = Form(field.name, "datetime", zoned if kind == T.TIMESTAMP else None)
        if kind in (T.BIT, T.GEOMETRY) or (kind in strings and field.charsetnr == _BINARY):
            form, as_bytes = Form(field.name, "text", as_hexadecimal), True
        forms.append(form)
        binary.append(as_bytes)
    return forms, binary


def _batches(cursor: Any, binary: Sequence[bool], most: int | None) -> Iterator[pa.RecordBatch]:
    """The rows as they come, `most` of them, every value as it is written."""
    import pyarrow as pa

    names = [f"c{i}" for i in range(len(binary))]
    left = most
    while True:
        rows = cursor.fetchmany(_AT_ONCE if left is None else min(_AT_ONCE, left))
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(binary)
        arrays = [
            pa.array([None if v is None else _bytes(v).hex() for v in column] if raw else column, pa.string())
            for column, raw in zip(columns, binary, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=names)
        left = None if left is None else left - len(rows)
        if left == 0:
            cursor.fetchone()  # the end of a result that was limited, so that the connection is free again
        if not rows or left == 0:
            return


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
