"""Two table versions compared: columns, distributions, rows."""

from __future__ import annotations

from core.compare import compare
from core.jobs.work import Work
from core.store.records import Compared
from core.tasks.given import Result, engine, version_of


def compare_versions(work: Work) -> Result:
    """Compare two versions, of one dataset or of two, and keep what differs.

    Parameters: before, version; key (names of columns; an empty list compares whole rows, none given
    proposes a key). Result: compared (its id).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    before, a = version_of(work, work.params["before"])
    version, b = version_of(work, work.params["version"])
    asked = work.params.get("key")
    with (
        engine(work) as ready,
        work.store.new_object(work.owner, ".json") as told,
        work.store.new_object(work.owner, ".parquet") as listed,
    ):
        found = compare(a, b, listed.path, ready, key=asked, watch=work.watch)
        if found.rows is None:
            pq.write_table(pa.table({"what": pa.array([], pa.string())}), listed.path)
        told.path.write_text(found.model_dump_json(), encoding="utf-8")
    kept = Compared(
        owner=work.owner, version=version.id, before=before.id, key=asked, object=told.id, listed=listed.id
    )
    return {"compared": work.store.add(kept, objects=[told, listed]).id}
