"""What every chart promises: each registered chart inherits this whole suite."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlglot import exp

from core import examples, sql
from core.charts import Cohort, Histogram, PointMap, Scatter, Strip
from core.charts.heads import head
from core.contracts import Chart, Column, Engine, Table
from core.engine.duckdb import DuckEngine, stored
from core.errors import BadParameter, MissingColumn
from core.selection import Selection, selected
from core.wording import Note

CHARTS = sorted(Chart.members)
MOST_ROWS = 20_000  # the points of a scatter plot; everything else is aggregated
MOST_BYTES = 2_000_000
HOSTILE = [
    'a"; drop table t; --', "<b>bold</b>",
    '<a href="javascript:alert(1)">x</a>', "<img src=x onerror=alert(1)>",
    "😀 价格", "שלום \u202e RTL", "n" * 500, "%{x} %{customdata}", "$\\alpha$", "two\nlines", "&lt;i&gt;",
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


@pytest.fixture(params=CHARTS)
def chart(request: pytest.FixtureRequest) -> Chart:
    return Chart.members[request.param].example()


def put(folder: Path, data: pa.Table, name: str = "t") -> Table:
    place = folder / f"{name}.parquet"
    pq.write_table(data, place)
    kinds = {column.name: column.type for column in examples.COLUMNS}
    query = stored(place)
    columns = DuckEngine(threads=1).schema(query) if set(data.column_names) - set(kinds) else tuple(
        Column(name=name, type=kinds[name]) for name in data.column_names
    )  # fmt: skip
    return Table(query, columns)


def drawn(chart: Chart, table: Table, engine: Engine) -> tuple[pa.Table, dict[str, Any], str]:
    """The chart's rows, its figure as the browser gets it, and its words; checked for what all promise."""
    data = chart.data(table, engine)
    assert data.num_rows <= MOST_ROWS
    text = chart.figure(data).to_json()
    assert len(text) < MOST_BYTES
    said = chart.describe(data)
    assert Note.model_validate(json.loads(said.model_dump_json())) == said
    words = str(said)
    assert words.strip()
    return data, json.loads(text), words


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for key, item in value.items() if key != "bdata" for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return []


def many(rows: int) -> pa.Table:
    """The example's columns with other rows: 10,000 categories, infinite values, dates before 1970."""
    region = [f"region {i * 7919 % 10_000}" if i % 11 else None for i in range(rows)]
    odd = {3: math.inf, 4: -math.inf, 5: 1e308, 6: -1e308, 7: 5e-324}
    values = {
        "id": list(range(rows)), "name": [f"n{i % 10_000}" for i in range(rows)], "region": region,
        "price": [odd.get(i, (i * 37 % 1000) / 7) for i in range(rows)],
        "quantity": [i * 31 % 97 if i % 13 else None for i in range(rows)],
        "amount": [str(i) for i in range(rows)],
        "member": [i % 3 == 0 if i % 5 else None for i in range(rows)],
        "day": [dt.date(1850, 1, 1) + dt.timedelta(days=i * 17 % 80_000) for i in range(rows)],
        "day_text": ["x"] * rows,
        "at": [
            dt.datetime(1900, 1, 1) + dt.timedelta(seconds=i * 7_777_777 % 4_000_000_000) for i in range(rows)
        ],
    }  # fmt: skip
    return pa.table(values, schema=examples.arrow_schema(examples.COLUMNS))


def test_the_promised_charts_are_there() -> None:
    promised = {"histogram", "bar", "line", "scatter", "box_plot", "heat_map", "correlation", "missing_map"}
    assert promised <= set(CHARTS)


