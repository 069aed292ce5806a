"""Who comes back: groups by their first period, followed through the periods after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.drawing import Say, blank, notes, panels, shown, with_notes
from core.charts.words import counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Table
from core.params import ColumnName
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

PERIODS = 36  # rows and columns of the grid at most
_DATES = {"day": "%Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m", "quarter": "%Y-%m", "year": "%Y"}


class Cohort(Chart):
    """Of those first seen in a period, how many are seen again one, two, three periods later."""

    title = "Cohort grid"
    group = "Time"

    id: Annotated[str, ColumnName()] = P(
        title="Who", description="The customer, user or machine that comes back: one value each."
    )
    x: Annotated[str, ColumnName("date", "datetime")] = P(title="When", description="The date of each row.")
    grain: Literal["day", "week", "month", "quarter", "year"] = P(
        default="month", title="Period", description="How long one period is."
    )
    show: Literal["shares", "counts"] = P(
        default="shares", title="Show", description="The share of the cohort that is seen, or how many."
    )

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        who, at = sql.name(self.id), sql.name(self.x)
        period = sql.template(
            "CASE WHEN isfinite(:x) THEN date_trunc(:grain, CAST(:x AS TIMESTAMP)) END",
            x=at,
            grain=self.grain,
        )
        seen = exp.select(exp.alias_(who, "who"), exp.alias_(period, "seen")).distinct()
        seen = seen.from_(table.query.copy().subquery("t"))
        seen = seen.where(sql.template(":w IS NOT NULL AND :p IS NOT NULL", w=who, p=period))
        first = exp.select(
            "who", "seen", exp.alias_(sql.template("min(seen) OVER (PARTITION BY who)"), "first")
        )
        first = first.from_(seen.subquery("s"))
        later = sql.template("date_diff(:grain, f.first, f.seen)", grain=self.grain)
        query = exp.select(
            exp.alias_(sql.template("CAST(f.first AS VARCHAR)"), "first"), exp.alias_(later, "later"),
            exp.alias_(sql.template("CAST(count(*) AS DOUBLE)"), "value"),
        )  # fmt: skip
        query = query.from_(first.subquery("f")).group_by(exp.Literal.number(1), exp.Literal.number(2))
        # the last cohorts are the ones that people ask about: earlier ones are left out, and counted
        cohorts = sql.template("dense_rank() OVER (ORDER BY g.first DESC)")
        ranked = exp.select("*", exp.alias_(cohorts, "place")).from_(query.subquery("g"))
        kept = exp.select("first", "later", "value", "place").from_(ranked.subquery("r"))
        rows = engine.rows(
            kept.where(sql.template("r.place <= :most AND r.later < :most", most=PERIODS)).order_by(
                "first", "later"
            )
        ).to_pylist()
        told = engine.rows(
            exp.select(exp.alias_(sql.template("count(DISTINCT g.first)"), "n")).from_(query.subquery("g"))
        ).to_pylist()[0]
        sizes = {row["first"]: row["value"] for row in rows if row["later"] == 0}
        for row in rows:
            row["share"] = row["value"] / sizes[row["first"]]
        columns = {"first": "string", "later": "int64", "value": "float64", "share": "float64"}
        return with_notes(parts.to_table(rows, columns), left_out=int(told["n"]) - len(sizes))

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        import plotly.graph_objects as go

        if not data.num_rows:
            return blank(note("There are no rows with a date and a name."), say)
        rows = parts.numbered(data)
        cohorts = list(dict.fromkeys(row["first"] for row in rows))
        width = max(row["later"] for row in rows) + 1
        line = {first: i for i, first in enumerate(cohorts)}
        grid: list[list[float | None]] = [[None] * width for _ in cohorts]
        text = [[""] * width for _ in cohorts]
        hover = [[""] * width for _ in cohorts]
        for row in rows:
            at, key = line[row["first"]], "share" if self.show == "shares" else "value"
            grid[at][row["later"]] = row[key]
            text[at][row["later"]] = f"{row['share']:.0%}" if self.show == "shares" else number(row["value"])
            hover[at][row["later"]] = say(
                note(
                    "First seen {first}, {later} later: {value} ({share})",
                    first=self._period(row["first"]), later=number(row["later"]), value=number(row["value"]),
                    share=f"{row['share']:.1%}",
                )
            )  # fmt: skip
        figure = panels([], title=say(self._title()), x=say(note("Periods later")), y=say(note("First seen")))
        few = len(cohorts) * width <= 400
        figure.add_trace(
            go.Heatmap(
                z=grid, autocolorscale=True, hovertext=hover, hoverinfo="text", xgap=1, ygap=1,
                hoverongaps=False,
                text=text if few else None,
                texttemplate="%{text}" if few else None,
                zmin=0, colorbar={"tickformat": ".0%" if self.show == "shares" else ","},
            )
        )  # fmt: skip
        names = [shown(self._period(first)) for first in cohorts]
        ticks = list(range(len(cohorts)))
        figure.update_yaxes(tickmode="array", tickvals=ticks, ticktext=names, autorange="reversed")
        return figure

    def _period(self, first: str) -> str:
        import datetime as dt

        try:
            moment = dt.datetime.fromisoformat(first)
        except ValueError:  # a year that Python has not
            return first
        return moment.strftime(_DATES[self.grain]).rjust(4, "0")

    def _title(self) -> Note:
        return note(
            "{id} seen again, by {grain} of their first {x}", id=self.id, grain=note(self.grain), x=self.x
        )

    def describe(self, data: pa.Table) -> Note:
        rows = data.to_pylist()
        if not rows:
            return note("{title}: there are no rows with a date and a name.", title=self._title())
        sizes = {row["first"]: row["value"] for row in rows if row["later"] == 0}
        after: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            after.setdefault(row["later"], []).append(row)
        means = []
        for later, own in sorted(after.items()):
            if later:
                whole = sum(sizes[row["first"]] for row in own)
                share = sum(row["value"] for row in own) / whole
                means.append(pair(note("after {count}", count=later), f"{share:.1%}"))
        words = note(
            "{title}: {cohorts} cohorts of {all} in all.",
            title=self._title(), cohorts=number(len(sizes)), all=number(sum(sizes.values())),
        )  # fmt: skip
        return sentences(
            words,
            note("Seen again, of the cohorts that were seen then: {means}.", means=listed(means, 6))
            if means
            else None,
            counted(
                "{count:,} earlier cohort is not shown. | {count:,} earlier cohorts are not shown.",
                notes(data)["left_out"],
            ),
        )

    @classmethod
    def example(cls) -> Cohort:
        return cls(id="name", x="at", grain="week")
