"""A neural network of dense layers, for numbers and for categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field as P
from pydantic import field_validator

from core.contracts import Fitted, Json, Layout, Matrix, Model, Task, TrainingData, Watch
from core.errors import BadInput
from core.models.terms import Epochs, Rate
from core.params import Number, Text
from core.wording import note

if TYPE_CHECKING:
    import torch

    from core.training.dense import Dense


class NeuralNetwork(Model):
    """Layers of simple units that learn curves and interactions by themselves."""

    title = "Neural network"
    tasks: ClassVar[tuple[Task, ...]] = ("number", "category")

    hidden: Annotated[str, Text(example="128,64")] = P(
        "128,64",
        title="Hidden layers",
        description="The width of each hidden layer, first to last, with commas between. "
        "Empty: no hidden layer.",
    )
    activation: Literal["relu", "tanh", "sigmoid"] = P(
        "relu", title="Activation", description="How each hidden unit bends its sum."
    )
    dropout: Annotated[float, Number(0, 0.8, 0.05)] = P(
        0.1,
        ge=0,
        lt=1,
        title="Dropout",
        description="The share of hidden units silenced at random in each step, against learning by heart.",
    )
    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = P(
        "adamw", title="Optimiser", description="How a gradient becomes a step."
    )
    learning_rate: Rate = 1e-3
    epochs: Epochs = 200
    batch_size: Annotated[int, Number(8, 8_192, log=True)] = P(
        256,
        ge=1,
        title="Batch size",
        description="Rows in each step of descent; at most a tenth of the training rows, at least 8.",
    )
    l2: Annotated[float, Number(0, 1, log=True, zero="none")] = P(
        0.01,
        ge=0,
        title="L2 penalty",
        description="Weight decay. With AdamW the weights shrink by this times the learning rate in each "
        "step; with the others, this times the sum of the squared weights is added to the loss.",
    )
    patience: Annotated[int, Number(0, 100, 1, zero="never stops early")] = P(
        12,
        ge=0,
        title="Patience",
        description="Epochs without a better validation loss before it stops. 0 never stops early.",
    )

    @field_validator("hidden")
    @classmethod
    def _widths(cls, text: str) -> str:
        widths = [part.strip() for part in text.split(",")] if text.strip() else []
        if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= 8_192 for part in widths):
            raise ValueError('must be widths from 1 to 8192 with commas between, such as "128,64"')
        if len(widths) > 20:
            raise ValueError("must have at most 20 layers")
        return ",".join(str(int(part)) for part in widths)

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.hidden.split(",")) if self.hidden else ()

    def layout(self) -> Layout:
        return Layout(calendar=True, reference=False)

    def wants_validation(self) -> bool:
        return True

    def fit(self, data: TrainingData, seed: int, watch: Watch, checkpoint: Path | None = None) -> Fitted:
        import torch

        from core.training.device import choose
        from core.training.loop import Plan, descend

        y = data.train.y
        if len(np.unique(y[:1])) and (y == y[0]).all():
            raise BadInput("The target has the same value on all training rows: there is nothing to learn.")
        number = data.task == "number"
        shift, scale = (float(y.mean()), float(y.std())) if number else (0.0, 1.0)
        device = choose()
        generator = torch.Generator(device).manual_seed(seed)
        outputs = 1 if number else len(data.classes)
        net = build(self, data.train.x.shape[1], outputs, generator).to(device)
        plan = Plan(
            loss="squared" if number else "cross_entropy",
            epochs=self.epochs,
            batch_size=min(self.batch_size, max(8, len(y) // 10)),
            learning_rate=self.learning_rate,
            optimizer=self.optimizer,
            l2=self.l2,
            patience=self.patience,
            seed=seed,
            metric_name="RMSE" if number else "accuracy",
            metric_scale=scale,
        )
        valid = data.valid if data.valid is not None and len(data.valid.y) else None
        outcome = descend(
            net,
            _rows(data.train, shift, scale, number, device),
            _rows(valid, shift, scale, number, device) if valid is not None else None,
            plan,
            generator,
            watch,
            checkpoint,
        )
        warnings = list(outcome.warnings)
        if valid is None and self.patience:
            warnings.append(note("There are no validation rows: early stopping was off and all epochs ran."))
        facts: dict[str, Json] = {
            **outcome.facts,
            "solver": "descent",
            "parameters": sum(value.numel() for value in net.parameters()),
            "history": outcome.history,
            "warnings": warnings,
        }
        tensors = {name: value.cpu().numpy() for name, value in outcome.weights.items()}
        return NeuralFit(tensors, self.activation, number, shift, scale, facts)

    def load(self, tensors: Mapping[str, np.ndarray], facts: Mapping[str, Json]) -> Fitted:
        own = {name: value for name, value in tensors.items() if name != "target"}
        number = "target" in tensors
        expected = {f"{i}.{part}" for i in range((len(own) + 1) // 2) for part in ("weight", "bias")}
        if set(own) != expected:
            raise ValueError(f"its layers are incomplete: {', '.join(sorted(own))}")
        if number and own[f"{len(own) // 2 - 1}.bias"].shape != (1,):
            raise ValueError("its last layer has not one output")
        shift, scale = tensors["target"] if number else (0.0, 1.0)
        return NeuralFit(own, self.activation, number, float(shift), float(scale), dict(facts))


@dataclass(frozen=True)
class NeuralFit:
    """Fitted layers. Predicting needs numpy alone: the net is small, and torch slow to import."""

    weights: dict[str, np.ndarray]  # "0.weight" [out, in], "0.bias" [out], ...
    activation: str
    number: bool
    shift: float
    scale: float
    said: dict[str, Json]

    def predict(self, x: np.ndarray) -> np.ndarray:
        parts = [self._forward(x[start : start + 16_384]) for start in range(0, len(x), 16_384)]
        return np.concatenate(parts) if parts else self._forward(x)

    def _forward(self, x: np.ndarray) -> np.ndarray:
        layers = len(self.weights) // 2
        h = x.astype(np.float32)
        for i in range(layers):
            h = h @ self.weights[f"{i}.weight"].T + self.weights[f"{i}.bias"]
            if i < layers - 1:
                h = _activated(h, self.activation)
        wide: np.ndarray = h.astype(np.float64)
        if self.number:
            return np.asarray(wide[:, 0] * self.scale + self.shift)
        wide -= wide.max(axis=1, keepdims=True)
        p = np.exp(wide)
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def tensors(self) -> dict[str, np.ndarray]:
        return {**self.weights, **({"target": np.array([self.shift, self.scale])} if self.number else {})}

    def facts(self) -> dict[str, Json]:
        return self.said


def _activated(h: np.ndarray, kind: str) -> np.ndarray:
    if kind == "relu":
        return np.asarray(np.maximum(h, 0))
    if kind == "tanh":
        return np.asarray(np.tanh(h))
    return np.asarray(0.5 * (1 + np.tanh(0.5 * h)))  # the logistic function, without overflow


def build(model: NeuralNetwork, inputs: int, outputs: int, generator: torch.Generator) -> Dense:
    """The network, its weights drawn from `generator` alone: no global chance."""
    from core.training.dense import Dense

    return Dense([inputs, *model.widths, outputs], model.activation, model.dropout, generator)


def _rows(matrix: Matrix, shift: float, scale: float, number: bool, device: torch.device) -> Any:
    import torch

    from core.training.loop import Rows

    x = torch.from_numpy(matrix.x.astype(np.float32)).to(device)
    y = ((matrix.y - shift) / scale).astype(np.float32) if number else matrix.y
    return Rows(x, torch.from_numpy(y).to(device))
