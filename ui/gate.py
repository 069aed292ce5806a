"""In front of every path: known hosts only, nothing done for other sites, and the headers of every answer."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui import shell
from ui.hosts import allowed_hosts, foreign, shared_hosts, without_port

_SHARED = re.compile(r"/shared/[^/]+")


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
        self.shared = shared_hosts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if without_port(host) in self.shared:  # a name for guests: links to pages, and no other address
            if scope["type"] == "websocket" or not _SHARED.fullmatch(scope["path"]):
                await _refuse(scope, receive, send, "Only read-only links are answered here.\n", 404)
                return
        elif without_port(host) not in self.hosts:
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
