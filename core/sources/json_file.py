"""Tables in JSON: an array of objects, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, LimitReached
from core.params import Text
from core.sources.encoding import readable
from core.sources.gathered import store
from core.sources.json_rows import Row, elements
from core.sources.json_shape import Key, dotted, holds_objects, resolved, rows_of
from core.sources.refusals import Refusals
from core.sources.rows import Met
from core.sources.scratch import scratch_beside
from core.wording import Note, few, note

_COLUMNS = 10_000


class JsonFile(Source):
    """Rows of a JSON file: an array of objects, or one object a line."""

    title: ClassVar[str] = "JSON, JSON Lines"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".json", ".jsonl", ".ndjson", ".geojson")

    depth: int = Field(
        default=3,
        ge=0,
        le=10,
        title="Nested objects spread over columns",
        description='How many levels: with 1, {"place": {"city": "Oslo"}} becomes the column place.city. '
        "What lies deeper stays JSON text.",
    )
    explode: Annotated[str, Text(example="orders")] = Field(
        default="",
        title="Make rows of the list",
        description="The place of a list, as orders or customer.orders: each of its elements gets a row of "
        "its own, and what stands beside it is repeated. Empty: lists stay JSON text.",
        max_length=500,
    )
    records: Annotated[str, Text(example="data")] = Field(
        default="",
        title="Rows are under",
        description="The place of the list that holds the rows, as data or result.data, when the file is one "
        "object.",
        max_length=500,
    )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        with scratch_beside(place) as scratch, Refusals(refused) as refusals:
            text, notes = readable(file, scratch / "text.json", watch)
            seen = self._look(text, refusals, watch)

            def values() -> Iterator[Sequence[Any]]:
                for row in _shaped(elements(text, self.records), watch):
                    if not row.reason:
                        for cells in rows_of(row.value, self.depth, self._list(row.value)):
                            yield [cells.get(key) for key in seen.columns]

            names = [dotted(key) for key in seen.columns]
            rows, schema, more = store(names, list(seen.columns.values()), values, place, watch)
        return Account(
            rows_in=rows + refusals.count,
            rows=rows,
            refused=refusals.count,
            columns=schema,
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=(*notes, *self._told(seen, rows), *more),
        )

    def _look(self, text: Path, refusals: Refusals, watch: Watch) -> _Seen:
        """Meet every value once: the columns, and the elements that are no rows."""
        seen, first = _Seen(), ""
        for row in _shaped(elements(text, self.records), watch):
            if row.reason:
                refusals.add(row.line, row.reason, row.text)
                first = first or f"{row.reason} (line {row.line})"
                continue
            path = self._list(row.value)
            seen.elements += 1
            seen.exploded += bool(path)
            for cells in rows_of(row.value, self.depth, path):
                seen.rows += 1
                for key, value in cells.items():
                    seen.columns.setdefault(key, Met()).see(value)
                    if holds_objects(value):
                        seen.lists.add(key)
            if len(seen.columns) > _COLUMNS:
                raise LimitReached("The rows have more than {most:,} different keys.", most=_COLUMNS)
        if not seen.columns:
            raise _no_rows(first)
        if self.explode and not seen.exploded:
            raise BadInput(
                "No row has a list {path!r}.",
                hint="Lists in the rows are: {known}.",
                path=self.explode,
                known=few([dotted(key) for key in sorted(seen.lists)]) if seen.lists else note("none"),
            )
        return seen

    def _list(self, value: Any) -> Key:
        return resolved(value, self.explode) if self.explode else ()

    def _told(self, seen: _Seen, rows: int) -> list[Note]:
        if rows != seen.rows:
            raise RuntimeError(f"{seen.rows} rows were read and {rows} written")
        notes = []
        if self.explode:
            notes.append(
                note(
                    "{elements:,} element became {rows:,} row, one for each element of {path} | "
                    "{elements:,} elements became {rows:,} rows, one for each element of {path}",
                    elements=seen.elements,
                    rows=rows,
                    path=self.explode,
                )
            )
        if seen.lists:
            notes.append(
                note(
                    "lists of objects that stay JSON text and could be made rows: {names}",
                    names=few([dotted(key) for key in sorted(seen.lists)]),
                )
            )
        return notes


@dataclass
class _Seen:
    """What a first look at all values found."""

    columns: dict[Key, Met] = field(default_factory=dict)
    lists: set[Key] = field(default_factory=set)  # columns whose values are lists of objects
    elements: int = 0
    exploded: int = 0  # elements that have the list that is to be made rows
    rows: int = 0


def _shaped(rows: Iterator[Row], watch: Watch) -> Iterator[Row]:
    """The rows, those of another shape than the first one's refused."""
    shape: type | None = None
    for number, row in enumerate(rows):
        if number % 5_000 == 0:
            watch.progress(None, "Reading rows")
            if watch.stopped():
                raise Cancelled()
        if not row.reason:
            mine = type(row.value) if isinstance(row.value, (dict, list)) else object
            shape = shape or mine
            if mine is not shape:
                wanted = "an object" if shape is dict else "an array" if shape is list else "a plain value"
                text = json.dumps(row.value, ensure_ascii=False)
                row = Row(row.line, None, text, f"not {wanted}, as the first row is")
        yield row


def _no_rows(first: str) -> BadInput:
    """What to say of a file without a good row; `first` is why its first row was refused."""
    return BadInput(
        "No row of the JSON file can be read: {reason}." if first else "The JSON file holds no rows.",
        hint='Rows are objects with values, as [{{"a": 1}}, {{"a": 2}}], or one of them a line.',
        reason=first,
    )
