"""Rows of Python values (from JSON, from a workbook) gathered into typed columns, in flat memory.

Two passes over the rows: the first meets every value and settles the columns, the second writes.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.contracts import ColumnType, Watch
from core.errors import Cancelled
from core.sources.changed import Said, beyond, no_number, rounded
from core.wording import Note

if TYPE_CHECKING:
    import pyarrow as pa

_MOST, _EXACT = 2**63, 2**53
_LONG = 64 << 20  # characters of long texts that a batch may hold


class Beyond(str):
    """A number as it was written that no number column holds: 1e999 would be infinity, 1e-999 zero."""

    __slots__ = ()


class Rounded(float):
    """A number whose last digits a double cannot keep, and how it was written."""

    written: str


@dataclass
class Met:
    """Which kinds of value a column was seen to hold, and what became of some of them."""

    kinds: set[str] = field(default_factory=set)  # as `kind` names them
    changed: Counter[Said] = field(default_factory=Counter)  # what is to be said of how many values

    def see(self, value: Any) -> None:
        found = kind(value)
        self.kinds.add(found)
        if type(value) is Rounded:
            self.changed[rounded] += 1
        elif type(value) is Beyond or (found == "text" and isinstance(value, int)):
            self.changed[beyond] += 1
        elif found == "null" and value is not None:
            self.changed[no_number] += 1

    def notes(self, column: str) -> list[Note]:
        """What became of values that could not be stored as they were."""
        lost = {
            say: count for say, count in self.changed.items() if say is not rounded or self.type() != "text"
        }
        return [say(column, count) for say, count in lost.items()]

    def type(self) -> ColumnType:
        """The column type that holds every value met without loss; text when none does."""
        kinds = self.kinds - {"null"}
        if kinds == {"boolean"}:
            return "boolean"
        if kinds and kinds <= {"integer", "long"}:
            return "integer"
        if kinds and kinds <= {"integer", "number"}:
            return "number"
        if kinds == {"date"}:
            return "date"
        if kinds and kinds <= {"date", "datetime"}:
            return "datetime"
        return "text"


def kind(value: Any) -> str:
    """What sort of value this is: null, boolean, integer, number, date, datetime, nested or text.

    A long one is an integer that a column of numbers would round.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        if -_EXACT <= value <= _EXACT:
            return "integer"
        return "long" if -_MOST <= value < _MOST else "text"
    if isinstance(value, float):
        return "number"
    if isinstance(value, dt.datetime):
        return "datetime"
    if isinstance(value, dt.date):
        return "date"
    return "nested" if isinstance(value, (dict, list)) else "text"


def as_text(value: Any) -> str | None:
    """A value of a text column, written as a person would."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Rounded):
        return value.written
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def as_type(value: Any, type_: ColumnType) -> Any:
    """A value as its column stores it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if type_ == "text":
        return as_text(value)
    if type_ == "number":
        return float(value)
    if type_ == "datetime":
        if not isinstance(value, dt.datetime):
            return dt.datetime(value.year, value.month, value.day)
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    return value


def batches(
    rows: Iterable[Sequence[Any]], types: Sequence[ColumnType], watch: Watch
) -> Iterator[pa.RecordBatch]:
    """The rows as record batches with columns c0, c1, ... of these types."""
    import pyarrow as pa

    arrow = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
    }
    schema = pa.schema([(f"c{i}", arrow[type_]) for i, type_ in enumerate(types)])
    most = max(100, 400_000 // max(1, len(types)))
    batch: list[Sequence[Any]] = []
    long = 0  # characters of the batch's long texts

    def made() -> pa.RecordBatch:
        arrays = [
            pa.array([as_type(row[i], type_) for row in batch], arrow[type_]) for i, type_ in enumerate(types)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    for row in rows:
        batch.append(row)
        long += sum(len(cell) for cell in row if type(cell) is str and len(cell) > 500)
        if len(batch) >= most or long > _LONG:
            yield made()
            batch, long = [], 0
            watch.progress(None, "Writing rows")
            if watch.stopped():
                raise Cancelled()
    yield made()
