"""The predict page: stored tables, new files, the check of columns, one typed row."""

from __future__ import annotations

import io
import re

import pandas as pd
import pyarrow as pa
import pytest

from core.score import load_files
from core.store import LOCAL, Job, Prediction, Upload, Version
from tests.pages.conftest import HOSTILE, Screen
from tests.pages.trained import clean, fit, flats
from ui.transfer import model_files

PAGE = "pages/model/predict.py"


@pytest.fixture
def version(screen: Screen) -> Version:
    return screen.add_table("flats", flats())[1]


def csv(rows: pa.Table) -> bytes:
    text = io.StringIO()
    rows.to_pandas().to_csv(text, index=False)
    return text.getvalue().encode()


def test_without_data_it_leads_to_adding_some(screen: Screen) -> None:
    screen.open(PAGE)
    assert "There is no data yet" in screen.texts()


def test_without_a_run_it_leads_to_training(screen: Screen, version: Version) -> None:
    screen.open(PAGE)
    assert "There is no trained model yet" in screen.texts()


def test_a_stored_table_is_predicted_and_its_report_told(screen: Screen, version: Version) -> None:
    run = fit(screen, version, target="rent", features=("size", "side"))
    rows = pa.table({"size": [50.0, None, 80.0], "side": ["north", "south", "west"]})
    _, new = screen.add_table("new", rows)
    app = screen.open(PAGE, run=run.id, rows=new.id, **{"from": "stored"})
    assert "Every column that the model needs is there" in screen.texts()
    assert not [toggle for toggle in app.toggle if toggle.key.startswith("predict.raw")]
    app.button(key="predict.go").click().run()
    (job,) = screen.work()
    assert app.query_params["scored"] == job.id
    app.run()
    said = screen.texts().replace("\\", "")
    assert "**3** rows of new, version 1" in said
    assert "**side**: 1 never seen in training, counted as the usual one, “north”" in said
    assert "**size**: 1 missing, filled as in training." in said
    (frame,) = [d.value for d in app.dataframe if "prediction" in d.value.columns]
    assert list(frame.columns) == ["prediction", "size", "side"]
    assert frame["prediction"][0] == pytest.approx(100 + 12 * 50, abs=12)
    assert "predict.download" in [button.key for button in app.get("download_button")]
    (kept,) = screen.store.list(Prediction, LOCAL)
    assert len(pd.read_csv(screen.store.place(kept.object, LOCAL))) == 3


def test_a_missing_column_blocks_and_another_type_warns(screen: Screen, version: Version) -> None:
    run = fit(screen, version, target="rent", features=("size", "side"))
    _, wrong = screen.add_table("wrong", pa.table({"Size": [1.0], "side": ["north"]}))
    _, other = screen.add_table("other", pa.table({"size": ["12", "many"], "side": ["north", "south"]}))
    app = screen.open(PAGE, run=run.id, rows=wrong.id, **{"from": "stored"})
    assert "The column 'size' is missing." in screen.texts()
    assert app.button(key="predict.go").disabled
    app.selectbox(key="predict.rows").set_value(other.id).run()
    assert app.query_params["rows"] == other.id
    assert "The column 'size' is text; the model knows number." in screen.texts()
    app.button(key="predict.go").click().run()
    screen.work()
    app.run()
    assert "**size**: 1 not readable as its type" in screen.texts()


def test_raw_rows_are_cleaned_first_unless_the_reader_says_no(screen: Screen) -> None:
    sizes = range(1_000, 1_040)
    rows = pa.table({"size": [f"{i:,}" for i in sizes], "rent": [100.0 + 12 * i for i in sizes]})
    _, raw = screen.add_table("flats", rows)
    steps = ({"kind": "change_type", "columns": ["size"], "to": "number"},)
    run = fit(screen, clean(screen, raw, *steps), target="rent", features=("size",))
    _, new = screen.add_table("new", pa.table({"size": ["1,050", "1,010"]}))
    app = screen.open(PAGE, run=run.id, rows=new.id, **{"from": "stored"})
    assert app.toggle(key=f"predict.raw.{new.id}").value is True
    assert "Every column that the model needs is there" in screen.texts()
    app.button(key="predict.go").click().run()
    (job,) = screen.work()
    assert job.params["raw"] is True
    app.run()
    (frame,) = [d.value for d in app.dataframe if "prediction" in d.value.columns]
    assert list(frame["prediction"]) == pytest.approx([12_700, 12_220])
    app.toggle(key=f"predict.raw.{new.id}").set_value(False).run()
    assert "The column 'size' is text; the model knows number." in screen.texts()


def test_raw_rows_without_a_column_of_the_cleaning_are_refused_in_words(screen: Screen) -> None:
    _, raw = screen.add_table("flats", flats())
    cleaned = clean(screen, raw, {"kind": "fill_missing", "columns": ["size"]})
    run = fit(screen, cleaned, target="rent", features=("size", "side"))
    _, new = screen.add_table("new", pa.table({"side": ["north"]}))
    app = screen.open(PAGE, run=run.id, rows=new.id, **{"from": "stored"})
    assert "'size'" in screen.texts()
    assert app.button(key="predict.go").disabled


