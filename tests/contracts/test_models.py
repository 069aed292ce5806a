"""What every registered model promises; a new member inherits the whole suite."""

import json

import numpy as np
import pytest

import core.models  # noqa: F401
from core.contracts import Matrix, Model, Recorded, Silent, TrainingData
from core.engine.duckdb import DuckEngine
from core.errors import BadInput, BadParameter
from core.fitting import FitSpec, fit
from core.score import load
from tests.models.data import table, training

CASES = [
    pytest.param(kind, task, id=f"{kind}-{task}") for kind, cls in Model.members.items() for task in cls.tasks
]
MEMBERS = list(Model.members.values())


def quick(kind):
    """The member, descending for a few epochs where it has a choice."""
    names = {field.name for field in Model.members[kind].parameters()}
    values = {"epochs": 6} if "epochs" in names else {}
    if "solver" in names:
        values["solver"] = "descent"
    if "batch_size" in names:
        values["batch_size"] = 32
    return Model.build(kind, values)


def mixed(count, seed=0):
    """A table with numbers, gaps, categories and both kinds of target."""
    chance = np.random.default_rng(seed)
    x = chance.normal(size=count)
    city = chance.choice(["A", "B", "C"], count)
    signal = x + (city == "B") + chance.normal(size=count)
    return {
        "x": [None if i % 20 == 3 else float(v) for i, v in enumerate(x)], "city": city.tolist(),
        "number": signal.tolist(), "category": np.where(signal > 0.3, "yes", "no").tolist(),
    }  # fmt: skip


class StopsInside(Recorded):
    """Asks to stop a while after the first epoch was reported."""

    def __init__(self):
        super().__init__()
        self.looks_after = 0

    def stopped(self):
        if self.events:
            self.looks_after += 1
        return self.looks_after > 2


@pytest.mark.parametrize("cls", MEMBERS)
def test_defaults_are_valid_and_survive_json(cls):
    model = cls()
    assert Model.from_json(json.loads(json.dumps(model.to_json()))) == model


@pytest.mark.parametrize("cls", MEMBERS)
def test_every_parameter_has_a_label_a_help_and_numbers_a_range(cls):
    for row in cls.parameters():
        assert row.title
        assert row.help
        if row.kind == "number":
            assert row.low is not None
            assert row.high is not None
            assert row.low <= row.default <= row.high
    assert cls.title
    assert cls.summary().endswith(".")


@pytest.mark.parametrize("cls", MEMBERS)
def test_wrong_values_are_refused_with_name_rule_and_value(cls):
    wrong = {"number": "many", "choice": "none of them", "switch": "perhaps", "text": 3}
    for row in cls.parameters():
        with pytest.raises(BadParameter, match=row.name):
            Model.build(cls.kind(), {row.name: wrong[row.kind]})
    with pytest.raises(BadParameter, match="speed"):
        Model.build(cls.kind(), {"speed": 1})


@pytest.mark.parametrize(("kind", "task"), CASES)
@pytest.mark.parametrize("make", [quick, lambda kind: Model.build(kind, {})], ids=["descent", "defaults"])
def test_a_seed_repeats_to_the_last_bit(kind, task, make):
    data = training(task)
    first, second = (make(kind).fit(data, 7, Silent()) for _ in range(2))
    for name, value in first.tensors().items():
        assert np.array_equal(value, second.tensors()[name])


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_the_loss_falls_and_epochs_are_reported(kind, task):
    watch = Recorded()
    quick(kind).fit(training(task), 0, watch)
    epochs = [event for event in watch.events if event["kind"] == "epoch"]
    assert epochs[0]["epoch"] == 1
    assert epochs[-1]["epoch"] == epochs[-1]["epochs"] == 6
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"]
    assert epochs[-1]["metric"] is not None


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_it_stops_within_one_epoch_and_keeps_a_model(kind, task):
    watch = StopsInside()
    data = training(task)
    fitted = quick(kind).fit(data, 0, watch)
    assert fitted.facts()["state"] == "stopped"
    assert fitted.facts()["epochs"] <= 2
    assert watch.looks_after == 3
    assert np.isfinite(fitted.predict(data.train.x)).all()


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_a_stored_model_predicts_the_same(kind, task):
    data = training(task, classes=3)
    model = quick(kind)
    fitted = model.fit(data, 0, Silent())
    again = model.load(fitted.tensors(), json.loads(json.dumps(fitted.facts())))
    assert np.array_equal(again.predict(data.train.x), fitted.predict(data.train.x))


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_predictions_have_the_promised_shape(kind, task):
    data = training(task, classes=3)
    said = quick(kind).fit(data, 0, Silent()).predict(data.train.x)
    if task == "number":
        assert said.shape == (len(data.train.y),)
    else:
        assert said.shape == (len(data.train.y), 3)
        assert said.sum(axis=1) == pytest.approx(np.ones(len(said)))


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_a_target_that_never_varies_is_refused(kind, task):
    data = training(task)
    y = np.zeros_like(data.train.y)
    flat = TrainingData(Matrix(data.train.x, y), None, task, data.features, data.classes)
    with pytest.raises(BadInput, match="same value"):
        quick(kind).fit(flat, 0, Silent())


