"""The picture in a real browser, behind the real content policy: marks, boxes, zoom, keys, menu."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.plot_app import HOSTILE
from tests.browser.screen import SLOW, Screen
from tests.serving import answering
from ui.plot import library


@pytest.fixture(scope="module")
def plot_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("plot") / "server.log"
    with answering(["-m", "tests.browser.plot_app"], "/_stcore/health", log) as port:
        yield f"http://127.0.0.1:{port}"


class Picture(Screen):
    """The picture of the test page, and where things are on it."""

    def draw(self, kind: str) -> Picture:
        self.open(f"/?figure={kind}")
        expect(self.page.locator(".sp-plot .main-svg").first).to_be_visible(timeout=SLOW)
        expect(self.page.locator(".sp-bar button")).not_to_have_count(0, timeout=SLOW)
        self.page.wait_for_timeout(300)
        return self

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A place in the first panel, in shares of its width and height, from its upper left corner."""
        box = self.page.locator(".sp-plot .nsewdrag").first.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.point(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.point(*end), steps=5)
        self.page.mouse.up()

    def said(self, event: str) -> None:
        """The page was told this: kind, rows, add, action."""
        expect(self.page.get_by_text(re.compile(rf"^{event} \("))).to_be_visible(timeout=SLOW)

    def keys(self, *names: str) -> None:
        for name in names:
            self.page.keyboard.press(name)

    def stands(self, text: str) -> None:
        expect(self.page.locator(".sp-line")).to_have_text(text, timeout=SLOW)


@pytest.fixture
def picture(page: Page, plot_server: str) -> Picture:
    return Picture(page, plot_server)


def test_a_click_takes_a_mark_and_with_shift_another_one(picture: Picture) -> None:
    picture.draw("bars")
    picture.page.mouse.click(*picture.point(0.45, 0.8))
    picture.said(r"mark \[1\] False None")
    picture.page.keyboard.down("Shift")
    picture.page.mouse.click(*picture.point(0.1, 0.8))
    picture.page.keyboard.up("Shift")
    picture.said(r"mark \[0\] True None")
    expect(picture.page.get_by_text("taken [0, 1]")).to_be_visible(timeout=SLOW)
    outlines = picture.page.locator(".sp-over")
    assert (outlines.get_attribute("d") or "").count("M") == 2  # outlined, not only of another colour
    picture.page.locator(".sp-plot").focus()
    picture.keys("Escape")
    picture.said(r"mark \[\] False None")
    expect(outlines).not_to_have_attribute("d", re.compile("M"), timeout=SLOW)
    picture.is_clean()


def test_cells_of_a_heat_map_answer_too_and_empty_ones_do_not(picture: Picture) -> None:
    picture.draw("heat")
    picture.page.mouse.click(*picture.point(0.5, 0.25))
    picture.said(r"mark \[4\] False None")
    picture.page.mouse.click(*picture.point(0.9, 0.25))  # nothing is there
    picture.page.mouse.click(*picture.point(0.9, 0.75))
    picture.said(r"mark \[2\] False None")
    picture.is_clean()


def test_a_box_takes_the_marks_in_it_and_tells_its_ranges(picture: Picture) -> None:
    picture.draw("days")
    picture.page.get_by_role("button", name="Dragging draws a box around marks").click()
    picture.drag((0.2, 0.1), (0.7, 0.9))
    picture.said(r"region \[1, 2\] False None")
    told = picture.page.get_by_text(re.compile(r"^x \('2024-01-.*', '2024-03-.*'\) y \("))
    expect(told).to_be_visible(timeout=SLOW)
    low, high = (float(end) for end in re.findall(r"y \((.*), (.*)\)", told.inner_text())[0])
    assert 0.8 < low < 3  # values, though the axis is logarithmic
    assert 300 < high < 1200
    picture.is_clean()


def test_a_zoom_is_told_once_and_a_double_click_shows_all_again(picture: Picture) -> None:
    picture.draw("cloud")
    picture.page.mouse.move(*picture.point(0.5, 0.5))
    picture.page.mouse.wheel(0, -200)  # nobody works with the picture: the page scrolls, if it can
    picture.page.wait_for_timeout(600)
    expect(picture.page.get_by_text(re.compile("^zoom"))).to_have_count(0)
    picture.page.locator(".sp-plot").focus()
    for _ in range(3):
        picture.page.mouse.wheel(0, -200)
    picture.said(r"zoom \[\] False None")
    x = re.findall(r"x \((.*?), (.*?)\)", picture.page.get_by_text(re.compile("^x ")).inner_text())[0]
    assert 0 < float(x[0]) < float(x[1]) < 3000
    picture.click("another")  # a new figure over the same axes is seen in the same ranges
    ranges = picture.page.evaluate("document.querySelector('.sp-plot')._fullLayout.xaxis.range")
    assert ranges == pytest.approx([float(end) for end in x])
    picture.page.mouse.dblclick(*picture.point(0.5, 0.5))
    picture.said(r"reset \[\] False None")
    ranges = picture.page.evaluate("document.querySelector('.sp-plot')._fullLayout.xaxis.range")
    assert ranges[0] <= 0
    assert ranges[1] >= 2999
    picture.is_clean()


