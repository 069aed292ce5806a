"""Scoring new rows: checked, converted where that is safe, counted where not, never crashed."""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import sql
from core.contracts import Recorded, Silent, Table
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, Cancelled, MissingColumn
from core.fitting import FitSpec, Split, fit
from core.score import load
from tests.models.data import table


@pytest.fixture(scope="module")
def engine():
    return DuckEngine(threads=1)


def rows(count=300, seed=0):
    chance = np.random.default_rng(seed)
    age = chance.normal(40, 9, count)
    city = chance.choice(["North", "South", "East"], count)
    day = [dt.date(2024, 1, 1) + dt.timedelta(days=int(d)) for d in chance.integers(0, 300, count)]
    member = chance.random(count) < 0.4
    score = age / 9 + (city == "South") * 2 + member + chance.normal(size=count)
    return {
        "age": [None if i % 50 == 7 else float(a) for i, a in enumerate(age)],
        "city": city.tolist(), "day": day, "member": member.tolist(),
        "bought": np.where(score > np.median(score), "yes", "no").tolist(), "spent": (10 * score).tolist(),
    }  # fmt: skip


FEATURES = ("age", "city", "day", "member")


@pytest.fixture(scope="module")
def place(tmp_path_factory, engine):
    """Folders with a fitted model of each kind."""
    home = tmp_path_factory.mktemp("models")
    stored = table(rows(), home, engine)
    for name, target, model in (
        ("linear", "spent", {"kind": "linear_regression"}),
        ("logistic", "bought", {"kind": "logistic_regression"}),
        ("neural", "bought", {"kind": "neural_network", "epochs": 5}),
    ):
        spec = FitSpec(target=target, features=FEATURES, model=model)
        fit(spec, stored, engine, Silent(), home / name, fingerprint="abc")
    return home


@pytest.mark.parametrize("name", ["linear", "logistic", "neural"])
def test_predictions_stand_beside_the_rows_in_their_order(name, place, tmp_path, engine):
    new = rows(500, seed=1)
    stored = table(new, tmp_path, engine)
    scorer = load(place / name)
    assert scorer.check(stored.columns) == []
    report = scorer.score(stored, engine, tmp_path / "out.parquet", Silent())
    out = pq.read_table(tmp_path / "out.parquet")
    assert report.rows == out.num_rows == 500
    assert report.filled == {"age": 10}
    assert report.unseen == report.unreadable == {}
    for column in new:
        assert out[column].to_pylist() == new[column]
    singles = [scorer.score_row({key: new[key][i] for key in FEATURES}) for i in range(5)]
    for name, values in zip(report.predicted, out.select(list(report.predicted)).columns, strict=True):
        expected = [row[name] for row in singles]
        if name == "prediction" and scorer.task == "category":
            assert values.to_pylist()[:5] == expected
        else:
            assert values.to_pylist()[:5] == pytest.approx(expected, rel=1e-5)


def test_probabilities_add_up_and_the_largest_is_the_prediction(place, tmp_path, engine):
    stored = table(rows(50, 2), tmp_path, engine)
    scorer = load(place / "logistic")
    scorer.score(stored, engine, tmp_path / "out.parquet", Silent())
    out = pq.read_table(tmp_path / "out.parquet").to_pylist()
    for row in out:
        no, yes = row["probability of no"], row["probability of yes"]
        assert no + yes == pytest.approx(1)
        assert row["prediction"] == ("yes" if yes > no else "no")


def test_a_linear_prediction_is_its_coefficients_applied(place):
    scorer = load(place / "linear")
    found = {row["name"]: row["value"] for row in scorer.document["result"]["coefficients"]}
    row = {"age": 51.5, "city": "South", "day": dt.date(2024, 5, 1), "member": True}
    days = (dt.date(2024, 5, 1) - dt.date(1970, 1, 1)).days
    by_hand = found["intercept"] + 51.5 * found["age"] + days * found["day (days)"]
    by_hand += found.get("city = South", 0) + found.get("member = true", 0)
    assert scorer.score_row(row)["prediction"] == pytest.approx(by_hand, rel=1e-9)


def test_unseen_categories_are_counted_and_count_as_the_reference(place, tmp_path, engine):
    new = rows(20, 3)
    new["city"][:3] = ["Mars", "", "=cmd()"]
    report = load(place / "linear").score(
        table(new, tmp_path, engine), engine, tmp_path / "o.parquet", Silent()
    )
    assert report.unseen == {"city": 3}


def test_wrong_types_are_converted_and_what_cannot_be_is_counted(place, tmp_path, engine):
    good, new = rows(40, 4), rows(40, 4)
    new["age"] = ["old" if i == 3 else f" {a} " if a is not None else None for i, a in enumerate(good["age"])]
    new["day"] = [d.isoformat() if i != 5 else "soon" for i, d in enumerate(good["day"])]
    new["member"] = [int(m) for m in good["member"]]
    scorer = load(place / "linear")
    stored = table(new, tmp_path, engine)
    problems = scorer.check(stored.columns)
    assert any("'age' is text" in problem for problem in problems)
    report = scorer.score(stored, engine, tmp_path / "new.parquet", Silent())
    assert report.unreadable == {"age": 1, "day": 1}
    assert report.filled == {"age": 1}
    scorer.score(table(good, tmp_path, engine), engine, tmp_path / "good.parquet", Silent())
    first = pq.read_table(tmp_path / "new.parquet")["prediction"].to_pylist()
    second = pq.read_table(tmp_path / "good.parquet")["prediction"].to_pylist()
    assert [a for i, a in enumerate(first) if i not in (3, 5)] == pytest.approx(
        [b for i, b in enumerate(second) if i not in (3, 5)]
    )


