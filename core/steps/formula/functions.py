"""The allowlist: everything a formula may call, with its types, its SQL and its pandas code.

A form is one way to call a function. Its `takes` are, for each argument:

    number, integer, text, boolean, date, datetime    a part of that type (a whole number serves as a
                                                      number, a date as a datetime)
    any                                               a part of any type
    same                                              all of one type, which `gives` may name too
    fixed text, fixed part, fixed count, fixed digits, nonzero    written out in the formula, and checked there

In `sql` the arguments are :a, :b, :c, in `pandas` {a}, {b}, {c}: a column always, while {b.raw} is
the bare Python value when it was written out. Both are constants of this file: what people type
never becomes part of a template, only a node (SQL) or a quoted literal (pandas).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["Numbers", "Texts", "Dates", "Logic and missing values", "Operators"]


@dataclass(frozen=True)
class Form:
    """One way to call a function: the types it takes, the type it gives, and how it is written."""

    takes: tuple[str, ...]
    gives: str
    sql: str
    pandas: str
    makes_nan: bool = False  # its result may be "not a number", which stands for missing


@dataclass(frozen=True)
class Function:
    """A function as people meet it: how it is called, what it does, an example."""

    name: str
    group: Group
    call: str  # "round(number, digits)"
    help: str
    example: str
    forms: tuple[Form, ...]
    repeats: bool = False  # any number of arguments: f(a, b, c) is f(f(a, b), c), in whatever order

    @property
    def operator(self) -> bool:
        return self.group == "Operators"


def _form(takes: str, gives: str, sql: str, pandas: str, makes_nan: bool = False) -> Form:
    return Form(tuple(part.strip() for part in takes.split(",")), gives, sql, pandas, makes_nan)


def _part(name: str, help: str, example: str, sql: str, pandas: str, also: tuple[Form, ...] = ()) -> Function:
    """A part of a date or a datetime, as a whole number."""
    forms = (_form("date", "integer", sql, pandas), _form("datetime", "integer", sql, pandas))
    return Function(name, "Dates", f"{name}(date)", help, example, also or forms)


def _arithmetic(sign: str, help: str, example: str) -> Function:
    form = _form("number, number", "number", f":a {sign} :b", f"{{a.raw}} {sign} {{b.raw}}", True)
    return Function(sign, "Operators", f"a {sign} b", help, example, (form,))


def _comparison(sign: str, help: str, example: str) -> Function:
    python = "==" if sign == "=" else sign
    sql = f":a {'<>' if sign == '!=' else sign} :b"
    form = _form("same, same", "boolean", sql, f"{{a.raw}} {python} {{b.raw}}")
    return Function(sign, "Operators", f"a {sign} b", help, example, (form,))


_SPACES = " \t\n\r\f\v\u00a0\u3000"  # the white space of spreadsheets and web pages
# a form of its own for a divisor that is written out: it needs no guard
_DIVIDE = (
    _form("number, nonzero", "number", ":a / :b", "{a} / {b.raw}", True),
    _form(
        "number, number",
        "number",
        ":a / NULLIF(:b, 0.0::DOUBLE)",
        "{a.raw} / {b}.where(lambda v: v != 0)",
        True,
    ),
)
_MODULO = (
    _form(
        "number, number",
        "number",
        ":a - :b * floor(:a / NULLIF(:b, 0.0::DOUBLE))",
        "{a} - {b} * arrow(pc.floor, {a} / {b}.where(lambda v: v != 0))",
        True,
    ),
)
_POWER = (_form("number, number", "number", "pow(:a, :b)", "{a} ** {b.raw}", True),)

_OPERATORS = (
    _arithmetic("+", "The sum of two numbers.", "price + 1"),
    _arithmetic("-", "The difference of two numbers.", "price - 1"),
    _arithmetic("*", "The product of two numbers.", "price * quantity"),
    Function("/", "Operators", "a / b", "The quotient; missing when b is 0.", "price / quantity", _DIVIDE),
    Function(
        "%",
        "Operators",
        "a % b",
        "The remainder, with the sign of b; missing when b is 0.",
        "id % 2",
        _MODULO,
    ),
    Function(
        "^", "Operators", "a ^ b", "a to the power b; missing when it has no real value.", "price ^ 2", _POWER
    ),
    Function(
        "-a",
        "Operators",
        "-a",
        "The number with the other sign.",
        "-price",
        (_form("number", "number", "-:a", "-{a}"),),
    ),
    Function(
        "+a", "Operators", "+a", "The number itself.", "+price", (_form("number", "number", ":a", "{a}"),)
    ),
    Function(
        "&",
        "Operators",
        "a & b",
        "The two texts joined; missing when one is missing.",
        'name & " " & region',
        (_form("text, text", "text", ":a || :b", "{a.raw} + {b.raw}"),),
    ),
    _comparison("=", "Whether the two are equal.", 'region = "North"'),
    _comparison("!=", "Whether the two differ.", 'region != "North"'),
    _comparison("<", "Whether a is less than b; texts in the order of their characters.", "price < 10"),
    _comparison("<=", "Whether a is at most b.", "price <= 10"),
    _comparison(">", "Whether a is more than b.", "price > 10"),
    _comparison(">=", "Whether a is at least b.", 'day >= "2024-01-01"'),
    Function(
        "and",
        "Operators",
        "a and b",
        "True when both are.",
        "price > 1 and member",
        (_form("boolean, boolean", "boolean", ":a AND :b", "{a.raw} & {b.raw}"),),
    ),
    Function(
        "or",
        "Operators",
        "a or b",
        "True when one is, or both.",
        "price > 10 or member",
        (_form("boolean, boolean", "boolean", ":a OR :b", "{a.raw} | {b.raw}"),),
    ),
    Function(
        "not",
        "Operators",
        "not a",
        "True when a is false.",
        "not member",
        (_form("boolean", "boolean", "NOT :a", "~{a}"),),
    ),
)

_NUMBERS = (
    Function(
        "round",
        "Numbers",
        "round(number, digits)",
        "The number to so many decimals (none when left out); halves away from zero.",
        "round(price, 1)",
        (
            _form(
                "number", "number", "round(:a)", "arrow(pc.round, {a}, round_mode='half_towards_infinity')"
            ),
            _form(
                "number, fixed digits",
                "number",
                "round(:a, :b)",
                "arrow(pc.round, {a}, ndigits={b.raw}, round_mode='half_towards_infinity')",
            ),
        ),
    ),
    Function(
        "floor",
        "Numbers",
        "floor(number)",
        "The greatest whole number that is not above it.",
        "floor(price)",
        (_form("number", "number", "floor(:a)", "arrow(pc.floor, {a})"),),
    ),
    Function(
        "ceiling",
        "Numbers",
        "ceiling(number)",
        "The least whole number that is not below it.",
        "ceiling(price)",
        (_form("number", "number", "ceil(:a)", "arrow(pc.ceil, {a})"),),
    ),
    Function(
        "int",
        "Numbers",
        "int(number)",
        "The whole number without the decimals, as an integer; missing beyond 64 bits.",
        "int(price * 10)",
        (
            _form(
                "number",
                "integer",
                "TRY_CAST(trunc(:a) AS BIGINT)",
                "arrow(pc.cast, arrow(pc.trunc, {a}.where(lambda v: v.abs() < 2.0**63)), 'int64')",
            ),
        ),
    ),
    Function(
        "abs",
        "Numbers",
        "abs(number)",
        "The number without its sign.",
        "abs(price)",
        (_form("number", "number", "abs(:a)", "{a}.abs()"),),
    ),
    Function(
        "sign",
        "Numbers",
        "sign(number)",
        "-1, 0 or 1.",
        "sign(price)",
        (
            _form(
                "number",
                "integer",
                "CAST(sign(:a) AS BIGINT)",
                "arrow(pc.cast, arrow(pc.sign, {a}), 'int64')",
            ),
        ),
    ),
    Function(
        "sqrt",
        "Numbers",
        "sqrt(number)",
        "The square root; missing below 0.",
        "sqrt(price)",
        (
            _form(
                "number",
                "number",
                "CASE WHEN :a >= 0.0::DOUBLE THEN sqrt(:a) END",
                "arrow(pc.sqrt, {a}.where(lambda v: v >= 0))",
            ),
        ),
    ),
    Function(
        "exp",
        "Numbers",
        "exp(number)",
        "e to the power of the number.",
        "exp(price / 10)",
        (_form("number", "number", "exp(:a)", "arrow(pc.exp, {a})"),),
    ),
    *(
        Function(
            name,
            "Numbers",
            f"{name}(number)",
            help,
            f"{name}(price)",
            (
                _form(
                    "number",
                    "number",
                    f"CASE WHEN :a > 0.0::DOUBLE THEN {sql}(:a) END",
                    f"arrow(pc.{arrow}, {{a}}.where(lambda v: v > 0))",
                ),
            ),
        )
        for name, sql, arrow, help in (
            ("log", "ln", "ln", "The natural logarithm; missing at 0 and below."),
            ("log10", "log", "log10", "The logarithm to base 10; missing at 0 and below."),
            ("log2", "log2", "log2", "The logarithm to base 2; missing at 0 and below."),
        )
    ),
    Function(
        "power",
        "Numbers",
        "power(number, exponent)",
        "The number to a power, like ^.",
        "power(price, 2)",
        _POWER,
    ),
    Function("mod", "Numbers", "mod(number, divisor)", "The remainder, like %.", "mod(id, 3)", _MODULO),
    *(
        Function(
            name,
            "Numbers",
            f"{name}(a, b, ...)",
            f"The {word} of the values that are not missing.",
            f"{name}(price, quantity)",
            (
                _form(
                    "same, same",
                    "same",
                    f"{sql}(:a, :b)",
                    f"arrow(pc.{name}_element_wise, {{a}}, {{b}})",
                ),
            ),
            repeats=True,
        )
        for name, word, sql in (("min", "least", "least"), ("max", "greatest", "greatest"))
    ),
    Function(
        "number",
        "Numbers",
        "number(text)",
        "The number a text says, such as 12.5 or -1e3; missing when it is none. True is 1, false 0.",
        'number("12.5")',
        (
            _form("number", "number", ":a", "{a}"),
            _form("boolean", "number", "CAST(:a AS DOUBLE)", "{a}.astype('double[pyarrow]')"),
            _form(
                "text",
                "number",
                "TRY_CAST(CASE WHEN regexp_full_match(:a, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?') "
                "THEN :a END AS DOUBLE)",
                "{a}.where({a}.str.contains("
                "r'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{{1,4}})?\\z', regex=True))"
                ".str.replace('+', '', n=1, regex=False).astype('double[pyarrow]')",
            ),
        ),
    ),
)

_TEXTS = (
    Function(
        "upper",
        "Texts",
        "upper(text)",
        "In capital letters.",
        "upper(name)",
        (_form("text", "text", "upper(:a)", "{a}.str.upper()"),),
    ),
    Function(
        "lower",
        "Texts",
        "lower(text)",
        "In small letters.",
        "lower(name)",
        (_form("text", "text", "lower(:a)", "{a}.str.lower()"),),
    ),
    Function(
        "trim",
        "Texts",
        "trim(text)",
        "Without the white space at both ends.",
        "trim(name)",
        (_form("text", "text", f"trim(:a, '{_SPACES}')", f"{{a}}.str.strip({ascii(_SPACES)})"),),
    ),
    Function(
        "length",
        "Texts",
        "length(text)",
        "How many characters it has.",
        "length(name)",
        (_form("text", "integer", "length(:a)", "{a}.str.len().astype('int64[pyarrow]')"),),
    ),
    Function(
        "left",
        "Texts",
        "left(text, count)",
        "Its first characters.",
        "left(region, 2)",
        (_form("text, fixed count", "text", "left(:a, :b)", "{a}.str[:{b.raw}]"),),
    ),
    Function(
        "right",
        "Texts",
        "right(text, count)",
        "Its last characters.",
        "right(region, 2)",
        (_form("text, fixed count", "text", "right(:a, :b)", "{a}.str[-{b.raw}:]"),),
    ),
    Function(
        "mid",
        "Texts",
        "mid(text, start, count)",
        "So many characters from a place; the first is 1.",
        "mid(region, 2, 3)",
        (
            _form(
                "text, fixed count, fixed count",
                "text",
                "substring(:a, :b, :c)",
                "{a}.str[{b.raw} - 1:{b.raw} - 1 + {c.raw}]",
            ),
        ),
    ),
    Function(
        "replace",
        "Texts",
        "replace(text, old, new)",
        "With every old part replaced by the new.",
        'replace(name, "O\'", "O")',
        (
            _form(
                "text, fixed part, fixed text",
                "text",
                "replace(:a, :b, :c)",
                "{a}.str.replace({b.raw}, {c.raw}, regex=False)",
            ),
        ),
    ),
    *(
        Function(
            name,
            "Texts",
            f"{name}(text, part)",
            help,
            f'{name}(region, "th")',
            (_form("text, fixed part", "boolean", f"{sql}(:a, :b)", pandas),),
        )
        for name, sql, pandas, help in (
            (
                "contains",
                "contains",
                "{a}.str.contains({b.raw}, regex=False)",
                "Whether the part is in it; capitals count.",
            ),
            ("starts_with", "starts_with", "{a}.str.startswith({b.raw})", "Whether it begins with the part."),
            ("ends_with", "ends_with", "{a}.str.endswith({b.raw})", "Whether it ends with the part."),
        )
    ),
    Function(
        "text",
        "Texts",
        "text(value)",
        "Any value as a text: 12.5, true, 2024-01-30.",
        "text(quantity)",
        (
            _form("text", "text", ":a", "{a}"),
            _form("integer", "text", "CAST(:a AS VARCHAR)", "arrow(pc.cast, {a}, 'string')"),
            _form(
                "number",
                "text",
                "regexp_replace(CAST(:a AS VARCHAR), '[.]0$', '')",
                "{a}.astype('object').map(repr, na_action='ignore').astype(pd.ArrowDtype(pa.string()))"
                ".str.removesuffix('.0')",
            ),
            _form("boolean", "text", "CAST(:a AS VARCHAR)", "arrow(pc.cast, {a}, 'string')"),
            _form("date", "text", "strftime(:a, '%Y-%m-%d')", "arrow(pc.strftime, {a}, format='%Y-%m-%d')"),
            _form(
                "datetime",
                "text",
                "strftime(:a, '%Y-%m-%d %H:%M:%S')",
                "arrow(pc.strftime, arrow(pc.cast, {a}.dt.floor('s'), pa.timestamp('s')), format='%Y-%m-%d %H:%M:%S')",
            ),
        ),
    ),
)

_DATES = (
    _part("year", "The year.", "year(day)", "year(:a)", "{a}.dt.year"),
    _part("quarter", "The quarter, 1 to 4.", "quarter(day)", "quarter(:a)", "{a}.dt.quarter"),
    _part("month", "The month, 1 to 12.", "month(day)", "month(:a)", "{a}.dt.month"),
    _part("week", "The ISO week, 1 to 53.", "week(day)", "weekofyear(:a)", "arrow(pc.iso_week, {a})"),
    _part("day_of_month", "The day of the month, 1 to 31.", "day_of_month(day)", "day(:a)", "{a}.dt.day"),
    _part(
        "weekday",
        "The day of the week: Monday is 1, Sunday 7.",
        "weekday(day)",
        "isodow(:a)",
        "arrow(pc.day_of_week, {a}, count_from_zero=False)",
    ),
    _part(
        "hour",
        "The hour, 0 to 23.",
        "hour(at)",
        "",
        "",
        (_form("datetime", "integer", "hour(:a)", "{a}.dt.hour"),),
    ),
    _part(
        "minute",
        "The minute, 0 to 59.",
        "minute(at)",
        "",
        "",
        (_form("datetime", "integer", "minute(:a)", "{a}.dt.minute"),),
    ),
    Function(
        "date",
        "Dates",
        "date(datetime)",
        "The day, without the time; or a day written as a text.",
        'date("2024-01-30")',
        (
            _form("date", "date", ":a", "{a}"),
            _form("datetime", "date", "CAST(:a AS DATE)", "arrow(pc.cast, {a}.dt.floor('D'), 'date32')"),
        ),
    ),
    Function(
        "month_start",
        "Dates",
        "month_start(date)",
        "The first day of its month.",
        "month_start(day)",
        (
            _form(
                "datetime",
                "date",
                "CAST(date_trunc('month', :a) AS DATE)",
                "arrow(pc.cast, arrow(pc.floor_temporal, {a}, unit='month'), 'date32')",
            ),
        ),
    ),
    Function(
        "add_days",
        "Dates",
        "add_days(date, days)",
        "So many days later; earlier when below 0. Missing beyond a million days.",
        "add_days(day, quantity)",
        tuple(
            _form(
                f"{kind}, integer",
                kind,
                f"CAST(:a + to_days(CAST(CASE WHEN :b BETWEEN -1000000 AND 1000000 THEN :b END AS INTEGER)) AS {sql})",
                f"arrow(pc.cast, arrow(pc.cast, arrow(pc.cast, {{a}}, '{unit}'), 'int64')"
                f" + {{b}}.where(lambda v: v.between(-1000000, 1000000)) * {step}, {arrow})",
            )
            for kind, sql, unit, step, arrow in (
                ("date", "DATE", "int32", "1", "'int32'"),
                ("datetime", "TIMESTAMP", "int64", "86_400_000_000", "pa.timestamp('us')"),
            )
        ),
    ),
    Function(
        "days_between",
        "Dates",
        "days_between(from, to)",
        "Days from the first date to the second, by the calendar; times of day do not count.",
        'days_between(day, "2024-12-31")',
        (
            _form(
                "date, date",
                "integer",
                "date_diff('day', :a, :b)",
                "({b.raw} - {a.raw}).dt.days.astype('int64[pyarrow]')",
            ),
            _form(
                "datetime, datetime",
                "integer",
                "date_diff('day', CAST(:a AS DATE), CAST(:b AS DATE))",
                "({b}.dt.floor('D') - {a}.dt.floor('D')).dt.days.astype('int64[pyarrow]')",
            ),
        ),
    ),
    Function(
        "hours_between",
        "Dates",
        "hours_between(from, to)",
        "Hours from the first time to the second, with decimals.",
        "hours_between(at, at)",
        (
            _form(
                "datetime, datetime",
                "number",
                "CAST(epoch_us(:b) - epoch_us(:a) AS DOUBLE) / 3600000000.0::DOUBLE",
                "(arrow(pc.cast, {b}, 'int64') - arrow(pc.cast, {a}, 'int64')) / 3_600_000_000",
            ),
        ),
    ),
)

_LOGIC = (
    Function(
        "if",
        "Logic and missing values",
        "if(condition, then, else)",
        "One value where the condition is met, the other where it is not or is missing.",
        'if(price >= 10, "dear", "cheap")',
        (
            _form(
                "boolean, same, same", "same", "CASE WHEN :a THEN :b ELSE :c END", "{b}.where({a}, {c.raw})"
            ),
            _form("boolean, same", "same", "CASE WHEN :a THEN :b END", "{b}.where({a})"),
        ),
    ),
    Function(
        "coalesce",
        "Logic and missing values",
        "coalesce(a, b, ...)",
        "The first that is not missing.",
        "coalesce(price, 0)",
        (_form("same, same", "same", "coalesce(:a, :b)", "{a}.fillna({b.raw})"),),
        repeats=True,
    ),
    Function(
        "is_missing",
        "Logic and missing values",
        "is_missing(value)",
        "Whether there is no value.",
        "is_missing(price)",
        (_form("any", "boolean", ":a IS NULL", "{a}.isna().astype('bool[pyarrow]')"),),
    ),
    Function(
        "one_of",
        "Logic and missing values",
        "one_of(value, a, b, ...)",
        "Whether the value is one of those that follow.",
        'one_of(region, "North", "South")',
        (_form("same, same", "boolean", ":a = :b", "{a.raw} == {b.raw}"),),
    ),
)

FUNCTIONS: dict[str, Function] = {
    function.name: function for function in (*_OPERATORS, *_NUMBERS, *_TEXTS, *_DATES, *_LOGIC)
}
