"""Functions of texts, and the one that makes texts of other values."""

from __future__ import annotations

from core.steps.formula.forms import Form, Function, form

_SPACES = " \t\n\r\f\v\u00a0\u3000"  # the white space of spreadsheets and web pages


def _text(name: str, call: str, help: str, example: str, *forms: Form) -> Function:
    return Function(name, "Texts", call, help, example, forms)


def _simple(name: str, help: str, sql: str, pandas: str, gives: str = "text") -> Function:
    """A function of one text."""
    return _text(name, f"{name}(text)", help, f"{name}(name)", form("text", gives, sql, pandas))


def _search(name: str, help: str, pandas: str) -> Function:
    written = form("text, fixed part", "boolean", f"{name}(:a, :b)", pandas)
    return _text(name, f"{name}(text, part)", f"{help} Capitals count.", f'{name}(region, "th")', written)


def _strftime(kind: str, pattern: str, column: str) -> Form:
    return form(
        kind, "text", f"strftime(:a, '{pattern}')", f"arrow(pc.strftime, {column}, format='{pattern}')"
    )


TEXTS = (
    _simple("upper", "In capital letters.", "upper(:a)", "{a}.str.upper()"),
    _simple("lower", "In small letters.", "lower(:a)", "{a}.str.lower()"),
    _simple(
        "trim",
        "Without the white space at both ends.",
        f"trim(:a, '{_SPACES}')",
        f"{{a}}.str.strip({_SPACES!a})",
    ),
    _simple(
        "length",
        "How many characters it has.",
        "length(:a)",
        "{a}.str.len().astype('int64[pyarrow]')",
        "integer",
    ),
    _text(
        "left",
        "left(text, count)",
        "Its first characters.",
        "left(region, 2)",
        form("text, fixed count", "text", "left(:a, :b)", "{a}.str[:{b.raw}]"),
    ),
    _text(
        "right",
        "right(text, count)",
        "Its last characters.",
        "right(region, 2)",
        form("text, fixed count", "text", "right(:a, :b)", "{a}.str[-{b.raw}:]"),
    ),
    _text(
        "mid",
        "mid(text, start, count)",
        "So many characters from a place on; the first is 1.",
        "mid(region, 2, 3)",
        form(
            "text, fixed count, fixed count",
            "text",
            "substring(:a, :b, :c)",
            "{a}.str[{b.raw} - 1:{b.raw} - 1 + {c.raw}]",
        ),
    ),
    _text(
        "replace",
        "replace(text, old, new)",
        "With the new part in place of every old one.",
        'replace(region, "th", "t")',
        form(
            "text, fixed part, fixed text",
            "text",
            "replace(:a, :b, :c)",
            "{a}.str.replace({b.raw}, {c.raw}, regex=False)",
        ),
    ),
    _search("contains", "Whether the part is in it.", "{a}.str.contains({b.raw}, regex=False)"),
    _search("starts_with", "Whether it begins with the part.", "{a}.str.startswith({b.raw})"),
    _search("ends_with", "Whether it ends with the part.", "{a}.str.endswith({b.raw})"),
    _text(
        "text",
        "text(value)",
        "Any value as a text: 12.5, true, 2024-01-30, 2024-01-30 15:00:00.",
        "text(quantity)",
        form("text", "text", ":a", "{a}"),
        form("integer", "text", "CAST(:a AS VARCHAR)", "arrow(pc.cast, {a}, 'string')"),
        form(
            "number",
            "text",
            "regexp_replace(CAST(:a AS VARCHAR), '[.]0$', '')",
            "{a}.astype('object').map(repr, na_action='ignore').astype(pd.ArrowDtype(pa.string()))"
            ".str.removesuffix('.0')",
        ),
        form("boolean", "text", "CAST(:a AS VARCHAR)", "arrow(pc.cast, {a}, 'string')"),
        _strftime("date", "%Y-%m-%d", "{a}"),
        _strftime("datetime", "%Y-%m-%d %H:%M:%S", "arrow(pc.cast, {a}.dt.floor('s'), pa.timestamp('s'))"),
    ),
)
