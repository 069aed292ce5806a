"""plotly.js for the browser: the plotly package's own file, under an address that names its content."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

PATH = "/plotly/{digest}.js"


@lru_cache(maxsize=1)
def content() -> bytes:
    """The script, byte for byte as the package has it."""
    import plotly

    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


@lru_cache(maxsize=1)
def packed() -> bytes:
    """The same, compressed once: a third of the bytes on the way."""
    return gzip.compress(content(), 9, mtime=0)


@lru_cache(maxsize=1)
def address() -> str:
    """Where the browser finds it. Another content has another address, so it may be kept for ever."""
    return PATH.format(digest=hashlib.sha256(content()).hexdigest()[:20])


async def library(request: Request) -> Response:
    """The script that draws pictures."""
    if request.url.path != await anyio.to_thread.run_sync(address):
        return PlainTextResponse("The page is older than the server. Reload it.", status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    packs = any(
        part.split(";")[0].strip() == "gzip" and part.replace(" ", "") not in ("gzip;q=0", "gzip;q=0.0")
        for part in request.headers.get("accept-encoding", "").lower().split(",")
    )
    if packs:
        headers["Content-Encoding"] = "gzip"
    made = await anyio.to_thread.run_sync(packed if packs else content)
    return Response(made, media_type="text/javascript; charset=utf-8", headers=headers)
