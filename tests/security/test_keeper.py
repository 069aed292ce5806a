"""What a job that was taken over can do to the store: what it was given, and no more."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import Jobs, access, landlock
from core.store import (
    LOCAL,
    Connection,
    Dataset,
    Job,
    NewObject,
    Run,
    Setting,
    Store,
    Upload,
    Version,
    tables,
    upkeep,
)
from tests.security.test_jobs import done

needs_landlock = pytest.mark.skipif(not landlock.available(), reason="this kernel has no Landlock")


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setenv("SIGHTLINE_TASKS", "core.tasks,tests.security.tasks")
    monkeypatch.setenv("SIGHTLINE_PRELOAD", "0")
    monkeypatch.setenv("SIGHTLINE_READ", str(tmp_path))  # as where the store lies among the programs
    made = Jobs(Store(tmp_path / "home"))
    yield made
    made.stop_supervisor()


def kept(store: Store, text: str, owner: str = LOCAL) -> Upload:
    with store.new_object(owner, ".csv") as made:
        made.path.write_text(text)
    return store.add(Upload(owner=owner, name="a.csv", bytes=made.bytes, object=made.id), [made])


@needs_landlock
def test_it_reads_what_its_parameters_name_and_writes_its_own_folders(jobs: Jobs) -> None:
    given, other = kept(jobs.store, "a\n1\n"), kept(jobs.store, "secret")
    foreign = kept(jobs.store, "secret of another", owner="ann")
    job = done(
        jobs, "reach_store", upload=given.id, other=[other.object], foreign=foreign.id, theirs=foreign.object
    )
    assert job.error is None
    assert job.result == {
        "read what it was given": "allowed",
        "change what it was given": "PermissionError",
        "remove what it was given": "PermissionError",
        "read another file": "PermissionError",
        "read another's file": "PermissionError",
        "list the files": "PermissionError",
        "read the catalog": "PermissionError",
        "write the catalog": "PermissionError",
        "put a file among the kept": "PermissionError",
        "link a kept file to its scratch": "OSError",
        "write another job's log": "PermissionError",
        "write beside its scratch": "PermissionError",
        "make a device": "PermissionError",
        "another's record": "NotFound",
        "another's place": "NotFound",
        "a record for another": "NotFound",
        "files left open": [],
    }
    assert upkeep.damage(jobs.store) == []


@pytest.mark.parametrize(
    "wish",
    [
        "change its own job", "write a setting", "change a dataset", "delete a dataset", "change another run",
        "settle as running", "a file that it did not write", "a link as a file", "ask for nonsense",
        "a deep message", "a long message", "no message", "hold the catalog",
    ],
)  # fmt: skip
def test_what_no_job_may_do_ends_it_and_changes_nothing(
    jobs: Jobs, wish: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = jobs.store
    dataset = store.add(Dataset(owner=LOCAL, name="kept"))
    run = store.add(Run(owner=LOCAL, version="vn_x", name="kept"))
    secret = tmp_path / "secret"
    secret.write_text("secret")
    job = done(jobs, "wish", wish=wish, dataset=dataset.id, other=run.id[3:], secret=str(secret))
    assert job.state in ("died", "failed"), job.result
    assert job.result is None
    assert store.get(Dataset, dataset.id, LOCAL).name == "kept"
    assert store.get(Run, run.id, LOCAL).name == "kept"
    assert store.list(Setting, LOCAL) == []
    assert store.list(Upload, LOCAL) == []
    store.add(Setting(owner=LOCAL, key="still", value="writable"))
    assert secret.read_text() == "secret"


def test_the_whole_flow_runs_within_these_bounds(jobs: Jobs) -> None:
    """Every task of the product, each given ids alone."""
    rows = "\n".join(f"{i % 7},{'ab'[i % 2]},{3 * (i % 7) + i % 5}" for i in range(200))
    upload = kept(jobs.store, f"x,side,y\n{rows}\n")

    def ran(task: str, **params: object) -> dict[str, object]:
        job = done(jobs, task, **params)
        assert job.error is None, job.error
        assert job.result is not None
        return job.result

    part = ran("inspect", upload=upload.id)["parts"][0]  # type: ignore[index]
    read = ran("read", upload=upload.id, source=part["source"], name="flats")
    again = ran("read", upload=upload.id, source=part["source"], name="flats", dataset=read["dataset"])
    ran("profile", version=again["version"])
    steps = [{"kind": "fill_missing", "columns": ["x"]}]
    made = ran("materialise", version=again["version"], recipe=steps)
    ran("propose", version=made["version"], target="y")
    spec = {"target": "y", "model": {"kind": "linear_regression"}}
    run = jobs.store.add(Run(owner=LOCAL, version=str(made["version"]), spec=spec))
    ran("fit", run=run.id)
    assert jobs.store.get(Run, run.id, LOCAL).state == "done"
    scored = ran("score", run=run.id, version=again["version"], raw=True)
    assert scored["report"]["rows"] == 200  # type: ignore[index]
    assert [v.number for v in tables.versions(jobs.store, str(read["dataset"]), LOCAL)] == [3, 2, 1]
    assert upkeep.damage(jobs.store) == []
    assert len(jobs.store.list(Version, LOCAL)) == 3
    assert not list((jobs.store.home / "fits").glob("*/*"))


def test_the_keeper_takes_only_a_file_of_its_own_for_a_new_one(tmp_path: Path) -> None:
    from core.store import files

    store = Store(tmp_path / "home")
    victim = kept(store, "secret")
    place = store.place(victim.object, LOCAL)
    for link in ("symlink_to", "hardlink_to"):
        made: NewObject = files.new_in(tmp_path, LOCAL, ".csv")
        getattr(made.path, link)(place)
        with pytest.raises(OSError, match=r"symbolic links|a file of its own"):
            files.seal(made, store.home / "objects")
    assert place.read_text() == "secret"


def test_nothing_of_the_supervisor_is_left_open_to_a_job(jobs: Jobs) -> None:
    with socket.create_server(("127.0.0.1", 0)):
        job: Job = done(jobs, "open_files")
    assert job.result is not None
    assert not [place for place in job.result["places"] if "catalog" in place or ".lock" in place]


def test_a_cell_that_looks_like_an_id_names_no_record(tmp_path: Path) -> None:
    store = Store(tmp_path)
    given, other = kept(store, "a\n1\n"), kept(store, "secret")
    connection = store.add(Connection(owner=LOCAL, name="c", settings={"port": 5432}))
    params = {
        "upload": given.id, "name": other.id, "meanings": {other.id: "e-mail"}, "chosen": {other.id: "date"},
        "selections": [{"marks": [{"parts": [{"column": other.id, "values": [other.object]}]}]}],
        "before": {"steps": [connection.id]},
    }  # fmt: skip
    job = store.add(Job(owner=LOCAL, task="keep_selected", title="t", params=params))
    found = access.prepare(store, job)
    assert found.named == {given.id}
    assert [place.name for place in found.reads] == [given.object]


def test_a_connection_is_given_by_its_own_parameter(tmp_path: Path) -> None:
    store = Store(tmp_path)
    connection = store.add(Connection(owner=LOCAL, name="c", settings={"port": 5432}))
    job = store.add(Job(owner=LOCAL, task="t", title="t", params={"connection": connection.id}))
    found = access.prepare(store, job)
    assert (found.named, found.ports) == ({connection.id}, [5432])