def test_another_figure_is_drawn_in_the_same_place_and_the_script_is_fetched_once(picture: Picture) -> None:
    picture.draw("bars")
    picture.page.evaluate("document.querySelector('.sp-plot').dataset.mine = 'yes'")
    picture.click("another")
    opacity = "document.querySelector('.sp-plot')._fullData[0].opacity"
    assert picture.page.evaluate(opacity) == 0.9
    expect(picture.page.locator(".sp-plot")).to_have_attribute("data-mine", "yes")
    assert len([url for url in picture.asked if url.endswith(library.address())]) == 1
    picture.is_clean()


def test_everything_is_reached_by_keyboard(picture: Picture) -> None:
    picture.draw("bars")
    focused = picture.page.locator(":focus")
    for _ in range(14):
        picture.keys("Tab")
        if focused.get_attribute("role") == "application":
            break
    expect(picture.page.locator(".sp-plot")).to_be_focused()
    expect(picture.page.locator(".sp-plot")).to_have_accessible_name("The picture")
    expect(picture.page.locator(".sp-plot")).to_have_accessible_description("In words: bars")
    expect(picture.page.locator(".sp-line")).to_have_attribute("aria-live", "polite")
    picture.keys("ArrowRight")
    picture.stands("one · (a, 3)")
    expect(picture.page.locator(".sp-ring")).to_be_visible()
    picture.keys("ArrowRight", "ArrowUp")
    picture.stands("two · (b, 4)")
    picture.keys("End", "Enter")
    picture.said(r"mark \[5\] False None")
    picture.keys("Home", "Shift+Enter")
    picture.said(r"mark \[3\] True None")
    picture.keys("m")
    expect(picture.page.get_by_role("menuitem", name="See its rows")).to_be_focused()
    picture.keys("Escape")
    expect(picture.page.get_by_role("menu")).to_have_count(0)
    expect(picture.page.locator(".sp-plot")).to_be_focused()
    picture.keys("m", "ArrowDown", "ArrowDown", "Enter")
    picture.said(r"menu \[3\] False rows")
    picture.keys("+")
    picture.said(r"zoom \[\] False None")
    picture.keys("0")
    picture.said(r"reset \[\] False None")
    picture.is_clean()


@pytest.mark.parametrize(
    ("kind", "stands", "row"),
    [
        ("heat", "x: 0.5 · y: 15 · z: 4", 3), ("pie", "b · 3 · 30%", 1), ("tree", "b · 3", 1),
        ("flat", r"\(2, c\)", 2),
        ("box", ".*2.*", 0), ("flow", ".*a.*", 0), ("cloud", r"\(0, 0\)", 0), ("panels", r".*\(0, 5\)", 0),
    ],
)  # fmt: skip
def test_marks_of_every_kind_are_walked_and_taken(picture: Picture, kind: str, stands: str, row: int) -> None:
    picture.draw(kind)
    picture.page.locator(".sp-plot").focus()
    picture.keys("ArrowRight")
    expect(picture.page.locator(".sp-line")).to_have_text(re.compile(stands), timeout=SLOW)
    picture.keys("Enter")
    picture.said(rf"mark \[{row}\] False None")
    picture.is_clean()


def test_the_right_button_opens_the_menu_of_a_mark_and_its_words_are_text(picture: Picture) -> None:
    picture.draw("hostile")
    picture.page.mouse.click(*picture.point(0.25, 0.8), button="right")
    menu = picture.page.get_by_role("menu")
    expect(menu.locator(".sp-about")).to_contain_text("<img src=x onerror=alert(1)>")
    items = menu.get_by_role("menuitem")
    expect(items).to_have_text(["See its rows", HOSTILE])
    items.nth(1).click()
    picture.said(r"menu \[0\] False drop")
    picture.page.locator(".sp-plot").focus()
    picture.keys("ArrowRight")
    expect(picture.page.locator(".sp-line")).to_contain_text("<script>alert(2)</script>")
    made = picture.page.evaluate(
        "[...document.querySelectorAll('.sp img, .sp script, .sp a[href]')].map(one => one.tagName)"
    )
    assert made == []
    picture.is_clean()
