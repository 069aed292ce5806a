"""A run judged by segment: the metrics of some of the held-out rows beside those of all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.filters import Filter
from core.judging import FitResult
from core.store import Run
from ui import segments, services
from ui.evaluation import lines, origin
from ui.live import ACTIVE, follow
from ui.measures import MEASURES
from ui.text import md, plain, plain_said, t

Json = Any
MOST = 12  # segments at once


def by_segment(run: Run, result: FitResult) -> None:
    """The held-out rows of chosen segments, each judged by itself, beside all held-out rows."""
    _, version = origin(run)
    known = segments.fitting(version)
    if not known:
        st.info(
            t("There is no segment of this table yet. Select rows on a chart or a dashboard, and name them "
              "under “Segments”: here their metrics stand beside those of all held-out rows.")
        )  # fmt: skip
        return
    chosen = st.multiselect(
        t("Segments"), range(len(known)), list(range(min(3, len(known)))), max_selections=MOST,
        format_func=lambda i: known[i].name, key="evaluate.segments.which",
    )  # fmt: skip
    wanted = [known[i] for i in chosen]
    judged = _judged(run, wanted) if wanted else []
    if judged is None:
        return
    lines(_columns(result, wanted, judged), key="evaluate.segments.table")
    held = (
        t("Only rows that the model has not learned from are counted.")
        if result.judged_on == "test"
        else t("No rows were kept aside: these are rows that the model has learned from.")
    )
    st.caption(held)
    for one in wanted:
        words = plain_said(one.words(version.columns))
        if words != one.name:
            st.caption(f"**{md(one.name)}**: {md(words)}")


def _judged(run: Run, wanted: Sequence[Filter]) -> Sequence[Mapping[str, Json]] | None:
    """What a job found for these segments; None until it has."""
    filters = [one.model_dump(mode="json") for one in wanted]
    digest = hashlib.sha256(json.dumps(filters, sort_keys=True).encode()).hexdigest()[:16]
    subject = f"{run.id} {digest}"
    params = {"run": run.id, "version": run.version, "filters": filters}

    def ask() -> Any:
        return services.submit("judge_among", params, title="Judge by segment", subject=subject)

    job = follow((services.newest_job("judge_among", subject) or ask()).id, key="evaluate.segments.job",
                 quiet=True)  # fmt: skip
    if job.state == "done":
        found: Sequence[Mapping[str, Json]] = (job.result or {})["judged"]
        return found
    if job.state not in ACTIVE and st.button(t("Try again"), key="evaluate.segments.again"):
        ask()
        st.rerun()
    return None


def _columns(
    result: FitResult, wanted: Sequence[Filter], judged: Sequence[Mapping[str, Json]]
) -> dict[str, list[str]]:
    """A line for all held-out rows and for each segment: its rows, its metrics, its baseline's error."""
    main = "rmse" if result.task == "number" else "accuracy"
    everything = {"rows": result.metrics["rows"], "metrics": result.metrics, "baseline": result.baseline}
    all_rows = [everything, *judged]
    names = [plain("All held-out rows") if result.judged_on == "test" else plain("All rows")]
    made = {
        plain("Which rows"): [*names, *(one.name for one in wanted)],
        plain("Rows"): [f"{one['rows']:,}" for one in all_rows],
    }
    for name, measure in MEASURES.items():
        if name in result.metrics:
            made[plain(measure.title)] = [measure.said(one["metrics"].get(name)) for one in all_rows]
    made[plain("95% interval")] = [
        "–" if (ends := one["metrics"].get(f"{main}_interval")) is None
        else f"{MEASURES[main].said(ends[0])} … {MEASURES[main].said(ends[1])}"
        for one in all_rows
    ]  # fmt: skip
    title = plain("Baseline: {measure}", measure=plain(MEASURES[main].title))
    made[title] = [MEASURES[main].said(one["baseline"].get(main)) for one in all_rows]
    return made
