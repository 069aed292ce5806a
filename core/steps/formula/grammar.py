"""From the text of a formula to a tree: a tokenizer and an operator-precedence parser."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.errors import BadParameter, MissingColumn
from core.wording import note

MAX_LENGTH = 2_000  # characters
MAX_DEPTH = 40  # levels of the tree: both engines' own parsers are recursive


class FormulaError(BadParameter):
    """A formula cannot be used: says at which character, what was expected and what was found."""

    @property
    def position(self) -> int:
        """The character the message is about, counted from 1."""
        return int(self.values.get("position", 1))


class UnknownColumn(FormulaError, MissingColumn):
    """A formula names a column that the table does not have."""


def refused(
    position: int, template: str, *, hint: str = "", error: type[FormulaError] = FormulaError, **values: Any
) -> FormulaError:
    """An error at the character with index `position`."""
    problem = note(template, **values)
    return error(
        "Formula, character {position}: {problem}",
        hint=hint, position=position + 1, problem=problem, **values,
    )  # fmt: skip


@dataclass(frozen=True)
class Literal:
    """A value that is written out: a number, a text, true, false or missing."""

    at: int
    value: int | float | str | bool | None
    depth: int = 1


@dataclass(frozen=True)
class ColumnRef:
    """A column, as its name was typed."""

    at: int
    name: str
    depth: int = 1


@dataclass(frozen=True)
class Call:
    """A function of other parts; an operator is a function whose name is its sign."""

    at: int
    function: str
    arguments: tuple[Node, ...]
    depth: int


Node = Literal | ColumnRef | Call


@dataclass(frozen=True)
class Token:
    kind: str  # number, text, column, word, sign, end
    text: str  # as typed, without quotes or brackets
    at: int
    end: int


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | "(?P<double>(?:[^"]|"")*)"
    | '(?P<single>(?:[^']|'')*)'
    | \[(?P<column>(?:[^\]]|\]\])*)\](?!\])
    | (?P<word>[^\W\d]\w*)
    | (?P<sign>\*\*|==|!=|<>|<=|>=|[-+*/%^&=<>(),])
    | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_ALIASES = {"==": "=", "<>": "!=", "**": "^"}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "missing": None, "null": None}
_WORDS = frozenset({"and", "or", "not", *_CONSTANTS})

# operator: (how tightly it binds its left side, and its right side)
_BINDING = {"or": (1, 2), "and": (3, 4), "&": (9, 10), "+": (11, 12), "-": (11, 12)}
_BINDING |= dict.fromkeys(("*", "/", "%"), (13, 14)) | {"^": (18, 17)}  # 2 ^ 3 ^ 2 = 2 ^ 9
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_BINDING |= dict.fromkeys(_COMPARISONS, (7, 8))
_NOT, _SIGN = 5, 15  # not a = b is not (a = b); -2 ^ 2 is -(2 ^ 2)


def quoted_column(name: str) -> str:
    """A column's name as a formula spells it: bare when it is a plain word, else in brackets."""
    if re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in _WORDS:
        return name
    return "[" + name.replace("]", "]]") + "]"


def renamed(text: str, names: Mapping[str, str]) -> str:
    """The formula with columns called otherwise; all else stays as it was typed."""
    stream = tokens(text)
    parts: list[str] = []
    done = 0
    for token, after in pairwise(stream):
        called = token.kind == "word" and after.kind == "sign" and after.text == "("
        named = token.kind == "column" or (
            token.kind == "word" and not called and token.text.lower() not in _WORDS
        )
        if named and token.text in names:
            parts += [text[done : token.at], quoted_column(names[token.text])]
            done = token.end
    return "".join([*parts, text[done:]])


def tokens(text: str) -> list[Token]:
    """The words and signs of a formula, ending with an "end"."""
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = str(match.lastgroup)
        raw, at = match.group(kind), match.end()
        start = at - len(match.group().lstrip())
        if kind in ("double", "single"):
            quote = '"' if kind == "double" else "'"
            kind, raw = "text", raw.replace(quote * 2, quote)
        elif kind == "column":
            raw = raw.replace("]]", "]")
        elif kind == "sign":
            raw = _ALIASES.get(raw, raw)
        found.append(Token(kind, raw, start, at))
    return found


def _unreadable(text: str, at: int) -> FormulaError:
    start = at + len(text[at:]) - len(text[at:].lstrip())
    char = text[start]
    if char in "\"'":
        return refused(
            start, "a text begins here and does not end.", hint="Close it with {quote}.", quote=char
        )
    if char == "[":
        return refused(start, "a column's name begins here and does not end.", hint="Close it with ].")
    hints = {
        "!": "Write not or !=.",
        "|": "Write or; texts are joined with &.",
        ";": "Arguments stand between commas.",
    }
    return refused(start, "{char!r} means nothing in a formula.", hint=hints.get(char, ""), char=char)


