"""A hundred million rows in the product's own store: the charts of very long tables, and zooming in.

Each picture is drawn in a process of its own with the product's memory limit, so that its peak is its own.
Zooming draws the picture again for the rows in a part of its range, as the page does, again and again.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sqlglot

from core.charts import Bar, Histogram, Line, Scatter, Signal
from core.charts.drawing import notes
from core.contracts import Chart, Span, Table
from core.engine.duckdb import DuckEngine
from core.ordinal import to_value
from core.selection import Selection, selected
from core.store import Store, tables
from core.store.records import Version

LARGEST = 2_000_000
# a year and more of one reading every third of a second: a daily rhythm, noise, a slow rise, rare spikes
_MADE = """
    SELECT TIMESTAMP '2024-01-01' + to_microseconds(range * 333333) AS moment,
        round(sin(range * 333333 / 86400e6 * 2 * pi()) * 10 + range / 1e7
            + (hash(range) % 1000003) / 1000003.0 * 4
            + CASE WHEN hash(range + 1) % 1000000 = 0 THEN 50 ELSE 0 END, 3) AS load,
        round(exp(((hash(range + 2) % 1000003) + (hash(range + 3) % 1000003)) / 1000003.0), 4) AS price,
        ['North', 'South', 'East', 'West', 'Centre'][1 + CAST(hash(range + 4) % 5 AS INTEGER)] AS region
    FROM range({rows})"""
CHARTS: dict[str, Chart] = {
    "scatter (density)": Scatter(x="price", y="load"),
    "signal, lowest to highest": Signal(x="moment", y="load"),
    "line, mean by step": Line(x="moment", aggregation="mean", y="load"),
    "histogram": Histogram(x="load"),
    "bars, rows by category": Bar(x="region"),
    "bars, mean by category": Bar(x="region", aggregation="mean", y="load"),
}
ZOOMS = 3  # each shows a tenth of the range before


def number(text: str) -> int:
    """100M, 5k or 1234 as a number."""
    factor = {"M": 1_000_000, "k": 1_000}.get(text[-1:], 1)
    return int(float(text.rstrip("Mk")) * factor)


def main(folder: Path, rows: int) -> None:
    started, busy = time.perf_counter(), time.process_time()
    size = keep(folder, rows)
    took = time.perf_counter() - started, time.process_time() - busy
    print(f"{rows:,} rows x 4 columns, {size / 1e6:,.0f} MB: kept in {took[0]:.0f} s, {took[1]:.0f} cpu-s")
    for name in CHARTS:
        run = [sys.executable, "-m", "bench._large", str(folder), name]
        for line in json.loads(subprocess.run(run, stdout=subprocess.PIPE, check=True).stdout):
            print(
                f"{line['what']:42} {line['rows']:13,} rows {line['wall']:6.2f} s {line['cpu']:6.2f} cpu-s, "
                f"peak {line['peak']:4.0f} MB {line['bytes'] / 1000:7.1f} kB", flush=True,
            )  # fmt: skip


def keep(folder: Path, rows: int) -> int:
    """Write the table as the product keeps tables; returns its bytes."""
    store, engine = Store(folder), _engine(folder)
    query = sqlglot.parse_one(_MADE.format(rows=rows), read="duckdb")
    assert isinstance(query, sqlglot.exp.Select)
    with store.new_object("bench", ".parquet") as made:
        count = engine.write(query, made.path)
    return tables.add_dataset(store, "bench", "long", object=made, columns=engine.schema(query), rows=count)[
        1
    ].bytes


def _engine(folder: Path) -> DuckEngine:
    return DuckEngine(memory="2GB", scratch=folder / "spill")


def drawn(folder: Path, name: str) -> list[dict[str, Any]]:
    """One chart: the whole of it, then what zooming into its middle draws, step by step."""
    store, engine, chart = Store(folder), _engine(folder), CHARTS[name]
    version = store.every(Version)[0]
    table = tables.table(store, version)
    few = Table(table.query.copy().limit(1_000), table.columns)
    chart.figure(chart.data(few, engine)).to_json()  # first calls pay for imports
    found = []
    for step in range(1 if isinstance(chart, Bar) else ZOOMS + 1):
        started, busy = time.perf_counter(), time.process_time()
        data = chart.data(table, engine)
        text = chart.figure(data).to_json()
        assert len(text) < LARGEST, f"{name}: {len(text):,} bytes"
        facts = notes(data)
        found.append({
            "what": f"{name}, zoomed {step} times" if step else name, "bytes": len(text),
            "wall": time.perf_counter() - started, "cpu": time.process_time() - busy,
            "peak": _peak(),
            "rows": facts.get("rows", version.rows),
        })  # fmt: skip
        if not isinstance(chart, Bar):
            table = selected(table, _middle(chart, data, facts))
    return found


def _peak() -> float:
    """The most memory that this process had at once, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1000


def _middle(chart: Chart, data: Any, facts: dict[str, Any]) -> Selection:
    """A tenth of the range of each axis around where most rows lie, as a person would drag over it."""

    def part(ends: tuple[float, float], middle: float, kind: Any = "number") -> Span:
        half = (ends[1] - ends[0]) / 20
        first, last = (to_value(kind, end) for end in (middle - half, middle + half))
        return first, last

    if isinstance(chart, Scatter):
        most = max(data.to_pylist(), key=lambda row: row.get("rows", 1))
        found = chart.region(data, part(facts["x"], most["x"]), part(facts["y"], most["y"]))
    elif isinstance(chart, Histogram):
        most = max(data.to_pylist(), key=lambda row: row["value"])
        ends = facts["first"], facts["last"]
        found = chart.region(data, part(ends, (most["start"] + most["end"]) / 2), None)
    else:
        ends = facts["low"], facts["high"]
        found = chart.region(data, part(ends, sum(ends) / 2, facts["kind"]), None)
    assert found is not None
    return found


if __name__ == "__main__":
    print(json.dumps(drawn(Path(sys.argv[1]), sys.argv[2])))
