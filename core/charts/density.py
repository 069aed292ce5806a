"""How densely two numbers lie: cells that count all rows, and lines around shares of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P

from core.charts import facets, guides, parts
from core.charts.drawing import Say, blank, colour_meta, notes, with_notes
from core.charts.facets import Faceted, panels_of
from core.charts.guides import Axes, Reference
from core.charts.parts import OptionalColumn
from core.charts.plane import AXES, Plane, grid
from core.charts.words import number, sentences
from core.contracts import Engine, Schema, Span, Table
from core.params import ColumnName
from core.selection import Mark, Selection
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go
    import pyarrow as pa


class Density2d(Faceted):
    """How densely two numbers lie, with lines around the densest 10%, 30%, 50%, 70% and 90% of the rows."""

    title = "2-D density"
    group = "Relation"

    x: Annotated[str, ColumnName("number", "integer")] = P(
        title="Across", description="The numbers from left to right."
    )
    y: Annotated[str, ColumnName("number", "integer")] = P(
        title="Up", description="The numbers from bottom to top."
    )
    facet: OptionalColumn = facets.facet_field()
    facet_row: OptionalColumn = facets.row_field()
    facet_column: OptionalColumn = facets.column_field()
    extremes: Literal["show", "leave out"] = P(
        default="show",
        title="Far values",
        description="Show the whole range, or leave out what lies far outside.",
    )
    log_x: bool = P(default=False, title="Logarithmic across", description="Values up to 0 are left out.")
    log_y: bool = P(default=False, title="Logarithmic up", description="Values up to 0 are left out.")

    lines: tuple[Reference, ...] = guides.field()

    CELLS: ClassVar[int] = 5_000  # in all panels together

    def _plane(self) -> Plane:
        return Plane(self.x, self.y, self.log_x, self.log_y, self.extremes == "leave out")

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self._axes().check(self.title, self.lines)

    def _axes(self) -> Axes:
        return Axes("number", "number", self.log_y, self.log_x)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        table, numbers = self._plane().placed(table)
        facts, where = self._plane().facts(table, engine, numbers)
        facts["lines"] = guides.of_plane(
            self.title, self.lines, self._axes(), self.x, self.y, table, engine, where
        )
        cut = parts.cuts(table, engine, self.facet_cuts())
        cells = grid(int(min(self.CELLS, max(600, facts["rows"])) / panels_of(cut)))  # few rows, large cells
        rows = self._plane().cells(table, engine, numbers, cut, facts, where, cells)
        columns = dict.fromkeys(cut, "group") | dict.fromkeys(("x_cell", "y_cell", "rows"), "int64")
        columns |= {"x": "float64", "y": "float64"}
        return with_notes(parts.to_table(rows, columns), **facts, sampled=parts.sampled(cut))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts, plane = notes(data), self._plane()
        if not data.num_rows:
            return blank(note("There are no rows in which both numbers stand."), say)
        rows, title = parts.numbered(data), note("{y} against {x}, density", y=self.y, x=self.x)
        panels, figure = self.framed(data, title, self.x, self.y, say)
        most = max(row["rows"] for row in rows)
        for panel in panels:
            own = panel.of(rows)
            if not own:  # of a grid: these two values never meet
                continue
            heat = plane.heat(own, facts, most)
            heat.update(showscale=not figure.data, opacity=0.65)
            heat.colorbar.title.text = say(note("Rows"))
            figure.add_trace(heat, **panel.place)
            middles = {
                axis: [
                    plane.value(axis, facts[axis][0] + facts["widths"][axis] * (cell + 0.5))
                    for cell in range(facts["cells"][axis])
                ]
                for axis in AXES
            }
            lines = {"start": 0.1, "end": 0.9, "size": 0.2, "coloring": "none", "showlabels": True}
            figure.add_trace(
                go.Contour(
                    z=enclosed(_counts(own, facts)), **middles, contours={**lines, "labelformat": ".0%"},
                    showscale=False, showlegend=False, hoverinfo="skip", line={"width": 1.6},
                    meta=colour_meta(1),
                ), **panel.place,
            )  # fmt: skip
        plane.scale(figure, facts)
        return guides.draw(figure, data, say)

    def mark(self, data: pa.Table, row: int) -> Mark:
        cell = data.slice(row, 1).to_pylist()[0]
        return parts.mark(data, row, self.facets(), *self._plane().inside(notes(data), cell))

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return self._plane().region(x, y)

    def describe(self, data: pa.Table) -> Note:
        facts, plane = notes(data), self._plane()
        if not data.num_rows:
            return note("{y} against {x}: there are no rows in which both numbers stand.", y=self.y, x=self.x)
        (x_low, x_high), (y_low, y_high) = (
            [number(plane.value(axis, value)) for value in facts[axis]] for axis in AXES
        )
        rows = data.to_pylist()
        top = max(rows, key=lambda row: row["rows"])
        half = (enclosed(_counts(rows, facts)) <= 0.5).mean()
        return sentences(
            note(
                "{y} against {x}: {rows}, {x} from {x_low} to {x_high}, {y} from {y_low} to {y_high}.",
                x=self.x, y=self.y, rows=counted_rows(facts["rows"]),
                x_low=x_low, x_high=x_high, y_low=y_low, y_high=y_high,
            ),
            note(
                "Shown as density: the fullest cell, near {x}, {y}, holds {rows}.",
                x=number(top["x"]), y=number(top["y"]), rows=counted_rows(top["rows"]),
            ),
            note("The densest half of all rows lies in {share} of the area.", share=f"{half:.1%}"),
            note(
                "The line marked 50% runs around the densest half of the rows, and so for the others; "
                "the counts are smoothed, with a bandwidth by Scott's rule."
            ),
            guides.describe(data),
            parts.left_out(facts["left_out"]),
            parts.proposals(facts["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Density2d:
        return cls(x="quantity", y="price")


def _counts(rows: list[dict[str, Any]], facts: dict[str, Any]) -> np.ndarray:
    """The rows in each cell, upwards and across; those of several panels together."""
    import numpy as np

    counts = np.zeros((facts["cells"]["y"], facts["cells"]["x"]))
    for row in rows:
        counts[row["y_cell"], row["x_cell"]] += row["rows"]
    return counts


def smoothed(counts: np.ndarray) -> np.ndarray:
    """The counts spread by a normal bump in each direction, as wide as Scott's rule says; none is lost."""
    import numpy as np

    found = counts
    for axis in (0, 1):
        at = np.arange(counts.shape[axis])
        weights = counts.sum(1 - axis)
        middle = (weights * at).sum() / weights.sum()
        deviation = float(np.sqrt((weights * (at - middle) ** 2).sum() / weights.sum()))
        width = max(0.6, deviation * weights.sum() ** (-1 / 6))
        bumps = np.exp(-0.5 * ((at[:, None] - at[None, :]) / width) ** 2)
        bumps /= bumps.sum(0)
        found = bumps @ found if axis == 0 else found @ bumps.T
    return found


def enclosed(counts: np.ndarray) -> np.ndarray:
    """For each cell the share of rows in cells at least as dense: 0.5 on the line around the densest half."""
    import numpy as np

    dense = smoothed(counts)
    order = np.argsort(-dense, axis=None, kind="stable")
    shares = np.empty(dense.size)
    shares[order] = np.cumsum(dense.ravel()[order]) / dense.sum()
    return np.round(shares.reshape(dense.shape), 4)
