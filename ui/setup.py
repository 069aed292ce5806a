"""Setting up a fit: what to predict, from what, with which model. What is set lives in the store.

A reload, another tab, a lost session or a change of page finds everything as it was left; where
nothing was left, the run in the address tells how it was set up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

import core.models  # noqa: F401  (registers the models)
from core.contracts import Model, Schema, Task
from core.errors import SightlineError
from core.features import Proposal, Split
from core.filters import Filter
from core.params import Field, fields, validated
from core.selection import selected
from core.specification import FitSpec
from core.store import Run, Setup, Version
from ui import segments, services, state
from ui.forms import form, widget
from ui.live import follow
from ui.text import md, message, plain, plain_said, said, t

Json = Any
QUICK_ROWS = 300_000  # above, looking at every column is work for a job
TASKS: dict[Task, str] = {"number": "A number", "category": "A category"}
DESCENT_ONLY = ("learning_rate", "epochs", "batch_size")
FIRST = ("solver", "hidden", "learning_rate", "epochs", "batch_size", "l2")  # the others are folded away


def set_up(version: Version, run: Run | None) -> tuple[FitSpec, str] | None:
    """The form of a fit; once its button is pressed, what to fit and what to call it."""
    before = _left(version) or (as_in(run, _nothing(version)) if run is not None else _nothing(version))
    names = [column.name for column in version.columns]
    target = st.selectbox(
        t("Predict"), names, index=names.index(before.target) if before.target in names else None,
        key=_key(f"target.{version.id}"), placeholder=plain("Choose the column to predict"),
    )  # fmt: skip
    rows = choose_rows(version, before.rows)
    kept = None if rows is None else rows.model_dump(mode="json")
    now = before.model_copy(update={"target": target, "rows": kept})
    found = proposal(version, target, rows) if target is not None else None
    spec = None
    if found is not None:
        now, spec = _choices(version, found, now)
    if now != before:
        _keep(now)
    if found is None:
        return None
    pressed = st.button(
        t("Fit the model"), key="train.fit", type="primary", disabled=spec is None, width="stretch"
    )
    if run is not None and (spec is None or not _same(spec, run)):
        _take_over(run, now)
    return (spec, now.name) if pressed and spec is not None else None


def _key(name: str) -> str:
    """A widget's key; another one once the settings of a run were taken over, so that it begins anew."""
    turn = state.get("train.turn", 0)
    return f"train.{turn}.{name}" if turn else f"train.{name}"


def _nothing(version: Version) -> Setup:
    return Setup(owner=services.owner(), version=version.id)


def _left(version: Version) -> Setup | None:
    """What was set for this version when somebody was last here."""
    return next(iter(services.store().list(Setup, services.owner(), version=version.id)), None)


def _keep(setup: Setup) -> None:
    owner = services.owner()
    with services.store().writing() as catalog:
        known = catalog.list(Setup, owner, version=setup.version, limit=1)
        if known:
            catalog.change(Setup, known[0].id, owner, **setup.model_dump(exclude={"id", "owner", "created"}))
        else:
            catalog.add(setup)


def as_in(run: Run, others: Setup) -> Setup:
    """The settings of a run; what it does not say stays as in `others`."""
    spec = run.spec
    target, model = spec["target"], dict(spec["model"])
    kind = model.pop("kind")
    task = spec.get("task") or run.metrics.get("task")
    tasks = (task,) if task else Model.members[kind].tasks
    changes: dict[str, Json] = {
        "target": target,
        "models": {**others.models, **dict.fromkeys(tasks, kind)},
        "parameters": {**others.parameters, kind: model},
        "split": dict(spec.get("split") or {}),
        "seed": spec.get("seed", 0),
        "rows": spec.get("rows"),
    }
    if task:
        changes["tasks"] = {**others.tasks, target: task}
    if spec.get("features"):
        changes["features"] = {**others.features, target: list(spec["features"])}
    return others.model_copy(update=changes)


def _same(spec: FitSpec, run: Run) -> bool:
    here = spec.model_dump(mode="json")
    there = {name: run.spec.get(name) for name in here}
    for some in (here, there):
        some["features"] = sorted(some["features"] or ())  # in whatever order they were picked
    return here == there


