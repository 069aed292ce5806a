"""The ends of a range, typed exactly or moved on a slider from the least to the greatest value."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.contracts import ColumnType
from core.ordinal import from_text, to_value
from ui import state
from ui.text import t

Ends = tuple[float | None, float | None]  # None: open
_DAY = 86_400
HELP = {
    "date": "A day, such as 2024-03-31; empty: open.",
    "datetime": "A day that is in, such as 2024-03-31, or a moment, such as 2024-03-31 18:30; empty: open.",
}
NUMBER = "A number, such as 12 or 0.5; empty: open."


def ends(kind: ColumnType, column: str, whole: tuple[float, float], one: Mapping[str, Any], key: str) -> Ends:
    """The chosen ends of a range of a column whose values lie in `whole`; None where it is left open.

    What is typed counts, and the slider follows it as far as it goes; moving the slider types its ends.
    """
    scale = _Scale(kind, whole)
    low, high, slider = f"{key}.low", f"{key}.high", f"{key}.range"
    if slider not in st.session_state or low not in st.session_state:
        state.put(low, scale.text(one.get("low")))
        state.put(high, scale.text(one.get("high"), last=True))
        state.put(slider, scale.places(one.get("low"), one.get("high")))
    st.slider(
        t("Range of {column}", column=column), scale.least, scale.most, step=scale.step, key=slider,
        format=scale.format, on_change=partial(_moved, scale, key),
    )  # fmt: skip
    first, last = st.columns(2)
    about, turned = t(HELP.get(kind, NUMBER)), partial(_typed, scale, key)
    typed = (
        first.text_input(t("From"), key=low, placeholder=scale.text(whole[0]), on_change=turned, help=about),
        last.text_input(
            t("To"), key=high, placeholder=scale.text(whole[1], last=True), on_change=turned, help=about
        ),
    )
    for text in typed:
        if text.strip() and scale.value(text) is None:
            st.warning(t("{text} is not read as an end of this range: it is left open.", text=text[:40]))
    found = scale.value(typed[0]), scale.value(typed[1], last=True)
    if found[0] is not None and found[1] is not None and found[0] > found[1]:
        st.warning(t("The first end lies above the last one: no row is in this range."))
    return found


def _moved(scale: _Scale, key: str) -> None:
    """The slider was moved: its ends are typed; at the ends of the whole range nothing is."""
    a, b = state.get(f"{key}.range")
    before = scale.places(*_read(scale, key))
    if a != before[0]:  # what was typed for the other end stays as exact as it is
        state.put(f"{key}.low", "" if a <= scale.least else scale.said(a))
    if b != before[1]:
        state.put(f"{key}.high", "" if b >= scale.most else scale.said(b))


def _typed(scale: _Scale, key: str) -> None:
    state.put(f"{key}.range", scale.places(*_read(scale, key)))


def _read(scale: _Scale, key: str) -> Ends:
    return scale.value(state.get(f"{key}.low")), scale.value(state.get(f"{key}.high"), last=True)


class _Scale:
    """The slider's steps, and how its ends are written and read."""

    def __init__(self, kind: ColumnType, whole: tuple[float, float]) -> None:
        self.kind = kind
        low, high = whole
        self.least: Any
        self.most: Any
        self.step: Any = None
        self.format: str | None = None
        if kind in ("date", "datetime"):
            self.least, self.most = self._day(low), self._day(high)
            if self.most <= self.least:  # a slider needs two days
                self.most = self.least + dt.timedelta(days=1)
        elif kind == "integer" and max(abs(low), abs(high)) < 2**53:
            self.least, self.most, self.step = int(low), int(high), 1
        else:  # whole steps, so that a round number can be reached
            self.step = 10.0 ** math.floor(math.log10((high - low) / 500))
            self.least = float(math.floor(low / self.step) * self.step)
            self.most = float(math.ceil(high / self.step) * self.step)
            self.format = "%.6g"

    def places(self, low: float | None, high: float | None) -> tuple[Any, Any]:
        """Where the ends stand on the slider: another version may have other values."""
        a = self.least if low is None else self._place(low)
        b = self.most if high is None else self._place(high, last=True)
        a = min(max(self.least, a), self.most)
        return a, min(max(a, b), self.most)

    def _place(self, value: float, *, last: bool = False) -> Any:
        if self.kind in ("date", "datetime"):  # that day is in, the next is not
            return self._day(value - _DAY if self.kind == "datetime" and last and not value % _DAY else value)
        return type(self.least)(value)

    def said(self, place: Any) -> str:
        """A place of the slider as it is typed."""
        return place.isoformat() if isinstance(place, dt.date) else _number(float(place))

    def text(self, value: float | None, *, last: bool = False) -> str:
        """An end as it is typed; the last moment of a day is that day."""
        if value is None:
            return ""
        if self.kind not in ("date", "datetime"):
            return _number(value)
        if self.kind == "datetime" and not value % _DAY:
            return str(to_value("datetime", value - _DAY if last else value))[:10]
        return str(to_value(self.kind, value)).replace("T", " ")[: 10 if self.kind == "date" else 19]

    def value(self, text: str | None, *, last: bool = False) -> float | None:
        """What was typed as an end; None where nothing was, or what cannot be read."""
        text = (text or "").strip()
        try:
            if not text:
                return None
            if self.kind not in ("date", "datetime"):
                found = float(text.replace("_", "x"))  # what Python takes for a digit, people do not
                return found if math.isfinite(found) else None
            moment = dt.datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                return None
            found = from_text(self.kind, text)
            whole = len(text) <= 10 and self.kind == "datetime" and last
            return math.floor(found) if self.kind == "date" else found + _DAY if whole else found
        except ValueError:
            return None

    def _day(self, value: float) -> dt.date:
        text = str(to_value(self.kind, value))[:10]
        try:
            return dt.date.fromisoformat(text)
        except ValueError:  # before the year 1 or after 9999
            return dt.date.min if value < 0 else dt.date.max


def _number(value: float) -> str:
    """The shortest text that is this number again."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(float(value))
