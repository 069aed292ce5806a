"""Keys by name, for hashes that only those who have the key can make: never in a recipe, query or script.

A key is derived from the store's key file, which lies outside the store, and from the name of its owner;
or it is what SIGHTLINE_HASH_KEY_<NAME> holds, 64 hexadecimal digits, as on a machine without the store.
A query names the key's variables; the engine sets them on its own connection when it runs the query. A
job, which cannot read the key file, is given the keys that it asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable

from core.errors import SightlineError

NAME = r"^[a-z][a-z0-9_]{0,29}$"
_VARIABLE = re.compile(r"sightline_hash_([a-z][a-z0-9_]{0,29})_([0-9a-f]{16})_(?:inner|outer)'")
KNOWN_TEXT = b"Sightline: which key is this?"
_BLOCK = 64  # bytes of SHA-256's block


class _Lender:
    """Where this process asks for keys: a job's is set once, before it works."""

    ask: Callable[[str, bool], bytes] | None = None


def lend(ask: Callable[[str, bool], bytes]) -> None:
    """From now on keys are asked of this function in this process: (name, make) -> 32 bytes."""
    _Lender.ask = staticmethod(ask)


def environment_name(name: str) -> str:
    """The variable of the environment that may hold the key."""
    return f"SIGHTLINE_HASH_KEY_{name.upper()}"


def key(name: str, *, make: bool = False) -> bytes:
    """The 32 bytes of a key. SightlineError when it is not here; `make` makes it where there was none."""
    given = os.environ.get(environment_name(name))
    if given is not None:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", given):
            raise SightlineError(
                "{variable} must hold 64 hexadecimal digits.", variable=environment_name(name)
            )
        return bytes.fromhex(given)
    try:
        return _Lender.ask(name, make) if _Lender.ask else _own(name, make)
    except OSError:
        raise SightlineError(
            "The key {name!r} is not here: hashes made with it cannot be made again.",
            hint="Bring back the store's key file, or let {variable} hold the key.",
            name=name,
            variable=environment_name(name),
        ) from None


def _own(name: str, make: bool) -> bytes:
    from core.store.catalog import usual_home
    from core.store.records import LOCAL
    from core.store.sealed import hash_key

    return hash_key(usual_home(), LOCAL, name, make=make)


def fingerprint(key: bytes) -> str:
    """Sixteen digits by which a key is told from others; they do not give it away."""
    return hmac.new(key, KNOWN_TEXT, hashlib.sha256).hexdigest()[:16]


def variable(name: str, check: str, which: str) -> str:
    """The variable of a query that holds the inner or outer block of a key with this fingerprint."""
    return f"sightline_hash_{name}_{check}_{which}"


def variables(statement: str) -> dict[str, bytes]:
    """What must be set for a statement: HMAC-SHA256 is two plain hashes behind these two blocks (RFC 2104).

    SightlineError when a key is not here, or is another one than the statement was made for.
    """
    found = {}
    for name, check in sorted(set(_VARIABLE.findall(statement))):
        secret = key(name)
        if fingerprint(secret) != check:
            raise SightlineError(
                "The key {name!r} here is another one than the hashes of this recipe were made with.",
                hint="Bring back the key file, or learn the recipe again: then all hashes change.",
                name=name,
            )
        block = secret.ljust(_BLOCK, b"\0")
        found[variable(name, check, "inner")] = bytes(byte ^ 0x36 for byte in block)
        found[variable(name, check, "outer")] = bytes(byte ^ 0x5C for byte in block)
    return found
