"""Train: what to predict, from what and with which model; then watch it learn."""

import streamlit as st

from core.store import Run
from ui import services, state
from ui.frame import dataset_bar, header, next_link
from ui.setup import set_up
from ui.text import t
from ui.training import start, watch

header("Train", "Choose what to predict and a model, then watch it learn from your rows.")
_, version = dataset_bar()
runs = services.store().list(Run, services.owner(), version=version.id)
run = next((item for item in runs if item.id == state.address("run")), None)

left, right = st.columns([5, 8], gap="medium")
with left, st.container(border=True, key="train.setup"):
    wanted = set_up(version, run)
    if wanted is not None:
        state.set_address(run=start(version, *wanted).id)
        st.rerun()

with right:
    if run is not None:
        st.subheader(t("Predicting {target}", target=run.spec["target"]), anchor=False)
        watch(run)
    else:
        st.info(
            t("Choose on the left what to predict; what to learn from and how is proposed, with reasons. "
              "Then press “Fit the model”: its curves appear here while it learns.")
        )  # fmt: skip

if runs:
    next_link("pages/model/runs.py", "Compare the runs", "All fits, side by side, on the rows they held out.")
