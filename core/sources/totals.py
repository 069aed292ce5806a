"""Rows at the end of a table that add up the others: totals are no rows of data."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from core.sources.grid import empty

# what such a row calls itself, in the languages that sheets are often written in
_SUM = re.compile(
    r"(grand|sub|overall|net)?[\s-]*(totals?|sums?)\b.*|(gesamt|insgesamt|summe|"
    r"totale|totaal|somme|suma|summa|soma|razem|celkem|итого|всего|合计|总计|小计|總計|合計|総計|합계|총계).*",
    re.IGNORECASE | re.DOTALL,
)
_MEAN = re.compile(
    r"((average|avg|mean|moyenne|media|promedio)\b|durchschnitt|mittelwert|gemiddelde|среднее|平均|평균).*",
    re.IGNORECASE | re.DOTALL,
)
_MOST = 3  # such rows below one another: a sum, a mean, a share


def totals(rows: Sequence[Sequence[Any]]) -> int:
    """How many of the last rows are totals.

    A row counts as one when it says so and a number in it is the sum (or mean) of those above, or
    when it names nothing and every number in it is such a sum.
    """
    for count in range(min(_MOST, len(rows) - 2), 0, -1):
        body = rows[: len(rows) - count]
        if all(_adds_up(row, body) for row in rows[len(rows) - count :]):
            return count
    return 0


def _adds_up(row: Sequence[Any], body: Sequence[Sequence[Any]]) -> bool:
    texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
    numbers = [i for i, cell in enumerate(row) if _is_number(cell)]
    label = next((text for text in texts if _SUM.fullmatch(text) or _MEAN.fullmatch(text)), None)
    if not numbers or (label is None and (texts or len(body) < 3 or empty_first(row) is False)):
        return False
    of_mean = label is not None and bool(_MEAN.fullmatch(label))
    right = [_is_total(row[i], [line[i] for line in body], mean=of_mean) for i in numbers]
    return any(right) if label is not None else all(right)


def empty_first(row: Sequence[Any]) -> bool:
    """Whether the row's first cell is empty, where a row of data has its name."""
    return empty(row[0])


def _is_total(value: float, column: Sequence[Any], *, mean: bool) -> bool:
    numbers = [float(cell) for cell in column if _is_number(cell)]
    if len(numbers) < 2 or not any(numbers):
        return False
    expected = math.fsum(numbers) / (len(numbers) if mean else 1)
    return math.isclose(value, expected, rel_tol=1e-6, abs_tol=0.006)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell)
