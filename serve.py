"""The server around the pages: allowed hosts, security headers, uploads, downloads, health, start-up.

    python serve.py --port 8501 --host 127.0.0.1

What `streamlit run app.py` lacks and this adds: files stream between the browser and the store
past the server's memory, strangers' Host headers are refused, and the job runner and the heavy
imports are ready before the first page asks for them.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
import threading
import time
import urllib.parse
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.from_thread
import anyio.to_thread
import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from core.errors import LimitReached, NotFound, SightlineError
from core.export.bundle import model_zip
from core.store import Version
from ui import frame, services, shell, transfer
from ui.hosts import allowed_hosts, foreign, without_port

HERE = Path(__file__).parent
MAX_UPLOAD = int(os.environ.get("SIGHTLINE_MAX_UPLOAD", 64 * 1024**3))  # bytes
FIRST_PAGE = 2.5  # seconds: both would take the processors from a first page that is being opened
WARM = ("pandas", "pyarrow.parquet", "plotly.graph_objects", "duckdb", "sqlglot", "streamlit.dataframe_util")


def content_policy(host: str) -> str:
    """What a page may load: itself, and nothing from anywhere else.

    Streamlit's scripts and Plotly's WebGL compile code ('unsafe-eval'); styles are set from
    scripts; the page's inline scripts are allowed by their hashes.
    """
    sources = {
        "default-src": "'self'",
        "script-src": f"'self' 'unsafe-eval' blob: {shell.script_hashes()}".strip(),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host} data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {allowed}" for name, allowed in sources.items())


class Gate:
    """In front of every path, Streamlit's own included: known hosts only, and the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.hosts = allowed_hosts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if without_port(host) not in self.hosts:
            text = "This server does not answer to that host name. Add it to SIGHTLINE_HOSTS.\n"
            await _refuse(scope, receive, send, text, 421)
            return
        if scope["path"].startswith("/_stcore/upload_file"):  # it would keep the file in memory
            await PlainTextResponse("Uploads go to /upload.\n", status_code=403)(scope, receive, send)
            return
        origin = headers[b"origin"].decode("latin-1") if b"origin" in headers else None
        if foreign(origin, host) and _acts(scope):
            await _refuse(scope, receive, send, "This must come from this server's own page.\n", 403)
            return
        policy = content_policy(host)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = MutableHeaders(scope=message)
                ours.setdefault("Content-Security-Policy", policy)
                ours["X-Content-Type-Options"] = "nosniff"
                ours["X-Frame-Options"] = "SAMEORIGIN"
                ours["Referrer-Policy"] = "no-referrer"
                ours["Cross-Origin-Opener-Policy"] = "same-origin"
                ours["Cross-Origin-Resource-Policy"] = "same-origin"
                ours["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            await send(message)

        await self.app(scope, receive, with_headers)


def _acts(scope: Scope) -> bool:
    """Whether a request can change something: Streamlit's websocket does everything a person can."""
    return scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD", "OPTIONS")


async def _refuse(scope: Scope, receive: Receive, send: Send, text: str, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse(text, status_code=status)(scope, receive, send)


async def health(request: Request) -> Response:
    """Whether the server and its store answer: for a load balancer or a person."""

    def look() -> dict[str, Any]:
        return {
            "catalog": services.store().data_version(),
            "jobs": len(services.jobs().active(services.owner())),
        }

    try:
        found = await anyio.to_thread.run_sync(look)
    except SightlineError as error:
        return JSONResponse({"status": "down", "reason": str(error)}, status_code=503)
    return JSONResponse({"status": "ok", **found})


async def page(request: Request) -> Response:
    """A page opened by its own address."""
    return HTMLResponse(shell.html(), headers={"Cache-Control": "no-cache"})


async def first_page(request: Request) -> Response:
    """The first page by its name, as people type it: it stands at /, with the same query."""
    return RedirectResponse("/" + (f"?{request.url.query}" if request.url.query else ""))


async def download(request: Request) -> Response:
    """An object of this owner's store as a file: never shown in the page's origin, always saved."""
    wanted = request.path_params["object"]
    try:
        place = await anyio.to_thread.run_sync(services.store().place, wanted, services.owner())
    except NotFound as error:
        return PlainTextResponse(str(error), status_code=404)
    name = safe_name(request.query_params.get("name", ""), place.suffix)
    return FileResponse(
        place,
        media_type="application/octet-stream",
        filename=name,
        headers={
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


async def table(request: Request) -> Response:
    """A version of a dataset as CSV (streamed while it is written) or as its Parquet file."""
    store, owner = services.store(), services.owner()
    kind = request.path_params["kind"]
    if kind not in ("csv", "parquet"):
        return PlainTextResponse("A table is given as csv or parquet.", status_code=404)
    try:
        version = await anyio.to_thread.run_sync(store.get, Version, request.path_params["version"], owner)
        place = store.place(version.object, owner)
    except NotFound as error:
        return PlainTextResponse(str(error), status_code=404)
    name = safe_name(f"{request.query_params.get('name', '')}.{kind}", f".{kind}")
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-store"}
    if kind == "parquet":
        return FileResponse(place, media_type="application/octet-stream", filename=name, headers=headers)
    from core.export.tables import csv_chunks
    from core.store import tables

    chunks = csv_chunks(tables.table(store, version), services.engine())
    headers["Content-Disposition"] = f"attachment; filename*=utf-8''{urllib.parse.quote(name)}"
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


async def model(request: Request) -> Response:
    """A run's model as a zip, made while it is sent."""
    try:
        files = await anyio.to_thread.run_sync(transfer.model_files, request.path_params["run"])
    except NotFound as error:
        return PlainTextResponse(str(error), status_code=404)
    name = safe_name(request.query_params.get("name", ""), ".zip")
    return StreamingResponse(
        model_zip(*files),
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{urllib.parse.quote(name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def safe_name(name: str, suffix: str) -> str:
    """A file name for the reader's disk: no folders, no control or reserved characters."""
    cleaned = re.sub(r'[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]+', "_", name).strip(" ._")
    return cleaned[-120:] or f"sightline{suffix}"


class _Body:
    """An upload's body, read by a worker thread piece by piece as it arrives."""

    def __init__(self, request: Request) -> None:
        self.stream = request.stream()
        self.received = 0

    async def _next(self) -> bytes:
        async for piece in self.stream:
            if piece:
                return piece
        return b""

    def read(self, size: int, /) -> bytes:
        piece = anyio.from_thread.run(self._next)
        self.received += len(piece)
        if self.received > MAX_UPLOAD:
            raise LimitReached(
                "A file may have at most {limit:,} bytes.",
                hint="Raise SIGHTLINE_MAX_UPLOAD to allow more.",
                limit=MAX_UPLOAD,
            )
        return piece


async def upload(request: Request) -> Response:
    """Stream a file into the store. Asks for this page's origin and for the token it was given."""
    refused = _forged(request)
    if refused:
        return JSONResponse({"message": refused}, status_code=403)
    name = request.query_params.get("name", "") or "file"
    size = int(request.headers.get("content-length", "0"))
    try:
        if size > MAX_UPLOAD:
            raise LimitReached("A file may have at most {limit:,} bytes.", limit=MAX_UPLOAD)
        kept = await anyio.to_thread.run_sync(transfer.spool, _Body(request), name, size)
    except LimitReached as error:
        return JSONResponse({"message": str(error)}, status_code=413)
    return JSONResponse({"id": kept.id, "bytes": kept.bytes}, status_code=201)


def _forged(request: Request) -> str:
    """Why this request is not from one of our own pages (the gate has looked at its origin)."""
    if not transfer.ROUTES.admits(request.headers.get("x-sightline-token", "")):
        return "The page is older than the server. Reload it and try again."
    return ""


def warm_up() -> None:
    """Import what pages need, then leave it out of garbage collection for good."""
    import importlib

    for module in WARM:
        importlib.import_module(module)
    services.engine()
    for module in ("sources", "steps", "charts", "score"):
        importlib.import_module(f"core.{module}")
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Start the job runner and warm the imports, a moment after whoever waits for the first page."""
    transfer.ROUTES.present = True
    # Streamlit takes a folder called pages for its old multipage layout until the first page has run:
    # on a fresh server it would not find the page of a deep link, and says so over that page.
    PagesManager.uses_pages_directory = False
    _in_background(lambda: services.jobs().ensure_supervisor(), warm_up)
    yield {"started": time.time()}


def _in_background(*works: Callable[[], Any]) -> None:
    def guarded() -> None:
        time.sleep(FIRST_PAGE)
        try:
            for work in works:
                work()
        except Exception as error:  # noqa: BLE001 - the page that needs it will say more
            sys.stderr.write(f"start-up: {error} (reference {frame.defect(error)})\n")

    threading.Thread(target=guarded, daemon=True).start()


def unexpected(error: Exception) -> bool:
    """An error outside the pages' own guard (a callback, a fragment): logged, said with its number."""
    reference = frame.defect(error)
    st.error(frame.defect_message(reference))
    return True


app = st.App(
    HERE / "app.py",
    lifespan=lifespan,
    middleware=[Middleware(Gate)],
    on_script_error=unexpected,
    routes=[
        Route("/healthz", health),
        Route("/download/{object}", download, methods=["GET"]),
        Route("/table/{version}/{kind}", table, methods=["GET"]),
        Route("/model/{run}", model, methods=["GET"]),
        Route("/upload", upload, methods=["PUT"]),
        Route(f"/{shell.FIRST}", first_page, methods=["GET"]),
        *(Route(f"/{address}", page, methods=["GET"]) for address in shell.addresses()),
    ],
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve Sightline.")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine only)"
    )
    chosen = parser.parse_args()
    if chosen.host not in ("127.0.0.1", "localhost", "::1"):
        sys.stderr.write(
            f"\n  Sightline has no login yet: whoever reaches {chosen.host}:{chosen.port} can read and "
            "change everything in it.\n  Host names other than localhost are answered only when "
            "SIGHTLINE_HOSTS lists them.\n\n"
        )
    os.chdir(HERE)
    app.run(
        config={
            "server.port": chosen.port,
            "server.address": chosen.host,
            "server.fileWatcherType": "none",
            "server.headless": True,
        }
    )


if __name__ == "__main__":
    main()
