"""Whatever file comes: a sensible table or a message that says what is wrong, and never a lost row."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import os
import random
import resource
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from core.cli import commands
from core.contracts import Silent
from core.sources import detect
from tests.sources.workbooks import xlsx

Call = Callable[..., Result]


def call(*arguments: object) -> Result:
    """Run a command; anything but a message and an exit status is a defect, and raised."""
    result = CliRunner().invoke(commands, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: object) -> Any:
    """What a command that succeeds prints with --json, held to what JSON allows."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.stderr

    def never(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(result.stdout, parse_constant=never)


@dataclass
class Table:
    """One table that `read --out` wrote, and what it said of it."""

    report: dict[str, Any]
    rows: list[dict[str, Any]]
    refused: list[list[str]]


def tables(file: Path, out: Path) -> list[Table]:
    """Read a file with --out; for every table rows_in = rows + refused, and both are really there."""
    result = call("read", file, "--out", out, "--json")
    found = []
    for report in json.loads(result.stdout)["files"]:
        if "error" in report:
            continue
        rows = pq.read_table(report["table"]).to_pylist()
        with Path(report["refused_rows"]).open(encoding="utf-8", newline="") as lines:
            refused = list(csv.reader(lines))[1:]
        assert report["rows_in"] == report["rows"] + report["refused"]
        assert (report["rows"], report["refused"]) == (len(rows), len(refused))
        found.append(Table(report, rows, refused))
    return found


def placed(folder: Path, name: str, content: bytes | str) -> Path:
    place = folder / name
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def zipped(members: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": range(1000), "b": [f"text {i}" for i in range(1000)]}), out)
    return out.getvalue()


PACKED = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(5000)))
JUNK = random.Random(1).randbytes(5000)
FAR = zipped(
    {
        name: zipfile.ZipFile(io.BytesIO(xlsx({"S": [["a"]]}))).read(name)
        for name in zipfile.ZipFile(io.BytesIO(xlsx({"S": [["a"]]}))).namelist()
        if "sheet1" not in name
    }
    | {
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
        'main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v>'
        "</c></row></sheetData></worksheet>"
    }
)

