"""The tiles of a dashboard: a chart, a number, a table, a text."""

from __future__ import annotations

import secrets
from typing import Annotated, ClassVar, Literal

from pydantic import Field as P

from core.charts import compared
from core.charts.compared import Compared
from core.charts.measuring import Aggregation, check_measure
from core.contracts import Chart, Json, Schema, near
from core.dashboards.tables import OWN
from core.errors import BadParameter, MissingColumn, SightlineError
from core.filters import Filter, every
from core.params import Frozen
from core.wording import Note, note

ACROSS = 3  # columns of a dashboard's grid, at most
FILTERED = 12  # filters of one tile
Height = Literal["low", "middle", "high"]
Way = Literal["filter", "highlight", "nothing"]
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id() -> str:
    """A name for a tile, unlike that of any other on its dashboard."""
    return "t" + "".join(secrets.choice(_LETTERS) for _ in range(7))


class _Tile(Frozen):
    """What all tiles have: a name of their own, a title, and their size in the grid."""

    linked: ClassVar[bool] = True  # whether what is selected elsewhere changes it

    id: str = P(default_factory=new_id, pattern=r"^[a-z0-9]{1,20}$")
    table: str = P(default=OWN, max_length=100)  # the dataset it shows, where not the dashboard's own
    title: str = P(default="", max_length=200)  # empty: said by what it shows
    width: int = P(default=1, ge=1, le=ACROSS)  # columns of the grid
    height: Height = "middle"
    answer: Literal["as all", "filter", "highlight", "nothing"] = "as all"  # what it does about selections
    filters: Annotated[tuple[Filter, ...], P(max_length=FILTERED)] = ()  # of its own, beside the shared ones

    def check(self, columns: Schema) -> None:
        """SightlineError where it does not fit a table with these columns."""
        for one in every(self.filters):
            one.where(columns)

    def fits(self, columns: Schema) -> bool:
        """Whether it can be drawn of a table with these columns."""
        try:
            self.check(columns)
        except SightlineError:
            return False
        return True

    def reads(self, columns: Schema) -> frozenset[str]:
        """The columns that it asks for."""
        return frozenset()

    def way(self, way: Way) -> Way:
        """What it does about selections on a dashboard whose tiles do this."""
        return way if self.answer == "as all" else self.answer


class ChartTile(_Tile):
    """A chart, whose marks select."""

    kind: Literal["chart"] = "chart"
    chart: dict[str, Json]

    def built(self) -> Chart:
        found: Chart = Chart.from_json(self.chart)
        return found

    def check(self, columns: Schema) -> None:
        super().check(columns)
        self.built().check(columns)

    def reads(self, columns: Schema) -> frozenset[str]:
        return columns_of(self.built(), columns)

    def words(self) -> Note:
        return note(self.built().title)


class NumberTile(Compared, _Tile):
    """One number: how many rows there are, or any measure of a column, or how it changed.

    A share is that of the rows that the filters and the marks picked leave, of the whole table.
    """

    kind: Literal["number"] = "number"
    height: Height = "low"
    aggregation: Aggregation = "count"
    column: str | None = None
    when: compared.When = compared.when_field()
    period: compared.Period = compared.period_field()
    change: compared.Change = compared.change_field()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        _there("A number", self._named(), columns)
        if self.when and self.aggregation == "share of total":
            raise BadParameter(
                "A number cannot show how its share of the total changed.",
                hint="Show the change of the sum, or the share itself.",
            )
        check_measure("A number", self.aggregation, self.column, columns)

    def reads(self, columns: Schema) -> frozenset[str]:
        return frozenset(self._named())

    def _named(self) -> tuple[str, ...]:
        return tuple(name for name in (self.column, self.when) if name)

    def words(self) -> Note:
        return self.what(None, self.column)


class TableTile(_Tile):
    """The rows themselves; without columns of its choice, all columns."""

    kind: Literal["table"] = "table"
    columns: tuple[str, ...] = ()

    def check(self, columns: Schema) -> None:
        super().check(columns)
        _there("A table", self.columns, columns)

    def words(self) -> Note:
        return note("Rows")


class TextTile(_Tile):
    """Words in Markdown, by the person who made the dashboard."""

    linked = False

    kind: Literal["text"] = "text"
    height: Height = "low"
    text: str = P(default="", max_length=20_000)

    def words(self) -> Note:
        return note("Text")


Tile = Annotated[ChartTile | NumberTile | TableTile | TextTile, P(discriminator="kind")]


def columns_of(chart: Chart, columns: Schema) -> frozenset[str]:
    """The columns that a chart may ask a table for.

    They are the table's columns among all texts of its parameters: charts differ in where they keep
    them, and one column too many costs little. A chart that names none may look at all of them.
    """
    known = {column.name for column in columns}
    found = frozenset(text for text in _texts(chart.to_json()) if text in known)
    return found if found and _names(chart) else frozenset(known)


def _names(chart: Chart) -> bool:
    """Whether all the columns it was not told of are of no use to it; without tooltips it has none."""
    fields = [
        field
        for field in type(chart).parameters()
        if field.kind in ("column", "columns") and field.name != "tooltip"
    ]
    return bool(fields) and all(field.kind == "column" or getattr(chart, field.name) for field in fields)


def _texts(value: Json) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(_texts, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(_texts, value))
    return {value} if isinstance(value, str) else set()


def harmless(text: str) -> str:
    """Markdown without pictures: one would be fetched from wherever its address says.

    Streamlit shows HTML as the text it is; links wait for somebody to follow them.
    """
    return text.replace("![", "!\\[")


def _there(needs: str, names: tuple[str, ...], columns: Schema) -> None:
    known = {column.name: column.type for column in columns}
    for name in names:
        if name not in known:
            raise MissingColumn(needs=needs, column=name, candidates=", ".join(near(name, known)))
