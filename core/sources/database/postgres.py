"""PostgreSQL, by ADBC: rows come as Arrow in PostgreSQL's own binary format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field as P
from pydantic import SecretStr

from core import sql
from core.contracts import Watch
from core.errors import BadInput, NotFound, SightlineError
from core.sources.changed import infinite
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
from core.sources.database.network import Server, system_authorities
from core.sources.database.writing import (
    Form,
    as_hexadecimal,
    as_json,
    from_decimal,
    read_again,
    streamed,
    zoned,
)
from core.wording import Note

if TYPE_CHECKING:
    import pyarrow as pa

_TABLES = """
SELECT n.nspname, c.relname, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
       CASE WHEN c.relkind = 'p' THEN (
              SELECT sum(greatest(k.reltuples, 0))::bigint FROM pg_inherits i JOIN pg_class k
              ON k.oid = i.inhrelid WHERE i.inhparent = c.oid)
            WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL ELSE c.reltuples::bigint END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
  AND n.nspname NOT LIKE 'pg_temp%' AND has_schema_privilege(n.oid, 'USAGE')
  AND has_table_privilege(c.oid, 'SELECT')
ORDER BY n.nspname = 'public' DESC, 1, 2 LIMIT {most}
"""
_COLUMNS = """
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       coalesce(i.indisprimary, false)
FROM pg_attribute a LEFT JOIN pg_index i
  ON i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)
WHERE a.attrelid = to_regclass({name}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_SMALL = 100_000  # rows up to which a table is counted rather than estimated


class PostgreSql(Server):
    """A PostgreSQL server, or one that speaks its language."""

    title: ClassVar[str] = "PostgreSQL"

    port: int = P(default=5432, ge=1, le=65_535, title="Port", description="The port it listens on.")

    def connect(self, password: SecretStr, here: Here) -> Session:
        import adbc_driver_manager
        from adbc_driver_postgresql import dbapi

        addresses = self.addresses()
        try:
            connection = dbapi.connect(_written(self._options(addresses, password, here)))
        except adbc_driver_manager.Error as error:
            raise problems.refused(
                error,
                host=self.host,
                port=self.port,
                user=self.user,
                database=self.database,
                password=password,
            ) from None
        return PostgresSession(connection, password)

    def _options(self, addresses: Sequence[str], password: SecretStr, here: Here) -> dict[str, str]:
        options = {
            "host": ",".join([self.host] * len(addresses)),  # the name, for the server's certificate
            "hostaddr": ",".join(addresses),
            "port": str(self.port),
            "dbname": self.database,
            "user": self.user,
            "password": password.get_secret_value(),
            "connect_timeout": str(CONNECT_SECONDS),
            "application_name": "Sightline",
            "client_encoding": "UTF8",
            "sslmode": {"verify": "verify-full", "off": "disable"}.get(self.tls, self.tls),
            "gssencmode": "disable",
            "passfile": str(here.scratch / "none"),  # nothing from files that somebody else left
            "sslcert": str(here.scratch / "none"),
            "sslkey": str(here.scratch / "none"),
            "tcp_user_timeout": "30000",
        }
        if self.tls == "verify":
            known = self.authorities(here.scratch) or system_authorities()
            if known is None:
                raise BadInput(
                    "This machine knows no authorities to check certificates by.",
                    hint="Give the certificate of the authority that signed the server's.",
                )
            options["sslrootcert"] = str(known)
        return options


def _written(options: dict[str, str]) -> str:
    """The options as libpq reads them, every value quoted."""
    escaped = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in options.items()}
    return " ".join(f"{name}='{value}'" for name, value in escaped.items())


