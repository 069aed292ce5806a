"""Linear regression: least squares exactly, or by gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from core.contracts import Fitted, Json, Task, TrainingData, Watch
from core.errors import BadInput
from core.models.inference import Errors, infer
from core.models.least_squares import Solution, solve
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
from core.wording import note


@dataclass(frozen=True)
class LinearFit:
    """A fitted line: predictions are intercept + x @ weights."""

    weights: np.ndarray  # [p]
    intercept: float
    said: dict[str, Json]
    inference: Coefficients | None = None

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x @ self.weights + self.intercept)

    def tensors(self) -> dict[str, np.ndarray]:
        return {"weights": self.weights, "intercept": np.array([self.intercept])}

    def facts(self) -> dict[str, Json]:
        return self.said

    def coefficients(self) -> Coefficients:
        if self.inference is not None:
            return self.inference
        values = np.concatenate([[self.intercept], self.weights])[None]
        return Coefficients(values, np.zeros(values.shape[1], dtype=bool), None, intercept=True)


class LinearRegression(WeightedSum):
    """A number as a weighted sum of the features, with the uncertainty of each weight."""

    title = "Linear regression"
    tasks: ClassVar[tuple[Task, ...]] = ("number",)

    errors: Errors = "classical"
    learning_rate: Rate = 0.1
    epochs: Epochs = 200

    def fit(self, data: TrainingData, seed: int, watch: Watch, checkpoint: Path | None = None) -> Fitted:
        x, y = data.train.x, data.train.y
        if data.task != "number":
            raise BadInput(
                "Linear regression predicts numbers, not categories.", hint="Use logistic regression."
            )
        if len(y) and y.min() == y.max():
            raise BadInput("The target has the same value on all training rows: there is nothing to learn.")
        exact = solve(x, y, self.intercept, self.l2 * len(y), watch)
        if self.solver == "descent":
            return self._descend(data, seed, watch, checkpoint, exact)
        return self._exact(data, exact, watch)

    def _exact(self, data: TrainingData, found: Solution, watch: Watch) -> LinearFit:
        full, aliased = _with_intercept(found, self.intercept)
        root = vif = None
        told: dict[str, Json] = {}
        warnings = list(collinear(data.features, aliased[1:]))
        warnings += unreliable(found.condition)
        if found.df <= 0:
            warnings.append(
                note(
                    "There are as many coefficients ({count}) as training rows ({rows}): the fit is exact "
                    "there and says nothing about new rows. Use an L2 penalty or fewer features.",
                    count=len(found.kept),
                    rows=len(data.train.y),
                )
            )
        elif self.l2 > 0:
            warnings.append(SHRUNK)
        else:
            known = infer(data.train, found, self.intercept, self.errors, watch)
            first = 1 - self.intercept
            root = np.vstack([np.zeros((first, known.root.shape[1])), known.root])
            vif = np.concatenate([np.full(first, np.nan), known.vif])
            told = {"errors": self.errors, "statistics": known.statistics, "pulling": known.pulling}
            warnings += known.warnings
        facts: dict[str, Json] = {
            "solver": "exact",
            "method": "least squares by QR factorisation",
            "device": "CPU",
            "state": "finished",
            "condition": found.condition if np.isfinite(found.condition) else None,
            "residual_sum_of_squares": found.rss,
            "degrees_of_freedom": found.df,
            "warnings": warnings,
            **told,
        }
        inference = Coefficients(full[None], aliased, root, intercept=self.intercept, vif=vif)
        return LinearFit(full[1:], float(full[0]), facts, inference)

    def _descend(
        self, data: TrainingData, seed: int, watch: Watch, checkpoint: Path | None, exact: Solution
    ) -> LinearFit:
        import torch

        from core.training.device import choose
        from core.training.loop import Plan, Rows, descend

        x, y = data.train.x, data.train.y
        device = choose()
        shift = float(y.mean()) if self.intercept else 0.0
        scale = float(np.sqrt(np.mean((y - shift) ** 2)))
        net = torch.nn.Sequential(
            torch.nn.Linear(x.shape[1], 1, bias=self.intercept, dtype=torch.float64), torch.nn.Flatten(0)
        ).to(device)
        for value in net.parameters():
            torch.nn.init.zeros_(value)

        def rows(a: np.ndarray, b: np.ndarray) -> Any:
            target = torch.from_numpy((b - shift) / scale).to(device)
            return Rows(torch.from_numpy(np.ascontiguousarray(a)).to(device), target)

        plan = Plan(
            "squared", self.epochs, self.batch_size, self.learning_rate, l2=self.l2, seed=seed, keep="last",
            metric_name="RMSE", metric_scale=scale,
        )  # fmt: skip
        generator = torch.Generator(device).manual_seed(seed)
        valid = rows(data.valid.x, data.valid.y) if data.valid is not None and len(data.valid.y) else None
        outcome = descend(net, rows(x, y), valid, plan, generator, watch, checkpoint)
        weights = outcome.weights["0.weight"].cpu().numpy()[0] * scale
        constant = float(outcome.weights["0.bias"][0]) * scale + shift if self.intercept else 0.0
        facts = {**outcome.facts, "solver": "descent", "history": outcome.history}
        full, _ = _with_intercept(exact, self.intercept)
        warnings = list(outcome.warnings)
        if outcome.state == "diverged":
            suggested = 0.9 / stable_rate(x, self.intercept)
            facts["suggested_learning_rate"] = suggested
            warnings = [
                note(
                    "The loss grew without bound: each step overshot. "
                    "For these features a rate below {rate:.2g} converges.",
                    rate=suggested,
                )
            ]
        else:
            facts.update(self._distance(np.concatenate([[constant], weights]), full, exact))
        facts["warnings"] = warnings
        return LinearFit(weights, constant, facts, Coefficients(
            np.concatenate([[constant], weights])[None], np.zeros(len(full), dtype=bool), None,
            intercept=self.intercept,
        ))  # fmt: skip

    def _distance(self, here: np.ndarray, best: np.ndarray, exact: Solution) -> dict[str, Json]:
        """How far descent still is from the exact answer, in standard errors of the latter."""
        if exact.df <= 0 or len(exact.kept) < exact.root.shape[0] or exact.rss <= 0:
            return {}
        errors = np.sqrt((exact.root**2).sum(axis=1) * exact.rss / exact.df)
        away = np.abs(here - best)[1 - self.intercept :] / errors
        return {"distance_to_exact": float(away.max())}

    def load(self, tensors: Mapping[str, np.ndarray], facts: Mapping[str, Json]) -> Fitted:
        return LinearFit(tensors["weights"], float(tensors["intercept"][0]), dict(facts))


def _with_intercept(found: Solution, intercept: bool) -> tuple[np.ndarray, np.ndarray]:
    """[1 + p] coefficients and which are aliased; without an intercept it is 0."""
    aliased = np.ones(len(found.b), dtype=bool)
    aliased[found.kept] = False
    if intercept:
        return found.b, aliased
    return np.concatenate([[0.0], found.b]), np.concatenate([[False], aliased])
