"""A finished run on the screen: which one, how good it is, and what its numbers mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
import streamlit as st

import core.models  # noqa: F401  (so that a run's model can be named)
from core.contracts import Model
from core.evaluate.coefficients import with_intervals
from core.filters import Filter
from core.judging import FitResult
from core.store import Dataset, Run, Version
from core.wording import counted_rows
from ui import curves, services, state
from ui.figures import show
from ui.frame import ADD, empty
from ui.measures import MEASURES, four, p_value
from ui.text import feature, plain, plain_said, said, t

TRAIN = "pages/model/train.py"
LINES = 18  # of a table shown whole
Json = Any


def choose_run() -> Run:
    """A finished run, chosen here and kept in the address; without any the page ends with the way on."""
    store, owner = services.store(), services.owner()
    runs = store.list(Run, owner, state="done")
    if not runs and not store.list(Dataset, owner):
        empty("There is no data yet", "Add a table first; then a model can learn from it.", ADD, "Add data")
    if not runs:
        empty(
            "There is no trained model yet",
            "Train a model first: choose what to predict, and press one button.",
            TRAIN,
            "Train a model",
        )
    known = {run.id: run for run in runs}
    wanted = state.address("run")
    if wanted and wanted not in known:
        st.warning(t("The run in this address is not finished, does not exist, or is not yours."))
    chosen = known[wanted] if wanted in known else _first(runs)
    dataset, version = origin(chosen)
    state.set_address(run=chosen.id, dataset=dataset.id, version=version.id)
    state.put("frame.run", chosen.id)
    names = {run.id: run_name(run) for run in runs}
    with st.container(border=True, key="frame.bar"):
        left, right = st.columns([7, 5], vertical_alignment="bottom")
        left.selectbox(
            t("Run"), list(names), format_func=lambda item: names.get(item, item), key="frame.run",
            on_change=lambda: state.set_address(run=state.get("frame.run")),
        )  # fmt: skip
        about = {"name": dataset.name, "number": version.number, "rows": counted_rows(version.rows)}
        right.markdown(t("learned from {name}, version {number}: {rows}", **about))
        if (only := only_rows(chosen)) is not None:
            right.caption(t("of these only: {rows}", rows=plain_said(only.describe(version.columns))))
    return chosen


def _first(runs: Sequence[Run]) -> Run:
    """The newest run on the version being looked at, or else the newest of all."""
    version = state.address("version")
    return next((run for run in runs if run.version == version), runs[0])


def run_name(run: Run) -> str:
    """A run in one line, as plain text: its name, what it predicts, with what, and when."""
    parts = {
        "target": run.metrics["target"],
        "model": model_title(run.metrics["model"]),
        "when": f"{run.created:%Y-%m-%d %H:%M}",
    }
    said = plain("{target} by {model}, {when}", **parts)
    return f"{run.name} · {said}" if run.name else said


def model_title(model: Mapping[str, Json]) -> str:
    """A model's title in the reader's language, as plain text."""
    known = Model.members.get(model.get("kind", ""))
    return plain(known.title) if known else str(model.get("kind"))


def result_of(run: Run) -> FitResult:
    """All that came of a finished run, with its curves: read from its card, once for all sessions."""
    return _result(run.card or "", run.owner)


@st.cache_resource(show_spinner=False, max_entries=32)
def _result(card: str, owner: str) -> FitResult:
    from core.modelfile import read_result

    return read_result(services.store().place(card, owner))


def origin(run: Run) -> tuple[Dataset, Version]:
    """The dataset and version a run learned from."""
    store, owner = services.store(), services.owner()
    version = store.get(Version, run.version, owner)
    return store.get(Dataset, version.dataset, owner), version


def only_rows(run: Run) -> Filter | None:
    """The segment whose rows alone a run used; None where it used all rows."""
    kept = run.spec.get("rows")
    return None if kept is None else Filter.model_validate(kept)


def cards(result: FitResult, across: int = 4) -> None:
    """Each metric beside the baseline's, at most `across` in a row, as many in each."""
    names = [name for name in MEASURES if name in result.metrics]
    across = math.ceil(len(names) / math.ceil(len(names) / across))
    rows = [st.columns(across) for _ in range(0, len(names), across)]
    for place, name in zip(chain(*rows), names, strict=False):
        measure = MEASURES[name]
        other = measure.said(result.baseline.get(name))
        place.metric(
            t(measure.title), measure.said(result.metrics[name]), plain("baseline {value}", value=other),
            delta_color="off", delta_arrow="off", border=True, help=t(measure.hint, target=result.target),
        )  # fmt: skip


def warnings(result: FitResult) -> None:
    """What to keep in mind about this run."""
    told = [said(note) for note in result.facts.get("warnings", ())]
    if told:
        st.warning("\n".join(f"- {text}" for text in told) if len(told) > 1 else told[0])


