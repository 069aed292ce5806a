"""What formulas give: the engine and pandas agree on every function, and both agree with Python."""

from __future__ import annotations

import datetime as dt
import math
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.contracts import Engine
from core.engine.duckdb import DuckEngine
from tests.steps.formulas import INF, ROWS, computed

FORMULAS = r"""
x+y
x-y
x*y
x/y
x/2
i/0
x%y
i%3
x^y
-x
+i
-i
x^2^0.5
i*i
i+j
s & t
s & "x"
"x" & s
"a" & "b"
1+2
s = t
s < t
s < "b"
x = y
x < y
x != y
i < x
i = x
i >= 2
2 <= i
d < e
d < "2024-01-01"
"2024-01-01" < d
d < at
at >= to
at < "2024-01-30 15:00:01.5"
at > "2024-01-30"
d < "2024-01-30 10:00"
b = c
b < c
b and c
b or c
not b
b and true
true or b
not (b and not c)
round(x)
round(x, 2)
round(y)
round(i)
floor(x)
ceiling(x)
int(x)
int(i)
int(x*2)
abs(x)
abs(i)
sign(x)
sqrt(x)
exp(x)
log(x)
log10(x)
log2(x)
power(x,y)
mod(x,y)
mod(i, -3)
min(x,y)
max(x,y)
min(i,j,x,y)
max(s,t)
min(d,e)
max(d,"2024-01-01")
min(x, 1)
number(s)
number(t)
number(b)
number(x)
upper(s)
lower(s)
trim(s)
length(s)
left(s,2)
right(s,2)
mid(s,2,3)
mid(s,100,3)
replace(s,"o","")
replace(s,"o","'")
contains(s,"o")
contains(s,"李")
contains(s,"\\")
starts_with(s,"N")
ends_with(s,"h")
text(s)
text(i)
text(x)
text(y)
text(b)
text(d)
text(at)
year(d)
year(at)
quarter(d)
quarter(at)
month(d)
month(at)
week(d)
week(at)
day_of_month(d)
day_of_month(at)
weekday(d)
weekday(at)
hour(at)
minute(at)
date(at)
date(d)
date("2024-01-30")
year("2024-01-30")
hour("2024-01-30 15:00")
month_start(d)
month_start(at)
days_between(d,e)
days_between(d,"2024-01-01")
days_between("2024-01-01", d)
days_between(at,to)
days_between(d,at)
hours_between(at,to)
hours_between(d,to)
if(x>1,"big","small")
if(b, s, t)
if(b, x, i)
if(b, 1, 2)
if(b, 1, 2.5)
if(b, missing, x)
if(b, x, missing)
if(b, s)
if(b, d, "2024-01-01")
if(true, 1, 2)
if(b, if(c, 1, 2), 3)
coalesce(x,0)
coalesce(x,y,i,7)
coalesce(missing, s, "none")
coalesce(s,t)
coalesce(d, "2024-01-01")
is_missing(x)
is_missing(x/0)
is_missing(s) and b
is_missing(missing)
one_of(i, 1, 2, 3, 42)
one_of(d, "2024-01-30", "1969-07-20")
x > missing
missing & s
[unit price] * [a]]b[]
if(x - y > 0, 1, 0)
x*0 = x*0
[X]+I
if(is_missing(x), -1, x)
1 = 1
"a" < "b"
coalesce(1, 2)
-2 ^ 2
2 ^ -1
not true
length("abc")
x > 1 and x < 5 or b
min(1, 2)
add_days("2024-01-30", 1)
text(1.0)
text(1)
one_of(s, "North", '"', "x")
add_days(d, 1) = e
""".strip().splitlines()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return DuckEngine(threads=1)


@pytest.mark.parametrize("formula", FORMULAS)
def test_pandas_agrees_on_extreme_values(formula: str, engine: Engine, tmp_path: Path) -> None:
    assert len(computed(formula, engine, tmp_path)) == ROWS.num_rows


