"""What a read-only link answers: the page it stands for, in a sandbox, and nothing else of this server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response, StreamingResponse

from core.errors import LimitReached, NotFound
from core.offline import Wanted, following
from core.offline.page import under
from core.store import Job
from core.store.records import Dashboard, Exported, now
from core.tongue import Tongue
from ui import services
from ui.sharing import links, making

# A sandbox without an origin: the page's scripts can read no answer of this server, and open nothing.
POLICY = (
    "sandbox allow-scripts allow-downloads allow-modals; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}"
)
AGAIN = timedelta(minutes=10)  # until the same page is tried again: anybody with the link may ask
WAIT = "The page is being made. It opens here by itself in a moment."
NEWER = "This is how it was at {moment} UTC. A newer page is being made: load this one again in a moment."
OLDER = (
    "This is how it was at {moment} UTC. The dashboard has changed since; its newer page could not be made."
)


def headers(ancestors: str = "'none'") -> dict[str, str]:
    return {
        "Content-Security-Policy": POLICY.format(ancestors=ancestors),
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }


async def shared(request: Request) -> Response:
    """The offline page behind a read-only link; its own policy allows fewer scripts still."""
    try:
        seen = await anyio.to_thread.run_sync(visit, request.path_params["token"])
    except NotFound:
        return PlainTextResponse(str(links.gone()), status_code=404, headers=headers())
    if seen.place is None:
        again = {"Refresh": "3", "Retry-After": "3"}
        return HTMLResponse(seen.words, status_code=503, headers={**headers(), **again})
    if seen.words:
        pieces = under(seen.place, seen.words)
        return StreamingResponse(pieces, media_type="text/html; charset=utf-8", headers=headers())
    return FileResponse(seen.place, media_type="text/html; charset=utf-8", headers=headers())


@dataclass(frozen=True)
class Seen:
    """What a visitor gets: the newest page that is finished, and words above it or in its place."""

    place: Path | None
    words: str = ""


def visit(token: str) -> Seen:
    """The file that a token shows; without one yet, words that it is being made.

    A page that its dashboard has gone beyond is made again meanwhile, and what is shown says so.
    """
    store = services.store()
    link = links.find(store, token)
    store.get(Dashboard, link.dashboard, link.owner)
    found, wanted = following.shown(store, link)
    tongue = Tongue(link.language)
    coming = wanted is not None and _ask(wanted, link.owner)
    if found is None:
        if wanted is None:
            raise links.gone()
        return Seen(None, tongue.translated(WAIT))
    links.opened(store, link, found)
    words = ""
    if wanted is not None:
        words = tongue.plain(NEWER if coming else OLDER, moment=f"{found.created:%Y-%m-%d %H:%M}")
    return Seen(store.place(found.object, link.owner), words)


def _ask(wanted: Wanted, owner: str) -> bool:
    """Have a page made for whoever comes next, but not again what just failed; whether it is being made."""
    known = services.store().list(Job, owner, limit=1, subject=wanted.digest())
    last = known[0] if known else None
    if last is not None and (not last.over or now() - last.created < AGAIN):
        return not last.over
    try:
        making.ask(wanted, owner)
    except LimitReached:  # the owner's other work goes first; the last page is shown
        return False
    return True


async def printable(request: Request) -> Response:
    """An offline page of this owner's in the same sandbox, inside a frame of our own page alone."""

    def look() -> Path:
        store, owner = services.store(), services.owner()
        return store.place(store.get(Exported, request.path_params["page"], owner).object, owner)

    try:
        place = await anyio.to_thread.run_sync(look)
    except NotFound as error:
        return PlainTextResponse(str(error), status_code=404, headers=headers())
    return FileResponse(place, media_type="text/html; charset=utf-8", headers=headers("'self'"))
