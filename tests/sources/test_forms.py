"""How texts are read as values: what the quick check lets pass, the exact one lets pass too."""

from __future__ import annotations

import random
import string
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.sources.confined import connect
from core.sources.forms import UNFIT, Form, form_for, known

_LETTERS = "01234567890123456789" + "-+.,_/: eETZ" * 2 + string.printable
_BEGUN = ["", "0", "-0", "1e5", "12.5", "2024-01-31", "2024-1-3 10:00:00", "2024-01-31T10:00:00", "true"]
_BEGUN += [
    "999999999999999",
    "1,5",
    "inf",
    "nan",
    "epoch",
    "-12",
    "0x1F",
    "1E5",
    "1.0E5",
    "2024-01-31 1:00:00",
]


def _texts(many: int) -> list[str]:
    """Texts that are nearly numbers, dates and times, and some that are."""
    chance = random.Random(7)
    made = {*_BEGUN}
    for _ in range(many):
        text = list(chance.choice(_BEGUN))
        for _ in range(chance.randint(1, 4)):
            place = chance.randint(0, len(text))
            if chance.random() < 0.5:
                text.insert(place, chance.choice(_LETTERS))
            elif place < len(text):
                text[place] = chance.choice(_LETTERS)
        made.add("".join(text))
    return sorted(made)


_DOUBTED = [
    pytest.param(form, id=f"{form.name}, decimal {mark}")
    for mark in ".,"
    for form in known(mark)
    if form.doubt
]


@pytest.mark.parametrize("form", _DOUBTED)
def test_no_value_is_lost_that_the_quick_check_lets_pass(tmp_path: Path, form: Form) -> None:
    texts = pa.table({"c": [*_texts(30_000), None]})
    quick = form.doubt.format(c="c", v="v")
    with closing(connect(tmp_path)) as connection:
        connection.register("texts", texts)
        relation = f"(SELECT c, {form.cast('c')} AS v FROM texts)"
        passed = f"c IS NULL OR (v IS NOT NULL AND NOT ({quick}))"
        wrong = connection.execute(f"SELECT c FROM {relation} WHERE ({passed}) AND NOT {form.good('c', 'v')}")
        assert wrong.fetchall() == []
        settled = connection.execute(f"SELECT count(*) FROM {relation} WHERE {passed}").fetchone()
        assert settled[0] > 1  # the check is no refusal of everything
        good = connection.execute(f"SELECT c FROM {relation} WHERE {form.good('c', 'v')}").fetchall()
        values = connection.execute(
            f"SELECT count({form.checked('c', 'v')}) FROM {relation} WHERE {form.good('c', 'v')}"
        ).fetchone()
        assert values[0] == sum(1 for (text,) in good if text is not None and text.strip(" "))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("integer", "007"),
        ("number", " 007.5"),
        ("number", "1_000.5"),
        ("date", "epoch"),
        ("datetime", "2024-01-31 10:00:0Z"),
        ("datetime", "2024-01-31 10:00: 9"),
        ("boolean", "yes"),
    ],
)
def test_what_would_be_lost_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    form = next(form for form in known() if form.name == name)
    cast = f"SELECT c, {form.cast('c')} AS v FROM (SELECT $1 AS c)"
    query = f"SELECT {form.checked('c', 'v')} FROM ({cast})"
    with closing(connect(tmp_path)) as connection, pytest.raises(duckdb.Error, match=UNFIT):
        connection.execute(query, [text]).fetchall()


def test_a_chosen_type_is_taken_more_widely(tmp_path: Path) -> None:
    chosen = form_for("integer")
    with closing(connect(tmp_path)) as connection:
        row = connection.execute(f"SELECT {chosen.cast('c')} FROM (SELECT ' 007' AS c)").fetchone()
    assert row == (7,)
