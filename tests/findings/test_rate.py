"""How often a search is wrong, by simulation: weak and strong relations, columns that depend on others."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from core.findings import Findings, found, intervals
from tests.findings.data import read

SEEDS, ROWS, Q = range(24), 500, 0.1
BLOCK = ("n0", "n1", "n2", "n3")  # noise that goes together
TRUE = {frozenset(pair) for pair in (("n4", "n5"), ("n4", "n6"), ("n0", "c1"), ("n7", "c2"), ("c0", "c3"))}


def mixed(seed: int) -> dict[str, np.ndarray]:
    """A block of noise that goes together, weak and strong relations, and much without any."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=ROWS)
    columns = {name: 0.8 * common + 0.6 * rng.normal(size=ROWS) for name in BLOCK}
    columns |= {f"c{k}": rng.integers(0, 2 + k, ROWS) for k in range(6)}
    base = rng.normal(size=ROWS)
    columns |= {"n4": base, "n5": 0.2 * base + rng.normal(size=ROWS), "n6": base + rng.normal(size=ROWS)}
    columns["n0"] = columns["n0"] + 0.5 * (columns["c1"] == 1)
    columns["n7"] = rng.normal(size=ROWS) + 0.7 * (columns["c2"] == 2)
    columns["c3"] = np.where(rng.uniform(size=ROWS) < 0.3, columns["c0"], columns["c3"])
    columns |= {f"n{k}": rng.standard_t(3, size=ROWS) for k in (8, 9)}
    columns["na"] = np.where(rng.uniform(size=ROWS) < 0.1, np.nan, rng.normal(size=ROWS))
    return columns


@cache
def searches() -> tuple[Findings, ...]:
    return tuple(found(read(mixed(seed)), Q) for seed in SEEDS)


def holds(columns: tuple[str, ...]) -> bool:
    """Whether the columns do go together; n5 and n6 do by what both have of n4."""
    pair = frozenset(columns)
    return pair in TRUE or pair <= set(BLOCK) or pair == {"n5", "n6"}


def test_among_what_is_told_no_more_is_wrong_than_q() -> None:
    shares = [
        np.mean([not holds(one.columns) for one in told.findings]) if told.findings else 0.0
        for told in searches()
    ]
    assert stats.ttest_1samp(shares, Q, alternative="greater").pvalue > 0.01
    assert np.mean(shares) <= Q


def test_what_is_strong_is_found_nearly_always() -> None:
    for pair in (("n4", "n6"), ("n0", "n1"), ("n7", "c2")):
        hits = [any(set(one.columns) == set(pair) for one in told.findings) for told in searches()]
        assert np.mean(hits) >= 0.85, pair


def truth(columns: tuple[str, ...]) -> float | None:
    """Spearman's correlation of two normal columns by their correlation (H. Hotelling, M. Pabst, 1936)."""
    known = {frozenset(("n4", "n5")): 0.2 / np.sqrt(1.04), frozenset(("n4", "n6")): np.sqrt(0.5)}
    known |= {frozenset((a, b)): 0.64 for a in BLOCK[1:] for b in BLOCK[1:] if a != b}
    known[frozenset(("n5", "n6"))] = 0.2 / np.sqrt(1.04 * 2)
    r = known.get(frozenset(columns))
    return None if r is None else 6 / np.pi * np.arcsin(r / 2)


def test_the_intervals_that_are_told_miss_no_more_often_than_q() -> None:
    missed = [
        not one.low <= wanted <= one.high  # type: ignore[operator]
        for told in searches()
        for one in told.findings
        if one.kind == "relation" and (wanted := truth(one.columns)) is not None
    ]
    assert len(missed) > 100
    assert np.mean(missed) <= Q
    assert all(told.level > 1 - Q for told in searches())


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.5])
def test_the_interval_of_cliffs_delta_holds_its_level(shift: float) -> None:
    rng, wanted = np.random.default_rng(5), 2 * stats.norm.cdf(shift / np.sqrt(2)) - 1
    inside, hits = np.arange(160) < 60, 0
    for _ in range(400):
        low, high = intervals.cliff(rng.normal(size=160) + shift * inside, inside, 0.9)
        hits += low <= wanted <= high
    assert 0.86 <= hits / 400 <= 0.94


def test_the_interval_of_cramers_v_holds_its_level() -> None:
    rng, p = np.random.default_rng(6), np.array([[0.3, 0.1, 0.1], [0.1, 0.2, 0.2]])
    expected = np.outer(p.sum(axis=1), p.sum(axis=0))
    wanted = np.sqrt(((p - expected) ** 2 / expected).sum())
    from core.findings.measures import chi2

    hits = 0
    for _ in range(400):
        table = rng.multinomial(400, p.ravel()).reshape(p.shape).astype(float)
        low, high = intervals.cramer(table, chi2(table).effect, 0.9)
        hits += low <= wanted <= high
    assert 0.86 <= hits / 400 <= 0.94


def test_the_interval_of_what_groups_explain_holds_its_level() -> None:
    """Of the ranks of two normal groups; what they explain in truth is that of a very long table."""
    from core.findings.measures import kruskal, ranks

    rng = np.random.default_rng(7)

    def explained(rows: int) -> float:
        codes = np.arange(rows) % 3
        return kruskal(ranks(rng.normal(size=rows) + 0.6 * codes), codes).effect

    wanted, hits = explained(1_000_000), 0
    for _ in range(400):
        low, high = intervals.share(explained(300), 300, 0.9)
        hits += low <= wanted <= high
    assert hits / 400 >= 0.86


def test_intervals_of_the_extremes() -> None:
    inside = np.arange(40) < 10
    low, high = intervals.cliff(np.arange(40.0) - 100 * inside, inside, 0.95)
    assert (low, high < -0.4) == (-1.0, True)
    assert intervals.correlation(1.0, 50, 0.95) == (1.0, 1.0)
    assert intervals.cramer(np.diag([20.0, 20.0]), 1.0, 0.95) == (1.0, 1.0)
    low, high = intervals.resampled(
        np.random.default_rng(0).normal(size=2_000), lambda x: float(x.mean()), 0.95
    )
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(2_000), rel=0.2)
