"""The encoding proposed for a text reads what was written, or is said to be doubtful."""

from __future__ import annotations

import codecs
import random
from pathlib import Path
from typing import get_args

import pytest

from bench.encodings import OLDER, UNICODE, made
from core.sources import DelimitedFile, JsonFile
from core.sources.charsets import Encoding, codec, likely
from core.sources.encoding import encoding_of, mark_length, utf_16
from tests.sources.conftest import Reader

KINDS = [(language, encoding) for language, older in OLDER.items() for encoding in older]


def proposed(place: Path, data: bytes) -> tuple[str, list[str]]:
    """The proposed encoding, and those that are said to be as likely."""
    place.write_bytes(data)
    name, notes = encoding_of(place)
    return name, [other for note in notes for other in note.values.get("others", [])]


def text_of(data: bytes, name: str) -> str:
    return data[mark_length(data, name) :].decode(codec(name), "replace")


@pytest.mark.parametrize(("language", "encoding"), KINDS)
@pytest.mark.parametrize("length", [300, 3_000])
def test_a_table_in_an_older_encoding_is_read_right(
    tmp_path: Path, language: str, encoding: str, length: int
) -> None:
    for seed in range(3):
        text = made(language, encoding, length, random.Random(seed))
        data = text.encode(encoding)
        assert text_of(data, proposed(tmp_path / "t", data)[0]) == text


@pytest.mark.parametrize(("language", "encoding"), KINDS)
def test_a_few_letters_are_read_right_or_said_to_be_doubtful(
    tmp_path: Path, language: str, encoding: str
) -> None:
    for seed in range(5):
        text = made(language, encoding, 40, random.Random(seed))
        data = text.encode(encoding)
        name, others = proposed(tmp_path / "t", data)
        assert text in [text_of(data, one) for one in (name, *others)]


@pytest.mark.parametrize("language", OLDER)
@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_is_told_without_doubt(tmp_path: Path, language: str, encoding: str) -> None:
    for length in (40, 3_000):
        text = made(language, encoding, length, random.Random(length))
        data = text.encode(encoding)
        name, others = proposed(tmp_path / "t", data)
        assert text_of(data, name) == text
        assert others == []


def test_every_encoding_that_can_be_chosen_can_be_read(read: Reader) -> None:
    for name in get_args(Encoding):
        assert codecs.lookup(codec(name))
        found = read("a,b\n1,x\n".encode(codec(name)), source=DelimitedFile(encoding=name))
        assert found.column("b") == ["x"]


@pytest.mark.parametrize(
    ("written", "name", "text"),
    [
        ("cp932", "shift_jis", "会社,担当\n㈱山田商店,髙橋さん\n①番の店,はしご\n"),
        ("euc_jis_2004", "euc-jp", "会社,担当\n㈱山田商店のみせ,たかはし\n①番の店,はしご\n"),
        ("big5hkscs", "big5-hkscs", "地方,備註\n香港深水埗,客戶要求在月底之前出貨\n九龍城啟德,嘅嘢\n" * 4),
        ("cp949", "euc-kr", "이름,메모\n펲시맨,가격을 공급업체에 확인해 주세요\n김민준,똠얌꿍\n"),
        ("iso2022_jp", "iso-2022-jp", "名前,都市\n田中,東京\n"),
        (
            "mac_roman",
            "macintosh",
            "nom,ville\nRené Côté,Orléans\nZoé Noël,Besançon\nÉlodie,Nîmes\n" * 3,
        ),
    ],
)
def test_what_systems_write_beyond_the_standard(read: Reader, written: str, name: str, text: str) -> None:
    found = read(text.encode(written))
    assert found.source.to_json()["encoding"] == name
    head, *rows = (line.split(",") for line in text.splitlines())
    assert [found.column(column) for column in head] == [list(cells) for cells in zip(*rows, strict=True)]


def test_one_broken_line_costs_one_row_and_no_other_encoding_is_taken(read: Reader) -> None:
    lines = ["姓名,城市", *(f"客户{i}李雷,广州市天河区" for i in range(40))]
    data = [line.encode("gb18030") for line in lines]
    data[20] += b"\xff\xff"
    found = read(b"\n".join(data) + b"\n")
    assert found.source.to_json()["encoding"] == "gb18030"
    assert found.account.rows == 39
    assert found.refused[0][:2] == ["21", "bytes that are no text in this encoding"]


def test_letters_that_come_late_are_found(read: Reader) -> None:
    text = "n,город\n" + "".join(f"{i},-\n" for i in range(700_000)) + "1,Воронеж и Краснодар\n" * 30
    found = read(text.encode("koi8-r"))
    assert found.source.to_json()["encoding"] == "koi8-r"
    assert found.column("город")[-1] == "Воронеж и Краснодар"


def test_doubt_is_said_with_the_encodings_that_come_into_question(read: Reader) -> None:
    found = likely("Заказ\nЛук\n".encode("windows-1251"))
    assert "windows-1251" in (found.name, *found.others)
    assert found.others
    certain = likely(made("ru", "windows-1251", 3_000, random.Random(1)).encode("windows-1251"))
    assert (certain.name, certain.others) == ("windows-1251", ())


def test_a_stray_zero_byte_makes_no_utf_16() -> None:
    assert utf_16(b"a,b\n1,\x002\n2,3\n") is None
    assert utf_16("größe,b\n1,2\n".encode() * 20 + b"\0\0\0\0") is None
    assert utf_16(random.Random(1).randbytes(5_000)) is None
    assert utf_16(bytes(1_000)) is None
    assert utf_16(b"".join(n.to_bytes(4, "little") for n in range(1_000))) is None


def test_json_in_an_older_encoding(read: Reader) -> None:
    text = '[{"город": "Москва и Воронеж"}, {"город": "Санкт-Петербург, Невский проспект"}]'
    found = read(text.encode("windows-1251"), "x.json")
    assert isinstance(found.source, JsonFile)
    assert found.column("город")[0] == "Москва и Воронеж"
    assert "windows-1251" in str(found.account.notes[0])