def predictions(result: FitResult) -> None:
    """The pictures of right and wrong."""
    drawn = curves.of_numbers(result) if result.task == "number" else curves.of_classes(result)
    _pictures(drawn, key="evaluate.pictures.judged")
    if result.task == "category":
        st.markdown(f"**{t('Each class')}**")
        lines(_classes(result.curves["per_class"]), key="evaluate.classes")


def lines(columns: Mapping[str, Sequence[Json]], *, key: str, words: str = "") -> None:
    """Small finished columns: the first and `words` as text, the numbers of the others to the right."""
    first, *others = columns
    config = {name: st.column_config.TextColumn(name, alignment="right") for name in others if name != words}
    config[first] = st.column_config.TextColumn(first, width="medium")
    with st.container(key=key):
        st.dataframe(
            pa.table(dict(columns)), hide_index=True, column_config=config, width="stretch",
            height="content" if len(next(iter(columns.values()))) <= LINES else 640,
        )  # fmt: skip


def _pictures(drawn: Sequence[curves.Picture], *, key: str) -> None:
    """Two beside each other, or one where the window is narrow."""
    with st.container(key=key):
        for start in range(0, len(drawn), 2):
            for place, picture in zip(st.columns(2, gap="medium"), drawn[start : start + 2], strict=False):
                with place:
                    _picture(picture)


def _picture(picture: curves.Picture) -> None:
    st.markdown(f"**{t(picture.title)}**", help=t(picture.hint))
    show(picture.figure, picture.words, key=f"evaluate.{picture.key}", height=380)


def _classes(rows: Sequence[Mapping[str, Json]]) -> dict[str, Sequence[Json]]:
    def shares(name: str) -> list[str]:
        return [f"{row[name]:.1%}" for row in rows]

    return {
        plain("Class"): [str(row["class"]) for row in rows],
        plain("Precision"): shares("precision"),
        plain("Recall"): shares("recall"),
        "F1": [four(row["f1"]) for row in rows],
        plain("Rows"): [f"{row['rows']:,}" for row in rows],
    }


def coefficients(result: FitResult) -> None:
    """The model's own numbers, in the units of the table."""
    rows = with_intervals(result.coefficients, result.facts.get("degrees_of_freedom"))
    logistic = any("class" in row for row in rows)
    labels = list(dict.fromkeys(row["class"] for row in rows)) if logistic else []
    if len(labels) > 1:
        label = st.selectbox(t("Class"), labels, key="evaluate.class", width=360)
        rows = [row for row in rows if row["class"] == label]
    if logistic:
        classes = {"label": rows[0]["class"], "reference": result.classes[0]}
        st.caption(
            t(
                "Each value is the change in the log-odds of “{label}” against “{reference}” when the "
                "feature is one unit larger and the others stay. A category is compared with the most "
                "frequent one. The odds are multiplied by the odds ratio.",
                **classes,
            )
        )
    else:
        st.caption(
            t(
                "Each value is the change in {target} when the feature is one unit larger and the others "
                "stay. A category is compared with the most frequent one.",
                target=result.target,
            )
        )
    lines(_coefficient_table(rows, logistic), key="evaluate.coefficients")
    st.caption(_about(result, rows))
    drawn = curves.of_coefficients(rows)
    if drawn is None:
        st.info(t("Without standard errors there is nothing to say about how sure the values are."))
    else:
        _picture(drawn)


def _about(result: FitResult, rows: Sequence[Mapping[str, Json]]) -> str:
    """What the columns of the table mean that are no everyday words."""
    told = [t("p: the chance of a value at least as far from 0 if the true one were 0.")]
    if any(row.get("vif") is not None for row in rows):
        told.append(t("VIF: by what factor the other features widen the variance; above 10 is much."))
    if result.facts.get("errors", "classical") != "classical":
        told.append(
            t("The standard errors are robust: they hold when errors spread differently from row to row.")
        )
    return " ".join(told)


def _coefficient_table(rows: Sequence[Mapping[str, Json]], logistic: bool) -> dict[str, Sequence[Json]]:
    gone = plain("not estimable")
    columns = {
        plain("Feature"): [feature(row["name"]) for row in rows],
        plain("Value"): [gone if row["value"] is None else four(row["value"]) for row in rows],
        plain("Standard error"): [four(row["se"]) for row in rows],
        plain("95% interval"): [
            "–" if row["low"] is None else f"{four(row['low'])} … {four(row['high'])}" for row in rows
        ],
    }
    columns["p"] = [p_value(row["p"]).removeprefix("= ") for row in rows]
    if any(row.get("vif") is not None for row in rows):
        columns["VIF"] = [four(row.get("vif"), 3) for row in rows]
    if logistic:
        columns[plain("Odds ratio")] = [
            "–"
            if row["value"] is None or row["name"] == "intercept"
            else four(math.exp(min(row["value"], 700.0)))
            for row in rows
        ]
    return columns


def history(result: FitResult) -> None:
    """The losses epoch by epoch."""
    _pictures(curves.of_history(result), key="evaluate.pictures.history")
