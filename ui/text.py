"""Every visible string: `t("Rows stored: {rows:,}", rows=12)` in the reader's language.

The English text is the key of locales/<language>.json. Values are other people's text: in Markdown
they are escaped, so that a column called `![](http://example.com/x)` is shown, not fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import SightlineError
from core.reasons import FEATURES, read
from core.tongue import Tongue
from core.wording import Note, Plain, form
from ui import state

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&-])")
# What Markdown extensions find in plain text even when it is escaped: emoji codes, arrows, links.
# A word joiner, which has no width, keeps them as they were written.
_SHORTCUTS = re.compile(
    r"(:(?=[\w+/-]+:|//)|<?-(?=[->])|[<>~](?==)|<(?=-)|\bwww(?=\.)|@(?=\w))", re.IGNORECASE
)
_WORD_JOINER = "\u2060"


def md(value: object) -> str:
    """Any text as Markdown that shows exactly this text, on one line."""
    plain = " ".join(str(value).split("\n"))
    joined = _SHORTCUTS.sub(lambda found: found.group(0) + _WORD_JOINER, plain)
    return _MARKS.sub(r"\\\1", joined)


class _Escaped(Plain):
    """Fills a template, with every text among the values escaped for Markdown."""

    def format_field(self, value: Any, format_spec: str) -> str:
        shown = super().format_field(value, format_spec)
        return shown if isinstance(value, int | float) else md(shown)


def language() -> str:
    """The language chosen in the sidebar (kept in the address), or else the browser's."""
    chosen = state.address("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    browser = (st.context.locale or "en").replace("-", "_")
    return "zh_CN" if browser.lower().startswith("zh") else "en"


def tongue() -> Tongue:
    """The reader's language; other tables are called as they are in the store."""
    return Tongue(language(), _called)


def _called(version_id: str) -> str:
    from ui.others import called

    return called(version_id)


def translated(text: str) -> str:
    """The text in the reader's language, placeholders untouched; English where none is known."""
    return tongue().translated(text)


def counted(text: str) -> str:
    """A finished text that counts: "Epoch 3 of 20" is known as "Epoch # of #"; its numbers stay in place."""
    return tongue().counted(text)


def t(text: str, /, **values: Any) -> str:
    """A translated text for Markdown (labels, help, captions), its values escaped."""
    if not values:
        return translated(text)
    here = tongue()
    return _Escaped().format(form(here.translated(text), values), **here.read(values))


def plain(text: str, /, **values: Any) -> str:
    """The same for places that show text as it is: select boxes, table cells, file names."""
    return tongue().plain(text, **values)


def said(note: Note | Mapping[str, Any] | str) -> str:
    """A sentence of core (or its JSON) in the reader's language, for Markdown: shown as it is written."""
    return md(plain_said(note))


def plain_said(note: Note | Mapping[str, Any] | str) -> str:
    """The same for places that show text as it is."""
    return tongue().said(note)


def feature(name: str) -> str:
    """A column of a model's matrix as people read it: "age is missing", "when month = Jan"."""
    known = read(name, FEATURES)
    return plain_said(known) if known else name


def worded(text: str) -> str:
    """A word or a reason of ours, or a library's: in the reader's language where it is known."""
    return tongue().worded(text)


def message(error: SightlineError) -> str:
    """What went wrong and what to do, in the reader's language, for Markdown."""
    from core.recipe.compiled import IN_STEP

    values = Note(template="", values=error.values or {"": ""}).values  # sentences among them, kept as JSON
    place, template = "", error.template
    if template.startswith(IN_STEP):  # a step's own error, said with the step's place in the recipe
        named = {**values, "step_title": translated(str(values.get("step_title", "")))}
        place, template = t(IN_STEP, **named), template.removeprefix(IN_STEP)
    return place + " ".join(t(part, **values) for part in (template, error.hint) if part)
