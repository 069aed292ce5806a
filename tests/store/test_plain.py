"""Whatever a record or an event holds, it is written as strict JSON on one line."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from core.store.plain import encode


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"a": float("nan"), "b": [float("-inf"), 1.5]}, {"a": None, "b": [None, 1.5]}),
        ((1, {2}), [1, [2]]),
        ({1: True, None: 0}, {"1": True, "None": 0}),
        (np.float32(0.5), 0.5),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([np.nan]), [None]),
        (np.bool_(True), True),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00"),
        ("line\nbreak \u2028 \ud800 \0", "line\nbreak \u2028 \ud800 \0"),
        (2**70, 2**70),
    ],
)
def test_values_come_back_as_json_can_say_them(value: object, read: object) -> None:
    text = encode(value)
    assert "\n" not in text
    assert text.isascii()
    assert json.loads(text, parse_constant=pytest.fail) == read


def test_numbers_keep_all_their_digits() -> None:
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0]
    assert json.loads(encode(numbers)) == numbers
