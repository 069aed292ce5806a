"""Files of one shape as one table: what is put together, and what is said of files that differ."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from core.errors import BadInput, LimitReached
from core.sources import FilesTogether, preview
from tests.sources.conftest import Read, Reader
from tests.sources.workbooks import xlsx


def zipped(files: dict[str, bytes | str], *, packed: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def said(found: Read, part: str) -> list[str]:
    return [str(note) for note in found.account.notes if part in str(note)]


def test_files_stand_under_one_another_with_their_name(read: Reader) -> None:
    files = {"2023/jan.csv": "id,n\n1,2\n2,3\n", "2023/feb.csv": "id;n\n3;4,5\n", "mar.tsv": "n\tid\n6\t4\n"}
    found = read(zipped(files), "all.zip", FilesTogether())
    assert found.types() == {"file": "text", "id": "integer", "n": "number"}
    assert found.table.to_pylist() == [
        {"file": "2023/jan.csv", "id": 1, "n": 2.0},
        {"file": "2023/jan.csv", "id": 2, "n": 3.0},
        {"file": "2023/feb.csv", "id": 3, "n": 4.5},
        {"file": "mar.tsv", "id": 4, "n": 6.0},
    ]
    assert said(found, "3 files were put under one another; the column file says which file a row is from")


def test_columns_that_some_files_lack_are_missing_there_and_said(read: Reader) -> None:
    files = {"a.csv": "id,x\n1,5\n", "b.csv": "ID,x,y\n2,6,7\n", "c.csv": "id,x\n3,8\n", "d.csv": "id\n4\n"}
    found = read(zipped(files), source=FilesTogether())
    assert found.column("id") == [1, 2, 3, 4]
    assert found.column("x") == [5, 6, 8, None]
    assert found.column("y") == [None, 7, None, None]
    assert said(found, "y is only in b.csv: it is missing in the others")
    assert said(found, "x is not in d.csv: it is missing there")
    shared = read(zipped(files), source=FilesTogether(columns="shared"))
    assert list(shared.types()) == ["file", "id"]
    assert said(shared, "x is not in d.csv: it was left out")


def test_a_column_of_two_types_keeps_its_texts_as_they_were_written(read: Reader) -> None:
    files = {"a.csv": "code,n\n0070,1\n12,2\n", "b.csv": "code,n\n34,1\nx,2\n", "c.csv": "code,n\n,\n1.50,\n"}
    found = read(zipped(files), source=FilesTogether())
    assert found.types() == {"file": "text", "code": "text", "n": "integer"}
    assert found.column("code") == ["0070", "12", "34", "x", None, "1.50"]
    assert found.column("n") == [1, 2, 1, 2, None, None]
    assert not said(found, "n is of another type")


@pytest.mark.parametrize(
    ("one", "two", "type_"),
    [
        ("1", "2.5", "number"),
        ("2024-01-31", "2024-01-31 10:00:00", "datetime"),
        ("9007199254740993", "2.5", "text"),
        ("true", "1", "text"),
    ],
)
def test_the_type_holds_the_values_of_all_files(read: Reader, one: str, two: str, type_: str) -> None:
    found = read(zipped({"a.csv": f"x,k\n{one},a\n", "b.csv": f"x,k\n{two},b\n"}), source=FilesTogether())
    assert found.types()["x"] == type_
    assert None not in found.column("x")
    if type_ == "text":
        assert found.column("x") == [one, two]
    assert said(found, f"x is of another type in some of the files: it became {type_}")


def test_refused_rows_say_which_file_they_are_from(read: Reader) -> None:
    found = read(zipped({"a.csv": "a,b\n1,2\n3\n", "b.csv": "a,b\n4,5\n6,7,8\n"}), source=FilesTogether())
    assert (found.account.rows_in, found.account.rows, found.account.refused) == (4, 2, 2)
    assert [row[0] for row in found.refused] == ["3", "3"]
    assert found.refused[0][1].endswith("(in the file a.csv)")


def test_only_files_of_the_asked_names_are_read(read: Reader) -> None:
    files = {"a.csv": "a,b\n1,2\n", "read me.txt": "words", "old/b.csv": "a,b\n3,4\n", "x.bin": bytes(500)}
    assert read(zipped(files), source=FilesTogether(pattern="*.csv")).column("a") == [1, 3]
    assert read(zipped(files), source=FilesTogether(pattern="OLD/*, nothing")).column("a") == [3]
    with pytest.raises(BadInput, match=r"No file of these is called \*\.json"):
        read(zipped(files), source=FilesTogether(pattern="*.json"))
    with pytest.raises(BadInput, match=r"x\.bin cannot be read: .*binary data"):
        read(zipped(files), source=FilesTogether())


def test_workbooks_and_json_files_can_stand_together(read: Reader) -> None:
    files = {"a.xlsx": xlsx({"S": [["id", "n"], [1, 2.5]]}), "b.json": '[{"id": 2, "n": 1}]'}
    found = read(zipped(files), source=FilesTogether())
    assert found.column("n") == [2.5, 1.0]


def test_a_column_that_is_called_as_the_name_of_the_file_keeps_its_name(read: Reader) -> None:
    found = read(zipped({"a.csv": "file,n\nx,1\n", "b.csv": "file,n\ny,2\n"}), source=FilesTogether())
    assert list(found.types()) == ["file_2", "file", "n"]
    assert found.column("file") == ["x", "y"]


def test_a_preview_reads_the_first_files_alone(tmp_path: Path) -> None:
    place = tmp_path / "z"
    place.write_bytes(zipped({f"{i}.csv": f"a,b\n{i},x\n" for i in range(9)}))
    found = preview(FilesTogether(), place)
    assert found.rows["a"].to_pylist() == [0, 1, 2]
    assert any("first 3 files" in str(note) for note in found.notes)


# ---- hostile


def test_names_that_lead_out_of_the_archive_are_only_texts(read: Reader, tmp_path: Path) -> None:
    files = {"../../up.csv": "a,b\n1,2\n", "/etc/abs.csv": "a,b\n3,4\n", "q\"'; DROP.csv": "a,b\n5,6\n"}
    found = read(zipped(files), source=FilesTogether())
    assert found.column("file") == ["up.csv", "etc/abs.csv", "q\"'; DROP.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["input", "out.parquet", "refused.csv"]


def test_an_archive_that_swells_is_refused(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "1000000")
    bomb = zipped({f"{i}.csv": "a,b\n" + "1,2\n" * 100_000 for i in range(9)}, packed=zipfile.ZIP_DEFLATED)
    with pytest.raises(LimitReached, match="1,000,000 bytes"):
        read(bomb, source=FilesTogether())


def test_an_archive_that_would_fill_the_disk_is_refused_before_it_does(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    import types

    full = types.SimpleNamespace(total=1_000, free=1_050)
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)
    with pytest.raises(LimitReached, match=r"unpacks to 2,004 bytes, and 1,000 bytes are free"):
        read(zipped({"a.csv": "a,b\n" + "1,2\n" * 500}), source=FilesTogether())


def test_a_damaged_member_is_told(read: Reader) -> None:
    content = zipped({"a.csv": "a,b\n1,2\n", "b.csv": "a,b\n3,4\n"}, packed=zipfile.ZIP_DEFLATED)
    with pytest.raises(BadInput, match="damaged"):
        read(content[:-40], source=FilesTogether())
