"""Which chart suits the chosen columns: a short ranked list, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.charts import natural, special
from core.charts.bars import Bar
from core.charts.boxes import BoxPlot
from core.charts.composition import HeatMap
from core.charts.correlation import Correlation
from core.charts.distribution import Histogram
from core.charts.flow import Sankey
from core.charts.forecast import Forecast
from core.charts.hierarchy import KEPT
from core.charts.mapped import maps
from core.charts.missing import MissingMap
from core.charts.pairs import PairPlot
from core.charts.relation import Scatter
from core.charts.time import Line
from core.charts.violin import Violin
from core.contracts import Chart
from core.errors import MissingColumn
from core.profile.facts import MEASURED
from core.wording import Note, note

if TYPE_CHECKING:
    from core.profile import ColumnProfile, Profile

Suggestion = tuple[Chart, Note]
FEW = 12  # groups that a box plot or a legend shows well
STRONG = 0.5


def suggest(chosen: Sequence[str], profile: Profile, limit: int = 6) -> list[Suggestion]:
    """Charts for the chosen columns, the most telling first; without a choice, for the whole table.

    Raises MissingColumn for a name that the profile does not have.
    """
    known = {column.name: column for column in profile.columns}
    for name in chosen:
        if name not in known:
            raise MissingColumn(needs="A chart", column=name, candidates=", ".join(list(known)[:5]))
    columns = [known[name] for name in dict.fromkeys(chosen)]
    found = list(_for_table(profile)) if not columns else list(_for_columns(columns))
    return list({repr(chart.to_json()): (chart, reason) for chart, reason in reversed(found)}.values())[::-1][
        :limit
    ]


def _number(column: ColumnProfile) -> bool:
    return column.type in ("integer", "number") and column.meaning in (
        *MEASURED,
        "year",
        "boolean",
        "identifier",
    )


def _category(column: ColumnProfile) -> bool:
    return column.meaning in ("category", "boolean") or (
        column.type == "text" and column.meaning != "identifier"
    )


def _time(column: ColumnProfile) -> bool:
    return column.type in ("date", "datetime") or column.meaning == "year"


def _skewed(column: ColumnProfile) -> bool:
    """Some values are so far out that they would flatten a picture of the whole range."""
    return column.histogram is not None and column.histogram.below + column.histogram.above > 0


def _for_columns(columns: Sequence[ColumnProfile]) -> Iterator[Suggestion]:
    times = [column for column in columns if _time(column)]
    numbers = [column for column in columns if _number(column) and column not in times]
    categories = [column for column in columns if _category(column) and column not in numbers]
    colour = categories[0].name if categories and categories[0].distinct <= FEW else None
    yield from special.candles(columns)
    yield from special.again(columns)
    placed = list(maps(columns))
    first = len(categories) < 2 and not times  # with more beside the place, other pictures tell more
    if first:
        yield from placed
    if times:
        yield from _through_time(times[0], numbers, colour)
    if len(numbers) >= 3:
        names = tuple(column.name for column in numbers)
        yield Correlation(columns=names), note("Several numbers: see at once which go together.")
    if len(numbers) >= 2:
        x, y = numbers[:2]
        far = "leave out" if _skewed(x) or _skewed(y) else "show"
        yield (
            Scatter(x=x.name, y=y.name, colour=colour, extremes=far),  # type: ignore[arg-type]
            note("Two numbers: see whether one rises with the other."),
        )
    if numbers and categories:
        y, x = numbers[0], categories[0]
        yield Bar(x=x.name, y=y.name, aggregation="mean"), note("A number in groups: compare the means.")
        yield (
            BoxPlot(x=x.name, y=y.name),
            note("A number in groups: compare how the values spread, not only the means."),
        )
    if len(categories) >= 2:
        x, y = categories[:2]
        yield HeatMap(x=x.name, y=y.name), note("Two categories: see which pairs are frequent.")
        if y.distinct <= FEW:
            yield (
                Bar(x=x.name, colour=y.name, bars="shares"),
                note("Two categories: compare the shares in each group."),
            )
    yield from special.inside(categories, numbers)
    yield from special.stages(categories)
    yield from placed if not first else []
    yield from special.calendar(times, numbers)
    yield from special.largest(categories, numbers)
    yield from _deeper(times, numbers, categories)
    for column in columns:
        yield from _alone(column, colour if _number(column) else None)


def _deeper(
    times: Sequence[ColumnProfile], numbers: Sequence[ColumnProfile], categories: Sequence[ColumnProfile]
) -> Iterator[Suggestion]:
    """What to look at next: pictures that take longer to read, or to compute."""
    few = [column.name for column in categories if column.distinct <= KEPT[2]]
    if numbers and categories and categories[0].distinct <= FEW:
        yield (
            Violin(y=numbers[0].name, x=categories[0].name),
            note("A number in groups: see the whole shape of each group's values."),
        )
    if len(few) >= 3:
        yield (
            Sankey(columns=tuple(few[:3])),
            note("Several categories: how the rows go from one to the next."),
        )
    dated = [column for column in times if column.type in ("date", "datetime")]
    if dated:
        value = numbers[0].name if numbers else None
        how = "mean" if value else "count"
        yield (
            Forecast(x=dated[0].name, y=value, aggregation=how),  # type: ignore[arg-type]
            note("Dates: what the steps so far let one expect next, and how sure that is."),
        )
    if len(numbers) >= 3:
        names = tuple(column.name for column in numbers[:4])
        yield PairPlot(columns=names), note("Several numbers: each against each other, in one picture.")


def _through_time(
    time: ColumnProfile, numbers: Sequence[ColumnProfile], colour: str | None
) -> Iterator[Suggestion]:
    if numbers:
        y = numbers[0].name
        yield (
            Line(x=time.name, y=y, aggregation="mean", colour=colour),
            note("A number with dates: how its mean goes on."),
        )
        yield (
            Line(x=time.name, y=y, aggregation="sum", colour=colour),
            note("A number with dates: how its sum goes on."),
        )
    else:
        yield Line(x=time.name, colour=colour), note("Dates: when the rows happened.")


def _alone(column: ColumnProfile, colour: str | None) -> Iterator[Suggestion]:
    if _time(column) or _number(column):
        far = "fold" if _skewed(column) else "show"
        yield (
            Histogram(x=column.name, extremes=far, colour=colour),  # type: ignore[arg-type]
            note("How the values spread, and where most of them lie."),
        )
    elif _category(column) and column.meaning != "free text":
        ordered = natural.in_calendar([one.value for one in column.top]) is not None
        yield (
            Bar(x=column.name, order="by name" if ordered else "by value"),
            note("How often each value occurs."),
        )


def _for_table(profile: Profile) -> Iterator[Suggestion]:
    """What shows most of a table that nobody has looked at yet."""
    useful = [
        column for column in profile.columns if column.meaning not in ("empty", "constant", "identifier")
    ]
    numbers = [column for column in useful if _number(column)]
    yield from special.candles(profile.columns)
    if profile.pairs and abs(profile.pairs[0].correlation) >= STRONG:
        pair = profile.pairs[0]
        yield (
            Scatter(x=pair.first, y=pair.second),
            note("The two numbers of this table that go together most closely."),
        )
    if len(numbers) >= 3:
        yield Correlation(), note("All numbers: see at once which go together.")
    yield from list(maps(useful))[:1]
    if any(column.missing for column in profile.columns):
        yield MissingMap(), note("Where values are missing, from the first row to the last.")
    times = [column for column in useful if _time(column)]
    if times:
        yield Line(x=times[0].name), note("When the rows happened.")
    yield from special.calendar(times)
    yield from special.again(profile.columns)
    yield from special.stages(useful)
    for column in useful[:4]:
        yield from _alone(column, None)
