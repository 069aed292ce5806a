"""Marks and regions of charts are doors to exactly their rows: random tables and settings, recounted."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

import core.charts  # noqa: F401, registers the members
from core import sql
from core.charts import Bar, Cohort, parts
from core.charts.drawing import notes
from core.charts.facets import Panels, in_panel
from core.charts.grouping import Group
from core.contracts import Chart, ColumnType, Engine, Table
from core.errors import BadParameter
from core.ordinal import from_text
from core.selection import Mark, Selection, selected
from core.within import Within

Build = Callable[..., Table]
CHARTS = sorted(Chart.members)
TYPES: dict[str, ColumnType] = {
    "word": "text", "side": "text", "odd": "number", "even": "number", "big": "integer", "few": "integer",
    "flag": "boolean", "day": "date", "at": "datetime",
}  # fmt: skip
ARROW = {
    "text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(),
    "date": pa.date32(), "datetime": pa.timestamp("us"),
}  # fmt: skip
WORDS = ["North", "South", "other", "(missing)", "", " ", "true", "nan", "a'b", 'q"x', "é", *"ghijklmnopq"]
NUMBERS = [0.0, -0.0, 1.0, 2.5, -1.5, 10.0, 100.0, 1000.0, 0.1, 0.2, 0.3, 1 / 3]
WILD = [math.inf, -math.inf, math.nan, 1e308, -1e308, 5e-324, 1e151, -1e151]
WHOLE = [0, 1, 2, 3, 5, 8, -4, 100, 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1, -(2**63) + 1]
DAYS = [dt.date(*day) for day in ((1, 1, 1), (1066, 10, 14), (1969, 12, 31), (1970, 1, 1), (2024, 2, 29),
                                  (2024, 12, 31), (2262, 4, 12), (9999, 12, 31))]  # fmt: skip

SIZES = ((3, 40), (18, 40))  # seeds and rows
DOORS = [
    kind for kind in CHARTS if kind not in ("forecast", "decomposition")
]  # slow; their doors are a line's


def some_table(rng: random.Random, rows: int) -> pa.Table:
    """Every type, with missing, repeated, infinite and far values, or without the wild ones."""
    wild = rng.random() < 0.5
    near = [dt.date(2023, 11, 1) + dt.timedelta(days=rng.randrange(300)) for _ in range(9)]
    days = near + (DAYS if wild else DAYS[2:6])
    clock = [dt.time(rng.randrange(24), rng.randrange(60), rng.randrange(60), rng.choice((0, 999_999)))
             for _ in range(9)]  # fmt: skip
    values: dict[str, Callable[[], Any]] = {
        "word": lambda: rng.choice(WORDS), "side": lambda: rng.choice("abc"),
        "odd": lambda: rng.choice(NUMBERS + WILD * wild), "even": lambda: abs(rng.gauss(0, 1)) * 40,
        "big": lambda: rng.choice(WHOLE if wild else WHOLE[:8]), "few": lambda: rng.randrange(20),
        "flag": lambda: rng.random() < 0.5, "day": lambda: rng.choice(days),
        "at": lambda: dt.datetime.combine(rng.choice(days), rng.choice(clock)),
    }  # fmt: skip
    lost = rng.random() * 0.3
    return pa.table(
        {
            name: pa.array([None if rng.random() < lost else make() for _ in range(rows)], ARROW[TYPES[name]])
            for name, make in values.items()
        }
    )


def some_chart(rng: random.Random, kind: str, table: Table) -> Chart:
    """The chart with settings drawn by lot, such that they may stand together."""
    cls = Chart.members[kind]
    for _ in range(40):
        document = cls.example().to_json()
        for row in cls.parameters():
            fitting = [name for name, own in TYPES.items() if not row.types or own in row.types]
            share = 0.25 if row.name.startswith("facet") else 0.6  # panels of two kinds do not go together
            needed = cls.model_fields[row.name].is_required()
            if row.name in ("y", "value") and not row.types:  # what is measured, mostly a number
                fitting = ["odd", "even", "big", "few"]
            match row.kind:
                case "choice":
                    document[row.name] = rng.choice(row.choices)
                case "switch":
                    document[row.name] = rng.random() < 0.5
                case "column":
                    document[row.name] = rng.choice(fitting) if needed or rng.random() < share else None
                case "columns":
                    document[row.name] = rng.sample(fitting, min(len(fitting), rng.randrange(6)))
                case "number" if row.name in ("top", "bins", "blocks", "steps"):
                    document[row.name] = rng.choice([5, 9, 12])
        chart = Chart.from_json(document)
        try:
            chart.check(table.columns)
        except BadParameter:
            continue
        return chart
    return Chart.from_json({**cls.example().to_json(), **_usual(cls)})


def _usual(cls: type[Chart]) -> dict[str, Any]:
    """The example's settings with columns of these tables."""
    found: dict[str, Any] = {}
    for row in cls.parameters():
        fitting = [name for name, own in TYPES.items() if not row.types or own in row.types]
        if row.kind == "column":
            measured = "even" if row.name in ("y", "value") else None
            found[row.name] = fitting[0] if cls.model_fields[row.name].is_required() else measured
        if row.kind == "columns" and cls.example().to_json()[row.name]:
            found[row.name] = fitting[:3]
    return found


