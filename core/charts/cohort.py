"""Who comes back: groups by their first period, followed through the periods after it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as P
from sqlglot import exp

from core import sql
from core.charts import parts
from core.charts.drawing import Say, blank, named, notes, panels, room, with_notes
from core.charts.measuring import kinds
from core.charts.steps import after, moment_of, trunc
from core.charts.words import counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Table
from core.ordinal import from_text
from core.params import ColumnName
from core.selection import Mark
from core.within import Within
from core.wording import Note, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

PERIODS = 36  # rows and columns of the grid at most
MASKED = 120  # periods up to here are bits of one number, the engine's longest having 127
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
        begins, periods = self._periods(table, engine)
        few = 0 < periods <= MASKED
        counted_ = self._masked if few else self._listed
        found, cohorts = counted_(table, engine, begins, periods)
        sizes = {row["first"]: row["value"] for row in found if row["later"] == 0}
        seen = {(row["first"], row["later"]): row["value"] for row in found}
        spans = {row["first"]: min(int(row["span"]), PERIODS - 1) for row in found}
        # a period that has come and in which nobody was seen: 0, not unknown
        rows = [
            {"first": first, "later": later, "value": (value := seen.get((first, later), 0.0)),
             "share": value / sizes[first]}
            for first, span in spans.items() for later in range(span + 1)
        ]  # fmt: skip
        columns = {"first": "string", "later": "int64", "value": "float64", "share": "float64"}
        kind = kinds(table)[self.x]
        return with_notes(parts.to_table(rows, columns), left_out=cohorts - len(sizes), kind=kind)

    def _periods(self, table: Table, engine: Engine) -> tuple[str, int]:
        """The beginning of the first period, and how many there are up to the last."""
        x = sql.template("CASE WHEN isfinite(:x) THEN CAST(:x AS TIMESTAMP) END", x=sql.name(self.x))
        ends = exp.select(*[exp.alias_(sql.template(f"{end}(:x)", x=x), end) for end in ("min", "max")])
        ends = ends.from_(table.query.copy().subquery("t"))
        asked = {
            "a": "CAST(date_trunc(:grain, e.min) AS VARCHAR)",
            "n": "date_diff(:grain, e.min, e.max) + 1",
        }
        chosen = [exp.alias_(sql.template(text, grain=self.grain), key) for key, text in asked.items()]
        row = engine.rows(exp.select(*chosen).from_(ends.subquery("e"))).to_pylist()[0]
        return row["a"], int(row["n"] or 0)

    def _masked(
        self, table: Table, engine: Engine, begins: str, periods: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The grid and the number of all cohorts: one group for each who, its periods as bits of a number."""
        at = sql.template("CASE WHEN isfinite(:x) THEN :x END", x=sql.name(self.x))
        rows = exp.select(exp.alias_(sql.name(self.id), "who"), exp.alias_(at, "seen"))
        rows = rows.from_(table.query.copy().subquery("t"))
        period = "date_diff(:grain, CAST(:begins AS TIMESTAMP), CAST(seen AS TIMESTAMP))"
        told = {"first": "min(seen)", "seen": f"bit_or(CAST(1 AS HUGEINT) << {period})"}
        bits = {key: sql.template(text, grain=self.grain, begins=begins) for key, text in told.items()}
        each = exp.select("who", *[exp.alias_(node, key) for key, node in bits.items()])
        each = each.from_(rows.subquery("v")).where(sql.template("who IS NOT NULL AND seen IS NOT NULL"))
        each = each.group_by(exp.Literal.number(1))
        place = sql.template(period.replace("seen", "w.first"), grain=self.grain, begins=begins)
        shifted = exp.select(
            exp.alias_(place, "place"),
            exp.alias_(sql.template("w.seen >> CAST(:p AS INTEGER)", p=place), "after"),
        )
        counts = [
            exp.alias_(sql.template("sum(CAST((after >> :k) & 1 AS INTEGER))", k=k), f"n{k}")
            for k in range(PERIODS)
        ]
        first = sql.template(
            "CAST(date_trunc(:grain, CAST(min(w.first) AS TIMESTAMP)) AS VARCHAR)", grain=self.grain
        )
        shifted = shifted.select(exp.column("first", "w")).from_(each.subquery("w"))
        query = exp.select("place", exp.alias_(first, "first"), *counts).from_(shifted.subquery("w"))
        found = engine.rows(query.group_by("place").order_by("place")).to_pylist()
        grid = [
            {"first": row["first"], "later": k, "value": float(row[f"n{k}"]),
             "span": periods - 1 - row["place"]}
            for row in found[-PERIODS:] for k in range(PERIODS) if row[f"n{k}"]
        ]  # fmt: skip
        return grid, len(found)

    def _listed(
        self, table: Table, engine: Engine, begins: str, periods: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The same where periods are too many for bits: each who with each of its periods."""
        who, period = sql.name(self.id), trunc(self.x, self.grain)
        seen = exp.select(exp.alias_(who, "who"), exp.alias_(period, "seen")).distinct()
        seen = seen.from_(table.query.copy().subquery("t"))
        seen = seen.where(sql.template(":w IS NOT NULL AND :p IS NOT NULL", w=who, p=period))
        first = exp.select(
            "who", "seen", exp.alias_(sql.template("min(seen) OVER (PARTITION BY who)"), "first"),
        )  # fmt: skip
        first = first.from_(seen.subquery("s"))
        later = sql.template("date_diff(:grain, f.first, f.seen)", grain=self.grain)
        query = exp.select(
            exp.alias_(sql.template("CAST(f.first AS VARCHAR)"), "first"), exp.alias_(later, "later"),
            exp.alias_(sql.template("CAST(count(*) AS DOUBLE)"), "value"),
            exp.alias_(sql.template(
                ":last - max(date_diff(:grain, CAST(:begins AS TIMESTAMP), f.first))",
                last=periods - 1, grain=self.grain, begins=begins,
            ), "span"),
        )  # fmt: skip
        query = query.from_(first.subquery("f")).group_by(exp.Literal.number(1), exp.Literal.number(2))
        # the last cohorts are the ones that people ask about: earlier ones are left out, and counted
        cohorts = sql.template("dense_rank() OVER (ORDER BY g.first DESC)")
        ranked = exp.select("*", exp.alias_(cohorts, "place")).from_(query.subquery("g"))
        counted_ = exp.alias_(sql.template("max(r.place) OVER ()"), "cohorts")
        kept = exp.select("*").from_(exp.select("*", counted_).from_(ranked.subquery("r")).subquery("k"))
        kept = kept.where(sql.template("k.place <= :most AND k.later < :most", most=PERIODS))
        rows = engine.rows(kept.order_by("first", "later")).to_pylist()
        return rows, int(rows[0]["cohorts"]) if rows else 0

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
        behind = [[-1] * width for _ in cohorts]
        for row in rows:
            at, key = line[row["first"]], "share" if self.show == "shares" else "value"
            grid[at][row["later"]] = row[key]
            behind[at][row["later"]] = row["row"] if row["value"] else -1
            text[at][row["later"]] = f"{row['share']:.0%}" if self.show == "shares" else number(row["value"])
            hover[at][row["later"]] = say(
                note(
                    "First seen {first}, {later} later: {value} ({share})",
                    first=self._period(row["first"]), later=number(row["later"]), value=number(row["value"]),
                    share=f"{row['share']:.1%}",
                )
            )  # fmt: skip
        figure = panels(
            [], title=say(self._title()), x=say(_LATER[self.grain]), y=say(note("First seen (how many)"))
        )
        few = width <= 20
        figure.add_trace(
            go.Heatmap(
                z=grid, autocolorscale=True, hovertext=hover, hoverinfo="text", xgap=1, ygap=1,
                hoverongaps=False, customdata=behind,
                text=text if few else None,
                texttemplate="%{text}" if few else None,
                zmin=0, colorbar={"tickformat": ".0%" if self.show == "shares" else ","},
            )
        )  # fmt: skip
        sizes = {row["first"]: row["value"] for row in rows if row["later"] == 0}
        names = [f"{self._period(first)} ({number(sizes[first])})" for first in cohorts]
        figure.update_yaxes(named(names), autorange="reversed")
        room(figure, len(cohorts))
        return figure

    def mark(self, data: pa.Table, row: int) -> Mark | None:
        """The rows, in that period, of those who were first seen in the cohort's; None where nobody was."""
        begin, kind = moment_of(data.column("first")[row].as_py()), notes(data)["kind"]
        if begin is None or not data.column("value")[row].as_py():
            return None
        edges: list[dt.datetime | None] = [begin]
        for _ in range(data.column("later")[row].as_py() + 1):
            edges.append(after(edges[-1], self.grain) if edges[-1] else None)
        ends = [from_text(kind, edge.isoformat(sep=" ")) if edge else None for edge in edges]
        cohort = Within(column=self.x, first_of=self.id, low=ends[0], high=ends[1])
        return Mark(parts=(cohort, Within(column=self.x, low=ends[-2], high=ends[-1])))

    def _period(self, first: str) -> str:
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
            "{title}: {cohorts} of {all} in all.",
            title=self._title(), all=number(sum(sizes.values())),
            cohorts=note("{count:,} cohort | {count:,} cohorts", count=len(sizes)),
        )  # fmt: skip
        return sentences(
            words,
            note("Seen again, of all whose period had come: {means}.", means=listed(means, 6))
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


_LATER = {
    "day": note("Days later"), "week": note("Weeks later"), "month": note("Months later"),
    "quarter": note("Quarters later"), "year": note("Years later"),
}  # fmt: skip
