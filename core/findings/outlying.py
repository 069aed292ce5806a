"""Groups that stand apart: one whose numbers lie far from those of all the other groups."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.charts import BoxPlot
from core.charts.words import number
from core.contracts import Watch
from core.findings import measures
from core.findings.cells import LEAST, Categories, Cells, Numbers
from core.findings.finding import Finding
from core.findings.looks import Looks
from core.findings.relations import label
from core.watching import go_on
from core.wording import note

GROUPS = 5  # to know what is usual
APART = 3.5  # robust deviations of a group's median from the others
EFFECT = 0.3  # of Cliff's delta


def outlying(cells: Cells, looks: Looks, watch: Watch) -> None:
    """For every number and category, the group furthest from the others.

    Its p value is that of Mann and Whitney against all other rows, times the number of groups: any of
    them could have been the furthest.
    """
    for step, one in enumerate(cells.numbers):
        go_on(watch, step / len(cells.numbers), "Comparing groups")
        for groups in cells.categories:
            _apart(one, groups, looks)


def _apart(one: Numbers, groups: Categories, looks: Looks) -> None:
    both = one.present & (groups.codes >= 0)
    values, codes = one.values[both], groups.codes[both]
    sizes = np.bincount(codes, minlength=len(groups.labels))
    usable = [code for code in range(groups.named) if sizes[code] >= LEAST]
    if len(usable) < GROUPS:
        return looks.nothing()
    middles = np.array([np.median(values[codes == code]) for code in usable])
    away = np.abs(middles - np.median(middles))
    usual = 1.4826 * np.median(away)
    furthest = int(np.argmax(away))
    if not usual or away[furthest] / usual < APART:
        return looks.nothing()
    code = usable[furthest]
    ranked, inside = measures.ranks(values), codes == code
    delta = measures.cliff(ranked, inside)
    if abs(delta) < EFFECT:
        return looks.nothing()
    p = min(1.0, measures.kruskal(ranked, inside.astype(np.int64)).p * len(usable))
    medians = float(middles[furthest]), float(np.median(values[~inside]))
    return looks.add(p, partial(_told, one, groups, code, delta, p, medians, int(inside.sum())))


def _told(
    one: Numbers, groups: Categories, code: int, delta: float, p: float, medians: tuple[float, float],
    rows: int,
) -> Finding:  # fmt: skip
    told = note(
        "{y} is unusual where {x} is {group}: its median is {here} there and {elsewhere} elsewhere; "
        "Cliff's delta is {delta}, over {rows:,} rows.",
        x=groups.name, y=one.name, group=label(groups, code), here=number(medians[0]),
        elsewhere=number(medians[1]), delta=f"{delta:.2f}", rows=rows,
    )  # fmt: skip
    return Finding(
        kind="outlying group", columns=(one.name, groups.name), told=told,
        chart=BoxPlot(x=groups.name, y=one.name).to_json(), effect=abs(delta), measure=note("Cliff's delta"),
        value=delta, p=p, rows=rows,
    )  # fmt: skip