UNREADABLE: dict[str, tuple[str, bytes | str, str]] = {
    "empty": ("t.csv", "", "is empty"),
    "blank lines": ("t.csv", "\n\n  \n", "blank lines"),
    "junk": ("t.csv", JUNK, "binary data"),
    "zero bytes": ("t.csv", b"\0" * 1000, "binary data"),
    "few bytes": ("t.csv", b"\x00\x01\x02\xff", "NUL"),
    "UTF-32": ("t.csv", "a,b\n1,2\n".encode("utf-32"), "UTF-32"),
    "a lone quote": ("t.csv", '"\n', "never closed"),
    "only a delimiter named": ("t.csv", "sep=;\n", "no rows"),
    "a web page": ("t.xls", "<html><table></table></html>", "web page"),
    "XML": ("t.csv", '<?xml version="1.0"?><a/>', "XML"),
    "a pickle": ("t.csv", b"\x80\x04\x95abc", "could run code"),
    "Parquet cut short": ("t.parquet", parquet()[:4000], "cut short"),
    "Parquet's mark alone": ("t.parquet", b"PAR1", "too small"),
    "Parquet's end alone": ("t.parquet", parquet()[-100:], "binary data"),
    "Parquet with a lying footer": (
        "t.parquet",
        parquet()[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1",
        "damaged",
    ),
    "Arrow cut short": ("t.feather", b"ARROW1\0\0" + b"\0" * 50, "damaged"),
    "gzip cut short": ("t.csv.gz", PACKED[: len(PACKED) // 2], "cut short"),
    "gzip with a wrong sum": ("t.csv.gz", PACKED[:-8] + b"\0" * 8, "damaged"),
    "gzip of nothing": ("t.csv.gz", gzip.compress(b""), "is empty"),
    "gzip in gzip in gzip": ("t.gz", gzip.compress(gzip.compress(PACKED)), "archive"),
    "zip of nothing": ("t.zip", zipped({}), "no files"),
    "zip cut short": ("t.zip", zipped({"a.csv": "a,b\n1,2\n"})[:60], "damaged"),
    "workbook cut short": ("t.xlsx", xlsx({"S": [["a"], [1]]})[:400], "damaged"),
    "workbook with a password": (
        "t.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "OLE file that is no workbook": ("t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "damaged"),
    "workbook without cells": ("t.xlsx", xlsx({"S": []}), "no cells"),
    "two cells as far apart as can be": ("t.xlsx", FAR, "1,048,576 rows"),
    "a document": ("t.docx", zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}), "cannot"),
    "JSON cut short": ("t.json", '[{"a": 1}, {"a":', "line 1"),
    "JSON nested too deeply": ("t.json", '[{"a":' + "[" * 100_000 + "]" * 100_000 + "}]", "too deeply"),
    "JSON of one number": ("t.json", "5", "begins with"),
    "JSON of no rows": ("t.json", "[]", "no rows"),
    "JSON of empty objects": ("t.json", "[{}, {}]", "no rows"),
    "JSON with half a character": ("t.json", '[{"a": "\\ud800"}]', "half of a character"),
    "JSON with a key twice": ("t.json", '[{"a": 1, "a": 2}]', "'a' is there twice"),
    "JSON with 6,000 digits": ("t.json", f'[{{"a": {"1" * 6000}}}]', "4,300 digits"),
    "JSON that is CSV": ("t.json", "a,b\n1,2\n", "no JSON"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_said_and_what_to_do(tmp_path: Path, case: str) -> None:
    name, content, message = UNREADABLE[case]
    result = call("read", placed(tmp_path, name, content), "--json")
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "\n" not in result.stderr.strip()
    (report,) = json.loads(result.stdout)["files"]
    assert message in report["error"]


# content, rows stored, rows refused: counted by hand
READABLE: dict[str, tuple[str, bytes | str, int, int]] = {
    "names and no rows": ("t.csv", "a,b,c\n", 0, 0),
    "names without a line end": ("t.csv", "a,b,c", 0, 0),
    "one name without a line end": ("t.csv", "a", 0, 0),
    "one number": ("t.csv", "5", 1, 0),
    "one column of numbers": ("t.csv", "1\n2\n3\n", 3, 0),
    "one column of numbers under a name": ("t.csv", "x\n1\n2\n3", 3, 0),
    "one column of texts": ("t.csv", "fruit\napple\npear\n", 2, 0),
    "one row": ("t.csv", "a,b\n1,2\n", 1, 0),
    "two rows": ("t.csv", "a,b\n1,2\n3,4", 2, 0),
    "names that are there twice or not at all": ("t.csv", "id,id,,ID,id_2\n1,2,3,4,5\n", 1, 0),
    "the name of the row order": ("t.csv", "__row__,a\n1,2\n", 1, 0),
    "short and long rows": ("t.csv", "a,b,c\n1,2,3\n1,2\n1,2,3,4\n4,5,6\n7\n", 2, 3),
    "a NUL byte": ("t.csv", b"a,b\n1,2\n3,\x004\n5,6\n", 2, 1),
    "nothing but delimiters": ("t.csv", ",,,\n,,,\n", 0, 0),  # empty rows are no part of it
    "infinite values": ("t.csv", "a,b\n1,inf\n2,-Infinity\n3,NaN\n4,2.5\n", 4, 0),
    "a quote never closed": ("t.csv", 'a,b\n1,"x\n2,y\n3,z\n', 2, 1),
    "a quote never closed at the end": ("t.csv", 'a,b\n1,x\n2,y\n3,"z', 2, 1),
    "text after a quote": ("t.csv", 'a,b\n1,x"y"z\n2,"x"y\n3,ok\n', 2, 1),
    "line ends in quotes": ("t.csv", 'a,b\n1,"x\ny"\n2,z\n', 2, 0),
    "line ends of all systems": ("t.csv", "a,b\r\n1,2\r3,4\n5,6\r\n", 3, 0),
    "lines that begin with #": ("t.csv", "# made\n# today\na,b\n1,2\n3,4\n", 2, 0),
    "a note below": ("t.csv", "a,b,c\n1,2,3\n4,5,6\nSource: x\n", 2, 1),
    "a cell of 5 MB": ("t.csv", "a,b\n1," + "x" * 5_000_000 + "\n2,y\n", 1, 1),
    "bytes that are no text": ("t.csv", b"a,b\n" + "é,1\n".encode() * 100 + b"\xff,2\n", 100, 1),
    "half a UTF-16 character": ("t.csv", "name,b\nabc,2\n".encode("utf-16") + b"A", 1, 1),
    "a broken JSON line": ("t.jsonl", '{"a":1}\n{"a":2\n{"a":3}\n\nnope\n[1]\n', 2, 3),
    "mixed JSON": ("t.json", '[{"a":1},5,"x",[1,2],null,{"a":"z"}]', 2, 4),
    "JSON lines with a key twice": ("t.jsonl", '{"a":1}\n{"a":1,"a":2}\n', 1, 1),
    "JSON lines of no UTF-8": ("t.jsonl", '{"a":"é"}\n'.encode() * 50 + b'{"a":"\xff"}\n', 50, 1),
    "Parquet called CSV": ("t.csv", parquet(), 1000, 0),
    "CSV called Parquet": ("t.parquet", "a,b\n1,2\n", 1, 0),
    "CSV called workbook": ("t.xlsx", "a,b\n1,2\n", 1, 0),
    "JSON called CSV": ("t.csv", '[{"a":1},{"a":2}]', 2, 0),
    "rows of a workbook longer than its names": (
        "t.xlsx",
        xlsx({"S": [["a", "b"], [1], [1, 2, 3, 4]]}),
        2,
        0,
    ),
}


@pytest.mark.parametrize("case", READABLE)
def test_what_can_be_read_loses_no_row(tmp_path: Path, case: str) -> None:
    name, content, rows, refused = READABLE[case]
    (table,) = tables(placed(tmp_path, name, content), tmp_path / "out")
    assert (table.report["rows"], table.report["refused"]) == (rows, refused)
    assert all(int(line) >= 1 and reason for line, reason, _ in table.refused)
    names = [column["name"] for column in table.report["columns"]]
    assert all(names)
    assert "__row__" not in names
    assert len({name.casefold() for name in names}) == len(names)


KEPT = {
    "leading zeros": ["007", "010"],
    "20 digits": ["12345678901234567890", "12345678901234567891"],
    "17 digits": ["90071992547409931", "90071992547409951"],
    "dates either way round": ["01/02/2024", "03/04/2024"],
    "days that are none": ["2024-02-30", "2024-02-28"],
    "both ways round": ["31/12/2024", "12/31/2024"],
    "times": ["10:20", "23:59"],
    "shares": ["10%", "20.5%"],
    "money": ["$10", "$1200.50"],
    "signs": ["+1", "+2"],
    "hexadecimal": ["0x10", "0x11"],
    "underscores": ["1_000", "2_000"],
    "too large": ["1e400", "1"],
    "years beyond 9999": ["99999-01-01", "2024-01-01"],
    "articles": ["1E5", "2E7"],
    "yes in words": ["on", "off"],
    "invisible": ["x\u2028y", "x\u0085z"],
    "formulas": ["=1+1", "@x"],
    "a late word": [*map(str, range(300)), "oops"],
}


@pytest.mark.parametrize("case", KEPT)
def test_what_no_type_holds_exactly_stays_as_it_was_written(tmp_path: Path, case: str) -> None:
    cells = KEPT[case]
    content = "v,w\n" + "".join(f"{cell},w\n" for cell in cells)
    (table,) = tables(placed(tmp_path, "t.csv", content), tmp_path / "out")
    assert [row["v"] for row in table.rows] == cells


def test_numbers_that_a_double_rounds_stay_text_beside_decimals(tmp_path: Path) -> None:
    (table,) = tables(placed(tmp_path, "t.json", '[{"a":9007199254740993},{"a":0.5}]'), tmp_path / "out")
    assert [row["a"] for row in table.rows] == ["9007199254740993", "0.5"]


CELLS: tuple[Callable[[random.Random], str], ...] = (
    lambda r: str(r.randint(-(10 ** r.randint(1, 18)), 10 ** r.randint(1, 18))),
    lambda r: repr(r.uniform(-1, 1) * 10 ** r.randint(-20, 20)),
    lambda r: r.choice(["true", "false", "True", "FALSE"]),
    lambda r: (dt.date(1800, 1, 1) + dt.timedelta(days=r.randint(0, 150_000))).isoformat(),
    lambda r: (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=r.randint(0, 10**9))).isoformat(sep=" "),
    lambda r: r.choice(["x", "é", "中文", "😀", "a,b", 'say "no"', "two\nlines", " padded ", "-", "'", "\\"]),
    lambda r: r.choice(["1", "01", "1.0", "1e5", "-0", "inf", "0x1", "1,5", "1.000", "+5", ".5", "5."]),
)
MISSING = {"", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL"}


def _means(cell: str, value: Any) -> bool:
    """Whether a stored value says what Python reads in the cell itself."""
    if value is None:
        return cell.strip() == "" or cell in MISSING
    if isinstance(value, bool):
        return cell.strip().lower() == str(value).lower()
    if isinstance(value, int):
        return int(cell) == value and cell.strip().lstrip("-") == str(abs(value))
    if isinstance(value, float):
        return float(cell) == value
    if isinstance(value, dt.datetime):
        return dt.datetime.fromisoformat(cell) == value
    if isinstance(value, dt.date):
        return dt.date.fromisoformat(cell) == value
    return bool(value == cell)


@pytest.mark.parametrize("seed", range(25))
def test_every_stored_value_is_what_python_reads(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    kinds = [chance.choice(CELLS) for _ in range(chance.randint(2, 8))]
    stray = chance.choice([0, 0, 0.01, 0.2])

    def cell(kind: Callable[[random.Random], str]) -> str:
        if chance.random() < 0.1:
            return chance.choice(["", "NA", "null"])
        return chance.choice(CELLS)(chance) if chance.random() < stray else kind(chance)

    written = [[cell(kind) for kind in kinds] for _ in range(chance.randint(3, 400))]
    text = io.StringIO()
    ends = chance.choice(["\n", "\r\n"])
    writer = csv.writer(text, lineterminator=ends, quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow([f"column {i}" for i in range(len(kinds))])
    writer.writerows(written)
    file = placed(tmp_path, "t.csv", text.getvalue())
    with file.open(encoding="utf-8", newline="") as lines:
        expected = list(csv.reader(lines))[1:]
    source = detect(file, "t.csv")
    if source.to_json()["decimal"] != "." or source.to_json()["thousands"] != "none":
        source = source.model_copy(update={"decimal": ".", "thousands": "none"})
    account = source.read(file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent())
    stored = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert account.rows_in == len(expected)
    assert account.refused == 0
    for before, after in zip(expected, stored, strict=True):
        for text_cell, value in zip(before, after.values(), strict=True):
            assert _means(text_cell, value), (text_cell, value)


def test_a_line_without_end_takes_no_memory_of_its_size(tmp_path: Path) -> None:
    """SIGHTLINE_TEST_LINE sets the bytes of the line: a gigabyte is read as 30 MB are."""
    length = int(os.environ.get("SIGHTLINE_TEST_LINE", 30_000_000))
    file = tmp_path / "t.csv"
    with file.open("wb") as out:
        out.write(b"a,b\n1,2\n3,")
        for _ in range(length // 1_000_000):
            out.write(b"x" * 1_000_000)
        out.write(b"\n5,6\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (table,) = tables(file, tmp_path / "out")
    assert [row["a"] for row in table.rows] == [1, 5]
    assert table.refused[0][0] == "3"
    assert "longer than" in table.refused[0][1]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000


# archives and workbooks of several parts


def test_a_part_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    file = placed(
        tmp_path,
        "t.zip",
        zipped({"a.csv": "a,b\n1,2\n", "notes.pdf": b"%PDF-1.4", "b.csv": "x;y\n1;2\n3;4\n"}),
    )
    result = call("read", file, "--json")
    assert result.exit_code == 1
    assert "notes.pdf" in result.stderr
    found = {report["part"]: report for report in json.loads(result.stdout)["files"]}
    assert (found["a.csv"]["rows"], found["b.csv"]["rows"]) == (1, 2)
    assert "PDF" in found["notes.pdf"]["error"]


def test_names_in_an_archive_never_become_places(tmp_path: Path) -> None:
    members: dict[str, bytes | str] = {
        "../../evil.csv": "a,b\n1,2\n",
        "/etc/passwd.csv": "a,b\n3,4\n",
        "C:\\x\\y.csv": "a,b\n5,6\n",
    }
    (tmp_path / "inner").mkdir()
    out = tmp_path / "inner" / "out"
    found = tables(placed(tmp_path / "inner", "t.zip", zipped(members)), out)
    assert [table.rows[0]["a"] for table in found] == [1, 3, 5]
    assert all(Path(table.report["table"]).parent == out for table in found)
    assert sorted(path.name for path in tmp_path.rglob("*.csv") if path.parent != out) == []


def test_an_archive_that_swells_is_not_read_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "1000000")
    result = call("read", placed(tmp_path, "t.zip", zipped({"a.csv": b"0" * 3_000_000})))
    assert result.exit_code == 1
    assert "1,000,000 bytes" in result.stderr


def test_sheets_without_cells_are_passed_over(tmp_path: Path) -> None:
    book = xlsx({"Empty": [], "One": [["a"], [1]], "Two": [["A report"], ["c", "d", "e"], [1, 2, True]]})
    file = placed(tmp_path, "book.xlsx", book)
    one, two = tables(file, tmp_path / "out")
    assert (one.rows, two.rows) == ([{"a": 1}], [{"c": 1, "d": 2, "e": True}])
    assert any("1 filled cell of the sheet stands outside A2" in note for note in two.report["notes"])
    assert document("profile", file)["rows"] == 1


def test_what_was_detected_is_said(tmp_path: Path) -> None:
    latin = placed(tmp_path, "latin.csv", "name,n\nJosé,1\nMüller,2\n".encode("latin-1"))
    titled = placed(tmp_path, "titled.csv", "Report\n\na,b,c\n1,2,3\n4,5,6\n")
    first, second = document("read", latin, titled)["files"]
    assert any("windows-1252" in note for note in first["notes"])
    assert any("first 2 lines" in note for note in second["notes"])


# places


def test_hostile_places_are_only_places(tmp_path: Path) -> None:
    folder = tmp_path / 'a folder\' with "quotes" & $(id)'
    folder.mkdir()
    for name in ("it's; DROP TABLE t.csv", "glob*[x]?.csv", "中文 {x}.csv", "-.csv"):
        (table,) = tables(placed(folder, name, "a,b\n1,2\n"), folder / "out {0}")
        assert table.rows == [{"a": 1, "b": 2}]


def test_a_name_that_is_no_utf8_is_read_too(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    try:
        file.write_text("a,b\n1,2\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    (table,) = tables(file, tmp_path / "out")
    assert table.rows == [{"a": 1, "b": 2}]


def test_places_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    file = placed(tmp_path, "t.csv", "a,y\n1,2\n3,4\n5,7\n")
    blocked, empty = file / "below a file", tmp_path / "empty"
    empty.mkdir()
    for arguments in (
        ("read", tmp_path / "none.csv"),
        ("read", empty),
        ("profile", tmp_path / "none.csv"),
        ("profile", empty),
        ("read", file, "--out", blocked),
        ("clean", file, "--suggested", "--out", tmp_path / "no" / "folder" / "c.csv"),
        ("fit", file, "--target", "y", "--model", "linear", "--out", blocked),
    ):
        result = call(*arguments)
        assert result.exit_code == 1
        assert str(tmp_path) in result.stderr or "folder 'empty' holds no files" in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may read all")
def test_a_file_without_permission_is_said(tmp_path: Path) -> None:
    file = placed(tmp_path, "t.csv", "a,b\n1,2\n")
    file.chmod(0)
    result = call("read", file)
    assert result.exit_code == 1
    assert "ermission" in result.stderr


HOSTILE = (
    'a"b',
    "{x}",
    "{0}%s",
    "😀",
    "\u202eright to left",
    "n" * 500,
    "x; DROP TABLE t;--",
    "<b>hi</b>",
    "'q'",
)


def test_hostile_names_go_the_whole_way(tmp_path: Path) -> None:
    chance = random.Random(3)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow((*HOSTILE, "y"))
    for _ in range(40):
        values = [chance.gauss(0, 1) for _ in HOSTILE]
        writer.writerow((*values, 2 * values[0] - values[3] + 1))
    file = placed(tmp_path, "t.csv", text.getvalue())
    assert [column["name"] for column in document("profile", file)["columns"]] == [*HOSTILE, "y"]
    document("clean", file, "--suggested", "--out", tmp_path / "c.csv")
    fit = document("fit", file, "--target", "y", "--model", "linear", "--out", tmp_path / "m")
    found = {row["name"]: row["value"] for row in fit["coefficients"]}
    assert found['a"b'] == pytest.approx(2)
    assert found["😀"] == pytest.approx(-1)
    assert document("score", tmp_path / "m", file, "--out", tmp_path / "s.csv")["rows"] == 40
