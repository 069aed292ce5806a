"""How alike the names of two columns are."""

from __future__ import annotations

import difflib
import re

# columns that are merely called this belong to the thing that their table is about
GENERIC = frozenset(("id", "key", "code", "no", "nr", "number", "编号", "代码"))


def alike(one: str, other: str, called: tuple[str, str] = ("", "")) -> float:
    """How alike two column names are, from 0 to 1: "Customer ID" and "customer_id" are the same.

    With what the tables are `called`, the "id" of "customers" is like "customer" and "customer_id".
    """
    best = _alike(_words(one), _words(other)) if one != other else 1.0
    for mine, theirs, table in ((one, other, called[1]), (other, one, called[0])):
        words = _words(theirs)
        if len(words) == 1 and words[0] in GENERIC:
            thing = _words(re.sub(r"(?<=[a-z]{2})s$", "", table.casefold()))
            best = max(best, 0.95 * _alike(_words(mine), [*thing, *words]), 0.9 * _alike(_words(mine), thing))
    return best


def _alike(a: list[str], b: list[str]) -> float:
    if not a or not b:
        return 0.0
    if "".join(a) == "".join(b):
        return 1.0
    short, long = sorted((a, b), key=len)
    if long[-len(short) :] == short:  # "price" at the end of "total price", "id" at that of "customer_id"
        return 0.4 if short[-1] in GENERIC else 0.7
    return 0.9 * difflib.SequenceMatcher(None, "".join(a), "".join(b)).ratio()


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).casefold())
