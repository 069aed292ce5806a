"""A dataset made once more from where it came: compared, judged by its rules, kept as the next version."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core import refresh, rules, sql
from core.compare import likely_key
from core.contracts import Schema, Table
from core.errors import BadInput, Cancelled, SightlineError
from core.jobs.answers import failure
from core.jobs.work import Work
from core.store import NewObject, Refresh, Version, tables
from core.tasks.again import kept_upon, steps_again
from core.tasks.given import Result, engine
from core.tasks.rules import new_table_judged


@dataclass(frozen=True)
class Fresh:
    """What was made again in a new file, and what the store keeps of it as a version.

    `key`: the columns that tell rows apart; None: they are looked for. `new`: it is a version even where
    no row differs, because it was asked for in another way.
    """

    columns: Schema
    kept: dict[str, Any]
    key: tuple[str, ...] | None = None
    new: bool = False


def refreshed(work: Work, make: Callable[[Version, NewObject], Fresh], mend: str) -> Result:
    """Make the rows behind the parameter "before" again, and say what changed.

    Nothing new makes no version. Where recipes had made versions of an earlier one, their steps are
    applied to the new one. `mend`: what to do where a rule refuses the new rows.
    Result: dataset, version (None: nothing had changed), made (by the steps), rows, changes.
    """
    begun = time.monotonic()
    before = work.store.get(Version, work.params["before"], work.owner)
    kept: dict[str, Any] = {
        "owner": work.owner,
        "dataset": before.dataset,
        "connection": work.params.get("connection") or "",
        "before": before.id,
        "schedule": work.params.get("schedule"),
        "missed": int(work.params.get("missed") or 0),
    }
    try:
        came, changes = _made_again(work, before, make, mend)
    except SightlineError as error:
        state: Literal["cancelled", "failed"] = "cancelled" if isinstance(error, Cancelled) else "failed"
        told = None if isinstance(error, Cancelled) else failure(error)["error"]
        seconds = round(time.monotonic() - begun, 1)
        work.store.add(Refresh(state=state, error=told, seconds=seconds, **kept))
        raise
    found = changes.model_dump(mode="json")
    seconds = round(time.monotonic() - begun, 1)
    work.store.add(Refresh(state="done", changes=found, seconds=seconds, **came, **kept))
    return {
        "dataset": before.dataset,
        "version": came["version"],
        "made": came["made"],
        "rows": changes.after,
        "changes": found,
    }


def _made_again(
    work: Work, before: Version, make: Callable[[Version, NewObject], Fresh], mend: str
) -> tuple[dict[str, Any], refresh.Changes]:
    """What came of it (version, made by the steps, why the steps were not applied), and what changed."""
    with work.store.new_object(work.owner, ".parquet") as stored:
        fresh = make(before, stored)
        work.watch.progress(None, "Comparing with the last reading")
        now = Table(sql.parquet(stored.path, [column.name for column in fresh.columns]), fresh.columns)
        with engine(work) as ready:
            was, listed = tables.table(work.store, before), work.scratch / "differing.parquet"
            key = likely_key(was, now, ready) if fresh.key is None else fresh.key
            changes = refresh.compare(was, now, key, listed, ready)
            if changes.none and not fresh.new:  # the file belongs to no record: it is collected
                return {"version": None, "made": None}, changes
            judged = new_table_judged(work, before.dataset, stored.path, fresh.columns, ready, made=False)
        if judged.stops:
            problem = judged.said()
            raise BadInput("The new rows were not taken over: {problem}", hint=mend, problem=problem)
        made, problem_of_steps = steps_again(work, now)
    version = tables.add_version(work.store, work.owner, before.dataset, object=stored, **fresh.kept)
    rules.keep(work.store, version, judged)
    last = kept_upon(work, version, made)
    came = {"version": version.id, "made": last.id if made else None, "error": problem_of_steps}
    return came, changes
