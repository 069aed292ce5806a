"""Prices through time: where each step opened, how high and low it went, and where it closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import grouping, measuring, parts, steps
from core.charts.drawing import Say, blank, logarithmic, notes, panels, shown, with_notes
from core.charts.steps import Grain
from core.charts.words import counted, number, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.errors import BadParameter
from core.ordinal import ordinal
from core.params import ColumnName
from core.selection import Mark, Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

CANDLES = 1_500  # more would stand closer than they can be told apart
_FOUR = ("open", "high", "low", "close")
_UNUSED = "{count:,} row has no finite {y}. | {count:,} rows have no finite {y}."
OptionalNumber = Annotated[str | None, ColumnName("integer", "number")]


class Candlestick(Chart):
    """The first, highest, lowest and last value of each step of time, as candles."""

    title = "Candlestick chart"
    group = "Time"

    x: Annotated[str, ColumnName("date", "datetime")] = P(
        title="Along", description="The dates that the steps are made of."
    )
    y: Annotated[str, ColumnName("integer", "number")] = P(
        title="Value", description="A price or another number: the value at the close where there are four."
    )
    opened: OptionalNumber = P(
        default=None, title="Open", description="A column with opening values; none takes the value's first."
    )
    high: OptionalNumber = P(
        default=None,
        title="High",
        description="A column with highest values; none takes the value's highest.",
    )
    low: OptionalNumber = P(
        default=None, title="Low", description="A column with lowest values; none takes the value's lowest."
    )
    grain: Grain = P(default="auto", title="Step", description="How long one step of time is.")
    log_y: bool = P(default=False, title="Logarithmic", description="Equal distances mean equal growth.")

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        x, facts = steps.axis(table, engine, self.x, self.grain, {}, CANDLES)
        columns = {"x": "string"} | dict.fromkeys((*_FOUR, "rows", "used"), "float64")
        if not facts["rows"]:
            return with_notes(parts.to_table([], columns), **facts)
        value = ordinal(self.x, facts["kind"])
        kinds = measuring.kinds(table)
        of = {"open": self.opened or self.y, "high": self.high or self.y, "low": self.low or self.y}
        numbers = {key: measuring.finite(name, kinds[name]) for key, name in {**of, "close": self.y}.items()}
        when = sql.template("{'t': :x, 'r': :row}", x=value, row=sql.name(sql.ROW))
        asked: dict[str, exp.Expr] = {
            # of values at one moment the one that stands first in the table is the first
            "open": sql.template("arg_min(:y, :moment)", y=numbers["open"], moment=when),
            "high": sql.template("max(:y)", y=numbers["high"]),
            "low": sql.template("min(:y)", y=numbers["low"]),
            "close": sql.template("arg_max(:y, :moment)", y=numbers["close"], moment=when),
            "rows": sql.template("CAST(count(*) AS DOUBLE)"),
            "used": sql.template("CAST(count(:y) AS DOUBLE)", y=numbers["close"]),
        }
        present = sql.template(":x IS NOT NULL", x=value)
        rows = grouping.grouped(table, engine, {}, asked, {"x": x}, present).to_pylist()
        rows.sort(key=lambda row: row["x"])
        facts["unused"] = int(sum(row["rows"] - row["used"] for row in rows))
        return with_notes(parts.to_table(rows, columns), **facts)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        rows = [row for row in parts.numbered(data) if all(row[key] is not None for key in _FOUR)]
        if not rows:
            return blank(note("There are no values to draw."), say)
        figure = panels([], title=say(self._title(facts)), x=self.x, y=self.y)
        figure.add_trace(
            go.Candlestick(
                x=[row["x"] for row in rows], **{key: [row[key] for row in rows] for key in _FOUR},
                customdata=[row["row"] for row in rows], name="", showlegend=False,
                # hollow where it rose: told apart without colour
                increasing={"fillcolor": "rgba(0,0,0,0)"},
                hovertext=[shown(_told(row), 200) for row in rows], hoverinfo="text",
            )
        )  # fmt: skip
        steps.dated(figure, data)
        figure.update_xaxes(rangeslider={"visible": False})
        if self.log_y:
            figure.update_yaxes(logarithmic(row[key] for row in rows for key in ("low", "high")))
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        if any(data.column(key)[row].as_py() is None for key in _FOUR):
            return None
        return steps.door(self.x, notes(data), data.column("x")[row].as_py())

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return steps.region(self.x, data, x)

    def _title(self, facts: dict[str, Any]) -> Note:
        return note("{y} by {x}, step: {grain}", y=self.y, x=self.x, grain=note(facts["grain"]))

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        rows = [row for row in data.to_pylist() if all(row[key] is not None for key in _FOUR)]
        if not rows:
            return note("{what} by {x}: there are no values to draw.", what=self.y, x=self.x)
        rose = sum(row["close"] > row["open"] for row in rows)
        fell = sum(row["close"] < row["open"] for row in rows)
        high, low = max(rows, key=lambda row: row["high"]), min(rows, key=lambda row: row["low"])
        return sentences(
            note(
                "{title}, as {count} candle: {rose} rose (hollow) and {fell} fell (filled). | "
                "{title}, as {count} candles: {rose} rose (hollow) and {fell} fell (filled).",
                title=self._title(facts), count=len(rows), rose=rose, fell=fell,
            ),
            note(
                "From {first} at {first_at} to {last} at {last_at}, highest {high} in {high_at}, "
                "lowest {low} in {low_at}.", first=number(rows[0]["open"]), first_at=_at(rows[0]),
                last=number(rows[-1]["close"]), last_at=_at(rows[-1]), high=number(high["high"]),
                high_at=_at(high), low=number(low["low"]), low_at=_at(low),
            ),
            steps.too_fine(facts),
            counted("{count:,} row has no {x}. | {count:,} rows have no {x}.", facts["missing"], x=self.x),
            counted(_UNUSED, facts["unused"], y=self.y),
        )  # fmt: skip

    def check(self, columns: Schema) -> None:
        super().check(columns)
        if len({self.opened is None, self.high is None, self.low is None}) > 1:
            raise BadParameter(
                "{title}: choose all of the open, high and low columns, or none of them.",
                hint="Without them, all four are found from the value.", title=self.title,
            )  # fmt: skip

    @classmethod
    def example(cls) -> Candlestick:
        return cls(x="day", y="quantity", grain="month")


def _told(row: dict[str, Any]) -> str:
    """The four numbers of a candle for whoever points at it: from open to close, and the range."""
    opened, closed, low, high = (number(row[key]) for key in ("open", "close", "low", "high"))
    return f"{_at(row)}: {opened} \u2192 {closed} ({low} \u2013 {high})"


def _at(row: dict[str, Any]) -> str:
    return str(row["x"]).removesuffix(" 00:00:00")
