"""Functions of numbers, and the one that reads numbers from texts."""

from __future__ import annotations

from core.steps.formula.forms import Form, Function, form
from core.steps.formula.operators import POWER, REMAINDER

_HALVES = "round_mode='half_towards_infinity'"  # away from zero, as people round
_NUMBER_TEXT = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?"
_DOUBLED = _NUMBER_TEXT.replace("{", "{{").replace("}", "}}")  # as a template spells it


def _number(name: str, call: str, help: str, example: str, *forms: Form) -> Function:
    return Function(name, "Numbers", call, help, example, forms)


def _simple(name: str, help: str, sql: str, pandas: str, gives: str = "number") -> Function:
    """A function of one number."""
    return _number(name, f"{name}(number)", help, f"{name}(price)", form("number", gives, sql, pandas))


def _logarithm(name: str, sql: str, arrow: str, help: str) -> Function:
    return _simple(
        name,
        f"{help}; missing at 0 and below.",
        f"CASE WHEN :a > 0 THEN {sql} END",
        f"arrow(pc.{arrow}, {{a}}.where(lambda v: v > 0))",
    )


def _extreme(name: str, word: str, sql: str) -> Function:
    forms = tuple(
        form(f"{kind}, {kind}", kind, f"{sql}(:a, :b)", f"arrow(pc.{name}_element_wise, {{a}}, {{b}})")
        for kind in ("integer", "number", "text", "date", "datetime")
    )
    help = f"The {word} of the values that are not missing: of numbers, texts or dates."
    return Function(
        name, "Numbers", f"{name}(a, b, ...)", help, f"{name}(price, quantity)", forms, repeats=True
    )


NUMBERS = (
    _number(
        "round",
        "round(number, digits)",
        "The number to so many decimals, none when left out; halves away from zero.",
        "round(price, 1)",
        form("number", "number", "round(:a)", f"arrow(pc.round, {{a}}, {_HALVES})"),
        form(
            "number, fixed digits",
            "number",
            "round(:a, :b)",
            # numbers this large are whole, and scaled up they might overflow
            "{a}.where({a}.abs() >= 2.0**52, "
            f"arrow(pc.round, {{a}} * 10.0**{{b.raw}}, {_HALVES}) / 10.0**{{b.raw}})",
        ),
    ),
    _simple("floor", "The greatest whole number that is not above it.", "floor(:a)", "arrow(pc.floor, {a})"),
    _simple("ceiling", "The least whole number that is not below it.", "ceil(:a)", "arrow(pc.ceil, {a})"),
    _number(
        "int",
        "int(number)",
        "The number without its decimals, as a whole number; missing beyond 64 bits.",
        "int(price * 10)",
        form("integer", "integer", ":a", "{a}"),
        form(
            "number",
            "integer",
            "TRY_CAST(trunc(:a) AS BIGINT)",
            "arrow(pc.cast, arrow(pc.trunc, {a}.where(lambda v: (v >= -(2.0**63)) & (v < 2.0**63))), "
            "'int64')",
        ),
    ),
    _simple("abs", "The number without its sign.", "abs(:a)", "{a}.abs()"),
    _simple(
        "sign",
        "-1, 0 or 1.",
        "CAST(sign(:a) AS BIGINT)",
        "arrow(pc.cast, arrow(pc.sign, {a}), 'int64')",
        gives="integer",
    ),
    _simple(
        "sqrt",
        "The square root; missing below 0.",
        "CASE WHEN :a >= 0 THEN sqrt(:a) END",
        "arrow(pc.sqrt, {a}.where(lambda v: v >= 0))",
    ),
    _simple("exp", "e to the power of the number.", "exp(:a)", "arrow(pc.exp, {a})"),
    _logarithm("log", "ln(:a)", "ln", "The natural logarithm"),
    _logarithm("log10", "log(:a)", "log10", "The logarithm to base 10"),
    _logarithm("log2", "log2(:a)", "log2", "The logarithm to base 2"),
    _number("power", "power(number, exponent)", "The number to a power, like ^.", "power(price, 2)", POWER),
    _number("mod", "mod(number, divisor)", "The remainder, like %.", "mod(id, 3)", REMAINDER),
    _extreme("min", "least", "least"),
    _extreme("max", "greatest", "greatest"),
    _number(
        "number",
        "number(text)",
        "The number that a text says, such as 12.5 or -1e3; missing when it says none. True is 1, false 0.",
        'number("12.5")',
        form("number", "number", ":a", "{a}"),
        form("boolean", "number", "CAST(:a AS DOUBLE)", "{a}.astype('double[pyarrow]')"),
        form(
            "text",
            "number",
            f"TRY_CAST(CASE WHEN regexp_full_match(:a, '{_NUMBER_TEXT}') THEN :a END AS DOUBLE)",
            f"{{a}}.where({{a}}.str.contains(r'^{_DOUBLED}\\z', regex=True))"
            ".str.removeprefix('+').astype('double[pyarrow]')",
        ),
    ),
)
