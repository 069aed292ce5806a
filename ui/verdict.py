"""What a run's numbers come to, in plain words: better than the baseline, by how much, how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.judging import FitResult
from ui.measures import MEASURES, Measure, four
from ui.text import md, t, translated


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
        return t("On {rows:,} held-out row | On {rows:,} held-out rows", rows=count)
    return t("On the {rows:,} row it learned from | On the {rows:,} rows it learned from", rows=count)


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
