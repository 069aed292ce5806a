"""JSON, Parquet, Arrow, workbooks, archives, samples and made data."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from core.contracts import Recorded
from core.errors import BadInput, LimitReached
from core.sources import (
    SAMPLES,
    DelimitedFile,
    JsonFile,
    Sample,
    Spreadsheet,
    Synthetic,
    detect,
    offers,
    sheets,
    unpack,
)
from tests.sources.conftest import Reader
from tests.sources.workbooks import ods, xlsx

# ---- JSON


def test_array_of_objects_with_nested_ones_spread(read: Reader) -> None:
    rows = [{"a": 1, "b": {"c": 2, "d": {"e": 1}}}, {"a": 2.5, "l": [1, "x"], "t": True}]
    found = read(json.dumps(rows), "x.json", JsonFile(depth=1))
    assert found.types() == {"a": "number", "b.c": "integer", "b.d": "text", "l": "text", "t": "boolean"}
    assert found.column("b.d") == ['{"e":1}', None]
    assert found.column("l") == [None, '[1,"x"]']
    kept = read(json.dumps(rows), source=JsonFile(depth=0))
    assert kept.column("b")[0] == '{"c":2,"d":{"e":1}}'


def test_json_lines_refuse_broken_lines_only(read: Reader) -> None:
    found = read('{"a":1,"d":"2024-01-31"}\n{"a":\n[1]\n\n{"a":3,"d":"1999-12-31"}\n', "x.jsonl")
    assert found.column("a") == [1, 3]
    assert found.column("d") == [dt.date(2024, 1, 31), dt.date(1999, 12, 31)]
    assert [row[0] for row in found.refused] == ["2", "3"]


def test_rows_under_a_key_and_mixed_values(read: Reader) -> None:
    found = read('{"n": 2, "data": [{"a": 1}, {"a": "x"}, {"a": 12345678901234567890123}]}', "x.json")
    assert found.column("a") == ["1", "x", "12345678901234567890123"]


def test_an_array_larger_than_the_buffer(read: Reader) -> None:
    rows = [{"i": i, "text": "é" * 50} for i in range(30_000)]
    found = read(json.dumps(rows, ensure_ascii=False, indent=1), "x.json")
    assert found.column("i") == list(range(30_000))


@pytest.mark.parametrize("text", ['[{"a":1},{"a":', "[{'a':1}]", '[{"a":1} {"a":2}]', "[1,", "[" * 5_000])
def test_broken_json_names_the_line(read: Reader, text: str) -> None:
    with pytest.raises(BadInput, match="broken on line 1"):
        read(text, "x.json")


# ---- Parquet and Arrow

_RICH = pa.table(
    {
        "i8": pa.array([1, None], pa.int8()),
        "u64": pa.array([2**64 - 1, 0], pa.uint64()),
        "dec": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(10, 2)),
        "f": pa.array([float("nan"), float("inf")], pa.float64()),
        "zoned": pa.array(
            [dt.datetime(2024, 1, 31, 10, tzinfo=dt.UTC), None], pa.timestamp("us", "Europe/Rome")
        ),
        "ns": pa.array([1_700_000_000_123_456_000, None], pa.timestamp("ns")),
        "time": pa.array([dt.time(10, 30), None], pa.time64("us")),
        "list": pa.array([[1, 2], None]),
        "struct": pa.array([{"a": 1}, None]),
        "blob": pa.array([b"\x00\xff", None]),
        "cat": pa.array(["x", "y"]).dictionary_encode(),
        "day": pa.array([dt.date(2024, 1, 31), None]),
        "__row__": pa.array([1, 2]),
        "I8": pa.array(["a", "b"]),
    }
)
_STORED = {
    "i8": ("integer", 1),
    "u64": ("text", "18446744073709551615"),
    "dec": ("number", 1.25),
    "f": ("number", None),
    "zoned": ("datetime", dt.datetime(2024, 1, 31, 10)),
    "ns": ("datetime", dt.datetime(2023, 11, 14, 22, 13, 20, 123456)),
    "time": ("text", "10:30:00"),
    "list": ("text", "[1,2]"),
    "struct": ("text", '{"a":1}'),
    "blob": ("text", "00ff"),
    "cat": ("text", "x"),
    "day": ("date", dt.date(2024, 1, 31)),
    "__row___2": ("integer", 1),
    "I8_2": ("text", "a"),
}


@pytest.mark.parametrize("kind", ["parquet", "feather", "stream"])
def test_every_type_is_brought_to_the_six(read: Reader, kind: str) -> None:
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(_RICH, out)
    elif kind == "feather":
        feather.write_feather(_RICH, out)
    else:
        with pa.ipc.new_stream(out, _RICH.schema) as stream:
            stream.write_table(_RICH)
    found = read(out.getvalue(), {"stream": "x.arrow"}.get(kind, f"x.{kind}"))
    stored = {name: (type_, found.column(name)[0]) for name, type_ in found.types().items()}
    assert stored == _STORED


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_a_file_cut_short_is_told_so(read: Reader, kind: str) -> None:
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(_RICH, out)
    else:
        feather.write_feather(_RICH, out)
    with pytest.raises(BadInput, match="cut short"):
        read(out.getvalue()[:-200], f"x.{kind}")


# ---- workbooks


def test_workbook_keeps_the_types_of_its_cells(read: Reader) -> None:
    content = xlsx(
        {
            "Data": [
                ["Report of 2024"],
                [],
                ["id", "when", "at", "ok", "code", "mixed", "gap", None],
                [1, ("date", 45322), ("time", 45322.5), True, "007", 1, ("error", 0), None],
                [2, ("date", 36525), ("time", 45323.25), False, "042", "x", 2.5, None],
            ]
        }
    )
    found = read(content, "book.xlsx")
    assert found.source == Spreadsheet(area="A3")
    assert found.types() == {
        "id": "integer",
        "when": "date",
        "at": "datetime",
        "ok": "boolean",
        "code": "text",
        "mixed": "text",
        "gap": "number",
    }
    assert found.column("when") == [dt.date(2024, 1, 31), dt.date(1999, 12, 31)]
    assert found.column("at")[0] == dt.datetime(2024, 1, 31, 12)
    assert found.column("code") == ["007", "042"]
    assert found.column("mixed") == ["1", "x"]
    assert found.column("gap") == [None, 2.5]


def test_sheets_are_offered_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "book"
    file.write_bytes(xlsx({"One": [["a"], [1]], "Zwei & 3": [["b"], [2]], "Empty": []}))
    assert sheets(file) == ["One", "Zwei & 3", "Empty"]
    found = offers(file, "book.xlsx", tmp_path)
    assert [offer.name for offer in found] == ["book.xlsx: One", "book.xlsx: Zwei & 3", "book.xlsx: Empty"]
    assert found[1].source == Spreadsheet(sheet="Zwei & 3")
    assert found[2].source is None
    assert "no cells" in str(found[2].problem)


def test_opendocument(read: Reader) -> None:
    found = read(ods([["name", "n"], ["Ann", 1.0], ["Bob", 2.5]]), "x.ods")
    assert found.column("name") == ["Ann", "Bob"]
    assert found.column("n") == [1.0, 2.5]


def test_encrypted_and_broken_workbooks_are_told_apart(read: Reader) -> None:
    with pytest.raises(BadInput, match=r"damaged|cut short"):
        read(xlsx({"A": [["a"], [1]]})[:-40], "x.xlsx")
    with pytest.raises(BadInput, match="no sheet 'B'"):
        read(xlsx({"A": [["a"], [1]]}), source=Spreadsheet(sheet="B"))


# ---- archives


def _zip(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_every_file_of_a_zip_is_offered_and_names_stay_names(tmp_path: Path) -> None:
    file = tmp_path / "upload"
    content = {
        "../../evil.csv": b"a,b\n1,2\n",
        "deep/down/x.jsonl": b'{"a":1}\n{"a":2}\n',
        "inner.csv.gz": gzip.compress(b"p;q\n1;2\n", mtime=0),
        "photo.png": b"\x89PNG....",
        "__MACOSX/._x.csv": b"junk",
        "book.xlsx": xlsx({"A": [["a"], [1]]}),
    }
    file.write_bytes(_zip(content))
    into = tmp_path / "parts"
    into.mkdir()
    found = {offer.name: offer for offer in offers(file, "upload.zip", into)}
    assert sorted(found) == ["book.xlsx", "deep/down/x.jsonl", "evil.csv", "inner.csv", "photo.png"]
    assert isinstance(found["evil.csv"].source, DelimitedFile)
    assert found["inner.csv"].source == DelimitedFile(delimiter=";")
    assert found["photo.png"].source is None
    assert "PNG image" in str(found["photo.png"].problem)
    assert all(offer.path.parent == into for offer in found.values())


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tmp_path / "bomb"
    into = tmp_path / "parts"
    into.mkdir()
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "1000000")
    for content in (gzip.compress(b"0" * 5_000_000, mtime=0), _zip({"x.csv": b"0" * 5_000_000})):
        bomb.write_bytes(content)
        with pytest.raises(LimitReached, match="1,000,000 bytes"):
            unpack(bomb, "bomb", into)


@pytest.mark.parametrize(
    "content",
    [gzip.compress(b"a,b\n" * 1000, mtime=0)[:-10], _zip({"x": b"a,b\n" * 1000})[:-60]],
    ids=["gzip", "zip"],
)
def test_damaged_archives(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "upload"
    file.write_bytes(content)
    with pytest.raises(BadInput, match="damaged"):
        unpack(file, "upload", tmp_path)


# ---- what is no table


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n%...", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "PNG"),
        (b"<!DOCTYPE html><html><body>a,b</body></html>", "web page"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"SQLite format 3\0" + b"\0" * 100, "SQLite"),
        (b"\x80\x04\x95\x10\0\0\0", "pickle"),
        (bytes(range(256)) * 40, "binary data"),
        (np.random.default_rng(0).bytes(20_000), "binary data"),
        (b"\x7fELF\x02\x01", "program"),
    ],
)
def test_what_a_file_seems_to_be_is_said(tmp_path: Path, content: bytes, what: str) -> None:
    file = tmp_path / "upload"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=what) as error:
        detect(file, "table.csv")
    assert "Accepted are" in str(error.value)


# ---- samples and made data


@pytest.mark.parametrize("info", SAMPLES, ids=lambda info: info.name)
def test_samples_are_read_whole(read: Reader, info: object) -> None:
    from core.sources import SampleInfo

    assert isinstance(info, SampleInfo)
    found = read("", source=Sample(name=info.name))
    assert (found.account.rows, len(found.account.columns)) == (info.rows, info.columns)
    assert found.refused == []
    target = found.types()[info.target]
    assert target in (("integer", "number") if info.task == "number" else ("text", "integer", "boolean"))


def test_types_of_the_hotel_sample(read: Reader) -> None:
    types = read("", source=Sample(name="hotel_rates")).types()
    assert types["arrival_date"] == "date"
    assert types["avg_price_per_room"] == "number"
    assert types["lead_time"] == "integer"
    assert types["meal"] == "text"


def test_a_made_line_has_its_slope_and_intercept(read: Reader) -> None:
    found = read("", source=Synthetic(shape="linear", size=20_000, noise=0.5, seed=1)).table
    slope, intercept = np.polyfit(found["x"].to_numpy(), found["y"].to_numpy(), 1)
    assert slope == pytest.approx(3, abs=0.01)
    assert intercept == pytest.approx(2, abs=0.05)
    exact = read("", source=Synthetic(shape="linear", size=50, noise=0)).table
    assert np.allclose(exact["y"].to_numpy(), 3 * exact["x"].to_numpy() + 2)
    uniform = read("", source=Synthetic(size=5_000, noise=1, noise_kind="uniform")).table
    stray = uniform["y"].to_numpy() - 3 * uniform["x"].to_numpy() - 2
    assert stray.min() >= -1e-9
    assert stray.max() <= 1 + 1e-9
    assert stray.mean() == pytest.approx(0.5, abs=0.02)


def test_a_made_threshold_lies_at_one_half(read: Reader) -> None:
    found = read("", source=Synthetic(shape="threshold", size=500, noise=0)).table
    assert (found["y"].to_numpy() == (found["x"].to_numpy() > 0.5)).all()


@pytest.mark.parametrize("shape", ["linear", "threshold", "moons", "circles", "spiral", "blobs"])
def test_the_same_seed_makes_the_same_rows(read: Reader, shape: str) -> None:
    one, two, other = (
        read("", source=Synthetic.build("synthetic", {"shape": shape, "size": 120_000, "seed": seed})).table
        for seed in (7, 7, 8)
    )
    assert one.num_rows == 120_000
    assert one.equals(two)
    assert not one.equals(other)


def test_reading_reports_its_progress(tmp_path: Path) -> None:
    class Followed(Recorded):
        def progress(self, share: float | None, message: str = "") -> None:
            self.report("progress", share=share, message=message)

    watch = Followed()
    Synthetic(size=250_000).read(None, tmp_path / "o.parquet", tmp_path / "r.csv", watch)
    shares = [event["share"] for event in watch.events]
    assert shares == sorted(shares)
    assert shares[-1] == 1
