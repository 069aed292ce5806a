"""Where the tables of a sheet stand: titles, names over several rows, totals, several tables."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zipfile
from pathlib import Path

import pytest

from core.contracts import Recorded
from core.errors import BadParameter, LimitReached
from core.sources import Spreadsheet, detect, offers
from core.sources.grid import Grid, Sheet
from core.sources.sheet_area import Area, area, letters, spread
from core.sources.sheet_tables import tables
from tests.sources.binary_books import record, xlsb
from tests.sources.conftest import Read, Reader
from tests.sources.workbooks import Cell, ods_of, xlsx

_ = None
Rows = list[list[Cell]]
KINDS = ("xlsx", "xlsb", "ods")


def book(kind: str, rows: Rows) -> bytes:
    if kind == "ods":
        return ods_of(rows)
    if kind == "xlsx":
        return xlsx({"S": rows})
    cells = {(r, c): cell for r, row in enumerate(rows) for c, cell in enumerate(row) if cell is not None}
    return xlsb({"S": cells})


def changed(content: bytes, part: str, old: bytes | str, new: bytes | str) -> bytes:
    """The workbook with something else in one of its parts."""
    out = io.BytesIO()
    old, new = (text.encode() if isinstance(text, str) else text for text in (old, new))
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new, 1)
            after.writestr(name, data)
    return out.getvalue()


def merged(kind: str, rows: Rows, *ranges: str) -> bytes:
    """A workbook with merged cells."""
    content = book(kind, rows)
    parts = [area(text) for text in ranges]
    if kind == "xlsx":
        listed = "".join(f'<mergeCell ref="{text}"/>' for text in ranges)
        tail = f"</sheetData><mergeCells>{listed}</mergeCells>"
        return changed(content, "xl/worksheets/sheet1.xml", "</sheetData>", tail)
    if kind == "xlsb":
        records = b"".join(
            record(176, struct.pack("<IIII", p.top, p.bottom or 0, p.left, p.right or 0)) for p in parts
        )
        return changed(content, "xl/worksheets/sheet1.bin", record(146), record(146) + records)
    for p in parts:
        cell = rows[p.top][p.left]
        spans = (
            f'table:number-columns-spanned="{(p.right or 0) - p.left + 1}" '
            f'table:number-rows-spanned="{(p.bottom or 0) - p.top + 1}" '
        )
        shown = f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
        content = changed(content, "content.xml", shown, shown.replace("cell ", f"cell {spans}"))
    return content


def said(found: Read, part: str) -> list[str]:
    return [str(note) for note in found.account.notes if part in str(note)]


# ---- one table


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_below_titles_and_away_from_the_corner(read: Reader, kind: str) -> None:
    rows: Rows = [
        [_, _, "Sales of the northern region"],
        [_, _, "in thousands"],
        [],
        [_, _, "city", "year", "sold"],
        [_, _, "Oslo", 2023, 1.5],
        [_, _, "Bergen", 2024, 2.5],
    ]
    found = read(book(kind, rows), f"t.{kind}")
    assert found.source == Spreadsheet(area="C4")
    assert found.types() == {"city": "text", "year": "integer", "sold": "number"}
    assert found.column("city") == ["Oslo", "Bergen"]
    assert said(found, "outside") == ["2 filled cells of the sheet stand outside C4 and were left out"]


def test_a_table_that_fills_its_sheet_stays_open_to_what_a_later_file_adds(read: Reader) -> None:
    assert read(xlsx({"S": [["a", "b"], [1, 2]]}), "t.xlsx").source == Spreadsheet()
    assert read(xlsx({"S": [[_, "a"], [_, 2]]}), "t.xlsx").source == Spreadsheet()


def test_a_remark_below_the_table_is_no_row(read: Reader) -> None:
    rows: Rows = [["a", "b"], ["x", 1], ["y", 2], [], ["Source: the office of statistics"]]
    found = read(xlsx({"S": rows}), "t.xlsx")
    assert found.source == Spreadsheet(area="A1:B3")
    assert found.column("b") == [1, 2]
    assert said(found, "1 filled cell of the sheet stands outside")


def test_an_empty_row_inside_a_table_does_not_end_it(read: Reader) -> None:
    rows: Rows = [["name", "n"], ["x", 1], ["y", 2], [], ["z", 3], ["w", 4]]
    found = read(xlsx({"S": rows}), "t.xlsx")
    assert found.source == Spreadsheet()
    assert found.column("n") == [1, 2, 3, 4]


def test_an_empty_column_inside_a_table_does_not_end_it(read: Reader) -> None:
    rows: Rows = [["name", "n", _, "m"], *([f"x{i}", i, _, i * 2] for i in range(9))]
    found = read(xlsx({"S": rows}), "t.xlsx")
    assert found.source == Spreadsheet()
    assert list(found.types()) == ["name", "n", "m"]


def test_without_names_the_columns_get_some(read: Reader) -> None:
    found = read(xlsx({"S": [["x", 1], ["y", 2], ["z", 3]]}), "t.xlsx")
    assert found.source == Spreadsheet(header=0)
    assert found.column("column_2") == [1, 2, 3]


def test_years_and_days_can_be_names(read: Reader) -> None:
    found = read(xlsx({"S": [["land", 2022, 2023], ["NO", 5, 6], ["SE", 7, 8]]}), "t.xlsx")
    assert list(found.types()) == ["land", "2022", "2023"]
    days: Rows = [["land", ("date", 45292), ("date", 45323)], ["NO", 5, 6], ["SE", 7, 8]]
    assert list(read(xlsx({"S": days}), "t.xlsx").types()) == ["land", "2024-01-01", "2024-02-01"]


# ---- names over several rows

GROUPED: Rows = [
    ["Region", "2023", _, "2024", _, "Remark"],
    [_, "Q1", "Q2", "Q1", "Q2", _],
    ["North", 1, 2, 3, 4, "x"],
    ["South", 5, 6, 7, 8, _],
]
NAMES = ["Region", "2023 / Q1", "2023 / Q2", "2024 / Q1", "2024 / Q2", "Remark"]


@pytest.mark.parametrize("kind", KINDS)
def test_merged_names_count_for_all_their_columns(read: Reader, kind: str) -> None:
    found = read(merged(kind, GROUPED, "A1:A2", "B1:C1", "D1:E1", "F1:F2"), f"t.{kind}")
    assert found.source == Spreadsheet(header=2)
    assert list(found.types()) == NAMES
    assert found.column("2024 / Q1") == [3, 7]
    assert not said(found, "merged")


@pytest.mark.parametrize("kind", KINDS)
def test_a_merged_title_is_no_name(read: Reader, kind: str) -> None:
    rows: Rows = [["Sales", _, _, _, _, _], *GROUPED]
    found = read(merged(kind, rows, "A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"), f"t.{kind}")
    assert found.source == Spreadsheet(area="A2", header=2)
    assert list(found.types()) == NAMES


def test_groups_without_merged_cells_are_known_by_the_names_they_tell_apart(read: Reader) -> None:
    found = read(xlsx({"S": GROUPED}), "t.xlsx")
    assert found.source == Spreadsheet(header=2)
    assert list(found.types()) == NAMES


def test_three_rows_of_names(read: Reader) -> None:
    rows: Rows = [
        ["id", "2024", _, _, _],
        [_, "H1", _, "H2", _],
        [_, "in", "out", "in", "out"],
        ["a", 1, 2, 3, 4],
        ["b", 5, 6, 7, 8],
    ]
    found = read(merged("xlsx", rows, "A1:A3", "B1:E1", "B2:C2", "D2:E2"), "t.xlsx")
    assert found.source == Spreadsheet(header=3)
    assert list(found.types()) == [
        "id",
        "2024 / H1 / in",
        "2024 / H1 / out",
        "2024 / H2 / in",
        "2024 / H2 / out",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_merged_value_stands_in_every_row_it_covers(read: Reader, kind: str) -> None:
    rows: Rows = [["group", "n"], ["one", 1], [_, 2], ["two", 3], [_, 4]]
    found = read(merged(kind, rows, "A2:A3", "A4:A5"), f"t.{kind}")
    assert found.column("group") == ["one", "one", "two", "two"]
    assert said(found, "merged cells: their value was written into 2 cells that they cover")


# ---- totals


@pytest.mark.parametrize("label", ["Total", "Grand total:", "Summe", "合计", "Sum of all"])
@pytest.mark.parametrize("gap", [0, 1])
def test_totals_are_left_out_and_said(read: Reader, label: str, gap: int) -> None:
    rows: Rows = [["name", "n", "x"], ["a", 1, 0.5], ["b", 2, 0.25], ["c", 3, 1]]
    found = read(xlsx({"S": [*rows, *[[]] * gap, [label, 6, 1.75]]}), "t.xlsx")
    assert found.column("n") == [1, 2, 3]
    assert said(found, f"the last row adds up the others ({label}) and was left out")
    kept = read(xlsx({"S": [*rows, [label, 6, 1.75]]}), "t.xlsx", Spreadsheet(totals=False))
    assert kept.column("n") == [1, 2, 3, 6]


@pytest.mark.parametrize(
    "last", [["Total", 7, 9], ["d", 6, 1.75], ["Total", _, _], ["Totalitarian", 6, 1.75]]
)
def test_a_last_row_that_adds_nothing_up_is_a_row(read: Reader, last: list[Cell]) -> None:
    rows: Rows = [["name", "n", "x"], ["a", 1, 0.5], ["b", 2, 0.25], ["c", 3, 1], last]
    assert read(xlsx({"S": rows}), "t.xlsx").account.rows == 4


def test_a_sum_and_a_mean_below_one_another(read: Reader) -> None:
    rows: Rows = [["name", "n"], ["a", 1], ["b", 2], ["c", 6], ["Sum", 9], ["Average", 3]]
    found = read(xlsx({"S": rows}), "t.xlsx")
    assert found.column("n") == [1, 2, 6]
    assert said(found, "the last 2 rows add up the others")


def test_sums_without_a_word_are_totals_when_all_of_them_are_right(read: Reader) -> None:
    rows: Rows = [["name", "n", "m"], ["a", 1, 2], ["b", 2, 3], ["c", 6, 4]]
    assert read(xlsx({"S": [*rows, [_, 9, 9]]}), "t.xlsx").account.rows == 3
    assert read(xlsx({"S": [*rows, [_, 9, 8]]}), "t.xlsx").account.rows == 4


# ---- several tables


def test_tables_below_one_another_are_offered_apart(tmp_path: Path) -> None:
    rows: Rows = [
        ["Orders"], ["id", "day", "sum"], *([i, ("date", 45292 + i), i / 2] for i in range(1, 7)), [],
        ["Customers"], [], ["name", "city"], ["Ann", "Oslo"], ["Bob", "Rome"], [],
        [_, "k", "v"], [_, "x", 1], [_, "y", 2],
    ]  # fmt: skip
    file = tmp_path / "t"
    file.write_bytes(xlsx({"S": rows}))
    found = {offer.name: offer.source for offer in offers(file, "t.xlsx", tmp_path)}
    assert found == {
        "t.xlsx Orders": Spreadsheet(area="A2:C8"),
        "t.xlsx Customers": Spreadsheet(area="A12:B14"),
        "t.xlsx B16:C": Spreadsheet(area="B16:C"),
    }
    account = found["t.xlsx Customers"].read(file, tmp_path / "o", tmp_path / "r", Recorded())  # type: ignore[union-attr]
    assert [column.name for column in account.columns] == ["name", "city"]
    assert account.rows_in == 2


def test_tables_beside_one_another_are_offered_apart(tmp_path: Path) -> None:
    rows: Rows = [
        ["id", "n", _, "code", "meaning"],
        *([i, i * 2, _, *([f"c{i}", f"m{i}"] if i < 4 else [_, _])] for i in range(1, 30)),
    ]
    file = tmp_path / "t"
    file.write_bytes(xlsx({"S": rows}))
    found = [offer.source for offer in offers(file, "t.xlsx", tmp_path)]
    assert found == [Spreadsheet(area="A1:B"), Spreadsheet(area="D1:E")]
    again: Rows = [["day", "n", _, "day", "n"], *([f"d{i}", i, _, f"e{i}", i] for i in range(9))]
    file.write_bytes(xlsx({"S": again}))
    assert [str(o.source.area) for o in offers(file, "t.xlsx", tmp_path)] == ["A1:B", "D1:E"]  # type: ignore[union-attr]


def test_what_is_told_of_a_report_is_no_table_beside_it(tmp_path: Path) -> None:
    rows: Rows = [
        ["Report", "Sales"], ["Made", ("date", 45292)], [],
        ["id", "n", "m"], *([i, i * 2, i * 3] for i in range(20)),
    ]  # fmt: skip
    file = tmp_path / "t"
    file.write_bytes(xlsx({"S": rows}))
    (found,) = offers(file, "t.xlsx", tmp_path)
    assert found.source == Spreadsheet(area="A4")


def test_a_sheet_in_a_thousand_pieces_is_read_as_one() -> None:
    rows = [[i, "x"] if i % 3 else ["a", "b"] for i in range(3000)]
    sheet = Sheet(rows, [i + i // 3 for i in range(3000)], 0, Grid())
    (found,) = tables(sheet)
    assert found.area is None


# ---- what is hidden, and formulas that nobody has computed


def test_hidden_rows_and_columns_are_read_and_said(read: Reader) -> None:
    content = book("xlsx", [["a", "b"], [1, 2], [3, 4], [5, 6]])
    content = changed(content, "xl/worksheets/sheet1.xml", '<row r="3"', '<row r="3" hidden="1"')
    columns = '<cols><col min="2" max="5" hidden="1"/></cols><sheetData>'
    content = changed(content, "xl/worksheets/sheet1.xml", "<sheetData>", columns)
    found = read(content, "t.xlsx")
    assert found.column("a") == [1, 3, 5]
    assert said(found, "hidden in the workbook and read all the same: 1 row, 1 column")
    ods = changed(ods_of([["a"], [1], [2]]), "content.xml", "<table:table-row>",
                  '<table:table-row table:visibility="filter">')  # fmt: skip
    assert said(read(ods, "t.ods"), "read all the same: 1 row")


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_formula_that_keeps_no_value_is_counted(read: Reader, kind: str) -> None:
    content = book(kind, [["a", "b"], [1, 2], [3, 4]])
    if kind == "xlsx":
        content = changed(
            content, "xl/worksheets/sheet1.xml", "</sheetData>",
            '<row r="4"><c r="A4"><v>5</v></c><c r="B4"><f>A4+1</f></c></row></sheetData>',
        )  # fmt: skip
    else:
        row = (
            '<table:table-row><table:table-cell office:value-type="float" office:value="5"/>'
            '<table:table-cell table:formula="of:=1"/></table:table-row></table:table>'
        )
        content = changed(content, "content.xml", "</table:table>", row)
    found = read(content, f"t.{kind}")
    assert found.column("b") == [2, 4, None]
    assert said(found, "1 formula of the sheet keeps no value and was read as missing")


def test_times_of_day_and_whole_days_are_what_they_are(read: Reader) -> None:
    rows: Rows = [["day", "at", "yes"], [("date", 45292), ("time", 45292.75), True], [_, _, False]]
    found = read(xlsx({"S": rows}), "t.xlsx")
    assert found.types() == {"day": "date", "at": "datetime", "yes": "boolean"}
    assert found.column("at") == [dt.datetime(2024, 1, 1, 18), None]


# ---- parts of a sheet, as people write them


@pytest.mark.parametrize(
    ("text", "part"),
    [("B3:F20", Area(2, 1, 19, 5)), ("b3:f", Area(2, 1, None, 5)), ("$A$1", Area()), ("AA10", Area(9, 26))],
)
def test_parts_are_read_and_written(text: str, part: Area) -> None:
    assert area(text) == part
    assert str(part) == text.upper().replace("$", "")
    assert letters(701) == "ZZ"
    assert letters(702) == "AAA"


@pytest.mark.parametrize("text", ["B", "3", "B3:A4", "B3:F2", "B0", "'; drop", "A1:B2:C3", "ABCD1"])
def test_no_part_of_a_sheet_is_refused(text: str) -> None:
    with pytest.raises(BadParameter, match="area"):
        Spreadsheet.build("spreadsheet", {"area": text})


def test_cells_that_are_empty_are_said_to_be(read: Reader) -> None:
    with pytest.raises(Exception, match=re.escape("The cells Z90 of the sheet are empty")):
        read(xlsx({"S": [["a"], [1]]}), "t.xlsx", Spreadsheet(area="Z90"))


# ---- hostile


@pytest.mark.parametrize("reference", ["A1:XFD1048576", "A1:A99999999", "ZZZZZZ1:ZZZZZZZ2", "B9:A1"])
def test_merged_cells_over_the_whole_sheet_fill_what_is_there_alone(read: Reader, reference: str) -> None:
    tail = f'</sheetData><mergeCells><mergeCell ref="{reference}"/></mergeCells>'
    content = changed(
        book("xlsx", [["a", "b"], [1, 2], [3, 4]]), "xl/worksheets/sheet1.xml", "</sheetData>", tail
    )
    found = read(content, "t.xlsx")
    assert found.account.rows_in == 2


def test_merged_cells_that_lie_over_each_other_without_end_are_refused() -> None:
    rows = [[i] * 500 for i in range(500)]
    grid = Grid(merged=[(0, 0, 499, 499)] * 1000)
    with pytest.raises(LimitReached, match="merged cells"):
        spread(Sheet(rows, list(range(500)), 0, grid), 1)


def test_a_tag_that_never_ends_takes_no_time_to_look_for(read: Reader) -> None:
    junk = "<!--" + "<row <mergeCell <f " * 50_000 + "-->"
    content = changed(
        book("xlsx", [["a", "b"], [1, 2]]), "xl/worksheets/sheet1.xml", "<sheetData>", junk + "<sheetData>"
    )
    assert detect_and_count(read, content) == 1


def detect_and_count(read: Reader, content: bytes) -> int:
    return read(content, "t.xlsx").account.rows_in


def test_detection_is_the_largest_table(tmp_path: Path) -> None:
    file = tmp_path / "t"
    file.write_bytes(xlsx({"S": [["a", "b"], [1, 2], [], ["c", "d", "e"], *([i, i, i] for i in range(9))]}))
    assert detect(file, "t.xlsx") == Spreadsheet(area="A4")


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_that_does_not_fit_the_memory_is_refused_before_it_is_read(
    read: Reader, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = book(kind, [["a", "b"], *([i, i] for i in range(500))])
    monkeypatch.setattr("core.sources.memory.memory_left", lambda: 100_000)
    with pytest.raises(LimitReached, match=r"about 1,002 cells, which need 1 MB of memory; 0 MB are free"):
        read(content, f"t.{kind}")
    monkeypatch.setattr("core.sources.memory.memory_left", lambda: None)
    assert read(content, f"t.{kind}").account.rows == 500


def test_the_memory_that_is_left_is_known_within_a_limit() -> None:
    import resource

    from core.sources.memory import memory_left

    before = resource.getrlimit(resource.RLIMIT_AS)
    free = memory_left()
    assert free is None or free > 0
    resource.setrlimit(resource.RLIMIT_AS, (1 << 45, before[1]))
    try:
        assert 0 < (memory_left() or 0) < 1 << 45
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
