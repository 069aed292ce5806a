"""Maximum likelihood for two or more classes by Newton's method, with step halving.

The first class is the one the others are compared with: its coefficients are 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import Watch
from core.errors import Cancelled
from core.models.least_squares import condition, design, independent, triangle

LARGE = 1_500  # coefficients beyond which a Hessian is too much: quasi-Newton, no standard errors
FAR = 15.0  # a coefficient of standardised features that is this large and still moving is suspect
TESTED = 400_000  # cells of the linear programme that is still solved within seconds


@dataclass(frozen=True)
class Likelihood:
    """Coefficients [classes - 1, m] (0 where aliased) and what they rest on."""

    b: np.ndarray
    root: np.ndarray | None  # [(classes - 1) * m, k]: covariance = root @ root.T
    kept: np.ndarray
    loss: float  # mean cross-entropy a row, penalty left out
    iterations: int
    converged: bool
    separated: str  # "", "proven" or "likely"
    loose: np.ndarray  # [classes - 1, m] coefficients without a finite best value, when separated
    condition: float


@dataclass(frozen=True)
class _Problem:
    x: np.ndarray
    y: np.ndarray
    classes: int
    intercept: bool
    kept: np.ndarray
    penalty: np.ndarray  # [kept] added to the diagonal of the Hessian
    watch: Watch

    def at(self, b: np.ndarray, hessian: bool) -> tuple[float, np.ndarray, np.ndarray | None]:
        """Summed loss with penalty, its gradient [outputs * m] and its Hessian, in one pass."""
        outputs, m = b.shape
        total, gradient = 0.0, np.zeros((outputs, m))
        second = np.zeros((outputs, m, outputs, m)) if hessian else None
        for rows, block in design(self.x, self.intercept):
            if self.watch.stopped():
                raise Cancelled()
            wide = block[:, self.kept]
            p, losses = probabilities(wide @ b.T, self.y[rows])
            total += losses
            away = p[:, 1:].copy()
            own = self.y[rows] > 0
            away[np.flatnonzero(own), self.y[rows][own] - 1] -= 1.0
            gradient += away.T @ wide
            if second is not None:
                _add_hessian(second, wide, p[:, 1:])
        total += 0.5 * float((self.penalty * b**2).sum())
        gradient += self.penalty * b
        flat = None
        if second is not None:
            flat = second.reshape(outputs * m, outputs * m)
            flat[np.diag_indices(outputs * m)] += np.tile(self.penalty, outputs)
        return total, gradient.ravel(), flat


def probabilities(scores: np.ndarray, y: np.ndarray | None = None) -> tuple[np.ndarray, float]:
    """Softmax with the first class's score 0: [n, classes], and the summed cross-entropy of `y`."""
    full = np.column_stack([np.zeros(len(scores)), scores])
    full -= full.max(axis=1, keepdims=True)
    p = np.exp(full)
    norm = p.sum(axis=1, keepdims=True)
    p /= norm
    loss = 0.0 if y is None else float((np.log(norm[:, 0]) - full[np.arange(len(y)), y]).sum())
    return p, loss


def _add_hessian(second: np.ndarray, wide: np.ndarray, p: np.ndarray) -> None:
    for a in range(p.shape[1]):
        for b in range(a + 1):
            weight = p[:, a] * ((a == b) - p[:, b])
            part = wide.T @ (wide * weight[:, None])
            second[a, :, b, :] += part
            if a != b:
                second[b, :, a, :] += part


def maximise(
    x: np.ndarray, y: np.ndarray, classes: int, intercept: bool, ridge: float, watch: Watch
) -> Likelihood:
    """Minimise the summed cross-entropy + ridge x the sum of squared coefficients but the intercepts."""
    r = triangle(x, intercept, None, watch)
    m = r.shape[1]
    kept = np.arange(m) if ridge > 0 else independent(r)
    penalty = np.full(len(kept), 2 * ridge)
    penalty[kept < int(intercept)] = 0.0
    problem = _Problem(x, y, classes, intercept, kept, penalty, watch)
    outputs = classes - 1
    start = np.zeros((outputs, len(kept)))
    if outputs * len(kept) > LARGE:
        search = _Search(*_quasi_newton(problem, start))
    else:
        search = _newton(problem, start)
    b, root = search.b, search.root
    full = np.zeros((outputs, m))
    full[:, kept] = b
    wide = None
    if root is not None:
        spread = np.zeros((outputs, m, root.shape[1]))
        spread[:, kept] = root.reshape(outputs, len(kept), -1)
        wide = spread.reshape(outputs * m, -1)
    loss = (problem.at(b, hessian=False)[0] - 0.5 * float((penalty * b**2).sum())) / len(y)
    size = condition(r[: len(kept)][:, kept]) if len(kept) == m and ridge == 0 else 1.0
    loose = np.zeros((outputs, m), dtype=bool)
    if search.loose is not None:
        loose[:, kept] = search.loose
    return Likelihood(full, wide, kept, loss, search.steps, search.converged, search.separated, loose, size)


