"""Tables in Apache Avro files, block by block."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.contracts import Account, Source, Watch
from core.errors import BadInput, Cancelled
from core.sources.avro_blocks import Container, DamagedAvro
from core.sources.frames import given, table_of
from core.sources.rows import as_text
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 20_000  # of a batch
_BYTES = 32 << 20
_DEEP = 200  # levels of a schema


class AvroFile(Source):
    """Rows of an Apache Avro file."""

    title: ClassVar[str] = "Avro"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".avro",)

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        file = given(file, self.title)
        try:
            with file.open("rb") as opened:
                rows = _Rows(Container(opened, file.stat().st_size), watch)
                names = [column.name for column in rows.columns]
                account = table_of(self, names, rows.schema(), rows.batches(), place, refused, watch)
        except _damaged() as error:
            raise BadInput(
                "The Avro file cannot be read, it may be cut short or damaged: {reason}.",
                hint="Write or upload it again.",
                reason=_reason(error),
            ) from error
        return account.model_copy(update={"notes": (*account.notes, *rows.notes())})


def _damaged() -> tuple[type[Exception], ...]:
    """What a damaged file does to its reader."""
    from fastavro.schema import SchemaParseException, UnknownType

    return (
        SchemaParseException, UnknownType, ValueError, EOFError, LookupError, TypeError, AttributeError,
        ArithmeticError, RecursionError, struct.error,
    )  # fmt: skip


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(" .")


class _Rows:
    """The rows of an open file as record batches."""

    def __init__(self, container: Container, watch: Watch) -> None:
        from fastavro import parse_schema

        self._container, self._watch = container, watch
        self._named: dict[str, Any] = {}
        plain = _plainly(container.schema)
        self._schema = parse_schema(plain, self._named)
        top = container.schema
        record = isinstance(top, dict) and top.get("type") in ("record", "error")
        fields = top["fields"] if record else [{"name": "value", "type": top}]
        self.columns = [_Column(str(field["name"]), field["type"]) for field in fields]
        self._record = record
        self._weightless = _weight(plain, {}, 0) == 0

    def schema(self) -> pa.Schema:
        import pyarrow as pa

        return pa.schema([(f"c{i}", column.arrow()) for i, column in enumerate(self.columns)])

    def batches(self) -> Iterator[pa.RecordBatch]:
        from fastavro import schemaless_reader

        held: list[Any] = []
        begun = 0
        for block in self._container.blocks(weightless=self._weightless):
            stream = io.BytesIO(block.data)
            for _ in range(block.rows):
                held.append(schemaless_reader(stream, self._schema, None))
                if len(held) >= _ROWS or stream.tell() - begun > _BYTES:
                    yield self._batch(held)
                    held, begun = [], stream.tell()
            if stream.tell() != len(block.data):
                raise DamagedAvro("a block of it is damaged")
            begun = -len(block.data) if held else 0
            self._watch.progress(0.3 * block.share, "Reading rows")
            if self._watch.stopped():
                raise Cancelled()
        if held:
            yield self._batch(held)

    def _batch(self, rows: Sequence[Any]) -> pa.RecordBatch:
        import pyarrow as pa

        arrays = [
            column.array([row[column.name] for row in rows] if self._record else rows)
            for column in self.columns
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema())

    def notes(self) -> list[Note]:
        return [
            note("{name}: nested values were written as JSON", name=column.name)
            if column.nested
            else note("{name}: values of several types were written as text", name=column.name)
            for column in self.columns
            if column.several or column.nested
        ]


class _Column:
    """A field of the rows: the Arrow type that holds its values."""

    def __init__(self, name: str, schema: Any) -> None:
        self.name = name
        kinds = [kind for kind in (schema if isinstance(schema, list) else [schema]) if kind != "null"]
        self.several = len(kinds) > 1
        self._kind: Any = kinds[0] if len(kinds) == 1 else "null" if not kinds else "several"
        simple = _simple(self._kind)
        self.nested = not self.several and simple not in _ARROW and simple != "enum"

    def arrow(self) -> pa.DataType:
        import pyarrow as pa

        logical = self._kind.get("logicalType") if isinstance(self._kind, dict) else None
        if logical == "decimal":
            precision, scale = int(self._kind["precision"]), int(self._kind.get("scale", 0))
            return pa.decimal128(precision, scale) if 0 <= scale <= precision <= 38 else pa.string()
        named = {
            "date": pa.date32(),
            "timestamp-millis": pa.timestamp("ms", "UTC"),
            "timestamp-micros": pa.timestamp("us", "UTC"),
            "timestamp-nanos": pa.timestamp("ns", "UTC"),
            "local-timestamp-millis": pa.timestamp("ms"),
            "local-timestamp-micros": pa.timestamp("us"),
            "local-timestamp-nanos": pa.timestamp("ns"),
            "time-millis": pa.time32("ms"),
            "time-micros": pa.time64("us"),
        }
        if logical in named and _simple(self._kind) in ("int", "long"):
            return named[logical]
        if logical == "uuid":
            return pa.string()
        return getattr(pa, _ARROW.get(_simple(self._kind), "string"))()

    def array(self, values: Sequence[Any]) -> pa.Array:
        import pyarrow as pa

        kind = self.arrow()
        if pa.types.is_string(kind):
            return pa.array([_text(value) for value in values], kind)
        if pa.types.is_temporal(kind):
            width = pa.int32() if kind.bit_width == 32 else pa.int64()
            return pa.array(values, width).view(kind)
        return pa.array(values, kind)


_ARROW = {
    "null": "string", "boolean": "bool_", "int": "int32", "long": "int64", "float": "float32",
    "double": "float64", "string": "string", "bytes": "binary", "fixed": "binary",
}  # fmt: skip


def _simple(kind: Any) -> str:
    found = kind.get("type") if isinstance(kind, dict) else kind
    return found if isinstance(found, str) else "nested"


def _plainly(schema: Any) -> Any:
    """The schema without its rows' dates and times, which are numbers: any number is one to Arrow."""
    if not isinstance(schema, dict) or schema.get("type") not in ("record", "error"):
        return _without(schema)
    return {**schema, "fields": [{**field, "type": _without(field["type"])} for field in schema["fields"]]}


