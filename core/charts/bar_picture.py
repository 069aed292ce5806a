"""How bars are drawn: upwards or to the right, as bars or as dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.charts import intervals
from core.charts.drawing import Say, categories, colour_meta, room
from core.charts.grouping import Group

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Picture:
    """Where the categories stand (`flat`: one below the other) and what stands for their values."""

    flat: bool = False
    dots: bool = False

    def sides(self, categories: Any, values: Any) -> tuple[Any, Any]:
        """The two, as what is across and what is up."""
        return (values, categories) if self.flat else (categories, values)

    def marks(
        self, places: Sequence[int], rows: Sequence[Mapping[str, Any]], *, errors: bool, **looks: Any
    ) -> Any:
        """The bars or dots of one group in one panel."""
        import plotly.graph_objects as go

        x, y = self.sides(list(places), [row["value"] for row in rows])
        looks |= {"x": x, "y": y, "customdata": [row["row"] for row in rows], "hoverinfo": "text"}
        looks["orientation"] = "h" if self.flat else "v"
        if errors:
            looks["error_x" if self.flat else "error_y"] = intervals.whiskers(rows)
        if not self.dots:
            return go.Bar(**looks)
        beside = {"offsetgroup": looks["legendgroup"], "alignmentgroup": "dots"}
        return go.Scatter(mode="markers", marker={"size": 10}, **beside, **looks)

    def line(self, bars: int, value: float | None, *, name: str, number: int) -> go.Scatter:
        """A line at one value, past all bars."""
        import plotly.graph_objects as go

        x, y = self.sides([-0.5, bars - 0.5], [value] * 2)
        return go.Scatter(
            x=x, y=y, mode="lines", line={"dash": "dot"}, name=name, showlegend=False, hoverinfo="name",
            meta=colour_meta(number),
        )  # fmt: skip

    def put(self, figure: go.Figure, bars: Sequence[Group], say: Say, together: str) -> None:
        """The names of the categories, and how colours are put together."""
        if self.flat:
            figure.update_yaxes(categories(bars, say), autorange="reversed")
            if figure.layout.height is None:
                room(figure, len(bars))
        else:
            figure.update_xaxes(categories(bars, say))
        if self.dots:
            figure.update_layout(scattermode="group", scattergap=0.4)
        else:
            figure.update_layout(
                barmode="group" if together == "side by side" else "stack",
                barnorm="percent" if together == "shares" else None,
            )

    def values(self, figure: go.Figure, axis: Mapping[str, Any]) -> None:
        """Settings of the axis of the values."""
        (figure.update_xaxes if self.flat else figure.update_yaxes)(**axis)
