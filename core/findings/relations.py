"""Two columns that go together: numbers that rise or fall together, groups that differ, linked categories."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np

from core.charts import Bar, BoxPlot, Scatter
from core.contracts import Watch
from core.findings import intervals, measures
from core.findings.cells import Categories, Cells, Numbers
from core.findings.finding import Finding
from core.findings.looks import Looks
from core.findings.measures import Tested
from core.watching import go_on
from core.wording import Note, note

SAME = 0.98  # of the rows of a value that two columns have in common
RELATED = 0.1  # of Spearman's correlation, and of Cramer's V
DIFFERENT = 0.02  # of the ranks' spread between groups


def relations(cells: Cells, looks: Looks, watch: Watch) -> None:
    """Every two columns."""
    held = {one.name: _centred(one) for one in cells.numbers if one.present.all()}
    pairs = list(combinations(cells.numbers, 2))
    for step, (x, y) in enumerate(pairs):
        if step % 50 == 0:
            go_on(watch, step / len(pairs) / 3, "Comparing columns")
        _numbers(x, y, held, looks)
    for step, one in enumerate(cells.numbers):
        go_on(watch, (1 + step / len(cells.numbers)) / 3, "Comparing columns")
        for groups in cells.categories:
            _differs(one, groups, looks)
    for step, a in enumerate(cells.categories):
        go_on(watch, (2 + step / len(cells.categories)) / 3, "Comparing columns")
        for b in cells.categories[step + 1 :]:
            _linked(a, b, looks)


def _centred(one: Numbers) -> np.ndarray:
    ranked = measures.ranks(one.values)
    ranked = ranked - ranked.mean()
    size = float(np.sqrt(ranked @ ranked))
    return np.asarray(ranked / size if size else ranked)


def _numbers(x: Numbers, y: Numbers, held: dict[str, np.ndarray], looks: Looks) -> None:
    if x.name in held and y.name in held:
        r, rows = float(np.clip(held[x.name] @ held[y.name], -1, 1)), len(x.values)
        found = Tested(r, float(measures.correlated(r, rows)), rows)
    else:
        found = measures.spearman(x.values, y.values)
    if abs(found.effect) < RELATED or found.rows < 20:
        return looks.nothing()
    bounds = partial(intervals.correlation, found.effect, found.rows)
    return looks.add(found.p, partial(_related, x, y, found), bounds)


def _related(x: Numbers, y: Numbers, found: Tested) -> Finding:
    told = note(
        "{x} and {y} rise together: Spearman's correlation {r}, over {rows:,} rows."
        if found.effect > 0
        else "{y} falls where {x} rises: Spearman's correlation {r}, over {rows:,} rows.",
        x=x.name, y=y.name, r=f"{found.effect:.3f}", rows=found.rows,
    )  # fmt: skip
    far = "leave out" if _far(x.values) or _far(y.values) else "show"
    chart = Scatter(x=x.name, y=y.name, extremes=far)  # type: ignore[arg-type]
    return Finding(
        kind="relation", columns=(x.name, y.name), told=told, chart=chart.to_json(), effect=abs(found.effect),
        measure=note("Spearman's correlation"), value=found.effect, p=found.p, rows=found.rows,
    )  # fmt: skip


def _far(values: np.ndarray) -> bool:
    """Whether some values are so far out that they would flatten a picture of all."""
    low, high = np.nanquantile(values, [0.25, 0.75])
    reach = 10 * (high - low)
    return bool(reach and (np.nanmax(values) > high + reach or np.nanmin(values) < low - reach))


def _differs(one: Numbers, groups: Categories, looks: Looks) -> None:
    groups = groups.fine or groups
    codes = groups.codes[one.order]
    held = few_left_out(np.where(codes < 0, len(groups.labels), codes), len(groups.labels))
    values, codes = one.values[one.order[held >= 0]], held[held >= 0]
    if len(codes) < 20:
        return looks.nothing()
    found = measures.kruskal(measures.ordered_ranks(values), codes)
    if found.effect < DIFFERENT:
        return looks.nothing()
    bounds = partial(intervals.share, found.effect, found.rows)
    return looks.add(found.p, partial(_different, one, groups, values, codes, found), bounds)


def few_left_out(codes: np.ndarray, none: int, least: int = 5) -> np.ndarray:
    """The codes without those of groups so small that ranks say nothing of them, and without `none`."""
    small = np.bincount(codes, minlength=none + 1) < least
    small[none] = True
    return np.where(small[codes], -1, codes)


def _different(
    one: Numbers, groups: Categories, values: np.ndarray, codes: np.ndarray, found: Tested
) -> Finding:
    middles, typical = measures.medians(values, codes, len(groups.labels)), note("median")
    if np.nanmin(middles) == np.nanmax(middles):  # most values are one value: the groups differ in others
        sizes = np.bincount(codes, minlength=len(groups.labels))
        sums = np.bincount(codes, weights=values, minlength=len(groups.labels))
        middles, typical = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.nan), note("mean")
    named = middles[: groups.named] if np.isfinite(middles[: groups.named]).sum() > 1 else middles
    low, high = int(np.nanargmin(named)), int(np.nanargmax(named))
    told = note(
        "{y} differs by {x}: its {typical} is {high} for {top} and {low} for {bottom}; "
        "{share} of the spread of its ranks lies between the groups, over {rows:,} rows.",
        x=groups.name, y=one.name, typical=typical, high=one.shown(middles[high]), top=label(groups, high),
        low=one.shown(middles[low]), bottom=label(groups, low), share=f"{found.effect:.0%}", rows=found.rows,
    )  # fmt: skip
    chart = BoxPlot(x=groups.name, y=one.name, top=min(50, max(20, groups.named)))
    return Finding(
        kind="difference", columns=(one.name, groups.name), told=told, chart=chart.to_json(),
        effect=float(np.sqrt(found.effect)), measure=note("Share of the ranks' spread between the groups"),
        value=found.effect, p=found.p, rows=found.rows,
    )  # fmt: skip


def label(groups: Categories, code: int) -> Note:
    """A level's name: a value is itself in any language."""
    code = int(code)
    return (
        note("the rest") if code >= groups.named else note("\u201c{value}\u201d", value=groups.labels[code])
    )


