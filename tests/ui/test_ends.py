"""The ends of a range as they are typed, on the slider, and in the condition."""

from __future__ import annotations

import datetime as dt

import pytest

from core.contracts import ColumnType
from core.ordinal import from_text
from ui.ends import _Scale

DAYS = (from_text("date", "2024-01-01"), from_text("date", "2024-12-31"))
MOMENTS = (from_text("datetime", "2024-01-01"), from_text("datetime", "2024-12-31 18:00"))


@pytest.mark.parametrize(
    ("kind", "whole", "text", "value"),
    [
        ("number", (0.0, 9.0), "1.75", 1.75),
        ("number", (0.0, 9.0), " -1e3 ", -1000.0),
        ("number", (0.0, 9.0), "0.1", 0.1),
        ("integer", (0.0, 9.0), "7", 7.0),
        ("date", DAYS, "2024-03-31", from_text("date", "2024-03-31")),
        ("datetime", MOMENTS, "2024-03-31 18:30:00", from_text("datetime", "2024-03-31 18:30")),
    ],
)
def test_an_end_is_read_as_it_is_typed_and_written_so_again(
    kind: ColumnType, whole: tuple[float, float], text: str, value: float
) -> None:
    scale = _Scale(kind, whole)
    assert scale.value(text) == value
    assert scale.value(scale.text(value)) == value


def test_the_last_day_of_moments_is_in() -> None:
    scale, next_day = _Scale("datetime", MOMENTS), from_text("datetime", "2024-04-01")
    assert scale.value("2024-03-31", last=True) == next_day
    assert scale.text(next_day, last=True) == "2024-03-31"
    assert scale.places(None, next_day)[1] == dt.date(2024, 3, 31)
    assert scale.value("2024-03-31") == from_text("datetime", "2024-03-31")


@pytest.mark.parametrize("text", ["", "  ", "1,5", "1_000", "inf", "nan", "x", None])
def test_what_is_no_number_leaves_the_end_open(text: str | None) -> None:
    assert _Scale("number", (0.0, 9.0)).value(text) is None
    assert _Scale("date", DAYS).value(text) is None


def test_the_slider_follows_as_far_as_it_goes() -> None:
    scale = _Scale("number", (0.5, 9.4))
    assert scale.places(None, None) == (scale.least, scale.most)
    assert scale.places(-5.0, 1e6) == (scale.least, scale.most)
    assert scale.places(3.0, 2.0) == (3.0, 3.0)
    assert scale.least <= 0.5
    assert scale.most >= 9.4
