"""Times of day as people write them, as RE2 patterns: hour, minute, second and half of the day."""

from __future__ import annotations

from typing import Literal

Form = Literal["24 hours", "12 hours", "minutes"]
_HALF = r"[\s\p{Z}]*([ap])\.?[\s\p{Z}]?m\b\.?"
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
# behind a colon one letter is enough: "7:10p", "7:10p Dec 1", "7:10pDec 1"
_LETTER = rf"[\s\p{{Z}}]*([ap])(?:\.?[\s\p{{Z}}]?m\b\.?|\b|{_MONTH})"
# "7:10", "07:10:30", "7:10 a.m.", "7：10pm": minutes behind a colon, with or without half of the day
COLON = (
    rf"(?i)(?:^|[^0-9:.：])([0-9]{{1,2}})[:：]([0-5][0-9])(?:[:：]([0-5][0-9])(?:\.[0-9]+)?)?(?:{_LETTER})?"
    r"(?:[^0-9:：]|$)"
)
# "7 pm", "7.10 p.m.": half of the day says that it is a time
HALVED = rf"(?i)(?:^|[^0-9:.])([0-9]{{1,2}})(?:\.([0-5][0-9]))?(){_HALF}(?:[^0-9]|$)"
