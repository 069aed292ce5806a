"""What a table shows beyond chance, looked for in a job and kept: the same search has one answer."""

from __future__ import annotations

import json

from core.findings import findings
from core.jobs.work import Work
from core.selection import Selection, selected
from core.store.records import Found
from core.tasks.given import Result, engine, version_of
from core.tasks.similar import question


def find(work: Work) -> Result:
    """Look for everything worth knowing about a version, or about a selection of its rows.

    Parameters: version, selections (as JSON: the rows that are in all of them), meanings (what columns
    mean, where that is known). Result: found (the id of what is kept: a core.findings.Findings as JSON).
    """
    version, table = version_of(work, work.params["version"])
    chosen = [Selection.from_json(one) for one in work.params["selections"]]
    with engine(work) as ready:
        told = findings(selected(table, *chosen), ready, work.params["meanings"], work.watch)
    with work.store.new_object(work.owner, ".json") as made:
        made.path.write_text(json.dumps(told.to_json()), encoding="utf-8")
    record = Found(owner=work.owner, version=version.id, question=question(work.params), object=made.id)
    return {"found": work.store.add(record, objects=[made]).id}
