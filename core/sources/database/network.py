"""The fields that every database server has, and a host that is looked up once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as P

from core import reach
from core.errors import BadInput
from core.params import Text
from core.sources.database.base import Database

Tls = Literal["verify", "require", "prefer", "off"]


class Server(Database):
    """What a server is reached by."""

    host: Annotated[str, Text(example="db.example.com")] = P(
        min_length=1, max_length=253, title="Host", description="The server's name or address."
    )
    port: int = P(ge=1, le=65_535, title="Port", description="The port it listens on.")
    database: Annotated[str, Text(example="sales")] = P(
        min_length=1, max_length=200, title="Database", description="The name of the database on that server."
    )
    user: str = P(
        min_length=1,
        max_length=200,
        title="User",
        description="Who to log in as. One that may only read is best: Sightline changes nothing.",
    )
    tls: Tls = P(
        default="verify",
        title="TLS",
        description="verify: encrypted, and the server proves its name. require: encrypted, to whoever "
        "answers. prefer: encrypted where the server can. off: everything can be read on the way.",
    )
    authority: Annotated[str, Text(lines=3, example="-----BEGIN CERTIFICATE-----")] = P(
        default="",
        max_length=200_000,
        title="Certificate of the authority",
        description="Who signed the server's certificate (PEM), where this machine does not know them.",
    )

    def goes_to(self) -> str:
        weaker = self.tls in ("prefer", "off")
        return f"{self.kind()} {self.user}@{self.host.casefold()}:{self.port} {weaker}"

    def addresses(self) -> list[str]:
        """Where the host is, looked up now; only these are connected to."""
        return reach.resolved(self.host, self.port)

    def authorities(self, scratch: Path) -> Path | None:
        """The authority's certificate as a file; None: those that this machine knows."""
        if not self.authority.strip():
            return None
        if "-----BEGIN CERTIFICATE-----" not in self.authority or "PRIVATE KEY" in self.authority:
            raise BadInput(
                "This is no certificate in PEM.", hint="It begins with -----BEGIN CERTIFICATE-----."
            )
        place = scratch / "authority.pem"
        place.write_text(self.authority.strip() + "\n", encoding="ascii", errors="strict")
        os.chmod(place, 0o600)
        return place


def system_authorities() -> str | None:
    """The file in which this machine keeps the authorities it trusts."""
    usual = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
    return next((place for place in usual if Path(place).exists()), None)