def counts(table: Table, marks: Sequence[Mark], engine: Engine) -> list[int]:
    """How many rows each mark opens, asked at once."""
    if not marks:
        return []
    conditions = [Selection(marks=(one,)).where(table.columns) for one in marks]
    named = [exp.alias_(condition, f"c{i}") for i, condition in enumerate(conditions)]
    inside = exp.select(*named).from_(table.query.copy().subquery("t")).subquery("m")
    asked = [exp.alias_(sql.template(f"count(*) FILTER (WHERE c{i})"), f"n{i}") for i in range(len(named))]
    (row,) = engine.rows(exp.select(*asked).from_(inside)).to_pylist()
    return list(row.values())


@pytest.mark.parametrize("kind", DOORS)
def test_a_mark_opens_as_many_rows_as_it_says(kind: str, table_of: Build, engine: Engine) -> None:
    for seed, rows in SIZES:
        rng = random.Random(f"{kind} {seed}")
        table = table_of(some_table(rng, rows))
        chart = some_chart(rng, kind, table)
        data = chart.data(table, engine)
        keys = ["value"] if kind == "histogram" else ["missing", "rows", "n"]
        key = next((one for one in keys if one in data.column_names), None)  # none: each point is a row
        marks = {row: mark for row in range(data.num_rows) if (mark := chart.mark(data, row)) is not None}
        some = sorted(rng.sample(sorted(marks), min(15, len(marks))))
        for row, opened in zip(some, counts(table, [marks[row] for row in some], engine), strict=True):
            said = data.column(key)[row].as_py() if key else None
            hint = (chart, data.slice(row, 1).to_pylist(), marks[row])
            assert opened == said if said is not None else opened, hint


def label(value: Any) -> Group:
    """The group of a text or a boolean as charts name it, before any becomes "other"."""
    if value is None:
        return Group("(missing)", "missing")
    return Group(str(value).lower() if isinstance(value, bool) else value)


def inside(value: Any, ends: tuple[Any, Any] | None) -> bool:
    """Whether a number or a moment lies in a closed range: Python's own comparison."""
    if ends is None:
        return True
    return (
        value is not None
        and not (isinstance(value, float) and math.isnan(value))
        and ends[0] <= value <= ends[1]
    )


def among(value: Any, drawn: Sequence[Group], ends: tuple[float, float] | None) -> bool:
    """Whether a row's group stands at a place in the range; what is drawn by no name is in "other"."""
    if ends is None:
        return True
    own = label(value)
    at = drawn.index(own) if own in drawn else [group.mark for group in drawn].index("other")
    return ends[0] <= at <= ends[1]


