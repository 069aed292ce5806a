"""Every text that a reader can meet is in every locale."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from core.tongue import LOCALES
from tests.ui import strings
from ui.text import LANGUAGES

PLACES = sorted(LOCALES.glob("*.json"))


def test_each_language_offered_has_its_file() -> None:
    assert {place.stem for place in PLACES} == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.stem)
@pytest.mark.parametrize("source", ["on_screens", "of_members", "of_core"])
def test_every_text_is_translated(place: Path, source: str) -> None:
    known = json.loads(place.read_text(encoding="utf-8"))
    texts: dict[str, str] = getattr(strings, source)()
    assert len(texts) > 50
    missing = {text: where for text, where in texts.items() if text not in known}
    assert not missing, f"add to {place.name}: {json.dumps(missing, ensure_ascii=False, indent=1)}"


# what is shown without its text being found by its place, and why it is found all the same
FOUND_ELSEWHERE = {
    "t(title)": "a table at the top of the module, or the words of a grade",
    "t(text)": "a table at the top of the module",
    "t(name)": "the pages' walk in Chinese reads them",
    "plain(name)": "the pages' walk in Chinese reads them",
    "plain(value)": "a finding's words, which are notes of their own",
    "t(options[item])": "a table at the top of the module",
    "plain(title)": "titles of parameters",
    "plain(kinds.get(name, ''))": "the types of columns",
    "plain(state)": "how a run stands: a choice of the record",
    "plain(str(choice))": "a parameter's choices",
    "plain(str(choice).replace('_', ' '))": "a parameter's choices",
    "plain(str(value))": "a parameter's choices, and the names of methods",
    "plain(str(job.params.get('name') or version.origin))": "a sample's title, or a person's own name",
    "plain(unit)": "the units of rules, which are choices of the record",
    "note(self.form)": "a parameter's choices",
    "note(self.method)": "a parameter's choices",
    "note(self.what)": "a parameter's choices",
    "note(kinds[column])": "the types of columns",
    "note(part)": "the parts of a date, which are choices",
    "note(kind)": "the types of columns",
    "note(known[column])": "the types of columns",
    "note(known[column.name])": "the types of columns",
    "note(types[split.column])": "the types of columns",
}


def test_nothing_is_said_whose_text_is_written_nowhere() -> None:
    odd = [place for place in strings.unknown() if place.partition(": ")[2] not in FOUND_ELSEWHERE]
    assert not odd, "write the text where it is said, or in a table at the top of its module"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.stem)
def test_a_translation_asks_for_no_value_that_its_text_does_not_have(place: Path) -> None:
    for text, translation in json.loads(place.read_text(encoding="utf-8")).items():
        if "{" in text and "[{" not in text:
            assert _values(translation) <= _values(text), text


def _values(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}
