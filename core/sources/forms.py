"""Forms: the ways in which a text is read as a typed value, and how to tell that nothing is lost by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core import sql
from core.contracts import ColumnType
from core.sql import STORAGE

DateOrder = Literal["unclear", "day first", "month first"]
UNFIT = "sightline: a value does not fit"
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f")
_SPELLED: dict[str, tuple[str, list[str]]] = {
    "day first": ("[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}", [f"%d{mark}%m{mark}%Y" for mark in "/.-"]),
    "month first": ("[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}", [f"%m{mark}%d{mark}%Y" for mark in "/.-"]),
    "month by name": (
        "([0-9]{1,2}[ -][A-Za-z]{3,9}[ -]|[A-Za-z]{3,9} [0-9]{1,2}, )[0-9]{4}",
        ["%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"],
    ),
    "year first": ("[0-9]{4}[.年][0-9]{1,2}[.月][0-9]{1,2}日?", ["%Y.%m.%d", "%Y年%m月%d日"]),
}
_ISO = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_DAY = r"[\s\v]*[0-9]{4}[-/ ][0-9]{1,2}[-/ ][0-9]{1,2}[\s\v]*"
_TIME = "[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_ZONE = " ?(Z|z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)"


@dataclass(frozen=True)
class Form:
    """A way to read a text: `value` casts {c}, `fits` says of {c} and its value {v} that nothing is lost."""

    name: str
    type: ColumnType
    value: str
    fits: str
    doubt: str = ""  # true wherever `fits` is not, and cheaper: nearly all values are settled by it

    def cast(self, column: str) -> str:
        return self.value.format(c=column)

    def checked(self, column: str, value: str) -> str:
        """The value, or an error where the text has not this form."""
        failure = f"error('{UNFIT}')::{STORAGE[self.type]}"
        careful = f"CASE WHEN {self.good(column, value)} THEN {value} ELSE {failure} END"
        if not self.doubt:
            return careful
        # of a missing value every comparison is NULL, which is no doubt
        lost = f"({value} IS NULL AND {column} IS NOT NULL)"
        return f"CASE WHEN {lost} OR {self.doubt.format(c=column, v=value)} THEN {careful} ELSE {value} END"

    def good(self, column: str, value: str) -> str:
        """True where the text is missing, blank or exactly this form."""
        fits = self.fits.format(c=column, v=value)
        return (
            f"({column} IS NULL OR CASE WHEN {value} IS NULL THEN trim({column}) = '' "
            f"ELSE coalesce({fits}, false) END)"
        )


TEXT = Form("text", "text", "{c}", "true")


def _quoted(text: str) -> str:
    return sql.literal(text).sql(dialect="duckdb").replace("{", "{{").replace("}", "}}")


def _pattern(text: str) -> str:
    return f"regexp_full_match({{c}}, {_quoted(text)})"


def _numbers(decimal: str, thousands: str) -> list[Form]:
    if thousands:
        return _grouped(decimal, thousands)
    point = r"\." if decimal == "." else decimal
    after = chr(ord(decimal) + 1)
    whole = "(0|[1-9][0-9]*)"
    # 1E5 is as often an article's code as a number; who writes numbers so writes 1e5, 1.0E5, 1E+05
    shape = rf"[\s\v]*-?({whole}(e[+-]?[0-9]+|E[+-][0-9]+)?|{whole}?{point}[0-9]*([eE][+-]?[0-9]+)?)[\s\v]*"
    fits = (
        rf"CASE WHEN isinf({{v}}) THEN regexp_full_match(lower({{c}}), '[\s\v]*-?inf(inity)?[\s\v]*') "
        f"ELSE {_pattern(shape)} AND (abs({{v}}) < 1e15 OR contains(lower({{c}}), 'e')) END"
    )
    # comparing texts is the cheapest test of what a number begins with, and its size says with what
    doubt = (
        "abs({v}) >= 1e15 OR CASE WHEN {v} >= 1 THEN {c} < '1' OR {c} >= ':' "
        "WHEN {v} <= -1 THEN {c} < '-1' OR {c} >= '-:' "
        f"WHEN {{v}} >= 0 THEN ({{c}} < '0{decimal}' OR {{c}} >= '0{after}') AND {{c}} <> '0' "
        f"ELSE {{c}} < '-0{decimal}' OR {{c}} >= '-0{after}' END OR contains({{c}}, '_') "
        # what is written like 1E5 is whole
        "OR CASE WHEN {v} = trunc({v}) THEN contains({c}, 'E') ELSE false END"
    )
    value = "{c}"
    if decimal != ".":
        value = f"replace({{c}}, {_quoted(decimal)}, '.')"
        doubt += " OR contains({c}, '.')"
    return [
        Form(
            "integer",
            "integer",
            "TRY_CAST({c} AS BIGINT)",
            "{v} BETWEEN -999999999999999 AND 999999999999999 AND {v}::VARCHAR = trim({c})",
            "{v} NOT BETWEEN -999999999999999 AND 999999999999999 OR {v}::VARCHAR <> {c}",
        ),
        Form("number", "number", f"TRY_CAST({value} AS DOUBLE)", fits, doubt),
    ]


def _grouped(decimal: str, thousands: str) -> list[Form]:
    """Numbers with a mark between groups of three digits."""
    point = r"\." if decimal == "." else decimal
    mark = "[.]" if thousands == "." else thousands
    digits = f"([0-9]|[1-9][0-9]*|[1-9][0-9]{{0,2}}({mark}[0-9]{{3}})+)"
    whole = f"replace({{c}}, {_quoted(thousands)}, '')"
    plain = whole if decimal == "." else f"replace({whole}, {_quoted(decimal)}, '.')"
    is_integer = _pattern(rf"[\s\v]*-?{digits}[\s\v]*") + " AND abs({v}) < 1000000000000000"
    is_number = (
        _pattern(rf"[\s\v]*-?{digits}?({point}[0-9]+)?([eE][+-][0-9]+)?[\s\v]*") + " AND abs({v}) < 1e15"
    )
    return [
        Form("integer", "integer", f"TRY_CAST({whole} AS BIGINT)", is_integer),
        Form("number", "number", f"TRY_CAST({plain} AS DOUBLE)", is_number),
    ]


def _dates(order: DateOrder) -> list[Form]:
    years = "{v} >= TIMESTAMP '1000-01-01' AND {v} < TIMESTAMP '10000-01-01'"
    days = "{v} >= DATE '1000-01-01' AND {v} < DATE '10000-01-01'"
    no_years = "{v} < TIMESTAMP '1000-01-01' OR {v} >= TIMESTAMP '10000-01-01'"
    no_days = "{v} < DATE '1000-01-01' OR {v} >= DATE '10000-01-01'"
    result = [
        Form(
            "date",
            "date",
            "TRY_CAST({c} AS DATE)",
            f"{days} AND {_pattern(_DAY)}",
            f"{no_days} OR strlen({{c}}) > 10 OR {{c}} < '1' OR {{c}} >= ':'",
        ),
        Form(
            "datetime",
            "datetime",
            "TRY_CAST({c} AS TIMESTAMP)",
            f"{years} AND {_pattern(f'{_ISO}({_TIME})?')}",
            # the cast lets much pass: a zone, a digit too few, "10:00: 9" as ten o'clock
            f"{no_years} OR CASE WHEN {{v}}::VARCHAR = {{c}} THEN false "
            "ELSE replace({v}::VARCHAR, ' ', 'T') <> {c} END",
        ),
        Form(
            "datetime with zone",
            "datetime",
            "(TRY_CAST({c} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')",
            f"{years} AND {_pattern(f'{_ISO}{_TIME}{_ZONE}')}",
        ),
    ]
    for name, (look, formats) in _SPELLED.items():
        if order != "unclear" and name in ("day first", "month first") and name != order:
            continue
        listed = ", ".join(_quoted(one) for one in formats)
        timed = ", ".join(_quoted(one + clock) for one in formats for clock in _CLOCKS)
        # a failing strptime is a hundred times slower than a pattern that shows it would fail
        only = f"CASE WHEN {_pattern(look)} THEN CAST(try_strptime({{c}}, [{listed}]) AS DATE) END"
        time = f"CASE WHEN {_pattern(f'{look}( [0-9].*)?')} THEN try_strptime({{c}}, [{timed}]) END"
        result.append(Form(f"date, {name}", "date", only, days))
        result.append(Form(f"datetime, {name}", "datetime", time, years))
    return result


def known(decimal: str = ".", thousands: str = "", order: DateOrder = "unclear") -> list[Form]:
    """The ways to read a column, the most particular first; text, which always fits, is not among them."""
    truth = (
        "CASE WHEN {c} IN ('true', 'True', 'TRUE') THEN true "
        "WHEN {c} IN ('false', 'False', 'FALSE') THEN false END"
    )
    return [
        Form("boolean", "boolean", truth, "true", "false"),
        *_numbers(decimal, thousands),
        *_dates(order),
    ]


def form_for(
    type_: ColumnType, decimal: str = ".", thousands: str = "", order: DateOrder = "unclear"
) -> Form:
    """The form of a type that a person chose: what such a value may look like is taken more widely."""
    plain = f"replace(trim({{c}}), {_quoted(thousands)}, '')" if thousands else "trim({c})"
    if type_ == "integer":
        return Form("asked", type_, f"TRY_CAST({plain} AS BIGINT)",
                    f"regexp_full_match({plain}, '[+-]?[0-9]+')")  # fmt: skip
    if type_ == "number":
        value = f"TRY_CAST(replace({plain}, {_quoted(decimal)}, '.') AS DOUBLE)"
        return Form("asked", type_, value, "NOT isnan({v}) AND NOT contains({c}, '_')")
    if type_ == "boolean":
        value = (
            "CASE WHEN lower(trim({c})) IN ('true','t','yes','y','1') THEN true "
            "WHEN lower(trim({c})) IN ('false','f','no','n','0') THEN false END"
        )
        return Form("asked", type_, value, "true")
    if type_ in ("date", "datetime"):
        ways = [form for form in _dates(order) if order != "unclear" or "first" not in form.name
                or "year" in form.name]  # fmt: skip
        cases = " ".join(
            f"WHEN ({form.value}) IS NOT NULL AND ({form.fits.replace('{v}', '(' + form.value + ')')}) "
            f"THEN CAST(({form.value}) AS {STORAGE[type_]})"
            for form in ways
            if type_ == "datetime" or form.type == "date"
        )
        return Form("asked", type_, f"CASE {cases} END", "true")
    return TEXT