def test_the_example_draws(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    data, figure, words = drawn(chart, put(tmp_path, examples.table()), engine)
    assert data.num_rows
    assert figure["data"], "a chart of the example shows something"
    assert any(character.isdigit() for character in words), "words without numbers say little"


def test_json_round_trip(chart: Chart) -> None:
    assert Chart.from_json(json.loads(json.dumps(chart.to_json(), allow_nan=False))) == chart


def test_it_has_a_title_a_heading_a_summary_and_every_parameter_is_explained(chart: Chart) -> None:
    assert chart.title
    assert chart.group
    assert chart.summary().endswith(".")
    rows = type(chart).parameters()
    assert rows
    for row in rows:
        assert row.title
        assert row.help.endswith(".")


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_few_rows_draw(chart: Chart, engine: Engine, tmp_path: Path, rows: int) -> None:
    drawn(chart, put(tmp_path, examples.table().slice(0, rows)), engine)


def test_columns_without_any_value_draw(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    schema = examples.arrow_schema(examples.COLUMNS)
    empty = pa.table({field.name: pa.nulls(30, field.type) for field in schema}, schema=schema)
    drawn(chart, put(tmp_path, empty), engine)


def test_a_constant_column_draws(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    first = examples.table().slice(0, 1)
    drawn(chart, put(tmp_path, pa.concat_tables([first] * 50)), engine)


def test_ten_thousand_categories_infinite_values_and_old_dates_stay_bounded(
    chart: Chart, engine: Engine, tmp_path: Path
) -> None:
    table = put(tmp_path, many(30_000))
    data, figure, _ = drawn(chart, table, engine)
    assert data.num_rows <= 6_000, "30,000 rows come as aggregates"
    assert "Infinity" not in json.dumps(figure)


def odd() -> pa.Table:
    """The example's columns with far dates, of years that Python has not too, and numbers around zero.

    They come before 1970 and after 2262; numbers are huge, minute, infinite and not a number at all.
    """
    source = examples.table()
    far = [(1, 1, 1), (1066, 10, 14), (1969, 12, 31), (2262, 4, 12), (9999, 12, 31)]
    known = [*(dt.date(*day) for day in far), *(dt.date(2024, 1, i) for i in range(1, 5))]
    days = [None, -735_000, *((day - dt.date(1970, 1, 1)).days for day in known), 3_663_000]  # 43 BC, 11998
    moments = [None if day is None else day * 86_400_000_000 for day in days]
    numbers = [-1e9, -1.0, -0.0, 0.0, 1e-300, math.inf, 1e9, None, -5e-324, math.nan, -math.inf, 4.0]
    wholes = [-3, -2, 2**53 + 1, 0, 0, 1, 2, 3, None, -(2**62), 2**62, 2**53]
    for name, column in (
        ("day", pa.array(days, pa.int32()).cast(pa.date32())),
        ("at", pa.array(moments, pa.int64()).cast(pa.timestamp("us"))),
        ("price", pa.array(numbers, pa.float64())), ("quantity", pa.array(wholes, pa.int64())),
    ):  # fmt: skip
        source = source.set_column(source.column_names.index(name), name, column)
    return source


def test_far_dates_and_numbers_below_zero_draw_on_every_axis(
    chart: Chart, engine: Engine, tmp_path: Path
) -> None:
    table = put(tmp_path, odd())
    own = {row.name for row in type(chart).parameters()}
    logs = dict.fromkeys({"log_x", "log_y"} & own, True)
    along: dict[str, Any] = {"x": "day"} if any(
        row.name == "x" and "date" in (row.types or ("date",)) for row in type(chart).parameters()
    ) else {}  # fmt: skip
    groups = dict.fromkeys({"colour", "facet"} & own, "day")
    for update in ({}, logs, along, {**along, **logs}, groups):
        other = chart.model_copy(update=update)
        if refusal(other, table) is None:
            _, figure, _ = drawn(other, table, engine)
            assert "Infinity" not in json.dumps(figure)


PANELS: tuple[dict[str, str], ...] = ({"facet": "name"}, {"facet_row": "name", "facet_column": "region"})


@pytest.mark.parametrize("panels", PANELS, ids=["panels", "grid"])
def test_every_choice_of_colour_and_panels_stays_bounded(
    chart: Chart, engine: Engine, tmp_path: Path, panels: dict[str, str]
) -> None:
    table = put(tmp_path, many(30_000))
    own = {row.name: row.choices for row in type(chart).parameters()}
    if "facet_row" in panels and "facet_row" not in own:
        return
    wanted = {"colour": "region", "top": 50, "bins": 200, "grain": "second", **panels}
    offered = {k: v for k, v in wanted.items() if k in own and (not own[k] or v in own[k])}
    full = chart.model_copy(update=offered)
    data, _, _ = drawn(full, table, engine)
    assert data.num_rows <= MOST_ROWS


def gridded(chart: Chart) -> Chart | None:
    """The chart with a grid of panels; None where it has none."""
    own = {row.name for row in type(chart).parameters()}
    grid = {"facet": None, "facet_row": "member", "facet_column": "region"}
    return chart.model_copy(update=grid) if {*grid} <= own else None


def test_a_grid_of_panels_draws_and_each_mark_is_a_door_to_its_rows(
    chart: Chart, engine: Engine, tmp_path: Path
) -> None:
    other = gridded(chart)
    assert (other is None) == ("facet" not in {row.name for row in type(chart).parameters()})
    if other is None:
        return
    table = put(tmp_path, many(300))
    data, figure, _ = drawn(other, table, engine)
    assert len([key for key in figure["layout"] if key.startswith("xaxis")]) == 6 * 3
    doors_lead_to_their_rows(other, data, table, engine)
    wide = other.region(data, ("1800-01-01", "2300-01-01") if "day" in str(other) else (-1e300, 1e300), None)
    assert wide is not None
    assert places(table, wide, engine)
    with pytest.raises(BadParameter, match="not both"):
        other.model_copy(update={"facet": "region"}).check(table.columns)


@pytest.mark.parametrize("turn", range(3))
def test_hostile_names_and_cells_are_only_text(
    chart: Chart, engine: Engine, tmp_path: Path, turn: int
) -> None:
    """Each column's name is another hostile text, and each region's value; turned, so that they meet anew."""
    source = examples.table()
    turned = HOSTILE[turn * 4 :] + HOSTILE[: turn * 4]
    renamed = {name: f"{turned[i]} {name}" for i, name in enumerate(source.column_names)}
    regions = dict(zip(("North", "South", "East", "east", "West"), reversed(turned), strict=False))
    cells = pa.array([regions.get(value) for value in source["region"].to_pylist()], pa.string())
    source = source.set_column(source.column_names.index("region"), "region", cells)
    place = tmp_path / "t.parquet"
    pq.write_table(source.rename_columns(list(renamed.values())), place)
    columns = tuple(Column(name=renamed[c.name], type=c.type) for c in examples.COLUMNS)
    document = chart.to_json()
    for row in type(chart).parameters():
        if row.kind == "column" and document[row.name]:
            document[row.name] = renamed[document[row.name]]
        if row.kind == "columns":
            document[row.name] = [renamed[name] for name in document[row.name]]
        if row.name == "tooltip":
            document[row.name] = [renamed[name] for name in ("region", "price", "name")]
    hostile = {row.name: renamed["region"] for row in type(chart).parameters()
               if row.name in ("colour", "shape", "facet" if turn else "facet_row")}  # fmt: skip
    table, plain, grouped = (
        Table(stored(place), columns),
        *map(Chart.from_json, (document, document | hostile)),
    )
    _, figure, _ = drawn(plain if refusal(grouped, table) else grouped, table, engine)
    figure["layout"].pop("template", None)
    ours = {
        "%{text}", "%{x:.4~g}, %{y:.4~g}: %{customdata[1]:,}<extra></extra>", "%{label}<extra></extra>",
        "%{label}: %{customdata[1]}<extra></extra>",
    }  # fmt: skip
    for text in strings(figure):
        assert not any(tag in text for tag in ("<b>", "<a ", "<img")), text
        assert "%{" not in text or text in ours, text
        assert "$" not in text, text


def test_a_missing_column_is_named_with_its_likes(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    for row in type(chart).parameters():
        if row.kind not in ("column", "columns"):
            continue
        wrong = "pricee" if row.kind == "column" else ("pricee", "quantity")
        broken = chart.model_copy(update={row.name: wrong})
        with pytest.raises(MissingColumn, match=r"pricee.*price"):
            broken.data(table, engine)


def test_every_choice_draws_or_says_what_it_belongs_to(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    for row in type(chart).parameters():
        options = row.choices if row.kind == "choice" else (True, False) if row.kind == "switch" else ()
        for option in options:
            other = chart.model_copy(update={row.name: option})
            refused = refusal(other, table)
            if refused is None:
                drawn(other, table, engine)
            else:
                assert refused.hint, "what to choose instead"


def refusal(chart: Chart, table: Table) -> BadParameter | None:
    try:
        chart.check(table.columns)
    except BadParameter as error:
        return error
    return None


def test_the_same_table_gives_the_same_rows(chart: Chart, tmp_path: Path) -> None:
    table = put(tmp_path, many(25_000))
    many_threads = DuckEngine(threads=4)
    first, again = (chart.data(table, many_threads) for _ in range(2))
    assert first.column_names == again.column_names
    for name in first.column_names:
        one, other = first.column(name).to_pylist(), again.column(name).to_pylist()
        if pa.types.is_floating(first.schema.field(name).type):  # sums may differ in their last digits
            assert [x is None for x in one] == [x is None for x in other]
            one, other = ([x for x in side if x is not None] for side in (one, other))
            assert one == pytest.approx(other, rel=1e-12)
        else:
            assert one == other


def test_it_names_its_axes(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    _, figure, _ = drawn(chart, put(tmp_path, examples.table()), engine)
    assert figure["layout"]["title"]["text"]


def test_what_it_says_is_asked_of_the_reader_s_language(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    asked: list[str] = []

    def say(words: Note) -> str:
        asked.append(words.template)
        return f"\u00ab{words}\u00bb"

    data = chart.data(put(tmp_path, examples.table()), engine)
    figure = chart.figure(data, say)
    assert asked
    assert figure.layout.title.text.startswith("\u00ab"), "the title is a sentence, to be translated"
    nothing = chart.figure(chart.data(put(tmp_path, examples.table().slice(0, 0), "none"), engine), say)
    texts = [note.text for note in nothing.layout.annotations]
    assert all(text.startswith("\u00ab") for text in texts), texts


def test_the_tooltip_is_told_of_each_mark(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    if "tooltip" not in {row.name for row in type(chart).parameters()}:
        return
    other = chart.model_copy(update={"tooltip": ("name", "price", "member", "at")})
    for rows in (examples.table(), examples.table().slice(0, 0), many(3_000)):
        data, figure, words = drawn(other, put(tmp_path, rows), engine)
        if data.num_rows and data.num_rows * 4 <= 20_000:
            assert "also tells" in words
            told = json.dumps([trace.get("hovertext") for trace in figure["data"]])
            assert "name: " in told
            assert "price: " in told


def test_reference_lines_are_drawn_and_said(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    """Of no row and of one, of odd numbers, on every axis that has values, also a logarithmic one."""
    own = {row.name for row in type(chart).parameters()}
    if "lines" not in own:
        return
    lines = [
        {"what": "value", "at": "0", "name": "<b>%{x}</b>"},
        {"what": "mean"},
        {"what": "quantile", "at": ".25"},
    ]
    logs = dict.fromkeys({"log_x", "log_y"} & own, True)
    for rows in (examples.table(), examples.table().slice(0, 0), examples.table().slice(0, 1), odd()):
        for update in ({}, logs):
            other = Chart.from_json({**chart.to_json(), **update, "lines": lines})
            data, figure, words = drawn(other, put(tmp_path, rows), engine)
            assert not data.num_rows or "Reference lines: <b>" in words
            assert not any(
                "<b>" in text or "%{x}" in text for text in strings(figure["layout"].get("shapes"))
            )


def test_every_column_of_its_table_has_a_name_in_words(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    data = chart.data(put(tmp_path, examples.table()), engine)
    for key in data.column_names:
        if not key.endswith("_is") and key not in ("x", "y", "v0", "v1", "v2"):
            assert head(chart, data, key).template != "{column}" or str(head(chart, data, key)) != key, key


def points(figure: go.Figure) -> list[int]:
    """The rows of the result that a figure's points say they were drawn from, -1 for none."""
    found: list[int] = []
    for trace in figure.data:
        if trace.type == "sankey":
            carried = [row for part in (trace.node, trace.link) for row in part.customdata]
            found += [int(row if np.isscalar(row) else row[0]) for row in carried]
        elif trace.customdata is not None:
            behind = np.asarray(trace.customdata)
            places = 2 if trace.type == "heatmap" else 1  # the axes of the grid or of the list of points
            found += (behind if behind.ndim == places else behind[..., 0]).astype(int).ravel().tolist()
    return found


@pytest.mark.parametrize("size", ["example", "many", "crowded"])
def test_a_mark_is_a_door_to_its_rows(chart: Chart, engine: Engine, tmp_path: Path, size: str) -> None:
    """What a mark stands for, asked of the table again, gives as many rows as the chart counted."""
    rows = {"many": 3_000, "crowded": 30_000}.get(size)
    table = put(tmp_path, examples.table() if rows is None else many(rows))
    data = chart.data(table, engine)
    doors_lead_to_their_rows(chart, data, table, engine)


def doors_lead_to_their_rows(chart: Chart, data: pa.Table, table: Table, engine: Engine) -> None:
    numbers = [row for row in points(chart.figure(data)) if row >= 0]
    assert all(row < data.num_rows for row in numbers)
    counts = ["value"] if isinstance(chart, Histogram) else ["missing", "rows", "n"]
    count = next((key for key in counts if key in data.column_names), None)
    assert count is not None or isinstance(chart, Cohort | PointMap | Scatter | Strip), "no number to compare"
    marks = [(row, chart.mark(data, row)) for row in range(data.num_rows)]
    if not any(mark is not None for _, mark in marks):
        assert not numbers, "a point without rows behind it is no door"
        return
    assert numbers, "whoever presses a mark must find its row"
    looked = [(row, mark) for row, mark in marks if mark is not None][:: max(1, data.num_rows // 40)]
    for row, mark in looked:
        selection = Selection(marks=(mark,))
        assert Selection.from_json(json.loads(json.dumps(selection.to_json()))) == selection
        assert str(selection.describe(table.columns))
        own = engine.rows(selected(table, selection).query)
        if count is not None and data.column(count)[row].as_py() is not None:
            assert own.num_rows == data.column(count)[row].as_py(), str(selection.describe(table.columns))
        else:
            assert own.num_rows


def test_a_region_is_a_door_to_its_rows(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    """The rows in all of both axes hold every mark's; a chart is drawn of those in a part of it."""
    table = put(tmp_path, examples.table())
    data = chart.data(table, engine)
    if chart.region(data, None, None) is None:
        return
    dated = chart.figure(data).layout.xaxis.type == "date"
    ends = ("1900-01-01", "2100-01-01") if dated else (-1e300, 1e300)
    wide = chart.region(data, ends, None)
    assert wide is not None
    everything = places(table, wide, engine)
    marks = tuple(mark for row in range(data.num_rows) if (mark := chart.mark(data, row)) is not None)
    assert not marks or places(table, Selection(marks=marks), engine) <= everything
    nothing = ("1800-01-01", "1800-01-02") if dated else (-1e299, -1e298)
    narrow = chart.region(data, nothing, None)
    assert narrow is not None
    drawn(chart, selected(table, narrow), engine)


def places(table: Table, selection: Selection, engine: Engine) -> set[int]:
    """Where a selection's rows stand in the table."""
    some = selected(table, selection).query.copy()
    query = exp.select(exp.alias_(sql.name(sql.ROW), "r")).from_(some.subquery("s"))
    return set(engine.rows(query).column("r").to_pylist())


def test_no_colours_or_fonts_of_its_own(chart: Chart, engine: Engine, tmp_path: Path) -> None:
    _, figure, _ = drawn(chart, put(tmp_path, examples.table()), engine)
    figure["layout"].pop("template", None)
    text = json.dumps(figure)
    for key in ('"color"', '"font"', '"colorscale"', '"bgcolor"'):
        assert key not in text, key
