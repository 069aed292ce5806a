"""The alarm of E. Simpson (1951): a trend or a difference that turns around inside the groups of a column.

For each category and each two columns of numbers (a category of two values is a number that is 0 or 1)
the correlation of their ranks is found twice: over all rows, and with the means of the groups taken
away. The alarm needs both to be beyond chance and of opposite signs, and more than half of the groups
to turn around; its p value is the larger one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from core.charts import Bar, BoxPlot, Scatter
from core.contracts import Chart, Watch
from core.findings import intervals, measures
from core.findings.cells import LEAST, Categories, Cells
from core.findings.finding import Finding
from core.findings.looks import Looks
from core.findings.relations import label
from core.watching import go_on
from core.wording import Note, note

EFFECT = 0.1  # of both correlations
SHOWN = 4  # groups in the sentence


@dataclass(frozen=True)
class _Column:
    """A column as the numbers that are compared: ranks, and 0 or 1 for a category of two values."""

    name: str
    values: np.ndarray
    two: Categories | None = None

    def words(self) -> Note | str:
        """What grows: the number, or the share of the second value."""
        return (
            note("{column} = {value}", column=self.name, value=label(self.two, 1)) if self.two else self.name
        )


def simpson(cells: Cells, looks: Looks, watch: Watch) -> None:
    """Every two columns within the groups of every category."""
    columns = [_Column(one.name, one.values) for one in cells.numbers]
    columns += [
        _Column(one.name, np.where(one.codes < 0, np.nan, one.codes).astype(float), one)
        for one in cells.categories
        if len(one.labels) == 2
    ]
    for step, groups in enumerate(cells.categories):
        go_on(watch, step / len(cells.categories), "Comparing within groups")
        others = [column for column in columns if column.name != groups.name]
        if len(others) >= 2:
            _within(others, groups, looks)


def _within(columns: list[_Column], groups: Categories, looks: Looks) -> None:
    """All pairs at once: products of ranks, those of rows without a value being nothing."""
    known = groups.codes >= 0
    codes, kinds = groups.codes[known], len(groups.labels)
    ranked = np.full((int(known.sum()), len(columns)), np.nan)
    for place, column in enumerate(columns):
        values = column.values[known]
        here = np.isfinite(values)
        ranked[here, place] = measures.ranks(values[here]) / max(1, int(here.sum()))
    held = np.isfinite(ranked).astype(float)
    whole = _products(ranked, np.zeros_like(codes), 1, held)
    inside = _products(ranked, codes, kinds, held)
    rows = held.T @ held
    p_whole, p_inside = measures.correlated(whole, rows), measures.correlated(inside, rows, kinds + 1)
    turned = (whole * inside < 0) & (np.minimum(np.abs(whole), np.abs(inside)) >= EFFECT) & (rows >= 40)
    across, down = np.triu_indices(len(columns), 1)
    for a, b in zip(across, down, strict=True):
        if not turned[a, b]:
            looks.nothing()
            continue
        found = float(whole[a, b]), float(inside[a, b])
        each = _each(columns[a], columns[b], groups)
        if 2 * sum(r * found[1] > 0 for _, r in each) <= len(each):  # no more than chance would turn
            looks.nothing()
            continue
        p = float(max(p_whole[a, b], p_inside[a, b]))
        tell = partial(_told, columns[a], columns[b], groups, found, each, p, int(rows[a, b]))
        looks.add(p, tell, partial(intervals.correlation, found[1], int(rows[a, b]) - kinds + 1))


def _products(ranked: np.ndarray, codes: np.ndarray, kinds: int, held: np.ndarray) -> np.ndarray:
    """The correlations of all columns, the means of groups taken away, over rows that have both."""
    sizes = np.zeros((kinds, ranked.shape[1]))
    sums = np.zeros_like(sizes)
    filled = np.where(held > 0, ranked, 0.0)
    np.add.at(sizes, codes, held)
    np.add.at(sums, codes, filled)
    centred = np.where(held > 0, filled - (sums / np.maximum(sizes, 1))[codes], 0.0)
    squares = (centred**2).T @ held
    size = np.sqrt(squares * squares.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size > 1e-9, np.clip(centred.T @ centred / size, -1, 1), 0.0)


def _told(
    x: _Column, y: _Column, groups: Categories, found: tuple[float, float], each: list[tuple[int, float]],
    p: float, rows: int,
) -> Finding:  # fmt: skip
    whole, inside = found
    shown = [note("{name}: {value}", name=label(groups, code), value=f"{r:.2f}") for code, r in each[:SHOWN]]
    turned = sum(r * inside > 0 for _, r in each)
    shown.append(note("{turned} of {count} groups turn around", turned=turned, count=len(each)))
    told = note(
        "Take care: over all rows {y} rises with {x} (correlation of ranks {whole}), "
        "but within the groups of {z} it falls ({inside}): {groups}."
        if whole > 0
        else "Take care: over all rows {y} falls where {x} rises (correlation of ranks {whole}), "
        "but within the groups of {z} it rises as well ({inside}): {groups}.",
        x=x.words(), y=y.words(), z=groups.name, whole=f"{whole:.2f}", inside=f"{inside:.2f}", groups=shown,
    )  # fmt: skip
    return Finding(
        kind="reversal", columns=(x.name, y.name, groups.name), told=told,
        chart=_chart(x, y, groups.name).to_json(), effect=min(abs(whole), abs(inside)),
        measure=note("Correlation of ranks within the groups"), value=inside, p=p, rows=rows,
    )  # fmt: skip


def _each(x: _Column, y: _Column, groups: Categories) -> list[tuple[int, float]]:
    """The groups' own correlations, the largest groups first."""
    found: list[tuple[int, float]] = []
    for code in range(len(groups.labels)):
        own = groups.codes == code
        tested = measures.spearman(x.values[own], y.values[own])
        if tested.rows >= LEAST:
            found.append((code, tested.effect))
    return found


def _chart(x: _Column, y: _Column, groups: str) -> Chart:
    if x.two is None and y.two is None:
        return Scatter(x=x.name, y=y.name, colour=groups)
    if x.two and y.two:
        return Bar(x=x.name, colour=y.name, bars="shares", facet=groups)
    two, measured = (x, y) if x.two else (y, x)
    return BoxPlot(x=two.name, y=measured.name, facet=groups)
