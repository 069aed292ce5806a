"""Give each part of a formula its type, or refuse it: nothing that runs can be of the wrong type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from core.contracts import ColumnType, Schema, near
from core.steps.formula.forms import Form, Function
from core.steps.formula.functions import FUNCTIONS
from core.steps.formula.grammar import (
    Call,
    ColumnRef,
    Literal,
    Node,
    UnknownColumn,
    parsed,
    quoted_column,
    refused,
)
from core.wording import either, note

MAX_SIZE = 1_500  # parts of the expression as it is written out for the engine
Type = ColumnType | None  # None: a bare "missing", which fits any type


@dataclass(frozen=True)
class Value:
    """A value that is written out, of a known type."""

    value: int | float | str | bool | dt.date | dt.datetime | None
    type: Type
    size: int = 1


@dataclass(frozen=True)
class Reference:
    """A column of the table."""

    name: str
    type: Type
    size: int = 1


@dataclass(frozen=True)
class Convert:
    """A whole number as a number, or a date as a datetime."""

    part: Typed
    type: Type
    size: int


@dataclass(frozen=True)
class Apply:
    """A function in one of its forms, with arguments of the types it takes."""

    form: Form
    arguments: tuple[Typed, ...]
    type: Type
    size: int


Typed = Value | Reference | Convert | Apply

_WIDER: dict[tuple[Type, Type], ColumnType] = {
    ("integer", "number"): "number",
    ("date", "datetime"): "datetime",
}
_NAMED = {
    "number": "a number",
    "integer": "a whole number",
    "text": "a text",
    "boolean": "a condition (true or false)",
    "date": "a date",
    "datetime": "a datetime",
    "fixed text": "a text in quotes",
    "fixed part": "a text in quotes that is not empty",
    "fixed count": "a whole number from 1 to 1000000, written out",
    "fixed digits": "a whole number from 0 to 15, written out",
    None: "missing",
}


def checked(text: str, columns: Schema) -> Typed:
    """The typed tree of a formula over these columns; FormulaError when it is wrong anywhere."""
    tree = parsed(text)
    result = _Checker(columns).part(tree)
    if result.type is None:
        raise refused(tree.at, "this is always missing, so it has no type.")
    if _size(result, inside=False) > MAX_SIZE:
        raise refused(
            tree.at,
            "this is too long when written out for the engine ({got} parts of {limit}).",
            hint="Split it into several columns.",
            got=_size(result, inside=False),
            limit=MAX_SIZE,
        )
    return result


class _Checker:
    def __init__(self, columns: Schema) -> None:
        self.known = {column.name: column for column in columns}
        self.folded = {column.name.casefold(): column for column in columns}

    def part(self, node: Node) -> Typed:
        if isinstance(node, Literal):
            return _value(node)
        if isinstance(node, ColumnRef):
            return self.column(node)
        function = FUNCTIONS.get(node.function)
        if function is None:
            raise self.unknown_function(node)
        arguments = [self.part(argument) for argument in node.arguments]
        if function.name == "one_of" and len(arguments) > 2:
            return self.one_of(node, function, arguments)
        if function.repeats and len(arguments) > 2:
            return self.folded_call(node, function, list(zip(arguments, node.arguments, strict=True)))
        return self.apply(node, function, arguments, node.arguments)

    def column(self, node: ColumnRef) -> Reference:
        column = self.known.get(node.name) or self.folded.get(node.name.casefold())
        if column is not None:
            return Reference(column.name, column.type)
        if node.name.lower() in FUNCTIONS:
            raise refused(
                node.at,
                "there is no column {name!r}.",
                error=UnknownColumn,
                hint="The function of that name is called with parentheses: {call}.",
                name=node.name,
                call=FUNCTIONS[node.name.lower()].call,
            )
        raise refused(
            node.at,
            "there is no column {name!r}.",
            error=UnknownColumn,
            hint="Did you mean one of these: {candidates}? A text stands in quotes." if self.known else "",
            name=node.name,
            candidates=", ".join(quoted_column(name) for name in near(node.name, self.known)),
        )

    def unknown_function(self, node: Call) -> Exception:
        known = {name: None for name, function in FUNCTIONS.items() if not function.operator}
        return refused(
            node.at,
            "there is no function {name!r}.",
            hint="Did you mean one of these: {candidates}?",
            name=node.function,
            candidates=", ".join(near(node.function, known)),
        )

    def one_of(self, node: Call, function: Function, arguments: list[Typed]) -> Typed:
        tests = [
            (self.apply(node, function, [arguments[0], other], (node.arguments[0], place)), place)
            for other, place in zip(arguments[1:], node.arguments[1:], strict=True)
        ]
        return self.folded_call(node, FUNCTIONS["or"], tests)

    def folded_call(self, node: Call, function: Function, parts: list[tuple[Typed, Node]]) -> Typed:
        """f(a, b, c, d) as f(f(a, b), f(c, d)): the tree stays shallow."""
        if len(parts) == 1:
            return parts[0][0]
        middle = len(parts) // 2
        halves = [self.folded_call(node, function, half) for half in (parts[:middle], parts[middle:])]
        return self.apply(node, function, halves, (parts[0][1], parts[middle][1]))

    def apply(self, node: Call, function: Function, parts: list[Typed], places: Sequence[Node]) -> Typed:
        """The first form whose types fit; the error is about the argument that got furthest."""
        forms = [form for form in function.forms if len(form.takes) == len(parts)]
        if not forms:
            raise refused(
                node.at,
                "{name} is called as {call}; arguments given: {got}.",
                name=function.name,
                call=function.call,
                got=len(parts),
            )
        furthest = -1
        wrong = forms[0]
        for form in forms:
            stop = next((i for i, kind in enumerate(form.takes) if not _fits(kind, parts[i])), None)
            if stop is None:
                return self.bind(node, function, form, parts, places)
            if stop > furthest:
                furthest, wrong = stop, form
        takes = [form.takes[furthest] for form in forms if form.takes[:furthest] == wrong.takes[:furthest]]
        raise _wrong_type(function, list(dict.fromkeys(takes)), parts[furthest], places[furthest])

    def bind(
        self, node: Call, function: Function, form: Form, parts: list[Typed], places: Sequence[Node]
    ) -> Typed:
        shared: Type = None
        for kind, part, place in zip(form.takes, parts, places, strict=True):
            if kind == "same":
                shared = _shared(shared, part, function, place, parts)
        ready = tuple(
            _converted(part, shared or "text" if kind in ("same", "any") else kind)
            if kind != "any" or part.type is None
            else part
            for kind, part in zip(form.takes, parts, strict=True)
        )
        gives: Type = shared or "text" if form.gives == "same" else form.gives  # type: ignore[assignment]
        size = 1 + sum(
            _size(part, inside=form.makes_nan)
            * max(_uses(form.sql, letter), form.pandas.count("{" + letter), 1)
            for letter, part in zip(ascii_lowercase, ready, strict=False)
        )
        if size > MAX_SIZE:
            size = MAX_SIZE + 1  # it only grows: what it would be exactly interests nobody
        return Apply(form, ready, gives, size)


def _uses(template: str, letter: str) -> int:
    """How often the engine writes an argument: NULLIF becomes a CASE that holds its first twice."""
    return template.count(f":{letter}") + template.count(f"NULLIF(:{letter}")


def _size(part: Typed, *, inside: bool) -> int:
    """The size of a part where it stands: leaving arithmetic it is guarded by a NULLIF of its own."""
    guarded = isinstance(part, Apply) and part.form.makes_nan and not inside
    return part.size * 2 if guarded else part.size


def _value(node: Literal) -> Value:
    kinds: dict[type, ColumnType] = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return Value(node.value, kinds.get(type(node.value)))


def _day(part: Typed) -> dt.date | dt.datetime | None:
    """The date or datetime that a text says which is written out, in ISO's way: 2024-01-30 15:00."""
    if not (isinstance(part, Value) and isinstance(part.value, str)):
        return None
    try:
        if len(part.value) == 10:
            return dt.date.fromisoformat(part.value)
        moment = dt.datetime.fromisoformat(part.value)
    except ValueError:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


