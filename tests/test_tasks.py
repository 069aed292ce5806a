"""The work that jobs do, each task called as the supervisor calls it, on a store of its own."""

from __future__ import annotations

import gzip
import io
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core import tasks
from core.contracts import Recorded
from core.errors import LimitReached, NotFound, SightlineError
from core.jobs.work import Work
from core.profile import Profile
from core.store import Dataset, Prediction, Run, Store, Summary, Upload, Version
from tests.sources.workbooks import xlsx

HOUSES = "\n".join(
    ["area,region,price"]
    + [f'{20 + i},{("North", "South")[i % 2]},"{1000 + 50 * i + i % 7:,}"' for i in range(300)]
)
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


@pytest.fixture
def call(store: Store, tmp_path: Path) -> Call:
    def run(task: str, owner: str = "ann", **params: object) -> dict[str, Any]:
        scratch = store.home / "scratch" / "test"
        scratch.mkdir(parents=True, exist_ok=True)
        work = Work(store=store, owner=owner, params=params, watch=Recorded(), scratch=scratch, job="jb_test")
        return tasks.TASKS[task](work)

    return run


@pytest.fixture
def upload(store: Store) -> Callable[..., Upload]:
    def keep(name: str, content: bytes, owner: str = "ann") -> Upload:
        with store.new_object(owner, ".upload") as made:
            made.path.write_bytes(content)
        return store.add(Upload(owner=owner, name=name, bytes=len(content), object=made.id), [made])

    return keep


@pytest.fixture
def houses(call: Call, upload: Callable[..., Upload]) -> dict[str, Any]:
    kept = upload("houses.csv", HOUSES.encode())
    source = call("inspect", upload=kept.id)["parts"][0]["source"]
    return call("read", upload=kept.id, source=source, name="houses")


def test_inspecting_shows_how_a_file_would_be_read(call: Call, upload) -> None:
    (part,) = call("inspect", upload=upload("t.csv", b"id;x\n001;1,5\n002;2,5\n").id)["parts"]
    assert part["source"]["delimiter"] == ";"
    assert part["preview"]["columns"] == [{"name": "id", "type": "text"}, {"name": "x", "type": "number"}]
    assert part["preview"]["rows"][0] == ["001", "1.5"]


def test_reading_asks_for_the_room_it_needs_before_it_begins(
    call: Call, upload, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = upload("houses.csv", HOUSES.encode())
    source = call("inspect", upload=kept.id)["parts"][0]["source"]
    room = len(HOUSES) * 3 // 2  # for the table, or for a copy without the rows that do not fit, not for both
    full = types.SimpleNamespace(total=0, free=room)
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)
    with pytest.raises(LimitReached, match="disk is too full"):
        call("read", upload=kept.id, source=source, name="houses")
    assert store.list(Dataset, "ann") == []
    full.free = 10 * len(HOUSES)
    assert call("read", upload=kept.id, source=source, name="houses")["rows"] == 300


def test_inspecting_an_archive_keeps_each_file_as_an_upload(call: Call, upload, store: Store) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "x,y\n1,2\n")
        archive.writestr("folder/b.csv", "z,w\n3,4\n")
        archive.writestr("junk.bin", bytes(range(256)) * 20)
    parts = call("inspect", upload=upload("both.zip", packed.getvalue()).id)["parts"]
    good = {part["name"]: part for part in parts if "source" in part}
    assert len(good) == 2
    assert len(parts) == 3
    assert any("error" in part for part in parts)
    for part in good.values():
        result = call("read", upload=part["upload"], source=part["source"], name=part["name"])
        assert store.get(Version, result["version"], "ann").rows == 1


def test_another_way_of_reading_can_be_tried(call: Call, upload) -> None:
    kept = upload("t.csv", b"001\n002\n")
    source = call("inspect", upload=kept.id)["parts"][0]["source"]
    (part,) = call("inspect", upload=kept.id, source=source | {"header": 0 if "header" in source else None})[
        "parts"
    ]
    assert "preview" in part or "error" in part


