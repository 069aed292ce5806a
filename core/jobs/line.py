"""The line between a job and its keeper: one JSON document a message, its length in front."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from core import errors
from core.errors import SightlineError
from core.store.plain import encode

MOST = 64 * 1024 * 1024  # bytes of one message
_LENGTH = struct.Struct("!I")


class Broken(Exception):
    """The other end is gone, or says what is no message."""


class Line:
    """One end of the line. A message is a dict; whoever reads one made by a job must not trust it."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        return self._end.fileno()

    def send(self, message: dict[str, Any]) -> None:
        body = encode(message).encode()
        if len(body) > MOST:
            raise errors.LimitReached(
                "A job's answer may have at most {most:,} bytes; this one has {size:,}.",
                most=MOST,
                size=len(body),
            )
        try:
            self._end.sendall(_LENGTH.pack(len(body)) + body)
        except OSError as error:
            raise Broken(str(error)) from None

    def receive(self, patience: float | None = None) -> dict[str, Any]:
        """The next message; Broken when none comes whole within `patience` seconds."""
        self._end.settimeout(patience)
        (size,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if size > MOST:
            raise Broken(f"a message of {size} bytes")
        try:
            message = json.loads(self._exactly(size))
        except (ValueError, RecursionError) as error:
            raise Broken(f"no JSON: {error}") from None
        if not isinstance(message, dict):
            raise Broken("no object")
        return message

    def after(self, size: int, patience: float | None = None) -> bytes:
        """Bytes that follow a message; its reader must know how many, and that they are not too many."""
        self._end.settimeout(patience)
        return self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                part = self._end.recv(min(size - len(parts), 1 << 20))
            except OSError as error:
                raise Broken(str(error)) from None
            if not part:
                raise Broken("it ended")
            parts += part
        return bytes(parts)


def told(error: SightlineError) -> dict[str, Any]:
    """An error as it goes over the line."""
    kind = type(error).__name__
    return {"error": {"kind": kind, "template": error.template, "hint": error.hint, "values": error.values}}


def raised(answer: dict[str, Any]) -> Any:
    """What the keeper answered: its value, or the error it tells of, raised here."""
    if "error" in answer:
        said = answer["error"]
        kind = getattr(errors, said["kind"], SightlineError)
        raise kind(said["template"], hint=said["hint"], **said["values"])
    if "failed" in answer:
        raise OSError(answer["failed"]["number"], answer["failed"]["text"])
    return answer["value"]
