"""Passwords at rest: encrypted with a key that lies outside the store.

AES-256-GCM; what is sealed for one connection of one owner opens for no other. The key is in the
file that SIGHTLINE_KEY_FILE names, or beside the store's folder: who copies the store (a backup,
say) does not have it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from core.errors import SightlineError
from core.store.files import sync, sync_folder

_NONCE = 12


def key_place(home: Path) -> Path:
    """Where the key of the store at `home` lies."""
    named = os.environ.get("SIGHTLINE_KEY_FILE")
    return Path(named).resolve() if named else home.with_name(home.name + ".key")


def seal(home: Path, password: str, about: str) -> str:
    """The password, encrypted for `about` (an owner and a record) alone."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(_key(home, make=True)).encrypt(nonce, password.encode(), about.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(home: Path, sealed: str, about: str) -> str:
    """The password again; SightlineError when the key is gone or another one."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    packed = base64.b64decode(sealed)
    try:
        opened = AESGCM(_key(home, make=False)).decrypt(packed[:_NONCE], packed[_NONCE:], about.encode())
    except (InvalidTag, FileNotFoundError):
        raise SightlineError(
            "The password cannot be read: the key that it was encrypted with is not here.",
            hint="Type the password again, or bring back the file {place}.",
            place=str(key_place(home)),
        ) from None
    return opened.decode()


def hash_key(home: Path, owner: str, name: str, *, make: bool) -> bytes:
    """An owner's key of this name, for keyed hashes: another one than that which seals passwords.

    FileNotFoundError when there is no key file, and none was to be made.
    """
    about = f"Sightline: hashes of {owner} with the key {name}"
    return hmac.new(_key(home, make=make), about.encode(), hashlib.sha256).digest()


def _key(home: Path, *, make: bool) -> bytes:
    place = key_place(home)
    if make and not place.exists():
        _make(place)
    with place.open("rb") as file:
        if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise SightlineError(
                "The key file {place} can be read by others.",
                hint="Let its mode be 0600: chmod 600 {place}",
                place=str(place),
            )
        return base64.b64decode(file.read())


def _make(place: Path) -> None:
    """A new key, whole under its name or not at all, and never in place of one that is there."""
    draft = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
        file.flush()
        sync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, place)
    draft.unlink()
    sync_folder(place.parent)
