"""What linear models share: parameters, coefficients with their covariance, and their wording."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, runtime_checkable

import numpy as np
from pydantic import Field as P

from core.contracts import Layout, Model
from core.params import Number
from core.wording import Note, few, note

SHRUNK = note("With an L2 penalty the coefficients are shrunk on purpose: no standard errors.")
Solver = Annotated[
    Literal["exact", "descent"],
    P(
        title="Solver",
        description="Exact finds the one best answer directly. Descent walks towards it in small steps.",
    ),
]
Intercept = Annotated[
    bool,
    P(
        title="Intercept",
        description="Whether there is a constant term; without it all zeros predict zero.",
    ),
]
L2 = Annotated[
    float,
    Number(0, 10, log=True, zero="none"),
    P(
        ge=0,
        title="L2 penalty",
        description="Added to the mean loss: this times the sum of the squared coefficients of the "
        "standardised features, the intercept left free. 0 is none.",
    ),
]
Rate = Annotated[
    float,
    Number(1e-5, 10, log=True),
    P(gt=0, title="Learning rate", description="The size of each step of descent."),
]
Epochs = Annotated[
    int,
    Number(1, 2_000, log=True),
    P(
        ge=1,
        le=1_000_000,
        title="Epochs",
        description="How many times descent goes through all training rows.",
    ),
]
BatchSize = Annotated[
    int,
    Number(0, 8_192, log=True, zero="all rows"),
    P(ge=0, title="Batch size", description="Rows in each step of descent; 0 takes all rows at once."),
]


class WeightedSum(Model):
    """What linear and logistic regression have in common: their parameters, and when they set rows aside."""

    solver: Solver = "exact"
    intercept: Intercept = True
    l2: L2 = 0.0
    learning_rate: Rate = 0.1
    epochs: Epochs = 200
    batch_size: BatchSize = 0

    def layout(self) -> Layout:
        return Layout(centred=self.intercept)

    def wants_validation(self) -> bool:
        return self.solver == "descent"  # for its curve; the exact solver learns from all rows


@dataclass(frozen=True)
class Coefficients:
    """Coefficients on the encoded features: [outputs, 1 + p], the intercept first."""

    values: np.ndarray
    aliased: np.ndarray  # [1 + p] columns that are combinations of earlier ones
    root: (
        np.ndarray | None
    )  # [outputs * (1 + p), k]: the covariance is root @ root.T; None: no standard errors
    outputs: tuple[str, ...] = ("",)  # the class each row of values is about
    intercept: bool = True
    loose: np.ndarray | None = None  # [outputs, 1 + p] values that are merely large: no standard errors
    vif: np.ndarray | None = None  # [1 + p] variance inflation factors; nan where there is none


@runtime_checkable
class WithCoefficients(Protocol):
    """A fitted model that can say its coefficients."""

    def coefficients(self) -> Coefficients: ...


def collinear(names: Sequence[str], aliased: np.ndarray) -> tuple[Note, ...]:
    """What to say about columns that are combinations of others."""
    hit = [name for name, is_aliased in zip(names, aliased, strict=True) if is_aliased]
    if not hit:
        return ()
    said = "These are combinations of earlier features and were left out: {names}."
    return (note(said, names=few(hit)),)


def unreliable(condition: float, enough: int = 8, squared: bool = False) -> tuple[Note, ...]:
    """A warning when the features are so nearly collinear that digits are lost.

    A Hessian has the condition number `squared`; fewer digits are then `enough`.
    """
    lost = math.log10(max(condition, 1.0)) * (2 if squared else 1)
    digits = max(0, math.floor(16 - lost))
    if digits > enough:
        return ()
    return (
        note(
            "The features are almost collinear (condition number {condition:.1e}): about {digits} digits of "
            "the coefficients can be trusted. Leave out some features, or use an L2 penalty.",
            condition=condition,
            digits=digits,
        ),
    )


def stable_rate(x: np.ndarray, intercept: bool) -> float:
    """The largest eigenvalue of the mean outer product of the rows: steepness of the squared error."""
    some = x[:: max(1, len(x) // 20_000)]
    wide = np.column_stack([np.ones(len(some)), some]) if intercept else some
    vector = np.full(wide.shape[1], 1 / math.sqrt(max(1, wide.shape[1])))
    size = 1.0
    for _ in range(50):  # power iteration
        vector = wide.T @ (wide @ vector) / len(wide)
        size = float(np.linalg.norm(vector))
        if size == 0 or not math.isfinite(size):
            return 1.0
        vector /= size
    return size
