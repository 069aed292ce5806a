"""What the columns of a chart's own table are called: in words, or by the column of the table they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.charts import tips
from core.charts.compared import Compared
from core.charts.drawing import Say
from core.charts.grouping import Group
from core.charts.measuring import measured
from core.charts.shelves import ORDER
from core.contracts import Chart
from core.wording import Note, note

if TYPE_CHECKING:
    import pyarrow as pa

_WORDS = {
    "rows": note("Rows"), "n": note("Rows"), "value": note("Value"), "measured": note("Measured value"),
    "error": note("\u00b1 95%"), "infinite": note("Infinite values"), "missing": note("Missing values"),
    "part": note("Part"), "level": note("Level"), "stage": note("Stage"), "block": note("Block of rows"),
    "start": note("From"), "end": note("To"), "from": note("From"), "to": note("To"),
    "low": note("Lowest"), "high": note("Highest"), "first": note("First"), "last": note("Last"),
    "second": note("Second"), "later": note("Periods later"), "share": note("Share"),
    "q1": note("First quartile"), "median": note("Median"), "q3": note("Third quartile"),
    "mean": note("Mean"),
    "outliers": note("Beyond the whiskers"), "density": note("Density"), "slice": note("Slice"),
    "step": note("Step"), "open": note("Open"), "close": note("Close"), "used": note("Rows used"),
    "correlation": note("Correlation"), "measure": note("Measure"), "cumulative": note("Cumulative share"),
    "trend": note("Trend"), "season": note("Season"), "rest": note("Rest"), "test": note("Test"),
    "tested": note("Tested forecast"),
    "naive": note("Naive forecast"), "forecast": note("Forecast"), "low_80": note("80% from"),
    "high_80": note("80% to"), "low_95": note("95% from"), "high_95": note("95% to"),
    "column": note("Column"), "scaled": note("Share of the range"), "axis": note("Axis"),
    "left": note("From"), "right": note("To"), "place": note("Place"), "code": note("Code"),
    "spellings": note("Spellings"), "nearest": note("Nearest known name"),
    "x_cell": note("Cell across"), "y_cell": note("Cell up"),
    "lat_cell": note("Cell up"), "lon_cell": note("Cell across"), "latitude": note("Latitude"),
    "longitude": note("Longitude"), "i": note("Cell across"), "j": note("Cell up"),
}  # fmt: skip


def head(chart: Chart, data: pa.Table, key: str) -> Note:
    """The title of one column of the chart's result."""
    values = chart.to_json()
    if isinstance(values.get(key), str) and key in ORDER:
        return note("{column}", column=values[key])
    if key.startswith("part") and key[4:].isdecimal() and values.get("columns"):
        return note("{column}", column=values["columns"][int(key[4:])])
    summed = "aggregation" in values and bool({"value", "y"} & set(values))  # a radar has many columns
    if key == "value" and summed and "measured" not in data.column_names:
        column = _measured_column(values)
        return (
            chart.what(data, column)
            if isinstance(chart, Compared)
            else measured(values["aggregation"], column)
        )
    return tips.title(data, key) or _WORDS.get(key) or note("{column}", column=key)


def _measured_column(values: dict[str, Any]) -> str | None:
    """The column that an aggregation sums up: a heat map's stands beside its two axes."""
    column: str | None = values["value"] if "value" in values else values.get("y")
    return column


def readable(chart: Chart, data: pa.Table, say: Say = str) -> pa.Table:
    """The chart's rows as a table to be read: groups by their names, columns under words."""
    import pyarrow as pa

    made: dict[str, Any] = {}
    for name in data.column_names:
        if name.endswith("_is") and name[:-3] in data.column_names:
            continue  # what tells groups of one name apart
        cells = data.column(name)
        if f"{name}_is" in data.column_names:
            groups = zip(cells.to_pylist(), data.column(f"{name}_is").to_pylist(), strict=True)
            cells = pa.array(
                [None if is_ is None else _group(text, is_, say) for text, is_ in groups], pa.string()
            )
        title = say(head(chart, data, name))
        made[title if title not in made else f"{title} ({name})"] = cells
    return pa.table(made)


def _group(text: str | None, mark: Any, say: Say) -> str:
    return say(Group(text or "", mark).words())
