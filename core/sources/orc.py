"""Tables in Apache ORC files, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from core.contracts import Account, Source, Watch
from core.errors import BadInput
from core.sources.frames import given, plain_words, table_of
from core.sources.rows import as_text

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 16_384  # of a batch


class OrcFile(Source):
    """Rows of an Apache ORC file."""

    title: ClassVar[str] = "ORC"
    group: ClassVar[str] = "Files"
    extensions: ClassVar[tuple[str, ...]] = (".orc",)

    def read(self, file: Path | None, place: Path, refused: Path, watch: Watch) -> Account:
        import pyarrow as pa
        import pyarrow.dataset as ds

        file = given(file, self.title)
        try:
            # a dataset reads a stripe in pieces; the file's own reader takes all of it into memory
            whole = ds.dataset(str(file), format="orc")
            batches = whole.to_batches(
                batch_size=_ROWS, batch_readahead=1, fragment_readahead=1, use_threads=False
            )
            schema = pa.schema([(f"c{i}", _held(field.type)) for i, field in enumerate(whole.schema)])
            return table_of(self, whole.schema.names, schema, _plain(batches, schema), place, refused, watch)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise BadInput(
                "The ORC file cannot be read, it may be cut short or damaged: {reason}.",
                hint="Write or upload it again.",
                reason=plain_words(error, file),
            ) from error


def _held(kind: pa.DataType) -> pa.DataType:
    """A type that Parquet has too: a choice of types becomes text."""
    import pyarrow as pa

    return pa.string() if pa.types.is_union(kind) else kind


def _plain(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        arrays = [
            pa.array([as_text(value) for value in column.to_pylist()], pa.string())
            if pa.types.is_union(column.type)
            else column
            for column in batch.columns
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
