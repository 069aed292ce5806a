"""How the columns of two tables spread: bins and measures against numpy, pandas and scipy on the rows."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from core.compare import ColumnDrift, drift, measures, numbers
from core.engine.duckdb import DuckEngine


def one(table_of: Any, engine: DuckEngine, a: Any, b: Any) -> ColumnDrift:
    (found,) = drift(table_of(x=a), table_of(x=b), engine)
    return found


def test_numbers_are_measured_over_all_rows(table_of: Any, engine: DuckEngine) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 5_000), rng.normal(0.5, 1, 4_000)
    found = one(table_of, engine, a, b)
    assert found.ks == pytest.approx(stats.ks_2samp(a, b).statistic)
    assert found.ks_exact
    assert (found.mean_a, found.mean_b) == (pytest.approx(a.mean()), pytest.approx(b.mean()))
    ends = [float(bin.high) for bin in found.bins[:-1] if bin.high is not None]
    inner = np.digitize(a, ends, right=True)
    assert [bin.a for bin in found.bins] == np.bincount(inner, minlength=10).tolist()
    other = np.digitize(b, ends, right=True)
    assert [bin.b for bin in found.bins] == np.bincount(other, minlength=10).tolist()
    assert found.psi == pytest.approx(measures.psi(np.bincount(inner), np.bincount(other)))
    assert max(bin.a for bin in found.bins) < 600  # about a tenth each
    assert found.level == "some" or found.level == "much"


def test_samples_of_one_population_have_drifted_little(table_of: Any, engine: DuckEngine) -> None:
    rng = np.random.default_rng(2)
    found = one(table_of, engine, rng.exponential(1, 3_000), rng.exponential(1, 200))
    assert found.level == "little"
    assert found.ks is not None
    assert found.ks_chance is not None
    assert found.ks < found.ks_chance


def test_above_the_exact_size_the_distance_is_near(
    table_of: Any, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "EXACT", 10)
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, 20_000), rng.normal(0.2, 1, 20_000)
    found = one(table_of, engine, a, b)
    assert not found.ks_exact
    assert found.ks == pytest.approx(stats.ks_2samp(a, b).statistic, abs=0.004)


def test_categories_are_measured_by_their_counts(table_of: Any, engine: DuckEngine) -> None:
    rng = np.random.default_rng(6)
    a = rng.choice(["x", "y", "z"], 900, p=[0.6, 0.3, 0.1]).tolist() + [None] * 100
    b = rng.choice(["x", "y", "w"], 500, p=[0.3, 0.3, 0.4]).tolist()
    found = one(table_of, engine, a, b)
    left, right = ([side.count(value) for value in "xyzw"] for side in (a, b))
    assert {bin.label: (bin.a, bin.b) for bin in found.bins} == dict(
        zip("xyzw", zip(left, right, strict=True), strict=True)
    )
    assert found.js == pytest.approx(jensenshannon(left, right, base=2) ** 2)
    assert found.psi == pytest.approx(measures.psi(left, right))
    assert found.psi_missing == pytest.approx(measures.psi([900, 100], [500, 0]))
    assert found.level == "much"


def test_values_beyond_the_commonest_are_taken_together(table_of: Any, engine: DuckEngine) -> None:
    a = [f"v{n % 80}" for n in range(800)]
    found = one(table_of, engine, a, a)
    assert sum(bin.a for bin in found.bins) == 800
    assert found.bins[-1].label is None
    assert found.js == 0


def test_texts_that_never_repeat_are_no_categories(table_of: Any, engine: DuckEngine) -> None:
    found = one(table_of, engine, [f"a{n}" for n in range(50)], [f"b{n}" for n in range(50)])
    assert found.kind == "identifier"
    assert found.psi is None


def test_dates_have_bins_of_dates(table_of: Any, engine: DuckEngine) -> None:
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(200)]
    found = one(table_of, engine, pa.array(days, pa.date32()), pa.array(days[100:], pa.date32()))
    assert found.kind == "number"
    assert str(found.bins[0].high).startswith("2024-01")
    assert found.mean_a is None
    assert found.ks == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ([None, None], [1, 2], "empty"),
        ([], [1, 2], "empty"),
        ([1, 2], ["1", "2"], "types differ"),
        ([True, False, None], [True, True, True], "category"),
        ([1, 2, 3], [1.0, 2.5, math.nan], "number"),
        ([1.0, math.inf], [1.0, -math.inf], "number"),
    ],
)
def test_odd_columns(table_of: Any, engine: DuckEngine, a: Any, b: Any, kind: str) -> None:
    kinds = {"types differ": (pa.int64(), pa.string())}
    types = kinds.get(kind, (None, None))
    if not any(x is not None for x in a):
        types = (pa.int64(), pa.int64())
    found = one(table_of, engine, pa.array(a, types[0]), pa.array(b, types[1]))
    assert found.kind == kind
    assert (found.rows_a, found.rows_b) == (len(a), len(b))


def test_hostile_names(table_of: Any, engine: DuckEngine) -> None:
    name = 'a"; drop table t; --'
    table = table_of(pa.table({name: [1, 2, 3], "\U0001f600": ["a", "a", "b"]}))
    assert [column.name for column in drift(table, table, engine)] == [name, "\U0001f600"]
