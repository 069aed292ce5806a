"""Any other database that SQLAlchemy speaks to, where an administrator allows its dialect.

SIGHTLINE_DB_DIALECTS names them, with the driver that is installed: "mssql+pymssql, oracle+oracledb".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field as P
from pydantic import SecretStr

from core.contracts import Watch
from core.errors import BadParameter, NotFound
from core.sources.database import problems
from core.sources.database.base import (
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
from core.sources.database.gathering import gathered
from core.sources.database.network import Server, Tls

_AT_ONCE = 1_000
# where a transaction can be told to change nothing; elsewhere the user's rights and the query's words decide
_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
}


def allowed_dialects() -> list[str]:
    """The dialects that the administrator allows."""
    named = re.split(r"[,\s]+", os.environ.get("SIGHTLINE_DB_DIALECTS", ""))
    return [name for name in named if re.fullmatch(r"[a-z0-9_]+\+[a-z0-9_]+", name)]


class OtherDatabase(Server):
    """Another database, by a dialect of SQLAlchemy that the administrator allows."""

    title: ClassVar[str] = "Other database"

    port: int = P(default=1433, ge=1, le=65_535, title="Port", description="The port it listens on.")
    dialect: str = P(
        default="",
        max_length=60,
        title="Dialect",
        description="One that SIGHTLINE_DB_DIALECTS names, such as mssql+pymssql.",
    )
    tls: Tls = P(
        default="off",
        title="TLS",
        description="Not set up for other databases: what their driver does by itself holds.",
    )

    def connect(self, password: SecretStr, here: Here) -> Session:
        import sqlalchemy as sa

        if self.dialect not in allowed_dialects():
            raise BadParameter(
                "The dialect {dialect!r} is not allowed here.",
                hint="Allowed are: {known}. An administrator adds to them in SIGHTLINE_DB_DIALECTS.",
                dialect=self.dialect,
                known=", ".join(allowed_dialects()) or "none",
            )
        url = sa.URL.create(
            self.dialect,
            self.user,
            password.get_secret_value(),
            self.addresses()[0],
            self.port,
            self.database,
        )
        try:
            engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
            connection = engine.connect()
        except Exception as error:  # noqa: BLE001  each driver has errors of its own
            raise problems.refused(
                error,
                host=self.host,
                port=self.port,
                user=self.user,
                database=self.database,
                password=password,
            ) from None
        return OtherSession(connection, password)


class OtherSession(Session):
    """One connection by SQLAlchemy."""

    def __init__(self, connection: Any, password: SecretStr) -> None:
        self._connection, self._password = connection, password

    def about(self) -> dict[str, str]:
        version = self._connection.dialect.server_version_info or ()
        return {"server": f"{self._connection.dialect.name} {'.'.join(map(str, version))}".strip(), "tls": ""}

    def held(self) -> Held:
        import sqlalchemy as sa

        with self._asking():
            inspector = sa.inspect(self._connection)
            found = []
            for schema in inspector.get_schema_names():
                if schema.lower() in (
                    "information_schema",
                    "pg_catalog",
                    "sys",
                    "mysql",
                    "performance_schema",
                ):
                    continue
                found += [Found(schema_name=schema, name=n) for n in inspector.get_table_names(schema)]
                found += [
                    Found(schema_name=schema, name=n, kind="view") for n in inspector.get_view_names(schema)
                ]
                if len(found) > MOST_TABLES:
                    break
        return Held(tables=tuple(found[:MOST_TABLES]), more=len(found) > MOST_TABLES)

    def shape(self, schema: str, table: str) -> Shape:
        import sqlalchemy as sa

        with self._asking():
            inspector = sa.inspect(self._connection)
            try:
                columns = inspector.get_columns(table, schema or None)
                key = inspector.get_pk_constraint(table, schema or None).get("constrained_columns", [])
            except sa.exc.NoSuchTableError:
                raise NotFound(
                    "There is no table {table!r} in {schema!r}, or this user may not see it.",
                    table=table[:200],
                    schema=schema[:200],
                ) from None
        shaped = tuple(
            Shaped(name=c["name"], type=str(c["type"]).lower(), optional=bool(c.get("nullable", True)))
            for c in columns
        )
        return Shape(columns=shaped, key=tuple(key))

    def read(
        self, reading: Reading, place: Path, watch: Watch, *, rows: int | None = None, seconds: float = 0
    ) -> Taken:
        """See Session. The rows are asked for twice: what they are is not known before."""
        import sqlalchemy as sa

        asked: Any
        if reading.table:
            asked = sa.select(sa.literal_column("*")).select_from(
                sa.table(reading.table, schema=reading.schema_name or None)
            )
            asked = asked if rows is None else asked.limit(rows)
        else:
            asked = sa.text(statement(reading.query).replace(":", r"\:"))

        def ask() -> tuple[list[str], Iterator[Any]]:
            streaming = {"stream_results": True, "max_row_buffer": _AT_ONCE}
            found = self._connection.execute(asked, execution_options=streaming)
            return list(found.keys()), _first(found, rows)

        with self._asking(), stopping(watch, self.interrupt):
            return gathered(ask, place, watch, expected=rows)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        import sqlalchemy as sa

        try:
            if self._connection.dialect.name in _READ_ONLY:  # the first statement of a transaction
                self._connection.execute(sa.text(_READ_ONLY[self._connection.dialect.name]))
            yield
        except sa.exc.SQLAlchemyError as error:
            raise problems.failed(getattr(error, "orig", None) or error, self._password) from None
        finally:
            with suppress(sa.exc.SQLAlchemyError):
                self._connection.rollback()

    def interrupt(self) -> None:
        """Drop the line: there is no other way that all drivers know."""
        self._connection.invalidate()

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()
            self._connection.engine.dispose()


def _first(found: Any, rows: int | None) -> Iterator[Any]:
    for number, row in enumerate(found):
        if number == rows:
            found.close()
            return
        yield tuple(row)
