"""What a column means, beyond its storage type: an identifier, a category, a date, free text ..."""

from __future__ import annotations

import re

from core.profile.facts import ColumnProfile, Look, Meaning

CERTAIN = 0.95  # share of the present values that must look alike
CATEGORIES = 50  # distinct values that are always categories, however few the rows
_PLAIN_ID = re.compile(
    r"(?:^|[\W_])(?:id|ids|key|code|uuid|guid|no|nr|num|number|row|rowid|index|serial|sku|zip|postcode|plz)\d*$"
    r"|编号|序号|号码"
)
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID|Key)$")
_YEAR_NAME = re.compile(r"year|jahr|année|año|anno|年", re.IGNORECASE)


def named_as_identifier(name: str) -> bool:
    folded = name.casefold()
    return bool(_PLAIN_ID.search(folded) or _CAMEL_ID.search(name))


def meaning_of(column: ColumnProfile, unique: bool) -> Meaning:
    """The column's meaning; `unique` says that none of its values stands in two rows."""
    if column.present == 0:
        return "empty"
    if column.distinct == 1 and column.infinite == 0:
        return "constant"
    if column.type == "boolean":
        return "boolean"
    if column.type in ("date", "datetime"):
        return "date"
    if column.type == "text" and column.look is not None:
        return _text(column, column.look, unique)
    return _number(column, unique)


def _number(column: ColumnProfile, unique: bool) -> Meaning:
    low, high = column.minimum, column.maximum
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return "number"
    if column.distinct == 2 and (low, high) == (0, 1):
        return "boolean"
    if column.type == "integer":
        if unique and column.present >= 10:
            counted = high - low < 1.5 * column.present  # 1, 2, 3 ... with few holes
            if named_as_identifier(column.name) or (counted and column.present >= 100):
                return "identifier"
        if _YEAR_NAME.search(column.name) and low >= 1000 and high <= 2500:
            return "year"
    return "number"


def _text(column: ColumnProfile, look: Look, unique: bool) -> Meaning:
    present = look.rows - look.blank
    if present <= 0:
        return "category"

    def mostly(count: int) -> bool:
        return count >= CERTAIN * present

    if mostly(look.email):
        return "e-mail"
    if mostly(look.link):
        return "web address"
    if mostly(look.truth) and column.distinct <= 4:
        return "boolean"
    if mostly(look.iso) or mostly(max(look.day_first, look.month_first)):
        return "date"
    if mostly(max(look.numeric + look.formatted, look.comma + look.whole)):
        return "number"
    repeated = column.distinct <= 0.5 * column.present
    if (
        column.present >= 10
        and not look.spaced
        and (unique or (named_as_identifier(column.name) and not repeated))
    ):
        return "identifier"
    if mostly(look.coded) and not repeated:
        return "identifier"
    if (column.distinct <= CATEGORIES and repeated) or (repeated and (look.longest or 0) <= 80):
        return "category"
    if column.present < 10 and (look.longest or 0) <= 80:
        return "category"
    return "free text"
