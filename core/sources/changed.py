"""What is said of values that a stored column cannot hold as they were, with how many they are."""

from __future__ import annotations

from collections.abc import Callable

from core.wording import Note, note

Said = Callable[[str, int], Note]  # of a column, and of so many of its values


def beyond(column: str, count: int) -> Note:
    return note(
        "{column}: {count:,} number is beyond what a number column holds, so the column stays text"
        " | {column}: {count:,} numbers are beyond what a number column holds, so the column stays text",
        column=column,
        count=count,
    )


def rounded(column: str, count: int) -> Note:
    return note(
        "{column}: {count:,} number was rounded: it has more digits than a number keeps"
        " | {column}: {count:,} numbers were rounded: they have more digits than a number keeps",
        column=column,
        count=count,
    )


def no_number(column: str, count: int) -> Note:
    return note(
        "{column}: {count:,} value is no number (NaN) and was read as missing"
        " | {column}: {count:,} values are no numbers (NaN) and were read as missing",
        column=column,
        count=count,
    )


def too_fine(column: str, count: int) -> Note:
    return note(
        "{column}: {count:,} time is finer than a millionth of a second and was stored to that"
        " | {column}: {count:,} times are finer than a millionth of a second and were stored to that",
        column=column,
        count=count,
    )


def infinite(column: str, count: int) -> Note:
    return note(
        "{column}: {count:,} value is infinite, which no date is, and was read as missing"
        " | {column}: {count:,} values are infinite, which no date is, and were read as missing",
        column=column,
        count=count,
    )
