"""Where a run's numbers come from, and how to take its model along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.contracts import Member, Model
from core.export.bundle import loading_code
from core.features import Split
from core.judging import FitResult
from core.params import validated
from core.recipe import Recipe
from core.store import Run, Version
from core.wording import Note, table_size
from ui import services
from ui.evaluation import model_title, only_rows, origin
from ui.forms import value_said
from ui.measures import four
from ui.prediction import scorer
from ui.text import md, plain, plain_said, said, t
from ui.transfer import download_model
from ui.typed_row import usual

Json = Any
Pairs = Sequence[tuple[str, str]]


def provenance(run: Run, result: FitResult) -> None:
    """Everything that made this run: data, recipe, split, parameters, seed, machine, versions."""
    left, right = st.columns(2, gap="medium")
    with left:
        _facts("Data", _data(run, result))
        _recipe(run)
        _facts("Rows", _rows(run, result))
    with right:
        _facts("Model", _model(result))
        _facts("Computation", _computation(run, result))


def _facts(title: str, pairs: Pairs) -> None:
    """A titled list; the values are Markdown already."""
    with st.container(border=True, key=f"evaluate.facts.{title.lower()}", gap="small"):
        st.markdown(f"**{t(title)}**")
        st.markdown("  \n".join(f":gray[{t(name)}:] {value}" for name, value in pairs))


def _data(run: Run, result: FitResult) -> Pairs:
    dataset, version = origin(run)
    return [
        ("Dataset", t("{name}, version {number}", name=dataset.name, number=version.number)),
        ("Read from", md(version.origin) or "–"),
        ("Size", said(table_size(version.rows, len(version.columns)))),
        ("Target", md(result.target)),
        ("Features", md(plain(", ").join(result.features))),
        ("Fingerprint (SHA-256)", f"`{version.fingerprint[:16]}`"),
    ]


def _recipe(run: Run) -> None:
    steps = [said(words) for words in steps_before(origin(run)[1])]
    with st.container(border=True, key="evaluate.recipe", gap="small"):
        st.markdown(f"**{t('Recipe')}**")
        listed = "\n".join(f"{number}. {words}" for number, words in enumerate(steps, 1))
        st.markdown(listed or t("No step: the table is as it was read."))


def steps_before(version: Version) -> list[Note]:
    """The steps between the table as it was read and this version, in words."""
    store, owner = services.store(), services.owner()
    steps: list[Note] = []
    while version.recipe is not None and version.parent is not None:
        recipe = Recipe.from_json(version.recipe)
        steps = [entry.step.describe() for entry in recipe.steps if entry.active] + steps
        version = store.get(Version, version.parent, owner)
    return steps


def _rows(run: Run, result: FitResult) -> Pairs:
    split = validated(Split, run.spec.get("split") or {})
    how = plain(split.kind).capitalize() + (f" ({split.column})" if split.column else "")
    shares = {"test": split.test_share, "valid": split.validation_share}
    counts = result.rows
    version = origin(run)[1]
    only = only_rows(run)
    used = [("Only rows of", md(plain_said(only.describe(version.columns))))] if only else []
    meant = [("Which are", md(plain_said(only.words(version.columns))))] if only and only.name else []
    pairs = [
        *used,
        *meant,
        ("Split", md(how) + t(": {test:.0%} test, {valid:.0%} of the rest validation", **shares)),
        ("Training rows", f"{counts['train']:,}"),
        ("Validation rows", f"{counts['valid']:,}"),
        ("Test rows", f"{counts['test']:,}"),
        ("Left out", f"{counts['left_out']:,}"),
    ]
    reasons = [f"{one.rows:,}: {plain_said(one.reason)}" for one in result.left_out]
    return [*pairs, ("Why left out", md(plain("; ").join(reasons)))] if reasons else pairs


def _model(result: FitResult) -> Pairs:
    known = Model.members.get(result.model["kind"])
    return [("Kind", md(model_title(result.model))), *(_parameters(known, result.model) if known else [])]


def _parameters(cls: type[Member], values: Mapping[str, Json]) -> Pairs:
    return [
        (field.title, md(value_said(field, values.get(field.name, field.default))))
        for field in cls.parameters()
    ]


_FACTS = (
    ("method", "Method"),
    ("state", "How it ended"),
    ("epochs", "Epochs done"),
    ("best_epoch", "Best epoch"),
    ("steps", "Newton steps"),
    ("parameters", "Weights"),
    ("distance_to_exact", "Distance to the exact answer (standard errors)"),
    ("condition", "Condition number"),
    ("degrees_of_freedom", "Degrees of freedom"),
    ("device", "Device"),
)


def _computation(run: Run, result: FitResult) -> Pairs:
    facts = result.facts
    pairs = [("Seed", str(facts.get("seed", run.spec.get("seed", 0))))]
    for name, title in _FACTS:
        value = facts.get(name)
        if value is not None:
            shown = (
                four(value) if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else None
            )
            pairs.append((title, shown or md(plain(str(value)))))
    versions = scorer(run).document["versions"]
    listed = plain(", ").join(f"{name} {number}" for name, number in versions.items())
    return [
        *pairs,
        ("Time", t("{seconds} seconds", seconds=four(result.seconds, 3))),
        ("Trained", f"{run.created:%Y-%m-%d %H:%M} UTC"),
        ("Libraries", md(listed)),
        ("Run", f"`{run.id}`"),
    ]


def take_along(run: Run) -> None:
    """The model as a file, and the lines that use it anywhere Sightline's code is."""
    st.markdown(
        t("The zip holds the weights (safetensors) and everything else as JSON: nothing in it can run code.")
    )
    download_model(t("Download the model"), run, f"{file_name(run)}.zip", key="evaluate.download")
    st.markdown(t("Unpack it into a folder called “model”; then, in the folder of Sightline:"))
    st.code(loading_code("model", usual(scorer(run))), language="python", wrap_lines=True)
    st.markdown(t("Or for a whole file, cleaned first as the training rows were:"))
    st.code("python -m core score model new_rows.csv --out predictions.csv", language="shell")


def file_name(run: Run) -> str:
    """What the model's file is called: the run's name, or what it predicts."""
    return f"{run.name or run.metrics['target']}-{run.id[3:9]}"
