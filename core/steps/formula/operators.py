"""The operators. Arithmetic gives 64-bit floats, of whole numbers too: nothing overflows."""

from __future__ import annotations

from core.steps.formula.forms import Form, Function, form


def _operator(sign: str, call: str, help: str, example: str, *forms: Form) -> Function:
    return Function(sign, "Operators", call, help, example, forms)


def _arithmetic(sign: str, help: str, example: str) -> Function:
    written = form("number, number", "number", f":a {sign} :b", f"{{a.raw}} {sign} {{b.raw}}", makes_nan=True)
    return _operator(sign, f"a {sign} b", help, example, written)


def _comparison(sign: str, help: str, example: str, sql: str = "", python: str = "") -> Function:
    code = f"{{a.raw}} {python or sign} {{b.raw}}"
    return _operator(
        sign, f"a {sign} b", help, example, form("same, same", "boolean", f":a {sql or sign} :b", code)
    )


def _logic(sign: str, python: str, help: str, example: str) -> Function:
    written = form("boolean, boolean", "boolean", f":a {sign.upper()} :b", f"{{a.raw}} {python} {{b.raw}}")
    return _operator(sign, f"a {sign} b", help, example, written)


REMAINDER = form(
    "number, number",
    "number",
    ":a - :b * floor(:a / NULLIF(:b, 0))",
    "{a} - {b} * arrow(pc.floor, {a} / {b}.where(lambda v: v != 0))",
    makes_nan=True,
)
POWER = form("number, number", "number", "pow(:a, :b)", "{a} ** {b.raw}", makes_nan=True)

OPERATORS = (
    _arithmetic("+", "The sum of two numbers.", "price + 1"),
    _arithmetic("-", "The difference of two numbers.", "price - 1"),
    _arithmetic("*", "The product of two numbers.", "price * quantity"),
    _operator(
        "/",
        "a / b",
        "The quotient; missing when b is 0.",
        "price / quantity",
        form("number, nonzero", "number", ":a / :b", "{a} / {b.raw}", makes_nan=True),
        form(
            "number, number",
            "number",
            ":a / NULLIF(:b, 0)",
            "{a.raw} / {b}.where(lambda v: v != 0)",
            makes_nan=True,
        ),
    ),
    _operator("%", "a % b", "The remainder, with the sign of b; missing when b is 0.", "id % 2", REMAINDER),
    _operator("^", "a ^ b", "a to the power b; missing when there is no real one.", "price ^ 2", POWER),
    # what - and + before one value are called within: names that nobody can type
    _operator(
        "-a", "-a", "The number with the other sign.", "-price", form("number", "number", "-:a", "-{a}")
    ),
    _operator("+a", "+a", "The number itself.", "+price", form("number", "number", ":a", "{a}")),
    _operator(
        "&",
        "a & b",
        "The two texts joined; missing when one is missing.",
        'name & " " & region',
        form("text, text", "text", ":a || :b", "{a.raw} + {b.raw}"),
    ),
    _comparison("=", "Whether the two are equal.", 'region = "North"', python="=="),
    _comparison("!=", "Whether the two differ.", 'region != "North"', sql="<>"),
    _comparison("<", "Whether a is less than b; texts by the order of their characters.", "price < 10"),
    _comparison("<=", "Whether a is at most b.", "price <= 10"),
    _comparison(">", "Whether a is more than b.", "price > 10"),
    _comparison(">=", "Whether a is at least b.", 'day >= "2024-01-01"'),
    _logic("and", "&", "True when both are true.", "price > 1 and member"),
    _logic("or", "|", "True when one is true, or both.", "price > 10 or member"),
    _operator(
        "not", "not a", "True when a is false.", "not member", form("boolean", "boolean", "NOT :a", "~{a}")
    ),
)
