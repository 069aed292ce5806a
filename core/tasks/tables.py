"""Tables: described, and made into their next version by a recipe."""

from __future__ import annotations

from typing import Any

from core import rules
from core.jobs.work import Work
from core.store import tables
from core.store.records import Summary
from core.tasks.given import Result, engine, version_of
from core.tasks.rules import new_table_judged


def profile(work: Work) -> Result:
    """Describe a version's columns and what looks wrong; kept, so that it is done once.

    Parameters: version. Result: summary (its id).
    """
    from core.profile import profile as describe

    version, table = version_of(work, work.params["version"])
    with engine(work) as ready:
        found = describe(table, ready, work.watch)
    with work.store.new_object(work.owner, ".json") as made:
        made.path.write_text(found.model_dump_json(), encoding="utf-8")
    summary = Summary(owner=work.owner, version=version.id, object=made.id)
    return {"summary": work.store.add(summary, objects=[made]).id}


def materialise(work: Work) -> Result:
    """Apply a recipe to a version and keep the result as the dataset's next version.

    Parameters: version, recipe; name (optional: keep it as a new dataset of this name instead);
    others (what `core.rules.references` gives: the dataset's rules are checked on the result).
    Result: dataset, version, rows.
    """
    import pyarrow.parquet as pq

    from core.export.tables import write_table
    from core.recipe import Recipe

    version, table = version_of(work, work.params["version"])
    with engine(work) as ready:
        work.watch.progress(None, "Learning what the steps need")
        recipe = Recipe.from_json(work.params["recipe"]).learn(table, ready)
        result = recipe.apply(table, ready)
        work.watch.progress(None, "Writing the new version")
        with work.store.new_object(work.owner, ".parquet") as made:
            write_table(result, ready, made.path)
            rows = pq.read_metadata(made.path).num_rows
            if not work.params.get("name"):
                judged = new_table_judged(work, version.dataset, made.path, result.columns, ready, made=True)
    kept: dict[str, Any] = {
        "object": made,
        "columns": result.columns,
        "rows": rows,
        "parent": version.id,
        "recipe": recipe.to_json(),
        "origin": version.origin,
    }
    if work.params.get("name"):
        _, new = tables.add_dataset(work.store, work.owner, work.params["name"], **kept)
    else:
        new = tables.add_version(work.store, work.owner, version.dataset, **kept)
        rules.keep(work.store, new, judged)
    return {"dataset": new.dataset, "version": new.id, "rows": rows}
