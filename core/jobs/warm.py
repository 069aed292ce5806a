"""The heavy imports, made once before jobs are forked, so that no job waits for them."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import logging
import os
from pathlib import Path

from core import sql
from core.jobs.child import tasks

MODULES = (
    *("numpy", "pyarrow.parquet", "pyarrow.compute", "duckdb", "safetensors.numpy"),
    *("torch", "torch._dynamo", "sklearn.linear_model", "sklearn.metrics", "scipy.stats", "scipy.optimize"),
)


def load() -> None:
    """Import what jobs use, take one step of Adam, and put all of it out of the collector's reach."""
    tasks()
    for module in MODULES:
        if importlib.util.find_spec(module.partition(".")[0]) is not None:
            importlib.import_module(module)
    sql.text(sql.template("coalesce(:x, 0)", x=1))  # sqlglot builds its tables on first use
    _first_step()
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared with every child
    if odd := _threads() - {"jemalloc_bg_thd"}:  # jemalloc minds forks itself
        logging.getLogger(__name__).warning("threads that no fork carries over: %s", ", ".join(sorted(odd)))


def _threads() -> set[str]:
    """The names of this process's threads but the first, where the system tells."""
    folder = Path("/proc/self/task")
    others = (place for place in folder.glob("*") if place.name != str(os.getpid()))
    return {(place / "comm").read_text().strip() for place in others}


def _first_step() -> None:
    """Adam's first step imports nearly as much as torch itself.

    Never with a CUDA build: a step asks the driver for devices, and a driver that was opened
    before a fork is useless in every child.
    """
    import torch

    torch.set_num_threads(1)
    if torch.version.cuda or torch.version.hip:
        return
    layer = torch.nn.Linear(2, 1)
    descent = torch.optim.Adam(layer.parameters())
    layer(torch.zeros(2, 2)).sum().backward()
    descent.step()


def wanted() -> bool:
    """SIGHTLINE_PRELOAD=0 leaves it out: short-lived stores, as tests have them."""
    return os.environ.get("SIGHTLINE_PRELOAD", "1") != "0"
