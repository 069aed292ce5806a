"""Equal bins for the values of a column, and the histogram that is made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.contracts import Column
from core.ordinal import from_text, to_value
from core.profile.facts import ColumnProfile, Histogram
from core.profile.summary import unit
from core.profile.work import Work

BINS = 40
FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's far outliers
QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
LARGEST = 1.7976931348623157e308  # of all doubles

# the cost of counting lies in these few operations: bins of the whole range need no limits
WITHIN = "CAST(floor((:x - :low) * :per) AS INTEGER)"
LIMITED = (
    "CASE WHEN :x IS NOT NULL THEN"
    " CAST(greatest(-1, least(:count, floor((:x - :low) * :per))) AS INTEGER) END"
)

Counts = Mapping[int, int]  # rows by the number of their bin


@dataclass(frozen=True)
class Bins:
    """Equal bins from `low` up. Values are what `summary.value` gives: ordinal values times `unit`."""

    low: float
    width: float
    count: int
    unit: float = 1.0

    @property
    def span(self) -> float:
        return self.width * self.count

    def constants(self) -> dict[str, float]:
        """What WITHIN and LIMITED ask for. LIMITED is -1 below the first bin, `count` above the last."""
        return {"low": self.low, "per": 1 / self.width, "count": self.count}

    def around(self, code: int) -> tuple[float, float]:
        """A range that surely holds the values of a bin; rounding may put some just outside its ends."""
        low = -math.inf if code < 0 else self.low + self.width * (code - 0.001)
        high = math.inf if code >= self.count else self.low + self.width * (code + 1.001)
        return low, high

    def merged(self, low: float, high: float) -> tuple[int, int, int]:
        """The bars that show a range: the first bin, how many bins make a bar, and how many bars."""
        first = max(0, math.floor((low - self.low) / self.width))
        last = min(self.count - 1, math.floor((high - self.low) / self.width))
        size = max(1, math.ceil((last - first + 1) / BINS))
        return first, size, max(1, math.ceil((last - first + 1) / size))

    def only(self, column: Column, code: int) -> int | None:
        """The one whole number or day that a bin holds; None where it may hold several."""
        whole = column.type in ("integer", "date") and self.width == 1 and 0 <= code < self.count
        if not whole or abs(self.low) >= 2**52:  # where doubles have no halves
            return None
        return math.floor(self.low + 0.5) + code


def bins(work: Work, column: Column, low: float, high: float, wanted: int) -> Bins:
    if column.type in ("integer", "date"):
        low, high = math.floor(low), math.ceil(high)
        width = max(1, math.ceil((high - low + 1) / wanted))
        start = low - (0.5 if column.type == "integer" else 0.0)
        # one more where doubles are too coarse for the half: 10^18 - 0.5 is 10^18
        return Bins(start, float(width), math.ceil((high - start + 0.5) / width + 1e-9))
    own = unit(work, column)
    if high <= low or low + (high - low) / wanted == low:
        # scaled values lie near 1
        half = max(abs(low) * 1e-6, 0.5 * own if own == 1.0 or column.type == "datetime" else 0.0)
        return Bins(low - half, 2 * half, 1, own)
    # a little wider, so that the largest value falls into the last bin and not above it
    return Bins(low, (high - low) / wanted * (1 + 1e-12), wanted, own)


def ends(work: Work, column: Column, facts: ColumnProfile) -> tuple[float, float]:
    """The smallest and the largest value, as `summary.value` gives them."""
    own = unit(work, column)
    if column.type in ("integer", "number"):
        return float(facts.minimum or 0) * own, float(facts.maximum or 0) * own
    low, high = from_text(column.type, str(facts.minimum)), from_text(column.type, str(facts.maximum))
    return low * own, high * own


def fenced(low: float, high: float, quantiles: Sequence[float]) -> tuple[float, float]:
    """The range without far values."""
    if not quantiles:
        return low, high
    p01, q1, _, q3, p99 = quantiles
    if q3 > q1:
        return max(low, q1 - FENCE * (q3 - q1)), min(high, q3 + FENCE * (q3 - q1))
    return (max(low, p01), min(high, p99)) if p99 > p01 else (low, high)


def histogram(column: Column, bins: Bins, counted: Counts, first: int, size: int, count: int) -> Histogram:
    """`count` bars of `size` bins each, from the bin `first` on."""
    sums = [0] * count
    below = above = 0
    for code, rows in counted.items():
        place = (code - first) // size
        if code < first:
            below += rows
        elif place >= count:
            above += rows
        else:
            sums[place] += rows
    edges = (
        to_value(column.type, _within(bins.low + bins.width * (first + size * i), bins.unit))
        for i in range(count + 1)
    )
    return Histogram(edges=tuple(edges), counts=tuple(sums), below=below, above=above)


def _within(value: float, unit: float) -> float:
    """An edge in ordinal values; a little wider than the largest value may be wider than any double."""
    return max(-LARGEST, min(LARGEST, value / unit))
