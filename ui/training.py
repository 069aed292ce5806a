"""A fit under way: begun, watched while it learns, gone on with, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

import core.models  # noqa: F401  (registers the models)
from core.fitting import CHECKPOINT, FitSpec
from core.store import Job, Run, Version
from ui import services
from ui.figures import show
from ui.frame import link
from ui.live import ACTIVE, Events, follow
from ui.text import plain, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

Json = Any
SETTLED = ("done", "failed")  # what the run itself says of its end; the rest its job knows


def start(version: Version, spec: FitSpec, name: str) -> Run:
    """Keep a new run and hand its fit to the job runner."""
    store, owner = services.store(), services.owner()
    run = store.add(
        Run(owner=owner, version=version.id, name=name.strip(), spec=spec.model_dump(mode="json"))
    )
    return go_on(run)


def go_on(run: Run) -> Run:
    """Hand a run's fit to the job runner; one that died goes on from its last checkpoint."""
    title = f"Fit {run.name or run.spec['target']}"
    job = services.submit("fit", {"run": run.id}, title=title, subject=run.id)
    return services.store().change(Run, run.id, services.owner(), job=job.id, state="queued")


def stand(run: Run, job: Job | None) -> str:
    """How a run stands: the state of its job as long as it has no model."""
    return run.state if run.state in SETTLED or job is None else job.state


def watch(run: Run) -> Run:
    """The fit of a run: its curves while it learns, and what came of it."""
    if run.job is None:
        return run
    over = services.jobs().get(run.job, services.owner()).over
    curves = partial(draw, history=_history(run), before=_before(run), over=over)
    job = follow(run.job, key="train.job", draw=curves, quiet=True)
    if job.state in ACTIVE:
        return run
    run = services.store().get(Run, run.id, services.owner())
    if job.state in ("died", "cancelled") and run.state != "done":
        _again(run)
    if run.state == "done":
        _ended(run)
    return run


def _again(run: Run) -> None:
    """The way on from a fit that ended without a model: from its checkpoint, if there is one."""
    kept = (services.store().home / "fits" / run.id / CHECKPOINT).exists()
    if kept:
        st.caption(t("What it had learned up to its last checkpoint is kept."))
    label = t("Go on with this fit") if kept else t("Begin this fit again")
    if st.button(label, key="train.go_on", type="primary"):
        go_on(run)
        st.rerun()


def _history(run: Run) -> Sequence[Mapping[str, Json]]:
    """The whole descent of a run that has a model; empty before, and where there was none."""
    from ui.evaluation import result_of

    return result_of(run).history if run.state == "done" else ()


def _before(run: Run) -> Events:
    """The epochs that earlier jobs of an unfinished run reported: what it goes on from."""
    if run.state == "done":
        return []
    owner = services.owner()
    jobs = [job for job in services.store().list(Job, owner, subject=run.id) if job.id != run.job]
    logs = [services.jobs().events(job.id, owner)[0] for job in reversed(jobs) if job.task == "fit"]
    known: Events = []
    for events in logs:
        known = joined(known, _epochs(events))
    return known


def _epochs(events: Events) -> Events:
    return [event for event in events if event.get("kind") == "epoch"]


def joined(before: Events, told: Events) -> Events:
    """Epochs told by a job and by those before it: from its checkpoint on its own count."""
    return [row for row in before if not told or row["epoch"] < told[0]["epoch"]] + told


def _ended(run: Run) -> None:
    from ui.evaluation import cards, result_of, warnings
    from ui.verdict import verdict

    found = result_of(run)
    if found.facts.get("state") == "stopped":
        st.info(t("Stopped on request: the best weights so far were kept and judged."))
    if found.facts.get("state") == "diverged":
        warnings(found)  # they explain what follows
    verdict(found)
    with st.container(key="train.result"):
        cards(found, across=3)
    if found.facts.get("state") != "diverged":
        warnings(found)
    st.caption(
        t(
            "{train:,} training rows, {valid:,} for early stopping, {test:,} held out. {seconds:,.1f} s "
            "on {device}.",
            train=found.rows["train"], valid=found.rows["valid"], test=found.rows["test"],
            seconds=found.seconds, device=str(found.facts.get("device", "CPU")),
        )
    )  # fmt: skip
    with st.container(horizontal=True):
        link("pages/model/evaluate.py", "See how good it is", key="train.evaluate", primary=True, run=run.id)
        link("pages/model/predict.py", "Predict new rows", key="train.predict", run=run.id)


