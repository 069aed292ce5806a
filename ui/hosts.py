"""Which Host names are answered: this machine's own, and those that SIGHTLINE_HOSTS lists.

A page of a stranger's whose name is made to point at this machine (DNS rebinding) has the same
origin as ours in the browser's eyes; its Host gives it away.
"""

from __future__ import annotations

import os
import re

import streamlit as st

from ui.text import t
from ui.transfer import ROUTES

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def allowed_hosts() -> set[str]:
    """The Host names this server answers to: loopback and what SIGHTLINE_HOSTS lists for itself alone."""
    return {*LOOPBACK, *_listed("SIGHTLINE_HOSTS")} - shared_hosts()


def shared_hosts() -> set[str]:
    """Host names under which read-only links are answered, and nothing else: SIGHTLINE_SHARE_HOSTS."""
    return _listed("SIGHTLINE_SHARE_HOSTS") - {*LOOPBACK}


def contradiction() -> str:
    """Why the server must not start: a name for guests alone that is also one for everything; else empty."""
    both = _listed("SIGHTLINE_SHARE_HOSTS") & {*LOOPBACK, *_listed("SIGHTLINE_HOSTS")}
    if not both:
        return ""
    return (
        f"{', '.join(sorted(both))}: SIGHTLINE_SHARE_HOSTS gives read-only links alone under this name, and "
        "under the same name all of Sightline is answered. Take it out of one of them: a name in "
        "SIGHTLINE_HOSTS, and those of this machine, are answered with everything."
    )


def _listed(variable: str) -> set[str]:
    names = os.environ.get(variable, "").split(",")
    return {without_port(name.strip()) for name in names if name.strip()}


def without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host.lower())


def foreign(origin: str | None, host: str) -> bool:
    """Whether a browser says that another page asks.

    The port counts too: what else runs on this machine has pages of its own, on other ports. A
    proxy in front hands on the Host it was asked for.
    """
    return origin is not None and origin.lower().partition("://")[2] != host.lower()


def stop_strangers() -> None:
    """End the page for a Host that is not allowed: `streamlit run app.py` has no gate in front."""
    headers = st.context.headers
    host = headers.get("Host")
    if ROUTES.present or host is None:  # serve.py has looked at it; None: no browser at all
        return
    if without_port(host) not in allowed_hosts() or foreign(headers.get("Origin"), host):
        st.error(t("This server does not answer to that host name. Add it to SIGHTLINE_HOSTS."))
        st.stop()
