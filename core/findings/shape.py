"""Numbers so skewed that a logarithmic scale shows them better."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.charts import Histogram
from core.contracts import Watch
from core.findings import intervals
from core.findings.cells import Cells, Numbers
from core.findings.finding import Finding
from core.findings.looks import Looks
from core.watching import go_on
from core.wording import note

DISTINCT = 20  # values
EFFECT = 0.25  # of the skewness of the octiles, which far values do not move


def shape(cells: Cells, looks: Looks, watch: Watch) -> None:
    """Every number: skewed beyond chance (R. D'Agostino, 1970), and much less so as logarithms."""
    for step, one in enumerate(cells.numbers):
        go_on(watch, step / len(cells.numbers), "Looking at shapes")
        _skewed(one, looks)


def octiles(values: np.ndarray) -> float:
    """How much further the upper octile lies from the median than the lower one, from -1 to 1.

    D. Hinkley, 1975: a single far value changes it little.
    """
    low, middle, high = np.quantile(values, [0.125, 0.5, 0.875])
    return float((high + low - 2 * middle) / (high - low)) if high > low else 0.0


def _skewed(one: Numbers, looks: Looks) -> None:
    from scipy.stats import skewtest

    values = one.values[one.present]
    if len(values) < 20 or len(np.unique(values)) < DISTINCT:  # a few steps are no course
        return looks.nothing()
    effect, positive = octiles(values), bool((values > 0).all())
    if effect < EFFECT or not positive or abs(octiles(np.log(values))) > effect / 2:
        return looks.nothing()
    p = float(skewtest(values).pvalue)
    bounds = partial(intervals.resampled, values, octiles)
    return looks.add(p, partial(_told, one, values, effect, p), bounds)


def _told(one: Numbers, values: np.ndarray, effect: float, p: float) -> Finding:
    middle, high, most = (float(value) for value in np.quantile(values, [0.5, 0.9, 1.0]))
    told = note(
        "{x} is skewed: half of its values lie up to {middle}, a tenth from {high} to {most}. "
        "On a logarithmic scale they spread evenly.",
        x=one.name, middle=one.shown(middle), high=one.shown(high), most=one.shown(most),
    )  # fmt: skip
    return Finding(
        kind="skew", columns=(one.name,), told=told, chart=Histogram(x=one.name, log_x=True).to_json(),
        effect=effect, measure=note("Skewness of the octiles"), value=effect, p=p, rows=len(values),
    )  # fmt: skip
