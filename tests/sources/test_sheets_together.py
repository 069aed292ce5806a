"""Sheets of one shape as one table: what is put together, and what is said of sheets that differ."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.errors import BadInput
from core.sources import FilesTogether, SheetsTogether, groups, offers, preview
from core.sources.picked import pattern_for, picks
from tests.sources.conftest import Read, Reader
from tests.sources.workbooks import Cell, xlsx

HEAD: list[Cell] = ["day", "sold"]
MONTHS: dict[str, list[list[Cell]]] = {
    "Jan": [HEAD, [1, 2.5], [2, 3]],
    "Feb": [["Sales of February"], [], HEAD, [1, 4], [2, None]],
    "Mar": [["Sold", "day", "why"], [7, 1, "rain"]],
    "Notes": [["author", "text", "when"], ["Ann", "late", 2024]],
    "Blank": [],
}


def said(found: Read) -> str:
    return " / ".join(str(note) for note in found.account.notes)


def test_sheets_stand_under_one_another_with_their_name(read: Reader) -> None:
    found = read(xlsx(MONTHS), "year.xlsx", SheetsTogether(sheets="Jan, Feb, Mar"))
    expected = pd.DataFrame(
        {
            "sheet": ["Jan", "Jan", "Feb", "Feb", "Mar"],
            "day": [1, 2, 1, 2, 1],
            "sold": [2.5, 3.0, 4.0, None, 7.0],
            "why": [None, None, None, None, "rain"],
        }
    )
    pd.testing.assert_frame_equal(found.table.to_pandas(), expected, check_dtype=False)
    assert found.account.rows_in == found.account.rows == 5
    assert "3 sheets were put under one another; the column sheet says" in said(found)
    assert "why is only in Mar" in said(found)
    assert "not asked for and left out: Notes, Blank" in said(found)


def test_columns_of_every_sheet_alone(read: Reader) -> None:
    found = read(
        xlsx(MONTHS), "y.xlsx", SheetsTogether(sheets="J*, F*, M*", columns="shared", sheet_column="m")
    )
    assert list(found.types()) == ["m", "day", "sold"]


def test_empty_sheets_are_left_out_and_said_and_unknown_ones_are_named(read: Reader) -> None:
    found = read(xlsx({**MONTHS, "Notes": []}), "y.xlsx", SheetsTogether())
    assert "empty and left out: Notes, Blank" in said(found)
    with pytest.raises(BadInput, match=r"No sheet of the workbook is called X\*\. Its sheets are: Jan, Feb"):
        read(xlsx(MONTHS), "y.xlsx", SheetsTogether(sheets="X*"))


def test_totals_of_each_sheet_are_left_out(read: Reader) -> None:
    rows: list[list[Cell]] = [["item", "n"], ["a", 1], ["b", 2], ["c", 4], ["Total", 7]]
    found = read(xlsx({"A": rows, "B": rows}), "y.xlsx", SheetsTogether())
    assert found.column("n") == [1, 2, 4, 1, 2, 4]
    assert found.account.rows_in == 6


def test_the_largest_table_of_a_sheet_is_read(read: Reader) -> None:
    two: list[list[Cell]] = [HEAD, *([[i, i] for i in range(9)]), [], [], ["a", "b", "c"]] + [
        ["x", "y", "z"]
    ] * 5
    found = read(xlsx({"A": two, "B": [HEAD, [1, 1], [2, 2]]}), "y.xlsx", SheetsTogether())
    assert found.column("sheet") == ["A"] * 9 + ["B"] * 2
    assert "2 tables stand on it: the largest was read" in said(found)


def test_a_preview_reads_the_first_sheets_alone(tmp_path: Path) -> None:
    place = tmp_path / "b"
    place.write_bytes(xlsx({f"S{i}": [HEAD, [i, 1]] for i in range(9)}))
    found = preview(SheetsTogether(), place)
    assert found.rows["day"].to_pylist() == [0, 1, 2]
    assert any("first 3 sheets" in str(note) for note in found.notes)


# ---- which belong together


def columns(found: list) -> list[list[str] | None]:
    return [
        [column.name for column in preview(one.source, one.path).columns] if one.source else None
        for one in found
    ]


def test_a_workbook_offers_its_sheets_of_one_shape(tmp_path: Path) -> None:
    place = tmp_path / "b"
    place.write_bytes(xlsx(MONTHS))
    found = offers(place, "b.xlsx", tmp_path)
    (group,) = groups(place, found, columns(found))
    assert group.members == ("Jan", "Feb", "Mar")
    assert isinstance(group.source, SheetsTogether)
    assert group.source.sheets == "Jan, Feb, Mar"
    assert {name: str(why) for name, why in group.others} == {
        "Notes": "It has other columns: author, text, when.",
        "Blank": "The sheet holds no cells. Choose another sheet.",
    }


def test_a_folder_of_several_shapes_is_several_groups(tmp_path: Path) -> None:
    folder, into = tmp_path / "data", tmp_path / "into"
    into.mkdir()
    files = {f"sales/{m}.csv": "day,sold\n1,2\n" for m in ("jan", "feb", "mar")}
    files |= {f"people/{n}.csv": "name;age\nAnn;3\n" for n in "ab"}
    files |= {
        "empty.csv": "",
        "one.csv": "x,y,z\n1,2,3\n",
        ".hidden": "a",
        ".git/config": "b",
        "~$b.xlsx": "c",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "link.csv").symlink_to(folder / "one.csv")
    found = offers(folder, "data", into)
    sales, people = groups(folder, found, columns(found))
    assert (sales.members, people.members) == (
        ("sales/feb.csv", "sales/jan.csv", "sales/mar.csv"),
        ("people/a.csv", "people/b.csv"),
    )
    assert isinstance(sales.source, FilesTogether)
    assert sales.source.pattern == "sales/*"
    why = {name: str(note) for name, note in sales.others}
    assert why["people/a.csv"] == "It has other columns: name, age."
    assert why["empty.csv"].startswith("'empty.csv' is empty.")
    assert (why[".hidden"], why[".git"], why["~$b.xlsx"]) == ("It is hidden.",) * 3
    assert why["link.csv"] == "It is a link to another place."
    assert sorted(path.name for path in into.iterdir()) == [], "nothing of a folder is copied"


def test_a_folder_is_read_where_it_lies(tmp_path: Path, read: Reader) -> None:
    from core.contracts import Recorded

    folder = tmp_path / "data"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.csv").write_text(f"a,b\n{number},1\n2\n")
    account = FilesTogether().read(folder, tmp_path / "out", tmp_path / "refused", Recorded())
    assert (account.rows_in, account.rows, account.refused) == (6, 3, 3)


@pytest.mark.parametrize(
    ("wanted", "others", "pattern"),
    [
        (["a.csv", "b.csv"], [], "*"),
        (["a.csv", "b.csv"], ["n.txt"], "*.csv"),
        (["x/a.csv", "x/b.csv"], ["y/a.csv"], "x/*"),
        (["Sales 2023", "Sales 2024"], ["Notes"], "Sales *"),
        (["a,1", "b[2]"], ["c"], "a?1, b?2?"),
        (["a.csv"], ["x/a.csv"], None),
    ],
)
def test_a_pattern_means_what_it_should_and_nothing_else(
    wanted: list[str], others: list[str], pattern: str | None
) -> None:
    assert pattern_for(wanted, wanted + others) == pattern
    if pattern is not None:
        assert all(picks(pattern, name) for name in wanted)
        assert not any(picks(pattern, name) for name in others)
