"""Runs for the pages about models, fitted as a job fits them, on tables small enough to be quick."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from core import tasks
from core.contracts import Recorded
from core.jobs.work import Work
from core.store import LOCAL, Run, Version
from tests.pages.conftest import HOSTILE, Screen


def flats(rows: int = 120, size: str = "size") -> pa.Table:
    """Flats whose rent is 100 + 12 * size (and 150 more in the south), give or take ten."""
    chance = np.random.default_rng(5)
    area = chance.uniform(20, 120, rows).round(1)
    south = chance.random(rows) < 0.4
    rent = 100 + 12 * area + 150 * south + chance.normal(0, 10, rows)
    gone = np.arange(rows) % 17 == 3
    return pa.table(
        {
            size: pa.array(area, mask=gone),
            "side": np.where(south, "south", "north"),
            "rooms": (area // 25 + 1).astype(int),
            "rent": rent,
            "dear": np.where(rent > 1000, f"yes {HOSTILE}" if size == HOSTILE else "yes", "no"),
        }
    )


def fit(screen: Screen, version: Version, name: str = "", **spec: Any) -> Run:
    """A finished run on a version; `model` is the kind, or the model's JSON."""
    model = spec.pop("model", "linear_regression")
    spec["model"] = {"kind": model} if isinstance(model, str) else model
    run = screen.store.add(Run(owner=LOCAL, version=version.id, name=name, spec=spec))
    do(screen, "fit", run=run.id)
    return screen.store.get(Run, run.id, LOCAL)


def clean(screen: Screen, version: Version, *steps: dict[str, Any]) -> Version:
    """The next version, made by a recipe of these steps."""
    made = do(screen, "materialise", version=version.id, recipe=list(steps))
    return screen.store.get(Version, str(made["version"]), LOCAL)


def do(screen: Screen, task: str, **params: Any) -> dict[str, Any]:
    scratch = screen.store.home / "scratch" / "test"
    scratch.mkdir(parents=True, exist_ok=True)
    work = Work(
        store=screen.store, owner=LOCAL, params=params, watch=Recorded(), scratch=scratch, job="jb_test"
    )  # fmt: skip
    return tasks.TASKS[task](work)
