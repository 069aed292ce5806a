"""Sharing a dashboard: its page is made, kept, made again; links are given and withdrawn."""

from __future__ import annotations

import re

import pytest

from core.store import LOCAL
from core.store.records import Exported, Link
from tests.pages.conftest import Screen
from tests.pages.test_dashboard import PAGE, board_of
from ui import transfer


def test_the_page_is_made_with_its_filters_and_made_again(screen: Screen) -> None:
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id)
    app.multiselect(key=f"dash.share.filters.{record.id}").set_value(["region", "member"]).run()
    app.button(key="dash.share.make").click().run()
    assert not app.exception
    assert not app.error
    (kept,) = screen.store.list(Exported, LOCAL)
    assert kept.filters == ["region", "member"]
    text = screen.store.place(kept.object, LOCAL).read_text(encoding="utf-8")
    assert f"version {version.number}" in text
    assert len(re.findall(r'id="view\d+"', text)) > 6
    app.button(key="dash.share.make").click().run()
    (again,) = screen.store.list(Exported, LOCAL)
    assert again.id != kept.id


def test_a_link_is_told_once_and_withdrawn(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer.ROUTES, "present", True)
    _, version = screen.add_table()
    record = board_of(screen, version)
    app = screen.open(PAGE, dashboard=record.id)
    app.button(key="dash.share.make").click().run()
    app.button(key="dash.share.link").click().run()
    assert not app.exception
    (link,) = screen.store.list(Link, LOCAL)
    (shown,) = [code.value for code in app.code if "/shared/" in code.value]
    assert link.digest not in shown
    app.button(key=f"dash.share.withdraw.{link.id}").click().run()
    assert not screen.store.list(Link, LOCAL)
    assert not [code for code in app.code if "/shared/" in code.value]
