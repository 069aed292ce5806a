"""Formulas: what an analyst types in a spreadsheet, checked before it runs, and never evaluated.

    formula = compiled('if(price > 10, "dear", "cheap")', columns)
    formula.type         # "text"
    formula.sql()        # one scalar SQL expression
    formula.pandas()     # the same for pandas

The rules of the language:

- A column is its name, `price`, or its name in brackets, `[unit price]` (a `]` in it is doubled).
- A text is in quotes, single or double; the same quote inside is doubled.
- `+ - * / % ^` give numbers (64-bit floats), of whole numbers too: nothing overflows.
- Dividing by zero, the logarithm of zero or less, the root of a negative number: missing.
- A missing value makes a result missing, except in `is_missing`, `coalesce`, `min`, `max`, and
  where `and`, `or` and `if` do not depend on it; a missing condition counts as not met.
- Types never mix silently: texts are joined with `&`, and `text()` and `number()` convert.

`grammar` makes a tree of the text, `check` gives each part its type, `functions` is the list of
all that may be called, `build` writes SQL and pandas.
"""

from core.steps.formula.build import Formula
from core.steps.formula.check import checked
from core.steps.formula.forms import Function
from core.steps.formula.functions import FUNCTIONS
from core.steps.formula.grammar import MAX_DEPTH, MAX_LENGTH, FormulaError, quoted_column, renamed
from core.steps.formula.live import Suggestion, Verdict, compiled, suggest, validate

__all__ = [
    "FUNCTIONS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Formula",
    "FormulaError",
    "Function",
    "Suggestion",
    "Verdict",
    "checked",
    "compiled",
    "quoted_column",
    "renamed",
    "suggest",
    "validate",
]
