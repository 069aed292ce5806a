"""Groups that stand apart: one whose numbers lie far from those of all the other groups."""

from __future__ import annotations

from functools import partial

import numpy as np

from core.charts import BoxPlot
from core.contracts import Watch
from core.findings import intervals, measures
from core.findings.cells import LEAST, Categories, Cells, Numbers
from core.findings.finding import MARK, Finding
from core.findings.looks import Looks
from core.findings.relations import label
from core.selection import Selection
from core.watching import go_on
from core.within import Within
from core.wording import note

FEW = 1 / 3  # of the rows: a larger group is what is usual
DRAWN = 20  # groups of a picture
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
    groups = groups.fine or groups
    codes = groups.codes[one.order]
    values, codes = one.values[one.order][codes >= 0], codes[codes >= 0]
    sizes = np.bincount(codes, minlength=len(groups.labels))
    usable = [code for code in range(groups.named) if sizes[code] >= LEAST]
    if len(usable) < GROUPS:
        return looks.nothing()
    middles = measures.medians(values, codes, len(groups.labels))[usable]
    away = np.abs(middles - np.median(middles))
    usual = 1.4826 * np.median(away)
    furthest = int(np.argmax(away))
    code = usable[furthest]
    if not usual or away[furthest] / usual < APART or sizes[code] > FEW * len(codes):
        return looks.nothing()
    ranked, inside = measures.ordered_ranks(values), codes == code
    delta = measures.cliff(ranked, inside)
    if abs(delta) < EFFECT:
        return looks.nothing()
    p = min(1.0, measures.kruskal(ranked, inside.astype(np.int64)).p * len(usable))
    medians = float(middles[furthest]), float(np.median(values[~inside]))
    tell = partial(_told, one, groups, code, delta, p, medians, int(inside.sum()))
    return looks.add(p, tell, partial(intervals.cliff, values, inside))


def _told(
    one: Numbers, groups: Categories, code: int, delta: float, p: float, medians: tuple[float, float],
    rows: int,
) -> Finding:  # fmt: skip
    told = note(
        "{y} is unusual where {x} is {group}: its median is {here} there and {elsewhere} elsewhere; "
        "Cliff's delta is {delta}, over {rows:,} rows.",
        x=groups.name, y=one.name, group=label(groups, code), here=one.shown(medians[0]),
        elsewhere=one.shown(medians[1]), delta=f"{delta:.2f}", rows=rows,
    )  # fmt: skip
    shown = code < DRAWN  # the most frequent groups are drawn; another one beside all others
    chart = BoxPlot(x=groups.name if shown else MARK, y=one.name)
    group = Selection.of(Within(column=groups.name, values=(groups.labels[code],)))
    return Finding(
        kind="outlying group", columns=(one.name, groups.name), told=told, chart=chart.to_json(),
        effect=abs(delta), measure=note("Cliff's delta"), value=delta, p=p, rows=rows,
        selection=None if shown else group.to_json(),
    )  # fmt: skip
