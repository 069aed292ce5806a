"""Tables of one shape put under one another, with a column that says which one a row is from."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.contracts import Column, ColumnType, Schema, Watch
from core.errors import Cancelled
from core.sources import names as naming
from core.sources.confined import connect
from core.sources.one_shape import Piece, differences, query, quoted, settled, text
from core.sources.running import copied
from core.wording import Note, note

_PARTS = 500  # of one table, whose notes are told
_NOTES = 40


@dataclass(frozen=True)
class Stacked:
    """The table that was made: its first column says which part a row is from."""

    rows: int
    columns: Schema
    notes: tuple[Note, ...]


def stacked(
    pieces: list[Piece], keys: Sequence[str], name_column: str, scratch: Path, place: Path, watch: Watch
) -> Stacked:
    """Write the rows of all pieces to `place`: the piece's name first, then the columns named by `keys`."""
    import pyarrow.parquet as pq

    with closing(connect(scratch, [piece.table for piece in pieces])) as connection:
        types, mixed = settled(connection, pieces, keys, watch)
        called = {key: next(p.columns[key].name for p in pieces if key in p.columns) for key in keys}
        mended, _ = naming.mend([*called.values(), name_column])
        whole = scratch / "rows.parquet"
        writer = None
        for piece in pieces:
            found = connection.sql(query(piece, keys, types)).to_arrow_reader(65_536)
            writer = writer or pq.ParquetWriter(whole, found.schema)
            for batch in found:
                writer.write_batch(batch)
            if watch.stopped():
                raise Cancelled()
        if writer is not None:
            writer.close()
        order = [len(keys), *range(len(keys))]  # the name comes first
        names = [mended[i] for i in order]
        kinds: list[ColumnType] = ["text", *(types[key] for key in keys)]
        listed = ", ".join(f"c{i} AS {quoted(mended[i])}" for i in order)
        rows = copied(
            connection, f"SELECT {listed} FROM read_parquet({text(whole)})", scratch, place,
            len(order), watch, reading=whole,
        )  # fmt: skip
    if rows != sum(piece.account.rows for piece in pieces):
        raise RuntimeError("rows were lost when the tables were put together")
    columns = tuple(Column(name=n, type=t) for n, t in zip(names, kinds, strict=True))
    return Stacked(rows, columns, (*differences(pieces, types, mixed), *_of_each(pieces)))


def _of_each(pieces: Sequence[Piece]) -> list[Note]:
    """What was said of the pieces, once: with a piece's name where it does not hold for all of them."""
    by_note: dict[str, list[tuple[Note, str]]] = {}
    for piece in pieces[:_PARTS]:
        for said in piece.account.notes:
            by_note.setdefault(str(said), []).append((said, piece.name))
    notes = []
    for same in list(by_note.values())[:_NOTES]:
        said, name = same[0]
        shared = len(same) == len(pieces)
        notes.append(said if shared else note("{name}: {said}", name=name, said=said))
    return notes
