"""Other people's text in Markdown is shown as it is; translations keep their placeholders."""

from __future__ import annotations

import json
import string

import pytest

from core import tongue
from core.errors import BadParameter
from ui import text


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "language", lambda: "en")


@pytest.mark.parametrize(
    "hostile",
    ["![x](http://evil/a)", "[a](javascript:alert(1))", "`code`", "$x^2$", "<img src=x>", "**b** _i_", "# h"],
)
def test_marks_in_values_are_escaped(hostile: str) -> None:
    shown = text.t("Column {name} is empty.", name=hostile)
    for mark in "![]()`$<*_#":
        assert shown.count(mark) == shown.count("\\" + mark)


def test_a_value_stays_on_its_line() -> None:
    assert "\n" not in text.md("a\n\n# heading")


@pytest.mark.parametrize(
    "shortcut", [":smile:", ":red[x]", "a->b", "http://e.example", "www.e.example", "a@b.c"]
)
def test_shortcuts_of_the_renderer_are_broken_by_a_joiner_of_no_width(shortcut: str) -> None:
    shown = text.md(shortcut)
    plain = shown.replace("\\", "").replace("\u2060", "")
    assert plain == shortcut
    assert shown != shortcut


def test_braces_in_values_are_no_template() -> None:
    assert text.plain("{name}", name="{0.__class__} {other}") == "{0.__class__} {other}"


def test_a_template_reaches_no_attributes() -> None:
    assert "class" not in text.plain("{name.__class__}", name="x").replace("__class__", "")


def test_numbers_keep_their_format() -> None:
    assert text.t("{rows:,} rows, {share:.1%}", rows=-1234567, share=0.5) == "-1,234,567 rows, 50.0%"


def test_one_is_said_otherwise_than_many() -> None:
    template = "{count} row | {count} rows"
    assert [text.t(template, count=n) for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_an_error_is_one_message_with_its_hint() -> None:
    error = BadParameter("No column {name!r}.", hint="Choose {other}.", name="*a*", other="b")
    assert text.message(error) == "No column '\\*a\\*'. Choose b."


def test_the_chinese_text_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "language", lambda: "zh_CN")
    monkeypatch.setattr(tongue, "_locale", lambda tongue: {"{rows:,} rows": "{rows:,} 行"})
    assert text.t("{rows:,} rows", rows=1000) == "1,000 行"
    assert text.t("Not translated") == "Not translated"


@pytest.mark.parametrize("place", sorted(tongue.LOCALES.glob("*.json")), ids=lambda place: place.stem)
def test_translations_have_the_placeholders_of_their_english_text(place: object) -> None:
    for english_text, other in json.loads(place.read_text(encoding="utf-8")).items():  # type: ignore[attr-defined]
        assert _names(other) == _names(english_text), english_text


def _names(template: str) -> set[tuple[str | None, str | None]]:
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name is not None}


def test_a_message_that_counts_is_known_by_its_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "language", lambda: "zh_CN")
    monkeypatch.setattr(tongue, "_locale", lambda _: {"Epoch # of #": "第 # 轮，共 # 轮", "Step 5": "五"})
    assert text.counted("Epoch 3 of 20") == "第 3 轮，共 20 轮"
    assert text.counted("Step 5") == "五"
    assert text.counted("Newton step 7") == "Newton step 7"
