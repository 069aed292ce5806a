"""What can be said of coefficients beyond their standard errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.contracts import Json


def with_intervals(
    rows: Sequence[Mapping[str, Json]], degrees_of_freedom: int | None = None, share: float = 0.95
) -> list[dict[str, Json]]:
    """Rows of {name, value, se} with the ends of their interval, `low` and `high`, and `ratio`.

    Least squares has its degrees of freedom: the interval is Student's. Maximum likelihood has
    none: it is Wald's, from the normal distribution. `ratio` is value / se. What has no standard
    error has none of the three.
    """
    from scipy.special import ndtri, stdtrit

    tail = 1 - (1 - share) / 2
    times = float(stdtrit(degrees_of_freedom, tail)) if degrees_of_freedom else float(ndtri(tail))
    return [_with_interval(row, times) for row in rows]


def _with_interval(row: Mapping[str, Json], times: float) -> dict[str, Json]:
    value, error = row["value"], row["se"]
    if value is None or not error:
        return {**row, "low": None, "high": None, "ratio": None}
    return {
        **row,
        "low": value - times * error,
        "high": value + times * error,
        "ratio": value / error,
    }
