"""What is said in a language: sentences of core, and words of ours, with their values filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.reasons import read
from core.wording import TABLE, Note, Plain, form

LOCALES = Path(__file__).parent.parent / "locales"
# values by these names are words of ours (the type of a column, a step's title), never a person's text
OURS = frozenset(
    ("about", "allowed", "day", "expected", "kind", "method", "month", "needs", "operator", "reason", "rule",
     "task", "tasks", "title", "to", "type", "wanted", "what")
)  # fmt: skip


@lru_cache(maxsize=8)
def _locale(language: str) -> dict[str, str]:
    place = LOCALES / f"{language}.json"
    return json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}


def _unnamed(id: str) -> str:
    return id


@dataclass(frozen=True)
class Tongue:
    """One language; `called` says what another table, known by its version's id, is called."""

    language: str = "en"
    called: Callable[[str], str] = _unnamed

    def translated(self, text: str) -> str:
        """The text in this language, placeholders untouched; English where none is known."""
        return text if self.language == "en" else _locale(self.language).get(text, text)

    def counted(self, text: str) -> str:
        """A finished text that counts: "Epoch 3 of 20" is known as "Epoch # of #"; its numbers stay."""
        found = self.translated(text)
        numbers = re.findall(r"\d+", text)
        if found != text or not numbers:
            return found
        pattern = self.translated(re.sub(r"\d+", "#", text)).split("#")
        if len(pattern) != len(numbers) + 1:
            return text
        return pattern[0] + "".join(number + part for number, part in zip(numbers, pattern[1:], strict=True))

    def plain(self, text: str, /, **values: Any) -> str:
        """A translated text with its values, for places that show text as it is."""
        if not values:
            return self.translated(text)
        return Plain().format(form(self.translated(text), values), **self.read(values))

    def said(self, note: Note | Mapping[str, Any] | str) -> str:
        """A sentence of core, or its JSON."""
        if isinstance(note, str):  # written down before sentences were kept with their values
            return self.counted(note)
        known = note if isinstance(note, Note) else Note.model_validate(note)
        return Plain().format(form(self.translated(known.template), known.values), **self.read(known.values))

    def worded(self, text: str) -> str:
        """A word or a reason of ours, or a library's, where it is known."""
        found = self.counted(text)
        if found != text or self.language == "en":
            return found
        known = read(text)
        return self.said(known) if known else text

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as they are shown: sentences and words of ours translated, lists with commas between."""
        return {
            name: self.worded(value) if name in OURS and isinstance(value, str) else self._one(value)
            for name, value in values.items()
        }

    def _one(self, value: Any) -> Any:
        if isinstance(value, Note) and value.template == TABLE:
            return self.plain("“{name}”", name=self.called(str(value.values.get("table"))))
        if isinstance(value, Note):
            return self.said(value)
        if isinstance(value, list | tuple):
            return self.translated(", ").join(str(self._one(item)) for item in value)
        return value