@dataclass(frozen=True)
class _Search:
    """Where Newton's method ended; `loose` marks coefficients that have no finite best value."""

    b: np.ndarray
    steps: int
    converged: bool
    separated: str = ""
    root: np.ndarray | None = None
    loose: np.ndarray | None = None


def _newton(problem: _Problem, b: np.ndarray) -> _Search:
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    loss, gradient, hessian = problem.at(b, hessian=True)
    separated, asked = "", False
    for step in range(1, 101):
        problem.watch.progress(None, f"Newton step {step}")
        try:
            factor = cho_factor(hessian, lower=True)
        except LinAlgError:
            return _Search(b, step, False, separated or _separated(problem, b))
        move = -cho_solve(factor, gradient).reshape(b.shape)
        share = 1.0
        while True:
            trial = b + share * move
            new = problem.at(trial, hessian=True)
            # a tie within rounding is no worse: the last steps change the loss below its last digit
            if new[0] <= loss + 1e-12 * abs(loss) or share < 1e-10:
                break
            share /= 2
        b, (loss, gradient, hessian) = trial, new
        moved = np.abs(share * move)
        settled = 1e-10 * (1 + np.abs(b))
        if (moved <= settled).all():
            return _Search(b, step, True, "", _root(hessian))
        far = (moved > 0.1) & (np.abs(b) > FAR)
        if (
            not asked
            and not problem.penalty.any()
            and (far.any() or loss < 1e-9 * len(problem.y))
            and step >= 12
        ):
            asked, separated = True, _separated(problem, b)
        if separated and (
            step >= 30 or loss < 1e-9 * len(problem.y) or (moved <= settled)[moved < 0.1].all()
        ):
            # the other coefficients have settled: their errors are those of the model without the loose ones
            loose = moved > 0.1
            return _Search(b, step, False, separated, None if loose.all() else _root(hessian), loose)
    return _Search(b, 100, False)


def _root(hessian: np.ndarray | None) -> np.ndarray | None:
    """What the covariance is the square of: the inverse of the Hessian's Cholesky factor, transposed."""
    from scipy.linalg import LinAlgError, cho_factor, solve_triangular

    try:
        lower = np.tril(cho_factor(hessian, lower=True)[0])
    except LinAlgError:
        return None
    return np.asarray(solve_triangular(lower, np.eye(len(lower)), lower=True).T)


def _separated(problem: _Problem, b: np.ndarray) -> str:
    """Whether some direction orders the classes without a mistake: then no finite best answer exists.

    The linear programme of Konis (2007): maximise the summed margins with all margins at least 0
    and all coefficients within [-1, 1]; separation is a positive maximum.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix

    outputs, m = b.shape
    n = len(problem.y)
    if n * outputs * m * (2 if outputs > 1 else 1) > TESTED:
        return "likely"
    wide = np.vstack([block[:, problem.kept] for _, block in design(problem.x, problem.intercept)])
    margins = []
    for other in range(problem.classes):
        rows = np.flatnonzero(problem.y != other)
        block = np.zeros((len(rows), outputs, m))
        own = problem.y[rows]
        has = np.flatnonzero(own > 0)
        block[has, own[has] - 1] += wide[rows[has]]
        if other > 0:
            block[:, other - 1] -= wide[rows]
        margins.append(block.reshape(len(rows), outputs * m))
    matrix = np.vstack(margins)
    found = linprog(
        -matrix.sum(axis=0),
        A_ub=-csr_matrix(matrix),
        b_ub=np.zeros(len(matrix)),
        bounds=(-1, 1),
        method="highs",
    )
    return "proven" if found.status == 0 and -found.fun > 1e-6 else ""


def _quasi_newton(problem: _Problem, b: np.ndarray) -> tuple[np.ndarray, int, bool]:
    from scipy.optimize import minimize

    count = len(problem.y)

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient, _ = problem.at(flat.reshape(b.shape), hessian=False)
        return loss / count, gradient / count

    found = minimize(
        objective,
        b.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 2_000, "gtol": 1e-8, "ftol": 1e-15},
    )
    return found.x.reshape(b.shape), int(found.nit), bool(found.success)
