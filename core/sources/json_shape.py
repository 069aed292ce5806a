"""From a JSON value to rows of cells: nested objects spread over columns, one list made rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import LimitReached
from core.sources.rows import as_text

Key = tuple[str, ...]  # where in the value a cell comes from
Cells = dict[Key, Any]

_REPEATED = 256 << 20  # characters of text that the rows of one element may hold together
_LEVELS = 6  # of objects in which lists are looked for
_LOOKED_AT = 10_000  # keys


def rows_of(value: Any, depth: int, explode: Key = ()) -> Iterator[Cells]:
    """The rows that one element gives: one, or with `explode` one for each element of that list.

    A list along the path of `explode` counts too: orders.items gives a row for each item of each
    order. What stands beside a list is repeated. An empty list gives one row without its values.
    """
    if isinstance(value, list):
        yield {(f"column_{i}",): cell for i, cell in enumerate(value, start=1)}
    elif isinstance(value, dict) and explode:
        letters = 0
        for cells in _expanded(value, (), depth, explode):
            letters += sum(len(cell) for cell in cells.values() if isinstance(cell, str))
            if letters > _REPEATED:
                raise LimitReached(
                    "The list {path} of a row would repeat the rest of it in more than {most:,} characters.",
                    hint="Keep the list as JSON text, or leave out long texts beside it.",
                    path=dotted(explode),
                    most=_REPEATED,
                )
            yield cells
    elif isinstance(value, dict):
        yield dict(_flat(value, (), depth))
    else:
        yield {("value",): value}


def _flat(value: Mapping[str, Any], above: Key, depth: int) -> Iterator[tuple[Key, Any]]:
    for key, cell in value.items():
        if depth and isinstance(cell, dict) and cell:
            yield from _flat(cell, (*above, key), depth - 1)
        else:
            yield (*above, key), cell


def _expanded(value: Mapping[str, Any], above: Key, depth: int, path: Key) -> Iterator[Cells]:
    if not path or path[0] not in value:
        yield dict(_flat(value, above, depth))
        return
    beside: Cells = {}
    for key, cell in value.items():
        if key != path[0]:
            beside |= dict(_flat({key: cell}, above, depth))
    beside = {key: as_text(cell) if isinstance(cell, (dict, list)) else cell for key, cell in beside.items()}
    here, inner = (*above, path[0]), value[path[0]]
    items = inner if isinstance(inner, list) else [inner]
    for item in items or [None]:
        if isinstance(item, dict):
            for cells in _expanded(item, here, depth, path[1:]):
                yield beside | cells
        else:
            yield beside | {here: item}


def resolved(value: Any, path: str) -> Key:
    """The keys that a path such as data.items names in an object; a key may hold points itself."""
    keys = path.split(".")
    for first in range(1, len(keys) + 1):
        key = ".".join(keys[:first])
        if isinstance(value, dict) and key in value:
            rest = ".".join(keys[first:])
            if not rest:
                return (key,)
            inner = value[key]
            if isinstance(inner, list):
                inner = next((item for item in inner if isinstance(item, dict)), None)
            if found := resolved(inner, rest):
                return (key, *found)
    return ()


def lists_in(document: Mapping[str, Any]) -> list[tuple[Key, list[Any]]]:
    """The lists of objects inside an object that lie least deep, with their places."""
    level: list[tuple[Key, Any]] = [((), document)]
    for _ in range(_LEVELS):
        inner: list[tuple[Key, Any]] = [
            ((*key, name), cell)
            for key, value in level
            for name, cell in value.items()
            if isinstance(cell, (dict, list))
        ][:_LOOKED_AT]
        found = [
            (key, cell)
            for key, cell in inner
            if isinstance(cell, list) and any(isinstance(item, (dict, list)) for item in cell)
        ]
        if found:
            return found
        level = [(key, cell) for key, cell in inner if isinstance(cell, dict)]
    return []


def holds_objects(cell: Any) -> bool:
    """Whether a cell is a list that could be made rows."""
    return isinstance(cell, list) and bool(cell) and isinstance(cell[0], dict)


def dotted(key: Sequence[str]) -> str:
    return ".".join(key)
