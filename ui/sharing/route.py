"""What a read-only link answers: the page it stands for, in a sandbox, and nothing else of this server."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from core.errors import LimitReached, NotFound
from core.offline import Wanted, following
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


def headers(ancestors: str = "'none'") -> dict[str, str]:
    return {
        "Content-Security-Policy": POLICY.format(ancestors=ancestors),
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }


async def shared(request: Request) -> Response:
    """The offline page behind a read-only link; its own policy allows fewer scripts still."""
    try:
        place = await anyio.to_thread.run_sync(visit, request.path_params["token"])
    except NotFound:
        return PlainTextResponse(str(links.gone()), status_code=404, headers=headers())
    if isinstance(place, str):
        return HTMLResponse(place, status_code=503, headers={**headers(), "Refresh": "3", "Retry-After": "3"})
    return FileResponse(place, media_type="text/html; charset=utf-8", headers=headers())


def visit(token: str) -> Path | str:
    """The file that a token shows, the newest that is finished; words where the first one is being made.

    A page that its dashboard has gone beyond is made again meanwhile.
    """
    store = services.store()
    link = links.find(store, token)
    store.get(Dashboard, link.dashboard, link.owner)
    found, wanted = following.shown(store, link)
    if wanted is not None:
        _ask(wanted, link.owner)
    if found is None:
        if wanted is None:
            raise links.gone()
        return Tongue(link.language).translated(WAIT)
    links.opened(store, link, found)
    return store.place(found.object, link.owner)


def _ask(wanted: Wanted, owner: str) -> None:
    """Have a page made for whoever comes next, unless it is being made or could not be just now."""
    known = services.store().list(Job, owner, limit=1, subject=wanted.digest())
    last = known[0] if known else None
    if last is not None and (not last.over or now() - last.created < AGAIN):
        return
    with suppress(LimitReached):  # the owner's other work goes first; the last page is shown
        making.ask(wanted, owner)


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
