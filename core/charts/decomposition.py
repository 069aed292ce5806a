"""A series taken apart: its trend, its season, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field as P

from core.charts import measuring, parts, series, steps
from core.charts.drawing import Say, blank, notes, shown, with_notes
from core.charts.series import Series
from core.charts.words import number, sentences
from core.contracts import Engine, Table
from core.selection import Mark
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

MOST = 2_000  # steps that are drawn
_NUMBERS = ("value", "trend", "season", "rest", "rows")


class Decomposition(Series):
    """What of a series is trend, what its season, and what neither explains."""

    title = "Decomposition"

    robust: bool = P(
        default=False, title="Robust", description="Keeps single wild steps out of the trend and the season."
    )

    def data(self, table: Table, engine: Engine) -> pa.Table:
        rows, facts = self._series(table, engine, MOST)
        rows = [dict.fromkeys(_NUMBERS) | row for row in rows]
        facts |= {"season": series.season_of(facts, self.season), "strength": None}
        if rows and facts["season"] > 1 and len(rows) >= 2 * facts["season"]:
            self._apart(rows, facts)
        return with_notes(parts.to_table(rows, {"x": "string"} | dict.fromkeys(_NUMBERS, "float64")), **facts)

    def _apart(self, rows: list[dict[str, Any]], facts: dict[str, Any]) -> None:
        """Loess by loess (STL): the parts of each step, and how much of the whole is season and trend."""
        import numpy as np
        from statsmodels.tsa.seasonal import STL

        values, facts["bridged"] = series.whole([row["value"] for row in rows])
        scale = float(np.abs(values).max()) or 1.0
        found = STL(np.asarray(values) / scale, period=facts["season"], robust=self.robust).fit()
        trend, season, rest = (
            np.asarray(part) * scale for part in (found.trend, found.seasonal, found.resid)
        )
        for i, row in enumerate(rows):
            row |= {"trend": float(trend[i]), "season": float(season[i]), "rest": float(rest[i])}
        left = float(np.var(rest / scale))
        facts["strength"] = {
            name: max(0.0, 1 - left / whole) if (whole := float(np.var((part + rest) / scale))) else 0.0
            for name, part in (("trend", trend), ("season", season))
        }

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go
        from plotly.subplots import make_subplots

        facts = notes(data)
        if not data.num_rows:
            return blank(note("There are no values to draw."), say)
        rows, what = parts.numbered(data), measuring.measured(self.aggregation, self.y)
        panels = {"value": what, "trend": note("trend"), "season": note("season"), "rest": note("the rest")}
        drawn = [key for key in panels if key == "value" or facts["strength"]]
        figure = make_subplots(rows=len(drawn), cols=1, shared_xaxes=True, vertical_spacing=0.04)
        for i, key in enumerate(drawn, start=1):
            mode = "markers" if key == "rest" else "lines"
            figure.add_trace(
                go.Scatter(
                    x=[row["x"] for row in rows], y=[row[key] for row in rows], mode=mode, name="",
                    customdata=[row["row"] for row in rows], showlegend=False, connectgaps=False,
                    meta={"colour": 0}, marker={"size": 6 if len(rows) <= 400 else 3},
                ), row=i, col=1,
            )  # fmt: skip
            figure.update_yaxes(title={"text": shown(say(panels[key]), 24)}, row=i, col=1)
        steps.dated(figure, data)
        figure.update_xaxes(title={"text": shown(self.x)}, row=len(drawn), col=1)
        title = {"text": shown(say(self._title(facts)), 120), "x": 0, "y": 0.98, "yanchor": "top"}
        figure.update_layout(title=title, height=160 * len(drawn) + 100, margin={"t": 56})
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        return steps.door(self.x, notes(data), data.column("x")[row].as_py())

    def _title(self, facts: dict[str, Any]) -> Note:
        what = measuring.measured(self.aggregation, self.y)
        return note(
            "{what} by {x} taken apart, step: {grain}", what=what, x=self.x, grain=note(facts["grain"])
        )

    def describe(self, data: pa.Table) -> Note:
        facts, rows = notes(data), data.to_pylist()
        if not rows:
            what = measuring.measured(self.aggregation, self.y)
            return note("{what} by {x}: there are no values to draw.", what=what, x=self.x)
        return sentences(self._told(rows, facts), series.left_out(facts, self.x))

    def _told(self, rows: list[dict[str, Any]], facts: dict[str, Any]) -> Note:
        if facts["season"] <= 1:
            return note("Steps of one {grain} have no usual season: say how many steps it has.",
                        grain=note(facts["grain"]))  # fmt: skip
        if not facts["strength"]:
            return note("A season of {season} steps needs {needed} steps or more; there are {steps}.",
                        season=facts["season"], needed=2 * facts["season"], steps=len(rows))  # fmt: skip
        high, low = (choose(rows, key=lambda row: row["season"]) for choose in (max, min))
        odd = max(rows, key=lambda row: abs(row["rest"]))
        ends = {"first": rows[0], "last": rows[-1]}
        return sentences(
            note("{title}.", title=self._title(facts)),
            note("The trend goes from {first} to {last} (strength {strength}).",
                 **{key: number(row["trend"]) for key, row in ends.items()},
                 strength=number(round(facts["strength"]["trend"], 3))),
            note("The season of {steps} steps adds between {low} (at {low_at}) and {high} (at {high_at}) "
                 "(strength {strength}).", steps=facts["season"], low=number(low["season"]), low_at=_at(low),
                 high=number(high["season"]), high_at=_at(high),
                 strength=number(round(facts["strength"]["season"], 3))),
            note("Least explained: {at}, by {rest}.", at=_at(odd), rest=number(odd["rest"])),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Decomposition:
        return cls(x="day", aggregation="sum", y="quantity", grain="quarter")


def _at(row: dict[str, Any]) -> str:
    return str(row["x"]).removesuffix(" 00:00:00")
