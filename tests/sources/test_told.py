"""What a stored column cannot hold of a value is said, with how many values it was."""

from __future__ import annotations

import datetime as dt
import decimal
import io
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from tests.sources.conftest import Read, Reader

FINE = 1_700_000_000_123_456_789  # nanoseconds: 2023-11-14 22:13:20.123456789
_TABLE = pa.table(
    {
        "ns": pa.array([FINE, None, FINE - 789], pa.timestamp("ns")),
        "zoned": pa.array([FINE, 1, FINE - 789], pa.timestamp("ns", "Europe/Rome")),
        "long": pa.array([decimal.Decimal("12345678901234567.25"), None, decimal.Decimal("0.1")]),
        "short": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("0.1")]),
        "share": pa.array([float("nan"), float("inf"), 0.5]),
        "plain": pa.array([0, 1, None], pa.timestamp("us")),
        "old": pa.array([-9_000_000_000, 0, None], pa.timestamp("s")),
    }
)


def said(found: Read, column: str) -> list[str]:
    return [
        str(note).partition(": ")[2] for note in found.account.notes if str(note).startswith(f"{column}:")
    ]


def as_bytes(table: pa.Table, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, out)
    else:
        feather.write_feather(table, out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_typed_files_tell_what_was_changed(read: Reader, kind: str) -> None:
    found = read(as_bytes(_TABLE, kind), f"x.{kind}")
    assert said(found, "ns") == ["1 time is finer than a millionth of a second and was stored to that"]
    assert said(found, "zoned") == [
        "times with a zone were brought to UTC",
        "2 times are finer than a millionth of a second and were stored to that",
    ]
    assert said(found, "long") == ["1 number was rounded: it has more digits than a number keeps"]
    assert said(found, "share") == ["1 value is no number (NaN) and was read as missing"]
    assert [said(found, name) for name in ("short", "plain", "old")] == [[], [], []]
    second = dt.datetime(2023, 11, 14, 22, 13, 20)
    for name in ("ns", "zoned"):
        stored = found.column(name)
        assert all(abs(stored[i] - second).microseconds in (123_456, 123_457) for i in (0, 2))  # type: ignore[operator]
    assert found.column("share") == [None, float("inf"), 0.5]
    assert found.column("old")[0] == dt.datetime(1970, 1, 1) - dt.timedelta(seconds=9_000_000_000)


def test_old_parquet_times_of_96_bits_are_told_too(read: Reader) -> None:
    out = io.BytesIO()
    pq.write_table(_TABLE.select(["plain", "ns"]), out, use_deprecated_int96_timestamps=True)
    found = read(out.getvalue(), "x.parquet")
    assert said(found, "ns") == ["1 time is finer than a millionth of a second and was stored to that"]
    assert said(found, "plain") == []


def test_infinite_dates_are_missing_and_counted(read: Reader, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT unnest(['infinity', '2024-01-31', '-infinity'])::DATE AS d, "
            "'infinity'::TIMESTAMP AS t) "
            f"TO '{tmp_path / 'x.parquet'}'"
        )
    found = read((tmp_path / "x.parquet").read_bytes(), "x.parquet")
    assert found.column("d") == [None, dt.date(2024, 1, 31), None]
    assert said(found, "d") == ["2 values are infinite, which no date is, and were read as missing"]
    assert found.column("t") == [None] * 3


@pytest.mark.parametrize("shape", ["[{}]", "{}"])
def test_json_numbers_beyond_a_double_stay_as_they_were_written(read: Reader, shape: str) -> None:
    rows = ('{"a": 1e999, "b": 1e-999, "c": 123456789012345678901, "d": 0.0e9}', '{"a": 2, "b": 0.5, "c": 1}')
    text = f"[{','.join(rows)}]" if shape == "[{}]" else "\n".join(rows)
    found = read(text, "x.json")
    assert found.column("a") == ["1e999", "2"]
    assert found.column("b") == ["1e-999", "0.5"]
    assert found.column("c") == ["123456789012345678901", "1"]
    assert found.column("d") == [0.0, None]
    for name in "abc":
        (sentence,) = said(found, name)
        assert sentence == "1 number is beyond what a number column holds, so the column stays text"
    assert said(found, "d") == []


def test_json_numbers_with_more_digits_than_a_double_keeps_are_counted(read: Reader) -> None:
    found = read(
        '[{"a": 0.1234567890123456789, "b": 0.30000000000000004, "c": 0.12345678901234567891, "d": NaN},'
        '{"a": 9007199254740993.0, "b": 1e2, "c": "text", "d": 1}, {"a": 0.5, "b": 123456789012.25, "c": 1}]',
        "x.json",
    )
    assert said(found, "a") == ["2 numbers were rounded: they have more digits than a number keeps"]
    assert said(found, "b") == []
    assert found.column("c") == ["0.12345678901234567891", "text", "1"]  # text keeps every digit
    assert said(found, "c") == []
    assert said(found, "d") == ["1 value is no number (NaN) and was read as missing"]


def test_times_in_json_finer_than_a_millionth_are_counted(read: Reader) -> None:
    found = read(
        '[{"t": "2024-01-31T10:00:00.1234567"}, {"t": "2024-01-31T10:00:00.123456000"}, {"t": null}]',
        "x.json",
    )
    assert found.types() == {"t": "datetime"}
    assert said(found, "t") == ["1 time is finer than a millionth of a second and was stored to that"]
    assert found.column("t")[1] == dt.datetime(2024, 1, 31, 10, 0, 0, 123_456)