def test_yes_and_no_written_as_numbers_or_words_are_still_yes_and_no(place):
    scorer = load(place / "linear")
    row = {"age": 40.0, "city": "North", "day": dt.date(2024, 5, 1)}
    yes = scorer.score_row({**row, "member": True})
    assert scorer.score_row({**row, "member": "TRUE"}) == yes
    assert scorer.score_row({**row, "member": 1}) == yes
    assert scorer.score_row({**row, "member": False}) != yes


def test_infinite_values_count_as_missing(place, tmp_path, engine):
    new = rows(20, 5)
    new["age"][2] = float("-inf")
    report = load(place / "linear").score(
        table(new, tmp_path, engine), engine, tmp_path / "o.parquet", Silent()
    )
    assert report.infinite == {"age": 1}


def test_a_missing_column_is_named_with_its_like(place, tmp_path, engine):
    new = rows(20, 6)
    new["citty"] = new.pop("city")
    stored = table(new, tmp_path, engine)
    scorer = load(place / "linear")
    (problem,) = scorer.check(stored.columns)
    assert "'city' is missing" in problem
    assert "citty" in problem
    with pytest.raises(MissingColumn, match="citty"):
        scorer.score(stored, engine, tmp_path / "o.parquet", Silent())
    assert not (tmp_path / "o.parquet").exists()
    with pytest.raises(MissingColumn):
        scorer.score_row({"age": 3})


def test_names_that_are_taken_are_left_alone(place, tmp_path, engine):
    new = {**rows(10, 7), "Prediction": ["mine"] * 10, "probability of yes": [0.5] * 10}
    report = load(place / "logistic").score(
        table(new, tmp_path, engine), engine, tmp_path / "o.parquet", Silent()
    )
    assert report.predicted == ("prediction_2", "probability of no", "probability of yes_2")
    assert pq.read_table(tmp_path / "o.parquet")["Prediction"].to_pylist() == ["mine"] * 10


def test_no_rows_give_an_empty_file_with_all_columns(place, tmp_path, engine):
    stored = table({name: pa.array(values).slice(0, 0) for name, values in rows(5).items()}, tmp_path, engine)
    report = load(place / "logistic").score(stored, engine, tmp_path / "o.parquet", Silent())
    assert report.rows == 0
    assert pq.read_table(tmp_path / "o.parquet").column_names == [*rows(5), *report.predicted]


def test_an_unordered_query_is_written_in_row_order(place, tmp_path, engine):
    new = rows(60, 8)
    stored = table(new, tmp_path, engine)
    mixed = Table(stored.query.copy().order_by(sql.name("age")), stored.columns)
    load(place / "linear").score(mixed, engine, tmp_path / "o.parquet", Silent())
    assert pq.read_table(tmp_path / "o.parquet")["spent"].to_pylist() == new["spent"]


def test_stopping_leaves_no_half_file(place, tmp_path, engine):
    class Stops(Recorded):
        def stopped(self):
            return True

    with pytest.raises(Cancelled):
        load(place / "linear").score(
            table(rows(20), tmp_path, engine), engine, tmp_path / "o.parquet", Stops()
        )
    assert [file.name for file in tmp_path.iterdir()] == ["t0.parquet"]


def test_a_folder_without_a_whole_model_is_refused(place, tmp_path):
    with pytest.raises(BadInput, match="no whole model"):
        load(tmp_path)
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(BadInput, match="no whole model"):
        load(tmp_path)
    document = json.loads((place / "linear" / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps({**document, "format": 99}))
    (tmp_path / "weights.safetensors").write_bytes((place / "linear" / "weights.safetensors").read_bytes())
    with pytest.raises(BadInput, match="format 99"):
        load(tmp_path)


def test_the_model_says_where_it_comes_from(place):
    document = load(place / "logistic").document
    assert document["fingerprint"] == "abc"
    assert document["result"]["rows"] == {"train": 240, "valid": 0, "test": 60, "left_out": 0}
    assert document["spec"]["features"] == list(FEATURES)
    assert set(document["versions"]) == {"python", "numpy", "torch"}


def test_hostile_names_and_cells_go_through(tmp_path, engine):
    name, label = 'a"; drop table t; -- {x} ![](u) 你好 🙂' + "x" * 400, "<script>\"'=1+1{y}"
    chance = np.random.default_rng(0)
    x = chance.normal(size=80)
    columns = {name: x, "d": ["{0}", '"'] * 40, "y": np.where(x + chance.normal(size=80) > 0, label, "no")}
    stored = table(columns, tmp_path, engine)
    result = fit(
        FitSpec(target="y", model={"kind": "logistic_regression"}, split=Split(test_share=0.3)),
        stored, engine, Silent(), tmp_path / "m",
    )  # fmt: skip
    assert name in {row["name"] for row in result.coefficients}
    report = load(tmp_path / "m").score(stored, engine, tmp_path / "o.parquet", Silent())
    assert f"probability of {label}" in report.predicted
