"""What can be said of coefficients beyond their standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.contracts import Json


def with_intervals(
    rows: Sequence[Mapping[str, Json]], degrees_of_freedom: int | None = None, share: float = 0.95
) -> list[dict[str, Json]]:
    """Rows of {name, value, se} with the ends of their interval, `low` and `high`, `ratio` and `p`.

    Least squares has its degrees of freedom: the interval is Student's. Maximum likelihood has
    none: it is Wald's, from the normal distribution. `ratio` is value / se, `p` the chance of one
    at least as far from 0 if the true value were 0. What has no standard error has none of the four.
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    tail = 1 - (1 - share) / 2
    df = degrees_of_freedom
    times = float(stdtrit(df, tail)) if df else float(ndtri(tail))
    made = []
    for row in rows:
        value, error = row["value"], row["se"]
        if value is None or not error:
            made.append({**row, "low": None, "high": None, "ratio": None, "p": None})
            continue
        ratio = value / error
        beyond = float(stdtr(df, -abs(ratio)) if df else ndtr(-abs(ratio)))
        ends = {"low": value - times * error, "high": value + times * error}
        made.append({**row, **ends, "ratio": ratio, "p": 2 * beyond})
    return made
