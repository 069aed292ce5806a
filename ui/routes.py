"""What the server answers besides the pages: files in and out, and whether it is well."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

import anyio.from_thread
import anyio.to_thread
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

from core.errors import LimitReached, NotFound, SightlineError
from core.export.bundle import model_zip, zipped
from core.store import Version
from ui import behind, exports, services, shell, transfer
from ui.plot import library
from ui.sharing.links import PATH
from ui.sharing.paper import ADDRESS as PRINT
from ui.sharing.route import printable, shared

MAX_UPLOAD = int(os.environ.get("SIGHTLINE_MAX_UPLOAD", 64 * 1024**3))  # bytes


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
    return _made(chunks, name, "text/csv; charset=utf-8")


async def failing(request: Request) -> Response:
    """The rows of a version that break one of its dataset's rules, as CSV, streamed while it is written."""
    from core import rules
    from core.export.tables import csv_chunks
    from core.store.records import RuleResult

    def look() -> Any:
        result = services.store().get(RuleResult, request.path_params["result"], services.owner())
        return rules.failing(services.store(), result, request.path_params["rule"])

    try:
        broken = await anyio.to_thread.run_sync(look)
    except SightlineError as error:
        return PlainTextResponse(str(error), status_code=404)
    if broken is None:
        return PlainTextResponse("No single rows break this rule.", status_code=404)
    name = safe_name(f"{request.query_params.get('name', '')}.csv", ".csv")
    return _made(csv_chunks(broken, services.engine()), name, "text/csv; charset=utf-8")


async def differences(request: Request) -> Response:
    """All rows that a comparison found to differ, with both values, as CSV or Parquet."""
    from core.export.tables import csv_chunks, parquet_chunks

    kind = request.path_params["kind"]
    if kind not in ("csv", "parquet"):
        return PlainTextResponse("A table is given as csv or parquet.", status_code=404)
    try:
        found = await anyio.to_thread.run_sync(exports.differing, request.path_params["compared"])
    except SightlineError as error:
        return PlainTextResponse(str(error), status_code=404)
    name = safe_name(f"{request.query_params.get('name', '')}.{kind}", f".{kind}")
    if kind == "csv":
        return _made(csv_chunks(found, services.engine()), name, "text/csv; charset=utf-8")
    return _made(parquet_chunks(found, services.engine()), name)


async def script(request: Request) -> Response:
    """The recipe being edited on a version as a zip: its script and the tables that this reads."""
    try:
        files = await anyio.to_thread.run_sync(exports.scripted, request.path_params["version"])
    except SightlineError as error:
        return PlainTextResponse(str(error), status_code=404)
    return _made(zipped(files), safe_name(f"{request.query_params.get('name', '')}.zip", ".zip"))


def _made(chunks: Iterator[bytes], name: str, kind: str = "application/octet-stream") -> Response:
    """A file that is made while it is sent: never shown in the page's origin, always saved."""
    headers = {
        "Content-Disposition": f"attachment; filename*=utf-8''{urllib.parse.quote(name)}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(chunks, media_type=kind, headers=headers)


async def selected(request: Request) -> Response:
    """The rows of a version that a person picked out, as CSV, streamed while it is written."""
    from core.export.tables import csv_chunks

    def look() -> Any:
        version = services.store().get(Version, request.path_params["version"], services.owner())
        return behind.table_of(version, behind.unpack(request.query_params.get("of", "")))

    try:
        rows = await anyio.to_thread.run_sync(look)
    except SightlineError as error:
        return PlainTextResponse(str(error), status_code=404)
    name = safe_name(f"{request.query_params.get('name', '')}.csv", ".csv")
    return _made(csv_chunks(rows, services.engine()), name, "text/csv; charset=utf-8")


async def statement(request: Request) -> Response:
    """The rows that a statement gave, as CSV."""
    try:
        query = services.queries().get(request.path_params["query"], services.owner())
        content = await anyio.to_thread.run_sync(query.csv)
    except SightlineError as error:
        return PlainTextResponse(str(error), status_code=404)
    name = safe_name(f"{request.query_params.get('name', '')}.csv", ".csv")
    return _made(iter((content,)), name, "text/csv; charset=utf-8")


async def model(request: Request) -> Response:
    """A run's model as a zip, made while it is sent."""
    try:
        files = await anyio.to_thread.run_sync(transfer.model_files, request.path_params["run"])
    except NotFound as error:
        return PlainTextResponse(str(error), status_code=404)
    return _made(model_zip(*files), safe_name(request.query_params.get("name", ""), ".zip"))


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


def routes() -> list[Route]:
    """Every address that is not Streamlit's own."""
    return [
        Route("/healthz", health),
        Route("/download/{object}", download, methods=["GET"]),
        Route("/table/{version}/{kind}", table, methods=["GET"]),
        Route("/failing/{result}/{rule}", failing, methods=["GET"]),
        Route("/differences/{compared}/{kind}", differences, methods=["GET"]),
        Route("/script/{version}", script, methods=["GET"]),
        Route("/selected/{version}", selected, methods=["GET"]),
        Route("/statement/{query}", statement, methods=["GET"]),
        Route("/model/{run}", model, methods=["GET"]),
        Route("/upload", upload, methods=["PUT"]),
        Route(library.PATH, library.library, methods=["GET"]),
        Route(PATH, shared, methods=["GET"]),
        Route(PRINT, printable, methods=["GET"]),
        Route(f"/{shell.FIRST}", first_page, methods=["GET"]),
        *(Route(f"/{address}", page, methods=["GET"]) for address in shell.addresses()),
    ]