def _without(kind: Any) -> Any:
    if isinstance(kind, list):
        return [_without(one) for one in kind]
    if isinstance(kind, dict) and kind.get("type") in ("int", "long"):
        return {key: value for key, value in kind.items() if key != "logicalType"}
    return kind


def _weight(kind: Any, named: dict[str, Any], depth: int) -> int:
    """The fewest bytes a value takes; DamagedAvro for lists of what takes none: they could be endless."""
    if depth > _DEEP:
        raise RecursionError
    if isinstance(kind, list):
        for one in kind:
            _weight(one, named, depth + 1)
        return 1
    if isinstance(kind, str):
        return int(kind != "null")  # a name that was met before is a record, or a fixed of some bytes
    inner = kind.get("type")
    if inner in ("record", "error"):
        return sum(_weight(field["type"], named, depth + 1) for field in kind["fields"])
    if inner == "array" or inner == "map":
        if inner == "array" and _weight(kind["items"], named, depth + 1) == 0:
            raise DamagedAvro("it has lists of values that take no room")
        return 1
    if inner == "fixed":
        return int(kind["size"])
    return _weight(inner, named, depth + 1) if isinstance(inner, (dict, list)) else int(inner != "null")


def _text(value: Any) -> str | None:
    return as_text(_told(value)) if not isinstance(value, str) else value


def _told(value: Any) -> Any:
    """A value as JSON has it: bytes as hexadecimal text, what JSON has no word for as text."""
    if isinstance(value, Mapping):
        return {str(key): _told(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_told(inner) for inner in value]
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return format(value, "f") if isinstance(value, Decimal) else str(value)
