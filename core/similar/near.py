"""Pairs of similar texts among very many, in time that grows with their number, not with its square."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from core.contracts import Silent, Watch
from core.similar import texts
from core.watching import Part, go_on

if TYPE_CHECKING:
    import numpy as np

Measure = Literal["Levenshtein", "Jaro-Winkler"]

ALL = 2_500  # up to so many texts are compared each with each
BUDGET = 4_000_000  # comparisons among more, about
AT_ONCE = 250_000  # comparisons between two looks at whether a person asked to stop
FEWEST = 5  # neighbours that each text is compared with in each order

# The orders in which similar texts come to stand near one another: a difference near the end leaves
# the beginning alike, one near the beginning the end; other orders of words, other vowels.
ORDERS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: text[::-1],
    lambda text: " ".join(sorted(text.split())),
    texts.skeleton,
)


def scorer(measure: Measure) -> Any:
    """How similar two texts are, from 0 to 1. Jaro-Winkler favours a common beginning; Levenshtein is the
    share of letters that need no edit."""
    from rapidfuzz.distance import JaroWinkler, Levenshtein

    return JaroWinkler.similarity if measure == "Jaro-Winkler" else Levenshtein.normalized_similarity


def candidates(
    orders: Sequence[Sequence[str]], width: int = 1, watch: Watch | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of places (first < second) worth comparing: all of few things, neighbours among many.

    Each of `orders` gives every thing a key. Many things are put in the order of each of them, and each
    is compared with its next neighbours there (the sorted neighbourhood method of Hernández and
    Stolfo, 1995). `width` is how many texts are compared for one pair.
    """
    import numpy as np

    count = len(orders[0])
    if count * count * width <= ALL * ALL:
        first, second = np.triu_indices(count, k=1)
        return first, second
    reach = max(FEWEST, BUDGET // (count * len(orders) * width))
    found = []
    for place, keys in enumerate(orders):
        go_on(watch or Silent(), place / len(orders), "Putting texts in order")
        order = np.array(sorted(range(count), key=lambda at: (keys[at], at)), dtype=np.int64)
        for away in range(1, min(reach, count - 1) + 1):
            one, other = order[:-away], order[away:]
            found.append(np.minimum(one, other) * count + np.maximum(one, other))
    codes = np.sort(np.concatenate(found))
    codes = codes[np.append(True, codes[1:] != codes[:-1])]
    return codes // count, codes % count


def compared(
    one: Sequence[str],
    other: Sequence[str],
    measure: Measure,
    least: float = 0.0,
    watch: Watch | None = None,
) -> np.ndarray:
    """How similar the texts are, place by place; 0 where less than `least`."""
    import numpy as np
    from rapidfuzz import process

    scores, watch = np.zeros(len(one)), watch or Silent()
    for start in range(0, len(one), AT_ONCE):
        go_on(watch, start / len(one), "Comparing texts")
        part = slice(start, start + AT_ONCE)
        scores[part] = process.cpdist(
            one[part], other[part], scorer=scorer(measure), score_cutoff=least, dtype=np.float64
        )
    return scores


def near(
    values: Sequence[str], measure: Measure, least: float, watch: Watch | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of places and their similarity, where it is at least `least` and the digits are the same."""
    import numpy as np

    watch = watch or Silent()
    go_on(watch, 0.0, "Putting texts in order")
    plain = [texts.plain(value) or value for value in values]
    first, second = candidates([[key(text) for text in plain] for key in ORDERS], watch=Part(watch, 0.1, 0.4))
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(texts.digits(text), len(numbers)) for text in plain], dtype=np.int64)
    same = codes[first] == codes[second] if len(first) else np.zeros(0, dtype=bool)
    first, second = first[same], second[same]
    scores = compared(
        [plain[place] for place in first.tolist()],
        [plain[place] for place in second.tolist()],
        measure,
        least,
        Part(watch, 0.4, 1.0),
    )
    close = scores >= max(least, 1e-9)
    return first[close], second[close], scores[close]
