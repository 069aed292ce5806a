"""Tables in JSON: an array of objects, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from core.contracts import Account, Source, Watch
from core.errors import BadInput, BadParameter, Cancelled, LimitReached
from core.params import Text
from core.sources.encoding import encoding_of, to_utf8
from core.sources.gathered import store
from core.sources.json_rows import Row, elements
from core.sources.refusals import Refusals
from core.sources.rows import Met
from core.sources.scratch import scratch_beside

_COLUMNS = 10_000


class JsonFile(Source):
    """Rows of a JSON file: an array of objects, or one object a line."""

    title: ClassVar[str] = "JSON, JSON Lines"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".json", ".jsonl", ".ndjson", ".geojson")

    flatten: bool = Field(
        default=True,
        title="Spread nested objects",
        description='{"place": {"city": "Oslo"}} becomes the column place.city. Deeper ones stay JSON text.',
    )
    records: Annotated[str, Text(example="data")] = Field(
        default="",
        title="Rows are under",
        description="The key that holds the rows, when the file is one object.",
    )

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        if file is None:
            raise BadParameter("{title} needs a file to read.", title=self.title)
        with scratch_beside(place) as scratch, Refusals(refused) as refusals:
            text = file
            encoding, notes = encoding_of(file)
            if encoding != "utf-8":
                text = scratch / "text.json"
                to_utf8(file, encoding, text, watch)
            columns: dict[str, Met] = {}
            rows_in, first = 0, ""
            for row in _shaped(elements(text, self.records), watch):
                rows_in += 1
                if row.reason:
                    refusals.add(row.line, row.reason, row.text)
                    first = first or f"{row.reason} (line {row.line})"
                    continue
                for key, value in self._flat(row.value):
                    columns.setdefault(key, Met()).see(value)
                if len(columns) > _COLUMNS:
                    raise LimitReached("The rows have more than {most:,} different keys.", most=_COLUMNS)
            if not columns:
                raise _no_rows(first)
            keys = list(columns)

            def values() -> Iterator[Sequence[Any]]:
                for row in _shaped(elements(text, self.records), watch):
                    if not row.reason:
                        cells = dict(self._flat(row.value))
                        yield [cells.get(key) for key in keys]

            rows, schema, more = store(keys, list(columns.values()), values, place, watch)
        return Account(
            rows_in=rows_in,
            rows=rows,
            refused=refusals.count,
            columns=schema,
            dialect={k: v for k, v in self.to_json().items() if k != "kind"},
            notes=(*notes, *more),
        )

    def _flat(self, value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, list):
            yield from ((f"column_{i}", cell) for i, cell in enumerate(value, start=1))
        elif isinstance(value, dict):
            for key, cell in value.items():
                if self.flatten and isinstance(cell, dict) and cell:
                    yield from ((f"{key}.{inner}", deep) for inner, deep in cell.items())
                else:
                    yield key, cell
        else:
            yield "value", value


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
