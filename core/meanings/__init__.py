"""What columns mean beyond their storage type, and which of their values are valid for that.

kind = MEANINGS["e-mail"]
kind.test(column)                            # SQL: true of valid values
rows(column, "e-mail", "invalid")            # SQL: the rows behind a part of a header's bar
"""

from __future__ import annotations

from typing import Any, Literal

from core import sql
from core.contracts import Column
from core.meanings import patterns
from core.meanings.countries import CODES, COUNTRY, NAMES
from core.meanings.kind import TYPES, Kind, Part, empty

__all__ = ["LOOKED_FOR", "MEANINGS", "Judged", "Kind", "Part", "empty", "rows"]

# the meanings that tell valid values from invalid ones
Judged = Literal[
    "number", "amount", "percent", "year", "latitude", "longitude", "coordinates", "boolean", "date",
    "e-mail", "web address", "phone", "postcode", "country",
]  # fmt: skip

_DECLARED = (
    Kind("number", ("text", "integer", "number"), f"{patterns.NUMBER}|{patterns.MONEY}|{patterns.PERCENT}"),
    Kind(
        "amount", ("text", "integer", "number"), f"{patterns.NUMBER}|{patterns.MONEY}",
        hint=r"\b(?:prices?|amounts?|costs?|revenues?|salar(?:y|ies)|fees?|fares?|income|payments?|budget|"
        r"turnover|wages?|usd|eur|gbp|preis|betrag|prix|montant|precio|importe)\b|价格|金额|单价|工资|收入|费用",
    ),
    Kind(
        "percent", ("text", "integer", "number"), f"{patterns.NUMBER}|{patterns.PERCENT}",
        hint=r"\b(?:percent|percentage|pct|prozent|pourcentage)\b|百分|占比",
    ),
    Kind("year", ("integer",), low=1000, high=2500),
    Kind(
        "latitude", ("number",), low=-90, high=90, hint=r"\b(?:lat|latitude|breite(?:ngrad)?)\b|纬度",
    ),
    Kind(
        "longitude", ("number",), low=-180, high=180,
        hint=r"\b(?:lon|lng|long|longitude|länge(?:ngrad)?)\b|经度",
    ),
    Kind("coordinates", ("text",), patterns.COORDINATES),
    Kind("boolean", ("text", "boolean", "integer"), patterns.BOOLEAN, low=0, high=1),
    Kind("date", ("text", "date", "datetime"), patterns.DATE),
    Kind("e-mail", ("text",), patterns.EMAIL),
    Kind("web address", ("text",), patterns.URL),
    Kind(
        "phone", ("text", "integer"), patterns.PHONE, whole=True,
        hint=r"\b(?:phones?|telephone|tel|mobile|cell|cellphone|fax|telefon|téléphone|teléfono|handy)\b"
        r"|phone|电话|手机|传真",
    ),
    Kind(
        "postcode", ("text", "integer"), patterns.POSTCODE, whole=True,
        hint=r"\b(?:zip|zips|zipcode|postcode|postcodes|postal|plz|postleitzahl|pincode|eircode|cep)\b|邮编|邮政编码",
    ),
    Kind(
        "country", ("text",), COUNTRY,
        hint=r"\b(?:country|countries|nation|nationality|land|pays|país|pais|citizenship)\b|国家|国籍",
    ),
    Kind("category", TYPES),
    Kind("identifier", TYPES),
    Kind("free text", ("text",)),
)  # fmt: skip
MEANINGS = {kind.name: kind for kind in _DECLARED}

# what is counted in the values of a text column to recognise its meaning: the pattern, whether a text
# that begins with a letter can match it, and how long a match can be: other texts are not even tried
LOOKED_FOR = {
    "phone": (patterns.PHONE, False, 40),
    "digits": (r"[0-9]{7,15}", False, 15),
    "money": (patterns.MONEY, True, 30),
    "percent": (patterns.PERCENT, False, 30),
    "point": (patterns.COORDINATES, False, 80),
    "postal": (patterns.POSTCODE, True, 10),
    "lettered": (patterns.LETTERED_POSTCODE, True, 8),
    "country": (NAMES, True, 45),
    "code": (CODES, True, 3),
}


def rows(column: Column, meaning: str, part: Part) -> Any:
    """SQL that is true of the rows in which the column is valid, invalid or empty.

    Where the meaning has no notion of that, whatever is not empty is valid.
    """
    nothing = empty(column)
    if part == "empty":
        return nothing
    kind = MEANINGS.get(meaning)
    if kind is None or not kind.judges(column):
        return sql.template("NOT :nothing", nothing=nothing) if part == "valid" else sql.literal(False)
    holds = sql.template("COALESCE(:test, FALSE)", test=kind.test(column))
    both = "NOT :nothing AND :holds" if part == "valid" else "NOT :nothing AND NOT :holds"
    return sql.template(both, nothing=nothing, holds=holds)
