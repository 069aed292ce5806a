"""What a column means, beyond its storage type: an identifier, a category, a date, free text ..."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.meanings import MEANINGS
from core.profile.facts import ColumnProfile, Look, Meaning

CERTAIN = 0.95  # share of the present values that must look alike
LIKELY = 0.8  # the same where a look is hardly anything else's: what is left may be invalid
CATEGORIES = 50  # distinct values that are always categories, however few the rows
_PLAIN_ID = re.compile(
    r"(?:^|[\W_])(?:id|ids|key|code|uuid|guid|no|nr|num|number|row|rowid|index|serial|sku|zip|postcode|plz)\d*$"
    r"|编号|序号|号码"
)
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID|Key)$")
Mostly = Callable[..., bool]
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
        if _hinted("postcode", column) and 1_000 <= high <= 9_999_999 and low >= 0:
            return "postcode"
        if _hinted("phone", column) and high >= 10**6 and low >= 0:
            return "phone"
        if unique and column.present >= 10:
            counted = high - low < 1.5 * column.present  # 1, 2, 3 ... with few holes
            if named_as_identifier(column.name) or (counted and column.present >= 100):
                return "identifier"
        if _YEAR_NAME.search(column.name) and low >= 1000 and high <= 2500:
            return "year"
    return _measured(column)


def _measured(column: ColumnProfile) -> Meaning:
    """Numbers that the name and the middle half of the values say are shares, places on Earth or money."""
    if column.quartiles is None:
        return "number"
    first, _, third = column.quartiles
    places: tuple[Meaning, ...] = ("latitude", "longitude")
    for place in places:
        limit = MEANINGS[place].high or 0
        if column.type == "number" and _hinted(place, column) and -limit <= first and third <= limit:
            return place
    if _hinted("percent", column) and first >= -100 and third <= 100:
        return "percent"
    if _hinted("amount", column) and column.cents:
        return "amount"
    return "number"


def _hinted(meaning: str, column: ColumnProfile) -> bool:
    return MEANINGS[meaning].hinted(column.name)


def _text(column: ColumnProfile, look: Look, unique: bool) -> Meaning:
    present = look.rows - look.blank
    if present <= 0:
        return "category"

    def mostly(count: int, share: float = CERTAIN) -> bool:
        return count >= share * present

    if mostly(look.email, LIKELY):
        return "e-mail"
    if mostly(look.link, LIKELY):
        return "web address"
    if mostly(look.truth) and column.distinct <= 4:
        return "boolean"
    if mostly(max(look.iso, look.day_first, look.month_first), LIKELY):
        return "date"
    written = _written(column, look, mostly)
    if written is not None:
        return written
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


def _written(column: ColumnProfile, look: Look, mostly: Mostly) -> Meaning | None:
    """Meanings that show in how values are written; where that is not enough, the name must agree."""
    if mostly(look.point, LIKELY) and look.comma < 0.5 * look.point:  # "48,5" is a number
        return "coordinates"
    if mostly(look.lettered, LIKELY) or (_hinted("postcode", column) and mostly(look.postal, LIKELY)):
        return "postcode"
    if mostly(look.phone, LIKELY) and (_hinted("phone", column) or look.phone >= 2 * look.digits):
        return "phone"
    if mostly(look.country, LIKELY) or (
        _hinted("country", column) and mostly(look.country + look.code, LIKELY)
    ):
        return "country"
    numbers = max(look.numeric + look.formatted, look.comma + look.whole)
    if look.percent and mostly(look.percent + look.numeric, LIKELY) and mostly(look.percent, 0.5):
        return "percent"
    if look.money and mostly(max(look.money, numbers), LIKELY) and mostly(look.money, 0.5):
        return "amount"
    return None