class PostgresSession(Session):
    """One connection to PostgreSQL."""

    def __init__(self, connection: Any, password: SecretStr) -> None:
        self._connection, self._password = connection, password
        self._cursor: Any = None

    def about(self) -> dict[str, str]:
        row = self._rows(
            "SELECT current_setting('server_version'),"
            " (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl)"
        )[0]
        return {"server": f"PostgreSQL {row[0].split()[0]}", "tls": row[1] or ""}

    def held(self) -> Held:
        rows = self._rows(_TABLES.format(most=MOST_TABLES + 1))
        found = tuple(
            Found(schema_name=schema, name=name, kind=kind, rows=count)
            for schema, name, kind, count in rows[:MOST_TABLES]
        )
        return Held(tables=found, more=len(rows) > MOST_TABLES)

    def shape(self, schema: str, table: str) -> Shape:
        name = sql.literal(_name(schema, table)).sql(dialect="postgres")
        rows = self._rows(_COLUMNS.format(name=name))
        if not rows:
            raise _no_table(schema, table)
        columns = tuple(Shaped(name=n, type=kind, optional=empty) for n, kind, empty, _ in rows)
        key = tuple(n for n, _, _, primary in rows if primary)
        count, exact = self._count(schema, table, seconds=5)
        return Shape(columns=columns, key=key, rows=count, exact=exact)

    def _count(self, schema: str, table: str, seconds: float) -> tuple[int | None, bool]:
        """How many rows: counted where that is quick, else estimated."""
        name = sql.literal(_name(schema, table)).sql(dialect="postgres")
        query = f"SELECT reltuples::bigint, relkind::text FROM pg_class WHERE oid = to_regclass({name})"
        (estimate, kind) = self._rows(query)[0]
        if kind in ("v", "f") or estimate > _SMALL:
            return (None if estimate < 0 else estimate), False
        with suppress(SightlineError):
            return int(self._rows(f"SELECT count(*) FROM {_name(schema, table)}", seconds)[0][0]), True
        return (None if estimate < 0 else estimate), False

    def read(
        self, reading: Reading, place: Path, watch: Watch, *, rows: int | None = None, seconds: float = 0
    ) -> Taken:
        """See Session. Every value is of one moment: all of it is asked in one transaction."""
        with self._asking(seconds) as cursor, stopping(watch, self.interrupt):
            source = self._source(reading)
            limited = f"{source} LIMIT {int(rows)}" if rows is not None else source
            schema = self._schema(cursor, f"SELECT * FROM {source} LIMIT 0")
            expected = rows if rows is not None else self._expected(cursor, reading)

            def once(texts: set[int]) -> Taken:
                forms, chosen = _cast(schema, texts)
                aliases = ", ".join(f"c{i}" for i in range(len(forms)))
                query = f"SELECT {', '.join(chosen)} FROM (SELECT * FROM {limited}) AS t ({aliases})"
                # never prepared: the driver then reads it by COPY, as a stream
                cursor.execute(query)
                return streamed(
                    self._batches(cursor), forms, place, watch, expected=expected,
                    also=lambda names: _infinite(cursor, limited, aliases, schema, names),
                )  # fmt: skip

            return read_again(once)

    def _source(self, reading: Reading) -> str:
        if reading.table:
            return _name(reading.schema_name, reading.table)
        return f"({statement(reading.query)}) AS q"

    def _schema(self, cursor: Any, query: str) -> pa.Schema:
        cursor.execute(query)
        return cursor.fetch_record_batch().schema

    def _expected(self, cursor: Any, reading: Reading) -> int | None:
        if not reading.table:
            return None
        name = sql.literal(_name(reading.schema_name, reading.table)).sql(dialect="postgres")
        cursor.execute(f"SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass({name})")
        found = cursor.fetchone()
        return found[0] if found and found[0] > 0 else None

    def _batches(self, cursor: Any) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            yield from cursor.fetch_record_batch()
        except (pa.ArrowException, OSError) as error:
            raise _problem(error, self._password) from None

    def _rows(self, query: str, seconds: float = 30) -> list[tuple[Any, ...]]:
        with self._asking(seconds) as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    @contextmanager
    def _asking(self, seconds: float) -> Iterator[Any]:
        """A cursor in a read-only transaction of its own."""
        import adbc_driver_manager

        cursor = self._connection.cursor()
        self._cursor = cursor
        try:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
            yield cursor
        except (adbc_driver_manager.Error, OSError) as error:
            raise _problem(error, self._password) from None
        finally:
            self._cursor = None
            with suppress(adbc_driver_manager.Error):
                cursor.close()
            with suppress(adbc_driver_manager.Error):
                self._connection.rollback()

    def interrupt(self) -> None:
        cursor = self._cursor
        if cursor is not None:
            cursor.adbc_cancel()

    def close(self) -> None:
        import adbc_driver_manager

        with suppress(adbc_driver_manager.Error):
            self._connection.close()


