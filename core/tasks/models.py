"""Models: what to predict from what, a fit, and its predictions for new rows."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from core.contracts import Json
from core.errors import Cancelled, SightlineError
from core.jobs.work import Work
from core.store import tables
from core.store.records import Prediction, Run, Version
from core.tasks.given import Result, engine, quiet_engine, version_of
from core.wording import told

if TYPE_CHECKING:
    from core.preparation import Preparation


def propose(work: Work) -> Result:
    """Look at every column and propose a task and features for a target, with reasons.

    Parameters: version, target; rows (a filter, whose rows alone are looked at). Result: the proposal.
    """
    from core.features import propose as look
    from core.specification import FitSpec

    _, table = version_of(work, work.params["version"])
    spec = FitSpec(target=work.params["target"], model={}, rows=work.params.get("rows"))
    with engine(work) as ready:
        return dict(look(spec.chosen(table), ready, spec.target).model_dump(mode="json"))


def fit(work: Work) -> Result:
    """Fit the model that a run describes. A fit that died goes on from its last checkpoint.

    Parameters: run. Result: run.
    """
    from core.fitting import FitSpec
    from core.fitting import fit as fit_model
    from core.params import validated

    run = work.store.get(Run, work.params["run"], work.owner)
    version, table = version_of(work, run.version)
    spec = validated(FitSpec, run.spec)
    place = work.store.home / "fits" / run.id  # outside the scratch folder: it outlives a crash
    place.mkdir(parents=True, exist_ok=True)
    work.store.change(Run, run.id, work.owner, state="running", job=work.job)
    try:
        result = fit_model(
            spec,
            table,
            quiet_engine(work),
            work.watch,
            place,
            resume=place,
            fingerprint=version.fingerprint,
            preparation=_preparation(work, version),
        )
    except Cancelled:
        work.store.change(Run, run.id, work.owner, state="cancelled")
        raise
    except SightlineError as error:
        work.store.change(
            Run, run.id, work.owner, state="failed", facts={"error": told(error).model_dump(mode="json")}
        )
        raise
    with (
        work.store.new_object(work.owner, ".safetensors") as weights,
        work.store.new_object(work.owner, ".json") as card,
    ):
        shutil.copyfile(place / "weights.safetensors", weights.path)
        shutil.copyfile(place / "model.json", card.path)
    work.store.change(
        Run,
        run.id,
        work.owner,
        objects=[weights, card],
        state="done",
        metrics=result.short(),
        weights=weights.id,
        card=card.id,
    )
    shutil.rmtree(place)
    return {"run": run.id}


def _preparation(work: Work, version: Version) -> Preparation | None:
    """The recipes between the version that was read and this one; None when it was read like this."""
    from core.preparation import Preparation

    recipes: list[dict[str, Json]] = []
    while version.parent is not None and version.recipe is not None:
        recipes.insert(0, version.recipe)
        version = work.store.get(Version, version.parent, work.owner)
    if not recipes:
        return None
    found = Preparation(columns=version.columns, recipes=tuple(recipes))
    return found.keeping(tables.table(work.store, version), quiet_engine(work))


def score(work: Work) -> Result:
    """Predict for every row of a version with a run's model; the result can be downloaded.

    Parameters: run, version; raw (the rows still need the cleaning that the training rows had).
    Result: prediction (its id), report.
    """
    from core.export.tables import write_table
    from core.score import load

    run = work.store.get(Run, work.params["run"], work.owner)
    version, table = version_of(work, work.params["version"])
    model = work.scratch / "model"
    unpack_model(work, run, model)
    place = work.scratch / "scored.parquet"
    with engine(work) as ready, work.store.new_object(work.owner, ".csv") as made:
        raw = bool(work.params.get("raw"))
        scored, report = load(model).predict(table, ready, place, work.watch, raw=raw)
        write_table(scored, ready, made.path, watch=work.watch)
    prediction = Prediction(
        owner=work.owner,
        run=run.id,
        version=version.id,
        object=made.id,
        report=report,
    )
    work.store.add(prediction, objects=[made])
    return {"prediction": prediction.id, "report": prediction.report}


def judge_among(work: Work) -> Result:
    """Judge a run's model once more, on the rows of each filter among those that judged it.

    Parameters: run; version (the one it learned from); filters. Result: judged, in the filters' order.
    """
    from core.among import judged_among
    from core.filters import Filter
    from core.score import load

    run = work.store.get(Run, work.params["run"], work.owner)
    _, table = version_of(work, run.version)
    filters = tuple(Filter.model_validate(one) for one in work.params["filters"])
    unpack_model(work, run, work.scratch / "model")
    with engine(work) as ready:
        found = judged_among(load(work.scratch / "model"), table, ready, filters, work.watch)
    return {"judged": [one.model_dump(mode="json") for one in found]}


def unpack_model(work: Work, run: Run, place: Path) -> None:
    """A run's model as the folder that `core.score.load` reads."""
    if run.weights is None or run.card is None:
        raise SightlineError("The run {name!r} has no fitted model yet.", name=run.name or run.id)
    place.mkdir(parents=True)
    shutil.copyfile(work.store.place(run.weights, work.owner), place / "weights.safetensors")
    shutil.copyfile(work.store.place(run.card, work.owner), place / "model.json")
