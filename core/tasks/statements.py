"""A statement's whole result, kept as a table, and made again as its next version."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import sql
from core.contracts import Column, Engine, Json, Schema, Table
from core.errors import BadInput, NotFound
from core.jobs.work import Work
from core.store import NewObject, tables
from core.store.records import Version
from core.tasks.given import Result, engine
from core.tasks.refreshing import Fresh, refreshed

if TYPE_CHECKING:
    from core.engine.locked import Locked

_ROWS = 122_880  # of a row group
_LARGEST = 2**63 - 1


def keep_statement(work: Work) -> Result:
    """Run a statement to its end and keep the rows as a new dataset, which remembers where it came from.

    Parameters: statement; tables (versions by the names that the statement uses); name.
    Result: dataset, version, rows.
    """
    text, named = work.params["statement"], work.params["tables"]
    with work.store.new_object(work.owner, ".parquet") as made:
        count, columns = run_statement(work, text, named, made.path)
    dataset, version = tables.add_dataset(
        work.store, work.owner, work.params["name"], object=made, **_kept(text, named, count, columns)
    )
    return {"dataset": dataset.id, "version": version.id, "rows": count}


def refresh_statement(work: Work) -> Result:
    """Run a dataset's statement again over the tables as they are now, and say what changed.

    Parameters: what `core.refresh.parameters` gives; schedule, missed (when a schedule asked). A new
    statement makes a version even where its rows are the same. Result: as that of "refresh_database".
    """
    text, named = work.params["statement"], work.params["tables"]

    def run(before: Version, stored: NewObject) -> Fresh:
        count, columns = run_statement(work, text, named, stored.path)
        source = before.source or {}
        kept = _kept(text, named, count, columns, again=before.id)
        return Fresh(columns, kept, new=source.get("statement") != text)

    return refreshed(work, run, "Mend the statement or the tables that it reads, or change the rules.")


def _kept(text: str, named: Json, count: int, columns: Schema, again: str | None = None) -> dict[str, Any]:
    """What the store keeps of a statement's rows: enough to run it again."""
    source: dict[str, Json] = {"kind": "statement", "statement": text, "tables": named}
    if again is not None:
        source["again"] = again  # the version that it was run for before
    return {"columns": columns, "rows": count, "source": source, "origin": "SQL"}


def run_statement(work: Work, text: str, named: Mapping[str, str], place: Path) -> tuple[int, Schema]:
    """All rows of a statement over these versions, by the names that it uses, in a file; their columns."""
    import duckdb

    from core.engine.locked import Locked
    from core.engine.wrong import explained
    from core.queries.naming import stored
    from core.sources.names import mend

    versions = {name: _read(work, name, id) for name, id in named.items()}
    spill, rows = work.scratch / "spill", work.scratch / "rows.parquet"
    spill.mkdir(exist_ok=True)
    memory = work.memory // 2 if work.memory else 1 << 30
    locked = Locked(stored(work.store, versions), spill, memory=memory)
    work.watch.progress(None, "Running the statement")
    try:
        names, kinds = _write(work, locked, text, rows)
    except duckdb.Error as error:
        raise explained(error, text, locked.shift, locked.read) from None
    finally:
        locked.connection.close()
    work.watch.progress(None, "Writing the table")
    names, _ = mend(names)
    with engine(work) as ready:
        return _settle(ready, rows, place, names, kinds)


def _read(work: Work, name: str, id: str) -> Version:
    try:
        return work.store.get(Version, id, work.owner)
    except NotFound:
        raise NotFound(
            "The table {name!r}, which the statement reads, is no longer there.",
            hint="Change the statement, or add a table of that name and run it once more.",
            name=name[:200],
        ) from None


def _write(work: Work, locked: Locked, text: str, place: Path) -> tuple[list[str], list[str]]:
    """All rows of the statement, checked first, as c0, c1, ...; its columns' names and types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from core.engine.outgoing import projection

    locked.check(text)
    written = 0
    with closing(locked.connection.cursor()) as cursor, work.interruptible(cursor.interrupt):
        relation = locked.relation(cursor, text)
        names, kinds = list(relation.columns), [str(kind) for kind in relation.types]
        with closing(relation.project(projection(kinds)).to_arrow_reader(_ROWS)) as reader:
            if len(reader.schema) == 0:
                raise BadInput("The statement yields no columns.", hint="Name at least one.")
            with pq.ParquetWriter(place, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_table(pa.Table.from_batches([batch]), row_group_size=_ROWS)
                    written += batch.num_rows
                    work.watch.progress(None, f"{written} rows so far")
    return names, kinds


def _settle(ready: Engine, rows: Path, place: Path, names: list[str], kinds: list[str]) -> tuple[int, Schema]:
    """The rows again under their names, with the types that tables have."""
    from core.engine.outgoing import settled
    from core.export.tables import write_table

    raw = sql.parquet(rows, [f"c{number}" for number in range(len(names))])
    chosen: dict[str, Any] = {}
    columns = []
    for number, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        cell = sql.name(f"c{number}")
        whole = settled(kind, fits=True) == "integer"
        fits = whole and (settled(kind, fits=False) == "integer" or _fits(ready, raw, cell))
        column = Column(name=name, type=settled(kind, fits=fits))
        chosen[name] = sql.template(f"CAST(:x AS {sql.STORAGE[column.type]})", x=cell)
        columns.append(column)
    query = sql.over(raw, chosen, row=True)
    write_table(Table(query, tuple(columns)), ready, place)
    (count,) = ready.rows(sql.over(raw, {"n": sql.template("count(*)")})).column("n").to_pylist()
    return int(count), tuple(columns)


def _fits(ready: Engine, raw: Any, cell: Any) -> bool:
    """Whether whole numbers, which may have 38 digits, need no more than 64 bits."""
    test = sql.template("coalesce(max(abs(:x)) <= :most, true)", x=cell, most=_LARGEST)
    (found,) = ready.rows(sql.over(raw, {"fits": test})).column("fits").to_pylist()
    return bool(found)
