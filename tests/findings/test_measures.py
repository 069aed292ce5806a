"""The arithmetic behind findings beside that of scipy and statsmodels, to the last digits."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.findings import breaks, measures
from core.findings.cells import Categories
from core.findings.looks import adjusted
from core.findings.rhythms import rhythm, trendless
from core.findings.shape import octiles
from core.findings.simpson import _products

RNG = np.random.default_rng(7)
SIZES = (90, 400, 4_000)


def tied(rows: int, kinds: int = 9) -> np.ndarray:
    return RNG.integers(0, kinds, size=rows).astype(float)


@pytest.mark.parametrize("rows", SIZES)
def test_spearman(rows: int) -> None:
    x, y = RNG.normal(size=rows), tied(rows)
    y = y + (x > 0)
    x[::7] = np.nan
    both = np.isfinite(x)
    found, wanted = measures.spearman(x, y), stats.spearmanr(x[both], y[both])
    assert found.effect == pytest.approx(wanted.statistic, rel=1e-10)
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-8)
    assert found.rows == both.sum()


def test_spearman_of_a_perfect_relation_and_of_a_constant() -> None:
    x = np.arange(30.0)
    assert measures.spearman(x, np.exp(x)).effect == 1.0
    assert measures.spearman(x, -x).p < 1e-100
    assert measures.spearman(x, np.ones(30)) == measures.NOTHING


@pytest.mark.parametrize("rows", SIZES)
def test_kruskal(rows: int) -> None:
    codes, values = RNG.integers(0, 4, size=rows), tied(rows)
    values = values + 0.5 * codes
    found = measures.kruskal(measures.ranks(values), codes)
    wanted = stats.kruskal(*[values[codes == code] for code in range(4)])
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-8)
    freed = (wanted.statistic - 4 + 1) / (rows - 4)  # of what four groups have by chance
    assert found.effect == pytest.approx(freed, rel=1e-10)


@pytest.mark.parametrize("rows", SIZES)
def test_two_groups_are_mann_and_whitney(rows: int) -> None:
    inside, values = RNG.uniform(size=rows) < 0.3, tied(rows)
    values = values + inside
    ranked = measures.ranks(values)
    wanted = stats.mannwhitneyu(values[inside], values[~inside], use_continuity=False, method="asymptotic")
    assert measures.kruskal(ranked, inside.astype(int)).p == pytest.approx(wanted.pvalue, rel=1e-8)
    a, b = values[inside][:, None], values[~inside][None, :]
    assert measures.cliff(ranked, inside) == pytest.approx((a > b).mean() - (a < b).mean(), abs=1e-12)


@pytest.mark.parametrize("rows", SIZES)
def test_chi2_and_cramer(rows: int) -> None:
    a, b = RNG.integers(0, 3, size=rows), RNG.integers(0, 2, size=rows)
    b = np.where(RNG.uniform(size=rows) < 0.3, (a > 0).astype(int), b)
    table = measures.counts(a, b)
    found, wanted = measures.chi2(table), stats.chi2_contingency(table, correction=False)
    assert found.p == pytest.approx(wanted.pvalue, rel=1e-8)
    free = wanted.statistic / rows - 2 * 1 / (rows - 1)
    least = min(3 - 4 / (rows - 1), 2 - 1 / (rows - 1)) - 1
    assert found.effect == pytest.approx(np.sqrt(max(0.0, free) / least), rel=1e-10)


def test_rare_values_are_taken_together_until_the_test_holds() -> None:
    table = np.array([[50.0, 40, 1, 0], [30, 60, 0, 2], [1, 0, 1, 1]])
    kept = measures.gathered(table)
    assert kept.sum() == table.sum()
    assert np.outer(kept.sum(axis=1), kept.sum(axis=0)).min() / kept.sum() >= 5
    assert measures.chi2(kept).p == pytest.approx(stats.chi2_contingency(kept, correction=False).pvalue)
    assert measures.chi2(np.array([[3.0, 1], [1, 3]])) == measures.NOTHING


def test_rows_without_a_code_are_left_out() -> None:
    assert measures.counts(np.array([0, 1, -1, 1]), np.array([1, -1, 0, 0])).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize("count", [0, 1, 5, 2_000])
def test_benjamini_and_hochberg(count: int) -> None:
    p = np.r_[RNG.uniform(size=count - count // 3), RNG.uniform(size=count // 3) ** 6].round(3)
    wanted = multipletests(p, method="fdr_bh")[1] if count else p
    np.testing.assert_allclose(adjusted(p), wanted)


@pytest.mark.parametrize("seasonal", [False, True])
def test_what_a_break_explains_is_what_regressions_say(seasonal: bool) -> None:
    at = np.delete(np.arange(72), [5, 40])
    season = at % 12 if seasonal else None
    course = RNG.normal(size=70) + 0.05 * at + 2.0 * (at >= 31) + (at % 12 == 3) * 2.0
    found = breaks.strongest(at, course, season)
    assert found is not None
    base = np.column_stack(
        [np.ones(70), at, *[at % 12 == k for k in range(1, 12 if seasonal else 1)]]
    ).astype(float)

    def against(place: int) -> tuple[float, float]:
        step = (at >= place).astype(float)
        full = sm.OLS(course, np.column_stack([base, step, step * (at - place)])).fit()
        f, p, _ = full.compare_f_test(sm.OLS(course, base).fit())
        return float(f), float(p)

    f = found.share / (1 - found.share) * (70 - base.shape[1] - 2) / 2
    assert f == pytest.approx(against(found.at)[0], rel=1e-8)
    assert all(against(place)[0] <= f * (1 + 1e-9) for place in at[11:59])
    assert against(found.at)[1] <= found.p  # that it was looked for at all places costs something
    assert abs(found.at - 31) <= 3


def test_a_straight_or_a_short_course_has_no_break() -> None:
    assert breaks.strongest(np.arange(60), np.arange(60) * 3.0) is None
    assert breaks.strongest(np.arange(11), RNG.normal(size=11)) is None


def test_the_strength_of_a_season_is_the_adjusted_share_of_a_regression() -> None:
    at = np.arange(90)
    left = trendless(at, 0.01 * at**2 + np.sin(at / 7 * 6.28) + RNG.normal(size=90))
    design = np.column_stack([at % 7 == place for place in range(7)]).astype(float)
    assert rhythm(left, at % 7) == pytest.approx(sm.OLS(left, design).fit().rsquared_adj, rel=1e-8)


def test_correlations_of_all_columns_at_once_are_those_of_each_two() -> None:
    rows = 400
    ranked = np.column_stack([measures.ranks(RNG.normal(size=rows)) for _ in range(4)])
    codes = RNG.integers(0, 3, size=rows)
    ranked += codes[:, None] * np.array([50, -50, 0, 20])
    held = np.ones_like(ranked)
    whole = _products(ranked, np.zeros(rows, dtype=int), 1, held)
    np.testing.assert_allclose(whole, np.corrcoef(ranked.T), atol=1e-10)
    means = np.array([ranked[codes == code].mean(axis=0) for code in range(3)])
    inside = _products(ranked, codes, 3, held)
    np.testing.assert_allclose(inside, np.corrcoef((ranked - means[codes]).T), atol=1e-10)
    dummies = np.column_stack([codes == code for code in range(3)]).astype(float)
    model = sm.OLS(ranked[:, 0], np.column_stack([dummies, ranked[:, 1]])).fit()
    p = measures.correlated(inside[0, 1], rows, 3 + 1)
    assert float(p) == pytest.approx(model.pvalues[-1], rel=1e-6)


def test_the_skewness_of_octiles_is_not_moved_by_a_far_value() -> None:
    values = RNG.normal(size=2_000)
    assert abs(octiles(values)) < 0.1
    assert octiles(np.r_[values, 1e9]) == pytest.approx(octiles(values), abs=0.01)
    assert octiles(np.exp(values)) > 0.4


def test_levels_know_how_many_have_a_name() -> None:
    assert Categories("c", np.array([0, 1]), ("a", "other"), rest=True).named == 1
