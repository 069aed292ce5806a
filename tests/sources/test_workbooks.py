"""Workbooks of every kind: what their cells mean, what their errors become, and what is refused."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from pathlib import Path

import pytest

from core.contracts import Silent
from core.errors import BadInput, LimitReached, SightlineError
from core.sources import Spreadsheet, detect, offers, sheets
from core.sources.ole import DamagedOle, Ole
from core.sources.workbook import Workbook
from tests.sources.binary_books import xlsb
from tests.sources.conftest import Read, Reader
from tests.sources.workbooks import Cell, ods_of, xlsx

FIXTURES = Path(__file__).parent / "fixtures"
ORDERS = sorted(path.name for path in FIXTURES.glob("orders-*"))


def noted(found: Read, start: str) -> list[str]:
    return [str(note) for note in found.account.notes if str(note).startswith(start)]


@pytest.mark.parametrize("name", ORDERS)
def test_every_cell_of_an_office_workbook_keeps_its_meaning(read: Reader, name: str) -> None:
    found = read((FIXTURES / name).read_bytes(), name)
    assert found.types() == {
        "id": "integer",
        "amount": "number",
        "share": "number",
        "day": "date",
        "at": "datetime",
        "paid": "boolean",
        "name": "text",
        "code": "text",
        "result": "integer",
        "mixed": "text",
    }
    assert found.column("id") == [1, 2, 3, 4]
    assert found.column("amount") == [19.5, -3, 1e15, None]
    assert found.column("share") == [0.25, 0.5, 1, 0.125]
    assert found.column("day") == [dt.date(2024, 1, 31), dt.date(2000, 2, 29), dt.date(1910, 3, 1), None]
    assert found.column("at") == [
        dt.datetime(2024, 1, 31, 12, 30),
        dt.datetime(1999, 12, 31, 23, 59, 58),
        dt.datetime(2024, 7, 1, 6),
        None,
    ]
    assert found.column("paid") == [True, False, True, None]
    assert found.column("name") == ["Ann", "Zoë 李雷", '<b>"x"</b>', None]
    assert found.column("code") == ["007", "042", "1E5", None]
    assert found.column("mixed") == ["5", "text", "2.5", None]


@pytest.mark.parametrize("name", ORDERS)
def test_errors_are_missing_and_counted_by_column(read: Reader, name: str) -> None:
    found = read((FIXTURES / name).read_bytes(), name)
    assert found.column("result") == [None, None, 7, None]
    (said,) = noted(found, "result: 3 cells hold an error")
    assert "#DIV/0!" in said
    assert "#N/A" in said


@pytest.mark.parametrize("name", ORDERS)
def test_sheets_are_offered_and_the_empty_one_is_said_to_be_empty(tmp_path: Path, name: str) -> None:
    found = offers(FIXTURES / name, name, tmp_path)
    assert sheets(FIXTURES / name) == ["Orders", "Empty", "区域 & más"]
    assert [offer.empty for offer in found] == [False, True, False]
    assert found[2].source == Spreadsheet(sheet="区域 & más")
    assert found[2].source is not None
    account = found[2].source.read(FIXTURES / name, tmp_path / "o", tmp_path / "r", Silent())
    assert [(column.name, column.type) for column in account.columns] == [
        ("region", "text"),
        ("n", "integer"),
    ]


# ---- .xlsb, and errors in places where a parser leaves nothing

TABLE: dict[tuple[int, int], Cell] = {
    (0, 0): "id", (0, 1): "amount", (0, 2): "day", (0, 3): "at", (0, 4): "paid", (0, 5): "name",
    (0, 6): "sum",
    (1, 0): 1, (1, 1): 19.5, (1, 2): ("date", 45322), (1, 3): ("time", 45322.5), (1, 4): True,
    (1, 5): "Zoë 李雷", (1, 6): ("failed", "#DIV/0!"),
    (2, 0): 2, (2, 1): -3, (2, 2): ("date", 36585), (2, 3): ("time", 36525.25), (2, 4): False,
    (2, 5): ("formula", "text"), (2, 6): ("formula", 1.5),
    (3, 6): ("error", "#N/A"),
}  # fmt: skip


@pytest.mark.parametrize(("from_1904", "days"), [(False, 0), (True, 1462)])
def test_a_binary_workbook(read: Reader, from_1904: bool, days: int) -> None:
    later = dt.timedelta(days)
    found = read(xlsb({"S": TABLE, "E": {}}, from_1904=from_1904), "book.xlsb")
    assert found.column("id") == [1, 2, None]
    assert found.column("amount") == [19.5, -3, None]
    assert found.column("day") == [dt.date(2024, 1, 31) + later, dt.date(2000, 2, 29) + later, None]
    assert found.column("at")[0] == dt.datetime(2024, 1, 31, 12) + later
    assert found.column("paid") == [True, False, None]
    assert found.column("name") == ["Zoë 李雷", "text", None]
    assert found.column("sum") == [None, 1.5, None]
    assert noted(found, "sum: 2 cells hold an error (#DIV/0!, #N/A)")


def of_kind(kind: str, rows: list[list[Cell]]) -> bytes:
    if kind == "xlsx":
        return xlsx({"S": rows})
    if kind == "xlsb":
        cells = {(r, c): cell for r, row in enumerate(rows) for c, cell in enumerate(row) if cell is not None}
        return xlsb({"S": cells})
    return ods_of(rows)


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_a_row_of_errors_alone_is_a_row(read: Reader, kind: str) -> None:
    rows: list[list[Cell]] = [["a", "b"], [1, 2], [("error", "#REF!"), ("error", "#REF!")], [3, None]]
    found = read(of_kind(kind, rows), f"book.{kind}")
    assert found.column("a") == [1, None, 3]
    assert noted(found, "a: 1 cell holds an error (#REF!) and was read as missing")


@pytest.mark.parametrize("kind", ["xlsx", "xlsb", "ods"])
def test_errors_at_the_edges_shift_nothing(read: Reader, kind: str) -> None:
    rows: list[list[Cell]] = [
        [None, None, None, None],
        [None, "a", "b", None],
        [("error", "#NUM!"), 1, 2, None],
        [None, 3, 4, ("error", "#NAME?")],
        [None, None, None, None],
        [None, ("error", "#NULL!"), None, None],
    ]
    found = read(of_kind(kind, rows), f"book.{kind}")
    assert found.column("a") == [1, 3, None]
    assert found.column("b") == [2, 4, None]
    assert found.account.rows_in == 3
    assert len([note for note in found.account.notes if "error" in str(note)]) == 3


def test_a_text_that_reads_like_an_error_is_a_text_that_stands_for_missing(read: Reader) -> None:
    found = read(xlsx({"S": [["a"], ["#N/A"], ["x"]]}), "book.xlsx")
    assert found.column("a") == [None, "x"]
    assert noted(found, "read as missing: #N/A")
    assert not noted(found, "a:")


# ---- passwords


@pytest.mark.parametrize("name", ["password.xls", "password.xlsx", "password.ods"])
def test_a_workbook_with_a_password_is_said_to_have_one(tmp_path: Path, name: str) -> None:
    for reading in (
        lambda: detect(FIXTURES / name, name),
        lambda: sheets(FIXTURES / name),
        lambda: offers(FIXTURES / name, name, tmp_path),
        lambda: Spreadsheet().read(FIXTURES / name, tmp_path / "o", tmp_path / "r", Silent()),
    ):
        with pytest.raises(BadInput, match=r"is encrypted.*save it without one"):
            reading()


# ---- what would fill the memory


def ods_with(rows: str, before: str = "") -> bytes:
    """An OpenDocument sheet with these rows of XML."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(ods_of([[1]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "content.xml":
                head, _, rest = text.partition('table:name="Data">')
                tail = rest[rest.index("</table:table>") :]
                declaration, _, root = head.partition("?>")
                text = f'{declaration}?>{before}{root}table:name="Data">{rows}{tail}'
            archive.writestr(name, text)
    return out.getvalue()


