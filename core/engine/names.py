"""Names in a typed statement: the tables, functions and types that it may use, and what to say of others."""

from __future__ import annotations

from typing import Any

from core.contracts import near
from core.engine.allowed import TYPES, WINDOWS
from core.engine.tree import Rule, Scope, Walk, folded


def table_name(walk: Walk, node: dict[str, Any], scope: Scope) -> None:
    """A table by its name alone: one of the given, or a WITH query in scope."""
    name = node["table_name"]
    if node["schema_name"] or node["catalog_name"] or node["qualified_name"] != {"path": [name]}:
        raise walk.refuse(
            "Tables have one name here, without a schema before it: {name}.",
            'Put a name with a dot in it between double quotes: "{name}".',
            name=".".join(map(str, node["qualified_name"].get("path", [name])))[:200],
        )
    if folded(name) in scope:
        return
    if folded(name) not in walk.tables:
        raise walk.refuse(
            "There is no table called {name!r} here.",
            "Did you mean one of these: {candidates}? A file is added on the page Add first.",
            name=name[:200],
            candidates=", ".join(near(name, dict.fromkeys(walk.tables.values()))) or "–",
        )
    walk.found.tables.add(walk.tables[folded(name)])


def called(known: frozenset[str]) -> Rule:
    """The name of a function on the list, without a schema."""

    def rule(walk: Walk, name: Any, scope: Scope, what: str) -> None:
        if isinstance(name, str) and folded(name) not in known and folded(name) in WINDOWS:
            raise walk.refuse(
                "The function {name} needs OVER and brackets behind it.",
                "Say over which rows: {name}(…) OVER (PARTITION BY a ORDER BY b).",
                name=name[:100],
            )
        if not isinstance(name, str) or folded(name) not in known:
            raise walk.refuse(
                "The function {name} is not among those that statements may call.",
                "Like it and allowed: {candidates}.",
                name=str(name)[:100],
                candidates=", ".join(near(str(name)[:100], dict.fromkeys(sorted(known)))),
            )
        walk.found.functions.add(folded(name))

    return rule


def no_schema(walk: Walk, value: Any, scope: Scope, what: str) -> None:
    if value != "":
        raise walk.refuse(
            "A function is called by its name alone; this one stands behind {name} and a dot.",
            "Write upper(city) instead of city.upper().",
            name=str(value)[:100],
        )


def one_path(walk: Walk, value: Any, scope: Scope, what: str) -> None:
    path = value.get("path") if isinstance(value, dict) and set(value) == {"path"} else None
    if not isinstance(path, list) or len(path) > 1 or not all(isinstance(part, str) for part in path):
        raise walk.unknown(what)


def known_type(walk: Walk, name: Any, scope: Scope, what: str) -> None:
    if not isinstance(name, str) or folded(name) not in TYPES:
        raise walk.refuse(
            "{name} is not a type that statements may use here.",
            "Use BIGINT, DOUBLE, VARCHAR, BOOLEAN, DATE, TIMESTAMP, DECIMAL, or lists and structs of these.",
            name=str(name)[:100],
        )
