"""The one gradient-descent loop: linear, logistic and neural models all learn here.

    for each epoch: shuffle, step through the batches, validate, note it, perhaps stop

Tensors stay on the device, batches are index slices, the loss is summed on the device and read
once an epoch, and all chance comes from one generator: on a CPU a seed repeats to the last bit.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.contracts import Json, Watch
from core.training import checkpoint as checkpoints
from core.training.device import describe, threads
from core.training.history import Epoch, History
from core.wording import Note, note

if TYPE_CHECKING:
    import torch

Loss = Literal["squared", "cross_entropy"]
EXPLODED = 1_000.0  # times the first loss
CHUNK = 65_536  # rows at once where no gradient is needed


@dataclass(frozen=True)
class Plan:
    """How to descend. `batch_size` 0 takes all rows at once; `patience` 0 never stops early."""

    loss: Loss
    epochs: int
    batch_size: int
    learning_rate: float
    optimizer: str = "sgd"
    l2: float = 0.0
    patience: int = 0
    seed: int = 0
    metric_name: str = "loss"
    keep: Literal["best", "last"] = "best"  # a convex loss has no better place than its end
    metric_scale: float = 1.0  # RMSE in the target's units = this times the root of the loss


@dataclass(frozen=True)
class Rows:
    """Features and targets on the device."""

    x: torch.Tensor
    y: torch.Tensor


@dataclass(frozen=True)
class Outcome:
    """The weights kept, the curve, and how the descent ended."""

    weights: dict[str, torch.Tensor]
    history: list[dict[str, Json]]
    state: str  # "finished", "stopped early", "stopped", "diverged"
    facts: dict[str, Json]
    warnings: tuple[Note, ...] = ()


class _Stop(Exception):
    """Leaves the batches from inside; the state says why."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def descend(
    net: torch.nn.Module,
    train: Rows,
    valid: Rows | None,
    plan: Plan,
    generator: torch.Generator,
    watch: Watch,
    checkpoint: Path | None = None,
) -> Outcome:
    """Minimise mean loss + l2 x sum of squared weights (biases left free); keeps the best weights."""
    with threads():
        return _Descent(net, train, valid, plan, generator, watch, checkpoint).run()


