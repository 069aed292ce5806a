"""Passwords at rest: what is sealed opens for its own record alone, and not without the key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.errors import NotFound, SightlineError
from core.store import Connection, Store
from core.store.sealed import key_place, seal, unseal


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SIGHTLINE_KEY_FILE", raising=False)
    return Store(tmp_path / "home").home


def test_a_password_comes_back_and_never_looks_the_same_twice(home: Path) -> None:
    first, second = seal(home, "pässword", "ann:cn_a"), seal(home, "pässword", "ann:cn_a")
    assert first != second
    assert "ssword" not in first
    assert unseal(home, first, "ann:cn_a") == "pässword"


def test_the_key_lies_outside_the_store_for_its_user_alone(home: Path) -> None:
    seal(home, "p", "x")
    place = key_place(home)
    assert home not in place.parents
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    place.chmod(0o640)
    with pytest.raises(SightlineError, match="can be read by others"):
        seal(home, "p", "x")


def test_another_record_owner_or_key_opens_nothing(home: Path) -> None:
    sealed = seal(home, "p", "ann:cn_a")
    for about in ("ann:cn_b", "bob:cn_a"):
        with pytest.raises(SightlineError, match="cannot be read"):
            unseal(home, sealed, about)
    broken = sealed[:-4] + ("AAA=" if not sealed.endswith("AAA=") else "BBB=")
    with pytest.raises(SightlineError):
        unseal(home, broken, "ann:cn_a")
    key_place(home).unlink()
    with pytest.raises(SightlineError, match="Type the password again"):
        unseal(home, sealed, "ann:cn_a")
    seal(home, "q", "ann:cn_b")
    with pytest.raises(SightlineError, match="cannot be read"):
        unseal(home, sealed, "ann:cn_a")


def test_the_key_may_lie_where_an_administrator_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_KEY_FILE", str(tmp_path / "keys" / "k"))
    (tmp_path / "keys").mkdir()
    sealed = seal(home, "p", "x")
    assert (tmp_path / "keys" / "k").exists()
    assert unseal(home, sealed, "x") == "p"


def test_the_catalog_holds_no_password(home: Path) -> None:
    store = Store(home)
    made = Connection(owner="ann", name="shop", settings={"kind": "postgre_sql"})
    kept = store.add(made.model_copy(update={"secret": seal(home, "hunter2-hunter2", f"ann:{made.id}")}))
    assert store.secret(kept.id, "ann") == "hunter2-hunter2"
    with pytest.raises(NotFound):
        store.secret(kept.id, "bob")
    store.close()
    assert not any(b"hunter2" in file.read_bytes() for file in home.rglob("*") if file.is_file())
