"""Each chart on 10,000,000 rows: seconds to its rows and its figure, and the size of the figure."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.profile import ROWS, cpu_and_peak, generated, opened
from core.charts import Bar, BoxPlot, Correlation, HeatMap, Histogram, Line, MissingMap, Scatter
from core.contracts import Chart
from core.engine.duckdb import DuckEngine

CHARTS: dict[str, Chart] = {
    "histogram": Histogram(x="price"),
    "histogram, far values folded, coloured": Histogram(x="price", extremes="fold", colour="region"),
    "bars, rows by category": Bar(x="region"),
    "bars, mean by category and colour": Bar(x="region", aggregation="mean", y="price", colour="member"),
    "bars, 500,000 categories": Bar(x="customer", aggregation="sum", y="price"),
    "line, mean by day": Line(x="day", aggregation="mean", y="price"),
    "line, rows by moment, coloured": Line(x="moment", colour="region"),
    "scatter (density)": Scatter(x="price", y="score"),
    "box plot by category": BoxPlot(y="price", x="region"),
    "heat map": HeatMap(x="region", y="member", aggregation="mean", value="price"),
    "correlation, Pearson": Correlation(columns=("price", "score", "quantity", "id")),
    "correlation, Spearman": Correlation(columns=("price", "score", "quantity", "id"), method="spearman"),
    "missing values": MissingMap(),
}


def main() -> None:
    engine = DuckEngine()
    with tempfile.TemporaryDirectory() as folder:
        table = opened(generated(Path(folder) / "long.parquet"), engine)
        print(f"{ROWS:,} rows x {len(table.columns)} columns")
        for name, chart in CHARTS.items():
            sizes: list[tuple[int, int]] = []

            def draw(chart: Chart = chart, sizes: list[tuple[int, int]] = sizes) -> None:
                data = chart.data(table, engine)
                sizes.append((data.num_rows, len(chart.figure(data).to_json())))

            cpu, wall, grown = cpu_and_peak(draw)
            rows, size = sizes[0]
            print(
                f"{name:40} {cpu:6.2f} cpu-s  {wall:6.2f} s  +{grown:4.0f} MB"
                f"  {rows:6,} rows  {size:9,} bytes"
            )


if __name__ == "__main__":
    main()
