"""Avro and ORC: what their types become, and what hostile files come to."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import random
import subprocess
import sys
import uuid
import zlib
from pathlib import Path
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from pyarrow import orc

from core.errors import BadInput, LimitReached, SightlineError
from core.sources import AvroFile, OrcFile, avro_blocks
from tests.sources.conftest import Read, Reader

UTC = dt.UTC
RICH = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "small", "type": ["null", "int"]},
        {"name": "share", "type": "double"},
        {"name": "yes", "type": ["boolean", "null"]},
        {"name": "text", "type": ["null", "string"]},
        {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}]},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "here", "type": ["null", {"type": "long", "logicalType": "local-timestamp-micros"}]},
        {"name": "clock", "type": {"type": "int", "logicalType": "time-millis"}},
        {
            "name": "price",
            "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2},
        },
        {"name": "key", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "raw", "type": "bytes"},
        {"name": "kind", "type": {"type": "enum", "name": "K", "symbols": ["x", "y"]}},
        {"name": "any", "type": ["null", "string", "long"]},
        {"name": "list", "type": {"type": "array", "items": "long"}},
        {
            "name": "inner",
            "type": {
                "type": "record",
                "name": "I",
                "fields": [
                    {"name": "n", "type": ["null", "long"]},
                    {"name": "d", "type": {"type": "int", "logicalType": "date"}},
                ],
            },
        },
    ],
}
ROWS: list[dict[str, Any]] = [
    {
        "id": 2**40, "small": None, "share": 0.5, "yes": True, "text": "Zoë 李雷",
        "day": dt.date(2024, 1, 31),
        "at": dt.datetime(2024, 1, 31, 12, tzinfo=UTC), "here": dt.datetime(1999, 12, 31, 23, 59, 58, 5),
        "clock": dt.time(10, 30), "price": decimal.Decimal("12.50"), "key": uuid.UUID(int=7),
        "raw": b"\x00\xff", "kind": "y", "any": 5, "list": [1, 2],
        "inner": {"n": 1, "d": dt.date(2000, 2, 29)},
    },
    {
        "id": -1, "small": 3, "share": float("nan"), "yes": None, "text": None, "day": None,
        "at": dt.datetime(1969, 7, 20, tzinfo=UTC), "here": None, "clock": dt.time(0),
        "price": decimal.Decimal(-1), "key": uuid.UUID(int=8), "raw": b"", "kind": "x", "any": "s",
        "list": [], "inner": {"n": None, "d": dt.date(1900, 1, 1)},
    },
]  # fmt: skip


def avro(schema: Any, rows: list[Any], codec: str = "null", **how: Any) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, fastavro.parse_schema(schema), rows, codec=codec, **how)
    return out.getvalue()


def said(found: Read, part: str) -> bool:
    return any(part in str(note) for note in found.account.notes)


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_every_avro_type_is_brought_to_the_six(read: Reader, codec: str) -> None:
    found = read(avro(RICH, ROWS, codec), "x.bin")
    assert found.source == AvroFile()
    assert {name: (type_, found.column(name)[0]) for name, type_ in found.types().items()} == {
        "id": ("integer", 2**40),
        "small": ("integer", None),
        "share": ("number", 0.5),
        "yes": ("boolean", True),
        "text": ("text", "Zoë 李雷"),
        "day": ("date", dt.date(2024, 1, 31)),
        "at": ("datetime", dt.datetime(2024, 1, 31, 12)),
        "here": ("datetime", dt.datetime(1999, 12, 31, 23, 59, 58, 5)),
        "clock": ("text", "10:30:00"),
        "price": ("number", 12.5),
        "key": ("text", str(uuid.UUID(int=7))),
        "raw": ("text", "00ff"),
        "kind": ("text", "y"),
        "any": ("text", "5"),
        "list": ("text", "[1,2]"),
        "inner": ("text", '{"n":1,"d":"2000-02-29"}'),
    }
    assert found.column("at")[1] == dt.datetime(1969, 7, 20)
    assert found.column("share") == [0.5, None]
    assert said(found, "inner: nested values were written as JSON")
    assert said(found, "any: values of several types were written as text")
    assert said(found, "share: 1 value is no number")


def test_many_rows_in_many_blocks(read: Reader) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "i", "type": "long"}]}
    found = read(avro(schema, [{"i": i} for i in range(50_000)], "deflate", sync_interval=1000), "x.avro")
    assert found.column("i") == list(range(50_000))


def _packed(codec: str) -> bytes:
    """A file in a way of packing that the writer at hand does not have."""
    plain = avro(
        {"type": "record", "name": "R", "fields": [{"name": "t", "type": "string"}]}, [{"t": "ab" * 40}]
    )
    sync = plain[-16:]
    block = fastavro_block("ab" * 40)
    data = pa.compress(block, codec="snappy" if codec == "snappy" else "zstd", asbytes=True)
    if codec == "snappy":
        data += zlib.crc32(block).to_bytes(4, "big")
    name = codec.encode()
    schema = plain[plain.index(b"avro.schema") - 1 :]
    length = schema.index(b"}]}") + 3
    meta = bytes([4]) + b"\x14avro.codec" + bytes([2 * len(name)]) + name + schema[:length] + b"\x00"
    return b"Obj\x01" + meta + sync + b"\x02" + _long(len(data)) + data + sync


def fastavro_block(text: str) -> bytes:
    return _long(len(text)) + text.encode()


def _long(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


@pytest.mark.parametrize("codec", ["snappy", "zstandard"])
def test_other_ways_of_packing(read: Reader, codec: str) -> None:
    assert read(_packed(codec), "x.avro").column("t") == ["ab" * 40]


def test_rows_that_are_no_records(read: Reader) -> None:
    assert read(avro("long", [1, 2, 3]), "x.avro").column("value") == [1, 2, 3]


# ---- hostile Avro


def _file(schema: Any, *blocks: tuple[int, bytes], codec: bytes = b"null") -> bytes:
    text = json.dumps(schema).encode()
    meta = b"\x04" + _long(11) + b"avro.schema" + _long(len(text)) + text
    meta += _long(10) + b"avro.codec" + _long(len(codec)) + codec + b"\x00"
    sync = b"s" * 16
    return b"Obj\x01" + meta + sync + b"".join(_long(n) + _long(len(d)) + d + sync for n, d in blocks)


LONG = {"type": "record", "name": "R", "fields": [{"name": "i", "type": "long"}]}
NULLS = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "null"}]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_file(LONG, (2**40, b"\x02")), "claims"),
        (_file(NULLS, (2**60, b"")), "claims"),
        (_file({"type": "array", "items": "null"}, (1, _long(2**50) + b"\x00")), "no room"),
        (_file(LONG, (1, b"\x02\x04")), "damaged"),
        (_file(LONG, (1, b"\x02"), codec=b"brotli"), "not known here"),
        (_file(LONG, (1, b"xxxx"), codec=b"deflate"), "damaged"),
        (_file({"type": "record"}, (1, b"\x02")), "cannot be read"),
        (_file({"type": "nothing"}, (1, b"\x02")), "cannot be read"),
        (_file(5, (1, b"\x02")), "cannot be read"),
        (b"Obj\x01" + b"\xff" * 50, "cannot be read"),
        (b"Obj\x01\x00" + b"s" * 16, "no schema"),
        (_file(LONG, (1, b"\x02"))[:-3], "cut short"),
    ],
)
def test_what_cannot_be_is_refused(read: Reader, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(content, "x.avro")


def test_a_schema_without_end_is_refused(read: Reader) -> None:
    schema: Any = "long"
    for _ in range(400):
        schema = {"type": "array", "items": schema}
    with pytest.raises(BadInput, match="nested too deeply"):
        read(_file(schema, (1, b"\x00")), "x.avro")


def test_a_block_that_swells_is_not_unpacked(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avro_blocks, "_BLOCK", 1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(50 << 20)) + packer.flush()
    with pytest.raises(LimitReached, match="A block of the file unpacks"):
        read(_file(LONG, (50 << 20, bomb), codec=b"deflate"), "x.avro")
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "1000")
    blocks = [(100, b"\x02" * 100)] * 20
    with pytest.raises(LimitReached, match="more than 1,000 bytes"):
        read(_file(LONG, *blocks), "x.avro")


def test_damaged_avro_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = avro(RICH, ROWS * 20, "deflate", sync_interval=200)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        file = tmp_path / "x"
        file.write_bytes(bytes(data))
        try:
            account = AvroFile().read(file, tmp_path / "o", tmp_path / "r", _silent())
        except SightlineError:
            continue
        assert account.rows_in == account.rows


def _silent() -> Any:
    from core.contracts import Silent

    return Silent()


# ---- ORC

TABLE = pa.table(
    {
        "i": pa.array([1, None, 3], pa.int32()),
        "x": pa.array([0.5, 1.5, None]),
        "t": pa.array(["a", "é", None]),
        "b": pa.array([True, False, None]),
        "d": pa.array([dt.date(2024, 1, 31), None, dt.date(1900, 1, 1)]),
        "ts": pa.array(
            [dt.datetime(2024, 1, 31, 12, 0, 0, 5), None, dt.datetime(1969, 1, 1)], pa.timestamp("ns")
        ),
        "l": pa.array([[1, 2], [], None]),
        "s": pa.array([{"a": 1}, {"a": None}, None]),
        "bin": pa.array([b"\x00\xff", b"", None]),
        "dec": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3.00")]),
    }
)


def as_orc(table: pa.Table, **how: Any) -> bytes:
    out = io.BytesIO()
    orc.write_table(table, out, **how)
    return out.getvalue()


@pytest.mark.parametrize("packed", ["uncompressed", "zlib", "snappy", "zstd"])
def test_every_orc_type_is_brought_to_the_six(read: Reader, packed: str) -> None:
    found = read(as_orc(TABLE, compression=packed), "x.orc")
    assert found.source == OrcFile()
    assert {name: (type_, found.column(name)[0]) for name, type_ in found.types().items()} == {
        "i": ("integer", 1),
        "x": ("number", 0.5),
        "t": ("text", "a"),
        "b": ("boolean", True),
        "d": ("date", dt.date(2024, 1, 31)),
        "ts": ("datetime", dt.datetime(2024, 1, 31, 12, 0, 0, 5)),
        "l": ("text", "[1,2]"),
        "s": ("text", '{"a":1}'),
        "bin": ("text", "00ff"),
        "dec": ("number", 1.25),
    }
    assert found.account.rows == 3


def test_many_stripes_keep_their_order(read: Reader) -> None:
    table = pa.table({"i": list(range(200_000)), "t": ["x" * 20] * 200_000})
    found = read(as_orc(table, stripe_size=65_536), "x.orc")
    assert found.column("i") == list(range(200_000))


@pytest.mark.parametrize("cut", [4, 100, -1, -20])
def test_an_orc_file_cut_short_is_told(read: Reader, cut: int) -> None:
    with pytest.raises(BadInput, match="ORC file cannot be read"):
        read(as_orc(TABLE)[:cut], "x.orc")


def test_a_text_that_begins_as_orc_does_stays_a_text(read: Reader) -> None:
    assert read("ORC,n\na,1\n", "x.csv").column("n") == [1]


_DAMAGE = """
import random, sys
from pathlib import Path
from core.contracts import Silent
from core.errors import SightlineError
from core.sources import OrcFile
whole, place = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])
chance = random.Random(3)
for _ in range(60):
    data = bytearray(whole)
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    (place / "x").write_bytes(bytes(data))
    try:
        OrcFile().read(place / "x", place / "o", place / "r", Silent())
    except SightlineError:
        pass
print("through")
"""


def test_damaged_orc_files_are_read_or_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "whole").write_bytes(as_orc(TABLE))
    # in a process of its own, as jobs read files: a library in C may end it
    done = subprocess.run(
        [sys.executable, "-c", _DAMAGE, str(tmp_path / "whole"), str(tmp_path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "through" in done.stdout or done.returncode < 0, done.stderr[-2000:]
