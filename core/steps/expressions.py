r"""Regular expressions in steps: RE2 in SQL, and the same RE2, Arrow's, in pandas code.

RE2 answers in time proportional to the text whatever the pattern, so a pattern that somebody typed
cannot keep the engine busy for ever; there are no look-arounds and no back-references in it.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from sqlglot import exp

from core import sql

LONGEST = 2_000  # characters of a pattern that somebody types
GROUPS = 9  # the groups that a replacement can name


def _readable(pattern: str) -> str:
    if pattern:
        groups(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_readable)]


def groups(pattern: str) -> int:
    """How many parts in brackets a pattern has (up to 9); ValueError when it cannot be read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in pattern):
        raise ValueError("must be a text without control characters")
    nothing = pa.array([""])
    try:
        pc.match_substring_regex(nothing, pattern)
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise ValueError(f"must be a regular expression as RE2 reads it: {reason}") from None
    return next((number - 1 for number in range(1, GROUPS + 1) if not _has(pattern, number)), GROUPS)


def _has(pattern: str, number: int) -> bool:
    return rewriting(pattern, rf"\{number}") is None


def rewriting(pattern: str, put: str) -> str | None:
    """What is wrong with a replacement such as `\\2-\\1` for this pattern; None when nothing is."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.replace_substring_regex(pa.array([""]), pattern, put)
    except pa.ArrowInvalid as error:
        return str(error).removeprefix("Invalid replacement string: ")
    return None


def literally(text: str) -> str:
    """A pattern that finds just this text."""
    return re.escape(text)


def found(cell: exp.Expr, pattern: str, group: int, which: int) -> exp.Expr:
    """What the pattern finds in a text for the nth time (from the end when negative), or NULL.

    Finds without a character do not count.
    """
    node: exp.Expr = sql.template(
        "list_extract(list_filter(regexp_extract_all(:x, :p, :g), lambda part: part <> ''), :n)",
        x=cell, p=pattern, g=group, n=which,
    )  # fmt: skip
    return node


def found_code(column: str, place: str, pattern: str, group: int, which: int) -> str:
    """Lines of pandas code that put what `found` finds in df[column] into df[place]."""
    at = which - 1 if which > 0 else which
    return "\n".join(
        [
            f"texts = pa.array(df[{column!r}])",
            "marks = map(chr, range(0xE000, 0xF900))  # characters without a meaning: one that no text has",
            "mark = next(m for m in marks if not pc.any(pc.match_substring(texts, m)).as_py())",
            f"marked = pc.replace_substring_regex(texts, {pattern!r}, mark + {f'{chr(92)}{group}'!r} + mark)",
            "found = [[part for part in cell[1::2] if part] if cell else []"
            " for cell in pc.split_pattern(marked, mark).to_pylist()]",
            f"found = [cell[{at}] if len(cell) >= {abs(which)} else None for cell in found]",
            f"df[{place!r}] = pd.Series(found, index=df.index, dtype=pd.ArrowDtype(pa.string()))",
        ]
    )
