"""Trimming, case, and replacing values."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Column, Engine, Step
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.steps.text import ChangeCase, Replacement, ReplaceValues, TrimText
from tests.steps.tables import after, column


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def cells(engine: Engine, folder: Path, step: Step, kind: str, values: list[Any]) -> list[Any]:
    return after(step, column(kind, values), engine, folder)["x"].to_pylist()


TRIMMED = {
    " a ": "a",
    "\ta\r\n": "a",
    "a  b": "a b",
    "a \n b": "a b",
    "\u00a0a\u3000b\u2009": "a b",
    "\ufeffa\u200b": "a",
    "a\vb": "a b",
    "": "",
    "   ": "",
    "\\s+": "\\s+",
}


def test_spaces_of_every_kind_are_trimmed(engine: Engine, tmp_path: Path) -> None:
    got = cells(engine, tmp_path, TrimText(columns=("x",)), "text", [*TRIMMED, None])
    assert got == [*TRIMMED.values(), None]


def test_every_unicode_space_counts(engine: Engine, tmp_path: Path) -> None:
    spaces = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) in ("Zs", "Zl", "Zp")]
    got = cells(engine, tmp_path, TrimText(columns=("x",)), "text", [f"{space}a{space}b" for space in spaces])
    assert got == ["a b"] * len(spaces)


def test_inner_spaces_and_empty_texts_as_chosen(engine: Engine, tmp_path: Path) -> None:
    step = TrimText(columns=("x",), collapse=False, empty_is_missing=True)
    assert cells(engine, tmp_path, step, "text", [" a  b ", "  ", "", None]) == ["a  b", None, None, None]


CASES = {
    "o'hara-smith": "O'hara-Smith",
    "ANN of GREEN": "Ann Of Green",
    "isn't it": "Isn't It",
    "čapek": "Čapek",
    "éCOLE": "École",
    "ΣΊΣΥΦΟΣ": "Σίσυφοσ",
    "straße": "Straße",
    "李雷 han": "李雷 Han",
    "a.b/c (d)": "A.B/C (D)",
    "3rd place": "3rd Place",
    "": "",
    "  x": "  X",
}


def test_title_case_gives_each_word_a_capital(engine: Engine, tmp_path: Path) -> None:
    got = cells(engine, tmp_path, ChangeCase(columns=("x",), case="title"), "text", [*CASES, None])
    assert dict(zip(CASES, got[:-1], strict=True)) == CASES
    assert got[-1] is None


def test_lower_and_upper_map_letter_by_letter(engine: Engine, tmp_path: Path) -> None:
    letters = [chr(code) for code in [*range(0x20, 0x180), *range(0x370, 0x530)]]  # Latin, Greek, Cyrillic
    letters = [letter for letter in letters if len(letter.lower()) == len(letter.upper()) == 1]
    lower = cells(engine, tmp_path, ChangeCase(columns=("x",)), "text", letters)
    upper = cells(engine, tmp_path, ChangeCase(columns=("x",), case="upper"), "text", letters)
    assert lower == [letter.lower() for letter in letters]
    assert upper == [letter.upper() for letter in letters]


def replaced(*pairs: tuple[str, str | None], **parameters: Any) -> ReplaceValues:
    rows = tuple(Replacement(find=find, put=put or "", missing=put is None) for find, put in pairs)
    return ReplaceValues(columns=("x",), values=rows, **parameters)


def test_whole_cells_are_replaced_once(engine: Engine, tmp_path: Path) -> None:
    step = replaced(("a", "b"), ("b", "c"), ("n/a", None), ("", "empty"))
    got = cells(engine, tmp_path, step, "text", ["a", "b", "n/a", "", "ab", "A", None])
    assert got == ["b", "c", None, "empty", "ab", "A", None]


def test_case_may_be_ignored(engine: Engine, tmp_path: Path) -> None:
    step = replaced(("ÉCOLE", "school"), ignore_case=True)
    assert cells(engine, tmp_path, step, "text", ["école", "École", "ecole"]) == ["school", "school", "ecole"]


@pytest.mark.parametrize(
    ("kind", "values", "pair", "expected"),
    [
        ("integer", [-999, 1, None], ("-999", None), [None, 1, None]),
        ("number", [-999.0, 0.1, None], ("0.1", "1e3"), [-999.0, 1000.0, None]),
        ("boolean", [True, False, None], ("false", "true"), [True, True, None]),
        ("date", [dt.date(1900, 1, 1), None], ("1900-01-01", None), [None, None]),
        ("datetime", [dt.datetime(1900, 1, 1), None], ("1900-01-01", "2000-01-01 06:00"),
         [dt.datetime(2000, 1, 1, 6), None]),
    ],
)  # fmt: skip
def test_values_of_any_type_are_replaced(
    engine: Engine, tmp_path: Path, kind: str, values: list[Any], pair: Any, expected: list[Any]
) -> None:
    assert cells(engine, tmp_path, replaced(pair), kind, values) == expected


def test_two_ways_to_write_a_number_find_the_first(engine: Engine, tmp_path: Path) -> None:
    assert cells(engine, tmp_path, replaced(("1", "5"), ("1.0", "6")), "number", [1.0]) == [5.0]


def test_parts_are_replaced_in_their_order(engine: Engine, tmp_path: Path) -> None:
    step = replaced(("a", "b"), ("b", "c"), match="part of the text")
    assert cells(engine, tmp_path, step, "text", ["aXb", "", None]) == ["cXc", "", None]


@pytest.mark.parametrize("ignore_case", [False, True])
def test_parts_are_text_not_patterns(engine: Engine, tmp_path: Path, ignore_case: bool) -> None:
    step = replaced((".*(+[", "\\1$&"), ("\\d", "{0}"), match="part of the text", ignore_case=ignore_case)
    got = cells(engine, tmp_path, step, "text", ["x.*(+[y", "\\d5", "abc"])
    assert got == ["x\\1$&y", "{0}5", "abc"]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"values": [{"find": "a"}, {"find": "a"}]}, "list each value to find once"),
        ({"values": [{"find": "a"}, {"find": "A"}], "ignore_case": True}, "list each value to find once"),
        ({"values": [{"find": ""}], "match": "part of the text"}, "not look for an empty text"),
        ({"values": [{"find": "a", "missing": True}], "match": "part of the text"}, "not make a part"),
        ({"values": [{"find": "a", "put": "b", "missing": True}]}, "not both"),
        ({"values": []}, "at least 1 item"),
    ],
)
def test_replacements_that_cannot_be_meant_are_refused(values: dict[str, Any], rule: str) -> None:
    with pytest.raises(BadParameter, match=rule):
        ReplaceValues.build("replace_values", {"columns": ["x"], **values})


def test_a_value_must_fit_the_column() -> None:
    with pytest.raises(BadParameter, match="'many' is not a whole number"):
        replaced(("1", "many")).check((Column(name="x", type="integer"),))
    with pytest.raises(BadParameter, match="text only; 'x' is integer"):
        replaced(("1", "2"), match="part of the text").check((Column(name="x", type="integer"),))


def test_other_columns_stay(engine: Engine, tmp_path: Path) -> None:
    rows = pa.table({"x": [" a "], "y": [" a "]})
    assert after(TrimText(columns=("x",)), rows, engine, tmp_path).to_pylist() == [{"x": "a", "y": " a "}]
