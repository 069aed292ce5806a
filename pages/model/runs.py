"""Runs: every fit in one table; choose some to compare, with their curves overlaid."""

import streamlit as st

from core.store import Run
from ui import services
from ui.frame import empty, header, next_link
from ui.runs import compare, rename_or_delete, run_table
from ui.text import t

header("Runs", "Every fit, with what it was given and how good it is on the rows it held out.")
runs = services.store().list(Run, services.owner())
if not runs:
    empty(
        "There is no run yet",
        "Train a model first: choose what to predict, and press one button.",
        "pages/model/train.py",
        "Train a model",
    )
chosen = run_table(runs)
if not chosen:
    st.caption(t("Select rows of this table to compare runs, to rename or to delete them."))
else:
    compare([run for run in chosen if run.state == "done"])
    rename_or_delete(chosen)

next_link(
    "pages/model/evaluate.py", "Look closely at one", "Errors, curves, coefficients, and where it comes from."
)
