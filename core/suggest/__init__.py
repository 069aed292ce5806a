"""What could be done with a column, a cell or a selected part of a text: ranked steps, each tried.

    for suggestion in for_column(table, engine, "price"): ...
    for_cell(table, engine, "city", "Berlin")
    for_selection(table, engine, "size", [Example("5 kg", 0, 1)])

A suggestion is a step that works on the table, the rows it touches, and up to three cells before
and after it. Nothing is changed: whoever takes a suggestion adds its step to a recipe.
"""

from core.suggest.cells import for_cell
from core.suggest.examples import Example, for_selection
from core.suggest.headers import for_column
from core.suggest.tried import Candidate, Pair, Suggestion, tried

__all__ = [
    "Candidate",
    "Example",
    "Pair",
    "Suggestion",
    "for_cell",
    "for_column",
    "for_selection",
    "tried",
]
