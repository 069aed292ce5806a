"""What is found out about a delimited text: unusual marks, quotes, rows of names; and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.contracts import Silent
from core.sources import detect
from core.sources.delimited import DelimitedFile
from core.sources.dialect import sniff
from core.sources.header import rows_of_names

ROWS = [
    ("code", "weight", "who", "when"),
    ("A-1", "4.5", "Ann Lee", "2024-01-02"),
    ("B-22", "", "Bo O'Hara", "2024-02-03"),
    ("C-3", "17.25", "Zoë", "2024-03-04"),
    ("D-4", "8", "Max Weiß", "2024-04-05"),
]


def text(mark: str) -> bytes:
    return "".join(mark.join(row) + "\n" for row in ROWS).encode()


@pytest.mark.parametrize(
    "mark",
    ["\x1e", "\x1f", "\x01", "\x02", "#", "!", "$", "*", "&", "§", "¦", "##", "@@", "|~|", "~|~", "<>", "=>",
     ", ", "; ", " | ", ",,", "||", "::", ";", "^"],
)  # fmt: skip
def test_a_mark_is_found_and_its_table_is_read(mark: str, tmp_path: Path) -> None:
    file = tmp_path / "table.txt"
    file.write_bytes(text(mark))
    source = detect(file, "table.txt")
    assert isinstance(source, DelimitedFile)
    assert source.delimiter == mark
    account = source.read(file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent())
    assert (account.rows, account.refused) == (4, 0)
    rows = pq.read_table(tmp_path / "t.parquet").to_pydict()
    assert list(rows) == list(ROWS[0])
    assert rows["who"] == [row[2] for row in ROWS[1:]]
    assert rows["weight"] == [4.5, None, 17.25, 8.0]


@pytest.mark.parametrize(
    "column",
    [
        ["time", "10:30:00", "11:45:10", "12:00:59"],
        ["mail", "ann@example.org", "bob@example.org"],
        ["page", "https://a.example/x", "https://b.example/y"],
        ["10:30:00", "11:45:10", "12:00:59"],
        ["price", "$4", "$5", "$12"],
        ["tag", "#a", "#b", "#c"],
        ["share", "a&b&c", "d&e&f"],
    ],
)
def test_signs_inside_the_values_of_one_column_are_no_delimiters(column: list[str]) -> None:
    found = sniff("\n".join(column).encode() + b"\n", whole=True)
    assert all(len(row) == 1 for row in found.rows)


def test_a_comma_beats_the_signs_inside_its_cells() -> None:
    rows = [f"{n},10:3{n}:00,ann#{n}@x.org,a & b,#{n}!" for n in range(9)]
    found = sniff(("id,at,mail,both,tag\n" + "\n".join(rows) + "\n").encode(), whole=True)
    assert found.values["delimiter"] == ","


def test_a_few_cells_in_apostrophes_are_quoted_and_a_few_apostrophes_are_not() -> None:
    quoted = b"id,words\n" + b"".join(b"%d,'one, two %d'\n" % (n, n) for n in range(3)) + b"4,three\n5,four\n"
    assert sniff(quoted, whole=True).values["quote"] == "'"
    names = b"id,name\n1,O'Hara\n2,D'Arcy\n3,Lee\n"
    assert sniff(names, whole=True).values["quote"] == '"'


def test_rows_of_names_are_joined(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("Left,,Right,\nweight,height,weight,height\nkg,m,kg,m\n" + "70,1.8,71,1.7\n" * 5)
    source = DelimitedFile(header=True, more_names=2)
    account = source.read(file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent())
    assert [column.name for column in account.columns] == [
        "Left / weight / kg", "Left / height / m", "Right / weight / kg", "Right / height / m",
    ]  # fmt: skip
    assert account.rows == 5


def test_units_below_the_names_are_found_and_told(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("id,weight,height\n,kg,m\n" + "".join(f"{n},{n}.5,1.{n}\n" for n in range(6)))
    source = detect(file, "units.csv")
    assert isinstance(source, DelimitedFile)
    assert source.more_names == 1
    account = source.read(file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent())
    assert [column.name for column in account.columns] == ["id", "weight / kg", "height / m"]
    assert account.rows == 6
    found = sniff(file.read_bytes(), whole=True)
    assert any("2 rows were taken as names" in str(said) for said in found.notes)


@pytest.mark.parametrize("first", [("N/A", "unknown"), ("-", "?"), ("", ""), ("1", "x"), ("n/a", "")])
def test_missing_values_in_the_first_row_are_no_names(first: tuple[str, str]) -> None:
    body = [(f"{n}", f"{n}.5") for n in range(10)]
    assert rows_of_names([("a", "b"), first, *body]) == 0


def test_a_row_of_names_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_text('a,b\n"x,y\n1,2\n3,4\n')
    from core.errors import BadInput

    with pytest.raises(BadInput, match="names of the columns"):
        DelimitedFile(more_names=1).read(file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent())


def test_a_delimiter_too_many_in_the_header_costs_no_names(tmp_path: Path) -> None:
    file = tmp_path / "header.csv"
    file.write_text("code,,weight,who\n" + "".join(f"A-{n},{n}.5,Ann\n" for n in range(5)))
    account = detect(file, "header.csv").read(
        file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent()
    )
    assert [column.name for column in account.columns] == ["code", "weight", "who"]
    assert (account.rows, account.refused) == (5, 0)
    assert any("empty name too many" in str(said) for said in account.notes)
