"""The allowlist: everything that a formula may call. Help, completion and documents read it."""

from __future__ import annotations

from core.steps.formula.dates import DATES
from core.steps.formula.forms import Function
from core.steps.formula.logic import LOGIC
from core.steps.formula.numbers import NUMBERS
from core.steps.formula.operators import OPERATORS
from core.steps.formula.texts import TEXTS

FUNCTIONS: dict[str, Function] = {
    function.name: function for function in (*OPERATORS, *NUMBERS, *TEXTS, *DATES, *LOGIC)
}
