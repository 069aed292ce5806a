"""Predict: a trained model on new rows, from a file or typed."""

import core.models  # noqa: F401  (so that a run's model can be named)
from ui.evaluation import choose_run
from ui.frame import header, next_link

header("Predict", "Use a trained model on new rows: a whole table, or one row typed here.")
run = choose_run()

next_link("pages/model/evaluate.py", "Evaluate the model", "How good its predictions are.")