def test_reading_makes_a_dataset_whose_account_adds_up(call: Call, upload, store: Store) -> None:
    kept = upload("t.csv.gz", gzip.compress(b"a,b\n1,2\n3\n5,6\n"))
    part = call("inspect", upload=kept.id)["parts"][0]
    result = call("read", upload=part["upload"], source=part["source"], name="t")
    version = store.get(Version, result["version"], "ann")
    assert version.account is not None
    assert (version.account.rows_in, version.rows, result["refused"]) == (3, 2, 1)
    assert version.refused is not None
    assert "3" in store.place(version.refused, "ann").read_text()
    assert store.get(Dataset, result["dataset"], "ann").name == "t"


def test_a_sample_needs_no_file(call: Call, store: Store) -> None:
    result = call("read", source={"kind": "sample", "name": "penguins"}, name="Penguins")
    assert store.get(Version, result["version"], "ann").rows == 344


def test_what_another_owner_keeps_is_not_there(call: Call, houses) -> None:
    with pytest.raises(NotFound):
        call("profile", owner="eve", version=houses["version"])


def test_a_profile_is_kept(call: Call, store: Store, houses) -> None:
    summary = store.get(Summary, call("profile", version=houses["version"])["summary"], "ann")
    found = Profile.model_validate_json(store.place(summary.object, "ann").read_text())
    assert found.rows == 300


@pytest.fixture
def cleaned(call: Call, houses) -> dict[str, Any]:
    recipe = [
        {"kind": "change_type", "columns": ["price"], "to": "number"},
        {"kind": "keep_rows", "count": 250},
    ]
    return call("materialise", version=houses["version"], recipe=recipe)


def test_a_recipe_makes_the_next_version_and_leaves_the_first(call, store: Store, houses, cleaned) -> None:
    first = store.get(Version, houses["version"], "ann")
    second = store.get(Version, cleaned["version"], "ann")
    assert (first.rows, second.rows, second.number, second.parent) == (300, 250, 2, first.id)
    assert {column.name: column.type for column in second.columns}["price"] == "number"
    frame = pd.read_parquet(store.place(second.object, "ann"))
    assert frame["price"].iloc[2] == 1000 + 50 * 2 + 2


def test_fit_then_score_raw_rows(call: Call, store: Store, upload, cleaned) -> None:
    spec = {
        "target": "price",
        "features": ["area", "region"],
        "split": {"test_share": 0.2},
        "model": {"kind": "linear_regression"},
        "seed": 1,
    }
    run = store.add(Run(owner="ann", version=cleaned["version"], name="first", spec=spec))
    assert call("fit", run=run.id) == {"run": run.id}
    run = store.get(Run, run.id, "ann")
    assert run.state == "done"
    assert run.metrics["metrics"]["r2"] > 0.99
    assert not (store.home / "fits" / run.id).exists()

    kept = upload("new.csv", b"region,area\nNorth,100\nSouth,\nWest,40\n")
    part = call("inspect", upload=kept.id)["parts"][0]
    new = call("read", upload=kept.id, source=part["source"], name="new")
    result = call("score", run=run.id, version=new["version"], raw=True)
    assert result["report"]["rows"] == 3
    assert len(result["report"]["skipped"]) == 1, "the step that keeps 250 rows is left out"
    prediction = store.get(Prediction, result["prediction"], "ann")
    frame = pd.read_csv(store.place(prediction.object, "ann"))
    assert list(frame.columns) == ["region", "area", "prediction"]
    assert frame["prediction"].iloc[0] == pytest.approx(1000 + 50 * 80, rel=0.01)
    assert np.isfinite(frame["prediction"]).all()


def test_a_fit_that_cannot_be_is_said_and_kept(call: Call, store: Store, cleaned) -> None:
    spec = {"target": "nothing", "model": {"kind": "linear_regression"}}
    run = store.add(Run(owner="ann", version=cleaned["version"], spec=spec))
    with pytest.raises(SightlineError, match="nothing"):
        call("fit", run=run.id)
    kept = store.get(Run, run.id, "ann")
    assert kept.state == "failed"
    assert "nothing" in str(kept.facts["error"])