def _problem(error: Exception, password: SecretStr) -> SightlineError:
    if getattr(error, "sqlstate", None) == "57014":
        return problems.failed(TimeoutError("statement timeout"), password)
    return problems.failed(error, password)


def _no_table(schema: str, table: str) -> NotFound:
    return NotFound(
        "There is no table {table!r} in {schema!r}, or this user may not see it.",
        table=table[:200],
        schema=schema[:200],
    )


def _name(schema: str, table: str) -> str:
    """A table's name, quoted whatever it is made of."""
    parts = [schema, table] if schema else [table]
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def _cast(schema: pa.Schema, texts: set[int]) -> tuple[list[Form], list[str]]:
    """What each column becomes, and what to ask for so that it arrives as that."""
    forms, chosen = [], []
    for i, field in enumerate(schema):
        form, asked = _form(field, f"c{i}")
        if i in texts:
            form, asked = Form(field.name, "text"), f"c{i}::text"
        forms.append(form)
        chosen.append(f"{asked} AS c{i}")
    return forms, chosen


def _form(field: pa.Field, c: str) -> tuple[Form, str]:
    import pyarrow as pa

    kind, is_ = field.type, pa.types
    native = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
    form: Callable[..., Form] = lambda *rest: Form(field.name, *rest)  # noqa: E731
    if native == "numeric":
        return form("decimal", from_decimal), c
    if native == "money":
        return form("decimal", from_decimal), f"{c}::numeric"
    if is_.is_boolean(kind):
        return form("boolean"), c
    if native == "oid":
        return form("integer"), f"{c}::bigint"  # the driver would take the upper half for negative
    if is_.is_integer(kind):
        return form("integer"), c
    if is_.is_floating(kind):
        return form("number"), c
    if is_.is_date(kind):
        return form("date"), f"CASE WHEN isfinite({c}) THEN {c} END"
    if is_.is_timestamp(kind):
        moment = f"{c} AT TIME ZONE 'UTC'" if kind.tz else c
        return form("datetime", *([zoned] if kind.tz else [])), f"CASE WHEN isfinite({c}) THEN {moment} END"
    if is_.is_binary(kind) or is_.is_large_binary(kind):
        return form("text", as_hexadecimal), f"encode({c}, 'hex')"
    if is_.is_nested(kind):
        return form("text", as_json), f"to_json({c})::text"
    if (is_.is_string(kind) or is_.is_large_string(kind)) and native in ("text", "varchar"):
        return form("text"), c
    return form("text"), f"{c}::text"


def _infinite(cursor: Any, source: str, aliases: str, schema: pa.Schema, names: list[str]) -> list[Note]:
    """How many dates were infinite: PostgreSQL has such, a calendar has not."""
    import pyarrow as pa

    moments = [i for i, f in enumerate(schema) if pa.types.is_date(f.type) or pa.types.is_timestamp(f.type)]
    if not moments:
        return []
    counts = ", ".join(f"count(*) FILTER (WHERE NOT isfinite(c{i}))" for i in moments)
    cursor.execute(f"SELECT {counts} FROM (SELECT * FROM {source}) AS t ({aliases})")
    found = zip(moments, cursor.fetchone(), strict=True)
    return [infinite(names[i], count) for i, count in found if count]