VALUE = 'office:value-type="float" office:value="1"'
BOMBS = {
    "xlsb": (xlsb({"S": {(0, 0): 1, (1_048_575, 16_383): 2}}), "1,048,576 rows and 16,384 columns"),
    "xlsb, a row that no sheet has": (xlsb({"S": {(4_000_000_000, 0): 1}}), "4,000,000,001 rows"),
    "xls": ((FIXTURES / "far-apart.xls").read_bytes(), "together reach over more than 50,000,000"),
    "ods, one cell repeated": (
        ods_with(
            '<table:table-row table:number-rows-repeated="1048576">'
            f'<table:table-cell table:number-columns-repeated="16384" {VALUE}/></table:table-row>'
        ),
        "1,048,576 rows and 16,384 columns",
    ),
    "ods, two cells far apart": (
        ods_with(
            f"<table:table-row><table:table-cell {VALUE}/></table:table-row>"
            '<table:table-row table:number-rows-repeated="1048574"/><table:table-row>'
            f'<table:table-cell table:number-columns-repeated="16383"/><table:table-cell {VALUE}/>'
            "</table:table-row>"
        ),
        "1,048,576 rows and 16,384 columns",
    ),
    "ods, an error repeated": (
        ods_with(
            '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
            'table:number-columns-repeated="16384" table:formula="of:=1/0" office:value-type="float">'
            "<text:p>#DIV/0!</text:p></table:table-cell></table:table-row>"
        ),
        "1,048,576 rows and 16,384 columns",
    ),
}


