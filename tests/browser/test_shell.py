"""The shell in a real browser: deep links, the upload component under the content policy, both themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.store import LOCAL, Store, Upload, Version
from tests.browser.conftest import Server

READY = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
HOSTILE = "![x](http:__evil.example_a) `b` $c$ [d] :smile:.csv"


@pytest.fixture
def problems(page: Page) -> list[str]:
    """What the browser complained of: script errors, what the policy blocked, what was not found."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda message: found.append(message.text) if message.type == "error" else None,
    )
    return found


def test_a_deep_link_opens_its_page_on_a_fresh_server(
    page: Page, start_server: Callable[[], Server], problems: list[str]
) -> None:
    server = start_server()
    page.goto(f"{server.url}/clean")
    expect(page.locator("h1")).to_have_text("Clean")
    expect(page.locator(READY)).to_be_attached()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert problems == []


def test_a_file_streams_into_the_store_and_its_refused_row_comes_back(
    page: Page, server: Server, tmp_path: Path, problems: list[str]
) -> None:
    place = tmp_path / HOSTILE
    place.write_bytes(b"id,note\n" + b"1,<img src=x onerror=alert(1)>\n" * 20 + b"2,a,b\n")
    page.goto(server.url)
    page.locator("input[type=file].one").set_input_files(place)
    page.get_by_role("button", name="Read this file").click()
    page.get_by_role("button", name="See what is in it").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the refused rows").click()
    assert Path(download.value.path()).read_text().splitlines()[1].startswith("22,")
    store = Store(server.home)
    (kept,) = (upload for upload in store.list(Upload, LOCAL) if upload.name == HOSTILE)
    assert store.place(kept.object, LOCAL).read_bytes() == place.read_bytes()
    assert store.list(Version, LOCAL)[0].rows == 20
    expect(page.locator("img[src*='evil']")).to_have_count(0)
    assert problems == []


def test_a_reload_keeps_the_chosen_dataset_and_language(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?from=sample")
    page.locator(".st-key-add-sample-penguins button").click()
    page.get_by_role("button", name="See what is in it").first.click()
    page.wait_for_url("**/profile?**dataset=ds_**")
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="简体中文").click()
    page.wait_for_url("**lang=zh_CN**")
    page.reload()
    expect(page.locator(".st-key-frame-dataset input")).to_have_value("Penguins")
    expect(page.get_by_role("combobox", name="Language")).to_have_count(0)
