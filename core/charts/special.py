"""Charts that suit columns of a certain shape: prices, a long row of dates, stages, who comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from core.charts.calendar import CalendarHeatMap
from core.charts.candles import Candlestick
from core.charts.cohort import Cohort
from core.charts.funnel import Funnel
from core.charts.hierarchy import KEPT, Treemap
from core.charts.pareto import Pareto
from core.contracts import Chart
from core.wording import Note, note

if TYPE_CHECKING:
    from core.profile.facts import ColumnProfile

Offer = tuple[Chart, Note]
Columns = Sequence["ColumnProfile"]

PRICES = ("open", "high", "low", "close")
LONG = 120  # different days: fewer make no calendar
STAGES = re.compile(r"stage|step|phase|funnel|\u9636\u6bb5|\u6b65\u9aa4", re.IGNORECASE)
MANY = 12  # values of a category whose largest few are asked for
AGAIN = 1.5  # rows of each value, of a column whose values come back


def _dated(columns: Columns) -> list[ColumnProfile]:
    return [column for column in columns if column.type in ("date", "datetime")]


def candles(columns: Columns) -> Iterator[Offer]:
    """Opening, highest, lowest and closing prices, known by their names."""
    found = _prices(columns)
    dated = _dated(columns)
    if dated and len(found) == len(PRICES):
        opened, high, low, close = (found[name] for name in PRICES)
        yield (
            Candlestick(x=dated[0].name, y=close, opened=opened, high=high, low=low),
            note("Open, high, low and close with dates: each step as a candle."),
        )


def _prices(columns: Columns) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for column in columns:
        words = set(re.split(r"[^a-z]+", column.name.lower()))
        name = next((price for price in PRICES if price in words), None)
        if name and column.type in ("integer", "number") and "adj" not in words:
            found.setdefault(name, column.name)
    return found


def calendar(columns: Columns, numbers: Columns = ()) -> Iterator[Offer]:
    """A long row of dates, with the mean of a number where one was chosen."""
    long = [column for column in _dated(columns) if column.distinct >= LONG]
    if not long:
        return
    if numbers:
        yield (
            CalendarHeatMap(x=long[0].name, y=numbers[0].name, aggregation="mean"),
            note("A number on many days: which weekdays and seasons stand out."),
        )
    else:
        yield CalendarHeatMap(x=long[0].name), note("Many days: which weekdays and seasons have most rows.")


def inside(categories: Columns, numbers: Columns) -> Iterator[Offer]:
    """Categories inside categories, as large as a number that may be added up."""
    few = [column.name for column in categories if column.distinct <= KEPT[2]][:2]
    adds_up = [one for one in numbers if one.meaning in ("number", "amount") and _positive(one)]
    if len(few) == 2 and adds_up:
        yield (
            Treemap(columns=tuple(few), value=adds_up[0].name),
            note("Two categories and a number: where most of its sum lies."),
        )
    elif len(few) == 2:
        yield Treemap(columns=tuple(few)), note("Categories inside categories: which parts are large.")


def _positive(column: ColumnProfile) -> bool:
    return not isinstance(column.minimum, int | float) or column.minimum >= 0


def largest(categories: Columns, numbers: Columns) -> Iterator[Offer]:
    """Which few of many values make up most."""
    many = next((one for one in categories if one.distinct > MANY and not one.unique), None)
    adds_up = next((one for one in numbers if one.meaning in ("number", "amount") and _positive(one)), None)
    if many is not None and adds_up is not None:
        yield (
            Pareto(x=many.name, y=adds_up.name),
            note("Many values and a number: which few of them make up most of its sum."),
        )
    elif many is not None:
        yield Pareto(x=many.name), note("Many values: which few of them make up most rows.")


def stages(columns: Columns) -> Iterator[Offer]:
    """Values that say how far something has come, known by the column's name."""
    for column in columns:
        if STAGES.search(column.name) and column.type == "text" and 2 <= column.distinct <= MANY:
            yield Funnel(x=column.name), note("Stages: how many rows reach each of them.")
            return


def again(columns: Columns) -> Iterator[Offer]:
    """Someone who comes back, and when."""
    dated = _dated(columns)
    whose = (one for one in columns if one.meaning in ("identifier", "e-mail", "phone") and one not in dated)
    back = next((one for one in whose if one.distinct > MANY and one.present >= AGAIN * one.distinct), None)
    if dated and back is not None:
        yield (
            Cohort(id=back.name, x=dated[0].name),
            note("The same ones at several times: of those first seen together, who comes back."),
        )