@pytest.mark.parametrize("case", BOMBS)
def test_few_bytes_that_mean_billions_of_cells_are_refused_unread(tmp_path: Path, case: str) -> None:
    content, message = BOMBS[case]
    assert len(content) < 20_000
    (tmp_path / "book").write_bytes(content)
    with pytest.raises(LimitReached, match=message):
        Spreadsheet().read(tmp_path / "book", tmp_path / "o", tmp_path / "r", Silent())


def test_empty_rows_to_the_end_of_the_sheet_are_no_rows(read: Reader) -> None:
    rows = (
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16383"/></table:table-row>'
        f"<table:table-row><table:table-cell {VALUE}/></table:table-row>"
        '<table:table-row table:number-rows-repeated="1048574"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert read(ods_with(rows), "x.ods").column("a") == [1]


def test_entities_that_swell_are_refused(tmp_path: Path) -> None:
    swelling = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    (tmp_path / "book").write_bytes(ods_with("<table:table-row/>", swelling))
    with pytest.raises(BadInput, match="entities of its own"):
        sheets(tmp_path / "book")


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "1000000")
    rows = "<table:table-row/>" * 100_000
    (tmp_path / "book").write_bytes(ods_with(rows))
    with pytest.raises(LimitReached, match="1,000,000 bytes"):
        sheets(tmp_path / "book")


# ---- what is damaged


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out or put in; of a zip mostly inside one of its members."""
    if content.startswith(b"PK") and chance.random() < 0.8:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as archive:
            names = [name for name in old.namelist() if old.read(name)]
            hit = chance.choice([name for name in names if name.endswith((".xml", ".bin"))])
            for name in names:
                part = old.read(name)
                archive.writestr(name, damaged(b" " + part, chance)[1:] if name == hit else part)
        return out.getvalue()
    data = bytearray(content)
    for _ in range(chance.choice([1, 2, 5, 20])):
        place = chance.randrange(len(data))
        if chance.random() < 0.6:
            data[place] = chance.choice([0, 255, chance.randrange(256)])
        elif chance.random() < 0.5:
            del data[place : place + chance.randint(1, min(20, len(data) - 1))]
        else:
            data[place:place] = chance.randbytes(4)
    return bytes(data)


@pytest.mark.parametrize("name", [*ORDERS, "book.xlsb"])
def test_a_damaged_workbook_is_read_or_refused_in_words(tmp_path: Path, name: str) -> None:
    whole = xlsb({"S": TABLE}) if name == "book.xlsb" else (FIXTURES / name).read_bytes()
    chance, file = random.Random(name), tmp_path / "book"
    read, refused = 0, list[str]()
    for _ in range(40):
        file.write_bytes(damaged(whole, chance))
        try:
            Spreadsheet().read(file, tmp_path / "o", tmp_path / "r", Silent())
            read += 1
        except SightlineError as error:
            refused.append(str(error))
    assert read
    assert refused
    assert not [message for message in refused if "{" in message or not message]


def test_a_container_whose_sectors_go_in_a_circle_is_refused() -> None:
    data = bytearray((FIXTURES / "orders-1900.xls").read_bytes())
    assert "Workbook" in Ole(bytes(data)).names()
    size = 1 << int.from_bytes(data[30:32], "little")
    table = (int.from_bytes(data[76:80], "little") + 1) * size
    for number in range(size // 4):
        data[table + 4 * number : table + 4 * number + 4] = number.to_bytes(4, "little")
    with pytest.raises(DamagedOle, match="no end"):
        Ole(bytes(data))


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no sheet 'Nowhere'.*Orders, Empty"):
        Spreadsheet(sheet="Nowhere").read(
            FIXTURES / "orders-1900.xls", tmp_path / "o", tmp_path / "r", Silent()
        )
    with Workbook(FIXTURES / "orders-1900.xls") as book:
        assert book.sheet("Empty").rows == []
