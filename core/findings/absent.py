"""Values that are missing where another column says something: what is left is no fair sample then."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.charts import Bar, BoxPlot
from core.contracts import Watch
from core.findings import intervals, measures
from core.findings.cells import Categories, Cells, Numbers
from core.findings.finding import MARK, Finding
from core.findings.looks import Looks
from core.findings.measures import Tested
from core.findings.relations import RELATED, label, percent
from core.selection import Selection
from core.watching import go_on
from core.within import Within
from core.wording import Note, note

EFFECT = 0.15  # of Cliff's delta
LEAST = 20  # rows with and without a value


def absent(cells: Cells, looks: Looks, watch: Watch) -> None:
    """Every column with missing values beside every other one."""
    for step, (name, gone) in enumerate(cells.missing.items()):
        go_on(watch, step / len(cells.missing), "Looking at what is missing")
        if min(gone.sum(), (~gone).sum()) < LEAST:
            continue
        for one in cells.numbers:
            if one.name != name:
                _beside_number(name, gone, one, looks)
        for groups in cells.categories:
            if groups.name != name:
                _beside_groups(name, gone, groups, looks)


def _beside_number(name: str, gone: np.ndarray, one: Numbers, looks: Looks) -> None:
    here = one.present
    inside = gone[here]
    if min(inside.sum(), (~inside).sum()) < LEAST:
        return looks.nothing()
    ranked = measures.ranks(one.values[here])
    delta = measures.cliff(ranked, inside)
    if abs(delta) < EFFECT:
        return looks.nothing()
    p = measures.kruskal(ranked, inside.astype(np.int64)).p
    bounds = partial(intervals.cliff, one.values[here], inside)
    return looks.add(p, partial(_number, name, one, inside, delta, p), bounds)


def _number(name: str, one: Numbers, inside: np.ndarray, delta: float, p: float) -> Finding:
    values = one.values[one.present]
    told = note(
        "Where {x} is missing, {y} is higher: its median is {here} there and {elsewhere} elsewhere; "
        "Cliff's delta is {delta}."
        if delta > 0
        else "Where {x} is missing, {y} is lower: its median is {here} there and {elsewhere} elsewhere; "
        "Cliff's delta is {delta}.",
        x=name, y=one.name, here=one.shown(float(np.median(values[inside]))),
        elsewhere=one.shown(float(np.median(values[~inside]))), delta=f"{delta:.2f}",
    )  # fmt: skip
    chart = BoxPlot(x=MARK, y=one.name).to_json()
    return _finding(name, one.name, told, chart, note("Cliff's delta"), delta, p, len(values))


def _beside_groups(name: str, gone: np.ndarray, groups: Categories, looks: Looks) -> None:
    table = measures.counts(groups.codes, gone.astype(np.int64))
    found = measures.chi2(table) if table.size else measures.NOTHING
    if found.effect < RELATED:
        return looks.nothing()
    bounds = partial(intervals.cramer, table, found.effect)
    return looks.add(found.p, partial(_groups, name, groups, table, found), bounds)


def _groups(name: str, groups: Categories, table: np.ndarray, found: Tested) -> Finding:
    sizes = table.sum(axis=1)
    enough = sizes >= min(LEAST, sizes.max())
    shares = np.where(enough, table[:, 1] / np.maximum(sizes, 1), np.nan)
    top, low = int(np.nanargmax(shares)), int(np.nanargmin(shares))
    told = note(
        "{x} is missing in {most} of the rows where {y} is {top}, and in {least} where it is {low}; "
        "Cramér's V is {v}.",
        x=name, y=groups.name, most=percent(shares[top]), top=label(groups, top),
        least=percent(shares[low]), low=label(groups, low), v=f"{found.effect:.2f}",
    )  # fmt: skip
    chart = Bar(x=groups.name, colour=MARK, bars="shares").to_json()
    return _finding(name, groups.name, told, chart, note("Cramér's V"), found.effect, found.p, found.rows)


def _finding(
    name: str, other: str, told: Note, chart: dict[str, object], measure: Note, value: float, p: float,
    rows: int,
) -> Finding:  # fmt: skip
    return Finding(
        kind="missing", columns=(name, other), told=told, chart=chart, effect=min(1.0, abs(value)),
        measure=measure, value=value, p=p, rows=rows,
        selection=Selection.of(Within(column=name, missing=True)).to_json(),
    )  # fmt: skip
