"""The loop: repeats to the bit, stops when asked, ends a divergence, goes on from a checkpoint."""

import time

import numpy as np
import pytest
import torch

from core.contracts import Recorded, Silent
from core.errors import BadInput
from core.models.neural import NeuralNetwork, build
from core.training import checkpoint as checkpoints
from core.training import history as histories
from core.training.device import choose, describe, threads
from core.training.history import Epoch, History
from core.training.loop import Plan, Rows, descend

MODEL = NeuralNetwork(hidden="8", dropout=0.2)


def rows(count=200, seed=0):
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(count, 3)).astype(np.float32)
    return Rows(torch.from_numpy(x), torch.from_numpy((x[:, 0] * x[:, 1]).astype(np.float32)))


def learn(plan, watch=None, checkpoint=None, seed=5, train=None, valid=None):
    generator = torch.Generator().manual_seed(seed)
    net = build(MODEL, 3, 1, generator)
    return descend(net, train or rows(), valid, plan, generator, watch or Silent(), checkpoint)


PLAN = Plan("squared", epochs=12, batch_size=32, learning_rate=0.01, optimizer="adamw", l2=0.01)


class StopsAfter(Recorded):
    """A watch that asks to stop at the nth look."""

    def __init__(self, looks):
        super().__init__()
        self.looks = looks

    def stopped(self):
        self.looks -= 1
        return self.looks < 0


def test_a_seed_repeats_to_the_last_bit_and_another_seed_does_not():
    first, again, other = learn(PLAN), learn(PLAN), learn(PLAN, seed=6)
    for name, value in first.weights.items():
        assert torch.equal(value, again.weights[name])
    assert not torch.equal(first.weights["0.weight"], other.weights["0.weight"])
    assert first.history == again.history


def test_global_chance_plays_no_part():
    torch.manual_seed(1)
    first = learn(PLAN)
    torch.manual_seed(2)
    assert learn(PLAN).history == first.history


def test_it_stops_inside_an_epoch():
    watch = StopsAfter(10)  # an epoch has 7 batches
    outcome = learn(PLAN, watch)
    assert outcome.state == "stopped"
    assert len(outcome.history) == 1
    assert len(outcome.weights) == 4


def test_stopping_before_the_first_epoch_ended_still_gives_a_model():
    outcome = learn(PLAN, StopsAfter(2), valid=rows(40, 1))
    assert outcome.state == "stopped"
    assert outcome.history == []
    assert all(torch.isfinite(value).all() for value in outcome.weights.values())


def test_stopped_descent_keeps_the_best_weights_by_validation():
    plan = Plan("squared", 60, 32, 0.05, "adam")
    outcome = learn(plan, StopsAfter(7 * 50 + 3), valid=rows(40, 1))
    best = min(outcome.history, key=lambda row: row["valid_loss"])
    assert outcome.facts["best_epoch"] == best["epoch"]


def test_divergence_ends_with_an_explanation_and_a_smaller_rate():
    plan = Plan("squared", 50, 32, 100.0)
    outcome = learn(plan, valid=rows(40, 1))
    assert outcome.state == "diverged"
    assert outcome.facts["suggested_learning_rate"] == pytest.approx(10.0)
    assert "learning rate" in str(outcome.warnings[0])
    assert all(torch.isfinite(value).all() for value in outcome.weights.values())


def test_every_epoch_is_reported_first_and_last_at_least(monkeypatch):
    watch = Recorded()
    learn(PLAN, watch)
    epochs = [event["epoch"] for event in watch.events if event["kind"] == "epoch"]
    assert epochs[0] == 1
    assert epochs[-1] == 12
    assert set(watch.events[0]) == {
        "kind", "epoch", "epochs", "train_loss", "valid_loss", "metric_name", "metric", "rate", "left"
    }  # fmt: skip


def test_reports_are_at_most_four_a_second(monkeypatch):
    now = 0.0
    monkeypatch.setattr(histories.time, "monotonic", lambda: now)
    watch = Recorded()
    history = History(1000, "RMSE", watch)
    for epoch in range(1, 1001):
        now += 0.01
        history.add(Epoch(epoch, 1.0 / epoch))
    history.close()
    assert 40 <= len(watch.events) <= 42
    assert watch.events[-1]["epoch"] == 1000


def test_a_long_history_is_thinned_but_keeps_first_best_and_last():
    history = History(5000, "RMSE", Silent())
    for epoch in range(1, 5001):
        history.add(Epoch(epoch, 1.0, abs(epoch - 1234) + 1.0))
    epochs = [row["epoch"] for row in history.to_json()]
    assert len(epochs) <= 502
    assert {1, 1234, 5000} <= set(epochs)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_a_fit_that_died_goes_on_to_the_same_bits(optimizer, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    plan = Plan("squared", 12, 32, 0.01, optimizer, l2=0.01, patience=50)
    whole = learn(plan, valid=rows(40, 1))

    class Dies(Recorded):
        def stopped(self):
            if (tmp_path / "state").exists() and len(self.events) >= 1:
                self.looks = getattr(self, "looks", 0) + 1
                if self.looks > 24:
                    raise KeyboardInterrupt
            return False

    with pytest.raises(KeyboardInterrupt):
        learn(plan, Dies(), tmp_path / "state", valid=rows(40, 1))
    went_on = learn(plan, checkpoint=tmp_path / "state", valid=rows(40, 1))
    for name, value in whole.weights.items():
        assert torch.equal(value, went_on.weights[name])
    assert went_on.history == whole.history


def test_another_fits_checkpoint_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    learn(PLAN, checkpoint=tmp_path / "state")
    with pytest.raises(BadInput, match="other data"):
        learn(PLAN, checkpoint=tmp_path / "state", train=rows(seed=9))


def test_checkpoints_are_written_every_few_seconds_only(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(checkpoints, "save", lambda *args: written.append(time.monotonic()))
    learn(PLAN, checkpoint=tmp_path / "state")
    assert written == []


def test_threads_are_put_back():
    before = torch.get_num_threads()
    with threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_the_device_says_its_name():
    device = choose()
    assert describe(device) == "CPU" if device.type == "cpu" else "CUDA" in describe(device)
