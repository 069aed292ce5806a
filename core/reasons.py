"""Reasons that are kept as plain text, in files of refused rows and in the words of libraries, read back."""

from __future__ import annotations

import re
from functools import lru_cache

from core.wording import Note, note

_TYPES = "integer|number|text|boolean|date|datetime"
_FORMS = {"type": _TYPES, **dict.fromkeys(("count", "width", "line", "place", "limit"), r"[-\d.,e+]+")}
KNOWN = (
    # why a row is refused
    note("{count} fields where {width} were expected"),
    note("{column}: {value} is no {type}"),
    note("longer than {limit} bytes"),
    note("a NUL character"),
    note("bytes that are no text in this encoding"),
    note("a quote that is opened and never closed"),
    note("text after a closing quote"),
    note("not an object, as the first row is"),
    note("not an array, as the first row is"),
    note("not a plain value, as the first row is"),
    note("the key {key} is there twice"),
    note("half of a character (a lone surrogate), which is no text"),
    note("a line that is too long"),
    note("no JSON: {reason}"),
    # why a file is
    note("{reason} (line {line})"),
    note("{reason} (in the file {name})"),
    note("{reason} at character {place}"),
    note("{reason}: line {line} column {place}"),
    note("nested too deeply"),
    note("bytes that are no UTF-8"),
    note("bytes that are no UTF-8 ({reason})"),
    note("a whole number of more than 4,300 digits"),
    note("a comma is missing before {value}"),
    note("the file ends inside the array"),
    note("its content is no sheets that are known here"),
    note("it has no header"),
    note("its sectors have no possible size"),
    note("it ends before one of its sectors"),
    note("a chain of its sectors leads nowhere"),
    note("a chain of its sectors has no end"),
    note("its sheets lie over one another"),
    note("it breaks off inside a record"),
    note("it has no schema"),
    note("its header is too long"),
    note("a length in it is impossible"),
    note("a number in it is too long"),
    note("it is cut short"),
    note("its blocks do not follow one another"),
    note("a block of it is damaged"),
    note("a block of {count} bytes claims {width} rows"),
    note("it is packed in a way that is not known here ({value})"),
    note("it has lists of values that take no room"),
    note("it declares entities of its own"),
    note("a cell stands in column {place}, which no sheet has"),
    note("it holds no workbook"),
    # how libraries say it
    note("Expecting value"),
    note("Expecting property name enclosed in double quotes"),
    note("Expecting ',' delimiter"),
    note("Expecting ':' delimiter"),
    note("Extra data"),
    note("Unterminated string starting at"),
    note("Invalid control character at"),
    note("Invalid \\escape"),
    note("Illegal trailing comma before end of array"),
    note("Illegal trailing comma before end of object"),
    note("invalid start byte"),
    note("invalid continuation byte"),
    note("unexpected end of data"),
    note("File is not a zip file"),
    note("Bad magic number for central directory"),
    note("Truncated file header"),
    note("Not a gzipped file ({value})"),
    note("CRC check failed {value}"),
    note("Compressed file ended before the end-of-stream marker was reached"),
    note("No magic bytes found at end of file"),
    note("too small to be a Parquet file"),
    # what jobs are called
    note("Fit {name}"),
    # rules of parameters
    note("must be greater than {limit}"),
    note("must be greater than or equal to {limit}"),
    note("must be less than {limit}"),
    note("must be less than or equal to {limit}"),
    note("must be a finite number"),
    note("must be a valid number"),
    note("must be a valid integer"),
    note("must be a valid string"),
    note("must be {choices}"),
    note("Tuple should have at least {limit} item after validation, not {count}"),
    note("String should have at least {limit} character"),
    note("String should have at least {limit} characters"),
    note("String should have at most {limit} characters"),
)


FEATURES = (  # how the columns of a model's matrix are named
    note("intercept"),
    note("{column} is missing"),
    note("{column} (days)"),
    note("{column} = (other)"),
    note("{column} month = {month}"),
    note("{column} weekday = {day}"),
)


def read(text: str, among: tuple[Note, ...] = KNOWN) -> Note | None:
    """The note that a finished text was made from, its values apart again; None where none is known."""
    for pattern, known in _patterns(among):
        if found := pattern.fullmatch(text):
            return note(known.template, **found.groupdict())
    return None


@lru_cache(maxsize=4)
def _patterns(among: tuple[Note, ...]) -> tuple[tuple[re.Pattern[str], Note], ...]:
    return tuple((_pattern(known.template), known) for known in among)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    named = [f"(?P<{name}>{_FORMS.get(name, '.*')})" for name in parts[1::2]]
    texts = [re.escape(part) for part in parts[::2]]
    return re.compile("".join(a + b for a, b in zip(texts, [*named, ""], strict=True)), re.DOTALL)
