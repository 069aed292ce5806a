"""Several tables below one another in one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.contracts import Silent
from core.sources import DelimitedFile, offers

SEVERAL = """Orders
id,day,sum
1,2024-01-31,10.5
2,2024-02-01,20

Customers

name;city;age
"Ann

Lee";Oslo;30
Bob;Rome;41

,,,
code,meaning,n,m
x,one,1,2
y,two,3,4
"""


def offered(tmp_path: Path, text: str | bytes) -> list[tuple[str, list[str], int]]:
    file, into = tmp_path / "in", tmp_path / "parts"
    into.mkdir()
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    result = []
    for offer in offers(file, "t.csv", into):
        assert isinstance(offer.source, DelimitedFile)
        account = offer.source.read(offer.path, tmp_path / "o", tmp_path / "r", Silent())
        result.append((offer.name, [column.name for column in account.columns], account.rows))
    return result


def test_each_table_is_offered_by_itself(tmp_path: Path) -> None:
    assert offered(tmp_path, SEVERAL) == [
        ("t.csv: 1", ["id", "day", "sum"], 2),
        ("t.csv: Customers", ["name", "city", "age"], 2),
        ("t.csv: 3", ["code", "meaning", "n", "m"], 2),
    ]


def test_rows_behind_a_blank_line_belong_to_the_table_above(tmp_path: Path) -> None:
    text = "a,b\n1,2\n3,4\n\n5,6\n7,8\n\nx,y,z\np,1,2\nq,3,4\n"
    assert offered(tmp_path, text) == [("t.csv: 1", ["a", "b"], 4), ("t.csv: 2", ["x", "y", "z"], 2)]


def test_the_lines_of_each_are_said(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.write_text(SEVERAL)
    notes = [str(offer.notes[0]) for offer in offers(file, "t.csv", tmp_path)]
    assert notes[0] == "one of 3 tables of the file: its lines 1 to 4"
    assert notes[2] == "one of 3 tables of the file: its lines 15 to 17"


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n\n3,4\n5,6\n",  # blank lines between rows
        "a,b\n1,2\n3,4\n\na,b\n5,6\n7,8\n",  # the same names again, as on each page of a print
        "Made by,me\nOn,Monday\n\na,b\n1,2\n3,4\n",  # what is told of a table
        'a,b\n1,"x\n\nc,d\n5,6\n7,8\n"\n2,y\n',  # a cell that holds a table
        "a,b\n1,2\n3,4\n\nSource: the office, 2024\n",
        "a,b\n\n\n\n",
        "word\n\nword\n\nword\n",
    ],
)
def test_what_is_one_table_stays_one(tmp_path: Path, text: str) -> None:
    assert len(offered(tmp_path, text)) == 1


@pytest.mark.parametrize("text", [b"a,b\n" + b"\n,\n" * 50_000, b"a,b\n1,2\n\n" * 5_000])
def test_blank_lines_without_end_make_no_tables(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "t"
    file.write_bytes(text)
    assert len(offers(file, "t.csv", tmp_path)) == 1
