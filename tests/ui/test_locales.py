"""Every text that a reader can meet is in every locale."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ui import strings
from ui.text import LANGUAGES, LOCALES

PLACES = sorted(LOCALES.glob("*.json"))


def test_each_language_offered_has_its_file() -> None:
    assert {place.stem for place in PLACES} == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.stem)
@pytest.mark.parametrize("source", ["on_screens", "of_members"])
def test_every_text_is_translated(place: Path, source: str) -> None:
    known = json.loads(place.read_text(encoding="utf-8"))
    texts: dict[str, str] = getattr(strings, source)()
    assert len(texts) > 50
    missing = {text: where for text, where in texts.items() if text not in known}
    assert not missing, f"add to {place.name}: {json.dumps(missing, ensure_ascii=False, indent=1)}"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.stem)
def test_nearly_all_messages_of_the_core_are_translated(place: Path) -> None:
    # a message that is not there yet is shown in English: a new error must not wait for its translation
    known = json.loads(place.read_text(encoding="utf-8"))
    texts = strings.of_core()
    missing = [text for text in texts if text not in known]
    assert len(missing) <= len(texts) // 20, missing
