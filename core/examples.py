"""A small table with every column type and every trouble; documentation and tests use it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.contracts import Column, Schema

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Schema = (
    Column(name="id", type="integer"),
    Column(name="name", type="text"),
    Column(name="region", type="text"),
    Column(name="price", type="number"),
    Column(name="quantity", type="integer"),
    Column(name="amount", type="text"),  # numbers written as text: "1,234.50 kg", "12%"
    Column(name="member", type="boolean"),
    Column(name="day", type="date"),
    Column(name="day_text", type="text"),  # dates written as text: "31/12/2024"
    Column(name="at", type="datetime"),
)

_ARROW = {
    "integer": "int64",
    "number": "float64",
    "text": "string",
    "boolean": "bool",
    "date": "date32",
    "datetime": "timestamp[us]",
}


OTHER = "vn_example"  # the id under which steps that read another table find `other()`

OTHER_COLUMNS: Schema = (
    Column(name="area", type="text"),
    Column(name="size", type="number"),
    Column(name="since", type="date"),
    Column(name="label", type="text"),
    Column(name="price", type="number"),  # a name that both tables have
    Column(name="rate", type="integer"),
    Column(name="open", type="boolean"),
    Column(name="seen", type="datetime"),
)


def arrow_schema(columns: Schema) -> pa.Schema:
    """The Arrow schema of the six column types."""
    import pyarrow as pa

    kinds = {name: pa.type_for_alias(alias) for name, alias in _ARROW.items()}
    return pa.schema([(column.name, kinds[column.type]) for column in columns])


def table() -> pa.Table:
    """Twelve rows: nulls, an outlier, a duplicate, spaces, mixed case, Chinese, an empty text."""
    import pyarrow as pa

    day = dt.date(2024, 1, 30)
    values: dict[str, Sequence[object]] = {
        "id": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, None],
        "name": [" Ann", "bob ", "Čapek", "李雷", "", None]
        + ["O'Hara", '<b>"x"</b>', "=1+1", "Zoë", "Zoë", "ann"],
        "region": ["North", "South", "North", None, "East", "east"]
        + ["South", "West", "North", "North", "North", "South"],
        "price": [9.5, 12.25, None, 7.0, -3.5, 1e6, 8.75, 9.5, 0.0, 11.0, 11.0, 10.5],
        "quantity": [3, None, 5, 2, 8, 1, 4, 4, 0, 7, 7, 6],
        "amount": ["1,234.50", "12%", "-3.5 kg", "(42)", "n/a", None, "€ 5", "+7", "1e3", "0.5", "0.5", ""],
        "member": [True, False, None, True, True, False, False, True, False, True, True, None],
        "day": [day + dt.timedelta(days=40 * i) if i != 4 else None for i in range(9)]
        + [day, day, dt.date(1969, 7, 20)],
        "day_text": ["30/01/2024", "31/12/2024", "2024-02-29", "29/02/2023", None, "01/02/2024"]
        + ["n/a", "15/06/1969", "07/08/2024", "09/10/2024", "09/10/2024", "28/02/2024"],
        "at": [dt.datetime(2024, 1, 30, 23, 59, 59, 123456) + dt.timedelta(hours=7 * i) if i != 2 else None
               for i in range(9)]
        + [dt.datetime(2024, 3, 1), dt.datetime(2024, 3, 1), dt.datetime(1969, 7, 20, 20, 17)],
    }  # fmt: skip
    return pa.table(values, schema=arrow_schema(COLUMNS))


def other() -> pa.Table:
    """Seven rows that the first table may be joined with: keys missing, repeated, differing in case."""
    import pyarrow as pa

    day, hour = dt.date(2024, 1, 1), dt.datetime(2024, 1, 30, 12)
    values: dict[str, Sequence[object]] = {
        "area": ["North", "South", "north ", None, "East", "Moon", "South"],
        "size": [9.5, 1e6, None, -3.5, 10.0, 7.0, 12.25],
        "since": [day, day + dt.timedelta(days=60), None, day + dt.timedelta(days=120)]
        + [day + dt.timedelta(days=120), dt.date(1969, 7, 1), day],
        "label": ["Anne", "Bobb", "\u674e\u96f7", None, "Zoe", "", "o'hara"],
        "price": [0.5, 1.5, 2.5, 3.5, None, 5.5, 6.5],
        "rate": [1, 2, 3, 4, 5, None, 7],
        "open": [True, False, None, True, False, True, False],
        "seen": [hour, hour + dt.timedelta(hours=12), None, hour + dt.timedelta(days=1)]
        + [hour + dt.timedelta(days=2), dt.datetime(1969, 7, 20), hour],
    }
    return pa.table(values, schema=arrow_schema(OTHER_COLUMNS))
