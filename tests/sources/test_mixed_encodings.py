"""A file whose lines are in different encodings: each line is read right, and how many were what is said."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.encodings import OLDER, made
from core.contracts import Recorded
from core.sources import DelimitedFile, FixedWidthFile, preview
from core.sources.charsets import codec
from core.sources.encoding import coding_of, to_utf8
from core.sources.mixed import Lines, once
from core.sources.wide import Parts
from tests.sources.conftest import Read, Reader

GERMAN = [f"{i},Größe {i},Müller & Söhne,{i}.5" for i in range(40)]
HEAD = "nr,name,firma,preis"
SINGLE = [
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "koi8-r",
    "windows-1253",
    "gb18030",
    "euc-kr",
    "big5",
]
LANGUAGE = {"windows-1252": "de", "windows-1250": "pl", "windows-1251": "ru", "koi8-r": "ru",
            "windows-1253": "el", "gb18030": "zh", "euc-kr": "ko", "big5": "zht"}  # fmt: skip


def lines(texts: list[str], encoding: str) -> bytes:
    return "".join(text + "\n" for text in texts).encode(encoding)


def said(found: Read) -> str:
    return " ".join(str(note) for note in found.account.notes)


def is_german(found: Read, rows: int = 40) -> None:
    assert found.column("name") == [f"Größe {i}" for i in range(rows)]
    assert set(found.column("firma")) == {"Müller & Söhne"}
    assert found.refused == []


@pytest.mark.parametrize("at", [1, 5, 20, 38])
@pytest.mark.parametrize("order", [("utf-8", "cp1252"), ("cp1252", "utf-8"), ("utf-8-sig", "latin-1")])
def test_lines_of_another_encoding_appended(read: Reader, order: tuple[str, str], at: int) -> None:
    found = read(lines([HEAD, *GERMAN[:at]], order[0]) + lines(GERMAN[at:], order[1]))
    is_german(found)
    assert isinstance(found.source, DelimitedFile)
    assert found.source.mixed
    count = at if order[0] == "cp1252" else 40 - at
    assert f"{count} line" in said(found)


@pytest.mark.parametrize("encoding", SINGLE)
@pytest.mark.parametrize("first", [True, False])
def test_half_in_utf8_and_half_in_an_older_encoding(tmp_path: Path, encoding: str, first: bool) -> None:
    chance = random.Random(encoding)
    one, two = (made(LANGUAGE[encoding], codec(encoding), 2_000, chance) for _ in range(2))
    parts = [one.encode(), two.encode(codec(encoding))]
    place = tmp_path / "t"
    place.write_bytes(b"".join(parts if first else parts[::-1]))
    found = coding_of(place)
    assert found.mixed
    to_utf8(place, found.name, tmp_path / "u", Recorded(), mixed=True)
    assert (tmp_path / "u").read_text("utf-8") == (one + two if first else two + one)


def test_single_lines_alternate(read: Reader) -> None:
    data = lines([HEAD], "ascii") + b"".join(
        lines([line], "utf-8" if i % 3 else "cp1252") for i, line in enumerate(GERMAN)
    )
    found = read(data)
    is_german(found)
    assert "14 lines were read as windows-1252" in said(found)


def test_both_within_a_line(read: Reader) -> None:
    data = lines([HEAD], "ascii") + b"".join(
        line.rpartition(",M")[0].encode() + b",M" + line.rpartition(",M")[2].encode("cp1252") + b"\n"
        for line in GERMAN
    )
    is_german(read(data))


def test_a_preamble_in_utf8_over_rows_in_latin_1(read: Reader) -> None:
    found = read("Umsätze für März\n\n".encode() + lines([HEAD, *GERMAN], "latin-1"))
    is_german(found)
    assert found.source.to_json()["skip"] == 2


def test_a_few_bytes_of_windows_1252_in_utf8(read: Reader) -> None:
    rows = [line.encode() for line in GERMAN * 3]
    rows[70] = "70,Fußgänger’s “Weg” – hier,Müller & Söhne,7".encode("cp1252")
    found = read(HEAD.encode() + b"\n" + b"\n".join(rows) + b"\n")
    assert found.column("name")[70] == "Fußgänger’s “Weg” – hier"
    assert found.refused == []
    assert "1 line was read as windows-1252" in said(found)


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"M\xc3", b"\x80\x81", b"\xe2\x82"])
def test_damaged_bytes_are_refused_and_not_taken_for_letters(read: Reader, damage: bytes) -> None:
    rows = [line.encode() for line in GERMAN * 3]
    rows[70] = b"70,x" + damage + b",y,7"
    found = read(HEAD.encode() + b"\n" + b"\n".join(rows) + b"\n")
    assert found.account.rows == 119
    assert found.refused[0][:2] == ["72", "bytes that are no text in this encoding"]


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("narrow", ["utf-8", "cp1252"])
def test_utf_16_appended_and_more_after_it(read: Reader, order: str, narrow: str) -> None:
    data = lines([HEAD, *GERMAN[:10]], narrow) + lines(GERMAN[10:25], order) + lines(GERMAN[25:], narrow)
    found = read(data)
    is_german(found)
    assert "15 lines were read as utf-16" in said(found)


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be", "utf-16"])
def test_other_lines_appended_to_utf_16(read: Reader, order: str) -> None:
    found = read(lines([HEAD, *GERMAN[:25]], order) + lines(GERMAN[25:], "utf-8"))
    is_german(found)


def test_files_with_byte_order_marks_put_together(read: Reader) -> None:
    data = lines([HEAD, *GERMAN[:10]], "utf-8-sig") + lines(GERMAN[10:], "utf-8-sig")
    found = read(data)
    is_german(found)
    assert found.column("nr") == list(range(40))


def test_lines_that_were_encoded_twice(read: Reader) -> None:
    twice = [line.encode().decode("cp1252") for line in GERMAN[10:20]]
    found = read(lines([HEAD, *GERMAN[:10], *twice, *GERMAN[20:]], "utf-8"))
    is_german(found)
    assert "10 lines had been encoded twice" in said(found)


def test_letters_that_only_look_encoded_twice_stay(read: Reader) -> None:
    rows = [*GERMAN, "41,São Paulo Â,x,1", "42,AÇÃO Ã, y,2", "43,qualité\xa0: «É»,z,3"]
    found = read(lines([HEAD, *rows], "utf-8"))
    assert found.column("name")[40:] == ["São Paulo Â", "AÇÃO Ã", "qualité\xa0: «É»"]
    assert not found.source.to_json()["twice"]


def test_one_lone_pair_proves_nothing() -> None:
    assert once("Ã© or not, à la carte") is None
    assert once("cafÃ©") == "café"


@pytest.mark.parametrize(("language", "encoding"), [(k, e) for k, some in OLDER.items() for e in some])
def test_a_text_in_one_encoding_is_never_taken_for_a_mixture(
    tmp_path: Path, language: str, encoding: str
) -> None:
    place = tmp_path / "t"
    for seed, length in enumerate((60, 300, 3_000, 20_000)):
        place.write_bytes(made(language, encoding, length, random.Random(seed)).encode(encoding))
        assert not coding_of(place).mixed


@pytest.mark.parametrize("language", OLDER)
def test_unicode_is_never_taken_for_a_mixture(tmp_path: Path, language: str) -> None:
    place = tmp_path / "t"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"):
        for seed, length in enumerate((60, 3_000, 200_000)):
            place.write_bytes(made(language, encoding, length, random.Random(seed)).encode(encoding))
            found = coding_of(place)
            assert (found.mixed, found.twice) == (False, False)


@pytest.mark.parametrize("size", [1, 7, 100, 5_000])
def test_pieces_of_any_size_give_the_same_text(size: int) -> None:
    data = (
        lines(GERMAN, "utf-8")
        + lines(GERMAN, "cp1252")
        + lines(GERMAN * 60, "utf-16-le")
        + lines(GERMAN, "utf-8")
    )
    reader = Lines("windows-1252", twice=True)
    pieces = [reader.decode(data[at : at + size]) for at in range(0, len(data), size)]
    text = b"".join([*pieces, reader.decode(b"", last=True)]).decode()
    assert text.splitlines() == [*GERMAN * 63]
    assert reader.counts == {"windows-1252": 40, "utf-16-le": 2_400}


def test_zeros_in_lines_are_no_utf_16() -> None:
    data = b"a,b\n" + b"1,\x002\n2,3\n" * 500
    assert b"".join(block for order, block in Parts().feed(data, last=True)) == data
    assert {order for order, _ in Parts().feed(data, last=True)} == {""}


def test_the_preview_reads_the_same(read: Reader, tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    place.write_bytes(lines([HEAD, *GERMAN[:20]], "utf-8") + lines(GERMAN[20:], "cp1252"))
    source = read(place.read_bytes()).source
    assert preview(source, place, 40).rows.column("name").to_pylist() == [f"Größe {i}" for i in range(40)]


def test_columns_at_fixed_places(read: Reader) -> None:
    rows = [f"{i:<6}{name:<12}{i * 7:>6}" for i, name in enumerate(["Jürgen", "Zoë", "Anaïs", "Bo"] * 6)]
    data = lines(["nr    name           sum", *rows[:12]], "utf-8") + lines(rows[12:], "cp1252")
    found = read(data, "t.txt", FixedWidthFile(encoding="windows-1252", mixed=True, begins="1, 7, 19"))
    assert found.column("name") == ["Jürgen", "Zoë", "Anaïs", "Bo"] * 6


def test_json_lines_of_two_encodings(read: Reader) -> None:
    rows = [f'{{"n": {i}, "name": "Größe {i}"}}' for i in range(20)]
    found = read(lines(rows[:10], "utf-8") + lines(rows[10:], "cp1252"), "t.jsonl")
    assert found.column("name") == [f"Größe {i}" for i in range(20)]


def test_letters_of_two_alphabets_make_no_word(read: Reader) -> None:
    rows = [f"Café {i},Köln,déjà vu" for i in range(30)]
    lines = [row.encode("utf-8" if i % 3 else "cp1252") for i, row in enumerate(rows)]
    found = read(b"name,city,note\n" + b"\n".join(lines) + b"\n")
    assert found.column("city") == ["Köln"] * 30
