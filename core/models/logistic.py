"""Logistic regression for two or more classes: maximum likelihood exactly, or by gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from core.contracts import Fitted, Json, Task, TrainingData, Watch
from core.errors import BadInput
from core.models.likelihood import LARGE, Likelihood, maximise, probabilities
from core.models.terms import (
    SHRUNK,
    Coefficients,
    Epochs,
    Rate,
    WeightedSum,
    collinear,
    stable_rate,
    unreliable,
)
from core.wording import Note, few, note


@dataclass(frozen=True)
class LogisticFit:
    """Fitted log-odds of each class against the first: intercept + x @ weights."""

    weights: np.ndarray  # [classes - 1, p]
    intercepts: np.ndarray  # [classes - 1]
    said: dict[str, Json]
    inference: Coefficients | None = None

    def predict(self, x: np.ndarray) -> np.ndarray:
        return probabilities(x @ self.weights.T + self.intercepts)[0]

    def tensors(self) -> dict[str, np.ndarray]:
        return {"weights": self.weights, "intercepts": self.intercepts}

    def facts(self) -> dict[str, Json]:
        return self.said

    def coefficients(self) -> Coefficients:
        if self.inference is not None:
            return self.inference
        values = np.column_stack([self.intercepts, self.weights])
        return Coefficients(values, np.zeros(values.shape[1], dtype=bool), None)


class LogisticRegression(WeightedSum):
    """The probability of each class from a weighted sum of the features."""

    title = "Logistic regression"
    tasks: ClassVar[tuple[Task, ...]] = ("category",)

    learning_rate: Rate = 0.5
    epochs: Epochs = 300

    def fit(self, data: TrainingData, seed: int, watch: Watch, checkpoint: Path | None = None) -> Fitted:
        if data.task != "category":
            raise BadInput(
                "Logistic regression predicts categories, not numbers.", hint="Use linear regression."
            )
        if len(np.unique(data.train.y)) < 2:
            raise BadInput("The target has the same value on all training rows: there is nothing to learn.")
        if self.solver == "descent":
            return self._descend(data, seed, watch, checkpoint)
        x, y = data.train.x, data.train.y
        found = maximise(x, y, len(data.classes), self.intercept, self.l2 * len(y), watch)
        return self._exact(data, found)

    def _exact(self, data: TrainingData, found: Likelihood) -> LogisticFit:
        values, aliased, root = _with_intercept(found, self.intercept)
        warnings = [
            *collinear(data.features, aliased[1:]),
            *unreliable(found.condition, enough=4, squared=True),
        ]
        if found.separated:
            warnings.append(self._separated(data, found))
        elif not found.converged:
            warnings.append(
                note("The search did not settle: read the coefficients with care, or use an L2 penalty.")
            )
        if self.l2 > 0:
            root = None
            warnings.append(SHRUNK)
        elif values.size > LARGE:
            warnings.append(
                note("{count:,} coefficients are too many for standard errors.", count=values.size)
            )
        facts: dict[str, Json] = {
            "solver": "exact",
            "method": "maximum likelihood by Newton's method",
            "device": "CPU",
            "state": "finished",
            "steps": found.iterations,
            "converged": found.converged,
            "separated": bool(found.separated),
            "log_likelihood": -found.loss * len(data.train.y),
            "warnings": warnings,
        }
        loose = found.loose if self.intercept else np.pad(found.loose, ((0, 0), (1, 0)))
        inference = Coefficients(values, aliased, root, data.classes[1:], self.intercept, loose)
        return LogisticFit(values[:, 1:], values[:, 0], facts, inference)

    def _separated(self, data: TrainingData, found: Likelihood) -> Note:
        names: list[str | Note] = [note("intercept")] if self.intercept else []
        names += data.features
        hit = [name for i, name in enumerate(names) if found.loose[:, i].any()]
        which = note("the features ({names})", names=few(hit)) if hit else note("the features")
        if found.separated == "proven":
            return note(
                "Some classes are separated by {which}: such coefficients have no finite best value; "
                "they are merely large here. Use an L2 penalty.",
                which=which,
            )
        return note(
            "Some classes seem to be separated by {which}: such coefficients have no finite best value; "
            "they are merely large here. Use an L2 penalty.",
            which=which,
        )

    def _descend(self, data: TrainingData, seed: int, watch: Watch, checkpoint: Path | None) -> LogisticFit:
        import torch

        from core.training.device import choose
        from core.training.loop import Plan, Rows, descend

        device = choose()
        outputs = len(data.classes) - 1
        net = torch.nn.Sequential(
            torch.nn.Linear(data.train.x.shape[1], outputs, bias=self.intercept, dtype=torch.float64),
            torch.nn.ConstantPad1d((1, 0), 0.0),  # the first class has the score 0
        ).to(device)
        for value in net.parameters():
            torch.nn.init.zeros_(value)

        def rows(a: np.ndarray, b: np.ndarray) -> Any:
            return Rows(torch.from_numpy(np.ascontiguousarray(a)).to(device), torch.from_numpy(b).to(device))

        plan = Plan(
            "cross_entropy", self.epochs, self.batch_size, self.learning_rate, l2=self.l2, seed=seed,
            keep="last", metric_name="accuracy",
        )  # fmt: skip
        generator = torch.Generator(device).manual_seed(seed)
        valid = rows(data.valid.x, data.valid.y) if data.valid is not None and len(data.valid.y) else None
        outcome = descend(net, rows(data.train.x, data.train.y), valid, plan, generator, watch, checkpoint)
        weights = outcome.weights["0.weight"].cpu().numpy()
        constant = outcome.weights["0.bias"].cpu().numpy() if self.intercept else np.zeros(outputs)
        warnings = list(outcome.warnings)
        facts = {**outcome.facts, "solver": "descent", "history": outcome.history}
        if outcome.state == "diverged":
            suggested = 0.9 * (8 if outputs == 1 else 4) / stable_rate(data.train.x, self.intercept)
            suggested = min(suggested, self.learning_rate / 2)
            facts["suggested_learning_rate"] = suggested
            warnings = [
                note(
                    "The loss grew without bound: each step overshot. Try a learning rate of {rate:.2g}.",
                    rate=suggested,
                )
            ]
        facts["warnings"] = warnings
        values = np.column_stack([constant, weights])
        inference = Coefficients(
            values, np.zeros(values.shape[1], dtype=bool), None, data.classes[1:], self.intercept
        )
        return LogisticFit(weights, constant, facts, inference)

    def load(self, tensors: Mapping[str, np.ndarray], facts: Mapping[str, Json]) -> Fitted:
        return LogisticFit(tensors["weights"], tensors["intercepts"], dict(facts))


def _with_intercept(found: Likelihood, intercept: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """[outputs, 1 + p] coefficients, which columns are aliased, and the root with rows for all of them."""
    outputs, m = found.b.shape
    aliased = np.ones(m, dtype=bool)
    aliased[found.kept] = False
    if intercept:
        return found.b, aliased, found.root
    values = np.column_stack([np.zeros(outputs), found.b])
    root = None
    if found.root is not None:
        root = np.zeros((outputs, m + 1, found.root.shape[1]))
        root[:, 1:] = found.root.reshape(outputs, m, -1)
        root = root.reshape(outputs * (m + 1), -1)
    return values, np.concatenate([[False], aliased]), root
