"""How the values in a text's cells are written: decimal sign, thousands mark, and the order of dates."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.contracts import Json

_DAY_MONTH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}(\D.*)?")
_MARKED = re.compile(r"\d[\d.,]*")


def number_marks(rows: Sequence[Sequence[str]]) -> dict[str, Json]:
    """Decimal sign and thousands mark, where the cells leave no doubt."""
    both_comma = both_point = comma = point = 0
    # whether there are any is asked, not how many: each cell once, and only those with such a mark
    for cell in {cell for row in rows for cell in row if "." in cell or "," in cell}:
        text = cell.strip().lstrip("-+")
        if not _MARKED.fullmatch(text):
            continue
        if "," in text and "." in text:
            both_comma += bool(re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+", text))
            both_point += bool(re.fullmatch(r"\d{1,3}(,\d{3})+\.\d+", text))
        elif re.fullmatch(r"\d+,\d+", text):
            comma += not re.fullmatch(r"[1-9]\d{0,2},\d{3}", text)
        elif re.fullmatch(r"\d+\.\d+", text):
            point += not re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text)
    if both_comma and not both_point and not point:
        return {"decimal": ",", "thousands": "."}
    if both_point and not both_comma and not comma:
        return {"decimal": ".", "thousands": ","}
    if comma and not point and not both_point:
        return {"decimal": ",", "thousands": "none"}
    return {"decimal": ".", "thousands": "none"}


def date_order(rows: Sequence[Sequence[str]]) -> str:
    """Which comes first in 31/12/2024, where some date in the rows can only be read one way."""
    day = month = False
    for column in zip(*rows, strict=False):
        found = [
            match
            for cell in column
            if not cell[:1].isalpha() and (match := _DAY_MONTH.fullmatch(cell.strip()))
        ]
        day = day or any(int(match[1]) > 12 >= int(match[2]) for match in found)
        month = month or any(int(match[2]) > 12 >= int(match[1]) for match in found)
    if day == month:
        return "unclear"
    return "day first" if day else "month first"
