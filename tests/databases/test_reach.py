"""Which hosts a connection may lead to: every address of a name is judged, and only those are used."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from core import reach
from core.errors import BadInput, BadParameter


@pytest.fixture(autouse=True)
def _nothing_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGHTLINE_DB_HOSTS", raising=False)
    monkeypatch.delenv("SIGHTLINE_DB_DENY", raising=False)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "169.254.169.254", "fe80::1", "localhost",
        "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "224.0.0.1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "0", "127.1",
        "0x7f000001", "2130706433", "017700000001",
    ],
)  # fmt: skip
def test_this_machine_and_its_surroundings_are_refused(host: str) -> None:
    with pytest.raises((BadInput, BadParameter)):
        reach.resolved(host, 5432)


@pytest.mark.parametrize(
    "host",
    ["", " ", "a b", "db/../x", "user@db", "db:5432", "a'b", "/tmp/socket", "@abstract", "x" * 300, "a..b"],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises((BadInput, BadParameter)):
        reach.resolved(host, 5432)


def _answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    asked: list[str] = []

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_name_is_asked_for_once_and_one_bad_address_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _answers(monkeypatch, "93.184.216.34", "10.0.0.5")
    assert reach.resolved("db.example.com", 5432) == ["93.184.216.34", "10.0.0.5"]
    assert asked == ["db.example.com"]
    _answers(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(BadInput, match="SIGHTLINE_DB_HOSTS"):
        reach.resolved("db.example.com", 5432)


def test_an_administrator_allows_and_denies_names_addresses_and_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIGHTLINE_DB_HOSTS", "localhost, 127.0.0.0/8")
    assert reach.resolved("127.0.0.1", 5432) == ["127.0.0.1"]
    monkeypatch.setenv("SIGHTLINE_DB_DENY", "10.0.0.0/8 db.example.com")
    with pytest.raises(BadInput, match="does not allow"):
        reach.resolved("10.1.2.3", 5432)
    _answers(monkeypatch, "93.184.216.34")
    with pytest.raises(BadInput, match="does not allow"):
        reach.resolved("DB.example.com.", 5432)
    monkeypatch.setenv("SIGHTLINE_DB_DENY", "127.0.0.1")
    _answers(monkeypatch, "127.0.0.1")
    with pytest.raises(BadInput, match="does not allow"):
        reach.resolved("localhost", 5432)


def test_settings_give_a_job_one_port_and_its_own_file(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reach.ports({"port": 5432}) == [5432]
    assert [reach.ports({"port": wrong}) for wrong in (0, 70_000, True, "5432", None)] == [[]] * 5
    monkeypatch.setenv("SIGHTLINE_DB_FOLDERS", str(tmp_path))
    (tmp_path / "shop.db").touch()
    assert reach.files({"place": "/etc/passwd"}) == []
    assert reach.files({"place": "shop.db"})[0] == tmp_path / "shop.db"
    assert reach.offered_files([".db"]) == [str(tmp_path / "shop.db")]
