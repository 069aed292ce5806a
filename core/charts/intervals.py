"""The 95% interval of a mean: mean ± t(0.975, n - 1) · s / √n, with s the sample's standard deviation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field as P

from core import sql
from core.charts import measuring
from core.charts.measuring import Aggregation
from core.errors import BadParameter
from core.wording import note

if TYPE_CHECKING:
    from sqlglot import exp

    from core.contracts import Table

FORMULA = note(
    "\u00b1 gives the 95% interval of each mean, by Student's t: t(0.975, n \u2212 1) \u00b7 s / \u221an, "
    "with s the standard deviation of its n values."
)


def field() -> Any:
    return P(
        default=False, title="Error bars",
        description="Of means: between which ends the true mean lies, with 95% confidence.",
    )  # fmt: skip


def check(errors: bool, aggregation: Aggregation) -> None:
    """Refuse error bars of anything but means."""
    if errors and aggregation != "mean":
        raise BadParameter(
            "Error bars belong to means. The measure here is {aggregation!r}.",
            hint="Choose the mean, or draw no error bars.", aggregation=aggregation,
        )  # fmt: skip


def asked(table: Table, y: str | None) -> dict[str, exp.Expr]:
    """What the interval of each group's mean needs."""
    if y is None:
        return {}
    kind = measuring.kinds(table)[y]
    return {
        "spread": measuring.measure("standard deviation", y, kind),
        "values": sql.template("count(:x)", x=measuring.finite(y, kind)),
    }


def error(row: Mapping[str, Any]) -> float | None:
    """Half the interval; None of fewer than two values."""
    spread, values = row.get("spread"), row.get("values") or 0
    if spread is None or values < 2:
        return None
    from scipy.special import stdtrit

    found = float(stdtrit(values - 1, 0.975)) * spread / math.sqrt(values)
    return found if math.isfinite(found) else None


def whiskers(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The intervals as Plotly draws them."""
    return {"type": "data", "array": [row["error"] or 0.0 for row in rows], "visible": True}
