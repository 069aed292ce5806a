"""An object is on the disk, whole and named, before the row that makes it exist."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound
from core.store import LOCAL, Job, Store, Upload, files, upkeep
from core.store.records import now
from tests.store.test_catalog import keep


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def age(place: Path, seconds: float) -> None:
    os.utime(place, (time.time() - seconds,) * 2)


def drop_at(store: Store, seconds_ago: float) -> None:
    with store.writing() as catalog:
        catalog.connection.execute(
            "UPDATE object SET dropped = ? WHERE dropped IS NOT NULL", (time.time() - seconds_ago,)
        )


def test_an_object_is_synced_renamed_and_its_folder_synced_before_the_commit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def traced_fsync(descriptor: int) -> None:
        fsync(descriptor)
        order.append(f"fsync {Path(os.readlink(f'/proc/self/fd/{descriptor}')).relative_to(store.home)}")

    def traced_rename(place: Path, target: Path) -> Path:
        order.append(f"rename {place.relative_to(store.home)} {target.relative_to(store.home)}")
        return rename(place, target)

    monkeypatch.setattr(os, "fsync", traced_fsync)
    monkeypatch.setattr(Path, "rename", traced_rename)
    with store.new_object(LOCAL, ".bin") as made:
        made.path.write_bytes(b"x")
    with store.writing() as catalog:
        catalog.connection.set_trace_callback(lambda text: order.append(text.split()[0]))
        catalog.add(Upload(owner=LOCAL, name="a", bytes=1, object=made.id), [made])
    name = made.id
    assert order[:3] == [f"fsync tmp/{name}", f"rename tmp/{name} objects/{name}", "fsync objects"]
    assert order[-1] == "COMMIT"
    assert order.index("INSERT") > order.index("fsync objects")


def test_a_finished_object_tells_its_size_and_checksum(store: Store) -> None:
    upload = keep(store, LOCAL, b"content")
    place = store.place(upload.object, LOCAL)
    assert upload.bytes == 7
    assert files.fingerprint(place) == hashlib.sha256(b"content").hexdigest()
    assert place.stat().st_mode & 0o222 == 0


def test_a_writer_that_fails_leaves_no_file(store: Store) -> None:
    def fail() -> None:
        with store.new_object(LOCAL, ".bin") as made:
            made.path.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list((store.home / "tmp").iterdir()) == list((store.home / "objects").iterdir()) == []


def test_an_object_exists_only_once_a_record_names_it(store: Store) -> None:
    with store.new_object(LOCAL, ".bin") as made:
        made.path.write_bytes(b"x")
    with pytest.raises(NotFound):
        store.place(made.id, LOCAL)


@pytest.mark.parametrize("suffix", ["/../x", ".a/b", "..", ".A", ". ", "csv"])
def test_a_suffix_is_never_a_path(store: Store, suffix: str) -> None:
    with pytest.raises(ValueError, match="suffix"), store.new_object(LOCAL, suffix):
        pass


def test_collection_takes_old_orphans_and_spares_young_and_named_ones(store: Store) -> None:
    kept = keep(store, LOCAL, b"kept")
    age(store.place(kept.object, LOCAL), 9e6)
    old, young = store.home / "objects" / "ob_old.bin", store.home / "objects" / "ob_young.bin"
    half = store.home / "tmp" / "ob_half.bin"
    scratch = store.home / "scratch" / "jb_gone"
    for place in (old, young, half):
        place.write_bytes(b"x")
    scratch.mkdir()
    (scratch / "spill").write_bytes(b"x")
    for place in (old, half, scratch):
        age(place, 2 * 3600)
    assert store.collect_garbage() == 3
    assert young.exists()
    assert not any(place.exists() for place in (old, half, scratch))
    assert store.place(kept.object, LOCAL).read_bytes() == b"kept"


def test_collection_spares_what_the_oldest_running_job_may_still_need(store: Store) -> None:
    orphan = store.home / "objects" / "ob_orphan.bin"
    orphan.write_bytes(b"x")
    age(orphan, 2 * 3600)
    three_hours_ago = now().fromtimestamp(time.time() - 3 * 3600, now().tzinfo)
    job = store.add(Job(owner=LOCAL, task="t", title="t", state="running", started=three_hours_ago))
    assert store.collect_garbage() == 0
    store.change(Job, job.id, LOCAL, state="done")
    assert store.collect_garbage() == 1


def test_a_deleted_records_file_goes_later_and_is_out_of_reach_at_once(store: Store) -> None:
    upload = keep(store, LOCAL, b"x")
    place = store.place(upload.object, LOCAL)
    age(place, 9e6)
    store.delete(Upload, upload.id, LOCAL)
    with pytest.raises(NotFound):
        store.place(upload.object, LOCAL)
    assert store.collect_garbage() == 0
    assert place.exists()  # whoever looked it up a moment ago can still open it
    drop_at(store, 2 * 3600)
    assert store.collect_garbage() == 1
    assert not place.exists()


def test_a_file_that_was_collected_cannot_be_named(store: Store) -> None:
    with store.new_object(LOCAL, ".bin") as made:
        made.path.write_bytes(b"x")
    age(made.path, 2 * 3600)
    assert store.collect_garbage() == 1
    with pytest.raises(FileNotFoundError):
        store.add(Upload(owner=LOCAL, name="a", bytes=1, object=made.id), [made])
    assert store.list(Upload, LOCAL) == []


def test_a_backup_is_a_store_of_its_own(store: Store, tmp_path: Path) -> None:
    upload = keep(store, LOCAL, b"precious")
    keep(store, "bob", b"his")
    assert upkeep.backup(store, tmp_path / "backup") == 2
    store.delete(Upload, upload.id, LOCAL)
    drop_at(store, 2 * 3600)
    store.collect_garbage()
    copy = Store(tmp_path / "backup")
    assert copy.get(Upload, upload.id, LOCAL) == upload
    assert copy.place(upload.object, LOCAL).read_bytes() == b"precious"
    assert upkeep.damage(copy) == []
    with pytest.raises(BadInput, match="is there already"):
        upkeep.backup(store, tmp_path / "backup")


def test_nothing_is_collected_while_a_backup_runs(store: Store) -> None:
    orphan = store.home / "objects" / "ob_orphan.bin"
    orphan.write_bytes(b"x")
    age(orphan, 2 * 3600)
    with files.locked(store.home / "upkeep.lock"):
        assert store.collect_garbage() == 0
    assert store.collect_garbage() == 1


def test_damage_names_changed_and_missing_files(store: Store) -> None:
    whole, changed, missing = (keep(store, LOCAL, text) for text in (b"a", b"b", b"c"))
    place = store.place(changed.object, LOCAL)
    place.chmod(0o600)
    place.write_bytes(b"B")
    store.place(missing.object, LOCAL).unlink()
    assert sorted(upkeep.damage(store)) == sorted([changed.object, missing.object])
    assert whole.object not in upkeep.damage(store)


@pytest.mark.parametrize(
    ("text", "count"), [("20GB", 20_000_000_000), ("1.5 kB", 1500), ("7", 7), ("2TiB", 2_000_000_000_000)]
)
def test_sizes_are_written_as_people_write_them(text: str, count: int) -> None:
    assert files.parse_bytes(text) == count


def test_a_size_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="write it like 20GB"):
        files.parse_bytes("lots")
