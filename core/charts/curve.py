"""The smooth curve over a histogram: a kernel density of the same rows, as high as the bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from core import sql
from core.charts import facets
from core.charts.drawing import colour_meta
from core.charts.facets import Panels
from core.charts.grouping import Cut
from core.charts.smooth import spreads
from core.charts.words import number
from core.contracts import Engine, Table
from core.ordinal import to_value
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go

POINTS = 160

Curve = dict[str, Any]  # of one panel, as JSON: its facet, the places, the heights, the bandwidth


def curves(
    table: Table, engine: Engine, cut: dict[str, Cut], value: exp.Expr, facts: dict[str, Any], *, folded: bool
) -> list[Curve]:
    """The curve of each panel, in rows of a bar: its area is that of the bars.

    Values that the first and the last bar fold in are not on the axis, and not in the curve.
    """
    low, width = facts["low"], facts["width"]
    high = low + width * facts["bins"]
    if folded:
        value = sql.template("CASE WHEN :v BETWEEN :a AND :b THEN :v END", v=value, a=low, b=high)
    found = []
    for one in spreads(table, engine, {key: how for key, how in cut.items() if key in facets.KEYS}, value):
        at = [low + (high - low) * i / POINTS for i in range(POINTS + 1)]
        heights = one.curve(at) * one.n * width
        found.append(
            {key: [own.label, own.mark] for key, own in one.groups.items()}
            | {"x": at, "y": [float(y) for y in heights], "bandwidth": one.bandwidth()}
        )
    return found


def draw(figure: go.Figure, facts: dict[str, Any], panels: Panels, colours: int) -> None:
    """Put each panel's curve over its bars."""
    import plotly.graph_objects as go

    for one in facts["curves"]:
        panel = panels.find(one)
        if panel is None:
            continue
        x = [10**at if facts["log"] else to_value(facts["kind"], at) for at in one["x"]]
        look = {"meta": colour_meta(1 if colours <= 1 else 7), "line": {"width": 2.5}, "showlegend": False}
        figure.add_trace(
            go.Scatter(x=x, y=one["y"], mode="lines", hoverinfo="skip", **look),
            **panel.place,
        )


def describe(facts: dict[str, Any]) -> Note:
    """What the curve is made of."""
    if facts["log"] or facts["kind"] in ("date", "datetime") or len(facts["curves"]) > 1:
        return note("The curve is a kernel density; its bandwidth is Silverman's rule of thumb.")
    return note(
        "The curve is a kernel density; its bandwidth is {bandwidth}, by Silverman's rule of thumb.",
        bandwidth=number(facts["curves"][0]["bandwidth"]),
    )