@pytest.mark.parametrize(
    "formula", ["1 + 2", '"a" & "b"', "if(true, 1, 2)", "x / y", "sqrt(x)", "text(x)", "week(d)"]
)
def test_pandas_agrees_on_no_rows(formula: str, engine: Engine, tmp_path: Path) -> None:
    assert computed(formula, engine, tmp_path, ROWS.slice(0, 0)) == []


def one(formula: str, engine: Engine, folder: Path, **values: Any) -> Any:
    """The value for one row in which only these columns have one."""
    row = [{column: values.get(column) for column in ROWS.column_names}]
    return computed(formula, engine, folder, pa.Table.from_pylist(row, schema=ROWS.schema))[0]


DAY, NIGHT = dt.date(2024, 12, 30), dt.datetime(2024, 12, 30, 23, 30, 15, 500000)


@pytest.mark.parametrize(
    ("formula", "values", "expected"),
    [
        ("i / 0", {"i": 1}, None),
        ("x / y", {"x": 1.0, "y": 0.0}, None),
        ("i % j", {"i": -7, "j": 3}, 2),  # as in a spreadsheet: the sign of the divisor
        ("i % j", {"i": 7, "j": 0}, None),
        ("-8 ^ (1 / 3)", {}, -2),
        ("(0 - 8) ^ 0.5", {}, None),
        ("x - x", {"x": INF}, None),
        ("x - x > 1", {"x": INF}, None),
        ("i + i", {"i": 2**63 - 1}, 2.0**64),
        ("i * i * i * i * i * i", {"i": 2**62}, 2.0**372),
        ("-i", {"i": -(2**63)}, 2.0**63),
        ("int(x)", {"x": 1e300}, None),
        ("int(x)", {"x": -2.9}, -2),
        ("round(x)", {"x": 2.5}, 3),
        ("round(x)", {"x": -2.5}, -3),
        ("round(x, 1)", {"x": 0.25}, 0.3),
        ("round(x, 2)", {"x": 1e308}, 1e308),
        ("log(x)", {"x": 0.0}, None),
        ("log(x)", {"x": -1.0}, None),
        ("log(x)", {"x": math.e}, 1),
        ("log10(x)", {"x": 1000.0}, 3),
        ("log2(x)", {"x": 8.0}, 3),
        ("sqrt(x)", {"x": -1.0}, None),
        ("sqrt(x)", {"x": 2.0}, math.sqrt(2)),
        ("exp(x)", {"x": 1.0}, math.e),
        ("min(i, j, 4)", {"i": None, "j": 9}, 4),
        ("max(i, j)", {}, None),
        ("number(s)", {"s": "+12.50"}, 12.5),
        ("number(s)", {"s": "1e3"}, 1000),
        ("number(s)", {"s": "1_000"}, None),
        ("number(s)", {"s": "inf"}, None),
        ("number(s)", {"s": "12\n"}, None),
        ("text(x)", {"x": 1e6}, "1000000"),
        ("text(x)", {"x": 0.1}, "0.1"),
        ("text(i)", {"i": -5}, "-5"),
        ("text(b)", {"b": True}, "true"),
        ("text(d)", {"d": DAY}, "2024-12-30"),
        ("text(at)", {"at": NIGHT}, "2024-12-30 23:30:15"),
        ("trim(s)", {"s": "\u00a0\t a b \u3000\n"}, "a b"),
        ("length(s)", {"s": "李雷😀"}, 3),
        ("left(s, 2) & '|' & right(s, 2) & '|' & mid(s, 2, 3)", {"s": "李雷😀ab"}, "李雷|ab|雷😀a"),
        ("replace(s, 'aa', 'b')", {"s": "aaaa"}, "bb"),
        ("contains(s, '.*')", {"s": "abc"}, False),
        ("s & t", {"s": "a"}, None),
        ("'\\ '' \" %s {a} :b ? --' & s", {"s": ""}, "\\ ' \" %s {a} :b ? --"),
        ("week(d)", {"d": DAY}, 1),  # the Monday of the week with 2 January 2025
        ("week(d)", {"d": dt.date(2021, 1, 3)}, 53),
        ("weekday(d)", {"d": DAY}, 1),
        ("weekday(d)", {"d": dt.date(2024, 12, 29)}, 7),
        ("hour(at) * 100 + minute(at)", {"at": NIGHT}, 2330),
        ("date(at)", {"at": dt.datetime(1969, 12, 31, 23)}, dt.date(1969, 12, 31)),
        ("month_start(d)", {"d": DAY}, dt.date(2024, 12, 1)),
        ("add_days(d, i)", {"d": DAY, "i": 3}, dt.date(2025, 1, 2)),
        ("add_days(d, -30)", {"d": dt.date(2024, 3, 1)}, dt.date(2024, 1, 31)),
        ("add_days(at, 1)", {"at": NIGHT}, NIGHT + dt.timedelta(days=1)),
        ("add_days(d, i)", {"d": DAY, "i": 2**62}, None),
        ("days_between(d, e)", {"d": dt.date(2024, 2, 28), "e": dt.date(2024, 3, 1)}, 2),
        ("days_between(at, to)", {"at": NIGHT, "to": dt.datetime(2024, 12, 31)}, 1),
        ("hours_between(at, to)", {"at": NIGHT, "to": NIGHT + dt.timedelta(minutes=90)}, 1.5),
        ("if(b, 1, 2)", {"b": None}, 2),
        ("if(b, 1, 2)", {"b": True}, 1),
        ("if(b, 1)", {"b": False}, None),
        ("coalesce(x, y, 0)", {"y": 3.0}, 3),
        ("is_missing(x / 0)", {"x": 1.0}, True),
        ("one_of(s, 'a', 'b')", {"s": "b"}, True),
        ("one_of(s, 'a', 'b')", {"s": None}, None),
        ("b and c", {"b": False}, False),
        ("b or c", {"b": True}, True),
        ("b and c", {"b": True}, None),
        ("d >= '2024-12-30'", {"d": DAY}, True),
        ("at < '2024-12-30T23:30:15.5'", {"at": NIGHT}, False),
        ("i = x", {"i": 2**53 + 1, "x": 2.0**53}, True),  # compared as 64-bit floats
        ("i = j", {"i": 2**53 + 1, "j": 2**53}, False),
    ],
)
def test_the_value_of_a_formula(
    formula: str, values: dict[str, Any], expected: Any, engine: Engine, tmp_path: Path
) -> None:
    got = one(formula, engine, tmp_path, **values)
    assert type(got) is type(expected) or {type(got), type(expected)} == {int, float}
    assert got == (pytest.approx(expected, rel=1e-14) if type(got) is float else expected)


def test_rounding_agrees_on_many_numbers(engine: Engine, tmp_path: Path) -> None:
    """Halves of every kind: the two engines scale and round in the same way."""
    source = random.Random(7)
    numbers = [source.randrange(-(10**7), 10**7) / 1000 for _ in range(5_000)]
    numbers += [source.uniform(-1, 1) * 10.0 ** source.randrange(-20, 20) for _ in range(5_000)]
    schema = ROWS.schema
    columns = [
        pa.array(numbers) if name == "x" else pa.nulls(10_000, schema.field(name).type)
        for name in schema.names
    ]
    rows = pa.table(columns, schema=schema)
    for formula in ("round(x)", "round(x, 1)", "round(x, 2)"):
        got = computed(formula, engine, tmp_path, rows)
        digits = 0 if formula == "round(x)" else int(formula[-2])
        assert all(abs(a - b) <= 0.5 / 10**digits + 1e-12 * abs(b) for a, b in zip(got, numbers, strict=True))
