"""Whether a column holds personal data, from some of its distinct values and from its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.meanings.kind import spoken
from core.personal import forms
from core.personal.kinds import BIRTH, BY_MEANING, KINDS, NAME, WITHIN, Kind

if TYPE_CHECKING:
    from core.profile.facts import ColumnProfile

SAMPLE = 300  # distinct values of a column that are looked at
FIRST = 40  # of them, those that must do half as well before the others are looked at
LEAST_TEXTS = 3  # with personal data among their words
LEAST = 10**7  # no number that names a person is smaller

_BIRTH = re.compile(
    r"\b(?:birth|birthday|birthdate|dob|born|geboren|geburts\w*|naissance|nacimiento)\b|生日|出生"
)
_NAMED = re.compile(
    r"\b(?:(?:first|last|full|given|family|middle|maiden|customer|client|patient|employee|person|contact|user|"
    r"student|member|owner|author|manager|staff|holder) ?names?|surname|forename|firstname|lastname|fullname|"
    r"vorname|nachname|familienname|pr[eé]nom|nom|nombre|apellidos?|cognome|nome|imi[eę]|nazwisko)\b|姓名|名字"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_NAME = re.compile(r"\bnames?\b")


def looked_at(column: ColumnProfile) -> bool:
    """Whether a column can hold what is looked for: texts, large whole numbers."""
    if column.type == "text":
        return column.meaning not in ("empty", "boolean", "date", "web address", "coordinates")
    large = isinstance(column.maximum, int) and column.maximum >= LEAST
    return column.type == "integer" and large and column.present > 0


def recognised(column: ColumnProfile, values: Sequence[str]) -> str | None:
    """The kind of personal data that the column seems to hold; `values` are some of its distinct ones."""
    words = spoken(column.name)
    if column.type in ("date", "datetime") or column.meaning == "date":
        return BIRTH if _BIRTH.search(words) and column.present else None
    values = [bare for value in values[:SAMPLE] if (bare := value.strip())]
    if values and looked_at(column):
        number = column.type == "integer"
        for kind in KINDS:
            if _holds(kind, values, kind.hinted(words), number):
                return kind.name
    if column.meaning in BY_MEANING:
        return BY_MEANING[column.meaning]
    if column.type != "text":
        return None
    return NAME if _names(values, words) else WITHIN if _within(values) else None


def _holds(kind: Kind, values: Sequence[str], hinted: bool, number: bool) -> bool:
    test = kind.loose if hinted and kind.loose else kind.test
    wanted = kind.hinted_share if hinted else kind.share
    if number and kind.length:  # zeros in front were lost
        values = [value.zfill(kind.length) if kind.length - len(value) <= 2 else value for value in values]
    if _passing(test, values[:FIRST]) < wanted / 2 * len(values[:FIRST]):
        return False
    passed = [value for value in values if test(value)]
    enough = min(2, len(values)) if hinted else kind.needed
    if len(passed) < enough or len(passed) < wanted * len(values):
        return False
    return kind.name != "IP address" or hinted or _no_versions(passed)


def _passing(test: Callable[[str], bool], values: Sequence[str]) -> int:
    return sum(map(test, values))


def _no_versions(values: Sequence[str]) -> bool:
    """Addresses have large numbers in them; the versions of a program hardly ever do."""
    large = [value for value in values if ":" in value or any(int(part) > 99 for part in value.split("."))]
    return len(large) >= 0.6 * len(values)


def _names(values: Sequence[str], words: str) -> bool:
    """Names are told by those on a list of common ones: the column's name says how many are enough."""
    if not values or _passing(forms.name_like, values) < 0.85 * len(values):
        return False
    said = 2 if _NAMED.search(words) else 1 if _NAME.search(words) else 0
    han = _passing(forms.han_like, values) >= 0.8 * len(values)
    several = _passing(lambda value: len(value.split()) > 1, values) >= 0.5 * len(values)
    if han:
        test, share = forms.person_name, (0.8, 0.7, 0.5)[said]
    elif several:
        test, share = forms.person_name, (0.4, 0.25, 0.15)[said]
    else:
        test, share = forms.single_name, (0.7, 0.6, 0.15)[said]
    return len(values) >= (10, 8, 3)[said] and _passing(test, values) >= share * len(values)


def _within(values: Sequence[str]) -> bool:
    """Several texts of words with personal data among them, and not by chance."""
    texts = [value for value in values if len(_WORD.findall(value)) > 2]
    least = max(LEAST_TEXTS, 0.02 * len(values))
    if _passing(forms.holds_mail, texts) >= least:
        return True
    # of numbers that are none, one of ten passes by chance: most must pass, and several
    cards, numbers = forms.cards_within(texts)
    accounts, alike = forms.accounts_within(texts)
    return (cards >= 2 * least and cards > 0.5 * numbers) or (accounts >= least and accounts > 0.5 * alike)
