"""A stack of dense layers with its gradients written out: what backpropagation does, line by line.

Autograd finds the same gradients (the tests hold the two together), but costs as much again in
bookkeeping when batches are small. All weights live in one flat tensor and all biases in another,
so that the optimiser's step is one call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch.nn import functional

BEND: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
# from the gradient after the bend and the bend's value to the gradient before it
UNBEND: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "relu": lambda gradient, value: torch.ops.aten.threshold_backward(gradient, value, 0),
    "tanh": lambda gradient, value: torch.ops.aten.tanh_backward(gradient, value),
    "sigmoid": lambda gradient, value: torch.ops.aten.sigmoid_backward(gradient, value),
}


class Dense(torch.nn.Module):
    """Layers of these widths, inputs first and outputs last; drawn from `generator` alone."""

    def __init__(
        self, widths: Sequence[int], activation: str, dropout: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.shapes = [(b, a) for a, b in pairwise(widths)]
        self.activation, self.keep, self.generator = activation, 1 - dropout, generator
        place = generator.device
        self.weights = torch.nn.Parameter(torch.empty(sum(a * b for a, b in self.shapes), device=place))
        self.biases = torch.nn.Parameter(torch.empty(sum(b for b, _ in self.shapes), device=place))
        for weight, bias in self.layers(self.weights.detach(), self.biases.detach()):
            bound = 1 / math.sqrt(max(1, weight.shape[1]))
            weight.uniform_(-bound, bound, generator=generator)
            bias.uniform_(-bound, bound, generator=generator)

    def layers(self, weights: torch.Tensor, biases: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The flat tensors as one matrix and one vector a layer, sharing their memory."""
        found, at, along = [], 0, 0
        for b, a in self.shapes:
            found.append((weights[at : at + a * b].view(b, a), biases[along : along + b]))
            at, along = at + a * b, along + b
        return found

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        *hidden, (weight, bias) = self.layers(self.weights, self.biases)
        for w, b in hidden:
            x = BEND[self.activation](functional.linear(x, w, b))
            if self.training and self.keep < 1:
                x = x * self._mask(x)
        return self._shaped(functional.linear(x, weight, bias))

    def _mask(self, x: torch.Tensor) -> torch.Tensor:
        return torch.empty_like(x).bernoulli_(self.keep, generator=self.generator).div_(self.keep)

    def _shaped(self, out: torch.Tensor) -> torch.Tensor:
        return out[:, 0] if out.shape[1] == 1 else out

    def learn_from(self, x: torch.Tensor, y: torch.Tensor, squared: bool) -> torch.Tensor:
        """Set the gradients of the batch's mean loss; returns its summed loss. No autograd."""
        layers = self.layers(self.weights.detach(), self.biases.detach())
        if self.weights.grad is None or self.biases.grad is None:
            self.weights.grad = torch.empty_like(self.weights)
            self.biases.grad = torch.empty_like(self.biases)
        inputs, values, masks = [x], [], []
        for weight, bias in layers[:-1]:
            value = torch.addmm(bias, inputs[-1], weight.T)
            value = value.relu_() if self.activation == "relu" else BEND[self.activation](value)
            values.append(value)
            if self.keep < 1:
                masks.append(self._mask(value))
                value = value * masks[-1]
            inputs.append(value)
        out = torch.addmm(layers[-1][1], inputs[-1], layers[-1][0].T)
        loss, gradient = _squared(out, y) if squared else _cross_entropy(out, y)
        places = self.layers(self.weights.grad, self.biases.grad)
        for i in range(len(layers) - 1, -1, -1):
            torch.mm(gradient.T, inputs[i], out=places[i][0])
            torch.sum(gradient, 0, out=places[i][1])
            if i:
                gradient = torch.mm(gradient, layers[i][0])
                if self.keep < 1:
                    gradient.mul_(masks[i - 1])
                gradient = UNBEND[self.activation](gradient, values[i - 1])
        return loss

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """By layer: "0.weight", "0.bias", "1.weight", ..."""
        found = {}
        for i, (weight, bias) in enumerate(self.layers(self.weights.detach(), self.biases.detach())):
            found[f"{i}.weight"], found[f"{i}.bias"] = weight, bias
        return found

    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        for name, value in self.state_dict().items():
            value.copy_(state_dict[name])


def _squared(out: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    away = out[:, 0] - y
    return torch.dot(away, away), away.mul(2 / len(y))[:, None]


def _cross_entropy(out: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    logs = torch.log_softmax(out, 1)
    loss = functional.nll_loss(logs, y, reduction="sum")
    gradient = logs.exp_()
    gradient.scatter_add_(1, y[:, None], torch.full_like(gradient[:, :1], -1))
    return loss, gradient.div_(len(y))
