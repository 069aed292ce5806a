"""Similar values and similar rows looked for among many, and kept: the same question is answered once."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.contracts import Engine, Json, Table
from core.jobs.work import Work
from core.joins import similar
from core.recipe import Recipe
from core.similar import clusters, counted, pairs, records
from core.steps.drop_similar import DropSimilarRows
from core.steps.similar import JoinFuzzy
from core.store.records import Similar
from core.tasks.given import Result, engine, version_of
from core.watching import Part, go_on


def question(params: dict[str, Json]) -> str:
    """What stands for the parameters of a search: searches with the same ones have the same answer."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:32]


def similar_values(work: Work) -> Result:
    """Look for values of a column that seem to be one.

    Parameters: version, before (the steps before, as JSON), column, method, similarity. Result: similar
    (the id of what is kept: {"different": how many values, "found": [[values, rows], ...]}).
    """
    with engine(work) as ready:
        go_on(work.watch, 0.0, "Reading the values")
        values = counted(_table(work, ready), work.params["column"], ready)
    look = Part(work.watch, 0.1, 0.95)
    found = clusters(values, work.params["method"], work.params["similarity"], look)
    told = [[list(one.values), list(one.rows)] for one in found]
    return _kept(work, {"different": len(values), "found": told})


def similar_rows(work: Work) -> Result:
    """Look for rows that seem to be one thing entered twice.

    Parameters: version, before, columns, similarity. Result: similar (the id of what is kept:
    {"different": how many rows, "found": [[one, other, score, scores], ...]}).
    """
    with engine(work) as ready:
        go_on(work.watch, 0.0, "Reading the rows")
        table = _table(work, ready)
        cells = DropSimilarRows(columns=tuple(work.params["columns"])).cells(table.columns)
        different = records(table, cells, ready)
    found = pairs(different, work.params["similarity"], Part(work.watch, 0.1, 0.95))
    told = [[list(one.one), list(one.other), one.score, list(one.scores)] for one in found]
    return _kept(work, {"different": len(different), "found": told})


def similar_partners(work: Work) -> Result:
    """Count the rows that a join by similar text would find partners for.

    Parameters: version, before, step (as JSON). Result: similar (the id of what is kept: a
    core.joins.Match as JSON).
    """
    step = JoinFuzzy.from_json(work.params["step"])
    with engine(work) as ready:
        go_on(work.watch, 0.1, "Looking for partners")
        left = _table(work, ready)
        found = similar(left, left.other(step.table), step, ready)
    return _kept(work, found.model_dump())


def _table(work: Work, ready: Engine) -> Table:
    _, table = version_of(work, work.params["version"])
    return Recipe.from_json(work.params["before"]).learn(table, ready).apply(table, ready)


def _kept(work: Work, document: dict[str, Any]) -> Result:
    with work.store.new_object(work.owner, ".json") as made:
        made.path.write_text(json.dumps(document), encoding="utf-8")
    asked = question(work.params)
    record = Similar(owner=work.owner, version=work.params["version"], question=asked, object=made.id)
    return {"similar": work.store.add(record, objects=[made]).id}
