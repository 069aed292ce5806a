"""Batches from a database, brought to the six column types and streamed into a Parquet file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.contracts import Column, ColumnType, Watch
from core.errors import BadInput, Cancelled
from core.sources import names as naming
from core.sources.changed import Said, no_number, rounded
from core.sources.database.base import Taken
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP_ROWS, _GROUP_BYTES = 122_880, 64 * 1024 * 1024  # of a row group: it is held in memory
_KEPT = 16  # letters that a decimal of 15 digits takes with its sign or point: it is surely exact

Kind = Literal["boolean", "integer", "number", "decimal", "date", "datetime", "text"]


@dataclass(frozen=True)
class Form:
    """What a column of a database becomes, and what is to be said of it."""

    name: str
    kind: Kind
    said: Callable[[str], Note] | None = None

    def type(self) -> ColumnType:
        return "number" if self.kind == "decimal" else self.kind


class Wider(Exception):
    """A value does not fit what its column was taken for: the column is to be read again as text."""

    def __init__(self, column: int, name: str) -> None:
        super().__init__(column, name)
        self.column, self.name = column, name


def zoned(column: str) -> Note:
    return note("{names}: times with a zone were brought to UTC", names=column)


def as_hexadecimal(column: str) -> Note:
    return note("{name}: bytes were written as hexadecimal text", name=column)


def as_json(column: str) -> Note:
    return note("{name}: nested values were written as JSON", name=column)


def from_decimal(column: str) -> Note:
    return note("{name}: exact decimals were stored as numbers", name=column)


def impossible(column: str, count: int) -> Note:
    return note(
        "{column}: {count:,} value is no date that exists and was read as missing"
        " | {column}: {count:,} values are no dates that exist and were read as missing",
        column=column,
        count=count,
    )


def streamed(
    batches: Iterable[pa.RecordBatch],
    forms: Sequence[Form],
    place: Path,
    watch: Watch,
    *,
    expected: int | None = None,
    also: Callable[[list[str]], list[Note]] = lambda names: [],
) -> Taken:
    """Write the batches (one array for each form) to a Parquet file; `expected` rows tell the progress.

    Raises Wider when a value does not fit its form: whoever sends the batches begins again.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not forms:
        raise BadInput("The query gives no columns.")
    names, notes = naming.mend([form.name for form in forms])
    columns = tuple(Column(name=n, type=form.type()) for n, form in zip(names, forms, strict=True))
    schema = pa.schema([(column.name, _ARROW[column.type]()) for column in columns])
    changed: list[Counter[Said]] = [Counter() for _ in forms]
    rows = 0
    with pq.ParquetWriter(place, schema, compression="snappy") as writer:
        for group in _groups(_brought(batches, forms, schema, changed, watch)):
            writer.write_table(group, row_group_size=_GROUP_ROWS)
            rows += group.num_rows
            share = min(0.99, rows / expected) if expected else None
            watch.progress(share, f"{rows:,} rows read")
    for name, form, counts in zip(names, forms, changed, strict=True):
        if form.said is not None:
            notes.append(form.said(name))
        notes += [say(name, count) for say, count in counts.items()]
    return Taken(rows, columns, (*notes, *also(names)))


