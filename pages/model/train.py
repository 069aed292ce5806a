"""Train: what to predict, from what and with which model; then watch it learn."""

import streamlit as st

from core.fitting import FitSpec
from core.store import Run
from ui import services, state
from ui.frame import dataset_bar, header, next_link
from ui.text import t
from ui.training import (
    choose_features,
    choose_model,
    choose_split,
    choose_task,
    proposal,
    start,
    watch,
)

header("Train", "Choose what to predict and a model, then watch it learn from your rows.")
_, version = dataset_bar()
names = [column.name for column in version.columns]
runs = services.store().list(Run, services.owner(), version=version.id)
run = next((item for item in runs if item.id == state.address("run")), None)
begun = names.index(run.spec["target"]) if run is not None and run.spec["target"] in names else None

left, right = st.columns([5, 8], gap="medium")
with left, st.container(border=True, key="train.setup"):
    target = st.selectbox(
        t("Predict"), names, index=begun, key=f"train.target.{version.id}",
        placeholder=t("Choose the column to predict"),
    )  # fmt: skip
    found = proposal(version, target) if target is not None else None
    if found is not None:
        task = choose_task(found, version.columns)
        features = choose_features(found, version.columns)
        model = choose_model(task, version.columns)
        with st.expander(t("Rows kept aside"), key="train.split"):
            split = choose_split(version.columns)
            seed = st.number_input(
                t("Seed"), min_value=0, value=0, step=1, key="train.seed",
                help=t("The start of everything random: the same seed gives the same model."),
            )  # fmt: skip
        name = st.text_input(t("Name of the run"), key="train.name", placeholder=t("Optional"))
        ready = model is not None and split is not None and bool(features)
        if not features:
            st.caption(t("Choose at least one column to learn from."))
        if st.button(
            t("Fit the model"), key="train.fit", type="primary", disabled=not ready, width="stretch"
        ):
            spec = FitSpec(
                target=target,
                task=task,
                features=features,
                split=split,
                model=model.to_json(),
                seed=int(seed),
            )
            state.set_address(run=start(version, spec, name).id)
            st.rerun()

with right:
    if run is not None:
        st.subheader(t("Predicting {target}", target=run.spec["target"]), anchor=False)
        watch(run)
    elif target is None:
        st.info(
            t("Choose on the left what to predict. What to learn from and how is proposed, with reasons.")
        )
    else:
        st.info(t("Press “Fit the model”: its curves appear here while it learns."))

if runs:
    next_link("pages/model/runs.py", "Compare the runs", "All fits, side by side, on the rows they held out.")
