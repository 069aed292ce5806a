"""What a read-only link answers: the page it stands for, in a sandbox, and nothing else of this server."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from core.errors import NotFound
from ui import services
from ui.sharing import links

# A sandbox without an origin: the page's scripts can read no answer of this server, and open nothing.
POLICY = (
    "sandbox allow-scripts allow-downloads allow-modals; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


async def shared(request: Request) -> Response:
    """The offline page behind a read-only link; its own policy allows fewer scripts still."""
    try:
        place = await anyio.to_thread.run_sync(links.file_of, services.store(), request.path_params["token"])
    except NotFound as error:
        return PlainTextResponse(str(error.template), status_code=404, headers=HEADERS)
    return FileResponse(place, media_type="text/html; charset=utf-8", headers=HEADERS)
