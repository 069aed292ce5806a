"""Places within a distance, beside the angle between two arrows from the middle of the earth."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.contracts import Engine
from core.errors import BadParameter
from core.steps.places import RADIUS, JoinPlaces
from tests.steps.test_join import OTHER, joined

WHERE: Any = {
    "table": OTHER, "latitude": "lat", "longitude": "lon", "other_latitude": "lat", "other_longitude": "lon"
}  # fmt: skip


def arrow(lat: float, lon: float) -> np.ndarray:
    a, b = np.radians(lat), np.radians(lon)
    return np.array([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    u, v = arrow(*a), arrow(*b)
    return float(RADIUS * np.arctan2(np.linalg.norm(np.cross(u, v)), u @ v))


def some(seed: int, rows: int, side: str) -> pa.Table:
    """Places all over the globe, many near the poles and the date line, some missing or impossible."""
    chance = random.Random(seed)
    lats = [chance.choice([chance.uniform(-90, 90), chance.uniform(89, 90), 0.0]) for _ in range(rows)]
    lons = [chance.choice([chance.uniform(-180, 180), chance.uniform(179, 181)]) for _ in range(rows)]
    lats[:3] = [91.0, None, -95.0]  # type: ignore[list-item]
    return pa.table({"lat": lats, "lon": lons, side: list(range(rows))})


@pytest.mark.parametrize("within", [50.0, 900.0, 12_000.0, 20_100.0])
def test_places_are_those_found_by_comparing_each_with_each(
    within: float, engine: Engine, tmp_path: Path
) -> None:
    left, right = some(1, 60, "l"), some(2, 50, "r")
    step = JoinPlaces(**WHERE, within=within, rows="rows with a partner")
    got = {
        (r["l"], r["r"]): r["distance_km"] for r in joined(step, left, right, engine, tmp_path).to_pylist()
    }
    expected = {
        (a["l"], b["r"]): far
        for a in left.to_pylist()[3:]
        for b in right.to_pylist()[3:]
        if (far := kilometres((a["lat"], a["lon"]), (b["lat"], b["lon"]))) <= within
    }
    assert set(got) == set(expected)
    for pair, far in got.items():
        assert far == pytest.approx(expected[pair], abs=0.01)


def test_the_nearest_alone_is_joined_and_every_row_stays(engine: Engine, tmp_path: Path) -> None:
    cities = {"London": (51.5074, -0.1278), "Paris": (48.8566, 2.3522), "New York": (40.7128, -74.006)}
    right = pa.table(
        {"city": list(cities), "lat": [c[0] for c in cities.values()], "lon": [c[1] for c in cities.values()]}
    )
    left = pa.table(
        {
            "at": ["Calais", "Nowhere", "Boston"],
            "lat": [50.9513, None, 42.3601],
            "lon": [1.8587, 0.0, -71.0589],
        }
    )
    step = JoinPlaces(**WHERE, within=400, partners="nearest", keep=("city",))
    got = joined(step, left, right, engine, tmp_path)
    assert got["city"].to_pylist() == ["London", None, "New York"]
    assert got["distance_km"].to_pylist()[2] == pytest.approx(306, abs=2)  # Boston and New York


def test_a_distance_that_reaches_far_too_many_places_is_refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = pa.table({"lat": [1.0] * 40, "lon": [1.0] * 40})
    monkeypatch.setattr("core.steps.size.MOST_ROWS", 1000)
    with pytest.raises(BadParameter, match="put 1,600 pairs"):
        joined(JoinPlaces(**WHERE, within=1), left, left, engine, tmp_path)
    far = pa.table({"lat": [-1.0] * 40, "lon": [1.0] * 40})
    assert joined(JoinPlaces(**WHERE, within=1), left, far, engine, tmp_path).num_rows == 40
