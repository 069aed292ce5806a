"""Eight charts and a number on 10,000,000 rows: first seen, and after a selection on one of them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.profile import ROWS, cpu_and_peak, generated, opened
from core.dashboards import Asker, ChartTile, NumberTile, Source, State, asking
from core.dashboards.state import Way
from core.engine.duckdb import DuckEngine
from core.selection import Selection
from core.within import Within

CHARTS = (
    {"kind": "bar", "x": "region"},
    {"kind": "bar", "x": "member", "y": "price", "aggregation": "mean"},
    {"kind": "histogram", "x": "price", "extremes": "fold"},
    {"kind": "histogram", "x": "quantity"},
    {"kind": "line", "x": "day", "y": "price", "aggregation": "mean"},
    {"kind": "line", "x": "moment"},
    {"kind": "scatter", "x": "price", "y": "score"},
    {"kind": "heat_map", "x": "region", "y": "member"},
)
TILES = (*(ChartTile(id=f"t{i}", chart=chart) for i, chart in enumerate(CHARTS)), NumberTile(id="n"))


def _picks() -> dict[str, tuple[str, Selection]]:
    """What is selected, and on which tile."""
    north = Selection.of(Within(column="region", values=("North",)))
    return {
        "one of five regions (20% of the rows)": ("t0", north),
        "members (33%)": ("t1", Selection.of(Within(column="member", values=("true",)))),
        "all but one region (80%)": (
            "t0", Selection.of(Within(column="region", values=("North",), outside=True))
        ),
    }  # fmt: skip


def main() -> None:
    engine = DuckEngine(memory="2GB")
    with tempfile.TemporaryDirectory() as folder:
        table = opened(generated(Path(folder) / "long.parquet"), engine)
        source = Source("bench", table, ROWS)
        print(f"{ROWS:,} rows x {len(table.columns)} columns, {len(CHARTS)} charts and a number")

        def ask(now: State, way: Way, *, together: bool) -> Callable[[], None]:
            def run() -> None:
                asking.WORTH = 300_000 if together else 10**12
                asker = Asker(engine)
                if now.picks:  # the tile that was selected on was seen before
                    id = next(iter(now.picks))
                    asker.ask(source, [tile for tile in TILES if tile.id == id], now, way)
                started = time.perf_counter()
                found = asker.ask(source, TILES, now, way)
                took.append(time.perf_counter() - started)
                assert not [answer.error for answer in found.values() if answer.error]

            return run

        took: list[float] = []
        cases: dict[str, tuple[State, Way]] = {"first seen": (State(), "filter")}
        for name, (tile, pick) in _picks().items():
            cases[f"filter: {name}"] = (State().picked(tile, pick), "filter")
        tile, pick = next(iter(_picks().values()))
        cases["highlight: one of five regions"] = (State().picked(tile, pick), "highlight")
        for name, (now, way) in cases.items():
            for label, together in (("one reading", True), ("each its own", False)):
                runs = []
                for _ in range(2):
                    took.clear()
                    cpu, _, grown = cpu_and_peak(ask(now, way, together=together))
                    runs.append((took[0], cpu, grown))
                wall, cpu, grown = min(runs)
                print(f"{name:52} {label:13} {wall:6.2f} s  {cpu:6.2f} cpu-s  +{grown:5.0f} MB")


if __name__ == "__main__":
    main()
