"""Text tables: dialects, types, and rows that do not fit."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.contracts import Recorded, Silent
from core.errors import BadInput, BadParameter, Cancelled
from core.sources import ColumnOfType, DelimitedFile, detect, preview
from core.sources.reading import Reading
from tests.sources.conftest import Reader

# ---- dialects


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "^", "~", "||", "::"])
def test_any_delimiter_is_found(read: Reader, mark: str) -> None:
    rows = [["name", "age", "city"], ["Ann", "31", "Oslo"], ["Bob", "42", "Rome"], ["Cid", "53", "Bonn"]]
    found = read("\n".join(mark.join(row) for row in rows) + "\n")
    assert found.types() == {"name": "text", "age": "integer", "city": "text"}
    assert found.column("age") == [31, 42, 53]


def test_columns_set_apart_by_several_spaces(read: Reader) -> None:
    found = read("name  age   city\nAnn   31    Oslo\nBob   42    Rome\n", "table.txt")
    assert found.source.delimiter == "spaces"
    assert found.column("city") == ["Oslo", "Rome"]


def test_european_file_with_semicolons_decimal_commas_and_days_first(read: Reader) -> None:
    found = read("Preis;Tag;Menge\n1,50;31.12.2024;3\n2,25;01.02.2024;4\n-0,75;05.06.2024;5\n")
    assert found.types() == {"Preis": "number", "Tag": "date", "Menge": "integer"}
    assert found.column("Preis") == [1.5, 2.25, -0.75]
    assert found.column("Tag") == [dt.date(2024, 12, 31), dt.date(2024, 2, 1), dt.date(2024, 6, 5)]


def test_first_line_of_excel_names_the_delimiter(read: Reader) -> None:
    found = read("sep=;\r\na;b\r\n1;x,y\r\n2;z,w\r\n")
    assert found.column("b") == ["x,y", "z,w"]
    assert found.account.rows_in == 2


def test_title_above_and_total_below_the_table(read: Reader) -> None:
    found = read("Report of sales\nmade in 2024\n\nname,age,city\nAnn,3,x\nBob,4,y\nTotal,7\n")
    assert found.source.skip == 3
    assert found.column("age") == [3, 4]
    assert found.refused == [["7", "2 fields where 3 were expected", "Total,7"]]


def test_delimiter_at_the_end_of_every_line(read: Reader) -> None:
    found = read("a,b,\n1,2,\n3,4,\n")
    assert found.column("b") == [2, 4]
    assert list(found.types()) == ["a", "b"]


def test_row_names_without_a_name_of_their_own(read: Reader) -> None:
    found = read('"v1" "v2"\n"1" 5 6\n"2" 7 8\n', "table.txt")
    assert found.column("v1") == [5, 7]
    assert any("'row'" in str(note) for note in found.account.notes)


def test_values_in_the_first_row_are_no_header(read: Reader) -> None:
    found = read("1,2,x\n4,5,y\n")
    assert list(found.types()) == ["column_1", "column_2", "column_3"]
    assert found.account.rows == 2


def test_years_as_names_are_a_header(read: Reader) -> None:
    assert list(read("country,1990,1991\nOslo,1,2\nRome,3,4\n").types()) == ["country", "1990", "1991"]


def test_backslash_before_quotes(read: Reader) -> None:
    assert read('a,b\n1,"x\\"y, z"\n2,"w"\n').column("b") == ['x"y, z', "w"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(read: Reader, end: str) -> None:
    found = read(end.join(["a,b", "1,x", "2,y", ""]))
    assert found.column("a") == [1, 2]
    assert found.column("b") == ["x", "y"]


def test_mixed_line_ends_and_line_ends_inside_quotes(read: Reader) -> None:
    found = read('a,b\r\n1,"x\ny"\n2,"p\r\nq"\r3,z\r\n')
    assert found.column("b") == ["x\ny", "p\r\nq", "z"]


# ---- encodings

_TEXTS = {
    "utf-8": "nom,ville\nRené,Orléans\nZoë,北京\n",
    "utf-8-sig": "nom,ville\nRené,Orléans\nZoë,北京\n",
    "utf-16": "nom,ville\nRené,Orléans\nZoë,北京\n",
    "utf-16-le": "nom,ville\nRené,Orléans\nZoë,Paris et Lyon\n",
    "utf-16-be": "nom,ville\nRené,Orléans\nZoë,Paris et Lyon\n",
    "gb18030": "姓名,城市\n李雷,北京\n韩梅梅,上海\n张三,广州市天河区\n",
    "big5": "姓名,城市\n李雷,臺北市\n韓梅梅,高雄市\n張三,台中的市場\n",
    "shift_jis": "名前,都市\n田中さん,東京タワー\nすずき,大阪のまち\n",
    "cp1252": "nom,ville\nRené,Orléans\nZoë,Besançon – 5 €\n",
    "latin-1": "nom,ville\nRené,Orléans\nFrançois,Besançon\n",
}


@pytest.mark.parametrize("encoding", _TEXTS)
def test_encoding_is_found_from_the_bytes(read: Reader, encoding: str) -> None:
    text = _TEXTS[encoding]
    found = read(text.encode(encoding))
    expected = pd.read_csv(io.StringIO(text), dtype=str)
    assert found.table.to_pandas().astype(object).values.tolist() == expected.astype(object).values.tolist()
    assert list(found.types()) == list(expected.columns)
    assert found.refused == []


def test_bytes_that_are_no_text_refuse_their_row_only(read: Reader) -> None:
    good = "".join(f"{i},é\n" for i in range(100))
    found = read(b"a,b\n" + good.encode() + b"7,\xff\xfe\n8,x\n")
    assert found.account.rows == 101
    assert found.refused[0][0] == "102"
    assert "no text in this encoding" in found.refused[0][1]


def test_encoding_is_judged_by_the_whole_file(read: Reader) -> None:
    text = "a,b\n" + "1,plain\n" * 60_000 + "2,café\n" + "3,plain\n" * 60_000
    found = read(text.encode("cp1252"))
    assert found.source.encoding == "windows-1252"
    assert found.column("b")[60_000] == "café"


# ---- types


@pytest.mark.parametrize(
    ("cells", "type_"),
    [
        (["1", "-2", "0"], "integer"),
        (["1", "2.5", "-.5"], "number"),
        (["1e5", "2.5e-3", "1E+05"], "number"),
        (["inf", "1.5"], "number"),
        (["00123", "00456"], "text"),
        (["1", "007"], "text"),
        (["007.5", "1.5"], "text"),
        (["+447700900123", "+33123456789"], "text"),
        (["12345678901234567890", "1"], "text"),
        (["1234567890123456", "1"], "text"),
        (["1_000", "2_000"], "text"),
        (["0x1F", "0x2A"], "text"),
        (["1E5", "2E7"], "text"),
        (["1e400", "1"], "text"),
        (["true", "FALSE", "True"], "boolean"),
        (["yes", "no"], "text"),
        (["t", "f"], "text"),
        (["1", "x"], "text"),
        (["12:30", "13:45"], "text"),
        (["2024-01-31", "1969-07-20"], "date"),
        (["2024-02-30", "2024-01-01"], "text"),
        (["2024-01-31 10:00:00", "2024-01-31T23:59:59.123456"], "datetime"),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+02:00"], "datetime"),
        (["2024-01-31T10:00:00Z", "2024-01-31T10:00:00"], "text"),
        (["2024-01-31 10:00-05", "2024-01-31 10:00-05"], "datetime"),
        (["31/12/2024", "01/02/2024"], "date"),
        (["12/31/2024", "01/02/2024"], "date"),
        (["12/31/2024", "31/12/2024"], "text"),
        (["01/02/2024", "03/04/2024"], "text"),
        (["31/12/24", "30/11/24"], "text"),
        (["5 Jan 2024", "31 Dec 2023"], "date"),
        (["12/31/2024 10:05 PM", "01/02/2024 9:00 AM"], "datetime"),
        (["2024年1月5日", "2024年12月31日"], "date"),
    ],
)
def test_type_of_a_column(read: Reader, cells: list[str], type_: str) -> None:
    found = read("k,v\n" + "".join(f"k,{cell}\n" for cell in cells))
    assert found.types()["v"] == type_
    if type_ == "text":
        assert found.column("v") == cells  # not a letter is lost


def test_values_of_types_agree_with_pandas(read: Reader) -> None:
    text = "i,n,d,t,b,s\n1,1.5,2024-01-31,2024-01-31 10:00:01,true,x\n,,,,,\n-3,2e-3,1999-12-31,1969-07-20 20:17:40,false,y\n"  # noqa: E501
    found = read(text).table.to_pandas()
    expected = pd.read_csv(io.StringIO(text), parse_dates=["t"])
    assert found["n"].equals(expected["n"])
    assert found["i"].equals(expected["i"])
    assert found["t"].astype("datetime64[us]").equals(expected["t"].astype("datetime64[us]"))
    assert found["b"].tolist() == [True, None, False]


def test_zoned_times_are_brought_to_utc(read: Reader) -> None:
    found = read("t\n2024-01-31T10:00:00+02:00\n2024-01-31T10:00:00Z\n2024-01-31T22:00:00-05:00\n")
    assert found.column("t") == [
        dt.datetime(2024, 1, 31, 8),
        dt.datetime(2024, 1, 31, 10),
        dt.datetime(2024, 2, 1, 3),
    ]
    assert any("UTC" in str(note) for note in found.account.notes)


def test_one_late_value_decides_on_the_whole_column(read: Reader) -> None:
    rows = 150_000
    cells = ["7"] * rows
    cells[rows // 3] = "oops"  # in none of the places a sample is taken from
    found = read("a,b\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert found.types() == {"a": "integer", "b": "text"}
    assert found.column("b") == cells


def test_ambiguous_dates_are_read_once_the_order_is_chosen(read: Reader) -> None:
    text = "d,x\n01/02/2024,1\n03/04/2024,2\n"
    found = read(text)
    assert found.types()["d"] == "text"
    assert any("either way round" in str(note) for note in found.account.notes)
    assert read(text, source=DelimitedFile(date_order="month first")).column("d")[0] == dt.date(2024, 1, 2)
    assert read(text, source=DelimitedFile(date_order="day first")).column("d")[0] == dt.date(2024, 2, 1)


def test_thousands_marks_are_read_where_they_leave_no_doubt(read: Reader) -> None:
    assert read('k,v\na,"1,234.50"\nb,"12,000.00"\n').column("v") == [1234.5, 12000.0]
    assert read("k;v\na;1.234,50\nb;12.000,00\n").column("v") == [1234.5, 12000.0]
    doubtful = read('k,v\na,"1,234"\nb,"12,000"\n')
    assert doubtful.column("v") == ["1,234", "12,000"]
    assert any("thousands" in str(note) for note in doubtful.account.notes)


def test_missing_texts_are_listed_and_can_be_changed(read: Reader) -> None:
    text = "a,b\n1,NA\nNA,x\n3,-\n"
    found = read(text)
    assert found.column("a") == [1, None, 3]
    assert found.column("b") == [None, "x", "-"]
    assert any("NA in a, b" in str(note) for note in found.account.notes)
    other = read(text, source=DelimitedFile(missing="-"))
    assert other.column("a") == ["1", "NA", "3"]
    assert other.column("b") == ["NA", "x", None]


def test_rows_that_break_a_chosen_type_are_refused(read: Reader) -> None:
    source = DelimitedFile(types=(ColumnOfType(column="b", type="integer"),))
    found = read("a,b\n1,2\n3,abc\n5,007\n", source=source)
    assert found.column("b") == [2, 7]
    assert found.refused == [["3", "b: 'abc' is no integer", "3,abc"]]
    text = read("a,b\n1,2\n", source=DelimitedFile(types=(ColumnOfType(column="b", type="text"),)))
    assert text.column("b") == ["2"]


def test_a_type_for_a_column_that_is_not_there(read: Reader) -> None:
    source = DelimitedFile(types=(ColumnOfType(column="zz", type="integer"),))
    with pytest.raises(BadParameter, match="zz"):
        read("a,b\n1,2\n", source=source)


# ---- rows that do not fit


def test_ragged_rows_are_refused_with_line_and_reason(read: Reader) -> None:
    found = read("a\tb\n1\t2\n3\n4\t5\t6\n7\t8\n")
    assert found.column("a") == [1, 7]
    assert found.refused == [
        ["3", "1 fields where 2 were expected", "3"],
        ["4", "3 fields where 2 were expected", "4\t5\t6"],
    ]


def test_short_rows_are_filled_up_when_asked(read: Reader) -> None:
    found = read("a,b\n1\n2,3\n", source=DelimitedFile(pad=True))
    assert found.column("b") == [None, 3]
    assert found.refused == []


def test_a_quote_never_closed_costs_one_row(read: Reader) -> None:
    found = read('a,b\n1,"x\ny"\n2,"broken\n3,z\n4,w\n')
    assert found.column("a") == [1, 3, 4]
    assert found.refused == [["4", "a quote that is opened and never closed", '2,"broken']]


def test_text_after_a_closing_quote_is_refused(read: Reader) -> None:
    found = read('a,b\n1,"x"y\n2,z\n')
    assert found.refused == [["2", "text after a closing quote", '1,"x"y']]


def test_nul_characters_refuse_their_row(read: Reader) -> None:
    found = read("a,b\n1,\x002\n2,3\n")
    assert found.column("b") == [3]
    assert found.refused[0][:2] == ["2", "a NUL character"]


def test_a_line_too_long_is_refused_in_flat_memory(read: Reader) -> None:
    found = read("a,b\n1," + "y" * 3_000_000 + "\n2,z\n")
    assert found.column("b") == ["z"]
    assert found.refused[0][:2] == ["2", "longer than 2,000,000 bytes"]
    assert len(found.refused[0][2]) <= 1_001
    with pytest.raises(BadInput, match="longer than 2,000,000 bytes"):
        read("y" * 3_000_000)


def test_refused_formulas_are_harmless_in_a_spreadsheet(read: Reader) -> None:
    assert read("a,b\n1,2\n=cmd\n").refused[0][2] == "'=cmd"


@pytest.mark.parametrize(
    ("mark", "below"),
    [
        (",", ",,\n,,\n"),
        (",", ",,\r\n,,"),
        (";", ' ; ;\n"";"";""\n'),
        ("\t", "\t\t\n\n\t\t\t\t\n"),
        ("||", "||||\n||||\n"),
    ],
)
def test_rows_of_empty_cells_below_the_table_are_no_rows(read: Reader, mark: str, below: str) -> None:
    rows = [["name", "age", "city"], ["Ann", "31", "Oslo"], ["", "", ""], ["Bob", "42", "Rome"]]
    found = read("\n".join(mark.join(row) for row in rows) + "\n" + below)
    assert found.column("age") == [31, None, 42]
    assert (found.account.rows_in, found.account.rows, found.account.refused) == (3, 3, 0)
    assert "2 rows of empty cells below the table were left out" in "".join(map(str, found.account.notes))


def test_one_empty_row_below_rows_that_are_refused(read: Reader) -> None:
    found = read("a,b\n1,2\n3\n,\n", source=DelimitedFile())
    assert (found.account.rows_in, found.account.rows, found.account.refused) == (2, 1, 1)
    assert found.account.notes[0].values == {"count": 1}


def test_empty_lines_inside_of_quotes_at_the_end_belong_to_their_cell(read: Reader) -> None:
    found = read('a,b\n1,"x\n,,\n"",""\n"\n')
    assert found.column("b") == ['x\n,,\n","\n']


def test_a_table_of_empty_rows_alone_has_none(read: Reader) -> None:
    found = read("a,b\n,\n,\n", source=DelimitedFile())
    assert (found.account.rows_in, found.account.rows) == (0, 0)


def test_blank_lines_are_no_rows(read: Reader) -> None:
    assert read("a,b\n1,2\n\n3,4\n\n\n").account.rows_in == 2
    assert read("a\n1\n\n2\n").account.rows_in == 2
    assert read('a\n1\n""\n2\n').column("a") == [1, None, 2]


@pytest.mark.parametrize("content", ["", "\n\n \n"])
def test_a_file_without_rows_is_told_so(read: Reader, content: str) -> None:
    with pytest.raises(BadInput, match=r"empty|blank"):
        read(content)


def test_a_header_alone_is_a_table_without_rows(read: Reader) -> None:
    found = read("a,b,c\n")
    assert list(found.types()) == ["a", "b", "c"]
    assert found.account.rows_in == 0
    assert any("no rows" in str(note) for note in found.account.notes)


# ---- size and hostile text


def test_two_thousand_columns(read: Reader) -> None:
    names = [f"c{i}" for i in range(2_000)]
    rows = [[str(i * j) for i in range(2_000)] for j in range(3)]
    found = read("\n".join(",".join(row) for row in [names, *rows]) + "\n")
    assert len(found.account.columns) == 2_000
    assert found.column("c1999") == [0, 1999, 3998]


def test_long_cells_and_a_column_all_missing(read: Reader) -> None:
    found = read("a,b\n" + "x" * 10_000 + ",\n" + "北" * 10_000 + ",\n")
    assert found.column("a") == ["x" * 10_000, "北" * 10_000]
    assert found.column("b") == [None, None]


def test_hostile_names_are_only_names(read: Reader) -> None:
    names = ['a"; DROP TABLE x; --', "😀", "שלום", "x" * 500, "it's", "<b>", "a.b", "{c}", "=1+1", "%s"]
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    found = read(quoted + "\n" + ",".join("1" for _ in names) + "\n")
    assert list(found.types()) == names
    assert all(column.type == "integer" for column in found.account.columns)


def test_names_are_mended_and_said(read: Reader) -> None:
    found = read("a,A,,__row__,a\n1,2,3,4,5\n")
    names = list(found.types())
    assert names == ["a", "A_2", "column_3", "__row___2", "a_3"]
    assert len(found.account.notes) == 4


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.text('ab1.,"\n\r\0 é;', max_size=6), min_size=1, max_size=4), min_size=1, max_size=8)
)
def test_the_account_adds_up_whatever_the_text(read: Reader, rows: list[list[str]]) -> None:
    """Rows that are written well come back as they are; all others are counted as refused."""
    text = "x,y\n" + "\n".join(",".join(row) for row in rows) + "\n"
    try:
        found = read(text, source=DelimitedFile(missing=""))
    except BadInput:
        return
    assert found.account.rows_in == found.account.rows + found.account.refused


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8), st.integers()
        ),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([",", ";", "tab", "|"]),
)
def test_what_pandas_writes_is_read_back(read: Reader, rows: list[tuple[str, int]], mark: str) -> None:
    texts = [text for text, _ in rows]
    frame = pd.DataFrame({"s": [f"x{t}" for t in texts], "n": [str(n) for _, n in rows]}, dtype=object)
    written = frame.to_csv(index=False, sep="\t" if mark == "tab" else mark, lineterminator="\n")
    found = read(written, source=DelimitedFile(delimiter=mark, missing=""))
    assert found.refused == []
    assert found.column("s") == frame["s"].tolist()
    assert [str(n) for n in found.column("n")] == frame["n"].tolist()


@pytest.mark.parametrize("mark", [",", "tab"])
def test_both_readers_give_the_same_rows(read: Reader, monkeypatch: pytest.MonkeyPatch, mark: str) -> None:
    sep = {"tab": "\t"}.get(mark, mark)
    cells = ["1", ' "q"', '"a""b"', "x ", "", '"z" ', 'u"v', "é", "NA", f'"p{sep}q"', '"l\nm"']
    text = "k" + sep + "v\n" + "".join(f"k{sep}{cell}\n" for cell in cells)
    fast = read(text, source=DelimitedFile(delimiter=mark)).column("v")
    monkeypatch.setattr(Reading, "_plainly", lambda self, seen: None)
    assert read(text, source=DelimitedFile(delimiter=mark)).column("v") == fast
    monkeypatch.setattr(Reading, "_sifted", lambda self, seen: None)
    assert read(text, source=DelimitedFile(delimiter=mark)).column("v") == fast


# ---- being followed


def test_reading_stops_when_asked(tmp_path: Path) -> None:
    class Stopped(Recorded):
        def stopped(self) -> bool:
            return True

    file = tmp_path / "input"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(Cancelled):
        DelimitedFile().read(file, tmp_path / "out.parquet", tmp_path / "refused.csv", Stopped())
    assert not (tmp_path / "out.parquet").exists()


def test_preview_reads_the_beginning_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text("a,b\n" + "".join(f"{i},x{i}\n" for i in range(400_000)) + "oops,y\n", encoding="utf-8")
    source = detect(file, "input.csv")
    seen = preview(source, file, rows=10)
    assert seen.rows.column("a").to_pylist() == list(range(10))
    assert any("preview" in str(note) for note in seen.notes)


def test_hundreds_of_empty_columns_are_text_and_the_others_have_their_types(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    names = ",".join(f"c{n}" for n in range(600))
    rows = "".join(f"{n},2024-01-{n + 1:02},{',' * 597}{n}.5\n" for n in range(20))
    file.write_text(f"{names}\n{rows}")
    account = detect(file, "wide.csv").read(file, tmp_path / "t.parquet", tmp_path / "refused.csv", Silent())
    kinds = [column.type for column in account.columns]
    assert (account.rows, account.refused) == (20, 0)
    assert (kinds[0], kinds[1], kinds[-1]) == ("integer", "date", "number")
    assert set(kinds[2:-1]) == {"text"}
