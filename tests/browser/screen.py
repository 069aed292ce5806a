"""How the journeys find things on a page: by the key every widget has."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SETTLED = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
SLOW = 90_000  # milliseconds; a loaded machine is slow, a broken page never gets there


class Screen:
    """A page of Sightline in a browser, and what went wrong on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: str = "/") -> Screen:
        self.page.goto(path if path.startswith("http") else self.url + path)
        return self.settle()

    def settle(self) -> Screen:
        """Wait until the page's script has run; fails on an exception shown to the reader."""
        for _ in range(2):  # what was just done may not have begun its run yet
            expect(self.page.locator(SETTLED)).to_be_attached(timeout=SLOW)
            self.page.wait_for_timeout(100)
        expect(self.page.locator(SETTLED)).to_be_attached(timeout=SLOW)
        expect(self.page.locator("[data-testid=stException]")).to_have_count(0)
        return self

    def at(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)}")

    def click(self, key: str, *, within: str = "button") -> Screen:
        target = self.at(key).locator(within).first
        expect(target).to_be_enabled(timeout=SLOW)
        target.click()
        self.page.wait_for_timeout(150)  # the click's own rerun begins
        return self.settle()

    def press(self, name: str) -> Screen:
        """Press the first button with this name."""
        target = self.page.get_by_role("button", name=name).first
        expect(target).to_be_enabled(timeout=SLOW)
        target.click()
        self.page.wait_for_timeout(150)
        return self.settle()

    def goto(self, title: str) -> Screen:
        """Follow the menu."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        self.page.wait_for_timeout(150)
        return self.settle()

    def choose(self, key: str, option: str) -> Screen:
        """Pick an option of a select box, by typing it: of a long list only a part is drawn."""
        self.at(key).locator("input").first.click()
        self.page.keyboard.type(option)
        self.page.get_by_role("option", name=option, exact=True).first.click()
        self.page.wait_for_timeout(150)
        return self.settle()

    def drop(self, key: str, *files: Path) -> Screen:
        """Give files to a place to drop them."""
        self.at(key).locator("input[type=file]").first.set_input_files([str(file) for file in files])
        return self.settle()

    def shows(self, text: str | re.Pattern[str]) -> Screen:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=SLOW)
        return self

    def is_clean(self) -> None:
        """Nothing was shown or thrown that should not be, and nothing was fetched from elsewhere."""
        assert self.errors == []
        foreign = [url for url in self.asked if not url.startswith((self.url, "data:", "blob:"))]
        assert foreign == []
