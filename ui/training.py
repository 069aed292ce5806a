"""Setting up a fit and watching it: what to predict, from what, with which model, and how it learns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

import core.models  # noqa: F401  (registers the models)
from core.contracts import Model, Schema, Task
from core.errors import SightlineError
from core.features import Proposal, Split
from core.fitting import FitSpec
from core.params import Field, fields, validated
from core.store import Job, Run, Version
from ui import services
from ui.figures import show
from ui.forms import form, widget
from ui.frame import link
from ui.live import ACTIVE, Events, follow
from ui.text import md, message, plain, said, t

if TYPE_CHECKING:
    import plotly.graph_objects as go

Json = Any
QUICK_ROWS = 300_000  # above, looking at every column is work for a job
TASKS: dict[Task, str] = {"number": "A number", "category": "A category"}
SETTLED = ("done", "failed")  # what the run itself says of its end; the rest its job knows
DESCENT_ONLY = ("learning_rate", "epochs", "batch_size")
FIRST = ("solver", "hidden", "learning_rate", "epochs", "batch_size", "l2")  # the others are folded away


def proposal(version: Version, target: str) -> Proposal | None:
    """What is proposed for a target; None while a job still looks at a large table."""
    if version.rows <= QUICK_ROWS:
        return Proposal.model_validate(_proposed(version.id, target, services.owner()))
    subject = f"{version.id}/{target}"
    job = services.newest_job("propose", subject) or services.submit(
        "propose", {"version": version.id, "target": target}, title="Look for features", subject=subject
    )
    job = follow(job.id, key="train.propose", quiet=True)
    return Proposal.model_validate(job.result) if job.state == "done" else None


@st.cache_data(show_spinner=False, max_entries=200)
def _proposed(version: str, target: str, owner: str) -> Json:
    from core.features import propose
    from core.store import tables

    table = tables.table(services.store(), services.store().get(Version, version, owner))
    return propose(table, services.engine(), target).model_dump(mode="json")


def choose_task(found: Proposal, columns: Schema) -> Task:
    """The task: proposed with its reason, and open to change where the target allows it."""
    kind = next(column.type for column in columns if column.name == found.target)
    allowed: list[Task] = ["number", "category"] if kind in ("integer", "number") else ["category"]
    chosen = st.segmented_control(
        t("What kind of answer"), allowed, default=found.task, required=True,
        format_func=lambda task: plain(TASKS[task]), key=f"train.task.{found.target}",
    )  # fmt: skip
    st.caption(t("Proposed: {task}, because {reason}.", task=plain(TASKS[found.task]).lower(),
                 reason=found.reason))  # fmt: skip
    return chosen or found.task


def choose_features(found: Proposal, columns: Schema) -> tuple[str, ...]:
    """The columns to learn from: the proposal, with a reason for each one left out."""
    others = [column.name for column in columns if column.name != found.target]
    chosen = st.multiselect(
        t("Learn from"), others, default=[name for name in found.features if name in others],
        key=f"train.features.{found.target}", placeholder=plain("Choose columns"),
        help=t("The columns the model may use. They must be known at the time of a prediction."),
    )  # fmt: skip
    left_out = [item for item in found.excluded if item.name != found.target]
    if left_out:
        with st.expander(t("{count} column left out, and why | {count} columns left out, and why",
                           count=len(left_out)), key="train.excluded"):  # fmt: skip
            for item in left_out:
                st.markdown(f"**{md(item.name)}**: {said(item.reason)}")
    for note in found.notes:
        st.caption(said(note))
    return tuple(chosen)


def choose_split(columns: Schema) -> Split | None:
    """How rows are kept aside; None, with the reason, while it is wrong."""
    known = {field.name: field for field in fields(Split)}
    answers: dict[str, Json] = {}
    for name in ("kind", "column", "test_share", "validation_share"):
        if name == "column" and answers["kind"] == "random":
            continue
        fitting = columns
        if answers.get("kind") == "time":
            fitting = tuple(c for c in columns if c.type in ("date", "datetime", "integer", "number"))
        field: Field = known[name]
        answers[name] = widget(field, fitting, field.default, key=f"train.split.{name}")
    if answers["kind"] != "random" and answers.get("column") is None:
        st.caption(t("Choose the column that holds the time or the group."))
        return None
    return _valid(Split, answers)


def choose_model(task: Task, columns: Schema) -> Model | None:
    """The model and its parameters; None, with the reason, while one is wrong."""
    kinds = [kind for kind, cls in Model.members.items() if task in cls.tasks]
    kind = st.segmented_control(
        t("Model"), kinds, default=kinds[0], required=True, key=f"train.model.{task}",
        format_func=lambda kind: plain(Model.members[kind].title),
    )  # fmt: skip
    cls = Model.members[kind or kinds[0]]
    st.caption(t(cls.summary()))
    names = [field.name for field in cls.parameters()]
    answers: dict[str, Json] = {}
    if "solver" in names:
        answers |= form(cls, columns, only=("solver",), key="train.parameter")
    hidden = DESCENT_ONLY if answers.get("solver") == "exact" else ()
    first = [name for name in FIRST if name in names and name not in ("solver", *hidden)]
    answers |= {name: value for name, value in form(
        cls, columns, only=first, key="train.parameter").items() if name in first}  # fmt: skip
    rest = [name for name in names if name not in (*first, *hidden, "solver")]
    if rest:
        with st.expander(t("More settings"), key="train.more"):
            found = form(cls, columns, only=rest, key="train.parameter")
            answers |= {name: found[name] for name in rest if name in found}
    return _valid(cls, answers)


def _valid(cls: type[Any], answers: Mapping[str, Json]) -> Any:
    try:
        return validated(cls, answers)
    except SightlineError as error:
        st.error(message(error))
        return None


def start(version: Version, spec: FitSpec, name: str) -> Run:
    """Keep a new run and hand its fit to the job runner."""
    store, owner = services.store(), services.owner()
    run = store.add(
        Run(owner=owner, version=version.id, name=name.strip(), spec=spec.model_dump(mode="json"))
    )
    return go_on(run)


def go_on(run: Run) -> Run:
    """Hand a run's fit to the job runner; one that died goes on from its last checkpoint."""
    title = plain("Fit {name}", name=run.name or run.spec["target"])
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
    curves = partial(draw, history=_history(run), over=over)
    job = follow(run.job, key="train.job", draw=curves, quiet=True)
    if job.state in ACTIVE:
        return run
    run = services.store().get(Run, run.id, services.owner())
    if job.state in ("died", "cancelled") and run.state != "done":
        st.caption(t("What it had learned up to its last checkpoint is kept."))
        if st.button(t("Go on with this fit"), key="train.go_on", type="primary"):
            go_on(run)
            st.rerun()
    if run.state == "done":
        _ended(run)
    return run


