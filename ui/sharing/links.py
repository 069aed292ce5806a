"""Read-only links: made, looked up, frozen, withdrawn. Only a token's hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from core.errors import NotFound
from core.store import Store
from core.store.records import Dashboard, Exported, Link, now

DAYS = (7, 30, 90, None)  # None: until it is withdrawn
PATH = "/shared/{token}"
_NOTED = timedelta(minutes=1)  # how exactly it is known when a link was opened last


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(store: Store, record: Dashboard, days: int | None, **settings: Any) -> tuple[Link, str]:
    """A new link that follows a dashboard, and its token (256 random bits), which is told this once."""
    token = secrets.token_urlsafe(32)
    link = Link(
        owner=record.owner, dashboard=record.id, digest=digest(token), follows=True,
        expires=None if days is None else now() + timedelta(days=days), **settings,
    )  # fmt: skip
    return store.add(link), token


def links(store: Store, record: Dashboard) -> list[Link]:
    """The links to a dashboard's page, those that have expired among them."""
    return store.list(Link, record.owner, dashboard=record.id)


def over(link: Link) -> bool:
    return link.expires is not None and link.expires <= now()


def withdraw(store: Store, link: Link) -> None:
    store.delete(Link, link.id, link.owner)


def freeze(store: Store, link: Link, page: Exported | None) -> None:
    """Let the link stay with a page; None: let it follow its dashboard again."""
    changes = {"follows": True} if page is None else {"follows": False, "page": page.id}
    store.change(Link, link.id, link.owner, **changes)


def find(store: Store, token: str) -> Link:
    """The link of a token. NotFound says the same of a wrong one, an old one and a withdrawn one."""
    wanted = digest(token)
    for link in store.every(Link, digest=wanted):  # the token is the right to see it, whoever's it is
        if not over(link):
            return link
    raise gone()


def gone() -> NotFound:
    return NotFound("This link leads nowhere: it has expired, was withdrawn, or never was.")


def opened(store: Store, link: Link, page: Exported) -> None:
    """Note that the link was opened, and which page it shows: that one is kept for it."""
    if link.page != page.id or link.opened is None or now() - link.opened > _NOTED:
        store.change(Link, link.id, link.owner, opened=now(), page=page.id)
