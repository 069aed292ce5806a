"""A recipe: an ordered list of steps that compiles to one SQL query.

recipe.py   the steps with what they learned; JSON, SQL, pandas code
compiled.py the steps as common table expressions, brought back to the six column types
compare.py  which cells the steps changed, and what stood there before
effects.py  what each step did: rows, columns, cells
edit.py     add, replace, move, remove, switch; undo and redo
"""

from core.recipe.compare import Comparison, compare
from core.recipe.edit import History, add, move, remove, replace, switch
from core.recipe.effects import Effect
from core.recipe.recipe import Recipe, RecipeStep

__all__ = [
    "Comparison",
    "Effect",
    "History",
    "Recipe",
    "RecipeStep",
    "add",
    "compare",
    "move",
    "remove",
    "replace",
    "switch",
]
