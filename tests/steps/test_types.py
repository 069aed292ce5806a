"""Changing types: what people write, and what it means."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import examples
from core.contracts import Column, Engine
from core.engine.duckdb import DuckEngine
from core.errors import BadParameter
from core.notation.conversions import possible_from
from core.recipe import Recipe, add
from core.steps.types import ChangeType
from tests.steps.tables import assert_same, by_pandas, fetched, put


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


def converted(
    engine: Engine, folder: Path, kind: str, cells: list[Any], to: str, **parameters: Any
) -> list[Any]:
    """The cells of one column after the step, which SQL and pandas must agree on."""
    columns = (Column(name="x", type=kind),)
    table = put(folder, pa.table({"x": cells}, schema=examples.arrow_schema(columns)))
    recipe = add(Recipe(), ChangeType(columns=("x",), to=to, **parameters)).learn(table, engine)
    result = fetched(recipe.apply(table, engine), engine)
    assert_same(by_pandas(recipe, table, engine, folder), result)
    return result.column("x").to_pylist()


NUMBERS = {
    "1,234.50": 1234.5,
    "1234": 1234.0,
    " 7 ": 7.0,
    "+7": 7.0,
    "-3.5 kg": -3.5,
    "− 3": -3.0,
    "12-": -12.0,
    "(42)": -42.0,
    "( 1,000 )": -1000.0,
    "12%": 0.12,
    "-12.5 %": -0.125,
    "€ 5": 5.0,
    "$1,000,000.00": 1e6,
    "US$ 9": 9.0,
    "-$5": -5.0,
    "$-5": -5.0,
    "EUR 12.30": 12.3,
    "12.30 EUR": 12.3,
    "1e3": 1000.0,
    "2.5E-2": 0.025,
    "-1e-5": -1e-5,
    ".5": 0.5,
    "5.": 5.0,
    "1 234 567": 1234567.0,
    "1'234.5": 1234.5,
    "12,34,567": 1234567.0,
    "1\u00a0234": 1234.0,
    "20 °C": 20.0,
    "3 m²": 3.0,
    "80 km/h": 80.0,
    "100 sq ft": 100.0,
    "100元": 100.0,
    "9007199254740993": 9007199254740992.0,
    # what is no number, or not surely this one
    "": None,
    "n/a": None,
    "abc12": None,
    "A12": None,
    "1,23": None,
    "1,2345": None,
    "1.234.567": None,
    "(42": None,
    "42)": None,
    "3M": None,
    "5k": None,
    "2 bn": None,
    "5 thousand": None,
    "3万": None,
    "12 apples and 3 pears": None,
    "1e999": None,
    "1-2": None,
    "2024-01-05": None,
    "12:30": None,
    "--5": None,
    "1 2": None,
    "inf": None,
    "nan": None,
    "0x10": None,
    "5\n6": None,
}


def test_numbers_are_read_as_people_write_them(engine: Engine, tmp_path: Path) -> None:
    got = converted(engine, tmp_path, "text", [*NUMBERS, None], "number")
    assert dict(zip(NUMBERS, got[:-1], strict=True)) == NUMBERS
    assert got[-1] is None


@given(cells=st.lists(st.text("0123456789.,'-+()%€ kgeEM$\u00a0−", max_size=12), min_size=200, max_size=200))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("decimal", ["point", "comma"])
def test_any_text_means_the_same_in_pandas(
    engine: Engine, tmp_path: Path, cells: list[str], decimal: str
) -> None:
    for to in ("number", "integer"):
        converted(engine, tmp_path, "text", cells, to, decimal=decimal)


@given(numbers=st.lists(st.floats(-1e15, 1e15).map(lambda x: round(x, 2)), min_size=1, max_size=50))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_numbers_written_in_any_style_are_read_back(
    engine: Engine, tmp_path: Path, numbers: list[float]
) -> None:
    styles = ("{:,.2f}", "{:.2f}", "{:,.2f} kg", "€ {:,.2f}", "{:+.2f}", "{:.17e}")
    cells = [style.format(number) for number in numbers for style in styles]
    expected = [number for number in numbers for _ in styles]
    assert converted(engine, tmp_path, "text", cells, "number") == expected


@given(days=st.lists(st.dates(dt.date(1000, 1, 1)), min_size=1, max_size=50))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_dates_written_in_any_style_are_read_back(
    engine: Engine, tmp_path: Path, days: list[dt.date]
) -> None:
    styles = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y", "%Y%m%d", "%A, %d %B %Y 23:59")
    cells = [day.strftime(style) for day in days for style in styles]
    expected = [day for day in days for _ in styles]
    assert converted(engine, tmp_path, "text", cells, "date", dates="day first") == expected


def test_a_decimal_comma_turns_the_signs_around(engine: Engine, tmp_path: Path) -> None:
    cells = {"1.234,50": 1234.5, "1,5": 1.5, "1.234": 1234.0, "1 234,5 €": 1234.5, "1,234.5": None, ",5": 0.5}
    got = converted(engine, tmp_path, "text", list(cells), "number", decimal="comma")
    assert dict(zip(cells, got, strict=True)) == cells


def test_units_and_percent_as_chosen(engine: Engine, tmp_path: Path) -> None:
    got = converted(engine, tmp_path, "text", ["5 kg", "€ 5", "5", "12%"], "number",
                    units=False, percent="as written")  # fmt: skip
    assert got == [None, None, 5.0, 12.0]


def test_whole_numbers_keep_all_their_digits(engine: Engine, tmp_path: Path) -> None:
    cells = ["9007199254740993", "-123456789012345678", "1234567890123456789", "12.5", "-12.5", "50%", "250%"]
    cells += ["1,000", "1e3", "(7)", "00000000000000000000042", "x"]
    rounded = converted(engine, tmp_path, "text", cells, "integer")
    assert rounded == [9007199254740993, -123456789012345678, None, 13, -13, 1, 3, 1000, 1000, -7, 42, None]
    strict = converted(engine, tmp_path, "text", cells, "integer", fractions="make missing")
    assert strict == [None if place in range(3, 7) else value for place, value in enumerate(rounded)]


def test_numbers_become_integers_by_rounding_half_away_from_zero(engine: Engine, tmp_path: Path) -> None:
    cells = [
        0.5,
        1.5,
        2.5,
        -2.5,
        2.4999999999999996,
        0.49999999999999994,
        9.3e18,
        -9.3e18,
        float("inf"),
        None,
    ]
    got = converted(engine, tmp_path, "number", cells, "integer")
    assert got == [1, 2, 3, -3, 2, 0, None, None, None, None]
    got = converted(engine, tmp_path, "number", [2.0, 2.5, -0.0], "integer", fractions="make missing")
    assert got == [2, None, 0]


def test_numbers_become_text_without_a_needless_point(engine: Engine, tmp_path: Path) -> None:
    cells = [3.0, -0.0, 2.5, 1e6, 1e15, 1e-5, 123456789.125, 1e300, 2 / 3, None]
    got = converted(engine, tmp_path, "number", cells, "text")
    assert got == ["3", "0", "2.5", "1000000", "1000000000000000.0", "1e-05", "123456789.125", "1e+300",
                   "0.6666666666666666", None]  # fmt: skip


DAY = dt.date(2024, 2, 29)
ALWAYS = {
    "2024-02-29": DAY,
    "2024/2/29": DAY,
    "2024.02.29": DAY,
    "20240229": DAY,
    "2024年2月29日": DAY,
    "29 Feb 2024": DAY,
    "29-Feb-24": DAY,
    "29th February, 2024": DAY,
    "Feb 29, 2024": DAY,
    "february 29th 2024": DAY,
    "Thu, 29 Feb 2024": DAY,
    "2024-Feb-29": DAY,
    "2024-02-29 18:30": DAY,
    "2024-02-29T18:30:00Z": DAY,
    "1 Sept 1969": dt.date(1969, 9, 1),
    "1 May 68": dt.date(2068, 5, 1),
    "1 May 69": dt.date(1969, 5, 1),
    "2023-02-29": None,
    "2024-13-01": None,
    "2024-00-10": None,
    "0000-01-01": None,
    "2024-02-29 25:00": None,
    "2024-02-29x": None,
    "32 Jan 2024": None,
    "n/a": None,
    "": None,
    "12": None,
}


@pytest.mark.parametrize("order", ["year first", "day first", "month first"])
def test_clear_dates_are_read_whatever_the_order(engine: Engine, tmp_path: Path, order: str) -> None:
    got = converted(engine, tmp_path, "text", [*ALWAYS, None], "date", dates=order)
    assert dict(zip(ALWAYS, got[:-1], strict=True)) == ALWAYS


def test_the_order_decides_what_one_slash_two_means(engine: Engine, tmp_path: Path) -> None:
    cells = ["1/2/2024", "31/12/2024", "12/31/2024", "1.2.24", "01-02-1969"]
    day = converted(engine, tmp_path, "text", cells, "date", dates="day first")
    assert day == [dt.date(2024, 2, 1), dt.date(2024, 12, 31), None, dt.date(2024, 2, 1), dt.date(1969, 2, 1)]
    month = converted(engine, tmp_path, "text", cells, "date", dates="month first")
    assert month == [
        dt.date(2024, 1, 2),
        None,
        dt.date(2024, 12, 31),
        dt.date(2024, 1, 2),
        dt.date(1969, 1, 2),
    ]
    assert converted(engine, tmp_path, "text", cells, "date") == [None] * 5


TIMES = {
    "2024-02-29": dt.datetime(2024, 2, 29),
    "2024-02-29 18:30": dt.datetime(2024, 2, 29, 18, 30),
    "2024-02-29T18:30:15.123456": dt.datetime(2024, 2, 29, 18, 30, 15, 123456),
    "2024-02-29 18:30:15.1": dt.datetime(2024, 2, 29, 18, 30, 15, 100000),
    "2024-02-29 18:30:15.123456789": dt.datetime(2024, 2, 29, 18, 30, 15, 123456),
    "2024-02-29 18:30Z": dt.datetime(2024, 2, 29, 18, 30),
    "2024-02-29T18:30:00+02:00": dt.datetime(2024, 2, 29, 16, 30),
    "2024-02-29T18:30:00 -0530": dt.datetime(2024, 3, 1, 0, 0),
    "29/02/2024 6:30 PM": dt.datetime(2024, 2, 29, 18, 30),
    "29/02/2024 06:30:05 a.m.": dt.datetime(2024, 2, 29, 6, 30, 5),
    "29/02/2024 12:00 am": dt.datetime(2024, 2, 29),
    "29/02/2024 12:00 pm": dt.datetime(2024, 2, 29, 12),
    "29 Feb 2024, 23:59:59": dt.datetime(2024, 2, 29, 23, 59, 59),
    "20/7/1969 20:17": dt.datetime(1969, 7, 20, 20, 17),
    "29/02/2024 13:00 PM": None,
    "29/02/2024 00:10 AM": None,
    "2024-02-29 24:00": None,
    "2024-02-29 10:60": None,
    "2024-02-29 10:30:61": None,
    "18:30": None,
}


def test_times_of_day_and_zones(engine: Engine, tmp_path: Path) -> None:
    got = converted(engine, tmp_path, "text", [*TIMES, None], "datetime", dates="day first")
    assert dict(zip(TIMES, got[:-1], strict=True)) == TIMES


@pytest.mark.parametrize(
    ("format", "cell", "expected"),
    [
        ("%d.%m.%Y", "29.02.2024", dt.datetime(2024, 2, 29)),
        ("%d.%m.%Y", "29/02/2024", None),
        ("%Y%m%d%H%M%S", "20240229183015", dt.datetime(2024, 2, 29, 18, 30, 15)),
        ("%m/%d/%y %I:%M %p", "2/29/24 6:30 pm", dt.datetime(2024, 2, 29, 18, 30)),
        ("%d %b %Y", "29 FEB 2024", dt.datetime(2024, 2, 29)),
        ("%B %d, %Y", "February 29, 2024", dt.datetime(2024, 2, 29)),
        (
            "%Y-%m-%dT%H:%M:%S.%f%z",
            "2024-02-29T18:30:00.5+02:00",
            dt.datetime(2024, 2, 29, 16, 30, 0, 500000),
        ),
        ("%d%%%m%%%Y", "29%2%2024", dt.datetime(2024, 2, 29)),
        ("%y-%m-%d", "69-07-20", dt.datetime(1969, 7, 20)),
        ("(%d) [%m] {%Y}", "(29) [2] {2024}", dt.datetime(2024, 2, 29)),
    ],
)
def test_one_exact_format(
    engine: Engine, tmp_path: Path, format: str, cell: str, expected: dt.datetime | None
) -> None:
    got = converted(engine, tmp_path, "text", [cell, "2024-02-30", None], "datetime", format=format)
    assert got == [expected, None, None]


@pytest.mark.parametrize("format", ["%d.%m", "%Q %Y %m %d", "%Y %y %m %d", "%Y-%m-%d %I", "%Y-%m-%d %"])
def test_a_format_that_cannot_work_is_refused(format: str) -> None:
    with pytest.raises(BadParameter, match="'format' parameter of ChangeType must") as refused:
        ChangeType.build("change_type", {"columns": ["x"], "to": "date", "format": format})
    assert format in str(refused.value)


def test_words_for_yes_and_no(engine: Engine, tmp_path: Path) -> None:
    cells = ["TRUE", " yes ", "Y", "1", "no", "F", "0", "2", "maybe", "", None]
    got = converted(engine, tmp_path, "text", cells, "boolean")
    assert got == [True, True, True, True, False, False, False, None, None, None, None]
    got = converted(
        engine, tmp_path, "text", ["是", "否", "yes"], "boolean", true_words="是", false_words="否"
    )
    assert got == [True, False, None]


@pytest.mark.parametrize(("true", "false"), [("yes, ja", "JA, no"), ("", "no"), ("yes", " , ")])
def test_words_must_be_clear(true: str, false: str) -> None:
    with pytest.raises(BadParameter, match="must"):
        ChangeType.build(
            "change_type", {"columns": ["x"], "to": "boolean", "true_words": true, "false_words": false}
        )


CELLS: dict[str, list[Any]] = {
    "integer": [0, 1, -1, 20240229, 20230229, 2**63 - 1, -(2**63), 10**15, None],
    "number": [0.0, 1.0, -1.0, 0.1, 1e22, None],
    "text": ["1", "true", "2024-02-29", "x", None],
    "boolean": [True, False, None],
    "date": [dt.date(2024, 2, 29), dt.date(1969, 7, 20), dt.date(1, 1, 1), None],
    "datetime": [
        dt.datetime(2024, 2, 29, 23, 59, 59, 999999),
        dt.datetime(1969, 7, 20, 20, 17),
        dt.datetime(1600, 1, 1, 0, 0, 0, 1),
        dt.datetime(2024, 1, 1, 0, 0, 0, 120000),
        None,
    ],
}
PAIRS = [(kind, to) for kind, to in itertools.product(CELLS, CELLS) if to in possible_from(kind)]


@pytest.mark.parametrize(("kind", "to"), PAIRS)
def test_every_pair_of_types_agrees_with_pandas(engine: Engine, tmp_path: Path, kind: str, to: str) -> None:
    got = converted(engine, tmp_path, kind, CELLS[kind], to)
    assert len(got) == len(CELLS[kind])
    assert got[-1] is None
    assert any(value is not None for value in got)


def test_a_day_before_1970_keeps_its_day(engine: Engine, tmp_path: Path) -> None:
    moment = dt.datetime(1969, 7, 20, 20, 17)
    assert converted(engine, tmp_path, "datetime", [moment], "date") == [dt.date(1969, 7, 20)]
    assert converted(engine, tmp_path, "datetime", [moment], "text") == ["1969-07-20 20:17:00"]


def test_what_cannot_be_is_refused_with_what_can(engine: Engine) -> None:
    step = ChangeType(columns=("x",), to="number")
    with pytest.raises(BadParameter, match=r"'x' is date, which cannot become number.*date, text, datetime"):
        step.check((Column(name="x", type="date"),))


def test_the_effect_counts_what_was_lost(engine: Engine, tmp_path: Path) -> None:
    table = put(tmp_path, examples.table())
    effect = add(Recipe(), ChangeType.example()).effects(table, engine)[0]
    assert effect.cells_emptied == {"amount": 2}  # "n/a" and the empty text
    assert [(r.column, r.before, r.after) for r in effect.columns_retyped] == [("amount", "text", "number")]
