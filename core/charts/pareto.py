"""Which few categories make up most of the whole."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Annotated

from pydantic import Field as P

from core.charts import measuring, parts
from core.charts.drawing import Say, blank, categories, colour_meta, notes, panels, shown, with_notes
from core.charts.sums import cut_and_asked
from core.charts.words import INFINITE, counted, number, sentences
from core.contracts import Chart, Engine, Span, Table
from core.params import ColumnName, Number
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa


class Pareto(Chart):
    """The largest categories first, with the share that they make up together.

    What adds up has such a share: counts and sums, no means or changes.
    """

    title = "Pareto chart"
    group = "Composition"

    x: Annotated[str, ColumnName()] = P(
        title="Categories", description="A bar for each value of this column."
    )
    y: Annotated[str | None, ColumnName("number", "integer")] = P(
        default=None, title="Value", description="The column to measure; none counts rows."
    )
    aggregation: measuring.Adding = parts.adding_field()
    top: Annotated[int, Number(2, 50)] = parts.top_field()
    line: Annotated[int, Number(10, 100, step=5, unit="%")] = P(
        default=80, ge=1, le=100, title="Line at",
        description="How many categories make up this share of the whole is marked and said.",
    )  # fmt: skip

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        asked = measuring.measures(table, self.aggregation, self.y)
        wanted = {"x": (self.x, self.top)}
        cut, rows, infinite = cut_and_asked(table, engine, wanted, self.aggregation, self.y, asked)
        held = [row for row in rows if (row["value"] or 0) >= 0]
        place = parts.places([{**row, "value": row["value"] or 0.0} for row in held], ["x"], "value")["x"]
        held.sort(key=lambda row: place[row["x"]])
        whole = sum(row["value"] or 0.0 for row in held)
        for row, so_far in zip(held, accumulate(row["value"] or 0.0 for row in held), strict=True):
            row["cumulative"] = so_far / whole if whole else 0.0
        columns = {"x": "group"} | dict.fromkeys(("value", "cumulative", "rows"), "float64")
        told = {"whole": whole, "infinite": infinite, "negative": len(rows) - len(held),
                "named": parts.named(rows, {"x": self.x})}  # fmt: skip
        return with_notes(parts.to_table(held, columns), **told, sampled=parts.sampled(cut))

    def _what(self) -> Note:
        return measuring.measured(self.aggregation, self.y)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(parts.NO_ROWS, say)
        rows, bars = parts.numbered(data), parts.groups(data, "x")
        figure = panels([], title=say(note("{what} by {x}", what=self._what(), x=self.x)), x=self.x, y="")
        names = [shown(say(bar.words())) for bar in bars]
        figure.add_trace(
            go.Bar(
                x=list(range(len(bars))), y=[row["value"] for row in rows], meta=colour_meta(0),
                name=shown(say(self._what())), customdata=[row["row"] for row in rows], hoverinfo="text",
                hovertext=[f"{name}: {number(row['value'])}" for name, row in zip(names, rows, strict=True)],
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=list(range(len(bars))), y=[row["cumulative"] for row in rows], mode="lines+markers",
                yaxis="y2", name=shown(say(note("Share so far"))), meta=colour_meta(1), hoverinfo="text",
                hovertext=[f"{name}: {row['cumulative']:.1%}" for name, row in zip(names, rows, strict=True)],
            )
        )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=[-0.5, len(bars) - 0.5], y=[self.line / 100] * 2, mode="lines", yaxis="y2",
                hoverinfo="skip",
                line={"dash": "dot"}, meta=colour_meta(1), name=f"{self.line}%",
            )
        )  # fmt: skip
        figure.update_xaxes(categories(bars, say))
        figure.update_yaxes(title={"text": shown(say(self._what()))})
        figure.update_layout(
            yaxis2={
                "overlaying": "y", "side": "right", "range": [0, 1.05], "tickformat": ".0%",
                "tickmode": "array", "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1],
                "showgrid": False,
            },
            legend={"title": {"text": ""}}, margin={"t": 84},
        )  # fmt: skip
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark:
        return parts.mark(data, row, {"x": self.x})

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        bars = parts.groups(data, "x") if data.num_rows else []
        return parts.among(data, "x", self.x, parts.covered(bars, x)) if bars else None

    def describe(self, data: pa.Table) -> Note:
        told, rows = notes(data), data.to_pylist()
        if not rows:
            return note("{what} by {x}: there are no rows to draw.", what=self._what(), x=self.x)
        needed = next(
            (i + 1 for i, row in enumerate(rows) if row["cumulative"] >= self.line / 100), len(rows)
        )
        return sentences(
            note(
                "{what} by {x}: the largest {count} of {all} categories shown make up {share} of {whole}. "
                "The largest is {name} with {value}.",
                what=self._what(), x=self.x, count=needed, all=len(rows), whole=number(told["whole"]),
                share=f"{rows[needed - 1]['cumulative']:.1%}", name=parts.name_of(rows[0], "x"),
                value=number(rows[0]["value"]),
            ),
            counted(
                "{count:,} category is left out: its sum is below 0. | "
                "{count:,} categories are left out: their sums are below 0.",
                told["negative"],
            ),
            counted(INFINITE, told["infinite"]),
            parts.proposals(told["sampled"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Pareto:
        return cls(x="region")
