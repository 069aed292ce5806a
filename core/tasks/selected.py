"""The rows that a person picked out, kept as a table of their own."""

from __future__ import annotations

from core.jobs.work import Work
from core.selection import Selection, selected
from core.store import tables
from core.tasks.given import Result, engine, version_of


def keep_selected(work: Work) -> Result:
    """Keep the rows of a version that are in all the selections as a new dataset, which remembers them.

    Parameters: version; selections (as `Selection.to_json` gives them); name. Result: dataset, version, rows.
    """
    import pyarrow.parquet as pq

    from core.export.tables import write_table

    version, table = version_of(work, work.params["version"])
    wanted = [Selection.from_json(one) for one in work.params["selections"]]
    with engine(work) as ready, work.store.new_object(work.owner, ".parquet") as made:
        work.watch.progress(None, "Writing the table")
        write_table(selected(table, *wanted), ready, made.path)
        count = pq.read_metadata(made.path).num_rows
    source = {
        "kind": "selection", "tables": {"rows": version.id}, "selections": [one.to_json() for one in wanted]
    }  # fmt: skip
    dataset, new = tables.add_dataset(
        work.store, work.owner, work.params["name"], object=made, columns=version.columns, rows=count,
        source=source, origin=version.origin,
    )  # fmt: skip
    return {"dataset": dataset.id, "version": new.id, "rows": count}
