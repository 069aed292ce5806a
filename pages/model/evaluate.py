"""Evaluate: how good a trained model is, and where its numbers come from."""

import streamlit as st

import core.models  # noqa: F401  (so that a run's model can be named)
from core.fitting import FitResult
from ui.evaluation import choose_run
from ui.frame import header, next_link

header("Evaluate", "How good the model is on rows it has not seen, beside a simple baseline.")
run = choose_run()
result = FitResult.model_validate(run.metrics)
with st.container(horizontal=True):
    for name, value in result.metrics.items():
        if isinstance(value, float):
            st.metric(name, f"{value:,.4g}", border=True)

next_link("pages/model/predict.py", "Predict", "Use the model on new rows.")
