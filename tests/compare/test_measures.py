"""The measures of drift, beside scipy's and numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr

from core.compare import measures


@pytest.fixture
def counts() -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(3)
    return rng.integers(1, 500, 12).tolist(), rng.integers(1, 500, 12).tolist()


def test_the_psi_is_the_symmetric_relative_entropy(counts: tuple[list[int], list[int]]) -> None:
    p, q = (np.array(part) / sum(part) for part in counts)
    assert measures.psi(*counts) == pytest.approx(float(rel_entr(p, q).sum() + rel_entr(q, p).sum()))
    assert measures.psi(counts[0], counts[0]) == 0


def test_an_empty_bin_leaves_the_psi_finite() -> None:
    assert 0.25 < measures.psi([100, 0], [0, 100]) < 20


@pytest.mark.parametrize("bins", [2, 5, 10, 31])
def test_what_chance_stays_below_is_the_chi_squared_quantile(bins: int) -> None:
    expected = stats.chi2.ppf(0.95, bins - 1) * (1 / 300 + 1 / 500)
    assert measures.psi_by_chance(bins, 300, 500) == pytest.approx(expected, rel=0.025)


def test_samples_of_one_population_stay_below_chance_in_about_95_of_100_cases() -> None:
    rng = np.random.default_rng(11)
    share = np.full(10, 0.1)
    found = [measures.psi(rng.multinomial(400, share), rng.multinomial(300, share)) for _ in range(2_000)]
    below = np.mean(np.array(found) < measures.psi_by_chance(10, 400, 300))
    assert below == pytest.approx(0.95, abs=0.02)


def test_the_distance_over_every_value_is_scipys() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(0, 1, 300).round(1), rng.normal(0.3, 1.2, 200).round(1)
    ends = np.unique(np.concatenate([a, b]))
    left, right = ([int((x == end).sum()) for end in ends] for x in (a, b))
    assert measures.kolmogorov(left, right) == pytest.approx(stats.ks_2samp(a, b).statistic)


def test_the_distance_by_chance_is_the_limit_of_kolmogorovs_distribution() -> None:
    expected = stats.kstwobign.ppf(0.95) * np.sqrt((400 + 300) / (400 * 300))
    assert measures.kolmogorov_by_chance(400, 300) == pytest.approx(expected, rel=1e-4)


def test_the_jensen_shannon_divergence_is_the_square_of_scipys_distance(
    counts: tuple[list[int], list[int]],
) -> None:
    assert measures.jensen_shannon(*counts) == pytest.approx(jensenshannon(*counts, base=2) ** 2)
    assert measures.jensen_shannon([1, 0], [0, 1]) == 1


def test_a_large_index_of_few_rows_is_called_little() -> None:
    assert measures.level(0.3, 10, 10_000, 10_000) == "much"
    assert measures.level(0.15, 10, 10_000, 10_000) == "some"
    assert measures.level(0.3, 10, 30, 30) == "little"