def _fits(kind: str, part: Typed) -> bool:
    if kind.startswith("fixed") or kind == "nonzero":
        value = part.value if isinstance(part, Value) else None
        whole = type(value) is int
        return {
            "fixed text": isinstance(value, str),
            "fixed part": isinstance(value, str) and value != "",
            "fixed count": whole and 1 <= value <= 1_000_000,  # type: ignore[operator]
            "fixed digits": whole and 0 <= value <= 15,  # type: ignore[operator]
            "nonzero": type(value) in (int, float) and value != 0,
        }[kind]
    if kind in ("same", "any") or part.type is None or part.type == kind:
        return True
    if (part.type, kind) in _WIDER:
        return True
    day = _day(part)
    return day is not None and (kind == "datetime" or (kind == "date" and type(day) is dt.date))


def _shared(shared: Type, part: Typed, function: Function, place: Node, parts: list[Typed]) -> Type:
    """The type that serves this part too; texts that are written out serve as dates among dates."""
    if part.type is None or shared is None or part.type == shared:
        return shared or part.type
    pair = _WIDER.get((shared, part.type)) or _WIDER.get((part.type, shared))
    if pair:
        return pair
    dates = {"date", "datetime"}
    if shared in dates and part.type == "text" and _day(part) is not None:
        return "datetime" if type(_day(part)) is dt.datetime else shared
    written = [one for one in parts if one.type == "text"]
    if shared == "text" and part.type in dates and all(_day(one) is not None for one in written):
        return "datetime" if any(type(_day(one)) is dt.datetime for one in written) else part.type
    if dates & {shared, part.type} and "text" in (shared, part.type):
        raise refused(
            place.at,
            "{name} got a date and a text that is no date.",
            hint='Write dates as "2024-01-30" or "2024-01-30 15:00".',
            name=function.name,
        )
    raise refused(
        place.at,
        "{name} needs values of one type; this is {got}, the one before is {other}.",
        hint="Convert with text() or number().",
        name=function.name,
        got=note(_NAMED[part.type]),
        other=note(_NAMED[shared]),
    )


