"""Files made to do harm: what they unpack to, where they want to be written, what they claim."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Silent
from core.errors import BadInput, LimitReached, SightlineError
from core.sources import detect, is_archive, preview, unpack
from core.sources.confined import connect
from core.sources.frames import ArrowFile, ParquetFile

PACKINGS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def zipped(place: Path, members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(place, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return place


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


HARMFUL = ["../../x.csv", "/etc/cron.d/x.csv", "..\\..\\x.csv", "C:\\x.csv", "a/../../x.csv", "x.csv"]


def test_names_in_an_archive_never_become_places(tmp_path: Path, into: Path) -> None:
    place = zipped(tmp_path / "a.zip", dict.fromkeys(HARMFUL, b"a,b\n1,2\n"))
    parts = unpack(place, "a.zip", into)
    assert len(parts) == len(HARMFUL)
    for part in parts:
        assert part.path.parent == into
        assert part.name == "x.csv"
    assert sorted(tmp_path.iterdir()) == sorted([place, into])


def test_a_link_in_an_archive_is_only_the_text_of_where_it_leads(tmp_path: Path, into: Path) -> None:
    link = zipfile.ZipInfo("passwords.csv")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    [part] = unpack(tmp_path / "a.zip", "a.zip", into)
    assert not part.path.is_symlink()
    assert part.path.read_bytes() == b"/etc/passwd"


@pytest.mark.parametrize("how", ["zip", "gzip", "gzip in zip"])
def test_a_bomb_is_not_read_to_its_end(
    tmp_path: Path, into: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "3000000")
    zeros = bytes(20_000_000)
    place = tmp_path / "bomb"
    if how == "zip":
        zipped(place, {"a.csv": zeros})
    elif how == "gzip":
        place.write_bytes(gzip.compress(zeros))
    else:
        zipped(place, {"a.csv.gz": gzip.compress(zeros)})
    with pytest.raises(LimitReached):
        unpack(place, "bomb", into)
    assert sum(part.stat().st_size for part in into.iterdir()) <= 4_000_000


def test_a_zip_that_lies_about_its_sizes_is_counted_all_the_same(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_MAX_BYTES", "3000000")
    data = bytearray(zipped(tmp_path / "a.zip", {"a.csv": bytes(20_000_000)}).read_bytes())
    for at in (22, data.rindex(b"PK\x01\x02") + 24):  # what it unpacks to, in both of its headers
        data[at : at + 4] = (10).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(SightlineError):
        unpack(tmp_path / "a.zip", "a.zip", into)
    assert sum(part.stat().st_size for part in into.iterdir()) <= 4_000_000


@pytest.mark.parametrize("packing", PACKINGS)
def test_any_damaged_byte_of_an_archive_ends_in_words(tmp_path: Path, packing: int) -> None:
    content = b"a,b\n" + b"1,2\n" * 50
    whole = zipped(tmp_path / "a.zip", {"a.csv": content}, packing).read_bytes()
    refused = 0
    for at in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[at] ^= 0x55
        place, into = tmp_path / f"{at}.zip", tmp_path / f"{at}"
        place.write_bytes(damaged)
        into.mkdir()
        # some bytes matter to nobody: then it holds what it held; without its mark it is no archive
        held = content if is_archive(place) else bytes(damaged)
        try:
            parts = unpack(place, "a.zip", into)
        except (BadInput, LimitReached):
            refused += 1
        else:
            assert [part.path.read_bytes() for part in parts] == [held]
        place.unlink()
    assert refused > 0


@pytest.mark.parametrize("line", [b'""\n', b'","\n', b'b","\n', b'2,y\nb","\n'])
@pytest.mark.parametrize("limit", [500, 2_000_000])
def test_a_quote_that_hundreds_of_lines_leave_open_is_not_looked_for_forever(
    line: bytes, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line opens a quote, or might close one: looking anew for each takes the square of the time."""
    from core.sources import records

    looked_at: list[int] = []
    look = records.Splitter.split

    def watched(self: records.Splitter, text: str) -> list[str] | str:
        looked_at.append(len(text))
        return look(self, text)

    monkeypatch.setattr(records, "LINE_LIMIT", limit)
    monkeypatch.setattr(records.Splitter, "split", watched)
    content = b'x,"\n' + line * 2_000
    found = list(records.Reader(io.BytesIO(content), records.Splitter(",", '"', '"'), width=2))
    assert sum(looked_at) < 4 * len(content)  # not millions
    assert found[0].reason


