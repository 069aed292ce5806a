"""Charts at 10,000, 1M and 10M rows beside plain Plotly Express on the same file: seconds, and bytes.

Both begin with the Parquet file and end with the figure's JSON: ours asks the engine for a small result,
Plotly Express is handed the columns that it draws, read by pandas. Above a million rows the peer is left
out unless `--all` is given: its figures have hundreds of megabytes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from bench.profile import cpu_and_peak, generated, opened
from core.charts import (
    Bar,
    BoxPlot,
    Correlation,
    HeatMap,
    Histogram,
    Line,
    MissingMap,
    Sankey,
    Scatter,
    Signal,
    Treemap,
)
from core.contracts import Chart
from core.engine.duckdb import DuckEngine

SIZES = (10_000, 1_000_000, 10_000_000)
PEER_ROWS = 1_000_000
CHARTS: dict[str, Chart] = {
    "histogram": Histogram(x="price"),
    "histogram, far values folded, coloured": Histogram(x="price", extremes="fold", colour="region"),
    "bars, rows by category": Bar(x="region"),
    "bars, mean by category and colour": Bar(x="region", aggregation="mean", y="price", colour="member"),
    "bars, 500,000 categories": Bar(x="customer", aggregation="sum", y="price"),
    "line, mean by day": Line(x="day", aggregation="mean", y="price"),
    "line, rows by moment, coloured": Line(x="moment", colour="region"),
    "signal, every value": Signal(x="moment", y="price"),
    "scatter (density)": Scatter(x="price", y="score"),
    "box plot by category": BoxPlot(y="price", x="region"),
    "heat map": HeatMap(x="region", y="member", aggregation="mean", value="price"),
    "correlation, Pearson": Correlation(columns=("price", "score", "quantity", "id")),
    "correlation, Spearman": Correlation(columns=("price", "score", "quantity", "id"), method="spearman"),
    "missing values": MissingMap(),
    "treemap": Treemap(columns=("region", "member"), value="price"),
    "Sankey": Sankey(columns=("region", "member")),
}


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


def measured(draw: Callable[[], str]) -> tuple[float, int, str]:
    """Seconds and bytes of drawing a figure's JSON, and both as a person reads them."""
    sizes: list[int] = []
    cpu, wall, grown = cpu_and_peak(lambda: sizes.append(len(draw())))
    words = f"{wall:6.2f} s {cpu:6.2f} cpu-s +{grown:5.0f} MB {sizes[0] / 1000:10.1f} kB"
    return wall, sizes[0], words


def compared(place: Path, engine: DuckEngine, beside: bool) -> None:
    """Print a line for each chart of one table, with the peer's figures where it is drawn."""
    table, others = opened(place, engine), peers()
    for name, chart in CHARTS.items():

        def ours(chart: Chart = chart) -> str:
            text: str = chart.figure(chart.data(table, engine)).to_json()
            return text

        ours()  # once before: first calls pay for imports
        seconds, size, line = measured(ours)
        if beside and name in others:
            columns, draw = others[name]

            def theirs(columns: list[str] = columns, draw: Callable[..., Any] = draw) -> str:
                text: str = draw(pd.read_parquet(place, columns=columns)).to_json()
                return text

            longer, more, words = measured(theirs)
            line += f" | {words} | {longer / seconds:5.1f}x the time, {more / size:7.1f}x the bytes"
        print(f"{name:40} {line}", flush=True)


def main() -> None:
    engine = DuckEngine()
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            print(f"\n{rows:,} rows: ours | Plotly Express")
            place = generated(Path(folder) / f"{rows}.parquet", rows)
            compared(place, engine, rows <= PEER_ROWS or "--all" in sys.argv)


if __name__ == "__main__":
    main()
