"""A model to carry away: the zip is the folder that is loaded, and the printed lines run."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.contracts import Column, Silent, Table
from core.engine.duckdb import DuckEngine, stored
from core.export.bundle import loading_code, model_zip
from core.fitting import FitSpec, fit
from core.score import load

HOSTILE = "size\"'); print('ran') # {x} \u202e"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    rows = np.arange(40.0)
    place = tmp_path / "rows.parquet"
    pq.write_table(pa.table({HOSTILE: rows, "y": 3 * rows + 1}), place)
    table = Table(stored(place), (Column(name=HOSTILE, type="number"), Column(name="y", type="number")))
    spec = FitSpec(target="y", features=(HOSTILE,), model={"kind": "linear_regression"})
    fit(spec, table, DuckEngine(scratch=tmp_path / "spill"), Silent(), tmp_path / "fitted")
    return tmp_path / "fitted"


def zipped(model: Path) -> bytes:
    return b"".join(model_zip(model / "weights.safetensors", model / "model.json"))


def test_the_zip_unpacks_to_a_model_that_loads(model: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(model))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["model.json", "weights.safetensors"]
        archive.extractall(tmp_path / "model")
    assert load(tmp_path / "model").score_row({HOSTILE: 100})["prediction"] == pytest.approx(301)


def test_the_same_model_gives_the_same_bytes(model: Path) -> None:
    assert zipped(model) == zipped(model)


def test_the_printed_lines_run_and_names_in_them_stay_data(model: Path) -> None:
    code = loading_code(str(model), {HOSTILE: 100.0})
    assert "\u202e" not in code, "what turns the reading direction is written as an escape"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    checked, predicted = done.stdout.splitlines()
    assert checked == "[]"
    assert eval(predicted)["prediction"] == pytest.approx(301)  # noqa: S307 - our own output
