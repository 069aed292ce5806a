"""How strongly columns go together by their values: by ranks, in categories, or in one of each.

Two categories have Cramér's V with Bergsma's correction, without which chance alone looks like a relation
where there are many values or few rows. A category and a number have the correlation ratio: the root of the
share of the number's variance that lies between the categories. Both run from 0 to 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core import sql

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Found = dict[tuple[str, str], tuple[float | None, int]]  # a pair's correlation, and its rows

VALUES = 50  # of a category; rarer ones count as one more


def code(column: str) -> Any:
    """A category's values as numbers that are equal where the values are."""
    return sql.template("CASE WHEN :x IS NOT NULL THEN hash(:x) END", x=sql.name(column))


def associations(
    data: pa.Table, numbers: Mapping[str, str], categories: Mapping[str, str]
) -> tuple[Found, list[str]]:
    """Each pair with a category, and its rows; and the categories whose rare values were put together.

    `numbers` and `categories` tell under which name each column stands in `data`.
    """
    import numpy as np

    codes, folded = {}, []
    for column, at in categories.items():
        codes[column], many = _codes(data.column(at))
        folded += [column] if many else []
    found: Found = {}
    for a, b in itertools.combinations_with_replacement(categories, 2):
        both = (codes[a] >= 0) & (codes[b] >= 0)
        found[a, b] = cramer(codes[a][both], codes[b][both]), int(np.count_nonzero(both))
        if a == b and found[a, b][0] is not None:
            found[a, b] = 1.0, found[a, b][1]
    for number, at in numbers.items():
        values = data.column(at).to_numpy().astype(float)
        stands = np.isfinite(values)
        for category in categories:
            both = (codes[category] >= 0) & stands
            found[number, category] = ratio(codes[category][both], values[both]), int(np.count_nonzero(both))
    return found, folded


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, bool]:
    """Small numbers for the values, the most frequent first, -1 for none; whether rare ones share one."""
    import numpy as np
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(column.combine_chunks())
    places = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    counts = np.bincount(places[places >= 0], minlength=len(coded.dictionary))
    rank = np.empty(len(counts), np.int64)
    rank[np.lexsort((coded.dictionary.to_numpy(), -counts))] = np.arange(len(counts))
    small = np.minimum(np.append(rank, -1), VALUES)  # the last one is found for -1
    return small[places], len(counts) > VALUES


def cramer(a: np.ndarray, b: np.ndarray) -> float | None:
    """Cramér's V of two lists of codes, corrected for chance; None where one of them does not vary."""
    import numpy as np

    across = int(b.max()) + 1 if len(b) else 1
    counts = np.bincount(a * across + b, minlength=across).astype(float)
    table = counts.reshape(-1, across) if len(counts) % across == 0 else _padded(counts, across)
    table = table[table.sum(1) > 0][:, table.sum(0) > 0]
    (r, k), n = table.shape, table.sum()
    if r < 2 or k < 2:
        return None
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / n
    square = float(((table - expected) ** 2 / expected).sum()) / n
    square = max(0.0, square - (r - 1) * (k - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return min(1.0, math.sqrt(square / least)) if least > 0 else None


def _padded(counts: np.ndarray, across: int) -> np.ndarray:
    import numpy as np

    return np.append(counts, np.zeros(-len(counts) % across)).reshape(-1, across)


def ratio(codes: np.ndarray, values: np.ndarray) -> float | None:
    """The correlation ratio of a number in categories; None where one of them does not vary."""
    import numpy as np

    if not len(values) or codes.min() == codes.max() or values.min() == values.max():
        return None
    values = values / np.abs(values).max()  # squares of enormous numbers stay in a double's range
    values = values - values.mean()
    counts = np.bincount(codes)
    sums = np.bincount(codes, values)[counts > 0]
    whole = float(values @ values)
    return math.sqrt(min(1.0, float((sums * sums / counts[counts > 0]).sum()) / whole)) if whole else None


def spearman(some: pa.Table, chosen: Mapping[str, str]) -> Found:
    """Pearson's correlation of the ranks among the rows where both numbers stand.

    Each column is sorted once; a pair's ranks then follow from counting, so many columns stay quick.
    """
    import numpy as np

    codes, kept = {}, {}
    for column, at in chosen.items():
        values = some.column(at).to_numpy()
        kept[column] = np.isfinite(values)
        codes[column] = np.unique(values, return_inverse=True)[1]
    found: Found = {}
    for i, j in itertools.combinations_with_replacement(chosen, 2):
        both = kept[i] & kept[j]
        n = int(np.count_nonzero(both))
        a, b = _ranks(codes[i][both]), _ranks(codes[j][both])
        spread_of = math.sqrt(float(a @ a) * float(b @ b))
        r = (1.0 if i == j else float(a @ b) / spread_of) if spread_of else None
        found[i, j] = (r, n)
    return found


def _ranks(codes: np.ndarray) -> np.ndarray:
    """Ranks less their mean, of numbers given as codes in their order; ties share their middle rank."""
    import numpy as np

    counts = np.bincount(codes) if len(codes) else np.zeros(1)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranks: np.ndarray = middle[codes] - (len(codes) + 1) / 2
    return ranks


def measure(first: str, second: str, categories: Sequence[str], method: str) -> str:
    """Which measure a pair of columns has."""
    both = (first in categories) + (second in categories)
    return (method, "correlation ratio", "Cramér's V")[both]