def draw(events: Events, *, history: Sequence[Mapping[str, Json]], before: Events, over: bool) -> None:
    """The curves of a descent so far: what was reported of it, and at its end the whole history."""
    told = joined(before, _epochs(events))
    if not told:
        return
    from ui.measures import four

    last, epochs = told[-1], history or told
    with st.container(key="train.numbers"):
        done, speed, left, score = st.columns(4)
    done.metric(t("Epochs done") if over else t("Epoch"), f"{last['epoch']:,} / {last['epochs']:,}")
    speed.metric(t("Epochs per second"), four(last["rate"], 3))
    if over:
        best = min(epochs, key=_watched)
        left.metric(
            t("Best epoch"),
            f"{best['epoch']:,}",
            help=t("The one with the lowest validation loss, or training loss where there is no other."),
        )
    else:
        left.metric(t("Time left, at most"), _duration(last["left"]))
    if last["metric"] is not None:
        score.metric(plain(_metric_name(last["metric_name"])), _metric_words(last))
    with st.container(key="train.curves"):
        drawn, other = st.columns(2)
    names = {"train_loss": "Training loss", "valid_loss": "Validation loss"}
    with drawn:
        show(
            curve(epochs, names, "Loss"),
            _words(epochs, names),
            key="train.loss",
            height=300,
            words=False,
            tools=False,
        )
    if last["metric"] is not None:
        names = {"metric": last["metric_name"]}
        with other:
            figure = curve(epochs, names, last["metric_name"])
            show(figure, _words(epochs, names), key="train.metric", height=300, words=False, tools=False)


def _watched(row: Mapping[str, Json]) -> float:
    """The loss that says which epoch was best; infinite where it was not finite."""
    found = row["train_loss"] if row.get("valid_loss") is None else row["valid_loss"]
    return math.inf if found is None else float(found)


def _metric_name(name: str) -> str:
    return {"accuracy": "Accuracy", "loss": "Loss"}.get(name, name)


def _metric_words(row: Mapping[str, Json]) -> str:
    from ui.measures import MEASURES, four

    measure = MEASURES.get(row["metric_name"])
    return measure.said(row["metric"]) if measure else four(row["metric"])


def _duration(seconds: float) -> str:
    if seconds < 90:
        return plain("{seconds:,.0f} s", seconds=seconds)
    return plain("{minutes:,.0f} min", minutes=seconds / 60)


def curve(epochs: Sequence[Mapping[str, Json]], names: Mapping[str, str], title: str) -> go.Figure:
    """Lines over the epochs, one for each of the fields named."""
    import plotly.graph_objects as go

    from ui.measures import four

    figure = go.Figure()
    for field, name in names.items():
        points = [(row["epoch"], row[field]) for row in epochs if row.get(field) is not None]
        if points:
            x, y = zip(*points, strict=True)
            figure.add_scatter(x=x, y=y, mode="lines", name=plain(_metric_name(name)), showlegend=True,
                               customdata=[four(value) for value in y],
                               hovertemplate="%{x}: %{customdata}")  # fmt: skip
    figure.update_layout(
        xaxis={"title": {"text": plain("Epoch")}, "rangemode": "tozero"},
        yaxis={"title": {"text": plain(_metric_name(title))}},
        uirevision="training",
    )
    return figure


def _words(epochs: Sequence[Mapping[str, Json]], names: Mapping[str, str]) -> str:
    from ui.measures import four

    first, last = epochs[0], epochs[-1]
    parts = [
        plain("{name} from {first} to {last}", name=plain(_metric_name(name)),
              first=four(first[field]), last=four(last[field]))
        for field, name in names.items()
        if first.get(field) is not None and last.get(field) is not None
    ]  # fmt: skip
    return plain("; ").join(parts)
