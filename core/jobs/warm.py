"""The heavy imports, made once before jobs are forked, so that no job waits for them."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import logging
import os
from pathlib import Path

from core.jobs.child import tasks

MODULES = (
    *("numpy", "pyarrow.parquet", "pyarrow.compute", "duckdb", "sqlglot.optimizer", "safetensors.numpy"),
    *("torch", "torch._dynamo", "sklearn.linear_model", "sklearn.metrics", "scipy.stats", "scipy.optimize"),
)


def load() -> None:
    """Import what jobs use, take one step of Adam, and put all of it out of the collector's reach."""
    tasks()
    for module in MODULES:
        if importlib.util.find_spec(module.partition(".")[0]) is not None:
            importlib.import_module(module)
    _first_step()
    gc.collect()
    gc.freeze()  # pages that no collection touches stay shared with every child
    threads = len(list(Path("/proc/self/task").iterdir())) if Path("/proc/self/task").exists() else 1
    if threads > 1:
        logging.getLogger(__name__).warning("%d threads before the first fork", threads)


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