def test_a_run_without_a_model_cannot_score(call: Call, store: Store, cleaned) -> None:
    run = store.add(Run(owner="ann", version=cleaned["version"], name="mine"))
    with pytest.raises(SightlineError, match="'mine' has no fitted model yet"):
        call("score", run=run.id, version=cleaned["version"])


def test_files_of_one_shape_in_an_archive_are_offered_as_one_table(call: Call, upload, store: Store) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for month in ("jan", "feb", "mar"):
            archive.writestr(f"{month}.csv", f"day,sold\n1,{len(month)}\n2,5\n")
        archive.writestr("notes.txt", "a;b;c\n1;2;3\n")
    kept = upload("year.zip", packed.getvalue())
    together, *parts = call("inspect", upload=kept.id)["parts"]
    assert [part["name"] for part in parts] == ["jan.csv", "feb.csv", "mar.csv", "notes.txt"]
    assert (together["upload"], together["together"]) == (kept.id, 3)
    assert together["source"]["pattern"] == "*.csv"
    result = call("read", upload=kept.id, source=together["source"], name="year")
    assert result["rows"] == 6


def test_sheets_of_one_shape_are_offered_as_one_table(call: Call, upload, store: Store) -> None:
    rows = [["day", "sold"], [1, 2], [2, 3]]
    kept = upload("year.xlsx", xlsx({"Jan": rows, "Feb": rows, "Notes": [["who", "what"], ["Ann", "x"]]}))
    together, *parts = call("inspect", upload=kept.id)["parts"]
    assert [part["name"] for part in parts] == ["year.xlsx: Jan", "year.xlsx: Feb", "year.xlsx: Notes"]
    assert (together["upload"], together["together"], together["sheets"]) == (kept.id, 2, True)
    assert together["members"] == ["Jan", "Feb"]
    assert [(name, str(why)) for name, why in together["others"]] == [
        ("Notes", "It has other columns: who, what.")
    ]
    result = call("read", upload=kept.id, source=together["source"], name="year")
    version = store.get(Version, result["version"], "ann")
    assert (result["rows"], [column.name for column in version.columns]) == (4, ["sheet", "day", "sold"])


def test_a_workbook_in_an_archive_keeps_its_name_when_its_sheets_are_one_table(call: Call, upload) -> None:
    rows = [["day", "sold"], [1, 2], [2, 3]]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("old/year.xlsx", xlsx({"Jan": rows, "Feb": rows}))
        archive.writestr("notes.csv", "a;b;c\n1;2;3\n")
    kept = upload("all.zip", packed.getvalue())
    together, *parts = call("inspect", upload=kept.id)["parts"]
    assert (together["name"], together["members"], together["sheets"]) == ("year.xlsx", ["Jan", "Feb"], True)
    assert together["upload"] == parts[0]["upload"] != kept.id
    assert call("read", upload=together["upload"], source=together["source"], name="y")["rows"] == 4


def test_several_uploads_are_read_as_one_table(call: Call, upload, store: Store) -> None:
    names = ("a.csv", "a.csv", "../.b/c.csv", ".csv")
    kept = [upload(name, f"x,y\n{i},1\n".encode()) for i, name in enumerate(names)]
    source = {"kind": "files_together"}
    result = call("read", uploads=[one.id for one in kept], source=source, name="all")
    version = store.get(Version, result["version"], "ann")
    stored = pq.read_table(store.place(version.object, "ann"))
    assert stored["file"].to_pylist() == ["a.csv", "a (2).csv", "c.csv", "csv"]
    assert stored["x"].to_pylist() == [0, 1, 2, 3]
    with pytest.raises(NotFound):
        call("read", owner="eve", uploads=[one.id for one in kept], source=source, name="all")
