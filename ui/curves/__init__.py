"""The pictures of an evaluation, drawn from what a run has stored: nothing is computed from rows."""

from ui.curves.classes import of_classes
from ui.curves.fitted import of_coefficients, of_history
from ui.curves.numbers import of_numbers
from ui.curves.picture import Picture

__all__ = ["Picture", "of_classes", "of_coefficients", "of_history", "of_numbers"]
