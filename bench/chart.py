"""Charts at 10,000, 1M and 10M rows beside plain Plotly Express on the same file: processor time, and bytes.

    python -m bench chart                 # the common charts; Plotly Express up to 1M rows
    python -m bench chart --peers         # Plotly Express at 10M rows too: hundreds of megabytes a figure
    python -m bench chart --every         # every chart of the product on 10M rows
    python -m bench chart --rows=100M     # long: 100M rows, and what zooming in draws

Both begin with the Parquet file and end with the figure's JSON: ours asks the engine for a small result,
Plotly Express is handed the columns that it draws, read by pandas. No figure of ours may reach 2 MB.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from bench import _large
from bench._charts import COMMON, EVERY, PLACES
from bench.profile import ROWS, cpu_and_peak, generated, opened
from core.charts import smoothing
from core.contracts import Chart
from core.engine.duckdb import DuckEngine

SIZES = (10_000, 1_000_000, 10_000_000)
PEER_ROWS = 1_000_000
LARGEST = 2_000_000  # bytes of a figure


def peers() -> dict[str, tuple[list[str], Callable[[pd.DataFrame], Any]]]:
    """What Plotly Express draws in their place: the columns it needs, and the call."""
    import plotly.express as px

    def days(frame: pd.DataFrame) -> Any:
        return px.line(frame.groupby("day", as_index=False)["price"].mean(), x="day", y="price")

    def means(frame: pd.DataFrame) -> Any:
        return px.histogram(frame, x="region", y="price", color="member", histfunc="avg", barmode="group")

    def cells(frame: pd.DataFrame) -> Any:
        return px.density_heatmap(frame, x="region", y="member", z="price", histfunc="avg")

    return {
        "histogram": (["price"], partial(px.histogram, x="price", nbins=40)),
        "bars, rows by category": (["region"], partial(px.histogram, x="region")),
        "bars, mean by category and colour": (["region", "price", "member"], means),
        "line, mean by day": (["day", "price"], days),
        "scatter (density)": (
            ["price", "score"],
            partial(px.scatter, x="price", y="score", render_mode="webgl"),
        ),
        "box plot by category": (
            ["price", "region"],
            partial(px.box, x="region", y="price", points="outliers"),
        ),
        "heat map": (["region", "member", "price"], cells),
    }


def measured(draw: Callable[[], str], rounds: int = 1) -> tuple[float, int, str]:
    """Processor seconds and bytes of drawing a figure's JSON, and both as a person reads them."""
    sizes: list[int] = []
    runs = [cpu_and_peak(lambda: sizes.append(len(draw()))) for _ in range(rounds)]
    cpu, wall, grown = (pick(run[i] for run in runs) for i, pick in enumerate((min, min, max)))
    words = f"{wall:6.2f} s {cpu:6.2f} cpu-s +{grown:5.0f} MB {sizes[0] / 1000:10.1f} kB"
    return cpu, sizes[0], words


def ours(chart: Chart, place: Path, engine: DuckEngine) -> Callable[[], str]:
    """The JSON of the chart's figure; a figure that is too large for a browser stops the measurement."""
    table = opened(place, engine)

    def draw() -> str:
        smoothing.search.cache_clear()  # a forecast drawn again would remember what it searched for
        text: str = chart.figure(chart.data(table, engine)).to_json()
        assert len(text) < LARGEST, f"{chart.kind()}: {len(text):,} bytes"
        return text

    return draw


def compared(place: Path, engine: DuckEngine, beside: bool) -> None:
    """Print a line for each chart of one table, with the peer's figures where it is drawn."""
    others = peers()
    for name, chart in COMMON.items():
        draw_ours = ours(chart, place, engine)
        draw_ours()  # once before: first calls pay for imports
        seconds, size, line = measured(draw_ours)
        if beside and name in others:
            columns, draw = others[name]

            def theirs(columns: list[str] = columns, draw: Callable[..., Any] = draw) -> str:
                text: str = draw(pd.read_parquet(place, columns=columns)).to_json()
                return text

            longer, more, words = measured(theirs)
            line += (
                f" | {words} | {longer / max(seconds, 0.01):5.1f}x the cpu-s, {more / size:.1f}x the bytes"
            )
        print(f"{name:44} {line}", flush=True)


def every(place: Path, engine: DuckEngine) -> None:
    """Print a line for every chart: the best of three rounds."""
    if missing := set(Chart.members.values()) - {type(chart) for chart in EVERY.values()}:
        raise AssertionError(f"not measured: {missing}")
    for name, chart in EVERY.items():
        draw = ours(chart, place, engine)
        draw()
        print(f"{name:44} {measured(draw, 3)[2]}", flush=True)


def main() -> None:
    rows = next((_large.number(arg[7:]) for arg in sys.argv if arg.startswith("--rows=")), None)
    with tempfile.TemporaryDirectory() as folder:
        if rows is not None:
            _large.main(Path(folder), rows)
            return
        if "--every" in sys.argv:
            print(f"\n{ROWS:,} rows, every chart, the best of three rounds")
            every(generated(Path(folder) / "every.parquet", ROWS, PLACES), DuckEngine(memory="2GB"))
            return
        engine = DuckEngine(memory="2GB")
        for size in SIZES:
            print(f"\n{size:,} rows: ours | Plotly Express")
            place = generated(Path(folder) / f"{size}.parquet", size)
            compared(place, engine, size <= PEER_ROWS or "--peers" in sys.argv)


if __name__ == "__main__":
    main()
