"""A finished run on the screen: which one, how good it is, and where it comes from."""

from __future__ import annotations

import streamlit as st

from core.contracts import Model
from core.store import Dataset, Run, Version
from ui import services, state
from ui.frame import empty
from ui.text import plain, t

TRAIN = "pages/model/train.py"


def choose_run() -> Run:
    """A finished run, chosen here and kept in the address; without any the page ends with the way on."""
    runs = services.store().list(Run, services.owner(), state="done")
    if not runs:
        empty(
            "There is no trained model yet",
            "Train a model first: choose what to predict, and press one button.",
            TRAIN,
            "Train a model",
        )
    known = {run.id: run for run in runs}
    wanted = state.address("run")
    if wanted is not None and wanted not in known:
        st.warning(t("The run in this address is not finished, does not exist, or is not yours."))
    chosen = known[wanted] if wanted in known else _first(runs)
    state.set_address(run=chosen.id)
    state.put("frame.run", chosen.id)
    names = {run.id: run_name(run) for run in runs}
    st.selectbox(
        t("Run"), list(names), format_func=lambda item: names.get(item, item), key="frame.run",
        on_change=lambda: state.set_address(run=state.get("frame.run")),
    )  # fmt: skip
    return chosen


def _first(runs: list[Run]) -> Run:
    """The newest run on the version being looked at, or else the newest of all."""
    version = state.address("version")
    return next((run for run in runs if run.version == version), runs[0])


def run_name(run: Run) -> str:
    """A run in one line, as plain text: its name, what it predicts, with what, and when."""
    model = Model.members.get(run.metrics["model"]["kind"])
    parts = {
        "target": run.metrics["target"],
        "model": plain(model.title) if model else "",
        "when": f"{run.created:%Y-%m-%d %H:%M}",
    }
    said = plain("{target} by {model}, {when}", **parts)
    return f"{run.name} · {said}" if run.name else said


def origin(run: Run) -> tuple[Dataset, Version]:
    """The dataset and version a run learned from."""
    store, owner = services.store(), services.owner()
    version = store.get(Version, run.version, owner)
    return store.get(Dataset, version.dataset, owner), version