def parsed(text: str) -> Node:
    """The tree of a formula; FormulaError says what is wrong, where, and what was expected."""
    if len(text) > MAX_LENGTH:
        raise refused(
            MAX_LENGTH,
            "a formula may have {limit} characters; this one has {got}.",
            hint="Split it into several columns.",
            limit=MAX_LENGTH,
            got=len(text),
        )
    parser = _Parser(tokens(text))
    if parser.next.kind == "end":
        raise refused(0, "the formula is empty.", hint="For example: {example}.", example="price * quantity")
    tree = parser.expression(0, 1)
    if parser.next.kind != "end":
        raise parser.unexpected("an operator or the end")
    return tree


class _Parser:
    """Pratt's method: each operator binds its sides with a strength, and the stronger one wins."""

    def __init__(self, stream: list[Token]) -> None:
        self.stream, self.index = stream, 0

    @property
    def next(self) -> Token:
        return self.stream[self.index]

    def take(self) -> Token:
        token = self.next
        self.index += token.kind != "end"
        return token

    def unexpected(self, expected: str) -> FormulaError:
        token = self.next
        found = note("the formula ends") if token.kind == "end" else repr(token.text)
        return refused(token.at, "expected {expected}, found {found}.", expected=expected, found=found)

    def operator(self) -> str:
        """The operator that comes next, or nothing."""
        token = self.next
        sign = token.text.lower() if token.kind in ("word", "sign") else ""
        return sign if sign in _BINDING else ""

    def expression(self, strength: int, depth: int) -> Node:
        """Everything from here that is bound more strongly than `strength`."""
        left = self.operand(depth)
        while (sign := self.operator()) and _BINDING[sign][0] > strength:
            token = self.take()
            right = self.expression(_BINDING[sign][1] - 1, depth + 1)
            left = self.call(token.at, sign, (left, right))
            if sign in _COMPARISONS and self.operator() in _COMPARISONS:
                raise refused(
                    self.next.at,
                    "comparisons cannot be chained.",
                    hint="Join two with and: 1 < x and x < 5.",
                )
        return left

    def operand(self, depth: int) -> Node:
        """A value, a column, a call, a part in parentheses, or one of these with - or not before it."""
        if depth > MAX_DEPTH:
            raise self.too_deep(self.next.at)
        if self.next.kind == "end":
            raise self.unexpected("a value, a column or a function")
        token = self.take()
        word = token.text.lower()
        if token.kind == "number":
            return Literal(token.at, _number(token))
        if token.kind == "text":
            return Literal(token.at, _text(token))
        if token.kind == "column":
            return ColumnRef(token.at, token.text)
        if token.kind == "word" and word in _CONSTANTS:
            return Literal(token.at, _CONSTANTS[word])
        if token.kind == "word" and word == "not":
            return self.call(token.at, "not", (self.expression(_NOT, depth + 1),))
        if token.kind == "word" and word not in _WORDS:
            if self.next.text == "(" and self.next.kind == "sign":
                return self.call(token.at, word, self.arguments(depth))
            return ColumnRef(token.at, token.text)
        if token.kind == "sign" and token.text in "+-":
            return self.signed(token, self.expression(_SIGN, depth + 1))
        if token.kind == "sign" and token.text == "(":
            inner = self.expression(0, depth + 1)
            self.close("an operator or )")
            return inner
        self.index -= 1
        raise self.unexpected("a value, a column or a function")

    def arguments(self, depth: int) -> tuple[Node, ...]:
        self.take()
        found: list[Node] = []
        if not (self.next.kind == "sign" and self.next.text == ")"):
            found.append(self.expression(0, depth + 1))
            while self.next.kind == "sign" and self.next.text == ",":
                self.take()
                found.append(self.expression(0, depth + 1))
        self.close("an operator, a comma or )")
        return tuple(found)

    def close(self, expected: str) -> None:
        if not (self.next.kind == "sign" and self.next.text == ")"):
            raise self.unexpected(expected)
        self.take()

    def signed(self, token: Token, node: Node) -> Node:
        if isinstance(node, Literal) and type(node.value) in (int, float):
            value = node.value
            return Literal(token.at, -value if token.text == "-" else value)  # type: ignore[operator]
        return self.call(token.at, token.text + "a", (node,))  # "-a" and "+a": names that nobody can type

    def call(self, at: int, function: str, arguments: tuple[Node, ...]) -> Call:
        depth = 1 + max((argument.depth for argument in arguments), default=0)
        if depth > MAX_DEPTH:
            raise self.too_deep(at)
        return Call(at, function, arguments, depth)

    def too_deep(self, at: int) -> FormulaError:
        return refused(
            at,
            "more than {limit} levels of parts within parts.",
            hint="Split the formula into several columns.",
            limit=MAX_DEPTH,
        )


def _number(token: Token) -> int | float:
    if token.text.isdecimal() and int(token.text) < 2**63:
        return int(token.text)
    value = float(token.text)
    if not math.isfinite(value):
        raise refused(token.at, "{text} is too large a number.", text=token.text)
    return value


def _text(token: Token) -> str:
    for char in token.text:
        if char == "\0" or "\ud800" <= char <= "\udfff":
            raise refused(token.at, "a text cannot hold the character {char!r}.", char=char)
    return token.text