def _converted(part: Typed, to: str) -> Typed:
    """The part as the type a form takes, which is known to fit it."""
    if to.startswith("fixed") or part.type == to:
        return part
    kind: ColumnType = "number" if to == "nonzero" else to  # type: ignore[assignment]
    if isinstance(part, Value):
        value = _day(part) if kind in ("date", "datetime") and isinstance(part.value, str) else part.value
        if kind == "number" and value is not None:
            value = float(value)  # type: ignore[arg-type]
        if kind == "datetime" and type(value) is dt.date:
            value = dt.datetime.combine(value, dt.time())
        return Value(value, kind)
    return Convert(part, kind, _size(part, inside=False) + 1)


def _wrong_type(function: Function, takes: list[str], part: Typed, place: Node) -> Exception:
    got = repr(part.value) if isinstance(part, Value) else note(_NAMED[part.type])
    hint = ""
    if function.name == "+" and part.type == "text":
        hint = "Texts are joined with &."
    elif "text" in takes and part.type is not None:
        hint = "Make it a text with text()."
    elif {"number", "boolean"} & set(takes) and part.type == "text":
        hint = "Make it a number with number()." if "number" in takes else 'Compare it: name = "x".'
    elif {"date", "datetime"} & set(takes) and part.type == "text":
        hint = 'Write a date as "2024-01-30"; make dates of a column with the step that changes types.'
    return refused(
        place.at,
        "{name} takes {expected} here, not {got}.",
        hint=hint,
        name=function.name,
        expected=either([note(_NAMED[kind]) for kind in takes if kind in _NAMED]),
        got=got,
    )
