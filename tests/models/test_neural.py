"""The network against a forward and backward pass written out by hand in numpy."""

import numpy as np
import pytest
import torch

from core.contracts import Recorded, Silent
from core.errors import BadParameter
from core.models.neural import NeuralNetwork, build
from core.training.loop import Plan, Rows, descend, loss_function
from tests.models.data import training


def by_hand(weights, x, y, activation):
    """Loss and gradients of mean squared error for one hidden layer."""
    w1, b1, w2, b2 = weights
    z = x @ w1.T + b1
    if activation == "relu":
        h, slope = np.maximum(z, 0), (z > 0).astype(float)
    elif activation == "tanh":
        h, slope = np.tanh(z), 1 - np.tanh(z) ** 2
    else:
        h = 1 / (1 + np.exp(-z))
        slope = h * (1 - h)
    away = (h @ w2.T + b2)[:, 0] - y
    out = 2 * away[:, None] / len(y)
    back = (out @ w2) * slope
    return np.mean(away**2), (back.T @ x, back.sum(0), out.T @ h, out.sum(0))


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_forward_and_backward_are_those_by_hand(activation):
    model = NeuralNetwork(hidden="5", activation=activation, dropout=0)
    net = build(model, 3, 1, torch.Generator().manual_seed(1)).double()
    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(7, 3)), chance.normal(size=7)
    loss = loss_function("squared")(net(torch.from_numpy(x)), torch.from_numpy(y))
    loss.backward()
    weights = [value.numpy() for value in net.state_dict().values()]
    expected, gradients = by_hand(weights, x, y, activation)
    assert loss.item() == pytest.approx(expected, rel=1e-12)
    for layer, flat in zip(net.layers(net.weights.grad, net.biases.grad), (0, 2), strict=True):
        for found, gradient in zip(layer, gradients[flat : flat + 2], strict=True):
            assert found.numpy() == pytest.approx(gradient, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_the_written_gradients_are_those_of_autograd(activation, squared):
    model = NeuralNetwork(hidden="6,5", activation=activation, dropout=0.3)
    chance = np.random.default_rng(0)
    x = torch.from_numpy(chance.normal(size=(11, 3)))
    y = torch.from_numpy(chance.normal(size=11) if squared else chance.integers(0, 4, 11))
    found = []
    for written in (True, False):
        generator = torch.Generator().manual_seed(1)  # the same units drop out
        net = build(model, 3, 1 if squared else 4, generator).double()
        if written:
            loss = net.learn_from(x, y, squared).item() / len(y)
        else:
            mean = loss_function("squared" if squared else "cross_entropy")(net(x), y)
            mean.backward()
            loss = mean.item()
        found.append((loss, net.weights.grad.numpy(), net.biases.grad.numpy()))
    for ours, theirs in zip(*found, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("squared", [True, False])
def test_the_gradients_are_those_of_finite_differences(squared):
    model = NeuralNetwork(hidden="4", activation="tanh", dropout=0)
    net = build(model, 2, 1 if squared else 3, torch.Generator().manual_seed(1)).double()
    chance = np.random.default_rng(0)
    x = torch.from_numpy(chance.normal(size=(9, 2)))
    y = torch.from_numpy(chance.normal(size=9) if squared else chance.integers(0, 3, 9))
    for flat in (net.weights, net.biases):
        net.learn_from(x, y, squared)
        gradient = flat.grad.clone()
        for i in range(len(flat)):
            losses = []
            for step in (1e-6, -2e-6):
                flat.data[i] += step
                losses.append(net.learn_from(x, y, squared).item() / 9)
            flat.data[i] += 1e-6
            assert gradient[i].item() == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-5, abs=1e-8)


def test_one_step_of_descent_is_the_step_by_hand():
    model = NeuralNetwork(hidden="4", activation="tanh", dropout=0)
    net = build(model, 2, 1, torch.Generator().manual_seed(2)).double()
    weights = [value.numpy().copy() for value in net.state_dict().values()]
    chance = np.random.default_rng(3)
    x, y = chance.normal(size=(10, 2)), chance.normal(size=10)
    _, gradients = by_hand(weights, x, y, "tanh")
    plan = Plan("squared", epochs=1, batch_size=0, learning_rate=0.1, l2=0.01)
    rows = Rows(torch.from_numpy(x), torch.from_numpy(y))
    outcome = descend(net, rows, None, plan, torch.Generator().manual_seed(0), Silent())
    names = ["0.weight", "0.bias", "1.weight", "1.bias"]
    for name, old, gradient in zip(names, weights, gradients, strict=True):
        penalty = 2 * 0.01 * old if "weight" in name else 0.0
        assert outcome.weights[name].numpy() == pytest.approx(old - 0.1 * (gradient + penalty), rel=1e-10)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("task", ["number", "category"])
def test_predicting_with_numpy_is_what_torch_computes(task, activation):
    data = training(task, classes=3)
    model = NeuralNetwork(hidden="6,5", activation=activation, epochs=2)
    fitted = model.fit(data, 0, Silent())
    net = build(model, 4, 1 if task == "number" else 3, torch.Generator())
    own = {k: torch.from_numpy(v) for k, v in fitted.tensors().items() if k != "target"}
    net.load_state_dict(own)
    net.eval()
    with torch.no_grad():
        out = net(torch.from_numpy(data.train.x.astype(np.float32))).double()
    expected = out.softmax(1) if task == "category" else out * fitted.scale + fitted.shift
    assert fitted.predict(data.train.x) == pytest.approx(expected.numpy(), rel=1e-5)


def test_it_learns_a_curve_that_a_line_cannot():
    chance = np.random.default_rng(0)
    data = training(rows=2000)
    curve = np.sin(2 * data.train.x[:, 0]) + data.train.x[:, 1] * data.train.x[:, 2]
    valid = np.sin(2 * data.valid.x[:, 0]) + data.valid.x[:, 1] * data.valid.x[:, 2]
    from core.contracts import Matrix, TrainingData

    wide = TrainingData(
        Matrix(data.train.x, curve + 0.1 * chance.normal(size=len(curve))),
        Matrix(data.valid.x, valid), "number", data.features,
    )  # fmt: skip
    fitted = NeuralNetwork(hidden="64", dropout=0, learning_rate=0.01, epochs=60).fit(wide, 0, Silent())
    rmse = np.sqrt(np.mean((fitted.predict(data.valid.x) - valid) ** 2))
    assert rmse < 0.3 * valid.std()


def test_early_stopping_keeps_the_best_epoch():
    watch = Recorded()
    data = training("category", rows=200)
    model = NeuralNetwork(hidden="64,64", dropout=0, learning_rate=0.02, epochs=300, patience=5, l2=0)
    fitted = model.fit(data, 0, watch)
    facts = fitted.facts()
    assert facts["state"] == "stopped early"
    assert facts["epochs"] == facts["best_epoch"] + 5
    history = fitted.facts()["history"]
    best = min(history, key=lambda row: row["valid_loss"])
    assert best["epoch"] == facts["best_epoch"]
    p = fitted.predict(data.valid.x)[np.arange(len(data.valid.y)), data.valid.y]
    assert -np.log(p).mean() == pytest.approx(best["valid_loss"], rel=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_optimiser_learns(optimizer):
    rate = 0.05 if optimizer == "sgd" else 0.003
    model = NeuralNetwork(hidden="16", optimizer=optimizer, learning_rate=rate, epochs=30, dropout=0)
    history = model.fit(training(), 0, Silent()).facts()["history"]
    assert history[-1]["train_loss"] < 0.5 * history[0]["train_loss"]


@pytest.mark.parametrize("hidden", ["a", "12,", "0", "-3", "1.5", "9999999", ",".join(["4"] * 21)])
def test_layers_that_are_no_widths_are_refused(hidden):
    with pytest.raises(BadParameter, match="hidden"):
        NeuralNetwork.build("neural_network", {"hidden": hidden})


def test_no_hidden_layer_is_a_linear_model():
    fitted = NeuralNetwork(hidden=" ", epochs=3).fit(training(), 0, Silent())
    assert set(fitted.tensors()) == {"0.weight", "0.bias", "target"}


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA device")
@pytest.mark.parametrize("task", ["number", "category"])
def test_it_learns_on_the_graphics_card_and_says_so(task):
    fitted = NeuralNetwork(hidden="16", epochs=20).fit(training(task, classes=3), 0, Silent())
    history = fitted.facts()["history"]
    assert "CUDA" in fitted.facts()["device"]
    assert history[-1]["train_loss"] < history[0]["train_loss"]
