"""A recipe: an ordered list of steps that compiles to one SQL query.

recipe.py   the steps with what they learned; JSON, SQL, pandas code
compiled.py the steps as common table expressions, brought back to the six column types
compare.py  which cells the steps changed, and what stood there before
effects.py  what each step did: rows, columns, cells
fit.py      a recipe on another table: what no longer fits, what it learns otherwise there
edit.py     add, replace, move, remove, switch; undo and redo
"""

from core.recipe.compare import Comparison, compare
from core.recipe.edit import History, add, move, remove, replace, switch
from core.recipe.effects import Effect
from core.recipe.fit import Difference, Fit, Misfit, fit, reapply
from core.recipe.recipe import Recipe, RecipeStep

__all__ = [
    "Comparison",
    "Difference",
    "Effect",
    "Fit",
    "History",
    "Misfit",
    "Recipe",
    "RecipeStep",
    "add",
    "compare",
    "fit",
    "move",
    "reapply",
    "remove",
    "replace",
    "switch",
]
