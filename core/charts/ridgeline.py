"""Ridges: the smooth shape of a number's spread, one above the other for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.charts import guides, parts
from core.charts.drawing import Say, apart, blank, colour_meta, logarithmic, shown
from core.charts.guides import Axes
from core.charts.shapes import Shapes, hover, name
from core.contracts import Span
from core.selection import Selection
from core.wording import note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

HEIGHT = 1.6  # of the highest ridge, in distances from one line to the next


class Ridgeline(Shapes):
    """How a number spreads in each of many groups: one curve above the other, on one axis."""

    title = "Ridgeline plot"
    group = "Distribution"

    def _axes(self) -> Axes:
        return Axes(across="number", log_across=self.log_y, values="across")

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        groups, rows = parts.groups(data, "x"), parts.numbered(data)
        title = note("{y} by {x}", y=self.y, x=self.x) if self.x else note("{column}", column=self.y)
        panels, figure = self.framed(data, title, self.y, self.x or "", say)
        widths = self._widths(rows)
        for panel in panels:
            # the uppermost first: those below stand before it
            for k, one in enumerate(groups):
                shape = [row for row in panel.of(rows, x=one) if row["part"] == "slice"]
                if shape:
                    trace = go.Scatter(**self._ridge(-k, shape, widths[name(shape[0])], say))
                    figure.add_trace(trace, **panel.place)
        ticks = apart([say(one.words()) for one in groups])
        figure.update_yaxes(
            tickmode="array", tickvals=[-k for k in range(len(groups))], ticktext=ticks,
            range=[0.3 - len(groups), HEIGHT + 0.1],
        )  # fmt: skip
        if len(panels) == 1:
            figure.update_layout(height=max(380, 48 * len(groups) + 150))
        if self.log_y:
            figure.update_xaxes(logarithmic(row[key] for row in rows for key in ("start", "end")))
        return guides.draw(figure, data, say)

    def _ridge(self, base: int, shape: list[dict[str, Any]], width: float, say: Say) -> dict[str, Any]:
        """One curve over its own line, with the area between them."""
        xs = [(row["start"] + row["end"]) / 2 for row in shape]
        ys = [base + HEIGHT * row["density"] / width for row in shape]
        first, last = shape[0], shape[-1]
        ends = [first["start"], first["start"], *xs, last["end"], last["end"], first["start"]]
        return {
            "x": ends, "y": [base, ys[0], *ys, ys[-1], base, base], "mode": "lines", "fill": "toself",
            "customdata": [first["row"], first["row"], *(row["row"] for row in shape), last["row"],
                           last["row"], first["row"]],
            "hovertext": [shown(say(hover(row)), 300) for row in (first, first, *shape, last, last, first)],
            "hoverinfo": "text", "hoveron": "points", "line": {"width": 1.4}, "showlegend": False,
            "meta": colour_meta(0),
        }  # fmt: skip

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        lines = None if y is None else (-float(y[1]), -float(y[0]))  # they are counted downwards
        return super().region(data, lines, x)

    @classmethod
    def example(cls) -> Ridgeline:
        return cls(y="price", x="region")