class _Descent:
    def __init__(
        self,
        net: torch.nn.Module,
        train: Rows,
        valid: Rows | None,
        plan: Plan,
        generator: torch.Generator,
        watch: Watch,
        checkpoint: Path | None,
    ) -> None:
        self.net, self.train, self.valid, self.plan = net, train, valid, plan
        self.generator, self.watch, self.checkpoint = generator, watch, checkpoint
        self.optimizer = optimizer_for(net, plan)
        self.history = History(plan.epochs, plan.metric_name, watch)
        self.best = self._weights()
        self.first: float | None = None
        self.saved = time.monotonic()
        self.fingerprint = self._fingerprint() if checkpoint else ""

    def run(self) -> Outcome:
        started = time.monotonic()
        state = self._descend()
        self.history.close()
        seconds = time.monotonic() - started
        rows = len(self.train.y) * (len(self.history.rows) - self.history._before)
        facts: dict[str, Json] = {
            "device": describe(self.train.x.device),
            "state": state,
            "epochs": len(self.history.rows),
            "best_epoch": self.history.best.epoch if self.history.best else None,
            "rows_per_second": rows / seconds if seconds else None,
        }
        warnings: tuple[Note, ...] = ()
        if state == "diverged":
            suggested = self.plan.learning_rate / 10
            facts["suggested_learning_rate"] = suggested
            warnings = (
                note(
                    "The loss grew without bound at epoch {epoch}: each step overshot. "
                    "Try a learning rate of {rate:.2g}.",
                    epoch=len(self.history.rows),
                    rate=suggested,
                ),
            )
        return Outcome(self.best, self.history.to_json(), state, facts, warnings)

    def _descend(self) -> str:
        if self.checkpoint is not None and self.checkpoint.exists():
            self._go_on(self.checkpoint)
        for epoch in range(len(self.history.rows) + 1, self.plan.epochs + 1):
            if self._waited_enough():
                return "stopped early"
            try:
                loss = self._epoch()
            except _Stop as stop:
                self._keep_if_better(stop.state)
                return stop.state
            row = self._measured(epoch, loss)
            better = self.history.add(row)
            if self._exploded(loss):
                return "diverged"
            if better:
                self.best = self._weights()
            self._save()
        if self._keeps_last():
            self.best = self._weights()
        return "finished"

    def _epoch(self) -> float:
        """One pass over the training rows; the mean loss a row."""
        import torch

        self.net.train()
        x, y, step = self.train.x, self.train.y, self._step
        total = torch.zeros((), dtype=x.dtype, device=x.device)
        looked = time.monotonic()
        for rows in self._batches():
            if self.watch.stopped():
                raise _Stop("stopped")
            total += step(x, y) if rows is None else step(x[rows], y[rows])
            if self.first is None:
                self.first = float(total) / (len(y) if rows is None else len(rows))
            elif time.monotonic() - looked > 0.5:  # a long epoch that exploded need not end
                looked = time.monotonic()
                if not math.isfinite(float(total)):
                    raise _Stop("diverged")
        return float(total) / len(y)

    def _batches(self) -> Iterator[torch.Tensor | None]:
        import torch

        count, size = len(self.train.y), self.plan.batch_size
        if size == 0 or size >= count:
            yield None  # all rows: their order does not matter
            return
        order = torch.randperm(count, generator=self.generator, device=self.train.x.device)
        yield from torch.split(order, size)

    def _step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """One step of descent; the batch's summed loss before it."""
        learn_from = getattr(self.net, "learn_from", None)
        if learn_from is not None:  # the net writes its own gradients
            summed: torch.Tensor = learn_from(x, y, self.plan.loss == "squared")
            self.optimizer.step()
            return summed
        self.optimizer.zero_grad(set_to_none=True)
        loss = loss_function(self.plan.loss)(self.net(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach() * len(y)

    def _measured(self, epoch: int, loss: float) -> Epoch:
        """The epoch with its validation loss and metric; the training rows' metric when there are none."""
        if self.plan.loss == "squared":
            mean = evaluate(self.net, self.valid, "squared")[0] if self.valid else None
            shown = loss if mean is None else mean
            return Epoch(epoch, loss, mean, self.plan.metric_scale * math.sqrt(shown) if shown >= 0 else None)
        some = Rows(self.train.x[:20_000], self.train.y[:20_000])
        mean, right = evaluate(self.net, self.valid or some, "cross_entropy")
        return Epoch(epoch, loss, mean if self.valid else None, right)

    def _exploded(self, loss: float) -> bool:
        return not math.isfinite(loss) or (
            self.first is not None and loss > EXPLODED * max(self.first, 1e-12)
        )

    def _keep_if_better(self, state: str) -> None:
        """Weights in the middle of an epoch count when nothing is better."""
        if state != "stopped":
            return
        if self._keeps_last():
            self.best = self._weights()
            return
        assert self.valid is not None
        mean, _ = evaluate(self.net, self.valid, self.plan.loss)
        if math.isfinite(mean) and (self.history.best is None or mean < self.history.best.watched):
            self.best = self._weights()

    def _keeps_last(self) -> bool:
        # without validation the loss of an epoch is a mean over its steps, and the last weights are past it
        return self.valid is None or self.plan.keep == "last"

    def _waited_enough(self) -> bool:
        rows, best = self.history.rows, self.history.best
        if not self.plan.patience or self.valid is None or best is None:
            return False
        return rows[-1].epoch - best.epoch >= self.plan.patience

    def _weights(self) -> dict[str, torch.Tensor]:
        return {name: value.detach().clone() for name, value in self.net.state_dict().items()}

    def _fingerprint(self) -> str:
        """What the result depends on: plan, shapes, the first weights and a sum of the data."""
        data = [
            float(self.train.x.double().sum()),
            float(self.train.y.double().sum()),
            list(self.train.x.shape),
        ]
        first = [float(value.double().sum()) for value in self.net.state_dict().values()]
        text = json.dumps([asdict(self.plan), data, first, self.valid is None])
        return hashlib.sha256(text.encode()).hexdigest()

    def _go_on(self, place: Path) -> None:
        self.best, state = checkpoints.load(place, self.net, self.optimizer, self.generator, self.fingerprint)
        self.best = {name: value.to(self.train.x.device) for name, value in self.best.items()}
        rows = checkpoints.epochs_from_json(state["epochs"])
        best = next((row for row in rows if row.epoch == state["best"]), None)
        self.history.go_on_from(rows, best)
        self.first = state["first"]

    def _save(self) -> None:
        if self.checkpoint is None or time.monotonic() - self.saved < checkpoints.EVERY:
            return
        state: dict[str, Json] = {
            "fingerprint": self.fingerprint,
            "epochs": checkpoints.epochs_to_json(self.history.rows),
            "best": self.history.best.epoch if self.history.best else None,
            "first": self.first,
        }
        checkpoints.save(self.checkpoint, self.net, self.best, self.optimizer, self.generator, state)
        self.saved = time.monotonic()


def loss_function(kind: Loss) -> Callable[..., torch.Tensor]:
    """The mean loss of a batch."""
    from torch.nn import functional

    return functional.mse_loss if kind == "squared" else functional.cross_entropy


def evaluate(net: torch.nn.Module, rows: Rows, kind: Loss) -> tuple[float, float | None]:
    """Mean loss and, for classes, the share that is right; without gradients, in chunks."""
    import torch

    net.eval()
    total = torch.zeros((), dtype=torch.float64, device=rows.x.device)
    right = torch.zeros((), dtype=torch.int64, device=rows.x.device)
    with torch.no_grad():
        for start in range(0, len(rows.y), CHUNK):
            x, y = rows.x[start : start + CHUNK], rows.y[start : start + CHUNK]
            out = net(x)
            total += loss_function(kind)(out, y) * len(y)
            if kind == "cross_entropy":
                right += (out.argmax(1) == y).sum()
    count = max(1, len(rows.y))
    return float(total) / count, int(right) / count if kind == "cross_entropy" else None


def optimizer_for(net: torch.nn.Module, plan: Plan) -> torch.optim.Optimizer:
    """The optimiser, fused where there is such a one; biases carry no penalty."""
    import torch

    biases = [value for name, value in net.named_parameters() if name.endswith(("bias", "biases"))]
    weights = [value for name, value in net.named_parameters() if not name.endswith(("bias", "biases"))]
    # the gradient of l2 * w^2 is 2 * l2 * w; AdamW shrinks the weights apart from the gradient
    decay = plan.l2 if plan.optimizer == "adamw" else 2 * plan.l2
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    rate = plan.learning_rate
    if plan.optimizer == "adam":
        return torch.optim.Adam(groups, lr=rate, fused=True)
    if plan.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=rate, fused=True)
    if plan.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=rate)
    return torch.optim.SGD(groups, lr=rate, fused=True)
