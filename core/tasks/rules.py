"""Rules of a dataset, checked on one of its versions."""

from __future__ import annotations

from pathlib import Path

from core import rules, sql
from core.contracts import Engine, Schema, Table
from core.jobs.work import Work
from core.tasks.given import Result, engine, version_of


def check_rules(work: Work) -> Result:
    """Check a dataset's rules on a version, and keep what they say.

    Parameters: version; others (what `core.rules.references` gives: the tables that rules look in).
    Result: result (its id; None without rules), outcome.
    """
    version, table = version_of(work, work.params["version"])
    with engine(work) as ready:
        found = rules.verdict(
            work.store,
            work.owner,
            version.dataset,
            table,
            ready,
            others=work.params.get("others") or {},
            made=version.recipe is not None,
            before=version.number,
            watch=work.watch,
        )
    kept = rules.keep(work.store, version, found)
    return {"result": kept.id if kept else None, "outcome": found.outcome}


def new_table_judged(
    work: Work, dataset: str, place: Path, columns: Schema, ready: Engine, *, made: bool
) -> rules.Verdict:
    """What a dataset's rules say of a file that is about to become its next version.

    The parameter "others" names the tables that rules look in; `made`: a recipe made the file.
    """
    table = Table(sql.parquet(place, [column.name for column in columns]), columns)
    others = work.params.get("others") or {}
    return rules.verdict(
        work.store, work.owner, dataset, table, ready, others=others, made=made, watch=work.watch
    )
