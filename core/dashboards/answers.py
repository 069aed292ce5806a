"""What a tile shows: its rows, after what is filtered and what is selected on others reached it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from core import sql
from core.charts.drawing import notes, with_notes
from core.charts.facets import in_panel
from core.contracts import Chart, Engine, Table
from core.dashboards.state import Asked
from core.dashboards.tiles import ChartTile, NumberTile, TableTile, Tile
from core.errors import SightlineError
from core.selection import Mark, Selection, marked, selected
from core.within import Within

if TYPE_CHECKING:
    import pyarrow as pa

How = Literal["all", "filtered", "highlighted", "filtered instead"]


@dataclass(frozen=True)
class Answer:
    """The rows that a tile draws, and how it took up what is selected elsewhere.

    `chart` is the one that is drawn: highlighting colours it by the column `flag`. A number's `data` has
    one row: value, rows, infinite, and for highlighting the same of all rows under value_all and so on.
    A table's `data` counts its rows alone. `error` says why there is nothing to draw.
    """

    how: How = "all"
    data: pa.Table | None = None
    chart: Chart | None = None
    flag: str = ""
    error: SightlineError | None = None
    taken: tuple[int, ...] = ()  # rows of data whose marks are selected on this tile
    rows: int | None = None  # of the table, that the filters leave it
    zoom: Selection | None = None  # the part of its axes that is shown

    def mark(self, row: int) -> Mark | None:
        """The rows of the table behind a row of data; that it is told apart is no condition of them."""
        if self.chart is None or self.data is None:
            return None
        found = self.chart.mark(self.data, row)
        return None if found is None else self._in_sight(_unflagged(found, self.flag))

    def _in_sight(self, mark: Mark) -> Mark:
        """Of a mark's rows those in the part that is shown, where the mark does not say that itself.

        The first and the last bar, and a box, say that they hold all that is further out.
        """
        if self.zoom is None or self.zoom.exclude or len(self.zoom.marks) != 1:
            return mark
        shown = self.zoom.marks[0].parts
        return Mark(parts=(*mark.parts, *(p for p in shown if not any(_says(own, p) for own in mark.parts))))

    def selection(self, rows: tuple[int, ...]) -> Selection | None:
        """What is selected when the marks of these rows are taken."""
        marks = dict.fromkeys(mark for row in rows if (mark := self.mark(row)) is not None)
        return Selection(marks=tuple(marks)) if marks else None

    def region(self, x: object, y: object, axes: tuple[str, str] = ("x", "y")) -> Selection | None:
        """The rows in a range of the axes of one panel."""
        if self.chart is None or self.data is None:
            return None
        found = self.chart.region(self.data, x, y)  # type: ignore[arg-type]
        return self._limits(in_panel(self.chart, self.data, found, axes))

    def closer(self, x: object, y: object) -> Selection | None:
        """The rows that are drawn anew of a range that was zoomed to."""
        return self._limits(None if self.chart is None else self.chart.zoom(self.data, x, y))  # type: ignore[arg-type]

    def _limits(self, found: Selection | None) -> Selection | None:
        if found is None or not any(mark.parts for mark in found.marks):
            return None
        marks = tuple(_unflagged(mark, self.flag) for mark in found.marks)
        return found.model_copy(update={"marks": marks})


def _says(part: Within, shown: Within) -> bool:
    """Whether a part of a mark is true of no rows outside the range that is shown."""
    if part == shown:
        return True
    if (
        part.column != shown.column
        or part.first_of
        or part.outside
        or part.missing
        or part.values is not None
    ):
        return False
    low = shown.low is None or (part.low is not None and part.low >= shown.low)
    if shown.high is None or part.high is None:
        return low and shown.high is None
    return low and (part.high < shown.high or (part.high == shown.high and shown.closed >= part.closed))


def _unflagged(mark: Mark, flag: str) -> Mark:
    if not flag:
        return mark
    return Mark(parts=tuple(part for part in mark.parts if part.column != flag))


def answered(
    tile: Tile,
    table: Table,
    engine: Engine,
    asked: Asked,
    own: Selection | None = None,
    flag: str = "selected",
    zoom: Selection | None = None,
    whole: Table | None = None,
) -> Answer:
    """What a tile shows of a table whose rows are those that `asked.filter` leaves.

    `own` is what is selected on the tile itself, `flag` names the column that tells rows apart, `zoom` is the
    part of the tile's axes that is shown, which is among what is asked. `whole` is the table before it was
    filtered: what a share is of.
    """
    try:
        tile.check(table.columns)
        if isinstance(tile, ChartTile):
            found = replace(_chart(tile.built(), table, engine, asked, flag), zoom=zoom)
            return _with_taken(found, own) if own is not None else found
        if isinstance(tile, NumberTile):
            return _number(tile, table, engine, asked, table if whole is None else whole)
        if isinstance(tile, TableTile):
            return _count(table, engine, asked)
        return Answer()
    except SightlineError as error:
        return Answer(error=error)


def _plain(asked: Asked) -> How:
    return "filtered" if asked.filter else "all"


def _chart(chart: Chart, table: Table, engine: Engine, asked: Asked, flag: str) -> Answer:
    if not asked.highlight:
        return Answer(_plain(asked), chart.data(table, engine), chart)
    name = free(flag, table)
    coloured = highlighted(chart, table, name)
    fewer: pa.Table | None = None
    if hasattr(chart, "POINTS"):
        fewer = chart.data(selected(table, *asked.highlight), engine)
        if notes(fewer).get("dense"):  # all rows lie more densely still: they have no colours
            coloured = None
    if coloured is not None:
        data = coloured.data(marked(table, asked.highlight, name), engine)
        if "colour" in data.column_names:  # where points lie too densely, there are no colours
            return Answer("highlighted", data, coloured, name)
    if fewer is None:
        fewer = chart.data(selected(table, *asked.highlight), engine)
    return Answer("filtered instead", fewer, chart)


def highlighted(chart: Chart, table: Table, flag: str) -> Chart | None:
    """The chart coloured by one more column of the table; None where it has no colours for it."""
    fields = {field.name: field for field in type(chart).parameters()}
    colour = fields.get("colour")
    if colour is None or colour.kind != "column" or (colour.types and "boolean" not in colour.types):
        return None
    return chart.model_copy(update={"colour": flag})


def free(wanted: str, table: Table) -> str:
    """A name for one more column that no column of the table has, ignoring case."""
    known = {name.casefold() for name in (*table.names(), sql.ROW)}
    name, number = wanted, 1
    while name.casefold() in known:
        number += 1
        name = f"{wanted} ({number})"
    return name


def _with_taken(found: Answer, own: Selection) -> Answer:
    """With the rows of data whose marks are among those that are selected on this tile."""
    if found.data is None or not own.marks:
        return found
    wanted = set(own.marks)
    taken = tuple(row for row in range(found.data.num_rows) if found.mark(row) in wanted)
    return replace(found, taken=taken)


def _number(tile: NumberTile, table: Table, engine: Engine, asked: Asked, whole: Table) -> Answer:
    both = tile.compared(table, engine)
    share = tile.aggregation == "share of total"
    plain = tile.model_copy(update={"aggregation": "sum" if tile.column else "count"}) if share else tile

    def ask(of: Table) -> pa.Table:
        chosen = [exp.alias_(node, name) for name, node in plain.measures(of, tile.column, both).items()]
        return engine.rows(exp.select(*chosen).from_(of.query.copy().subquery("t")))

    of_all = ask(table)
    data = ask(selected(table, *asked.highlight)) if asked.highlight else of_all
    if share and tile.when is None:
        total = ask(whole).column("value")[0].as_py()
        data, of_all = (_share(one, total) for one in (data, of_all))
    for name in of_all.column_names if asked.highlight else ():
        data = data.append_column(f"{name}_all", of_all.column(name))
    return Answer("highlighted" if asked.highlight else _plain(asked), with_notes(data, **tile.told(both)))


def _share(data: pa.Table, total: float | None) -> pa.Table:
    """The number as % of what it is of all rows of the table."""
    import pyarrow as pa

    value = data.column("value")[0].as_py()
    share = None if value is None or not total else value / total * 100
    return data.set_column(data.column_names.index("value"), "value", pa.array([share], pa.float64()))


def _count(table: Table, engine: Engine, asked: Asked) -> Answer:
    shown = selected(table, *asked.highlight)
    query = exp.select(exp.alias_(sql.template("count(*)"), "rows")).from_(shown.query.copy().subquery("t"))
    how: How = "filtered instead" if asked.highlight else _plain(asked)
    return Answer(how, engine.rows(query))
