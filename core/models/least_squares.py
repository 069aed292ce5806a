"""Least squares by orthogonal factorisation, in one pass over the rows and the memory of a triangle.

The triangle R of a QR factorisation is built block by block (TSQR); it is all that inference needs.
No normal equations: those would square the condition number and halve the digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.contracts import Watch
from core.errors import Cancelled

ALIASED = 1e-11  # what is left of a column beside the earlier ones, relative to it


@dataclass(frozen=True)
class Solution:
    """Coefficients (intercept first, when there is one; 0 where aliased) and what they rest on."""

    b: np.ndarray  # [m]
    root: np.ndarray  # [m, kept]: the covariance of b is root @ root.T * variance
    kept: np.ndarray  # [kept] the columns that are no combination of earlier ones
    rss: float
    df: int  # rows less the columns kept
    condition: float
    spread: np.ndarray  # [kept] sum of squares of each column, about its mean when there is an intercept
    total: float  # the same of y


def design(x: np.ndarray, intercept: bool) -> Iterator[tuple[slice, np.ndarray]]:
    """The matrix in blocks of rows, the column of ones first."""
    columns = x.shape[1] + intercept
    size = max(4 * columns, 2**20 // max(1, columns), 1)
    for start in range(0, len(x), size):
        rows = slice(start, min(start + size, len(x)))
        block = x[rows]
        yield rows, np.column_stack([np.ones(len(block)), block]) if intercept else block


def triangle(x: np.ndarray, intercept: bool, y: np.ndarray | None, watch: Watch) -> np.ndarray:
    """R of the QR factorisation of [1 x y]."""
    done = np.empty((0, x.shape[1] + intercept + (y is not None)))
    for rows, block in design(x, intercept):
        if watch.stopped():
            raise Cancelled()
        full = block if y is None else np.column_stack([block, y[rows]])
        done = folded(done, full)
        watch.progress(0.1 + 0.7 * rows.stop / len(x), "Least squares")
    if done.shape[0] < done.shape[1]:  # fewer rows than columns
        done = np.vstack([done, np.zeros((done.shape[1] - done.shape[0], done.shape[1]))])
    return done


def folded(done: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The triangle of the rows seen so far and of these."""
    from scipy.linalg import qr

    made = qr(np.vstack([done, rows]), mode="r", overwrite_a=True, check_finite=False)[0]
    return np.asarray(made[: min(made.shape)])


def independent(r: np.ndarray) -> np.ndarray:
    """The columns of a triangle that are no combination of earlier ones, in order."""
    norms = np.sqrt((r**2).sum(axis=0))
    if (np.abs(np.diag(r)) > ALIASED * np.maximum(norms, np.finfo(float).tiny)).all():
        return np.arange(r.shape[1])
    work, kept, top = r[np.abs(r).max(axis=1) > 0], [], 0
    for j in range(r.shape[1]):
        rest = work[top:, j]
        size = float(np.linalg.norm(rest))
        if top >= len(work) or size <= ALIASED * norms[j] or norms[j] == 0:
            continue
        # a Householder reflection turns what is left of the column into one number
        v = rest.copy()
        v[0] += np.copysign(size, v[0])
        v /= np.linalg.norm(v)
        work[top:, j:] -= 2 * np.outer(v, v @ work[top:, j:])
        kept.append(j)
        top += 1
    return np.array(kept, dtype=np.int64)


def condition(r: np.ndarray) -> float:
    """An estimate of the condition number of the columns, each scaled to length one."""
    from scipy.linalg.lapack import dtrcon

    if not len(r):
        return 1.0
    scaled = r / np.sqrt((r**2).sum(axis=0))
    reciprocal, _ = dtrcon(scaled, norm="1", uplo="U", diag="N")
    return 1 / reciprocal if reciprocal > 0 else float("inf")


def solve(x: np.ndarray, y: np.ndarray, intercept: bool, ridge: float, watch: Watch) -> Solution:
    """Minimise the sum of squared residuals + ridge x the sum of squared coefficients but the intercept."""
    from scipy.linalg import qr, solve_triangular

    m = x.shape[1] + intercept
    full = triangle(x, intercept, y, watch)
    if ridge > 0:
        penalty = np.eye(m, m + 1) * np.sqrt(ridge)
        full = qr(np.vstack([full, penalty[int(intercept) :]]), mode="r")[0][: m + 1]
    kept = independent(full[:m, :m])
    if len(kept) < m:
        full = qr(full[:, [*kept, m]], mode="r")[0]
    k = len(kept)
    r, c = full[:k, :k], full[:k, k]
    about = (full[int(intercept) : k + 1] ** 2).sum(axis=0)  # the first row holds the means
    b = np.zeros(m)
    b[kept] = solve_triangular(r, c)
    for step in range(2):
        # one step of refinement: what the residuals still hold of the columns, solved by the same triangle
        gradient, rss = _residuals(x, y, intercept, b, watch)
        gradient = gradient[kept] - ridge * np.where(kept >= intercept, b[kept], 0.0)
        if step:
            break
        move = solve_triangular(r, solve_triangular(r, gradient, trans="T"))
        if not np.isfinite(move).all() or np.abs(move).max(initial=0) > 0.1 * np.abs(b).max(initial=0):
            break  # the triangle is too ill-conditioned to refine by
        b[kept] = b[kept] + move
    inverse = np.zeros((m, len(kept)))
    inverse[kept] = solve_triangular(r, np.eye(len(kept)))
    return Solution(b, inverse, kept, rss, len(x) - k, condition(r), about[:k], float(about[k]))


def _residuals(
    x: np.ndarray, y: np.ndarray, intercept: bool, b: np.ndarray, watch: Watch
) -> tuple[np.ndarray, float]:
    """The columns times the residuals, and the residuals' sum of squares; with extra digits when small."""
    exact = x.size <= 1_000_000
    kind = np.longdouble if exact else np.float64
    gradient, rss = np.zeros(len(b), dtype=kind), kind(0)
    for rows, block in design(x, intercept):
        if watch.stopped():
            raise Cancelled()
        wide = block.astype(kind) if exact else block
        residual = y[rows] - wide @ b.astype(kind)
        gradient = gradient + wide.T @ residual
        rss = rss + residual @ residual
    return np.asarray(gradient, dtype=np.float64), float(rss)
