"""The period that marks lie in, and how whole years, months and days are called."""

from __future__ import annotations

import datetime as dt

import pytest

from core import examples
from core.ordinal import from_text, spanned
from core.period import dated, period
from core.selection import Mark, Selection
from core.within import Within


def mark(*parts: Within) -> Mark:
    return Mark(parts=parts)


JANUARY, MARCH = (Within(column="day", low=low, high=high) for low, high in ((0, 31), (59, 90)))
NORTH = Within(column="region", values=("North",))
CHEAP = Within(column="price", low=0, high=10)
FROM_5 = Within(column="price", low=5)
DEAR = Within(column="price", low=90, high=100, closed=True)


@pytest.mark.parametrize(
    ("marks", "wanted"),
    [
        ((mark(JANUARY, NORTH),), (JANUARY,)),
        ((mark(JANUARY), mark(MARCH, NORTH)), (Within(column="day", low=0, high=90),)),
        ((mark(JANUARY, CHEAP),), (JANUARY,)),  # a period of time before a range of numbers
        ((mark(CHEAP), mark(DEAR)), (Within(column="price", low=0, high=100, closed=True),)),
        ((mark(FROM_5), mark(DEAR)), (FROM_5,)),
        ((mark(FROM_5), mark(Within(column="price", high=9))), None),
        ((mark(JANUARY), mark(NORTH)), None),
        ((mark(NORTH),), None),
        ((mark(CHEAP.model_copy(update={"outside": True})),), None),
        ((), None),
    ],
)  # fmt: skip
def test_the_range_that_all_marks_lie_in(marks: tuple[Mark, ...], wanted: tuple[Within, ...] | None) -> None:
    found = period(Selection(marks=marks), examples.COLUMNS)
    assert found == (None if wanted is None else Selection.of(*wanted))


def test_what_is_left_out_lies_in_no_period() -> None:
    chosen = Selection.of(JANUARY)
    assert period(chosen.inverted(), examples.COLUMNS) is None
    assert dated(chosen, examples.COLUMNS)
    assert not dated(Selection.of(CHEAP), examples.COLUMNS)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("2024-01-01", "2025-01-01", "2024"), ("2024-04-01", "2024-07-01", "2024 Q2"),
        ("2024-12-01", "2025-01-01", "2024-12"), ("2024-02-29", "2024-03-01", "2024-02-29"),
        ("2024-02-29 13:00", "2024-02-29 14:00", "2024-02-29 13:00"),
        ("2024-02-29 13:05", "2024-02-29 13:06", "2024-02-29 13:05"),
        ("2024-02-01", "2025-02-01", None),
        ("2024-02-01", "2024-05-01", None), ("2024-01-01", "2024-03-01", None),
        ("2024-02-29 13:30", "2024-02-29 14:30", None), ("2024-02-29", "2024-02-29", None),
    ],
)  # fmt: skip
def test_whole_steps_are_called_by_their_name(low: str, high: str, said: str | None) -> None:
    assert spanned("datetime", from_text("datetime", low), from_text("datetime", high)) == said
    if dt.datetime.fromisoformat(low).hour == 0 == dt.datetime.fromisoformat(high).hour:
        assert spanned("date", from_text("date", low), from_text("date", high)) == said


def test_numbers_and_far_years_have_no_such_name() -> None:
    assert spanned("number", 0, 31) is None
    assert spanned("date", -1e9, -1e9 + 1) is None
