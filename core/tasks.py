"""What runs in a job: look into a file, read it, profile it, clean it, fit, score.

Each task takes a `Work` (store, owner, parameters, watch, scratch folder) and returns JSON. Pages
submit tasks by name; the supervisor runs each in a locked child of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.contracts import Json, Source, Table
from core.engine.duckdb import DuckEngine
from core.errors import Cancelled, SightlineError
from core.jobs.work import Work
from core.store import tables
from core.store.records import Prediction, Run, Summary, Upload, Version
from core.wording import Note, told

if TYPE_CHECKING:
    from core.preparation import Preparation
    from core.sources import Preview

Result = dict[str, Json]
ROWS_SHOWN, COLUMNS_SHOWN, TEXT_SHOWN = 50, 200, 200  # of a preview


@contextmanager
def _engine(work: Work) -> Iterator[DuckEngine]:
    """An engine within the job's memory, whose queries end when a person asks to stop."""
    engine = _quiet_engine(work)
    with work.interruptible(engine.cancel):
        yield engine


def _quiet_engine(work: Work) -> DuckEngine:
    """An engine that a stop leaves alone: a stopped fit still judges what it has learned."""
    memory = f"{work.memory // 2**21}MiB" if work.memory else None  # half: Arrow and numpy need theirs
    return DuckEngine(memory=memory, scratch=work.scratch / "spill", within=work.store.home)


def _version(work: Work, version_id: str) -> tuple[Version, Table]:
    version = work.store.get(Version, version_id, work.owner)
    return version, tables.table(work.store, version)


def inspect(work: Work) -> Result:
    """Look into an upload: its parts (files of an archive, sheets of a workbook) and how each reads.

    Parameters: upload; source (optional: read it this way instead of the way detection proposes).
    Result: parts, each with upload, name, and either source and preview, or error.
    """
    from core.sources import offers

    upload = work.store.get(Upload, work.params["upload"], work.owner)
    place = work.store.place(upload.object, work.owner)
    if work.params.get("source"):
        return {"parts": [_part(upload, upload.name, Source.from_json(work.params["source"]), place)]}
    parts = []
    kept = {place: upload}  # the sheets of a workbook share one file
    for part in offers(place, upload.name, work.scratch, work.watch):
        if part.path not in kept:
            kept[part.path] = _keep(work, part.path, part.name)
        here = kept[part.path]
        if part.source is None:
            parts.append({"upload": here.id, "name": part.name, "error": part.problem})
        else:
            parts.append(_part(here, part.name, part.source, part.path, part.notes))
    return {"parts": parts}


def _part(upload: Upload, name: str, source: Source, path: Path, notes: tuple[Note, ...] = ()) -> Result:
    from core.sources import preview

    part: Result = {"upload": upload.id, "name": name, "source": source.to_json()}
    try:
        found = _shown(preview(source, path, rows=50))
        return part | {"preview": found | {"notes": list(dict.fromkeys((*notes, *found["notes"])))}}
    except SightlineError as error:
        return part | {"error": told(error)}


def _shown(found: Preview, columns: int = 100, letters: int = 200) -> Result:
    """A preview small enough for the catalog: cells as text, long ones cut, the first columns only."""
    rows = found.rows.select(found.rows.schema.names[:columns])
    cells = [
        [None if cell is None else str(cell)[:letters] for cell in column.to_pylist()]
        for column in rows.columns
    ]
    return {
        "columns": [column.model_dump() for column in found.columns],
        "rows": [list(row) for row in zip(*cells, strict=True)],
        "refused": [[line, reason, text[:letters]] for line, reason, text in found.refused_sample[:20]],
        "notes": list(found.notes),
    }


def _keep(work: Work, path: Path, name: str) -> Upload:
    """A file that came out of an archive, as an upload of its own."""
    with work.store.new_object(work.owner, ".upload") as made:
        shutil.copyfile(path, made.path)
    upload = Upload(owner=work.owner, name=name, bytes=made.bytes, object=made.id)
    return work.store.add(upload, objects=[made])


def read(work: Work) -> Result:
    """Read a source into a table: a new dataset, or the next version of one.

    Parameters: source; upload (for sources that need a file); name; dataset (optional, to add to).
    Result: dataset, version, rows, refused, notes.
    """
    import core.sources  # noqa: F401  (so that its members can be read from JSON)

    source = Source.from_json(work.params["source"])
    file, origin = None, work.params.get("name") or type(source).title
    if work.params.get("upload"):
        upload = work.store.get(Upload, work.params["upload"], work.owner)
        file, origin = work.store.place(upload.object, work.owner), upload.name
    with (
        work.store.new_object(work.owner, ".parquet") as stored,
        work.store.new_object(work.owner, ".csv") as refused,
    ):
        account = source.read(file, stored.path, refused.path, work.watch)
        if not refused.path.exists():
            refused.path.write_text("line,reason,text\r\n", encoding="utf-8")
    kept: dict[str, Any] = {
        "object": stored,
        "columns": account.columns,
        "rows": account.rows,
        "refused": refused if account.refused else None,
        "account": account,
        "source": source.to_json(),
        "origin": origin,
    }
    if work.params.get("dataset"):
        version = tables.add_version(work.store, work.owner, work.params["dataset"], **kept)
    else:
        name = work.params.get("name") or Path(origin).stem
        _, version = tables.add_dataset(work.store, work.owner, name, **kept)
    return {
        "dataset": version.dataset,
        "version": version.id,
        "rows": account.rows,
        "refused": account.refused,
        "notes": list(account.notes),
    }


