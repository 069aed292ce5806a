"""Walking a parsed statement: rules that say what a tree may hold, and refuse whatever they do not name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadInput

_NOWHERE = 2**32  # the parser marks nodes that no text stands for with a very large place
Scope = frozenset[str]  # WITH queries that can be named here, as `folded`


class Refused(BadInput):
    """A statement that is not run: what in it is not allowed, and what to write instead.

    `values` holds `start` and `length` where the place is known, in bytes of its UTF-8 text.
    """


def folded(name: str) -> str:
    """A name as the engine compares it: only the case of A to Z is ignored."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


@dataclass
class Checked:
    """What an allowed statement reads and calls."""

    tables: set[str] = field(default_factory=set)  # as the caller wrote them in `tables`
    functions: set[str] = field(default_factory=set)


Rule = Callable[["Walk", Any, Scope, str], None]


class Walk:
    """One walk over a tree. Rules are given the value of a field, the scope there and the field's name."""

    def __init__(self, tables: dict[str, str]) -> None:
        self.tables, self.found = tables, Checked()
        self.place: tuple[int | None, int | None] = (None, None)

    def refuse(self, template: str, hint: str = "", /, **values: Any) -> Refused:
        return Refused(template, hint=hint, **values, start=self.place[0], length=self.place[1])

    def unknown(self, what: object) -> Refused:
        return self.refuse(
            "{what} is not among what statements may use here.",
            "Write it another way.",
            what=str(what)[:100].replace("_", " ").capitalize(),
        )

    def record(self, shape: dict[str, Rule], node: Any, scope: Scope, kind: str) -> None:
        """Every field by its rule, none left over and none missing."""
        if not isinstance(node, dict) or set(node) != set(shape):
            raise self.unknown(kind)
        self.locate(node)
        for name, rule in shape.items():
            rule(self, node[name], scope, f"{kind} {name}")
        called = node.get("function_name", node.get("type_name"))
        if called is not None and node["qualified_name"] != {"path": [called]}:
            raise self.unknown(kind)  # what was checked would not be what runs

    def locate(self, node: dict[str, Any]) -> None:
        start = node.get("query_location")
        if isinstance(start, int) and start < _NOWHERE:
            self.place = (start, int(node.get("query_location_length") or 1))


def shaped(shapes: dict[str, dict[str, Rule]], by: str = "type") -> Rule:
    """A node of one of these kinds."""

    def rule(walk: Walk, node: Any, scope: Scope, what: str) -> None:
        kind = node.get(by) if isinstance(node, dict) else None
        if isinstance(node, dict):
            walk.locate(node)
        if not isinstance(kind, str) or kind not in shapes:
            raise walk.unknown(kind or what)
        walk.record(shapes[kind], node, scope, kind)

    return rule


def each(rule: Rule) -> Rule:
    def rules(walk: Walk, items: Any, scope: Scope, what: str) -> None:
        if not isinstance(items, list):
            raise walk.unknown(what)
        for item in items:
            rule(walk, item, scope, what)

    return rules


def maybe(rule: Rule) -> Rule:
    def rules(walk: Walk, value: Any, scope: Scope, what: str) -> None:
        if value is not None:
            rule(walk, value, scope, what)

    return rules


def fields(**shape: Rule) -> Rule:
    def rule(walk: Walk, node: Any, scope: Scope, what: str) -> None:
        walk.record(shape, node, scope, what)

    return rule


def one_of(*values: Any) -> Rule:
    def rule(walk: Walk, value: Any, scope: Scope, what: str) -> None:
        if not any(value is known or (type(value) is type(known) and value == known) for known in values):
            raise walk.unknown(value if isinstance(value, str) and value else what)

    return rule


def plain(walk: Walk, value: Any, scope: Scope, what: str) -> None:
    """A name, a number, a yes or no, or nothing: it is no node."""
    if isinstance(value, dict | list):
        raise walk.unknown(what)


def nothing(walk: Walk, value: Any, scope: Scope, what: str) -> None:
    """What stays empty in every statement that is allowed."""
    if value not in (None, "", [], False):
        raise walk.unknown(what)


def values(walk: Walk, node: Any, scope: Scope, what: str) -> None:
    """A value of the parser's own, such as the size of a sample: no node hides in it."""
    if isinstance(node, dict) and set(node) <= {"type", "is_null", "value", "id", "type_info"}:
        for name, inner in node.items():
            values(walk, inner, scope, f"{what} {name}")
    else:
        plain(walk, node, scope, what)
