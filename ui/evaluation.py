"""A finished run on the screen: which one, how good it is, and what its numbers mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

import core.models  # noqa: F401  (so that a run's model can be named)
from core.contracts import Model
from core.evaluate.coefficients import with_intervals
from core.fitting import FitResult
from core.store import Dataset, Run, Version
from ui import curves, services, state
from ui.figures import show
from ui.frame import ADD, empty
from ui.text import md, plain, t, translated

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
        about = {"name": dataset.name, "number": version.number, "rows": version.rows}
        right.markdown(t("learned from {name}, version {number}: {rows:,} rows", **about))
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


def origin(run: Run) -> tuple[Dataset, Version]:
    """The dataset and version a run learned from."""
    store, owner = services.store(), services.owner()
    version = store.get(Version, run.version, owner)
    return store.get(Dataset, version.dataset, owner), version


def four(value: float | None, digits: int = 4) -> str:
    """A number in four significant digits: 12,346; 0.01235; 1.235e-07."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0 or not 1e-5 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Measure:
    """A metric as people read it."""

    title: str
    hint: str
    share: bool = False  # shown as a percentage
    unitless: bool = False  # at most 1: more than four places say nothing

    def said(self, value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return four(value)
        if self.share:
            return f"{value:.1%}"
        return four(round(value, 4) + 0.0 if self.unitless else value)  # -3e-06 of an R² is 0


MEASURES = {
    "rmse": Measure(
        "RMSE",
        "Root mean squared error, in the units of {target}: the size of a typical error, "
        "large ones weighing more. 0 is perfect.",
    ),
    "mae": Measure(
        "MAE", "Mean absolute error, in the units of {target}: how far off a prediction is on average."
    ),
    "r2": Measure(
        "R²",
        "The share of the variation of {target} that the predictions explain. 1 is perfect, 0 is no "
        "better than the mean of the same rows, below 0 is worse.",
        unitless=True,
    ),
    "accuracy": Measure("Accuracy", "The share of rows whose most probable class is the right one.", True),
    "log_loss": Measure(
        "Log loss",
        "How much the probabilities are surprised by what was true, in nats a row. 0 is perfect; "
        "being sure and wrong costs most.",
    ),
    "roc_auc": Measure(
        "ROC AUC",
        "The chance that a row of a class gets a higher probability for it than a row of another "
        "class (the mean over classes when there are several). 1 is perfect, 0.5 is chance.",
        unitless=True,
    ),
    "f1": Measure(
        "F1",
        "The harmonic mean of precision and recall, averaged over the classes. 1 is perfect; classes with "
        "few rows count as much as large ones.",
        unitless=True,
    ),
}


def verdict(result: FitResult) -> None:
    """In plain words: is it better than the baseline, by how much, and how sure is that?"""
    grade, title = _grade(result)
    colour = {"clear": "green", "slight": "orange", "none": "red"}[grade]
    with st.container(border=True, key="evaluate.verdict", gap="small"):
        st.markdown(f"#### :{colour}[{t(title)}]")
        st.markdown(" ".join(_number_words(result) if result.task == "number" else _category_words(result)))


def _grade(result: FitResult) -> tuple[str, str]:
    error = result.task == "number"
    name = "rmse" if error else "accuracy"
    model, other, ends = result.metrics[name], result.baseline[name], result.metrics.get(f"{name}_interval")
    better = model < other if error else model > other
    if not better:
        return "none", "No better than the baseline"
    sure = ends is not None and (ends[1] < other if error else ends[0] > other)
    if sure and result.judged_on == "test":
        return "clear", "Clearly better than the baseline"
    if sure:
        return "slight", "Better than the baseline on the rows it learned from"
    return "slight", "Better than the baseline, but that could be chance"


def _rows_words(result: FitResult) -> str:
    count = result.metrics["rows"]
    if result.judged_on == "test":
        return t("On {rows:,} held-out rows", rows=count)
    return t("On the {rows:,} rows it learned from", rows=count)


def _interval_words(ends: Sequence[float] | None, measure: Measure) -> str:
    if ends is None:
        return t("too few rows for an interval")
    return t("95% interval {low} to {high}", low=measure.said(ends[0]), high=measure.said(ends[1]))


def _number_words(result: FitResult) -> list[str]:
    metrics, base = result.metrics, result.baseline
    said = {
        "rows": _rows_words(result), "target": md(result.target), "rmse": four(metrics["rmse"]),
        "interval": _interval_words(metrics.get("rmse_interval"), MEASURES["rmse"]),
    }  # fmt: skip
    words = [
        _joined("{rows}, the predictions of **{target}** are off by **{rmse}** (RMSE, {interval}).", said)
    ]
    other = t(
        "The baseline, always saying the mean {mean} of the training rows, is off by {other}.",
        mean=four(base["value"]), other=four(base["rmse"]),
    )  # fmt: skip
    words.append(other)
    if base["rmse"] > 0 and metrics["rmse"] < base["rmse"]:
        words.append(t("The model's error is {share:.0%} smaller.", share=1 - metrics["rmse"] / base["rmse"]))
    elif base["rmse"] > 0 and metrics["rmse"] < 2 * base["rmse"]:
        words.append(t("The model's error is {share:.0%} larger.", share=metrics["rmse"] / base["rmse"] - 1))
    elif base["rmse"] > 0:
        words.append(t("The model's error is {times} times as large.",
                       times=four(metrics["rmse"] / base["rmse"], 2)))  # fmt: skip
    return words


def _category_words(result: FitResult) -> list[str]:
    metrics, base = result.metrics, result.baseline
    right = MEASURES["accuracy"]
    said = {
        "rows": _rows_words(result), "target": md(result.target),
        "share": md(right.said(metrics["accuracy"])),
        "interval": _interval_words(metrics.get("accuracy_interval"), right),
    }  # fmt: skip
    words = [
        _joined("{rows}, the model names the right **{target}** for **{share}** of them ({interval}).", said),
        t(
            "The baseline, always saying {value}, is right for {other}.",
            value=f"“{base['value']}”", other=right.said(base["accuracy"]),
        ),
    ]  # fmt: skip
    if metrics["accuracy"] <= base["accuracy"] and metrics["log_loss"] < base["log_loss"]:
        losses = {"model": four(metrics["log_loss"]), "other": four(base["log_loss"])}
        words.append(t("Its probabilities tell more, though: log loss {model} against {other}.", **losses))
    return words


def _joined(template: str, finished: Mapping[str, str]) -> str:
    """A translated sentence around parts that are Markdown already."""
    return translated(template).format(**finished)


def cards(result: FitResult) -> None:
    """Each metric beside the baseline's."""
    names = [name for name in MEASURES if name in result.metrics]
    for place, name in zip(st.columns(len(names)), names, strict=True):
        measure = MEASURES[name]
        other = measure.said(result.baseline.get(name))
        place.metric(
            t(measure.title), measure.said(result.metrics[name]), plain("baseline {value}", value=other),
            delta_color="off", delta_arrow="off", border=True, help=t(measure.hint, target=result.target),
        )  # fmt: skip


def warnings(result: FitResult) -> None:
    """What to keep in mind about this run."""
    told = [md(translated(text)) for text in result.facts.get("warnings", ())]
    if told:
        st.warning("\n".join(f"- {text}" for text in told) if len(told) > 1 else told[0])


def predictions(result: FitResult) -> None:
    """The pictures of right and wrong."""
    drawn = curves.of_numbers(result) if result.task == "number" else curves.of_classes(result)
    for start in range(0, len(drawn), 2):
        for place, picture in zip(st.columns(2, gap="medium"), drawn[start : start + 2], strict=False):
            with place:
                _picture(picture)
    if result.task == "category":
        st.markdown(f"**{t('Each class')}**")
        _table(_classes(result.curves["per_class"]), key="evaluate.classes")


def _table(columns: Mapping[str, Sequence[Json]], *, key: str) -> None:
    """Small finished columns: the first as text, the numbers of the others to the right."""
    first, *others = columns
    config = {name: st.column_config.TextColumn(name, alignment="right") for name in others}
    config[first] = st.column_config.TextColumn(first, width="medium")
    with st.container(key=key):
        st.dataframe(
            pa.table(dict(columns)), hide_index=True, column_config=config, width="stretch",
            height="content" if len(next(iter(columns.values()))) <= LINES else 640,
        )  # fmt: skip


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
    left, right = st.columns([7, 6], gap="medium")
    with left:
        _table(_coefficient_table(rows, logistic), key="evaluate.coefficients")
    drawn = curves.of_coefficients(rows)
    with right:
        if drawn is None:
            st.info(t("Without standard errors there is nothing to say about how sure the values are."))
        else:
            _picture(drawn)


def _coefficient_table(rows: Sequence[Mapping[str, Json]], logistic: bool) -> dict[str, Sequence[Json]]:
    gone = plain("not estimable")
    columns = {
        plain("Feature"): [str(row["name"]) for row in rows],
        plain("Value"): [gone if row["value"] is None else four(row["value"]) for row in rows],
        plain("Standard error"): [four(row["se"]) for row in rows],
        plain("95% interval"): [
            "–" if row["low"] is None else f"{four(row['low'])} … {four(row['high'])}" for row in rows
        ],
    }
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
    drawn = curves.of_history(result)
    for place, picture in zip(st.columns(len(drawn), gap="medium"), drawn, strict=True):
        with place:
            _picture(picture)