def profile(work: Work) -> Result:
    """Describe a version's columns and what looks wrong; kept, so that it is done once.

    Parameters: version. Result: summary (its id).
    """
    from core.profile import profile as describe

    version, table = _version(work, work.params["version"])
    with _engine(work) as engine:
        found = describe(table, engine, work.watch)
    with work.store.new_object(work.owner, ".json") as made:
        made.path.write_text(found.model_dump_json(), encoding="utf-8")
    summary = Summary(owner=work.owner, version=version.id, object=made.id)
    return {"summary": work.store.add(summary, objects=[made]).id}


def materialise(work: Work) -> Result:
    """Apply a recipe to a version and keep the result as the dataset's next version.

    Parameters: version, recipe; name (optional: keep it as a new dataset of this name instead).
    Result: dataset, version, rows.
    """
    import pyarrow.parquet as pq

    from core.export.tables import write_table
    from core.recipe import Recipe

    version, table = _version(work, work.params["version"])
    with _engine(work) as engine:
        work.watch.progress(None, "Learning what the steps need")
        recipe = Recipe.from_json(work.params["recipe"]).learn(table, engine)
        result = recipe.apply(table, engine)
        work.watch.progress(None, "Writing the new version")
        with work.store.new_object(work.owner, ".parquet") as made:
            write_table(result, engine, made.path)
            rows = pq.read_metadata(made.path).num_rows
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
    return {"dataset": new.dataset, "version": new.id, "rows": rows}


def propose(work: Work) -> Result:
    """Look at every column and propose a task and features for a target, with reasons.

    Parameters: version, target. Result: the proposal.
    """
    from core.features import propose as look

    _, table = _version(work, work.params["version"])
    with _engine(work) as engine:
        return dict(look(table, engine, work.params["target"]).model_dump(mode="json"))


def fit(work: Work) -> Result:
    """Fit the model that a run describes. A fit that died goes on from its last checkpoint.

    Parameters: run. Result: run.
    """
    from core.fitting import FitSpec
    from core.fitting import fit as fit_model
    from core.params import validated

    run = work.store.get(Run, work.params["run"], work.owner)
    version, table = _version(work, run.version)
    spec = validated(FitSpec, run.spec)
    place = work.store.home / "fits" / run.id  # outside the scratch folder: it outlives a crash
    place.mkdir(parents=True, exist_ok=True)
    work.store.change(Run, run.id, work.owner, state="running", job=work.job)
    try:
        result = fit_model(
            spec,
            table,
            _quiet_engine(work),
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
        work.store.change(Run, run.id, work.owner, state="failed", facts={"error": str(error)})
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
        metrics=result.model_dump(mode="json"),
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
    return Preparation(columns=version.columns, recipes=tuple(recipes)) if recipes else None


def score(work: Work) -> Result:
    """Predict for every row of a version with a run's model; the result can be downloaded.

    Parameters: run, version; raw (the rows still need the cleaning that the training rows had).
    Result: prediction (its id), report.
    """
    from core.export.tables import write_table
    from core.score import load

    run = work.store.get(Run, work.params["run"], work.owner)
    version, table = _version(work, work.params["version"])
    model = work.scratch / "model"
    unpack_model(work, run, model)
    place = work.scratch / "scored.parquet"
    with _engine(work) as engine, work.store.new_object(work.owner, ".csv") as made:
        raw = bool(work.params.get("raw"))
        scored, told = load(model).predict(table, engine, place, work.watch, raw=raw)
        write_table(scored, engine, made.path, watch=work.watch)
    prediction = Prediction(
        owner=work.owner,
        run=run.id,
        version=version.id,
        object=made.id,
        report=told,
    )
    work.store.add(prediction, objects=[made])
    return {"prediction": prediction.id, "report": prediction.report}


def unpack_model(work: Work, run: Run, place: Path) -> None:
    """A run's model as the folder that `core.score.load` reads."""
    if run.weights is None or run.card is None:
        raise SightlineError("The run {name!r} has no fitted model yet.", name=run.name or run.id)
    place.mkdir(parents=True)
    shutil.copyfile(work.store.place(run.weights, work.owner), place / "weights.safetensors")
    shutil.copyfile(work.store.place(run.card, work.owner), place / "model.json")


TASKS: dict[str, Callable[[Work], Result]] = {
    "inspect": inspect,
    "read": read,
    "profile": profile,
    "materialise": materialise,
    "propose": propose,
    "fit": fit,
    "score": score,
}
