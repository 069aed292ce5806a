"""Read-only links: made, looked up, withdrawn. Only a token's hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from core.errors import NotFound
from core.store import Store
from core.store.records import Dashboard, Exported, Link, now

DAYS = (1, 7, 30, 90, 365)
PATH = "/shared/{token}"


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(store: Store, record: Dashboard, days: int) -> tuple[Link, str]:
    """A new link to a dashboard's page, and its token (256 random bits), which is told this once."""
    token = secrets.token_urlsafe(32)
    link = Link(
        owner=record.owner, dashboard=record.id, digest=digest(token), expires=now() + timedelta(days=days)
    )
    return store.add(link), token


def links(store: Store, record: Dashboard) -> list[Link]:
    """The links to a dashboard's page, those that have expired among them."""
    return store.list(Link, record.owner, dashboard=record.id)


def withdraw(store: Store, link: Link) -> None:
    store.delete(Link, link.id, link.owner)


def file_of(store: Store, token: str) -> Path:
    """The page that a token shows. NotFound says the same of a wrong one, an old one and a withdrawn one."""
    wanted = digest(token)
    for link in store.every(Link, digest=wanted):  # the token is the right to see it, whoever's it is
        if link.expires > now():
            with suppress(NotFound):  # of a dashboard or a page that is gone meanwhile
                store.get(Dashboard, link.dashboard, link.owner)
                for page in store.list(Exported, link.owner, limit=1, dashboard=link.dashboard):
                    return store.place(page.object, link.owner)
    raise NotFound("This link leads nowhere: it has expired, was withdrawn, or never was.")
