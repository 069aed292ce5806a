"""Notes: sentences with values that come back from JSON as they went, and reasons read back from text."""

from __future__ import annotations

import json

import pytest

from core.contracts import Account
from core.errors import BadInput
from core.reasons import FEATURES, read
from core.wording import Note, either, few, note, told


def test_a_note_comes_back_from_json_with_the_notes_inside_it() -> None:
    said = note("{name} was left out: {why}.", name="a{b}", why=note("it has {n:,} values", n=1200))
    back = Note.model_validate(json.loads(said.model_dump_json()))
    assert back == said
    assert isinstance(back.values["why"], Note)
    assert str(back) == "a{b} was left out: it has 1,200 values."


def test_a_plain_text_is_a_note_and_never_a_template() -> None:
    account = Account(rows_in=1, rows=1, refused=0, columns=(), notes=("a {column} called {0}",))  # type: ignore[arg-type]
    assert [str(one) for one in account.notes] == ["a {column} called {0}"]


def test_a_template_reaches_nothing_but_its_values() -> None:
    assert str(note("{x.__class__} {y}", x=1)) == "{x.__class__} {y}"


def test_one_is_said_otherwise_than_many() -> None:
    template = "{count:,} row is new | {count:,} rows are new"
    assert [str(note(template, count=n)) for n in (1, 2)] == ["1 row is new", "2 rows are new"]


def test_names_in_a_row() -> None:
    assert str(note("{names}", names=few(["a", "b"]))) == "a, b"
    assert str(note("{names}", names=few(list("abcdefg")))) == "a, b, c, d, e and 2 more"
    assert str(either(["a", "b", "c"])) == "a or b or c"


def test_an_error_is_kept_with_its_hint() -> None:
    error = BadInput("{name!r} holds {{ no rows.", hint="Choose another.", name="x")
    assert str(told(error)) == str(error) == "'x' holds { no rows. Choose another."


@pytest.mark.parametrize(
    ("text", "template", "values"),
    [
        ("3 fields where 2 were expected", "{count} fields where {width} were expected", ["3", "2"]),
        (
            "a: b: 'x' is no y' is no integer",
            "{column}: {value} is no {type}",
            ["a: b", "'x' is no y'", "integer"],
        ),
        ("longer than 16,777,216 bytes", "longer than {limit} bytes", ["16,777,216"]),
        ("no JSON: Extra data at character 7", "no JSON: {reason}", ["Extra data at character 7"]),
    ],
)  # fmt: skip
def test_a_reason_is_read_back(text: str, template: str, values: list[str]) -> None:
    known = read(text)
    assert known is not None
    assert (known.template, list(known.values.values())) == (template, values)
    assert str(known) == text


def test_what_is_not_known_stays_as_it_is() -> None:
    assert read("price") is None
    assert read("price", FEATURES) is None
    assert str(read("price is missing", FEATURES)) == "price is missing"


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"name": "1", "rows": 1}, "1: 1 row"), ({"name": "1", "rows": 2}, "1: 2 rows"),
     ({"name": "a", "rows": "1"}, "a: 1 row"), ({"name": "a", "rows": "1,200"}, "a: 1,200 rows")],
)  # fmt: skip
def test_the_first_number_of_a_sentence_chooses_its_form(values: dict[str, object], expected: str) -> None:
    assert str(note("{name}: {rows} row | {name}: {rows} rows", **values)) == expected
