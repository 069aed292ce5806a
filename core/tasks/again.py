"""The steps of earlier versions, applied to a table that was just read and is not kept yet."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import rules, sql
from core.contracts import Json, Schema, Table
from core.errors import Cancelled, SightlineError
from core.jobs.answers import failure
from core.jobs.work import Work
from core.store import tables
from core.store.records import Version
from core.tasks.given import engine
from core.tasks.rules import new_table_judged

if TYPE_CHECKING:
    from core.recipe import Recipe


@dataclass(frozen=True)
class Remade:
    """What a recipe made: a file in the job's scratch folder, and what the dataset's rules say of it."""

    place: Path
    recipe: Recipe
    columns: Schema
    rows: int
    judged: rules.Verdict


def steps_again(work: Work, table: Table) -> tuple[list[Remade], dict[str, Json] | None]:
    """Apply the recipes that made the versions named by the parameter "steps", one upon the other.

    Returns what was made, and why it ends early where a step does not fit the new table.
    """
    import pyarrow.parquet as pq

    from core.export.tables import write_table
    from core.recipe import reapply

    made: list[Remade] = []
    table = Table(table.query, table.columns, tables.Others(work.store, work.owner))
    try:
        for id in work.params.get("steps") or []:
            like = work.store.get(Version, id, work.owner)
            columns = work.store.get(Version, like.parent or "", work.owner).columns
            place = work.scratch / f"steps-{len(made)}.parquet"
            work.watch.progress(None, "Applying the steps again")
            with engine(work) as ready:
                recipe = reapply(like.recipe, columns, table, ready).recipe
                result = recipe.apply(table, ready)
                write_table(result, ready, place)
                judged = new_table_judged(work, like.dataset, place, result.columns, ready, made=True)
            made.append(Remade(place, recipe, result.columns, pq.read_metadata(place).num_rows, judged))
            names = [column.name for column in result.columns]
            table = Table(sql.parquet(place, names), result.columns, table.others)
    except Cancelled:
        raise
    except SightlineError as error:  # what was read is kept all the same
        return made, failure(error)["error"]
    return made, None


def kept_upon(work: Work, version: Version, made: Sequence[Remade]) -> Version:
    """Keep what was made as the next versions; returns the last of them, or `version` itself."""
    for one in made:
        with work.store.new_object(work.owner, ".parquet") as stored:
            shutil.copyfile(one.place, stored.path)
        version = tables.add_version(
            work.store, work.owner, version.dataset, object=stored, columns=one.columns, rows=one.rows,
            parent=version.id, recipe=one.recipe.to_json(), origin=version.origin,
        )  # fmt: skip
        rules.keep(work.store, version, one.judged)
    return version
