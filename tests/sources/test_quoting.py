"""Quotes of other kinds, lines quoted as a whole, groups of names: what they are, and what only looks so."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.contracts import Account, Silent
from core.errors import SightlineError
from core.sources import DelimitedFile, detect
from core.sources.dialect import sniff
from core.sources.header import is_group_row

ROWS = {"id": [1, 2, 3, 4], "text": ["one, two", "three", "four, five", "six"], "size": [1.5, 2.5, 3.5, 4.5]}


def read(text: str, folder: Path) -> tuple[Account, dict[str, list[object]]]:
    file = folder / "table.csv"
    file.write_text(text, encoding="utf-8", newline="")
    account = detect(file, "table.csv").read(file, folder / "t.parquet", folder / "refused.csv", Silent())
    return account, pq.read_table(folder / "t.parquet").to_pydict()


@pytest.mark.parametrize("quote", ["'", "`", "“”", "„“", "„”", "””", "«»", "»«", "‹›", "‘’", "‚‘", "「」"])
def test_cells_in_other_quotes(quote: str, tmp_path: Path) -> None:
    opening, closing = quote[0], quote[-1]
    rows = zip(ROWS["id"], ROWS["text"], ROWS["size"], strict=True)
    lines = [f"{n},{opening}{words}{closing},{size}" for n, words, size in rows]
    account, found = read("id,text,size\n" + "\n".join(lines) + "\n", tmp_path)
    assert found == ROWS
    assert (account.rows, account.refused) == (4, 0)


@pytest.mark.parametrize("quote", ["“”", "`", "«»"])
def test_line_ends_and_quotes_inside_other_quotes(quote: str, tmp_path: Path) -> None:
    opening, closing = quote[0], quote[-1]
    cells = ["one\ntwo, a", f"x {closing * 2} y, b", "c, d"]
    body = "".join(f"{n},{opening}{cell}{closing}\n" for n, cell in enumerate(cells)) + "3,e\n"
    _, found = read("id,text\n" + body, tmp_path)
    assert found["text"] == ["one\ntwo, a", f"x {closing} y, b", "c, d", "e"]


def test_a_typographic_quote_that_is_not_closed_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    body = "".join(f"{n},“a, b”\n" for n in range(5)) + "5,“never closed\n6,“c, d”\n"
    account, found = read("id,text\n" + body, tmp_path)
    assert found["id"] == [0, 1, 2, 3, 4, 6]
    assert (account.rows, account.refused, account.rows_in) == (6, 1, 7)


@pytest.mark.parametrize(
    "body",
    [
        "1,“To be”\n2,“Or not”\n3,“That is”\n",
        "1,«Oui»\n2,«Non»\n3,«Peut-être»\n",
        "1,`ls -l`\n2,`cat x`\n3,`rm`\n",
        "1,‘tis\n2,O’Hara\n3,dogs’\n",
        "1,O'Brien\n2,'tis\n3,dogs'\n4,5'\n5,'em\n",
    ],
)
def test_quotes_that_are_a_part_of_the_text_stay(body: str) -> None:
    found = sniff(("id,text\n" + body).encode(), whole=True)
    assert found.values["quote"] == '"'
    assert [",".join(row) for row in found.rows[1:]] == body.splitlines()


def test_quotes_around_every_text_are_no_part_of_it(tmp_path: Path) -> None:
    _, found = read("“id”,“text”\n1,“Ann”\n2,“Bo”\n3,“Cy”\n4,“Di”\n", tmp_path)
    assert found == {"id": [1, 2, 3, 4], "text": ["Ann", "Bo", "Cy", "Di"]}


def wrapped(line: str) -> str:
    return '"' + line.replace('"', '""') + '"'


LINES = ["id,text,size", '1,"one, two",1.5', "2,three,2.5", '3,"four, five",3.5', "4,six,4.5"]


@pytest.mark.parametrize(
    "which",
    [(0, 1, 2, 3, 4), (1, 2, 3, 4), (0,), (1, 3), (0, 1, 3)],
    ids=["all", "rows", "names", "some", "both"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_quoted_as_a_whole(which: tuple[int, ...], end: str, tmp_path: Path) -> None:
    text = end.join(wrapped(line) if i in which else line for i, line in enumerate(LINES)) + end
    account, found = read(text, tmp_path)
    assert found == ROWS
    assert (account.rows, account.refused) == (4, 0)


def test_line_ends_inside_lines_quoted_as_a_whole(tmp_path: Path) -> None:
    records = ["id,text,size", '1,"one\ntwo",1.5', '2,"\nthree ""x"" ",2.5', '3,"four\n",3.5', "4,six,4.5"]
    account, found = read("\n".join(map(wrapped, records)) + "\n", tmp_path)
    assert found["text"] == ["one\ntwo", '\nthree "x" ', "four\n", "six"]
    assert account.refused == 0
    assert any(
        "quoted as a whole" in str(said)
        for said in sniff("\n".join(map(wrapped, LINES)).encode(), whole=True).notes
    )


@pytest.mark.parametrize(
    "text",
    [
        '"address"\n"Paris, IDF, France"\n"Lyon, RA, France"\n"Nice, PACA, France"\n',
        '"Last, First"\n"Smith, John"\n"Doe, Jane"\n"Ray, Bo"\n',
        '"value"\n"1,5"\n"2,7"\n"3,1"\n',
        '"1,5"\n"2,7"\n"3,1"\n',
        '"sets"\n"1,2,3"\n"2,3,5"\n"4,5,6"\n',
        '"text"\n"He said ""hi"", and left"\n"I, too, say ""no"", so"\n"a, b"\n',
        'id,name\n1,a\n2,b\n3,c\n"Source: Paris, France"\n"Note: see x, y"\n',
        '"id","name"\n"1","a, b"\n"2","c"\n',
    ],
)
def test_cells_with_commas_are_no_lines_quoted_as_a_whole(text: str) -> None:
    assert "wrapped" not in sniff(text.encode(), whole=True).values


def test_lines_quoted_as_a_whole_have_double_quotes() -> None:
    with pytest.raises((SightlineError, ValueError), match="double quotes"):
        DelimitedFile(wrapped=True, quote="'")


def test_quotes_inside_quotes_that_are_not_marked(tmp_path: Path) -> None:
    body = "".join(f'{n},"the "big" one, {n}",x\n' for n in range(5)) + '5,"plain, too",y\n6,none,z\n'
    account, found = read("id,text,kind\n" + body, tmp_path)
    assert found["text"] == [*(f'the "big" one, {n}' for n in range(5)), "plain, too", "none"]
    assert account.refused == 0


BODY = "".join(f"{n},Ann,{n}.5,4{n},5{n}.5,6{n}\n" for n in range(6))


@pytest.mark.parametrize(
    "above", ["", "Report,,,,,\n", "Annual report\n\n", "Report,,2020,,,\n", "Year,2020,,,,\n"]
)
def test_groups_of_names(above: str, tmp_path: Path) -> None:
    account, _ = read(above + ",,2021,,2020,\nid,name,sales,cost,sales,cost\n" + BODY, tmp_path)
    assert [column.name for column in account.columns] == [
        "id", "name", "2021 / sales", "2021 / cost", "2020 / sales", "2020 / cost",
    ]  # fmt: skip
    assert (account.rows, account.refused) == (6, 0)


def test_groups_of_names_over_columns_of_text(tmp_path: Path) -> None:
    rows = "".join(f"{n},Ann,a,b,c,d\n" for n in range(4))
    account, _ = read(",,Home,,Away,\nid,name,first,last,first,last\n" + rows, tmp_path)
    assert [column.name for column in account.columns][2:] == [
        "Home / first", "Home / last", "Away / first", "Away / last",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        ("Report", "", "", "", "", ""),
        ("Year", "2020", "", "", "", ""),
        ("Report", "", "2020", "", "", ""),
        ("Made on", "", "2020-01-02", "", "", ""),
        ("Source: us", "", "", "Draft", "", ""),
        ("North", "", "North", "", "North", ""),
        ("", "", "", "", "", ""),
    ],
)
def test_titles_are_no_groups_of_names(row: tuple[str, ...]) -> None:
    names = ("id", "name", "sales", "cost", "price", "tax")
    rows = [tuple(line.split(",")) for line in BODY.splitlines()]
    assert not is_group_row(row, [names, *rows])


@pytest.mark.parametrize("above", ["Report,,2020,,,\n", "Year,2020,,,,\n"])
def test_a_title_with_a_year_is_left_out(above: str, tmp_path: Path) -> None:
    account, _ = read(above + "id,name,sales,cost,price,tax\n" + BODY, tmp_path)
    assert [column.name for column in account.columns] == ["id", "name", "sales", "cost", "price", "tax"]
    assert account.rows == 6


def test_a_title_above_two_columns_is_left_out(tmp_path: Path) -> None:
    account, found = read("Draft,\ncode,weight\nA-1,4.5\nB-2,5.5\nC-3,6\n", tmp_path)
    assert found == {"code": ["A-1", "B-2", "C-3"], "weight": [4.5, 5.5, 6.0]}
    assert any(
        "left out" in str(said) for said in sniff((tmp_path / "table.csv").read_bytes(), whole=True).notes
    )
    assert account.refused == 0


def test_commas_inside_cells_do_not_make_names_a_title(tmp_path: Path) -> None:
    rows = [(f"{n},5", f"{n + 1},25", "a") for n in range(8)]
    text = "first#second#kind\n" + "".join("#".join(row) + "\n" for row in rows)
    _, found = read(text, tmp_path)
    assert found["first"] == [n + 0.5 for n in range(8)]
    title = "Sales by region\nid, name, value\n" + "".join(f"{n}, Ann, {n}\n" for n in range(8))
    assert sniff(title.encode(), whole=True).values["delimiter"] == ", "


@pytest.mark.parametrize("mark", ["#", "|~|", "=>", ":", "§"])
def test_two_columns_of_names_and_values(mark: str) -> None:
    text = f"code{mark}weight\n" + "".join(f"A-{n}{mark}{n}.5\n" for n in range(6))
    found = sniff(text.encode(), whole=True)
    assert found.values["delimiter"] == mark
    assert found.rows[0] == ("code", "weight")


def test_keys_and_values_above_a_table_are_no_table(tmp_path: Path) -> None:
    from core.sources import offers

    file = tmp_path / "table.csv"
    file.write_text("Title,Report\nYear,2024\nUnits,pieces\n\nid,name,sales,cost,price,tax\n" + BODY)
    (only,) = offers(file, "table.csv", tmp_path)
    assert isinstance(only.source, DelimitedFile)
    assert only.source.skip == 4


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("#id,text", "id"),
        ("#_n,text", "_n"),
        ("# of items,text", "# of items"),
        ("#a,#b", "#a"),
        ("#,b", "#"),
    ],
)
def test_a_line_of_names_that_is_marked_as_a_remark(line: str, first: str, tmp_path: Path) -> None:
    account, _ = read(line + "\n1,x\n2,y\n3,z\n", tmp_path)
    assert account.columns[0].name == first
    assert account.rows == 3
    assert any("marks the line of names" in str(said) for said in account.notes) == (first in ("id", "_n"))