@pytest.mark.parametrize("depth", [100, 900, 985, 1_000, 100_000])
@pytest.mark.parametrize(
    ("before", "after"), [(b'[{"a":', b"}]"), (b'{"a":', b"}\n"), (b'{"r":[{"a":', b"}]}")]
)
def test_json_of_any_depth_is_a_table_or_a_message(
    tmp_path: Path, before: bytes, after: bytes, depth: int
) -> None:
    place = tmp_path / "deep.json"
    place.write_bytes(before + b"[" * depth + b"]" * depth + after)
    try:
        found = preview(detect(place, "deep.json"), place)
    except BadInput as error:
        assert "nested too deeply" in str(error)  # noqa: PT017 - both outcomes are good
    else:
        assert depth < 1_000
        assert len(found.rows) == 1


def test_arrow_with_a_false_offset_shows_no_foreign_memory(tmp_path: Path) -> None:
    batch = pa.record_batch({"s": pa.array(["aaaa", "bbbb", "cccc"] * 10)})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data = bytearray(sink.getvalue())
    offsets = batch.column(0).buffers()[1].to_pybytes()
    at = bytes(data).index(offsets[:60])
    data[at + 8 : at + 12] = (2**30).to_bytes(4, "little")
    place = tmp_path / "lie.arrow"
    place.write_bytes(data)
    with pytest.raises(BadInput, match="damaged"):
        ArrowFile().read(place, tmp_path / "o.parquet", tmp_path / "r.csv", Silent())


def test_parquet_that_expands_is_read_within_the_limit(tmp_path: Path) -> None:
    place = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"a": pa.array(["x" * 1000]).take(pa.array([0] * 300_000))}), place)
    assert place.stat().st_size < 100_000  # and 300 MB of text
    account = ParquetFile().read(place, tmp_path / "o.parquet", tmp_path / "r.csv", Silent())
    assert account.rows == 300_000
    assert (tmp_path / "o.parquet").stat().st_size < 20_000_000


def test_the_engine_that_parses_files_reaches_only_what_it_was_given(tmp_path: Path) -> None:
    import duckdb

    given, other, scratch = tmp_path / "given.csv", tmp_path / "other.csv", tmp_path / "scratch"
    scratch.mkdir()
    for place in (given, other):
        place.write_text("a\n1\n")
    connection = connect(scratch, [given])
    assert connection.execute(f"SELECT count(*) FROM read_csv('{given}')").fetchone() == (1,)
    for statement in (
        f"SELECT * FROM read_csv('{other}')",
        "SELECT * FROM read_text('/etc/passwd')",
        f"COPY (SELECT 1) TO '{tmp_path / 'new.csv'}'",
        "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)
    assert not (tmp_path / "new.csv").exists()


def test_an_upload_without_a_size_stops_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.store import LOCAL, Store, Upload
    from ui import services, transfer

    store = Store(tmp_path / "home", quota=3_000_000)
    monkeypatch.setattr(services, "store", lambda: store)
    monkeypatch.setattr(transfer, "LOOK", 1_000_000)
    asked: list[int] = []

    class Endless:
        def read(self, size: int, /) -> bytes:
            asked.append(size)
            return os.urandom(1000) * 500 if len(asked) < 100 else b""

    look = store.check_space

    def watched(needed: int, owner: str | None = None) -> None:
        look(needed, owner)
        if len(asked) > 5:
            raise LimitReached("The disk is too full.")

    monkeypatch.setattr(store, "check_space", watched)
    with pytest.raises(LimitReached):
        transfer.spool(Endless(), "a.csv", 0)
    assert len(asked) < 10
    assert store.list(Upload, LOCAL) == []
    assert list((store.home / "tmp").iterdir()) == []
