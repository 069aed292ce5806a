"""Chosen rows beside all others: which columns differ most, and by how much.

    told = contrast(table, selection, engine)
    str(told.differences[0].told)    # "price is higher in these rows: its median is 12, ..."

Numbers and dates are compared by ranks (the test of Mann and Whitney, Cliff's delta; beside it Cohen's d
of the means, J. Cohen, 1988), categories by the shares of their values (chi-squared, Cramer's V). What
the rows were chosen by differs of itself and is left out. Both sides are looked at in parts of their
own where they are large, so that few chosen rows are all there; the p values of all columns are judged
together as those of findings are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from core.charts import Bar, BoxPlot, Histogram
from core.contracts import Engine, Json, Silent, Table, Watch
from core.findings import Q, intervals, measures
from core.findings.cells import COLUMNS, ROWS, Categories, Numbers, cells, fetched
from core.findings.derived import Derived
from core.findings.finding import MARK, Finding
from core.findings.looks import Looks
from core.findings.measures import Tested
from core.findings.relations import label
from core.findings.told import to_tell
from core.params import Frozen
from core.selection import Selection, selected
from core.watching import go_on
from core.wording import note

EFFECT = 0.1  # of Cliff's delta and of Cramer's V
LEAST = 5  # rows on either side
KEPT = 100


class Contrast(Frozen):
    """How chosen rows differ: `inside` are the chosen rows, `outside` all others, `used` those looked at."""

    inside: int
    outside: int
    used: tuple[int, int]
    differences: tuple[Finding, ...]
    looks: int
    q: float
    level: float
    chosen: tuple[str, ...]  # the columns that the rows were chosen by

    def to_json(self) -> dict[str, Json]:
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, document: Json) -> Contrast:
        return cls.model_validate(document)


def contrast(
    table: Table,
    selection: Selection,
    engine: Engine,
    meanings: Mapping[str, str] | None = None,
    q: float = Q,
    rows: int = ROWS,
    watch: Watch | None = None,
) -> Contrast:
    """The columns in which the rows of a selection differ from all others of the table, most first.

    Cancelled where a person stops it.
    """
    import pyarrow as pa

    follow = watch or Silent()
    go_on(follow, 0.0, "Reading the chosen rows")
    chosen = selection.columns()
    columns = tuple(column for column in table.columns if column.name not in chosen)[:COLUMNS]
    mine, inside = fetched(selected(table, selection), engine, columns, rows)
    go_on(follow, 0.4, "Reading the other rows")
    others, outside = fetched(selected(table, selection.inverted()), engine, columns, rows)
    go_on(follow, 0.8, "Comparing columns")
    held = cells(pa.concat_tables([mine, others]), columns, meanings or {}, inside + outside)
    marked = np.arange(held.used) < mine.num_rows
    looks = Looks()
    for one in (*held.numbers, *held.times):
        _number(one, marked, looks)
    for groups in held.categories:
        _category(groups, marked, looks)
    for name, gone in held.missing.items():
        _missing(name, gone, marked, looks)
    some, level = to_tell(looks.found(q), Derived(), KEPT, looks.count, q)
    return Contrast(
        inside=inside, outside=outside, used=(mine.num_rows, others.num_rows), differences=some.findings,
        looks=looks.count, q=q, level=level, chosen=tuple(name for name in table.names() if name in chosen),
    )  # fmt: skip


def cohen(values: np.ndarray, inside: np.ndarray) -> float:
    """How far the means lie apart, in standard deviations of the two sides together."""
    a, b = values[inside], values[~inside]
    if len(a) < 2 or len(b) < 2:
        return 0.0
    within = (len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)
    spread = float(np.sqrt(within / (len(values) - 2)))
    return float((a.mean() - b.mean()) / spread) if spread else 0.0


def _number(one: Numbers, marked: np.ndarray, looks: Looks) -> None:
    here = one.present
    values, inside = one.values[here], marked[here]
    if min(inside.sum(), (~inside).sum()) < LEAST:
        return looks.nothing()
    ranked = measures.ranks(values)
    delta = measures.cliff(ranked, inside)
    if abs(delta) < EFFECT:
        return looks.nothing()
    p = measures.kruskal(ranked, inside.astype(np.int64)).p
    bounds = partial(intervals.cliff, values, inside)
    return looks.add(p, partial(_numbers_differ, one, values, inside, delta, p), bounds)


def _numbers_differ(one: Numbers, values: np.ndarray, inside: np.ndarray, delta: float, p: float) -> Finding:
    middles = (float(np.median(values[side])) for side in (inside, ~inside))
    here, elsewhere = (one.shown(middle) for middle in middles)
    dated = one.kind in ("date", "datetime")
    template = {
        (
            False,
            True,
        ): "{x} is higher in these rows: its median is {here}, against {elsewhere} in the others; "
        "Cliff's delta {delta}, Cohen's d {d}.",
        (
            False,
            False,
        ): "{x} is lower in these rows: its median is {here}, against {elsewhere} in the others; "
        "Cliff's delta {delta}, Cohen's d {d}.",
        (True, True): "{x} is later in these rows: its median is {here}, against {elsewhere} in the others; "
        "Cliff's delta {delta}.",
        (
            True,
            False,
        ): "{x} is earlier in these rows: its median is {here}, against {elsewhere} in the others; "
        "Cliff's delta {delta}.",
    }[dated, delta > 0]
    told = note(
        template, x=one.name, here=here, elsewhere=elsewhere, delta=f"{delta:.2f}",
        d=f"{cohen(values, inside):.2f}",
    )  # fmt: skip
    chart = Histogram(x=one.name, colour=MARK) if dated else BoxPlot(x=MARK, y=one.name)
    return Finding(
        kind="difference", columns=(one.name,), told=told, chart=chart.to_json(), effect=abs(delta),
        measure=note("Cliff's delta"), value=delta, p=p, rows=len(values),
    )  # fmt: skip


def _category(groups: Categories, marked: np.ndarray, looks: Looks) -> None:
    table = measures.counts(groups.codes, marked.astype(np.int64))
    if table.shape[-1] < 2 or table.sum(axis=0).min() < LEAST:
        return looks.nothing()
    found = measures.chi2(table)
    if found.effect < EFFECT:
        return looks.nothing()
    bounds = partial(intervals.cramer, table, found.effect)
    return looks.add(found.p, partial(_shares_differ, groups, table, found), bounds)


def _shares_differ(groups: Categories, table: np.ndarray, found: Tested) -> Finding:
    """The value whose share differs most, measured by the spread that chance gives it."""
    shares = table / table.sum(axis=0)
    whole = table.sum(axis=1) / table.sum()
    apart = (shares[:, 1] - shares[:, 0]) / np.sqrt(np.maximum(whole * (1 - whole), 1e-12))
    code = int(np.argmax(np.abs(apart[: groups.named])))
    told = note(
        "{x} is {value} in {here} of these rows, and in {elsewhere} of the others; Cramér's V {v}.",
        x=groups.name, value=label(groups, code), here=f"{shares[code, 1]:.0%}",
        elsewhere=f"{shares[code, 0]:.0%}", v=f"{found.effect:.2f}",
    )  # fmt: skip
    return Finding(
        kind="association", columns=(groups.name,), told=told,
        chart=Bar(x=MARK, colour=groups.name, bars="shares").to_json(), effect=min(1.0, found.effect),
        measure=note("Cramér's V"), value=found.effect, p=found.p, rows=found.rows,
    )  # fmt: skip


def _missing(name: str, gone: np.ndarray, marked: np.ndarray, looks: Looks) -> None:
    table = measures.counts(gone.astype(np.int64), marked.astype(np.int64))
    found = measures.chi2(table) if table.shape == (2, 2) else measures.NOTHING
    if found.effect < EFFECT:
        return looks.nothing()
    bounds = partial(intervals.cramer, table, found.effect)
    return looks.add(found.p, partial(_gaps_differ, name, table, found), bounds)


def _gaps_differ(name: str, table: np.ndarray, found: Tested) -> Finding:
    shares = table[1] / table.sum(axis=0)
    told = note(
        "{x} is missing in {here} of these rows, and in {elsewhere} of the others; Cramér's V {v}.",
        x=name, here=f"{shares[1]:.0%}", elsewhere=f"{shares[0]:.0%}", v=f"{found.effect:.2f}",
    )  # fmt: skip
    return Finding(
        kind="missing", columns=(name,), told=told, chart=None, effect=min(1.0, found.effect),
        measure=note("Cramér's V"), value=found.effect, p=found.p, rows=found.rows,
    )  # fmt: skip
