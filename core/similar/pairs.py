"""Rows that seem to be the same thing entered twice: pairs of them, with how similar they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from core import sql
from core.contracts import Engine, Silent, Table, Watch
from core.similar import texts
from core.similar.near import candidates, compared
from core.watching import Part

if TYPE_CHECKING:
    import numpy as np

MOST = 100_000  # different rows that are looked at: the first ones
FOUND = 10_000  # pairs that are given: the most similar ones

Record = tuple[str | None, ...]  # a row as it is compared: the text of each column


@dataclass(frozen=True)
class Pair:
    """Two records and how similar they are, from 0 to 1: on the whole, and column by column."""

    one: Record
    other: Record
    score: float
    scores: tuple[float | None, ...]  # None where one of the two is missing


def records(table: Table, cells: Mapping[str, exp.Expr], engine: Engine) -> list[Record]:
    """The different rows in the order they first appear, at most MOST; `cells` are texts of its columns."""
    chosen = [exp.alias_(node, f"t{place}") for place, node in enumerate(cells.values())]
    names = [f"t{place}" for place in range(len(chosen))]
    first = exp.alias_(sql.template("min(:row)", row=sql.name(sql.ROW)), "first")
    query = exp.select(*chosen, first).from_(table.query.subquery("t"))
    query = query.group_by(*(str(place + 1) for place in range(len(chosen))))
    rows = engine.rows(query.order_by("first").limit(MOST))
    found = zip(*(rows.column(name).to_pylist() for name in names), strict=True)
    return [record for record in found if any(record)]


def pairs(found: Sequence[Record], least: float, watch: Watch | None = None) -> list[Pair]:
    """Pairs of records at least as similar as `least`, the most similar first; at most FOUND.

    Each column is compared by Jaro-Winkler, without case, accents and punctuation and once more with its
    words in alphabetical order, whichever is more; half of that counts where the digits differ, as in two
    house numbers. The whole is the mean over the columns that both have, which must be half of them or
    more.
    """
    import numpy as np

    if len(found) < 2:
        return []
    plain = [[texts.plain(cell or "") or (cell or "") for cell in record] for record in found]
    watch, width = watch or Silent(), len(plain[0])
    first, second = candidates(_orders(plain), width, Part(watch, 0.0, 0.3))
    every, total = np.zeros((0, len(first))), np.zeros(len(first))
    for place in range(width):
        part = Part(watch, 0.3 + 0.7 * place / width, 0.3 + 0.7 * (place + 1) / width)
        scores = _column([record[place] for record in plain], first, second, part)
        every, total = np.vstack([every, scores]), total + np.nan_to_num(scores)
        # a pair that could not reach `least` with all that is still to come is compared no further
        left = width - place - 1
        counted = (~np.isnan(every)).sum(axis=0)
        alive = total + left >= max(least, 1e-9) * (counted + left) - 1e-12
        every, total, first, second = every[:, alive], total[alive], first[alive], second[alive]
    counted = (~np.isnan(every)).sum(axis=0)
    mean = np.where(counted * 2 >= width, total / np.maximum(counted, 1), 0.0)
    kept = np.flatnonzero(mean >= max(least, 1e-9))
    kept = kept[np.lexsort((second[kept], first[kept], -mean[kept]))][:FOUND]
    return [
        Pair(
            found[int(first[place])],
            found[int(second[place])],
            float(mean[place]),
            tuple(None if np.isnan(score) else float(score) for score in every[:, place]),
        )
        for place in kept.tolist()
    ]


def _column(cells: Sequence[str], first: np.ndarray, second: np.ndarray, watch: Watch) -> np.ndarray:
    """How similar one column is in each pair of rows; NaN where one of them has nothing there."""
    import numpy as np

    words = [" ".join(sorted(cell.split())) for cell in cells]
    one, other = first.tolist(), second.tolist()
    plain, sorted_words = (
        compared([form[row] for row in one], [form[row] for row in other], "Jaro-Winkler", watch=part)
        for form, part in ((cells, Part(watch, 0.0, 0.5)), (words, Part(watch, 0.5, 1.0)))
    )
    digits = np.array([texts.digits(cell) for cell in cells], dtype=object)
    scores = np.maximum(plain, sorted_words)
    scores = np.where(digits[first] == digits[second], scores, scores / 2)
    there = np.array([bool(cell) for cell in cells])
    return np.where(there[first] & there[second], scores, np.nan)


def _orders(plain: Sequence[Sequence[str]]) -> list[list[str]]:
    """The whole row, read from both ends and as a set of words; then by each column first."""
    whole = [" ".join(record) for record in plain]
    orders = [whole, [text[::-1] for text in whole], [" ".join(sorted(text.split())) for text in whole]]
    for place in range(1, len(plain[0])):
        orders.append([f"{record[place]}\0{text}" for record, text in zip(plain, whole, strict=True)])
    return orders
