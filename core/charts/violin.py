"""Violins: the smooth shape of a number's spread, side by side for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.charts import guides, parts
from core.charts.drawing import Say, blank, colour_meta, logarithmic, shown, strips
from core.charts.shapes import Shapes, hover, name, words
from core.wording import note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

HALF = 0.44  # of the distance from one violin to the next


class Violin(Shapes):
    """How a number spreads in each group: a shape as wide as values are frequent, with its quartiles."""

    title = "Violin plot"
    group = "Distribution"

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        groups, rows = parts.groups(data, "x"), parts.numbered(data)
        title = note("{y} by {x}", y=self.y, x=self.x) if self.x else note("{column}", column=self.y)
        panels, figure = self.framed(data, title, self.x or "", self.y, say)
        widths = self._widths(rows)
        for panel in panels:
            own = [(k, shape) for k, one in enumerate(groups) if (shape := panel.of(rows, x=one))]
            for trace in self._traces(own, widths, say) if own else []:
                figure.add_trace(trace, **panel.place)
        figure.update_xaxes(strips(groups, say))
        if self.log_y:
            figure.update_yaxes(logarithmic(row[key] for row in rows for key in ("start", "end")))
        return guides.draw(figure, data, say)

    def _traces(
        self, own: list[tuple[int, list[dict[str, Any]]]], widths: dict[tuple[Any, ...], float], say: Say
    ) -> list[go.Scatter]:
        """The outlines of one panel's violins, their middle halves and their medians."""
        import plotly.graph_objects as go

        outline: list[tuple[float | None, float | None, int, str]] = []
        for k, shape in own:
            side = [
                (HALF * row["density"] / widths[name(row)], (row["start"] + row["end"]) / 2, row["row"],
                 shown(say(hover(row)), 300))
                for row in shape if row["part"] == "slice"
            ]  # fmt: skip
            side = [(side[0][0], shape[0]["start"], *side[0][2:]), *side,
                    (side[-1][0], shape[0]["end"], *side[-1][2:])]  # fmt: skip
            outline += [(k + w, y, row, text) for w, y, row, text in side]
            outline += [(k - w, y, row, text) for w, y, row, text in reversed(side)]
            outline += [(k + side[0][0], side[0][1], *side[0][2:]), (None, None, -1, "")]
        wholes = [(k, shape[0]) for k, shape in own]
        halves = [(k, row[end]) if end else (None, None) for k, row in wholes for end in ("q1", "q3", "")]
        look: dict[str, Any] = {"showlegend": False, "meta": colour_meta(0)}
        x, y, behind, texts = (list(part) for part in zip(*outline, strict=True))
        return [
            go.Scatter(
                x=x, y=y, customdata=behind, hovertext=texts, hoverinfo="text", mode="lines", fill="toself",
                hoveron="points", line={"width": 1.2}, **look,
            ),
            go.Scatter(
                x=[k for k, _ in halves], y=[value for _, value in halves], mode="lines", line={"width": 7},
                hoverinfo="skip", **look,
            ),
            go.Scatter(
                x=[k for k, _ in wholes], y=[row["median"] for _, row in wholes], mode="markers",
                customdata=[row["row"] for _, row in wholes], hoverinfo="text",
                hovertext=[shown(say(words(row)), 300) for _, row in wholes],
                marker={"size": 8, "symbol": "diamond"}, **{**look, "meta": colour_meta(1)},
            ),
        ]  # fmt: skip

    @classmethod
    def example(cls) -> Violin:
        return cls(y="price", x="region")
