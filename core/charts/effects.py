"""How much the columns have to do with each other, in one quick look: suggestions with their numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from core import sql
from core.charts.grouping import SAMPLED_ROWS, spread
from core.charts.measuring import finite
from core.charts.shelves import chosen, columns_of
from core.charts.suggest import Suggestion, suggest
from core.charts.words import sentences
from core.contracts import Chart, Engine, Table
from core.ordinal import TAME
from core.profile.facts import MEASURED, NAMED, ColumnProfile, Profile
from core.wording import Note, note

NUMBERS = 8  # columns that are looked at
CATEGORIES = 8
GROUPS = 50  # of a category
LEAST = 0.02  # of a number's spread: less is not worth a word


@dataclass(frozen=True)
class Effect:
    """How much of a number's spread the groups of a category explain: 0 nothing, 1 all of it.

    The adjusted correlation ratio: what many small groups explain by chance alone is taken off.
    """

    number: str
    category: str
    share: float
    rows: int
    sampled: bool = False  # whether so many rows, evenly spread, stand for all

    def words(self) -> Note:
        return self.with_rows(note(
            "{number} differs by {category}: its groups explain {share} of the spread.",
            number=self.number, category=self.category, share=f"{self.share:.0%}",
        ))  # fmt: skip

    def with_rows(self, words: Note) -> Note:
        """The words, and of how many rows they are where these stand for all."""
        measured = "Measured on {rows:,} rows, evenly spread over all."
        return sentences(words, note(measured, rows=self.rows)) if self.sampled else words


def some(table: Table, rows: int, most: int = SAMPLED_ROWS) -> Table:
    """The table, or evenly spread rows of a long one: for a first look, and for small pictures."""
    where = spread(rows, most)
    if where is None:
        return table
    chosen_ = [sql.name(column) for column in (*table.names(), sql.ROW)]
    query = exp.select(*chosen_).from_(table.query.copy().subquery("t")).where(where)
    return Table(query, table.columns, table.others)


def effects(table: Table, engine: Engine, profile: Profile) -> tuple[Effect, ...]:
    """The numbers of a table by its categories, the strongest first; of a long table in a sample of it."""
    numbers = [c for c in profile.columns if c.type in ("integer", "number") and c.meaning in MEASURED]
    categories = [c for c in profile.columns if c.meaning in NAMED and 2 <= c.distinct <= GROUPS]
    numbers, categories = numbers[:NUMBERS], categories[:CATEGORIES]
    if not numbers or not categories:
        return ()
    sample, short = some(table, profile.rows), profile.rows > SAMPLED_ROWS
    names = {column.name: sql.name(column.name) for column in (*numbers, *categories)}
    columns = tuple(column for column in table.columns if column.name in names)
    with engine.held(sql.over(sample.query, names, row=True)) as query:  # one reading for all categories
        found = [
            replace(effect, sampled=short)
            for category in categories
            for effect in _by(Table(query, columns), engine, category, numbers)
        ]
    return tuple(sorted(found, key=lambda e: (-e.share, e.number, e.category)))


def _by(
    table: Table, engine: Engine, category: ColumnProfile, numbers: Sequence[ColumnProfile]
) -> Iterator[Effect]:
    """All numbers by one category: counts, means and variances of its groups, in one query."""
    chosen_: list[exp.Expr] = []
    for place, column in enumerate(numbers):
        x = finite(column.name, column.type)
        tame = sql.template(f"CASE WHEN abs(:x) < {TAME} THEN :x END", x=x)
        for key, template in (("n", "count(:y)"), ("m", "avg(:y)"), ("v", "var_pop(:y)")):
            chosen_.append(exp.alias_(sql.template(template, y=tame), f"{key}{place}"))
    if not chosen_:
        return
    name = sql.name(category.name)
    query = exp.select(*chosen_).from_(table.query.copy().subquery("t"))
    groups = engine.rows(query.where(sql.template(":x IS NOT NULL", x=name)).group_by(name)).to_pylist()
    for place, column in enumerate(numbers):
        if column.name == category.name:
            continue
        parts = [(g[f"n{place}"], g[f"m{place}"], g[f"v{place}"]) for g in groups if g[f"n{place}"]]
        share = ratio(parts)
        if share is not None:
            yield Effect(column.name, category.name, share, sum(n for n, _, _ in parts))


def ratio(groups: Sequence[tuple[int, float, float]]) -> float | None:
    """The adjusted correlation ratio from each group's rows, mean and variance; None where there is none."""
    rows = sum(n for n, _, _ in groups)
    if len(groups) < 2 or rows <= len(groups):
        return None
    mean = sum(n * m for n, m, _ in groups) / rows
    inside = sum(n * v for n, _, v in groups)
    whole = inside + sum(n * (m - mean) ** 2 for n, m, _ in groups)
    if not math.isfinite(whole) or whole <= 0:
        return None
    return max(0.0, 1 - (inside / (rows - len(groups))) / (whole / (rows - 1)))


def telling(
    names: Sequence[str], profile: Profile, found: Sequence[Effect], table: Table, limit: int = 6
) -> list[Suggestion]:
    """Suggestions with numbers for reasons: "sales differs most by region", then what suits the columns."""
    wanted = set(names)
    first: list[Suggestion] = []
    told: set[str] = set()
    for effect in found:
        pair = {effect.number, effect.category}
        fits = not wanted or (len(wanted) == 1 and wanted < pair)
        again = {effect.number, effect.category} & told - wanted  # two suggestions show two things
        if fits and not again and effect.share >= LEAST and len(first) < 2:
            document = chosen({"x": (effect.category,), "y": (effect.number,)}, profile, table.columns)
            if document is not None:
                told |= pair
                first.append((Chart.from_json(document), _most(effect, names)))
    rest = suggest(names, profile, limit=limit + 2)
    # of one chosen column its own picture stands first; of the table what differs most does
    ordered = [*rest[:1], *first, *rest[1:]] if wanted else [*first, *rest]
    once = {repr(chart.to_json()): (chart, reason) for chart, reason in reversed(ordered)}
    unique = list(once.values())[::-1]
    return [(chart, _with_numbers(chart, reason, profile, found)) for chart, reason in unique[:limit]]


def _most(effect: Effect, names: Sequence[str]) -> Note:
    values = {"number": effect.number, "category": effect.category, "share": f"{effect.share:.0%}"}
    if names and names[0] == effect.category:
        most = "{number} differs most between the groups of {category}: they explain {share} of its spread."
        return effect.with_rows(note(most, **values))
    most = "{number} differs most by {category}: its groups explain {share} of the spread."
    return effect.with_rows(note(most, **values))


def _with_numbers(chart: Chart, reason: Note, profile: Profile, found: Sequence[Effect]) -> Note:
    """The reason, and the number that is known of the chart's two columns."""
    if "share" in reason.values:
        return reason
    own = set(columns_of(chart.to_json()))
    for effect in found:
        if {effect.number, effect.category} == own:
            return sentences(reason, effect.words())
    for pair in profile.pairs:
        if {pair.first, pair.second} == own:
            return sentences(reason, note("Their correlation is {r}.", r=f"{pair.correlation:.2f}"))
    return reason
