"""What an address may hold: it is anybody's text."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from core.errors import BadParameter
from core.selection import Selection
from core.within import Within
from ui import behind, state


def packed(document: Any) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


@pytest.mark.parametrize("text", ["[" * 200_000, '["\\ud800"]', '{"\\udfff": 1}', "{", "", "1" * 5_000])
def test_what_is_no_json_that_can_be_shown_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each reader catches just that
        state.document(text)


def test_the_json_of_an_address_is_read() -> None:
    assert state.document('{"a": ["\\ud83d\\ude00", 1.5]}') == {"a": ["\U0001f600", 1.5]}


def test_selections_are_read_back() -> None:
    north = Selection.of(Within(column="region", values=("North",)))
    assert behind.unpack(behind.pack([north, Selection(exclude=True)])) == (north, Selection(exclude=True))


@pytest.mark.parametrize(
    "document",
    [
        "[" * 200_000,
        '[{"marks": [{"parts": [{"column": "a", "values": ["\\ud800"]}]}]}]',
        [{"exclude": True}] * 2_000,
        [{"marks": [{"parts": [{"column": "a", "missing": True}] * 40}] * 300}] * 2,
        {"marks": []},
    ],
)
def test_a_short_address_asks_for_no_long_work(document: Any) -> None:
    text = packed(document)
    assert len(text) < behind.LINK
    with pytest.raises(BadParameter):
        behind.unpack(text)