def _history(run: Run) -> Sequence[Mapping[str, Json]]:
    """The whole descent of a run that has a model; empty before, and where there was none."""
    from ui.evaluation import result_of

    return result_of(run).history if run.state == "done" else ()


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
        cards(found)
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


def draw(events: Events, *, history: Sequence[Mapping[str, Json]], over: bool) -> None:
    """The curves of a descent so far: what was reported of it, and at its end the whole history."""
    told = [event for event in events if event.get("kind") == "epoch"]
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

    figure = go.Figure()
    for field, name in names.items():
        points = [(row["epoch"], row[field]) for row in epochs if row.get(field) is not None]
        if points:
            x, y = zip(*points, strict=True)
            figure.add_scatter(x=x, y=y, mode="lines", name=plain(_metric_name(name)), showlegend=True,
                               hovertemplate="%{x}: %{y:,.4g}")  # fmt: skip
    figure.update_layout(
        xaxis={"title": {"text": plain("Epoch")}, "rangemode": "tozero"},
        yaxis={"title": {"text": plain(_metric_name(title))}},
        uirevision="training",
    )
    return figure


def _words(epochs: Sequence[Mapping[str, Json]], names: Mapping[str, str]) -> str:
    first, last = epochs[0], epochs[-1]
    parts = [
        plain("{name} from {first:,.4g} to {last:,.4g}", name=plain(_metric_name(name)),
              first=first[field], last=last[field])
        for field, name in names.items()
        if first.get(field) is not None and last.get(field) is not None
    ]  # fmt: skip
    return "; ".join(parts)