def span(rng: random.Random, values: Sequence[Any]) -> tuple[Any, Any] | None:
    """A range whose ends are values themselves, one value at times: both ends are inside."""
    held = [value for value in values if value is not None]
    held = [value for value in held if not isinstance(value, float) or math.isfinite(value)]  # as axes are
    if not held or rng.random() < 0.2:
        return None
    low, high = sorted(rng.choices(held, k=2))
    return low, high


def text(ends: tuple[Any, Any] | None) -> Any:
    """A range as an axis tells it: dates as ISO text."""
    if ends is None or not isinstance(ends[0], dt.date):
        return ends
    return tuple(end.isoformat(*([" "] if isinstance(end, dt.datetime) else [])) for end in ends)


def moment(text: str, column: str) -> dt.date | None:
    """A step of time as a value of its column; None of years that Python has not."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.date() if TYPES[column] == "date" else found


ALONG = ("area", "line", "histogram", "candlestick", "signal")
PLANES = ("scatter", "density2d")
STRIPS = ("box_plot", "strip", "violin")


@pytest.mark.parametrize("kind", [*ALONG, *PLANES])
def test_a_region_of_numbers_and_dates_holds_its_rows_and_its_ends(
    kind: str, table_of: Build, engine: Engine
) -> None:
    for seed in range(2):
        rng = random.Random(f"region {kind} {seed}")
        cells = some_table(rng, 60)
        table, rows = table_of(cells), cells.to_pylist()
        chart = some_chart(rng, kind, table)
        data = chart.data(table, engine)
        axes = [chart.x, chart.y] if kind in PLANES else [chart.x]  # type: ignore[attr-defined]
        ends = [span(rng, [row[axis] for row in rows]) for axis in axes]
        if not data.num_rows or all(one is None for one in ends):
            continue
        steps = isinstance(notes(data).get("grain"), str)
        if steps:  # of steps of time all rows are in: a range from one of them to another
            begins = [value for text in data["x"].to_pylist() if (value := moment(text, axes[0])) is not None]
            first, last = sorted(rng.choices(begins, k=2))
            later = min((one for one in begins if one > last), default=None)
            ends = [(first, last)]
        region = chart.region(data, text(ends[0]), text(ends[1]) if kind in PLANES else None)
        assert region is not None
        expected = []
        for i, row in enumerate(rows):
            held = all(inside(row[axis], one) for axis, one in zip(axes, ends, strict=True))
            x = row[axes[0]]
            if held or (steps and x is not None and first <= x and (later is None or x < later)):
                expected.append(i)
        assert places(table, region, engine) == expected, (chart, ends)


@pytest.mark.parametrize("kind", ["bar", "pareto", "heat_map", *STRIPS, "ridgeline"])
def test_a_region_of_categories_holds_the_groups_in_it(kind: str, table_of: Build, engine: Engine) -> None:
    for seed in range(2):
        rng = random.Random(f"region {kind} {seed}")
        cells = some_table(rng, 60)
        table, rows = table_of(cells), cells.to_pylist()
        chart = some_chart(rng, kind, table)
        across, down = rng.sample(["word", "flag", "side"], 2)
        strips = kind in STRIPS or kind == "ridgeline"
        chart = chart.model_copy(update={"x": across, **({"y": down} if kind == "heat_map" else {}),
                                         **({"y": "even"} if strips else {}), "rest": True})  # fmt: skip
        data = chart.data(table, engine)
        if not data.num_rows:
            continue
        told = notes(data).get("order")
        drawn = [Group(*one) for one in told] if told else parts.groups(data, "x")
        x = span(rng, range(len(drawn))) or (0, len(drawn))
        others = parts.groups(data, "y") if kind == "heat_map" else []
        y = span(
            rng, range(len(others)) if others else [row["even"] for row in rows if (row["even"] or 0) > 0]
        )
        near = tuple(end + way * 0.4 for end, way in zip(x, (-1, 1), strict=True))  # edges between the places
        flipped = (y, (-near[1], -near[0])) if kind == "ridgeline" else (near, y)
        if isinstance(chart, Bar) and chart.flat():
            flipped = (y, near)  # its categories stand one below the other
        if getattr(chart, "run", "upwards") == "to the right":
            flipped = y, near
        region = chart.region(data, *flipped)
        assert region is not None
        expected = []
        for i, row in enumerate(rows):
            up = among(row[down], others, y) if others else not strips or inside(row["even"], y)
            if strips and y is None and row["even"] is None:
                continue  # nothing of it is drawn
            if up and among(row[across], drawn, near):
                expected.append(i)
        found = [i for i in places(table, region, engine) if not (strips and rows[i]["even"] is None)]
        assert found == expected, (chart, x, y)


@pytest.mark.parametrize("kind", ["scatter", "density2d", "box_plot", "line", "histogram"])
def test_a_box_over_one_panel_holds_rows_of_that_panel(kind: str, table_of: Build, engine: Engine) -> None:
    rng = random.Random(kind)
    cells = some_table(rng, 80)
    table = table_of(cells)
    document: dict[str, Any] = {"kind": kind, "x": "side" if kind == "box_plot" else "few", "facet": "word"}
    chart = Chart.from_json(document | ({} if kind == "histogram" else {"y": "even"}))
    grid = {"facet": None, "facet_row": "flag", "facet_column": "word"}
    for own in (chart, chart.model_copy(update=grid)):
        data = own.data(table, engine)
        panels, found = Panels.of(data), []
        assert any(group.mark == "other" for one in panels for group in one.groups.values())
        for panel in panels:
            axes = [f"{letter}{panel.number + 1 if panel.number else ''}" for letter in "xy"]
            region = in_panel(own, data, own.region(data, None, (0, 1e9)), (axes[0], axes[1]))
            assert region is not None
            rows = places(table, region, engine)
            for key, group in panel.groups.items():
                named = [one.label for one in panels.keys[key] if one.mark == "value"]
                words = [label(cells["flag" if key == "facet_row" else "word"][i].as_py()) for i in rows]
                assert all(
                    one == group or (group.mark == "other" and one.label not in named) for one in words
                )
            found += rows
        assert len(found) == len(set(found))
        assert found


def places(table: Table, selection: Selection, engine: Engine, *limits: Selection) -> list[int]:
    """Where a selection's rows stand in the table."""
    some = selected(table, selection, *limits).query.copy()
    query = exp.select(exp.alias_(sql.name(sql.ROW), "r")).from_(some.subquery("s"))
    return sorted(engine.rows(query).column("r").to_pylist())


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_a_cell_of_a_cohort_grid_opens_the_rows_of_those_it_counts(
    grain: str, table_of: Build, engine: Engine
) -> None:
    rng = random.Random(grain)
    cells = some_table(rng, 60)
    rows = cells.to_pylist()
    half = Selection.of(Within(column="flag", values=("true",)))
    for x, limits in (("day", ()), ("at", ()), ("day", (half,))):
        table = selected(table_of(cells), *limits)
        chart = Cohort(id="word", x=x, grain=grain)
        data = chart.data(table, engine)
        whole = table_of(cells)
        known = [i for i, row in enumerate(rows) if not limits or row["flag"]]
        asked = [i for i in range(data.num_rows) if data["value"][i].as_py()]
        for i in rng.sample(asked, min(8, len(asked))):
            mark = chart.mark(data, i)
            if mark is None:  # beyond the years that Python has
                continue
            found = places(whole, Selection(marks=(mark,)), engine, *limits)
            assert set(found) <= set(known)
            assert len({rows[place]["word"] for place in found}) == data["value"][i].as_py(), (
                x,
                data.slice(i, 1),
            )
            low, high = mark.parts[1].low, mark.parts[1].high
            own = {rows[place]["word"] for place in found}
            other = [place for place in known if rows[place]["word"] in own and place not in found]
            assert all(not inside_ordinal(rows[place][x], TYPES[x], low, high) for place in other), (
                "all rows of theirs in that period"
            )


def inside_ordinal(value: Any, kind: ColumnType, low: float | None, high: float | None) -> bool:
    if value is None:
        return False
    at = from_text(kind, value.isoformat(*([" "] if isinstance(value, dt.datetime) else [])))
    return (low is None or at >= low) and (high is None or at < high)
