"""Predict: a trained model on new rows, from a file or a table, or one row typed here."""

import streamlit as st

from ui import prediction
from ui.evaluation import choose_run
from ui.frame import header, next_link
from ui.text import t
from ui.typed_row import typed_row

header("Predict", "Use a trained model on new rows: a whole table, or one row typed here.")
run = choose_run()
model = prediction.scorer(run)
prediction.needs(model)

if prediction.pick("Way", "way", {"table": "A table of rows", "row": "One row"}) == "row":
    typed_row(run)
else:
    origins = {"file": "A new file", "stored": "A table in Sightline"}
    if prediction.pick("Where the rows are", "from", origins) == "file":
        prediction.new_file()
    else:
        version = prediction.stored_table()
        if version is not None:
            raw = prediction.cleaning(model, version)
            ready = prediction.fits(model, version, raw)
            label = t("Predict {rows:,} row | Predict {rows:,} rows", rows=version.rows)
            if st.button(label, key="predict.go", type="primary", disabled=not ready):
                prediction.start(run, version, raw)
                st.rerun()
    prediction.results(run, model)

next_link("pages/model/evaluate.py", "How good is this model?", "See its predictions on held-out rows.")
