"""What happened epoch by epoch: the only log of a descent; curves and early stopping read it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from core.contracts import Json, Watch

REPORTS_A_SECOND = 4
POINTS = 500  # kept in a run: more cannot be seen in a curve


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows. Losses are means a row; None where there are no such rows."""

    epoch: int
    train_loss: float
    valid_loss: float | None = None
    metric: float | None = None

    @property
    def watched(self) -> float:
        """The loss that says which epoch was best."""
        return self.train_loss if self.valid_loss is None else self.valid_loss


@dataclass
class History:
    """The epochs so far, and their reports: a few a second, the first and last never left out."""

    epochs: int
    metric_name: str
    watch: Watch
    rows: list[Epoch] = field(default_factory=list)
    best: Epoch | None = None
    _started: float = field(default_factory=time.monotonic)
    _told: tuple[int, float] = (0, -math.inf)
    _before: int = 0  # epochs done before this start, by an earlier process

    def go_on_from(self, rows: list[Epoch], best: Epoch | None) -> None:
        self.rows, self.best, self._before = rows, best, len(rows)

    def add(self, row: Epoch) -> bool:
        """Note an epoch; True when it is the best so far."""
        self.rows.append(row)
        now = time.monotonic()
        if now - self._told[1] >= 1 / REPORTS_A_SECOND:
            self._report(row, now)
        better = math.isfinite(row.watched) and (self.best is None or row.watched < self.best.watched)
        if better:
            self.best = row
        return better

    def close(self) -> None:
        """Report the last epoch, if that was not done yet."""
        if self.rows and self._told[0] != self.rows[-1].epoch:
            self._report(self.rows[-1], time.monotonic())

    def _report(self, row: Epoch, now: float) -> None:
        self._told = (row.epoch, now)
        rate = (len(self.rows) - self._before) / max(now - self._started, 1e-9)
        self.watch.report(
            "epoch",
            epoch=row.epoch,
            epochs=self.epochs,
            train_loss=_finite(row.train_loss),
            valid_loss=_finite(row.valid_loss),
            metric_name=self.metric_name,
            metric=_finite(row.metric),
            rate=rate,
            left=(self.epochs - row.epoch) / rate,
        )
        self.watch.progress(0.1 + 0.8 * row.epoch / self.epochs, f"Epoch {row.epoch} of {self.epochs}")

    def to_json(self) -> list[dict[str, Json]]:
        """The curve: every epoch, or evenly chosen ones with the first, the best and the last."""
        step = max(1, math.ceil(len(self.rows) / POINTS))
        best = self.best.epoch if self.best else None
        last = self.rows[-1].epoch if self.rows else None
        return [
            {
                "epoch": row.epoch,
                "train_loss": _finite(row.train_loss),
                "valid_loss": _finite(row.valid_loss),
                "metric": _finite(row.metric),
            }
            for i, row in enumerate(self.rows)
            if i % step == 0 or row.epoch in (best, last)
        ]


def _finite(value: float | None) -> float | None:
    """JSON has no infinity: a loss that is none is shown as missing."""
    return value if value is not None and math.isfinite(value) else None
