"""Evaluate: how good a trained model is, and where its numbers come from."""

import streamlit as st

from ui import evaluation
from ui.among import by_segment
from ui.evaluation import cards, choose_run, coefficients, history, predictions, warnings
from ui.frame import header, next_link
from ui.provenance import provenance, take_along
from ui.regression import pulling, whole
from ui.text import t
from ui.verdict import verdict

header("Evaluate", "How good the model is on rows it has not seen, beside a simple baseline.")
run = choose_run()
result = evaluation.result_of(run)

verdict(result)
cards(result)
warnings(result)

sections = {"Right and wrong": lambda: predictions(result)}
sections["By segment"] = lambda: by_segment(run, result)
if result.coefficients:
    sections["Coefficients"] = lambda: (coefficients(result), whole(result), pulling(result))
if result.history:
    sections["Training"] = lambda: history(result)
sections["Where this comes from"] = lambda: provenance(run, result)
sections["Take it along"] = lambda: take_along(run)
for place, draw in zip(
    st.tabs([t(name) for name in sections], key="evaluate.tabs"), sections.values(), strict=True
):
    with place:
        draw()

next_link("pages/model/predict.py", "Predict new rows", "From a file, a table, or one row typed by hand.")
