"""What a cell says, which nobody has to believe: its rows are checked, its sentences are shown as text."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, Cancelled, LimitReached, SightlineError
from core.jobs.line import Broken, Line

if TYPE_CHECKING:
    import pyarrow as pa

PATIENCE = 20.0  # seconds that a cell may take for the rows it has announced
_TYPES = frozenset(("int64", "double", "bool", "string", "date32[day]", "timestamp[us]", "decimal128(38, 0)"))
_KINDS = {kind.__name__: kind for kind in (BadInput, LimitReached, Cancelled)}


@dataclass(frozen=True)
class Answer:
    """The rows of a statement: `data` has the columns c0, c1, ..., which are called `names`.

    `kinds` are the engine's types; `cut` says that there were more rows than one answer may have
    ("rows") or more than fit its size ("bytes").
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    data: pa.Table
    cut: str | None
    seconds: float
    tables: tuple[str, ...]


def error_of(said: Any) -> SightlineError:
    """A cell's error. Its sentence is one of ours, or is shown as a value: marks in it mean nothing."""
    if not isinstance(said, dict):
        raise Broken("no error")
    template, hint, values = str(said.get("template", "")), str(said.get("hint", "")), said.get("values")
    values = {
        str(name): value
        for name, value in (values.items() if isinstance(values, dict) else ())
        if value is None or isinstance(value, str | int | float)
    }
    error = _KINDS.get(str(said.get("kind")), BadInput)(template[:500], hint=hint[:500], **values)
    try:
        plain = not set("<>[]`$\\") & set(template + hint) and bool(str(error))
    except (LookupError, ValueError, AttributeError, TypeError):
        plain = False
    if plain:
        return error
    return BadInput("The statement cannot run: {reason}.", reason=template[:500])


def answer_of(line: Line, said: dict[str, Any], asked: dict[str, Any], known: Collection[str]) -> Answer:
    """The answer, if it is one: Broken otherwise."""
    import pyarrow as pa

    size, names, kinds = said.get("size"), said.get("names"), said.get("kinds")
    if not isinstance(size, int) or not 0 < size <= 2 * asked["bytes"] + (4 << 20):
        raise Broken("its size")
    stream = line.after(size, PATIENCE)
    try:
        with pa.ipc.open_stream(stream) as reader:
            data = reader.read_all()
        data.validate(full=True)
    except pa.ArrowException as error:
        raise Broken(str(error)) from None
    columns = data.num_columns
    for texts in (names, kinds):
        if not isinstance(texts, list) or len(texts) != columns or not all(isinstance(x, str) for x in texts):
            raise Broken("its columns")
    if not {str(kind) for kind in data.schema.types} <= _TYPES or data.num_rows > asked["rows"]:
        raise Broken("its rows")
    seconds, tables = said.get("seconds"), said.get("tables")
    assert isinstance(names, list)
    assert isinstance(kinds, list)
    return Answer(
        names=tuple(names),
        kinds=tuple(kinds),
        data=data,
        cut=said["cut"] if said.get("cut") in ("rows", "bytes") else None,
        seconds=float(seconds) if isinstance(seconds, int | float) and math.isfinite(seconds) else 0.0,
        tables=tuple(set(tables) & set(known)) if isinstance(tables, list) else (),
    )