@pytest.mark.parametrize("kind", Model.members)
def test_a_task_it_cannot_do_is_refused(kind, tmp_path):
    engine = DuckEngine(threads=1)
    stored = table(mixed(60), tmp_path, engine)
    tasks = Model.members[kind].tasks
    if "number" not in tasks:
        with pytest.raises(BadParameter, match="cannot predict a number"):
            fit(
                FitSpec(target="number", task="number", model={"kind": kind}),
                stored,
                engine,
                Silent(),
                tmp_path,
            )
    if "category" not in tasks:
        with pytest.raises(BadInput, match="is text"):
            fit(FitSpec(target="category", model={"kind": kind}), stored, engine, Silent(), tmp_path)
    if tasks == ("number", "category"):
        assert fit(
            FitSpec(target="number", model=quick(kind).to_json()), stored, engine, Silent(), tmp_path / "m"
        ).task == "number"  # fmt: skip


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_a_fit_judges_on_unseen_rows_beside_a_baseline_and_scores_new_ones(kind, task, tmp_path):
    engine = DuckEngine(threads=1)
    spec = FitSpec(target=task, task=task, features=("x", "city"), model={"kind": kind}, seed=3)
    result = fit(spec, table(mixed(600), tmp_path, engine), engine, Silent(), tmp_path / "m")
    json.dumps(result.model_dump(mode="json"), allow_nan=False)
    assert result.judged_on == "test"
    assert result.rows["test"] == 120
    assert sum(result.rows.values()) == 600
    better = "r2" if task == "number" else "accuracy"
    assert result.metrics[better] > result.baseline[better] + 0.05
    new = mixed(30, seed=1)
    new["city"][0], new["city"][1], new["x"][2] = "Mars", None, None
    scorer = load(tmp_path / "m")
    report = scorer.score(table(new, tmp_path, engine), engine, tmp_path / "o.parquet", Silent())
    assert report.unseen == {"city": 1}
    assert report.filled == {"city": 1, "x": 3}
    again = fit(spec, table(mixed(600), tmp_path, engine), engine, Silent(), tmp_path / "m2")
    assert again.metrics == result.metrics
    assert (tmp_path / "m/weights.safetensors").read_bytes() == (
        tmp_path / "m2/weights.safetensors"
    ).read_bytes()


@pytest.mark.parametrize(("kind", "task"), CASES)
def test_descent_is_told_to_stop_in_a_long_epoch(kind, task):
    """One epoch of very many small batches is left at once."""

    class Soon(Recorded):
        looks = 0

        def stopped(self):
            self.looks += 1
            return self.looks > 300  # reading the rows takes a few looks, an epoch 6,000

    data = training(task, rows=60_000)
    names = {field.name for field in Model.members[kind].parameters()}
    values = {"batch_size": 8, "epochs": 50} | ({"solver": "descent"} if "solver" in names else {})
    fitted = Model.build(kind, values).fit(data, 0, Soon())
    assert fitted.facts()["state"] == "stopped"
    assert fitted.facts()["epochs"] < 50