def _brought(
    batches: Iterable[pa.RecordBatch],
    forms: Sequence[Form],
    schema: pa.Schema,
    changed: Sequence[Counter[Said]],
    watch: Watch,
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        if watch.stopped():
            raise Cancelled()
        arrays = []
        for i, (form, array) in enumerate(zip(forms, batch.columns, strict=True)):
            if isinstance(array.type, pa.BaseExtensionType):
                array = array.storage  # the digits of a type that Arrow does not know
            try:
                arrays.append(_BRING[form.kind](array, changed[i]))
            except (pa.ArrowInvalid, OverflowError, _Beyond):
                raise Wider(i, form.name) from None
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Batches put together until they make a row group."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        waiting.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield pa.Table.from_batches(waiting)
            waiting, rows, size = [], 0, 0
    if waiting:
        yield pa.Table.from_batches(waiting)


class _Beyond(Exception):
    """A value that its column's type cannot hold."""


def _as_is(kind: Callable[[], pa.DataType]) -> Callable[[Any, Counter[Said]], Any]:
    return lambda array, changed: array if array.type == kind() else array.cast(kind())


def _number(array: Any, changed: Counter[Said]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = array if array.type == pa.float64() else array.cast(pa.float64())
    wrong = pc.is_nan(found)
    if pc.any(wrong).as_py():
        changed[no_number] += pc.sum(wrong).as_py()
        found = pc.if_else(wrong, pa.scalar(None, pa.float64()), found)
    return found


def _decimal(array: Any, changed: Counter[Said]) -> Any:
    """Decimals, as their digits, to numbers. What a number cannot hold at all makes the column text."""
    import pyarrow.compute as pc

    found = _number(array, changed)
    long = pc.fill_null(pc.greater(pc.utf8_length(array), _KEPT), False)
    if pc.any(long).as_py():
        for written, value in zip(
            array.filter(long).to_pylist(), found.filter(long).to_pylist(), strict=True
        ):
            changed[rounded] += _loses(written, value)
    return found


def _loses(written: str, value: float | None) -> int:
    try:
        exact = Decimal(written)
    except InvalidOperation:
        return 0
    if value is None or exact.is_infinite():
        return 0
    if value in (float("inf"), float("-inf")) or (value == 0 and exact != 0):
        raise _Beyond
    return int(Decimal(repr(value)) != exact)


def _date(array: Any, changed: Counter[Said]) -> Any:
    import pyarrow as pa

    return _within(_moments(array, pa.date32(), changed))


def _datetime(array: Any, changed: Counter[Said]) -> Any:
    import pyarrow as pa

    return _within(_moments(array, pa.timestamp("us"), changed))


def _within(array: Any) -> Any:
    """The moments, if all are of the years 1 to 9999: nothing that shows or computes knows others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    days = pa.types.is_date32(array.type)
    ends = pc.min_max(array.view(pa.int32() if days else pa.int64())).as_py()
    first, last = (-719_162, 2_932_896) if days else (-62_135_596_800_000_000, 253_402_300_799_999_999)
    if ends["min"] is not None and not first <= ends["min"] <= ends["max"] <= last:
        raise _Beyond
    return array


def _moments(array: Any, kind: Any, changed: Counter[Said]) -> Any:
    """Dates as text; MySQL keeps some that no calendar has: 0000-00-00, 2024-02-00."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_string(array.type):
        return array if array.type == kind else array.cast(kind)
    wrong = pc.fill_null(pc.match_substring_regex(array, r"^0000|^\d+-00|^\d+-\d+-00"), False)
    if pc.any(wrong).as_py():
        changed[impossible] += pc.sum(wrong).as_py()
        array = pc.if_else(wrong, pa.scalar(None, pa.string()), array)
    return array.cast(kind)


def _arrow(name: str, *arguments: str) -> Callable[[], Any]:
    def made() -> Any:
        import pyarrow as pa

        return getattr(pa, name)(*arguments)

    return made


_ARROW: dict[ColumnType, Callable[[], Any]] = {
    "boolean": _arrow("bool_"),
    "integer": _arrow("int64"),
    "number": _arrow("float64"),
    "text": _arrow("string"),
    "date": _arrow("date32"),
    "datetime": _arrow("timestamp", "us"),
}
_BRING: dict[Kind, Callable[[Any, Counter[Said]], Any]] = {
    "boolean": _as_is(_ARROW["boolean"]),
    "integer": _as_is(_ARROW["integer"]),
    "number": _number,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "text": _as_is(_ARROW["text"]),
}


def read_again(read: Callable[[set[int]], Taken]) -> Taken:
    """Call `read` with the columns to be read as text, again with more of them until every value fits."""
    texts: dict[int, str] = {}
    while True:
        try:
            taken = read(set(texts))
        except Wider as found:
            if found.column in texts:
                raise BadInput("A value of {column!r} cannot be stored as text.", column=found.name) from None
            texts[found.column] = found.name
            continue
        said = (
            note(
                "{column}: some values are beyond what its type holds, so the column stays text", column=name
            )
            for name in texts.values()
        )
        return Taken(taken.rows, taken.columns, (*taken.notes, *said))
