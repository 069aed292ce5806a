"""How much each mark changed: its measure in the last period of a table, against the one before it.

Lines, areas and calendars have their steps of time on an axis and compare each with the one before (see
`changes`). Bars, cells and countries have none: with a column of dates, each tells its own change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import measuring, steps
from core.charts.drawing import Say, notes
from core.charts.measuring import Aggregation
from core.charts.words import counted, sentences
from core.contracts import Engine, Table
from core.params import ColumnName
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

When = Annotated[str | None, ColumnName("date", "datetime")]
Period = Literal["day", "week", "month", "quarter", "year"]
Change = Literal["difference", "in %"]


def when_field() -> Any:
    return P(
        default=None, title="Change over",
        description="Dates: each mark then shows how its measure changed from the period before the last "
        "to the last; none shows the measure itself.",
    )  # fmt: skip


def period_field() -> Any:
    return P(default="month", title="Period", description="How long the periods that are compared are.")


def change_field() -> Any:
    return P(
        default="difference", title="Change as",
        description="The difference of both periods, or in % of the period before, where that is above 0.",
    )  # fmt: skip


@dataclass(frozen=True)
class Periods:
    """The last period of a table and the one before it, by the moments at which they begin and end."""

    column: str
    before: str
    last: str
    end: str | None  # None: past the year 9999
    until: str  # the last day that has rows: a period may not be over

    def _from(self, begin: str, end: str | None) -> exp.Expr:
        ends = {"low": begin, "high": end}
        edges = {key: sql.template("CAST(:e AS TIMESTAMP)", e=text) for key, text in ends.items() if text}
        x = sql.template("CAST(:x AS TIMESTAMP)", x=sql.name(self.column))
        # infinite dates are beyond all periods
        below = ":x < :high" if end else "isfinite(:x)"
        inside: exp.Expr = sql.template(f":x >= :low AND {below}", x=x, **edges)
        return inside

    def measure(self, aggregation: Aggregation, y: str | None, kind: Any, change: Change) -> exp.Expr:
        """The change of a measure; of what is 0 without rows, a group that begins or ends has one too."""
        both: list[exp.Expr] = []
        for ends in ((self.before, self.last), (self.last, self.end)):
            found = measuring.measure(aggregation, y, kind, self._from(*ends))
            both.append(sql.template("coalesce(:v, 0)", v=found) if aggregation in measuring.ZERO else found)
        tame = "abs(:old) < 1e307 AND abs(:new) < 1e307"
        text = {
            "difference": f"CASE WHEN {tame} THEN :new - :old END",
            # a percentage of something all but 0 would leave the range of a double
            "in %": f"CASE WHEN {tame} AND :old > 1e-300 AND abs(:new) / 1e300 < :old "
            "THEN (:new / :old - 1) * 100 END",
        }[change]
        node: exp.Expr = sql.template(text, old=both[0], new=both[1])
        return node


def periods(table: Table, engine: Engine, column: str, period: Period) -> Periods | None:
    """The last two periods of a table; None without a date, or in years that Python has not."""
    x = sql.template("CASE WHEN isfinite(:x) THEN CAST(:x AS TIMESTAMP) END", x=sql.name(column))
    asked = {"last": "CAST(date_trunc(:p, max(:x)) AS VARCHAR)", "until": "CAST(max(:x) AS VARCHAR)"}
    chosen = [exp.alias_(sql.template(text, p=period, x=x), key) for key, text in asked.items()]
    row = engine.rows(exp.select(*chosen).from_(table.query.copy().subquery("t"))).to_pylist()[0]
    last = steps.moment_of(row["last"]) if row["last"] else None
    before = _before(last, period) if last else None
    if last is None or before is None:
        return None
    end = steps.after(last, period)
    texts = [None if at is None else at.isoformat(sep=" ") for at in (before, last, end)]
    return Periods(column, texts[0] or "", texts[1] or "", texts[2], row["until"][:10])


def _before(moment: dt.datetime, period: str) -> dt.datetime | None:
    """The beginning of the period before."""
    try:
        day_before = moment - dt.timedelta(days=1)
        if period in ("day", "week"):
            return moment - dt.timedelta(seconds=steps.SECONDS[period])
        month = day_before.month if period == "month" else 1 if period == "year" else day_before.month - 2
        return day_before.replace(month=month, day=1)
    except (ValueError, OverflowError):
        return None


class Compared:
    """What charts and numbers share that may show a change; each declares the fields where they stand."""

    if TYPE_CHECKING:
        aggregation: Aggregation
        when: When
        period: Period
        change: Change

    def compared(self, table: Table, engine: Engine) -> Periods | None:
        """The periods that the marks compare; None where they show the measure itself."""
        return periods(table, engine, self.when, self.period) if self.when else None

    def measures(self, table: Table, column: str | None, both: Periods | None) -> dict[str, Any]:
        """What is asked of each group, as `measuring.measures`: its change where there are periods."""
        asked = measuring.measures(table, self.aggregation, column)
        return asked | {"value": self.measure(table, column, both)}

    def measure(self, table: Table, column: str | None, both: Periods | None) -> exp.Expr:
        kind = measuring.kinds(table)[column] if column else None
        if both is not None:
            return both.measure(self.aggregation, column, kind, self.change)
        own: exp.Expr = measuring.measure(self.aggregation, column, kind)
        # asked for a change, and no row has a date
        return sql.template("CASE WHEN count(*) < 0 THEN :v END", v=own) if self.when else own

    def told(self, both: Periods | None) -> dict[str, Any]:
        """The periods, for the notes of the result."""
        if both is None:
            return {}
        ends = [steps.named_step(at, self.period) for at in (both.before, both.last)]
        return {"periods": ends, "until": both.until}

    def what(self, data: pa.Table | None, column: str | None) -> Note:
        """What the marks show: "Sum of price, change from 2024-03 to 2024-04"."""
        return self.changed(data, measuring.measured(self.aggregation, column))

    def changed(self, data: pa.Table | None, what: Note) -> Note:
        ends = None if data is None else notes(data).get("periods")
        if not self.when:
            return what
        if not ends:
            return note("{what}, change over {dates}", what=what, dates=self.when)
        template = {
            "difference": "{what}, change from {before} to {last}",
            "in %": "{what}, change from {before} to {last} in %",
        }[self.change]
        return note(template, what=what, before=ends[0], last=ends[1])

    def titled(self, figure: go.Figure, data: pa.Table, say: Say) -> go.Figure:
        """The figure with the periods below its title, in place: in the title they would leave it no room."""
        ends = notes(data).get("periods")
        if not ends:
            return figure
        template = {
            "difference": "Change from {before} to {last}",
            "in %": "Change from {before} to {last}, in %",
        }
        words = say(note(template[self.change], before=ends[0], last=ends[1]))
        before = figure.layout.title.subtitle.text
        figure.update_layout(title={"subtitle": {"text": f"{before} \u00b7 {words}" if before else words}})
        if not before:
            figure.update_layout(margin={"t": (figure.layout.margin.t or 56) + 18})
        return figure

    def apart(self, data: pa.Table, rows: list[Mapping[str, Any]] | None = None) -> Note | None:
        """What is to be known of the changes: how far the last period goes, and which marks have none."""
        if not self.when:
            return None
        until = notes(data).get("until")
        if until is None:
            return note("{dates} has no dates: there are no periods to compare.", dates=self.when)
        none = sum(row["value"] is None for row in (data.to_pylist() if rows is None else rows))
        return sentences(
            note("The last period has rows up to {until}.", until=until), counted(_NONE, none),
        )  # fmt: skip


_NONE = (
    "{count:,} mark has no change: one of its periods has no value, or is not above 0. | "
    "{count:,} marks have no change: one of their periods has no value, or is not above 0."
)
