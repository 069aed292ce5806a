"""A number of each country as its shade on a map of the world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field as P

from core.charts import compared, countries, parts
from core.charts.atlas import Atlas, guessed
from core.charts.compared import Compared
from core.charts.drawing import Say, blank, notes, with_notes
from core.charts.grouping import Group, grouped
from core.charts.measuring import Aggregation, check_measure, measured
from core.charts.parts import OptionalColumn
from core.charts.words import INFINITE, counted, listed, number, pair, sentences
from core.contracts import Chart, Engine, Schema, Span, Table
from core.meanings.nations import nearest
from core.params import ColumnName
from core.selection import Mark, Selection
from core.within import Within
from core.wording import Note, counted_rows, note

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import pyarrow as pa

Shades = Literal["even steps", "by rank"]


class FilledMap(Compared, Chart):
    """A number of each country as its shade on a map; names and codes of ISO 3166 are understood."""

    title = "Filled map"
    group = "Map"

    country: Annotated[str, ColumnName("text")] = P(
        title="Country", description="Names of countries or their codes of two or three letters."
    )
    aggregation: Aggregation = parts.aggregation_field()
    y: OptionalColumn = P(
        default=None, title="Value", description="The column to measure; without it rows are counted."
    )
    shades: Shades = P(
        default="even steps", title="Shades",
        description="Even steps of the value, or by rank: then a few giants do not leave all others pale.",
    )  # fmt: skip
    when: compared.When = compared.when_field()
    period: compared.Period = compared.period_field()
    change: compared.Change = compared.change_field()

    UNKNOWN: ClassVar[int] = 12  # names that are on no map: so many are shown each by itself

    def check(self, columns: Schema) -> None:
        super().check(columns)
        check_measure(self.title, self.aggregation, self.y, columns)

    def data(self, table: Table, engine: Engine) -> pa.Table:
        self.check(table.columns)
        found = countries.named(table, engine, self.country, self.UNKNOWN)
        both = self.compared(table, engine)
        asked = self.measures(table, self.y, both)
        rows = grouped(table, engine, {}, asked, countries.keys(self.country, found)).to_pylist()
        for row in rows:
            place, nothing = row.pop("place"), row.pop("nothing")
            row["place"] = self._group(place, nothing, found.others)
            row["code"] = found.codes.get(place)
            unknown = place is not None and row["code"] is None
            row["nearest"] = nearest(place) if unknown else None
            row["spellings"] = json.dumps(found.spellings.get(place, []), ensure_ascii=False)
        last = {"value": 0, "other": 1, "missing": 2}
        rows.sort(
            key=lambda row: (
                row["code"] is None, last[row["place"].mark], -(row["value"] or 0.0), -row["rows"],
                row["place"].label,
            )
        )  # fmt: skip
        columns = {
            "place": "group", "code": "string", "value": "float64", "rows": "int64", "infinite": "int64",
            "spellings": "string", "nearest": "string",
        }  # fmt: skip
        return with_notes(parts.to_table(rows, columns), others=found.others, **self.told(both))

    @staticmethod
    def _group(place: str | None, nothing: bool, others: int) -> Group:
        if nothing:
            return Group("(missing)", "missing")
        return Group(place) if place is not None else countries.rest(others)

    def figure(self, data: pa.Table, say: Say = str) -> go.Figure:
        if not data.num_rows:
            return blank(note("There are no rows to show."), say)
        plain = measured(self.aggregation, self.y)
        title = note("{measure} by {column}", measure=plain, column=self.country)
        figure = Atlas(data, self.shades == "by rank").figure(say, title, self.what(data, self.y))
        return self.titled(figure, data, say)

    def mark(self, data: pa.Table, row: int) -> Mark:
        """The rows in which the column says this country, in whatever way it does."""
        kind = data.column("place_is")[row].as_py()
        if kind == "missing":
            return Mark(parts=(Within(column=self.country, missing=True),))
        if kind == "other":
            every = {one for text in data.column("spellings").to_pylist() for one in json.loads(text)}
            return Mark(parts=(Within(column=self.country, values=tuple(sorted(every)), outside=True),))
        own = json.loads(data.column("spellings")[row].as_py())
        return Mark(parts=(Within(column=self.country, values=tuple(own)),))

    def region(self, data: pa.Table, x: Span | None, y: Span | None) -> Selection | None:
        """The countries that some part of a window shows, and the names under the map that lie in it."""
        if x is None and y is None:
            return Selection.of()
        rows = Atlas(data, self.shades == "by rank").within(x, y)
        marks = tuple(self.mark(data, row) for row in rows)
        return Selection(marks=marks) if marks else Selection(exclude=True)

    def describe(self, data: pa.Table) -> Note:
        measure = self.what(data, self.y)
        rows = data.to_pylist()
        on_map = [row for row in rows if row["code"] is not None]
        known = [row for row in on_map if row["value"] is not None]
        named = [row for row in rows if row["code"] is None and row["place_is"] == "value"]
        others = notes(data)["others"]
        without = sum(row["rows"] for row in rows if row["place_is"] == "missing")
        return sentences(
            note(
                "{measure} by {column}: {countries} on the map, {rows}.",
                measure=measure, column=self.country, rows=counted_rows(sum(row["rows"] for row in on_map)),
                countries=note("{count:,} country | {count:,} countries", count=len(on_map)),
            ),
            self._ends(known) if known else None,
            self.apart(data, on_map),
            note(
                "{count:,} name is on no map: {names}. | {count:,} names are on no map: {names}.",
                count=len(named) + others,
                names=listed(
                    [pair(guessed(row), number(row["rows"])) for row in named]
                    + ([countries.rest(others).words()] if others else []),
                    self.UNKNOWN + 1,
                ),
            ) if named else None,
            counted("In {count:,} row it is missing. | In {count:,} rows it is missing.", without),
            counted(INFINITE, sum(row["infinite"] for row in rows)),
        )  # fmt: skip

    def _ends(self, known: list[dict[str, Any]]) -> Note:
        first = [pair(row["place"], number(row["value"])) for row in known[:5]]
        low = known[-1]
        return note(
            "Most: {first}; least: {name} with {value}.",
            first=listed(first), name=low["place"], value=number(low["value"]),
        )  # fmt: skip

    @classmethod
    def example(cls) -> FilledMap:
        return cls(country="region", y="price", aggregation="mean")
