"""What goes wrong with a database, in words: wrong password, unknown host, refused, TLS, no such database."""

from __future__ import annotations

import re
from typing import Any

from pydantic import SecretStr

from core.errors import BadInput, SightlineError

_LONGEST = 300
# as PostgreSQL, MySQL, MariaDB and SQLite say it, or by the numbers and codes that they give it
_WRONG = re.compile(
    r"authentication failed|access denied for user .*using password|no password supplied|\b1045\b|\b28p01\b"
    r"|role \S+ does not exist"
)
_DRIVERS_OWN = re.compile(r"^\w+: \[libpq\] .*?: (?:connection to server at .*? failed: )?")
_SERVERS_OWN = re.compile(r"(?:ERROR|FATAL): +(.*?)(?: LINE \d+:.*| Query was:.*| SQLSTATE:.*)?$")
_NO_DATABASE = re.compile(r"database \S+ does not exist|unknown database|3d000|\b1049\b|to database")
_TOO_LONG = re.compile(
    r"statement timeout|57014|max_statement_time|maximum statement execution time|\b1969\b|\b3024\b|interrupt"
)
_CHANGES = re.compile(r"read.?only transaction|readonly database|25006|\b1792\b|cannot execute .* read")
_NO_TLS = "No encrypted connection to {host}: {reason}"


def reason(error: BaseException, password: SecretStr | None = None) -> str:
    """What a driver says, on one line, without the password should it be in there."""
    said = str(error.args[-1] if error.args and isinstance(error.args[-1], str) else error)
    secret = password.get_secret_value() if password else ""
    if secret:
        said = said.replace(secret, "***")
    said = " ".join(said.split())
    said = _DRIVERS_OWN.sub("", said)
    server = _SERVERS_OWN.search(said)  # what the server itself says, out of what its driver makes of that
    return (server[1] if server else said)[:_LONGEST]


def refused(
    error: BaseException, *, host: str, port: int, user: str, database: str, password: SecretStr
) -> SightlineError:
    """Why there is no connection to a server."""
    said = reason(error, password)
    lower = said.lower()
    where: dict[str, Any] = {"host": host, "port": port}
    if _WRONG.search(lower):
        return BadInput(
            "{host} did not accept the user {user!r} with this password.",
            hint="Check both.",
            host=host,
            user=user,
        )
    if _NO_DATABASE.search(lower):
        return BadInput(
            "There is no database {database!r} on {host}, or {user!r} may not use it.",
            database=database,
            host=host,
            user=user,
        )
    if "refused" in lower:
        return BadInput(
            "Nothing answers at {host}, port {port}: the connection was refused.",
            hint="Check the port, and that the server listens on this address.",
            **where,
        )
    if re.search(r"timed? ?out|timeout|unreachable|no route", lower):
        return BadInput(
            "{host} did not answer at port {port} in time.",
            hint="Check the address, and that no firewall stands between.",
            **where,
        )
    if re.search(r"pg_hba|is not allowed to connect", lower):
        return BadInput("{host} does not let this machine and user in: {reason}", host=host, reason=said)
    if re.search(r"ssl|tls|certificate", lower):
        return BadInput(
            _NO_TLS,
            hint="Choose another TLS mode, or give the certificate of who signed the server's.",
            host=host,
            reason=said,
        )
    return BadInput("No connection to {host}, port {port}: {reason}", reason=said, **where)


def for_want_of_tls(error: SightlineError) -> bool:
    """Whether `refused` said that encryption is what failed."""
    return error.template == _NO_TLS


def failed(error: BaseException, password: SecretStr | None = None) -> SightlineError:
    """Why a query did not run."""
    said = reason(error, password)
    if _TOO_LONG.search(said.lower()):
        return BadInput(
            "The database did not answer in time.",
            hint="Ask for less: fewer tables joined, a condition on an indexed column.",
        )
    if _CHANGES.search(said.lower()):
        return BadInput(
            "The query would change the database; Sightline only reads.", hint="Write one that asks for rows."
        )
    return BadInput("The database says: {reason}", hint="Check the query or the table.", reason=said)