def percent(share: float) -> str:
    """A share as people read it; one near none or all with the digits that say so."""
    return f"{share:.1%}" if 0 < share < 0.02 or 0.98 < share < 1 else f"{share:.0%}"


def _linked(a: Categories, b: Categories, looks: Looks) -> None:
    table = without_shared(a, b, measures.counts(a.codes, b.codes))
    found = measures.chi2(table) if table.size else measures.NOTHING
    if found.effect < RELATED:
        return looks.nothing()
    bounds = partial(intervals.cramer, table, found.effect)
    return looks.add(found.p, partial(_together, a, b, table, found), bounds)


def without_shared(a: Categories, b: Categories, table: np.ndarray) -> np.ndarray:
    """The counts without a value that both have in the same rows: "No internet service" says nothing new."""
    for i, j in shared(a, b, table):
        if min((table.sum(axis=1) > 0).sum(), (table.sum(axis=0) > 0).sum()) >= 3:
            table[i, :], table[:, j] = 0, 0
    return table


def shared(a: Categories, b: Categories, table: np.ndarray) -> list[tuple[int, int]]:
    """Where in the counts a value stands that both columns have, in nearly the same rows."""
    if not table.size:
        return []
    places = {text: place for place, text in enumerate(b.labels[: b.named])}
    both = [(i, places[text]) for i, text in enumerate(a.labels[: a.named]) if text in places]
    whole = [(i, j) for i, j in both if i < table.shape[0] and j < table.shape[1]]
    return [(i, j) for i, j in whole if table[i, j] > SAME * max(table[i].sum(), table[:, j].sum())]


def _together(a: Categories, b: Categories, table: np.ndarray, found: Tested) -> Finding:
    """The pair that is most more frequent than it would be by chance stands for all."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.where(expected > 0, (table - expected) / np.sqrt(expected), -np.inf)
    named = beyond[: a.named, : b.named]
    i, j = np.unravel_index(int(np.argmax(named)), named.shape)
    elsewhere = (table[:, j].sum() - table[i, j]) / max(table.sum() - table[i].sum(), 1)
    told = note(
        "{x} and {y} go together: where {x} is {one}, {y} is {other} in {share} of the rows, "
        "and in {elsewhere} of all others; Cramér's V is {v}, over {rows:,} rows.",
        x=a.name, y=b.name, one=label(a, int(i)), other=label(b, int(j)),
        share=percent(table[i, j] / table[i].sum()), elsewhere=percent(elsewhere), v=f"{found.effect:.2f}",
        rows=found.rows,
    )  # fmt: skip
    return Finding(
        kind="association", columns=(a.name, b.name), told=told,
        chart=Bar(x=a.name, colour=b.name, bars="shares").to_json(), effect=min(1.0, found.effect),
        measure=note("Cramér's V"), value=found.effect, p=found.p, rows=found.rows,
    )  # fmt: skip
