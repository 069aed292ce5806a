"""Columns added, removed, retyped, moved; and which removed column an added one may be."""

from __future__ import annotations

from difflib import SequenceMatcher

from core import sql
from core.contracts import Column, ColumnType, Engine, Table
from core.params import Frozen

LOOKED = 1_000  # rows whose values are compared to guess what was renamed
LIKELY = 0.6  # from here on a removed and an added column are proposed as one
MOST_PAIRS = 400
_NUMBERS = ("integer", "number")


class Retyped(Frozen):
    """A column of the same name and another type."""

    name: str
    before: ColumnType
    after: ColumnType


class Rename(Frozen):
    """A guess: the added column `after` is the removed column `before`; `score` from 0 to 1."""

    before: str
    after: str
    score: float


class SchemaChanges(Frozen):
    """How the columns of the second table differ from those of the first."""

    added: tuple[Column, ...] = ()
    removed: tuple[Column, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    renamed: tuple[Rename, ...] = ()  # guesses, among those added and removed
    reordered: bool = False  # the columns of both stand in another order

    @property
    def same(self) -> bool:
        return not (self.added or self.removed or self.retyped or self.reordered)


def schema_changes(a: Table, b: Table, engine: Engine) -> SchemaChanges:
    """The differences between the columns of two tables; names are the same only letter by letter."""
    before = {column.name: column for column in a.columns}
    after = {column.name: column for column in b.columns}
    removed = tuple(column for column in a.columns if column.name not in after)
    added = tuple(column for column in b.columns if column.name not in before)
    retyped = tuple(
        Retyped(name=name, before=column.type, after=after[name].type)
        for name, column in before.items()
        if name in after and after[name].type != column.type
    )
    both_a = [name for name in before if name in after]
    both_b = [name for name in after if name in before]
    return SchemaChanges(
        added=added,
        removed=removed,
        retyped=retyped,
        renamed=_renames(a, b, removed, added, engine),
        reordered=both_a != both_b,
    )


def _renames(
    a: Table, b: Table, removed: tuple[Column, ...], added: tuple[Column, ...], engine: Engine
) -> tuple[Rename, ...]:
    """Half by the likeness of the names, half by the values that their first rows have in common."""
    pairs = [(x, y) for x in removed for y in added if _alike(x.type, y.type)][:MOST_PAIRS]
    if not pairs:
        return ()
    left, right = _values(a, removed, engine), _values(b, added, engine)
    scored = [
        Rename(before=x.name, after=y.name, score=round(_score(x, y, left[x.name], right[y.name]), 3))
        for x, y in pairs
    ]
    found: list[Rename] = []
    for guess in sorted(scored, key=lambda one: -one.score):
        taken = any(guess.before == one.before or guess.after == one.after for one in found)
        if guess.score >= LIKELY and not taken:
            found.append(guess)
    return tuple(found)


def _alike(one: ColumnType, other: ColumnType) -> bool:
    return one == other or (one in _NUMBERS and other in _NUMBERS)


def _score(x: Column, y: Column, left: set[str], right: set[str]) -> float:
    names = SequenceMatcher(None, _bare(x.name), _bare(y.name)).ratio()
    together = left | right
    shared = len(left & right) / len(together) if together else 0.0
    return max(0.5 * names + 0.5 * shared, 0.95 * names if names > 0.85 else 0.0)


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum()) or name


def _values(table: Table, columns: tuple[Column, ...], engine: Engine) -> dict[str, set[str]]:
    kept = {column.name: sql.name(column.name) for column in columns}
    rows = engine.rows(sql.over(table.query, kept), limit=LOOKED)
    found = {}
    for column in columns:
        cells = rows.column(column.name).to_pylist()
        found[column.name] = {
            str(float(cell) if column.type in _NUMBERS else cell)[:200] for cell in cells if cell is not None
        }
    return found
