"""Tables: described, and made into their next version by a recipe."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from core import rules
from core.contracts import Engine, Json, Schema, Table
from core.errors import BadInput
from core.jobs.work import Work
from core.store import tables
from core.store.records import Summary, Template, Version
from core.tasks.given import Result, engine, version_of
from core.tasks.rules import new_table_judged

if TYPE_CHECKING:
    from core.recipe import Recipe


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


def recount(work: Work) -> Result:
    """Count the valid values of columns anew, for the meanings that a person has set.

    Parameters: version, chosen ({column: meaning}). Result: counts ({column: {valid, invalid}}).
    """
    from core.profile import Profile
    from core.profile.chosen import counted

    version, table = version_of(work, work.params["version"])
    kept = work.store.list(Summary, work.owner, version=version.id)
    if not kept:
        raise BadInput("The table has no profile yet.", hint="Profile it first.")
    found = Profile.from_json(json.loads(work.store.place(kept[0].object, work.owner).read_text("utf-8")))
    with engine(work) as ready:
        return {"counts": counted(found, work.params["chosen"], table, ready, work.watch)}


def materialise(work: Work) -> Result:
    """Apply a recipe to a version and keep the result as the dataset's next version.

    Parameters: version, recipe; name (optional: keep it as a new dataset of this name instead);
    others (what `core.rules.references` gives: the dataset's rules are checked on the result).
    Result: dataset, version, rows.
    """
    from core.recipe import Recipe

    version, table = version_of(work, work.params["version"])
    with engine(work) as ready:
        work.watch.progress(None, "Learning what the steps need")
        recipe = Recipe.from_json(work.params["recipe"]).learn(table, ready)
        return _written(work, version, table, recipe, ready)


def reapply(work: Work) -> Result:
    """Apply a recipe that was made for another table, or for an earlier version, to a version.

    Parameters: version; template (a template's id) or like (a version that a recipe made); names
    (optional: what columns there are called here); keep (optional: the constants learned there are
    kept); others and name as in `materialise`. BadInput when a step does not fit. Result: dataset,
    version, rows.
    """
    from core.recipe import reapply as again

    version, table = version_of(work, work.params["version"])
    document, columns = _recipe_of(work)
    names, keep = work.params.get("names") or {}, bool(work.params.get("keep"))
    with engine(work) as ready:
        work.watch.progress(None, "Learning what the steps need")
        found = again(document, columns, table, ready, names=names, keep=keep)
        return _written(work, version, table, found.recipe, ready)


def _recipe_of(work: Work) -> tuple[Json, Schema]:
    """The recipe that is asked for, and the columns of the table that it was made for."""
    if work.params.get("template"):
        template = work.store.get(Template, work.params["template"], work.owner)
        return template.recipe, template.columns
    like = work.store.get(Version, work.params["like"], work.owner)
    if like.recipe is None or like.parent is None:
        raise BadInput("Version {number} was not made by a recipe.", number=like.number)
    return like.recipe, work.store.get(Version, like.parent, work.owner).columns


def _written(work: Work, version: Version, table: Table, recipe: Recipe, ready: Engine) -> Result:
    """What the recipe makes of the version, kept: as the dataset's next version or under a new name."""
    import pyarrow.parquet as pq

    from core.export.tables import write_table

    name = work.params.get("name")
    result = recipe.apply(table, ready)
    work.watch.progress(None, "Writing the new version")
    with work.store.new_object(work.owner, ".parquet") as made:
        write_table(result, ready, made.path)
        rows = pq.read_metadata(made.path).num_rows
        if not name:
            judged = new_table_judged(work, version.dataset, made.path, result.columns, ready, made=True)
    kept: dict[str, Any] = {
        "object": made,
        "columns": result.columns,
        "rows": rows,
        "parent": version.id,
        "recipe": recipe.to_json(),
        "origin": version.origin,
    }
    if name:
        _, new = tables.add_dataset(work.store, work.owner, name, **kept)
    else:
        new = tables.add_version(work.store, work.owner, version.dataset, **kept)
        rules.keep(work.store, new, judged)
    return {"dataset": new.dataset, "version": new.id, "rows": rows}
