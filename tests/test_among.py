"""Segments in fits: only their rows are learned from, and a fit is judged on some of its held-out rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.among import judged_among
from core.contracts import Silent, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput
from core.filters import Filter
from core.fitting import FitSpec, Split, fit
from core.score import load
from core.selection import Selection
from core.within import Within
from tests.models.data import table

ENGINE = DuckEngine(threads=1)
NORTH = Filter(selections=(Selection.of(Within(column="side", values=("north",))),), name="The north")
NOBODY = Filter(selections=(Selection.of(Within(column="side", values=("nowhere",))),))


def flats(folder: Path) -> Table:
    """Flats that cost 10 a square metre in the north and 20 in the south, give or take one."""
    chance = np.random.default_rng(4)
    size = chance.uniform(20, 100, 200)
    side = np.where(chance.random(200) < 0.5, "north", "south")
    rent = size * np.where(side == "north", 10, 20) + chance.normal(0, 1, 200)
    return table({"size": size, "side": side, "rent": rent, "dear": np.where(rent > 900, "yes", "no")},
                 folder, ENGINE)  # fmt: skip


def fitted(of: Table, folder: Path, target: str = "rent", **spec: Any) -> Any:
    kind = "linear_regression" if target == "rent" else "logistic_regression"
    made = FitSpec(target=target, features=("size",), model={"kind": kind}, **spec)
    return fit(made, of, ENGINE, Silent(), folder)


def test_a_fit_learns_from_a_segments_rows_alone_and_says_so_in_its_card(tmp_path: Path) -> None:
    rows = flats(tmp_path)
    found = fitted(rows, tmp_path / "m", rows=NORTH)
    north = int((ENGINE.rows(rows.query).column("side").to_numpy(zero_copy_only=False) == "north").sum())
    assert sum(found.rows.values()) == north
    slope = next(one["value"] for one in found.coefficients if one["name"] == "size")
    assert slope == pytest.approx(10, abs=0.05)
    spec = FitSpec.model_validate(load(tmp_path / "m").document["spec"])
    assert spec.rows == NORTH


def test_a_segment_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least two rows"):
        fitted(flats(tmp_path), tmp_path / "m", rows=NOBODY)


@pytest.mark.parametrize("target", ["rent", "dear"])
@pytest.mark.parametrize("share", [0.3, 0.0])
def test_the_metrics_of_a_segment_are_those_of_its_held_out_rows(
    tmp_path: Path, target: str, share: float
) -> None:
    """Recomputed from the scored table, with the rows that judged the fit found by their hash's place."""
    rows = flats(tmp_path)
    found = fitted(rows, tmp_path / "m", target, split=Split(test_share=share), seed=3)
    scorer = load(tmp_path / "m")
    south = Filter(selections=(NORTH.selections[0].inverted(),))
    every = Filter(selections=(Selection(),))
    north, others, both, none = judged_among(scorer, rows, ENGINE, (NORTH, south, every, NOBODY), Silent())
    assert none.rows == 0
    assert north.rows + others.rows == both.rows == found.metrics["rows"]
    for name, value in found.metrics.items():
        if name in both.metrics:
            assert both.metrics[name] == pytest.approx(value)
    assert both.baseline == {name: pytest.approx(value) if name != "value" else value
                             for name, value in found.baseline.items()}  # fmt: skip
    kind = "rmse" if target == "rent" else "accuracy"
    weights = np.array([north.rows, others.rows])
    each = np.array([north.metrics[kind], others.metrics[kind]])
    power = 2 if kind == "rmse" else 1
    assert ((each**power * weights).sum() / weights.sum()) ** (1 / power) == pytest.approx(
        found.metrics[kind]
    )


def test_without_held_out_rows_a_segment_is_all_of_its_rows(tmp_path: Path) -> None:
    rows = flats(tmp_path)
    fitted(rows, tmp_path / "m", split=Split(test_share=0))
    scorer = load(tmp_path / "m")
    (north,) = judged_among(scorer, rows, ENGINE, (NORTH,), Silent())
    scorer.score(rows, ENGINE, tmp_path / "scored.parquet", Silent())
    scored: pa.Table = pq.read_table(tmp_path / "scored.parquet")
    frame = scored.to_pandas()
    own = frame[frame["side"] == "north"]
    assert north.rows == len(own)
    assert north.metrics["mae"] == pytest.approx((own["rent"] - own["prediction"]).abs().mean())
