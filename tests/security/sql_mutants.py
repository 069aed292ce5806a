"""Statements made of ordinary ones and attacks: changed by letters or words, framed, and from a grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from core.engine import allowed
from tests.security.sql_statements import attacks, ordinary
from tests.security.sql_tables import Places

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+|\s+|[^\w\s]+")
_LETTERS = [
    "'",
    '"',
    ";",
    "--",
    "/*",
    "*/",
    "(",
    ")",
    ",",
    ".",
    "\n",
    "\t",
    "$$",
    "\\",
    "K",
    "ſ",
    "İ",
    "ı",
    "é",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "\u2028",
    "e'",
    "u&'",
    "::",
    ":=",
    "->",
    "[",
    "]",
    "{",
    "}",
    "=>",
    "@",
]
_TABLES = [
    "orders",
    "customers",
    '"Sales 2024"',
    "secret",
    "kept",
    "SECRET",
    '"Kept"',
    "x",
    "y",
    "z",
    "Orders",
]
_COLUMNS = ["id", "city", "amount", "name", "word", "*", "x.id", "secret.word", "kept.word", "1", "'a'"]
_FORBIDDEN = [
    "getenv",
    "read_text",
    "read_csv",
    "query",
    "query_table",
    "current_setting",
    "getvariable",
    "nextval",
    "json_execute_serialized_sql",
    "list_aggregate",
    "glob",
    "duckdb_settings",
    "sleep_ms",
]
_FRAMES = [
    "SELECT * FROM ({attack}) q",
    "WITH x AS ({attack}) SELECT * FROM x",
    "WITH x AS ({attack}) {good}",
    "{good} UNION ALL ({attack})",
    "SELECT ({attack})",
    "SELECT * FROM orders WHERE id IN ({attack})",
    "SELECT * FROM orders, LATERAL ({attack}) l",
    "SELECT EXISTS ({attack})",
    "{good}; {attack}",
    "SELECT list_transform([1], lambda v: ({attack}))",
    "SELECT * FROM orders ORDER BY ({attack})",
    "SELECT * FROM orders LIMIT ({attack})",
    "{attack} /* {good} */",
    "/* {good} */ {attack}",
    "WITH orders AS ({attack}) {good}",
    "WITH secret AS ({good}) {attack}",
    "WITH kept AS ({good}) {attack}",
    "WITH RECURSIVE secret AS ({good}) {attack}",
    "WITH RECURSIVE r AS (SELECT 1 UNION ALL ({attack})) FROM r",
    "WITH a AS (WITH secret AS ({good}) SELECT 1) {attack}",
    "SELECT (WITH secret AS ({good}) SELECT 1), ({attack})",
    "DESCRIBE {attack}",
    "SUMMARIZE {attack}",
    "EXPLAIN {attack}",
    "CREATE TABLE made AS {attack}",
    "{good} -- {attack}",
    "SELECT $$ {attack} $$",
    "PIVOT ({attack}) ON id IN (1) USING count(*)",
    "UNPIVOT ({attack}) ON id",
    "SELECT CASE WHEN ({attack}) IS NULL THEN 1 END",
    "FROM ({good}) a POSITIONAL JOIN ({attack}) b",
    "SELECT count(*) OVER (PARTITION BY ({attack})) FROM orders",
    "VALUES (({attack}))",
    "({attack})",
    "FROM ({attack})",
]


class Mutants:
    """Statements from a seed: the same seed gives the same ones."""

    def __init__(self, seed: int, places: Places) -> None:
        self.random = random.Random(seed)
        self.good = [text for text in ordinary() if "RECURSIVE" not in text]
        self.bad = attacks(*places.attack())
        self.words = [
            word for text in (*self.good, *self.bad) for word in _TOKEN.findall(text) if word.strip()
        ]
        self.functions = [*sorted(allowed.SCALARS | allowed.AGGREGATES), *_FORBIDDEN * 12]

    def __iter__(self) -> Iterator[str]:
        ways = (self.letters, self.tokens, self.framed, self.made)
        while True:
            text = self.random.choice(ways)()
            if self.random.random() < 0.25:
                text = self.random.choice(ways[:2])(text)
            yield re.sub(r"\d{5,}", "7", text)  # large numbers only take long

    def _any(self) -> str:
        text = self.random.choice(self.good if self.random.random() < 0.5 else self.bad)
        return text.replace("secret", "kept") if self.random.random() < 0.5 else text

    def letters(self, text: str | None = None) -> str:
        """A statement with a few letters removed, doubled, exchanged or put in."""
        text = text or self._any()
        for _ in range(self.random.choice((1, 1, 2, 3))):
            at = self.random.randrange(len(text) + 1)
            end = min(len(text), at + self.random.choice((0, 1, 1, 4)))
            match self.random.randrange(5):
                case 0:
                    text = text[:at] + text[end:]
                case 1:
                    text = text[:at] + text[at:end] * 2 + text[end:]
                case 2:
                    text = text[:at] + text[at:end].swapcase() + text[end:]
                case _:
                    text = text[:at] + self.random.choice(_LETTERS) + text[end:]
        return text

    def tokens(self, text: str | None = None) -> str:
        """A statement with words exchanged for those of others, left out, doubled or moved."""
        words = _TOKEN.findall(text or self._any())
        for _ in range(self.random.choice((1, 1, 2, 3))):
            if not words:
                break
            at = self.random.randrange(len(words))
            match self.random.randrange(5):
                case 0:
                    del words[at]
                case 1:
                    words.insert(at, words[at])
                case 2:
                    words.insert(self.random.randrange(len(words)), words.pop(at))
                case _:
                    words[at] = self.random.choice(self.words)
        return "".join(words)

    def framed(self) -> str:
        """An attack where a good statement has a query, or a good one around it."""
        frame = self.random.choice(_FRAMES)
        bad = self.random.choice((self._any(), self.random.choice(self.bad), f"FROM {self._table()}"))
        return frame.replace("{attack}", bad.rstrip(";")).replace(
            "{good}", self.random.choice(self.good).rstrip(";")
        )

    def made(self) -> str:
        """A query out of a grammar, full of names that hide each other."""
        return self._query(3)

    def _table(self) -> str:
        return self.random.choice(_TABLES)

    def _query(self, depth: int) -> str:
        parts = []
        if depth and self.random.random() < 0.6:
            names = self.random.choices(_TABLES, k=self.random.choice((1, 1, 2)))
            recursive = "RECURSIVE " if self.random.random() < 0.15 else ""
            ctes = ", ".join(f"{name} AS ({self._query(depth - 1)})" for name in names)
            parts.append(f"WITH {recursive}{ctes}")
        parts.append(f"SELECT {self._expression(depth)} AS id FROM {self._from(depth)}")
        if self.random.random() < 0.3:
            parts.append(f"WHERE {self._expression(depth)} IS NOT NULL")
        if depth and self.random.random() < 0.15:
            parts.append(self._one_of("UNION ALL", "UNION", "EXCEPT") + f" ({self._query(depth - 1)})")
        if self.random.random() < 0.1:
            parts.append("LIMIT 3")
        return " ".join(parts)

    def _from(self, depth: int) -> str:
        if depth and self.random.random() < 0.25:
            return f"({self._query(depth - 1)}) AS {self._one_of('x', 'y', 'secret', 'orders')}"
        if self.random.random() < 0.15:
            return f"{self._table()} AS {self._one_of('x', 'secret', 'kept')}"
        if self.random.random() < 0.1:
            return f"{self._table()} NATURAL JOIN {self._table()}"
        return self._table()

    def _expression(self, depth: int) -> str:
        roll = self.random.random()
        if depth and roll < 0.15:
            return f"({self._query(depth - 1)})"
        if depth and roll < 0.35:
            arguments = ", ".join(
                self._expression(depth - 1) for _ in range(self.random.choice((0, 1, 1, 2)))
            )
            return f"{self.random.choice(self.functions)}({arguments})"
        if roll < 0.65:
            return "1"
        return "count(*)" if roll < 0.7 else self.random.choice(_COLUMNS)

    def _one_of(self, *choices: str) -> str:
        return self.random.choice(choices)


def batch(seed: int, count: int, places: Places) -> Sequence[str]:
    """So many statements of a seed."""
    stream = iter(Mutants(seed, places))
    return [next(stream) for _ in range(count)]
