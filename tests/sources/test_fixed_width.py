"""Text with columns at fixed places: where they are found, and that no letter of them is lost."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pandas as pd
import pytest

from core.errors import BadParameter
from core.sources import DelimitedFile, FixedWidthFile, preview
from tests.sources.conftest import Reader

TABLE = """\
Name           City         Born        Amount
Ann Lee        Oslo         1980-01-31    12.50
Bob            New York     1999-12-31     3.00
Zoë            São Paulo                 100.25
Li Wei                      2001-02-03
"""


def test_places_are_found_and_shown(read: Reader) -> None:
    found = read(TABLE, "t.txt")
    assert found.source == FixedWidthFile(begins="1, 16, 29, 41")
    assert found.types() == {"Name": "text", "City": "text", "Born": "date", "Amount": "number"}
    assert found.column("Name") == ["Ann Lee", "Bob", "Zoë", "Li Wei"]
    assert found.column("City") == ["Oslo", "New York", "São Paulo", None]
    assert found.column("Born") == [dt.date(1980, 1, 31), dt.date(1999, 12, 31), None, dt.date(2001, 2, 3)]
    assert found.column("Amount") == [12.5, 3.0, 100.25, None]


def test_places_can_be_given(read: Reader) -> None:
    found = read("AB12x\nCD34y\n\nEF56\n", "t.txt", FixedWidthFile(begins="1,3, 5", header=False))
    assert found.column("column_1") == ["AB", "CD", "EF"]
    assert found.column("column_2") == [12, 34, 56]
    assert found.column("column_3") == ["x", "y", None]


def test_words_that_a_place_cuts_are_counted(read: Reader) -> None:
    found = read("name  n\nAnn   1\nBob  22\nLeonard 3\n", "t.txt", FixedWidthFile(begins="1, 7"))
    words = "in 2 rows a word goes on at the place 7, where a column begins"
    assert words in [str(note) for note in found.account.notes]


def test_numbers_may_grow_to_the_left_in_later_lines(read: Reader) -> None:
    lines = [f"{'item' + str(i % 10):<12}{i:>9}{i * 7:>9}" for i in range(1, 3_000)]
    found = read(f"{'name':<12}{'n':>9}{'m':>9}\n" + "\n".join(lines), "t.txt")
    assert found.column("n") == list(range(1, 3_000))
    assert found.column("m") == [i * 7 for i in range(1, 3_000)]


def test_titles_and_lines_that_are_drawn_are_no_rows(read: Reader) -> None:
    text = "Report of all sales in the north of the country\n\n" + TABLE.replace(
        "\n", "\n-------------- ------------ ----------- --------\n", 1
    )
    found = read(text, "t.txt")
    assert found.source == FixedWidthFile(begins="1, 16, 29, 41", skip=1)
    assert found.column("Name") == ["Ann Lee", "Bob", "Zoë", "Li Wei"]


def test_columns_that_spaces_part_as_well_stay_delimited(read: Reader) -> None:
    found = read("a    b    c\n1    2    3\n4    5    6\n", "t.txt")
    assert isinstance(found.source, DelimitedFile)


@pytest.mark.parametrize(
    "text", ["one\ntwo\nthree\n", "some words in a line\nand more words\nthe end of it\n"]
)
def test_words_are_no_columns(read: Reader, text: str) -> None:
    assert isinstance(read(text, "t.txt").source, DelimitedFile)


def test_it_reads_what_pandas_reads(read: Reader, tmp_path: Path) -> None:
    chance = random.Random(5)
    rows = [
        ("a b" * (i % 3) + str(i) * 3, "" if chance.random() < 0.2 else f"c {i % 7}", i * 3)
        for i in range(400)
    ]
    text = f"{'name':<20}{'city':<10}{'n':>8}\n" + "".join(f"{a:<20}{b:<10}{n:>8}\n" for a, b, n in rows)
    found = read(text, "t.txt")
    place = tmp_path / "t"
    place.write_text(text)
    expected = pd.read_fwf(place, colspecs=[(0, 20), (20, 30), (30, 40)])
    assert found.column("name") == expected["name"].tolist()
    assert found.column("n") == expected["n"].tolist()
    assert found.column("city") == [None if pd.isna(c) else c for c in expected["city"]]


def test_other_encodings_and_line_ends(read: Reader) -> None:
    found = read(TABLE.replace("\n", "\r\n").encode("latin-1"), "t.txt")
    assert found.source == FixedWidthFile(begins="1, 16, 29, 41", encoding=found.source.encoding)  # type: ignore[attr-defined]
    assert found.column("City")[2] == "São Paulo"


def test_a_long_file_is_previewed_from_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.write_text(TABLE + "x" * 14 + " y            2000-01-01    1.00\n" * 70_000)
    found = preview(FixedWidthFile(begins="1, 16, 29, 41"), file, rows=5)
    assert found.rows.num_rows == 5
    assert any("this preview is made from the first" in str(note) for note in found.notes)


@pytest.mark.parametrize("begins", ["", "2, 5", "1, 5, 5", "1, x", "1, 0", "1;2", "1, 99999999"])
def test_wrong_places_are_refused(begins: str) -> None:
    with pytest.raises(BadParameter, match="begins"):
        FixedWidthFile.build("fixed_width_file", {"begins": begins})


# ---- hostile


def test_rows_that_are_no_text_are_refused_with_their_line(read: Reader) -> None:
    data = TABLE.encode().replace(b"Bob", b"B\xffb").replace(b"Li Wei", b"Li\x00ei")
    found = read(data, "t.txt", FixedWidthFile(begins="1, 16, 29, 41"))
    assert found.column("Name") == ["Ann Lee", "Zoë"]
    assert [row[0] for row in found.refused] == ["3", "5"]
    assert found.account.rows_in == 4


def test_quotes_and_delimiters_are_letters(read: Reader) -> None:
    text = 'a,"b     n\n"x,y"    1\n=1+1    22\n""      3\n'
    found = read(text, "t.txt", FixedWidthFile(begins="1, 9"))
    assert found.column('a,"b') == ['"x,y"', "=1+1", '""']


def test_a_line_without_end_is_refused_and_no_other(read: Reader) -> None:
    found = read("a  b\n" + "x" * 5_000_000 + "\n1  2\n", "t.txt", FixedWidthFile(begins="1, 4"))
    assert found.account.rows_in == found.account.rows + found.account.refused
    assert "1" in [str(value) for value in found.column("a")]
