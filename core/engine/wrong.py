"""What the engine has against a statement, in sentences of ours: they name the place and the way out.

The engine's sentence is kept beside ours as the value `engine`; one that no kind here knows is shown as
it is. What it says is a stranger's text in part, so it only ever becomes a value, never a template.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import duckdb

from core.contracts import near
from core.engine.allowed import KEYWORDS, RESERVED
from core.engine.complaints import KINDS
from core.errors import BadInput, Cancelled, LimitReached, SightlineError

_LONGEST = 4_000  # letters of the engine's sentence that are looked at
_SHOWN = 200  # letters of a name or a value in ours
_NUMBERS = {
    "INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INTEGER", "INT64": "BIGINT", "INT128": "HUGEINT",
    "UINT8": "UTINYINT", "UINT16": "USMALLINT", "UINT32": "UINTEGER", "UINT64": "UBIGINT",
    "UINT128": "UHUGEINT", "BOOL": "BOOLEAN", "INTEGER_LITERAL": "INTEGER", "STRING_LITERAL": "VARCHAR",
}  # fmt: skip


def explained(
    error: Exception, text: str, shift: int = 0, tables: Mapping[str, Sequence[str]] | None = None
) -> SightlineError:
    """What is wrong with a statement, with the place in it where that is known.

    `shift`: how many letters the engine put before the statement; `tables`: the columns of what it reads.
    """
    reason, place, length = _read(error)
    if place is not None and not 0 <= (place := place - shift) < len(text.encode()):
        place, length = None, None
    if place is None:
        place, length = _found(reason, text)
    if isinstance(error, duckdb.InterruptException):
        return Cancelled()
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return LimitReached(
            "This statement needs more memory than one may take.",
            hint="Read fewer columns or rows, or group before joining.",
        )
    found: dict[str, Any] = {"start": place, "length": length}
    if isinstance(error, duckdb.IOException | duckdb.PermissionException):
        return BadInput("Statements reach your tables, and no files.", hint="Add the file on the page Add.")
    said = " ".join(re.split(r"\s*Use SET |\s*Use \"SET ", reason)[0].split())[:500].rstrip(".")
    known = worded(reason, tables or {})
    if known is not None:
        template, hint, values = known
        return BadInput(template, hint=hint, **values, engine=said, **found)
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException):
        return BadInput(
            "A value cannot be read as that: {reason}.",
            hint="TRY_CAST gives an empty value instead, and x / NULLIF(y, 0) never fails.",
            reason=said,
            **found,
        )
    return BadInput("The statement cannot run: {reason}.", reason=said, **found)


def worded(reason: str, tables: Mapping[str, Sequence[str]]) -> tuple[str, str, dict[str, Any]] | None:
    """Our sentence, what to do, and the values of both for a sentence of the engine's; None: not known."""
    for kind in KINDS:
        found = kind.pattern.match(reason[:_LONGEST])
        if found is None:
            continue
        values: dict[str, Any] = {}
        for name, value in found.groupdict(default="").items():
            values[name] = _VALUES.get(name, _cut)(value)
        if kind.columns:
            values["candidates"] = _columns(found["name"], found["candidates"] or "", tables)
        return kind.said.template, kind.hint.template, values
    return None


def misread(
    reason: str, text: str, place: int | None, length: int | None
) -> tuple[str, str, dict[str, Any]] | None:
    """The same for a text that is no statement: a word like one of SQL's own is named."""
    if place is not None and length is not None:
        data = text.encode()
        here = data[place : place + length].decode(errors="replace")
        words = re.findall(r"[A-Za-z_]\w*", data[:place].decode(errors="replace"))
        for word in (here, words[-1] if words else ""):
            if like := _keyword(word):
                return worded(f'instead of "{word}", "{like}"', {})
        begun = here.upper() in KEYWORDS or here.lower() in RESERVED or not here[:1].isalnum()
        if begun and not data[place + length :].strip(b" \t\r\n;"):
            return worded(f'ends after "{here}"', {})
    return worded(reason, {})


def _keyword(word: str) -> str:
    """The word of SQL's that is meant by one that is none, if it is much like one."""
    if len(word) < 2 or not word.isascii() or word.upper() in KEYWORDS or word.lower() in RESERVED:
        return ""
    return next(iter(difflib.get_close_matches(word.upper(), KEYWORDS, n=1, cutoff=0.75)), "")


def located(location: Any) -> tuple[int | None, int | None]:
    """Start and length out of the engine's "[24,1]"."""
    try:
        start, length = json.loads(str(location))
        return int(start), int(length)
    except (ValueError, TypeError):
        return None, None


def place_of(error: Exception) -> int | None:
    """Where the engine says that an error is."""
    return _read(error)[1]


def _read(error: Exception) -> tuple[str, int | None, int | None]:
    """The engine's own sentence without its kind, and where it points."""
    said = str(error)
    body = said.partition(": ")[2] or said
    try:
        told = json.loads(body)
        return str(told["exception_message"]), *located(told.get("location"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return re.split(r"\n\s*LINE \d+:", body)[0], None, None


def _found(reason: str, text: str) -> tuple[int | None, int | None]:
    """Where the first name that the engine puts in double quotes stands in the statement, in bytes."""
    name = re.search(r'"([^"]+)"', reason)
    if name is None:
        return None, None
    word = re.compile(rf"(?<!\w){re.escape(name.group(1))}(?!\w)", re.IGNORECASE)
    at = word.search(_without_texts(text))
    if at is None:
        return None, None
    return len(text[: at.start()].encode()), len(at.group().encode())


def _without_texts(text: str) -> str:
    """The statement with blanks for its texts and comments: no name is looked for in there."""
    return re.sub(r"'[^']*'|--[^\n]*|/\*.*?\*/", lambda part: " " * len(part.group()), text, flags=re.DOTALL)


def _cut(value: str) -> str:
    whole = " ".join(value.split())
    return whole if len(whole) <= _SHOWN else whole[: _SHOWN - 1] + "…"


def _type(value: str) -> str:
    """A type as statements write it."""
    return _cut(re.sub(r"\w+", lambda part: _NUMBERS.get(part.group(), part.group()), value))


def _names(value: str) -> list[str]:
    found = re.findall(r"\"(.*?)\"(?=, |$)|'(.*?)'(?=,? or |, |$)", value)
    return [one or other for one, other in found][:5]


def _listed(value: str) -> str:
    """The names in what the engine lists as "a", "b" or as 'a' or 'b'."""
    return _cut(", ".join(_names(value)) or value)


def _signatures(value: str) -> str:
    """The first few ways to call a function, from the engine's list of them."""
    lines = (line.strip().partition(" -> ")[0] for line in value.splitlines())
    short = dict.fromkeys(_type(line.replace(", /", "").replace('"', "")) for line in lines if line)
    return _cut(", ".join(list(short)[:4]))


def _columns(name: str, told: str, tables: Mapping[str, Sequence[str]]) -> str:
    """Columns like a name that was not found: of the tables that are read, and what the engine names."""
    known = dict.fromkeys([column for columns in tables.values() for column in columns] + _names(told))
    return _cut(", ".join(near(name, known))) or "–"


_VALUES: dict[str, Callable[[str], str]] = {
    "left": _type,
    "right": _type,
    "types": _type,
    "into": _type,
    "candidates": _listed,
    "calls": _signatures,
}
