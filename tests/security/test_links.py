"""What a read-only link shows, and that its token opens nothing else."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import NotFound
from core.store import LOCAL, Store
from core.store.records import Dashboard, Exported, Link, now
from core.store.tables import forget_dashboard
from tests.serving import sightline
from ui import services
from ui.sharing import links, route

PAGE = b"<!DOCTYPE html><p>the page"


def shared(store: Store, owner: str = LOCAL, page: bytes = PAGE) -> tuple[Dashboard, Link, str]:
    """A dashboard whose page is made, and a link that stays with it."""
    record = store.add(Dashboard(owner=owner, dataset="ds_x", version="vn_x", name="Sales"))
    with store.new_object(owner, ".html") as made:
        made.path.write_bytes(page)
    kept = store.add(
        Exported(owner=owner, dashboard=record.id, version="vn_x", object=made.id, bytes=made.bytes), [made]
    )
    link, token = links.make(store, record, 7)
    links.freeze(store, link, kept)
    return record, store.get(Link, link.id, owner), token


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(services, "store", lambda: found)
    found = Store(tmp_path)
    return found


def shows(token: str) -> bytes:
    place = route.visit(token).place
    assert isinstance(place, Path)
    return place.read_bytes()


def test_a_token_shows_its_page_until_it_is_withdrawn(store: Store) -> None:
    _, link, token = shared(store)
    _, other, second = shared(store, "somebody else", b"another")
    assert shows(token) == PAGE
    assert shows(second) == b"another"
    links.withdraw(store, link)
    with pytest.raises(NotFound):
        route.visit(token)
    assert shows(second) == b"another"
    with store.writing() as catalog:
        forget_dashboard(catalog, other.dashboard, other.owner)
    with pytest.raises(NotFound):
        route.visit(second)
    assert store.every(Link) == []
    assert len(store.every(Exported)) == 1


def test_a_token_expires_or_lasts_until_it_is_withdrawn(store: Store) -> None:
    _, link, token = shared(store)
    store.change(Link, link.id, LOCAL, expires=now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        route.visit(token)
    store.change(Link, link.id, LOCAL, expires=None)
    assert shows(token) == PAGE


def test_a_page_that_is_gone_is_told_as_a_wrong_token_is(store: Store) -> None:
    record, link, token = shared(store)
    links.freeze(store, link, None)  # it follows a dashboard whose table is not there
    store.delete(Dashboard, record.id, LOCAL)
    for gone in (token, "wrong"):
        with pytest.raises(NotFound):
            route.visit(gone)


def test_a_link_shows_no_page_of_another_dashboard_or_owner(store: Store) -> None:
    _, link, token = shared(store)
    _, other, _ = shared(store, LOCAL, b"another dashboard")
    _, foreign, _ = shared(store, "somebody else", b"another owner")
    for page in (other.page, foreign.page, link.id, link.dashboard, "x"):
        store.change(Link, link.id, LOCAL, page=page)
        with pytest.raises(NotFound):
            route.visit(token)


def test_a_token_is_long_and_kept_nowhere(tmp_path: Path, store: Store) -> None:
    _, link, token = shared(store)
    assert len(token) == 43
    assert token not in link.model_dump_json()
    assert all(token.encode() not in place.read_bytes() for place in tmp_path.rglob("*") if place.is_file())
    turned = "".join("B" if one == "A" else "A" for one in token[:1]) + token[1:]
    for wrong in (
        "",
        link.digest,
        link.id,
        token[:-1],
        turned,
        token.swapcase(),
        f"{token}%00",
        "\udcff",
        "%",
    ):
        with pytest.raises(NotFound):
            route.visit(wrong)


@dataclass
class Running:
    port: int
    token: str
    link: Link
    store: Store

    def get(self, path: str, host: str = "", method: str = "GET") -> tuple[int, bytes, dict[str, str]]:
        peer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        peer.request(method, path, headers={"Host": host or f"127.0.0.1:{self.port}"})
        answer = peer.getresponse()
        found = answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        peer.close()
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("home")
    store = Store(home)
    _, link, token = shared(store)
    settings = {
        "SIGHTLINE_SHARE_HOSTS": "guests.example", "SIGHTLINE_IDLE_SECONDS": "5", "SIGHTLINE_PRELOAD": "0",
    }  # fmt: skip
    with sightline(home, **settings) as port:
        yield Running(port, token, link, store)


def test_the_page_comes_in_a_sandbox_that_is_kept_nowhere(running: Running) -> None:
    status, body, headers = running.get(f"/shared/{running.token}")
    assert (status, body) == (200, PAGE)
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert "default-src 'none'" in policy
    assert "no-store" in headers["cache-control"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_wrong_tokens_and_ids_get_one_answer(running: Running) -> None:
    (page,) = running.store.list(Exported, LOCAL)
    ids = (page.object, page.id, page.dashboard, running.link.id, running.link.digest)
    for wrong in (*ids, "x", running.token[:-1] + "~"):
        status, body, headers = running.get(f"/shared/{wrong}")
        assert (status, body[:24]) == (404, b"This link leads nowhere:")
        assert "sandbox" in headers["content-security-policy"]
    for path in (f"/shared/{running.token}%2F..", "/shared/%2e%2e%2fcatalog.db", "/shared/"):
        assert PAGE not in running.get(path)[1]
    assert running.get(f"/shared/{running.token}", method="POST")[0] == 405


def test_a_page_to_print_comes_in_a_sandbox_for_a_frame_of_ours(running: Running) -> None:
    (page,) = running.store.list(Exported, LOCAL)
    status, body, headers = running.get(f"/print/{page.id}")
    assert (status, body) == (200, PAGE)
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy
    for wrong in (page.object, page.dashboard, running.link.id, "x"):
        assert running.get(f"/print/{wrong}")[0] == 404


def test_the_token_opens_no_other_path(running: Running) -> None:
    token = running.token
    paths = (
        f"/download/{token}", f"/table/{token}/csv", f"/table/{token}/parquet", f"/selected/{token}",
        f"/model/{token}", f"/statement/{token}", f"/script/{token}", f"/failing/{token}/x",
        f"/differences/{token}/csv", f"/print/{token}",
    )  # fmt: skip
    for path in paths:
        status, body, _ = running.get(path)
        assert status == 404, path
        assert PAGE not in body


def test_under_a_name_for_guests_links_alone_are_answered(running: Running) -> None:
    guests = "guests.example"
    assert running.get(f"/shared/{running.token}", host=guests)[:2] == (200, PAGE)
    (page,) = running.store.list(Exported, LOCAL)
    for path in ("/", "/healthz", f"/download/{page.object}", f"/print/{page.id}", "/_stcore/health",
                 "/_stcore/stream", "/shared", "/shared/", "/shared/x/y", "/shared/../_stcore/health",
                 "//shared/../download/x", "/sharedx"):  # fmt: skip
        assert running.get(path, host=guests)[0] == 404, path
