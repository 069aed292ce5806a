"""How good predictions are, beside a baseline, on rows the model has not seen."""
