"""One series of equal steps of time, as forecasts and decompositions need it: whole, its gaps told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P

from core import sql
from core.charts import grouping, measuring, parts, steps
from core.charts.measuring import Aggregation, Own
from core.charts.parts import OptionalColumn
from core.charts.steps import Grain
from core.charts.words import INFINITE, counted, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.ordinal import from_text, ordinal
from core.params import ColumnName, Number
from core.selection import Selection
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

SEASONS = {"second": 60, "minute": 60, "hour": 24, "day": 7, "week": 52, "month": 12, "quarter": 4}
SEASON_LIMIT = 366
Ends = Literal["leave out", "keep"]
ENDS = (
    "What to do with a first or last step whose rows begin later, or end earlier, than those of all others."
)
_BEGUN = 0.05  # of a step: less missing at an end than this is no sign that it was cut


class Series(Chart):
    """What forecasts and decompositions share: a measure of equal steps of time, and their season."""

    group = "Time"

    x: Annotated[str, ColumnName("date", "datetime")] = P(
        title="Along", description="The dates that the steps are made of."
    )
    aggregation: Own = parts.aggregation_field()
    y: OptionalColumn = P(default=None, title="Value", description="The column to measure; none counts rows.")
    grain: Grain = P(default="auto", title="Step", description="How long one step of time is.")
    season: Annotated[int, Number(0, 60, zero="as usual")] = P(
        default=0, ge=0, le=SEASON_LIMIT, title="Season",
        description="After how many steps it comes again; 0 takes the usual: 12 months, 7 days; 1 has none.",
    )  # fmt: skip
    ends: Ends = P(default="leave out", title="Steps not over", description=ENDS)

    def check(self, columns: Schema) -> None:
        super().check(columns)
        measuring.check_measure(self.title, self.aggregation, self.y, columns)

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return steps.region(self.x, data, x)

    def zoom(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        return None  # of a part of the series, the trend, the season and the forecast would be others

    def _series(self, table: Table, engine: Engine, most: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The steps with their values under "value", gaps at the ends cut off; see `series`."""
        self.check(table.columns)
        rows, facts = series(table, engine, self.x, self.aggregation, self.y, self.grain, self.ends, most)
        return trimmed(rows), facts


def series(
    table: Table, engine: Engine, x: str, aggregation: Aggregation, y: str | None, grain: Grain, ends: Ends,
    most: int,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:  # fmt: skip
    """The measure of every step from the first to the last, and the facts: grain, cut ends, what is missing.

    At most the last `most` steps. A step without rows counts or sums to 0; a mean of it is a gap.
    """
    expression, facts = steps.axis(table, engine, x, grain, {}, steps.POINTS)
    facts |= {"cut": [], "earlier": 0}
    if not facts["rows"]:
        return [], facts
    value = ordinal(x, facts["kind"])
    asked = measuring.measures(table, aggregation, y)
    asked |= {"first": sql.template("min(:x)", x=value), "last": sql.template("max(:x)", x=value)}
    present = sql.template(":x IS NOT NULL", x=value)
    rows = grouping.grouped(table, engine, {}, asked, {"x": expression}, present).to_pylist()
    facts["infinite"] = sum(row["infinite"] for row in rows)
    rows = steps.filled(rows, {}, facts, 0.0 if aggregation in measuring.ZERO else None)
    if ends == "leave out":
        rows = _whole(rows, facts)
    facts["earlier"] = max(0, len(rows) - most)
    return rows[-most:], facts


def _whole(rows: list[dict[str, Any]], facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps without a first or last one that is cut: its rows leave out more than all others' do."""
    lead = [_lead(row, facts) for row in rows]
    some = [both for both in lead if both is not None]
    if len(some) < 4 or lead[0] is None or lead[-1] is None:
        return rows
    # a step longer than a day whose dates have no hours is over on its last day
    if lead[-1][1] > max(end for _, end in some[:-1]) + _BEGUN:
        facts["cut"] = [rows[-1]["x"]]
        rows = rows[:-1]
    if lead[0][0] > max(begin for begin, _ in some[1:]) + _BEGUN:
        facts["cut"] = [rows[0]["x"], *facts["cut"]]
        rows = rows[1:]
    return rows


def _lead(row: dict[str, Any], facts: dict[str, Any]) -> tuple[float, float] | None:
    """Which shares of a step lie before its first row and after its last; None of an empty step."""
    if not row["rows"] or row.get("first") is None:
        return None
    moment = steps.moment_of(row["x"])
    later = moment and steps.after(moment, facts["grain"])
    if later is None:
        return None
    begin = from_text(facts["kind"], row["x"])
    end = from_text(facts["kind"], later.isoformat())
    return (row["first"] - begin) / (end - begin), (end - row["last"]) / (end - begin)


def season_of(facts: dict[str, Any], asked: int) -> int:
    """After how many steps the season comes again: as asked, or the usual one of the grain; 1: none."""
    return asked if asked > 0 else SEASONS.get(str(facts["grain"]), 1)


def whole(values: Sequence[float | None]) -> tuple[list[float], int]:
    """The values with gaps bridged by straight lines, and how many were bridged.

    The first and the last value are there: gaps at the ends are to be cut off before.
    """
    import numpy as np

    held = [i for i, value in enumerate(values) if value is not None]
    known = [value for value in values if value is not None]
    bridged = np.interp(np.arange(len(values)), held, known)
    return bridged.tolist(), len(values) - len(known)


def trimmed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows from the first to the last that has a value."""
    held = [i for i, row in enumerate(rows) if row["value"] is not None]
    return rows[held[0] : held[-1] + 1] if held else []


def left_out(facts: dict[str, Any], x: str) -> Note:
    """What is not in the series, in words."""
    cut = facts["cut"]
    return sentences(
        note("Left out as not whole: {steps}.", steps=[step.removesuffix(" 00:00:00") for step in cut])
        if cut else None,
        counted(
            "{count:,} step had no value and was bridged by a straight line. | "
            "{count:,} steps had no value and were bridged by straight lines.", facts.get("bridged", 0),
        ),
        counted(
            "{count:,} earlier step is not used. | {count:,} earlier steps are not used.", facts["earlier"]
        ),
        steps.too_fine(facts),
        counted("{count:,} row has no {x}. | {count:,} rows have no {x}.", facts["missing"], x=x),
        counted(INFINITE, facts["infinite"] + facts["infinite_x"]),
    )  # fmt: skip
