"""What another site's page, or another program on this machine, may ask of the server."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import serve
from tests.serving import ROOT, sightline
from ui import hosts


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    home = tmp_path_factory.mktemp("home")
    settings = {
        "SIGHTLINE_HOSTS": "sight.example", "SIGHTLINE_IDLE_SECONDS": "5", "SIGHTLINE_PRELOAD": "0",
    }  # fmt: skip
    with sightline(home, **settings) as port:
        yield port


def ask(port: int, line: str, *headers: str, host: str = "") -> bytes:
    """The head of the answer to a request written out as it is: no client mends its path."""
    named = [f"Host: {host or f'127.0.0.1:{port}'}", "Connection: close", *headers]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        peer.sendall("\r\n".join([f"{line} HTTP/1.1", *named, "", ""]).encode())
        return peer.recv(65_536).partition(b"\r\n\r\n")[0]


def websocket(port: int, origin: str | None, host: str = "") -> bytes:
    upgrade = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]  # fmt: skip
    named = f"Host: {host or f'127.0.0.1:{port}'}"
    own = [f"Origin: {origin}"] if origin else []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        lines = ["GET /_stcore/stream HTTP/1.1", named, *upgrade, *own, "", ""]
        peer.sendall("\r\n".join(lines).encode())
        return peer.recv(4096).split(b"\r\n")[0]


def test_the_pages_own_websocket_is_answered(port: int) -> None:
    assert b" 101 " in websocket(port, f"http://127.0.0.1:{port}")
    assert b" 101 " in websocket(port, "https://sight.example", host="sight.example")


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",  # what else is served on this machine
        "http://127.0.0.1:3000",
        "http://0.0.0.0:1",
        "null",
        "https://sight.example",  # allowed as a Host, and another one here
        "http://sight.example.evil.example",
        "http://evil.example/sight.example",
        "file://",
    ],
)
def test_the_websocket_is_refused_to_every_other_page(port: int, origin: str) -> None:
    assert b" 403 " in websocket(port, origin)


@pytest.mark.parametrize("path", ["/upload", "/_stcore/upload_file/a/b", "/_stcore/%75pload_file/a/b", "/"])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_is_changed_for_another_sites_page(port: int, method: str, path: str) -> None:
    answer = ask(port, f"{method} {path}", "Origin: http://evil.example", "Content-Length: 0")
    assert b" 403 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize("path", ["/", "/healthz", "/download/x", "/_stcore/host-config"])
def test_no_answer_may_be_read_or_embedded_by_another_site(port: int, path: str) -> None:
    answer = ask(port, f"GET {path}", "Origin: http://evil.example").lower()
    assert b"access-control-allow-origin" not in answer
    assert b"cross-origin-resource-policy: same-origin" in answer


@pytest.mark.parametrize(
    "path",
    [
        "/download/../../etc/passwd",
        "/download/..%2f..%2fcatalog.db",
        "/download/catalog.db",
        "/table/..%2f..%2fcatalog.db/csv",
        "/model/%00",
        "/static/..%2f..%2f..%2fetc/passwd",
        "/media/..%2f..%2fetc%2fpasswd",
        "/component/sightline.drop/..%2f..%2fserve.py",
        "/_stcore/bidi-components/sightline.drop/..%2f..%2f..%2fserve.py",
        "//etc/passwd",
        "/\\..\\..\\etc\\passwd",
    ],
)
def test_no_path_leads_out_of_what_is_served(port: int, path: str) -> None:
    status = ask(port, f"GET {path}").split(b" ")[1]
    assert status in (b"400", b"403", b"404"), status


@pytest.mark.parametrize("both", ["Guests.example", "guests.example:8501", "localhost"])
def test_a_name_for_guests_alone_gets_no_more_whatever_the_other_setting_says(
    monkeypatch: pytest.MonkeyPatch, both: str
) -> None:
    monkeypatch.setenv("SIGHTLINE_HOSTS", "sight.example, guests.example")
    monkeypatch.setenv("SIGHTLINE_SHARE_HOSTS", f"links.example,{both}")
    name = hosts.without_port(both)
    assert name in hosts.contradiction()
    monkeypatch.setattr(sys, "argv", ["serve.py"])
    with pytest.raises(SystemExit):
        serve.main()
    if name != "localhost":  # started in another way, it gives links alone
        assert name in hosts.shared_hosts() - hosts.allowed_hosts()
    monkeypatch.setenv("SIGHTLINE_SHARE_HOSTS", "links.example")
    assert hosts.contradiction() == ""
    assert "guests.example" in hosts.allowed_hosts()


def test_streamlit_alone_knows_strangers_by_their_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_HOSTS", " Sight.example , ")
    assert hosts.allowed_hosts() == {"localhost", "127.0.0.1", "[::1]", "sight.example"}
    assert hosts.without_port("LOCALHOST:8501") == "localhost"
    assert not hosts.foreign(None, "localhost:8501")
    assert not hosts.foreign("http://localhost:8501", "localhost:8501")
    assert not hosts.foreign("https://SIGHT.example", "sight.example")
    assert hosts.foreign("http://localhost:8502", "localhost:8501")
    assert hosts.foreign("null", "localhost:8501")


def test_a_page_under_a_strangers_name_stops_before_it_shows_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """DNS rebinding against `streamlit run app.py`: the stranger's name points at this machine."""
    from streamlit.runtime.context import ContextProxy
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("SIGHTLINE_HOME", str(tmp_path))
    monkeypatch.setattr(ContextProxy, "headers", property(lambda _: {"Host": "evil.example:8501"}))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert [error.value for error in page.error] == [
        "This server does not answer to that host name. Add it to SIGHTLINE_HOSTS."
    ]
    assert not page.title
    assert not page.sidebar.selectbox
