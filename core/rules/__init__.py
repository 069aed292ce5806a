"""Rules: what must hold in each version of a dataset, checked, with the rows that break it.

rule.py     what a rule is: one aggregate question, its answer, the rows that break it
columns.py  about cells: a value is there, in a range, in a list, of a form, in another table
tables.py   about the table: nothing repeated, new enough, as many rows as usual
check.py    all rules of a dataset on a table, the verdict, and the record of it
suggest.py  rules that a profile gives reason for
"""

import core.rules.columns
import core.rules.tables  # noqa: F401  (so that all members are registered)
from core.rules.check import (
    Result,
    Verdict,
    check,
    drop,
    failing,
    history,
    keep,
    put,
    references,
    rules_of,
    verdict,
)
from core.rules.rule import Given, Measured, Outcome, Rule
from core.rules.suggest import suggest

__all__ = [
    "Given",
    "Measured",
    "Outcome",
    "Result",
    "Rule",
    "Verdict",
    "check",
    "drop",
    "failing",
    "history",
    "keep",
    "put",
    "references",
    "rules_of",
    "suggest",
    "verdict",
]
