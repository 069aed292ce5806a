"""What a table shows beyond chance, looked for in a job and kept: the same search has one answer."""

from __future__ import annotations

import json

from core.contracts import Json
from core.findings import findings
from core.findings.contrast import contrast
from core.jobs.work import Work
from core.selection import Selection, selected
from core.store.records import Found
from core.tasks.given import Result, engine, version_of
from core.tasks.similar import question

EDITION = 2  # of the searches: answers of an earlier one are looked for again


def asked(task: str, params: dict[str, Json]) -> str:
    """What stands for a search and its parameters: the same ones have the same answer."""
    return question({"task": task, "edition": EDITION, **params})


def find(work: Work) -> Result:
    """Look for everything worth knowing about a version, or about a selection of its rows.

    Parameters: version, selections (as JSON: the rows that are in all of them), meanings (what columns
    mean, where that is known). Result: found (the id of what is kept: a core.findings.Findings as JSON).
    """
    version, table = version_of(work, work.params["version"])
    chosen = [Selection.from_json(one) for one in work.params["selections"]]
    with engine(work) as ready:
        told = findings(selected(table, *chosen), ready, work.params["meanings"], work.watch)
    return _kept(work, "find", version.id, told.to_json())


def find_contrast(work: Work) -> Result:
    """Look for what sets rows of a version apart from all others.

    Parameters: version; of (selections as JSON: what the rows of both sides are in); rows (the selection
    that is compared with the others); meanings. Result: found (the id of what is kept: a
    core.findings.contrast.Contrast as JSON).
    """
    version, table = version_of(work, work.params["version"])
    of = [Selection.from_json(one) for one in work.params["of"]]
    rows = Selection.from_json(work.params["rows"])
    with engine(work) as ready:
        told = contrast(selected(table, *of), rows, ready, work.params["meanings"], watch=work.watch)
    return _kept(work, "find_contrast", version.id, told.to_json())


def _kept(work: Work, task: str, version: str, told: dict[str, Json]) -> Result:
    with work.store.new_object(work.owner, ".json") as made:
        made.path.write_text(json.dumps(told), encoding="utf-8")
    record = Found(owner=work.owner, version=version, question=asked(task, work.params), object=made.id)
    return {"found": work.store.add(record, objects=[made]).id}
