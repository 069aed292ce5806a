"""Setting aside the rows that do not fit: as strict as reading record by record, and far quicker."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.contracts import Silent
from core.sources import ColumnOfType, DelimitedFile, blocks, records, sifting, survey
from core.sources.reading import Reading
from core.sources.records import Reader as Records
from core.sources.records import Splitter
from core.sources.refusals import Refusals
from core.sources.sifting import Lines, Sifting
from tests.sources.conftest import Reader

_PIECES = ["a", "1,2\n", ",", ",", '"', "\n", "\n", "\r\n", "\r", " ", '""', '",', ',"', '"\n']
_PIECES += ['x,"p,q"\n', "é", "\udcff", "\0", '"l\nm",3\n', "1,2,\n"]


class _Heard(Refusals):
    """Refusals that are also kept in a list."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        self.heard: list[tuple[int, str, str]] = []

    def add(self, line: int, reason: str, text: str) -> None:
        super().add(line, reason, text)
        self.heard.append((line, reason, text))


def _check(folder: Path, text: str, quote: str, *, pad: bool) -> None:
    """Sifting finds the rows, lines and refusals that reading record by record finds."""
    data = text.encode("utf-8", "surrogateescape")
    source, clean = folder / "in.csv", folder / "clean.csv"
    source.write_bytes(data)
    splitter = Splitter(",", quote, quote)
    reader = Records(io.BytesIO(data), splitter, 2, pad)
    found = list(reader)
    with _Heard(folder / "refused.csv") as refusals:
        sifted = Sifting(splitter, 2, pad, 0, refusals)
        assert sifted.run(source, 0, clean, Silent())
    kept = list(Records(io.BytesIO(clean.read_bytes()), splitter, 2))
    good = [(record.line, record.cells) for record in found if not record.reason]
    assert [(sifted.lines.of(i), record.cells) for i, record in enumerate(kept, 1)] == good
    assert refusals.heard == [(r.line, r.reason, r.text) for r in found if r.reason]
    assert (sifted.rows, sifted.blank_lines) == (len(good), reader.blank_lines)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(_PIECES), max_size=30).map("".join), st.sampled_from(['"', ""]), st.booleans()
)
def test_sifting_agrees_with_reading_record_by_record(
    tmp_path: Path, text: str, quote: str, pad: bool
) -> None:
    _check(tmp_path, text, quote, pad=pad)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*_PIECES, *["1,2\n"] * 20]), min_size=40, max_size=150).map("".join))
def test_where_a_text_is_cut_does_not_matter(tmp_path: Path, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sifting, "_BLOCK", 64)
        patch.setattr(sifting, "_AHEAD", 650)
        patch.setattr(sifting, "LINE_LIMIT", 300)
        patch.setattr(blocks, "LINE_LIMIT", 300)
        patch.setattr(records, "LINE_LIMIT", 300)
        # a limit this low is met while the clean copy, with its quotes, is read again
        text = "\n".join(line[:40] for line in text.split("\n"))
        _check(tmp_path, text, '"', pad=False)


def test_lines_of_rows_go_on_from_the_last_that_was_noted() -> None:
    lines = Lines()
    lines.note(1, 2)
    lines.note(4, 9)
    assert [lines.of(row) for row in (1, 3, 4, 5)] == [2, 4, 9, 10]


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch, read: Reader) -> Reader:
    """Read, and fail where all of the text is read record by record."""

    def refuse(self: Reading, seen: object) -> None:
        raise AssertionError("read record by record")

    monkeypatch.setattr(Reading, "_carefully", refuse)
    return read


def test_scattered_bad_rows_leave_the_rest_to_the_fast_reader(quickly: Reader) -> None:
    rows = [f'{i},"text, {i}",{i / 4}' for i in range(30_000)]
    bad = {7: "1,2", 15_000: '3,"x"y,4', 29_999: "1,2,3,4"}
    for place, text in bad.items():
        rows[place] = text
    rows[20_000] = '20000,"two\nlines",5'
    found = quickly("n,t,v\n" + "\n".join(rows) + "\n")
    assert found.refused == [
        ["9", "2 fields where 3 were expected", "1,2"],
        ["15002", "text after a closing quote", '3,"x"y,4'],
        ["30002", "4 fields where 3 were expected", "1,2,3,4"],
    ]
    assert found.types() == {"n": "integer", "t": "text", "v": "number"}
    assert found.column("n") == [i for i in range(30_000) if i not in bad]
    assert found.column("t")[19_998] == "two\nlines"
    assert found.column("v")[-1] == 29_998 / 4


@pytest.mark.parametrize(
    ("text", "column", "values"),
    [
        ('a,b\n1,5" pipe\n2,"x"\n', "b", ['5" pipe', "x"]),
        ("a,b\n1,x,\n2,y\n", "b", ["x", "y"]),
        ("a,b\n1,x\r\n2,y\n3,z\r\n", "b", ["x", "y", "z"]),
        ('a,b\n1,"x\r\ny"\r\n2,z\n', "b", ["x\r\ny", "z"]),
        ("a,b\n1,NA\n2\n3,\n4,w\n", "b", [None, None, "w"]),
        ("a,b\n\n1,x\n \n2,y\n", "b", ["x", "y"]),
        ("a\n1\n\n2\n", "a", [1, 2]),
        ("a,b\n1,\0x\n2,y", "b", ["y"]),
    ],
)
def test_what_is_nearly_clean_is_read_quickly(
    quickly: Reader, text: str, column: str, values: list[object]
) -> None:
    assert quickly(text, source=DelimitedFile()).column(column) == values


def test_a_text_without_quotes_keeps_them_as_letters(quickly: Reader) -> None:
    found = quickly('a;b\n"x;1\n3\ny";2\n', source=DelimitedFile(delimiter=";", quote="none"))
    assert found.column("a") == ['"x', 'y"']
    assert [row[0] for row in found.refused] == ["3"]


def test_rows_that_break_a_chosen_type_are_told_with_their_line(quickly: Reader) -> None:
    source = DelimitedFile(types=(ColumnOfType(column="b", type="integer"),))
    found = quickly('a,b\n"two\nlines",1\nx\n\ny,zzz\n"l\nm",no\nz,3\n', source=source)
    assert found.column("b") == [1, 3]
    assert [row[:2] for row in found.refused] == [
        ["4", "1 fields where 2 were expected"],
        ["6", "b: 'zzz' is no integer"],
        ["7", "b: 'no' is no integer"],
    ]


@pytest.mark.parametrize("before", range(4))
def test_a_space_between_quotes_is_seen_wherever_a_text_is_cut(
    read: Reader, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    monkeypatch.setattr(survey, "_SMALL", 8)
    found = read("k,v\n" + "x" * before + ',"a" "b"\nk,c\n', source=DelimitedFile())
    assert found.column("v") == ["c"]
    assert found.refused[0][:2] == ["2", "text after a closing quote"]


def test_blank_lines_beside_bad_rows_are_told(quickly: Reader) -> None:
    found = quickly("a,b\n1,2\n\n3\n\n4,5\n")
    assert found.account.rows_in == 3
    assert "2 blank lines were left out: they are no rows" in map(str, found.account.notes)