def test_a_new_file_is_read_and_becomes_the_table_to_predict(screen: Screen, version: Version) -> None:
    run = fit(screen, version, target="dear", features=("size", "side"), model="logistic_regression")
    app = screen.open(PAGE, run=run.id)
    app.file_uploader(key="add.files").upload("new.csv", csv(flats(30).drop(["dear"])), "text/csv").run()
    screen.work()
    app.run()
    (kept,) = screen.store.list(Upload, LOCAL)
    app.button(key=f"add.part.{kept.id}-0.read").click().run()
    (job,) = screen.work()
    app.run()
    assert app.query_params["rows"] == job.result["version"]  # type: ignore[index]
    assert app.button(key="predict.go").label == "Predict 30 rows"
    app.button(key="predict.go").click().run()
    screen.work()
    app.run()
    (frame,) = [d.value for d in app.dataframe if "prediction" in d.value.columns]
    assert list(frame.columns)[:3] == ["prediction", "probability of no", "probability of yes"]
    assert len(frame) == 30


def test_a_typed_row_begins_with_usual_values_and_answers_at_once(screen: Screen, version: Version) -> None:
    run = fit(screen, version, target="rent", features=("size", "side", "rooms"))
    app = screen.open(PAGE, run=run.id, way="row")
    key = f"predict.row.{run.id}"
    assert app.number_input(key=f"{key}.0").value == pytest.approx(70, abs=20)
    assert app.selectbox(key=f"{key}.1").value == "north"
    app.number_input(key=f"{key}.0").set_value(50.0)
    app.number_input(key=f"{key}.2").set_value(3).run()
    assert float(app.metric[0].value) == pytest.approx(100 + 12 * 50, abs=80)
    model = load_files(*model_files(run.id))
    assert float(app.metric[0].value) == pytest.approx(
        model.score_row({"size": 50, "side": "north", "rooms": 3})["prediction"], rel=1e-5
    )
    assert not screen.store.list(Job, LOCAL), "one row needs no job"


def test_a_field_left_empty_is_missing_and_said(screen: Screen, version: Version) -> None:
    run = fit(screen, version, target="rent", features=("size", "side"))
    app = screen.open(PAGE, run=run.id, way="row")
    app.number_input(key=f"predict.row.{run.id}.0").set_value(None).run()
    assert "size is missing: it was filled as in training." in screen.texts()


@pytest.mark.parametrize("model", ["logistic_regression", "neural_network"])
def test_probabilities_of_a_typed_row_are_drawn(screen: Screen, version: Version, model: str) -> None:
    small = {"kind": model, "epochs": 2, **({"hidden": "4"} if model == "neural_network" else {})}
    run = fit(screen, version, target="dear", features=("rooms", "side"), model=small)
    app = screen.open(PAGE, run=run.id, way="row")
    assert not app.exception
    assert app.metric[0].value in ("yes", "no")
    assert app.get("plotly_chart")


def test_days_and_switches_are_typed_as_such(screen: Screen) -> None:
    screen.add_table("example")
    (version,) = screen.store.list(Version, LOCAL)
    kinds = {column.type: column.name for column in version.columns}
    features = tuple(name for kind, name in kinds.items() if kind in ("date", "datetime", "boolean"))
    run = fit(
        screen,
        version,
        target=kinds["number"],
        features=features,
        model={"kind": "linear_regression", "l2": 1.0},
    )
    app = screen.open(PAGE, run=run.id, way="row")
    assert not app.exception
    assert app.metric[0].value != "–"


@pytest.mark.parametrize("target", ["rent", "dear"])
def test_a_value_beyond_all_reckoning_gets_no_prediction(
    screen: Screen, version: Version, target: str
) -> None:
    kind = "linear_regression" if target == "rent" else "neural_network"
    model = {"kind": kind, **({"hidden": "4", "epochs": 2} if target == "dear" else {})}
    run = fit(screen, version, target=target, features=("size", "rooms"), model=model)
    app = screen.open(PAGE, run=run.id, way="row")
    app.number_input(key=f"predict.row.{run.id}.0").set_value(1e308).run()
    assert not app.exception
    assert "Rows without a prediction" in screen.texts()
    assert not app.metric


def test_hostile_names_are_plain_text(screen: Screen) -> None:
    _, version = screen.add_table(HOSTILE, flats(size=HOSTILE))
    run = fit(
        screen, version, HOSTILE, target="dear", features=(HOSTILE, "side"), model="logistic_regression"
    )
    for address in ({"way": "row"}, {"way": "table", "from": "stored", "rows": version.id}):
        app = screen.open(PAGE, run=run.id, **address)
        assert not app.exception
        assert not re.search(r"(?<!\\)(!\[|<img)", screen.texts())
    app.button(key="predict.go").click().run()
    screen.work()
    app.run()
    assert not app.exception
    assert "![x](" not in screen.texts()
