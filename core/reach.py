"""What jobs may reach outside the store: which database hosts, at which address, and which files.

A host name is resolved once, every address it has is judged, and only those addresses are used
afterwards: a name that answers differently the second time gains nothing.

    SIGHTLINE_DB_HOSTS    names, addresses or networks allowed although they would be refused:
                          "localhost, 127.0.0.0/8"
    SIGHTLINE_DB_DENY     names, addresses or networks refused whatever else is said
    SIGHTLINE_DB_FOLDERS  folders, separated by colons, whose database files may be opened
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.errors import BadInput, BadParameter, NotFound

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62}\.?)*")
# where clouds answer with credentials, as far as they are not link-local (169.254.169.254 is)
_METADATA = tuple(
    ipaddress.ip_network(text)
    for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::/32", "fd20:ce::254")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host that may be connected to; BadInput says why there is none."""
    wanted = host.strip()
    if not wanted or not (_literal(wanted) or _NAME.fullmatch(wanted)):
        raise BadParameter(
            "A host is a name such as db.example.com, or an address. Got {host!r}.", host=wanted[:200]
        )
    try:
        found = socket.getaddrinfo(wanted, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise BadInput(
            "There is no host called {host!r}.",
            hint="Check its spelling, and that this machine's name server knows it.",
            host=wanted[:200],
        ) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        _judge(wanted, ipaddress.ip_address(address))
    return addresses


def _literal(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _judge(host: str, address: Address) -> None:
    """BadInput unless this address may be connected to. One forbidden address refuses the host."""
    if _listed("SIGHTLINE_DB_DENY", host, address):
        raise BadInput(
            "The administrator does not allow connections to {host} ({address}).",
            host=host,
            address=str(address),
        )
    if _listed("SIGHTLINE_DB_HOSTS", host, address):
        return
    for each in _meant(address):
        if (
            each.is_loopback
            or each.is_link_local
            or each.is_unspecified  # 0.0.0.0 is this machine, too
            or each.is_multicast
            or each.is_reserved
            or any(each in network for network in _METADATA if network.version == each.version)
        ):
            raise BadInput(
                "{host} is {address}, an address of this machine or of its surroundings: "
                "it is not connected to.",
                hint="An administrator allows it by naming it in SIGHTLINE_DB_HOSTS.",
                host=host,
                address=str(address),
            )


def _meant(address: Address) -> Iterable[Address]:
    """The address and the IPv4 addresses that are written inside of it."""
    yield address
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            yield address.ipv4_mapped
        if address in _NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address in _SIX_TO_FOUR:
            yield ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
        if address.teredo is not None:
            yield from address.teredo


def _listed(setting: str, host: str, address: Address) -> bool:
    for entry in filter(None, re.split(r"[,\s]+", os.environ.get(setting, ""))):
        if entry.casefold().rstrip(".") == host.casefold().rstrip("."):
            return True
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            continue  # a name
        if any(each.version == network.version and each in network for each in _meant(address)):
            return True
    return False


def folders() -> list[Path]:
    """The folders whose database files may be opened."""
    named = filter(None, os.environ.get("SIGHTLINE_DB_FOLDERS", "").split(":"))
    return [Path(folder).resolve() for folder in named]


def allowed_file(name: str) -> Path:
    """A database file on this machine, links followed; NotFound unless it lies in an allowed folder.

    What is not allowed and what does not exist look the same.
    """
    if name and "\0" not in name:
        for folder in folders():
            place = (folder / name).resolve()
            if place.is_relative_to(folder) and place.is_file():
                return place
    raise NotFound(
        "There is no database file {name!r} in a folder that may be read.",
        hint="An administrator names such folders in SIGHTLINE_DB_FOLDERS; any file can be uploaded.",
        name=name[:200],
    )


def offered_files(endings: Iterable[str]) -> list[str]:
    """Database files in the allowed folders, to choose from."""
    wanted = tuple(endings)
    found = [place for folder in folders() for place in sorted(folder.glob("*")) if place.is_file()]
    return [str(place) for place in found if place.name.lower().endswith(wanted)][:500]


def ports(settings: Mapping[str, Any]) -> list[int]:
    """The TCP port that a connection's job may connect to; empty where it opens a file."""
    port = settings.get("port")
    return [port] if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65_536 else []


def files(settings: Mapping[str, Any]) -> list[Path]:
    """The files of this machine that a connection's job may read: its own, and what stands beside it."""
    name = settings.get("place")
    if not isinstance(name, str) or not name:
        return []
    try:
        place = allowed_file(name)
    except NotFound:
        return []  # the task says so when it looks for it
    return [place, *(place.with_name(place.name + end) for end in ("-wal", "-shm", ".wal"))]
