"""Rows per second of network training: ours beside a bare torch loop, scikit-learn's MLP and skorch.

20 features, hidden layers of 128 and 64, ReLU, Adam, 100,000 rows, one thread each, turns taken.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from core.contracts import Silent
from core.models.neural import NeuralNetwork, build
from core.training.loop import Plan, Rows, descend

ROWS, FEATURES = 100_000, 20
BATCHES = (256, 1_024, 8_192)


def ours(x: np.ndarray, y: np.ndarray, batch: int, epochs: int) -> None:
    generator = torch.Generator().manual_seed(0)
    model = NeuralNetwork(hidden="128,64", activation="relu", dropout=0)
    net = build(model, FEATURES, 1, generator)
    plan = Plan("squared", epochs, batch, 1e-3, optimizer="adam")
    descend(net, Rows(torch.from_numpy(x), torch.from_numpy(y)), None, plan, generator, Silent())


def bare(x: np.ndarray, y: np.ndarray, batch: int, epochs: int) -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(FEATURES, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64), torch.nn.ReLU(),
        torch.nn.Linear(64, 1),
    )  # fmt: skip
    rows, target = torch.from_numpy(x), torch.from_numpy(y)[:, None]
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    for _ in range(epochs):
        for some in torch.randperm(len(rows)).split(batch):
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(net(rows[some]), target[some])
            loss.backward()
            optimizer.step()


def scikit(x: np.ndarray, y: np.ndarray, batch: int, epochs: int) -> None:
    from sklearn.neural_network import MLPRegressor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        MLPRegressor(
            hidden_layer_sizes=(128, 64), batch_size=batch, max_iter=epochs, tol=0, n_iter_no_change=epochs
        ).fit(x, y)


def skorch(x: np.ndarray, y: np.ndarray, batch: int, epochs: int) -> None:
    from skorch import NeuralNetRegressor

    net = torch.nn.Sequential(
        torch.nn.Linear(FEATURES, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64), torch.nn.ReLU(),
        torch.nn.Linear(64, 1),
    )  # fmt: skip
    NeuralNetRegressor(
        net, max_epochs=epochs, batch_size=batch, optimizer=torch.optim.Adam, lr=1e-3,
        train_split=None, verbose=0, iterator_train__shuffle=True,
    ).fit(x, y[:, None])  # fmt: skip


def seconds(run: Callable[..., None], x: np.ndarray, y: np.ndarray, batch: int, epochs: int) -> float:
    """CPU seconds: what the work costs, whoever else is busy on the machine."""
    started = time.process_time()
    run(x, y, batch, epochs)
    return time.process_time() - started


def main(rounds: int = 3, epochs: int = 2) -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(ROWS, FEATURES)).astype(np.float32)
    y = (np.sin(x[:, 0]) + x[:, 1] * x[:, 2]).astype(np.float32)
    contenders = {"ours": ours, "bare torch": bare, "scikit-learn": scikit, "skorch": skorch}
    torch.set_num_threads(1)
    for run in contenders.values():
        run(x[:2_000], y[:2_000], 256, 1)  # imports and first uses
    print(f"{'batch':>6}  " + "  ".join(f"{name:>18}" for name in contenders))
    for batch in BATCHES:
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, run in contenders.items():
                taken[name].append(seconds(run, x, y, batch, epochs))
        rate = {name: ROWS * epochs / statistics.median(values) for name, values in taken.items()}
        cells = (f"{rate[name] / 1e3:6.0f}k/s  {rate['ours'] / rate[name]:6.2f}x" for name in contenders)
        print(f"{batch:>6}  " + "  ".join(f"{cell:>18}" for cell in cells))
    print("Each column: its rows per CPU second, and how many times as fast ours is.")


if __name__ == "__main__":
    main()
