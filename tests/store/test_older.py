"""A store that an older Sightline wrote opens, and shows what it held."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core import examples, modelfile
from core.contracts import Silent
from core.engine.duckdb import DuckEngine
from core.fitting import FitSpec, fit
from core.store import LOCAL, Run, Store, schema, tables


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Run]:
    """A store of the first format with a finished run, its whole result in its record."""
    with monkeypatch.context() as then:
        then.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        store = Store(tmp_path / "home")
        with store.new_object(LOCAL, ".parquet") as made:
            pq.write_table(examples.table(), made.path)
        _, version = tables.add_dataset(
            store, LOCAL, "example", object=made, columns=examples.COLUMNS, rows=examples.table().num_rows
        )
        spec = FitSpec(
            target="price", features=("quantity",), model={"kind": "linear_regression", "solver": "descent"}
        )
        place = tmp_path / "model"
        result = fit(spec, tables.table(store, version), DuckEngine(threads=1), Silent(), place)
        with store.new_object(LOCAL, ".safetensors") as weights, store.new_object(LOCAL, ".json") as card:
            shutil.copyfile(place / modelfile.WEIGHTS, weights.path)
            shutil.copyfile(place / modelfile.CARD, card.path)
        run = Run(
            owner=LOCAL,
            version=version.id,
            spec=spec.model_dump(mode="json"),
            state="done",
            metrics=result.model_dump(mode="json"),
            weights=weights.id,
            card=card.id,
        )
        store.add(run, [weights, card])
        store.close()
    return store.home, run


def test_a_run_of_the_first_format_keeps_its_whole_result_and_gets_a_small_record(older) -> None:
    home, before = older
    store = Store(home)
    (run,) = store.list(Run, LOCAL)
    assert run.metrics == {name: before.metrics[name] for name in run.metrics}
    assert {"target", "task", "model", "rows", "judged_on", "metrics", "baseline", "seconds"} == set(
        run.metrics
    )
    assert len(json.dumps(run.metrics)) < 2_000 < len(json.dumps(before.metrics))
    whole = modelfile.read_result(store.place(run.card or "", LOCAL))
    assert whole.model_dump(mode="json") == before.metrics
    assert len(whole.history) > 100


def test_a_run_without_a_model_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        store = Store(tmp_path)
        run = store.add(Run(owner=LOCAL, version="vn_1", state="failed", metrics={"facts": {"a": 1}}))
        store.close()
    assert Store(tmp_path).get(Run, run.id, LOCAL) == run
