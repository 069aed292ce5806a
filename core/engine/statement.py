"""Whether a typed statement may run: its parsed tree is compared with a written list of what is harmless.

The engine's own parser gives the tree, so nothing here reads SQL. Everything that a tree may hold is
written down in `core.engine.shapes`: a kind of node, a field or a value that is not there is refused, so
that what a later engine adds is refused until somebody has looked at it. A table is a name that the
caller gave, or a WITH query that is in scope where the name stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.contracts import Json
from core.engine.shapes import STATEMENT
from core.engine.tree import Checked, Refused, Walk, folded
from core.engine.wrong import located, misread

__all__ = ["LONGEST", "Checked", "Refused", "check", "folded", "parsed"]

LONGEST = 100_000  # letters of a statement


def parsed(connection: Any, text: str) -> Json:
    """The tree of a statement, from the engine's own parser: a stranger's text, for a locked process."""
    if len(text) > LONGEST:
        raise Refused(
            "A statement has at most {most:,} letters; this one has {got:,}.", most=LONGEST, got=len(text)
        )
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused("The statement holds a character that no text has.", hint="Type it again.")
    if not text.strip():
        raise Refused("The statement is empty.", hint="Type one, such as SELECT * FROM a table.")
    (told,) = connection.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [text]).fetchone()
    try:
        tree: dict[str, Any] = json.loads(told)
    except RecursionError:
        raise _too_deep() from None
    if tree["error"]:
        raise _unreadable(tree, text)
    return tree


def _too_deep() -> Refused:
    return Refused("This statement is nested too deeply.", hint="Split it with WITH, or make it shorter.")


def _unreadable(told: dict[str, Any], text: str) -> Refused:
    if told.get("error_type") == "parser":
        place, length = located(told.get("location"))
        reason = str(told.get("error_message", ""))[:300]
        known = misread(reason, text, place, length)
        if known is not None:
            template, hint, values = known
            return Refused(template, hint=hint, **values, engine=reason, start=place, length=length)
        return Refused(
            "This is not SQL that can be read: {reason}.",
            hint="Look at the marked place, or just before it.",
            reason=reason,
            start=place,
            length=length,
        )
    return Refused(
        "Only statements that read can run here, and this one is of another kind.",
        hint="Begin with SELECT, FROM, WITH, VALUES, DESCRIBE or SUMMARIZE; "
        "PIVOT needs its values: PIVOT t ON c IN ('a', 'b').",
    )


def check(tree: Json, tables: Iterable[str]) -> Checked:
    """Refuse a parsed statement unless it is one query that only computes over `tables`."""
    walk = Walk({folded(name): name for name in tables})
    statements = tree["statements"] if isinstance(tree, dict) else []
    if set(tree) != {"error", "statements"} or len(statements) != 1:
        raise Refused("Type one statement at a time.", hint="Remove what stands after the semicolon.")
    try:
        walk.record(STATEMENT, statements[0], frozenset(), "statement")
    except RecursionError:
        raise _too_deep() from None
    return walk.found
