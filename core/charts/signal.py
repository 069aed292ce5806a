"""Every value through time, however many: where they stand closer than pixels, from lowest to highest."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import grouping, measuring, parts
from core.charts.drawing import Say, blank, notes, panels, shown, with_notes
from core.charts.words import counted, number, sentences
from core.contracts import Chart, ColumnType, Engine, Span, Table
from core.ordinal import edges, ordinal
from core.params import ColumnName
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

EACH = 4_000  # rows up to which each is a point of its own
PIXELS = 1_000  # parts of the range beyond
_NUMBERS = ("low", "high", "mean", "rows")


class Signal(Chart):
    """All values of a column in their order, as one line; zooming in shows them one by one."""

    title = "Signal"
    group = "Time"

    x: Annotated[str, ColumnName("date", "datetime", "integer", "number")] = P(
        title="Along", description="The dates or numbers from left to right."
    )
    y: Annotated[str, ColumnName("integer", "number")] = P(title="Value", description="The values to draw.")

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        kinds = measuring.kinds(table)
        x, y = ordinal(self.x, kinds[self.x]), measuring.finite(self.y, kinds[self.y])
        asked = {"low": "min(:x)", "high": "max(:x)", "rows": "count(:x)", "missing": "count(*) - count(:x)"}
        query = exp.select(*[exp.alias_(sql.template(text, x=x), key) for key, text in asked.items()])
        facts: dict[str, Any] = engine.rows(query.from_(table.query.copy().subquery("t"))).to_pylist()[0]
        dated = kinds[self.x] in ("date", "datetime")
        facts |= {"kind": kinds[self.x], "dated": dated, "each": facts["rows"] <= EACH, "unused": 0}
        columns = {"x": "string" if dated else "float64"} | dict.fromkeys(_NUMBERS, "float64")
        columns["place"] = "int64"
        if not facts["rows"]:
            return with_notes(parts.to_table([], columns), **facts)
        rows = (self._each if facts["each"] else self._pixels)(table, engine, x, y, facts)
        facts["unused"] = int(facts["rows"] - sum(row.pop("used") for row in rows))
        for row in rows:
            row["x"] = _moment(facts["kind"], row["x"]) if dated else row["x"]
            row["mean"] = row["mean"] if row["mean"] is not None and math.isfinite(row["mean"]) else None
        return with_notes(parts.to_table(rows, columns), **facts)

    def _each(
        self, table: Table, engine: Engine, x: exp.Expr, y: exp.Expr, facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Each row with a value, in order."""
        chosen = {"x": x, "y": y, "place": sql.name(sql.ROW)}
        inner = exp.select(*[exp.alias_(node, key) for key, node in chosen.items()])
        query = exp.select("x", "y", "place").from_(
            inner.from_(table.query.copy().subquery("t")).subquery("v")
        )
        query = query.where(sql.template("x IS NOT NULL AND y IS NOT NULL")).order_by("x", "place")
        return [
            {"x": row["x"], "low": row["y"], "high": row["y"], "mean": row["y"], "rows": 1.0, "used": 1,
             "place": row["place"]}
            for row in engine.rows(query).to_pylist()
        ]  # fmt: skip

    def _pixels(
        self, table: Table, engine: Engine, x: exp.Expr, y: exp.Expr, facts: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The lowest and the highest value in each part of the range, and how many rows it has."""
        width = (facts["high"] - facts["low"]) / PIXELS or 1.0
        facts["width"] = width
        part = sql.template(
            "CAST(least(:last, floor((:x - :low) / :width)) AS INTEGER)",
            x=x, low=facts["low"], width=width, last=float(PIXELS - 1),
        )  # fmt: skip
        asked = {"low": "min(:y)", "high": "max(:y)", "mean": "avg(:y)", "used": "count(:y)",
                 "rows": "CAST(count(*) AS DOUBLE)"}  # fmt: skip
        measured = {key: sql.template(text, y=y) for key, text in asked.items()}
        present = sql.template(":x IS NOT NULL", x=x)
        rows = grouping.grouped(table, engine, {}, measured, {"place": part}, present).to_pylist()
        for row in rows:
            row["x"] = facts["low"] + width * (row["place"] + 0.5)
        return sorted(rows, key=lambda row: int(row["place"]))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        facts = notes(data)
        rows = [row for row in parts.numbered(data) if row["low"] is not None]
        if not rows:
            return blank(note("There are no values to draw."), say)
        figure = panels([], title=say(note("{what} by {x}", what=self.y, x=self.x)), x=self.x, y=self.y)
        ends = ("low",) if facts["each"] else ("low", "high")
        # down and up in turn: from pixel to pixel the line goes the short way
        drawn = [(row, key) for i, row in enumerate(rows) for key in (ends if i % 2 else ends[::-1])]
        figure.add_trace(
            go.Scatter(
                x=[row["x"] for row, _ in drawn], y=[row[key] for row, key in drawn],
                customdata=[row["row"] for row, _ in drawn], mode="lines", meta={"colour": 0},
                name=shown(say(note("lowest to highest"))), showlegend=not facts["each"],
            )
        )  # fmt: skip
        if not facts["each"]:
            figure.add_trace(
                go.Scatter(
                    x=[row["x"] for row in rows], y=[row["mean"] for row in rows], mode="lines",
                    customdata=[row["row"] for row in rows], meta={"colour": 1},
                    name=shown(say(note("mean"))),
                )
            )  # fmt: skip
        if facts["dated"]:
            figure.update_xaxes(type="date")
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        facts, place = notes(data), data.column("place")[row].as_py()
        if data.column("low")[row].as_py() is None:
            return None
        if facts["each"]:
            return Mark(parts=(Within(column=sql.ROW, low=place, high=place, closed=True),))
        ends = edges(facts["low"], facts["width"], PIXELS)
        last = place == PIXELS - 1
        low, high = ends[place] if place else facts["low"], facts["high"] if last else ends[place + 1]
        return Mark(parts=(Within(column=self.x, low=low, high=high, closed=last),))

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return Selection.of(*parts.span(self.x, notes(data)["kind"], x)) if x is not None else Selection()

    def describe(self, data: pa.Table) -> Note:
        facts = notes(data)
        rows = [row for row in data.to_pylist() if row["low"] is not None]
        if not rows:
            return note("{what} by {x}: there are no values to draw.", what=self.y, x=self.x)
        least, most = min(rows, key=lambda row: row["low"]), max(rows, key=lambda row: row["high"])
        return sentences(
            note(
                "{y} by {x}: {rows} from {first} to {last}, lowest {low} at {low_at}, "
                "highest {high} at {high_at}.",
                y=self.y, x=self.x, rows=counted_rows(facts["rows"]), first=_at(rows[0]), last=_at(rows[-1]),
                low=number(least["low"]), low_at=_at(least), high=number(most["high"]),
                high_at=_at(most),
            ),
            note("Each row is drawn.") if facts["each"] else note(
                "Drawn from the lowest to the highest in each of {parts:,} parts; zoom in to see each row.",
                parts=PIXELS,
            ),
            counted("{count:,} row has no {x}. | {count:,} rows have no {x}.", facts["missing"], x=self.x),
            counted("{count:,} row has no finite {y}. | {count:,} rows have no finite {y}.", facts["unused"],
                    y=self.y),
        )  # fmt: skip

    @classmethod
    def example(cls) -> Signal:
        return cls(x="at", y="quantity")


def _moment(kind: ColumnType, value: float) -> str:
    """A place on the axis as ISO text, to the microsecond; beyond Python's years the nearest of them."""
    passed = dt.timedelta(days=value) if kind == "date" else dt.timedelta(seconds=value)
    try:
        return (dt.datetime(1970, 1, 1) + passed).isoformat(sep=" ")
    except OverflowError:
        return "0001-01-01" if value < 0 else "9999-12-31"


def _at(row: dict[str, Any]) -> str:
    x = row["x"]
    return x.removesuffix(" 00:00:00") if isinstance(x, str) else number(x)
