"""A number before a word: one row, two rows."""

from __future__ import annotations

import re

from tests.ui import strings

NOUNS = (
    "rows", "columns", "values", "days", "countries", "names", "cells", "cohorts", "marks", "candles",
    "findings", "looks", "groups", "categories", "parts", "points", "tables", "filters", "charts", "tiles",
)  # fmt: skip
# bounds and wholes: what stands there is never one
SEVERAL = {"most", "least", "points", "limit", "needed", "all", "total", "looked", "tried", "parts", "steps"}
NUMBER = r"\{(?P<name>\w+)(?::[^{}]*)?\}\*{0,2}"
COUNTED = re.compile(rf"{NUMBER} (?:more |different |other )?(?:{'|'.join(NOUNS)})\b")
# files, searches and refusals: what they count is many, or the sentence would not be said
OF_MANY = (
    "core/sources", "core/engine", "core/features", "core/profile", "core/findings", "core/steps",
    "core/reasons", "core/judging",
)  # fmt: skip
# said only where there are more than so many, or of a part of a larger whole
NEVER_ONE = (
    "A result of up to {rows", "Drawn from the first {rows", "How many different values {count} columns",
    "How many values {count} columns", "Left aside for a missing", "Measured on {rows",
    "Of the {compared}", "Pairs of {count}", "Read all {count}", "The first {shown} of", "The small pictures",
    "The values of {column} shown", "Tried on the first", "{count} columns side by side",
    "{matched:,} of the", "{name}: {matched:,} of", "{part}: {count:,} of", "{right:,} of",
    "{rows:,} rows; a typical number", "{title}, {rows} rows evenly", "{used:,} rows, evenly",
    "{value}, the most frequent of",
)  # fmt: skip


def test_a_counted_word_has_a_form_for_one() -> None:
    texts = {**strings.on_screens(), **strings.of_members(), **strings.of_core()}
    odd = [
        f"{where}: {text}"
        for text, where in texts.items()
        if " | " not in text and not where.startswith(OF_MANY) and not text.startswith(NEVER_ONE)
        and any(found["name"] not in SEVERAL for found in COUNTED.finditer(text))
    ]  # fmt: skip
    assert not odd, "write 'one form | the other', or put a note with both forms in as a value"


def test_one_is_said_as_one() -> None:
    """Every text with two forms: the first has no plural beside its count, the second no singular."""
    texts = {**strings.on_screens(), **strings.of_members(), **strings.of_core()}
    both = [text for text in texts if " | " in text]
    assert len(both) > 100
    for text in both:
        one, many = text.split(" | ")
        told = [found["name"] for found in COUNTED.finditer(one) if found["name"] == "count"]
        assert not told, text
        assert set(re.findall(r"{(\w+)", one)) <= set(re.findall(r"{(\w+)", many)), text
