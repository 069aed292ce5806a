"""Tasks that try what a job that was taken over would."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from core.jobs.work import Work
from core.store.sealed import key_place


def knock(work: Work) -> dict[str, Any]:
    """Connect to ports, and read the key of the store."""

    def tried(deed: Callable[[], object]) -> str:
        try:
            deed()
        except OSError as error:
            return type(error).__name__
        return "open"

    return {
        "ports": [
            tried(lambda port=port: socket.create_connection(("127.0.0.1", port), 5).close())  # type: ignore[misc]
            for port in work.params["ports"]
        ],
        "key": tried(lambda: key_place(work.store.home).read_bytes()),
    }


def ask_for(work: Work) -> dict[str, Any]:
    """Ask for the password of a connection that the parameters do not name."""
    return {"password": work.store.secret("cn_" + work.params["hidden"], work.owner)}


TASKS = {"knock": knock, "ask_for": ask_for}
