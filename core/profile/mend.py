"""The steps that mend what a profile found, as JSON: the recipe builds and checks them."""

from __future__ import annotations

from collections.abc import Sequence

from core.contracts import Json
from core.profile.facts import Look

Fix = dict[str, Json]


def change_type(column: str, to: str) -> Fix:
    return {"kind": "change_type", "columns": [column], "to": to}


def trim_text(columns: Sequence[str]) -> Fix:
    return {"kind": "trim_text", "columns": list(columns)}


def drop_columns(columns: Sequence[str]) -> Fix:
    return {"kind": "drop_columns", "columns": list(columns)}


def drop_duplicates() -> Fix:
    return {"kind": "drop_duplicates"}


def fill_missing(column: str, method: str) -> Fix:
    return {"kind": "fill_missing", "columns": [column], "method": method}


def clip_outliers(column: str) -> Fix:
    return {"kind": "clip_outliers", "columns": [column]}


def blank_to_missing(columns: Sequence[str]) -> Fix:
    return {"kind": "blank_to_missing", "columns": list(columns)}


def same_case(column: str) -> Fix:
    return {"kind": "change_case", "columns": [column], "case": "title"}


def dates_from_text(column: str, look: Look) -> tuple[Fix, int]:
    """The step that reads the dates of a text column, and how many values it surely reads right.

    None when day and month cannot be told apart, or when the column mixes its ways of writing.
    """
    formats = {"year first": look.iso, "day first": look.day_first, "month first": look.month_first}
    best = max(formats, key=lambda name: formats[name])
    valid = formats[best]
    if best != "year first" and look.day_first == look.month_first:
        valid = 0
    return {"kind": "parse_dates", "columns": [column], "order": best}, valid