def _take_over(run: Run, now: Setup) -> None:
    if st.button(
        t("Set everything as in this run"), key="train.take_over", width="stretch",
        help=t("The run beside this form was set up differently. This takes its settings over."),
    ):  # fmt: skip
        _keep(as_in(run, now))
        state.put("train.turn", state.get("train.turn", 0) + 1)
        st.rerun()


def _choices(version: Version, found: Proposal, begun: Setup) -> tuple[Setup, FitSpec | None]:
    """All that can be set for a target, as it is set now; and what to fit, None while something is wrong."""
    target, columns = found.target, version.columns
    task = choose_task(found, columns, begun.tasks.get(target))
    features = choose_features(found, columns, begun.features.get(target))
    kind, parameters = choose_model(task, columns, begun)
    model = _valid(Model.members[kind], parameters)
    with st.expander(t("Rows kept aside"), key="train.split"):
        answers = choose_split(columns, begun.split)
        split = _split(answers)
        seed = st.number_input(
            t("Seed"), min_value=0, value=begun.seed, step=1, key=_key("seed"),
            help=t("The start of everything random: the same seed gives the same model."),
        )  # fmt: skip
    name = st.text_input(t("Name of the run"), begun.name, key=_key("name"), placeholder=plain("Optional"))
    if not features:
        st.caption(t("Choose at least one column to learn from."))
    now = begun.model_copy(
        update={
            "tasks": {**begun.tasks, target: task},
            "features": {**begun.features, target: list(features)},
            "models": {**begun.models, task: kind},
            "parameters": {**begun.parameters, kind: parameters},
            "split": answers,
            "seed": int(seed),
            "name": name,
        }
    )
    if model is None or split is None or not features:
        return now, None
    return now, FitSpec(
        target=target, task=task, features=features, split=split, model=model.to_json(), seed=int(seed),
        rows=begun.rows,
    )  # fmt: skip


def choose_rows(version: Version, begun: Mapping[str, Json] | None) -> Filter | None:
    """All rows of the table, or those of a segment: the only ones that are used, and kept aside from."""
    known = segments.fitting(version)
    before = None if begun is None else Filter.model_validate(begun)
    if before is not None and before.segment not in {one.segment for one in known}:
        known.append(before)  # of a run, or of a segment that is deleted
    if not known:
        return None
    names = {one.segment: plain_said(one.describe(version.columns)) for one in known}
    chosen = st.selectbox(
        t("Rows"), ["all", *names], index=[None, *names].index(before.segment if before else None),
        key=_key(f"rows.{version.id}"), format_func=lambda id: names.get(id) or plain("all rows"),
        help=t("A segment: its rows alone are learned from, and some of them are kept aside."),
    )  # fmt: skip
    return next((one for one in known if one.segment == chosen), None)


def proposal(version: Version, target: str, rows: Filter | None = None) -> Proposal | None:
    """What is proposed for a target; None while a job still looks at a large table."""
    text = "" if rows is None else rows.model_dump_json()
    if version.rows <= QUICK_ROWS:
        return Proposal.model_validate(_proposed(version.id, target, text, services.owner()))
    params: dict[str, Json] = {"version": version.id, "target": target}
    params |= {"rows": rows.model_dump(mode="json")} if rows else {}
    subject = f"{version.id}/{target}/{text}" if text else f"{version.id}/{target}"
    job = services.newest_job("propose", subject) or services.submit(
        "propose", params, title="Look for features", subject=subject
    )
    job = follow(job.id, key="train.propose", quiet=True)
    return Proposal.model_validate(job.result) if job.state == "done" else None


@st.cache_data(show_spinner=False, max_entries=200)
def _proposed(version: str, target: str, rows: str, owner: str) -> Json:
    from core.features import propose
    from core.store import tables

    table = tables.table(services.store(), services.store().get(Version, version, owner))
    table = selected(table, *(Filter.model_validate_json(rows).selections if rows else ()))
    return propose(table, services.engine(), target).model_dump(mode="json")


def choose_task(found: Proposal, columns: Schema, begun: str | None) -> Task:
    """The task: proposed with its reason, and open to change where the target allows it."""
    kind = next(column.type for column in columns if column.name == found.target)
    allowed: list[Task] = ["number", "category"] if kind in ("integer", "number") else ["category"]
    chosen = st.segmented_control(
        t("What kind of answer"), allowed, default=begun if begun in allowed else found.task, required=True,
        format_func=lambda task: plain(TASKS[task]), key=_key(f"task.{found.target}"),
    )  # fmt: skip
    st.caption(t("Proposed: {task}, because {reason}.", task=plain(TASKS[found.task]).lower(),
                 reason=found.reason))  # fmt: skip
    return chosen or found.task


def choose_features(found: Proposal, columns: Schema, begun: Sequence[str] | None) -> tuple[str, ...]:
    """The columns to learn from: the proposal, with a reason for each one left out."""
    others = [column.name for column in columns if column.name != found.target]
    start = found.features if begun is None else begun
    chosen = st.multiselect(
        t("Learn from"), others, default=[name for name in start if name in others],
        key=_key(f"features.{found.target}"), placeholder=plain("Choose columns"),
        help=t("The columns the model may use. They must be known at the time of a prediction."),
    )  # fmt: skip
    st.caption(t("{count:,} of {total:,} columns", count=len(chosen), total=len(others)))
    left_out = [item for item in found.excluded if item.name != found.target]
    if left_out:
        with st.expander(t("{count} column left out, and why | {count} columns left out, and why",
                           count=len(left_out)), key="train.excluded"):  # fmt: skip
            for item in left_out:
                st.markdown(f"**{md(item.name)}**: {said(item.reason)}")
    for note in found.notes:
        st.caption(said(note))
    return tuple(chosen)


def choose_split(columns: Schema, begun: Mapping[str, Json]) -> dict[str, Json]:
    """How rows are kept aside, as it is set now."""
    known = {field.name: field for field in fields(Split)}
    answers: dict[str, Json] = {}
    for name in ("kind", "column", "test_share", "validation_share"):
        if name == "column" and answers["kind"] == "random":
            continue
        fitting = columns
        if answers.get("kind") == "time":
            fitting = tuple(c for c in columns if c.type in ("date", "datetime", "integer", "number"))
        field: Field = known[name]
        answers[name] = widget(field, fitting, begun.get(name, field.default), key=_key(f"split.{name}"))
    return answers


def _split(answers: Mapping[str, Json]) -> Split | None:
    """The split that was set; None, with the reason, while it is wrong."""
    if answers["kind"] != "random" and answers.get("column") is None:
        st.caption(t("Choose the column that holds the time or the group."))
        return None
    found: Split | None = _valid(Split, answers)
    return found


def choose_model(task: Task, columns: Schema, begun: Setup) -> tuple[str, dict[str, Json]]:
    """The kind of model and its parameters, as they are set now; what a solver has no use for is kept."""
    kinds = [kind for kind, cls in Model.members.items() if task in cls.tasks]
    wanted = begun.models.get(task)
    kind = st.segmented_control(
        t("Model"), kinds, default=wanted if wanted in kinds else kinds[0], required=True,
        format_func=lambda kind: plain(Model.members[kind].title), key=_key(f"model.{task}"),
    )  # fmt: skip
    kind = kind or kinds[0]
    cls = Model.members[kind]
    st.caption(t(cls.summary()))
    names = [field.name for field in cls.parameters()]
    answers: dict[str, Json] = {}

    def ask(some: Collection[str]) -> None:
        given = {**begun.parameters.get(kind, {}), **answers}
        answers.update(form(cls, columns, given, only=some, key=_key("parameter")))

    if "solver" in names:
        ask(("solver",))
    hidden = DESCENT_ONLY if answers.get("solver") == "exact" else ()
    first = [name for name in FIRST if name in names and name not in ("solver", *hidden)]
    ask(first)
    rest = [name for name in names if name not in (*first, *hidden, "solver")]
    if rest:
        with st.expander(t("More settings"), key="train.more"):
            ask(rest)
    return kind, answers


def _valid(cls: type[Any], answers: Mapping[str, Json]) -> Any:
    try:
        return validated(cls, answers)
    except SightlineError as error:
        st.error(message(error))
        return None
