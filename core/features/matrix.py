"""The rows of a table as matrices, streamed from the engine into arrays made beforehand."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlglot import exp

from core import sql
from core.contracts import Engine, Matrix, Table, Task, Watch
from core.errors import Cancelled, LimitReached
from core.features.codes import Counts
from core.features.encoding import Encoding
from core.features.split import PART, Division


@dataclass(frozen=True)
class Matrices:
    """Training, validation and test rows, encoded; validation and test may have no rows."""

    train: Matrix
    valid: Matrix
    test: Matrix
    counts: Counts
    unknown_class: int  # rows of validation and test whose class the training rows do not have


def read(
    table: Table,
    engine: Engine,
    division: Division,
    encoding: Encoding,
    target: str,
    task: Task,
    classes: Sequence[str],
    watch: Watch,
) -> Matrices:
    """Encode all usable rows, in the table's order; LimitReached before it starts when they cannot fit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    width = len(encoding.names)
    check_memory(sum(division.rows), width)
    kind = np.float64 if task == "number" else np.int64
    x = [np.empty((rows, width)) for rows in division.rows]
    y = [np.empty(rows, dtype=kind) for rows in division.rows]
    order = [np.empty(rows, dtype=np.int64) for rows in division.rows]
    at = [0, 0, 0]
    counts = Counts()
    labels = pa.array(list(classes), pa.string())
    total = max(1, sum(division.rows))
    for batch in engine.batches(_query(table, division, encoding, target, task)):
        if watch.stopped():
            raise Cancelled()
        part = batch.column("p").to_numpy(zero_copy_only=False)
        block = encoding.transform(batch, counts)
        if task == "number":
            values = batch.column("y").to_numpy(zero_copy_only=False)
        else:
            values = (
                pc.index_in(batch.column("y"), value_set=labels).fill_null(-1).to_numpy(zero_copy_only=False)
            )
        rows = batch.column("r").to_numpy(zero_copy_only=False)
        for k in range(3):
            here = part == k
            size = int(here.sum())
            place = slice(at[k], at[k] + size)
            x[k][place], y[k][place], order[k][place] = block[here], values[here], rows[here]
            at[k] += size
        watch.progress(0.1 * sum(at) / total, "Reading the rows")
    ready = [_in_order(*triple) for triple in zip(x, y, order, strict=True)]
    unknown = 0
    if task == "category":
        for k in (1, 2):
            known = ready[k].y >= 0
            unknown += int((~known).sum())
            if not known.all():
                ready[k] = ready[k].only(known)
    return Matrices(ready[0], ready[1], ready[2], counts, unknown)


def _query(table: Table, division: Division, encoding: Encoding, target: str, task: Task) -> exp.Select:
    kind = "CAST(:y AS DOUBLE)" if task == "number" else "CAST(:y AS VARCHAR)"
    chosen = {
        **encoding.expressions(table.columns),
        "y": sql.template(kind, y=sql.name(target)),
        "p": sql.name(PART),
        "r": sql.name(sql.ROW),
    }
    return exp.select(*(exp.alias_(node, alias) for alias, node in chosen.items())).from_(
        division.relation(table).subquery("d")
    )


def _in_order(x: np.ndarray, y: np.ndarray, order: np.ndarray) -> Matrix:
    # the engine keeps the order of plain reads; anything else is put right here, so that fits repeat
    if len(order) > 1 and not (order[1:] > order[:-1]).all():
        place = np.argsort(order, kind="stable")
        x, y, order = x[place], y[place], order[place]
    return Matrix(x, y, order)


def check_memory(rows: int, width: int) -> None:
    """Refuse a matrix that would not fit: its own bytes, a copy in the trainer, and what works on it."""
    needed = rows * (width * 8 * 2.2 + 64)
    free = available_memory()
    if needed > 0.9 * free:
        raise LimitReached(
            "{rows} rows with {width} encoded columns need about {needed} of memory; free: {free}.",
            hint="Use fewer features, sample the rows first, or make more memory available.",
            rows=f"{rows:,}",
            width=f"{width:,}",
            needed=_size(needed),
            free=_size(free),
        )


def available_memory() -> float:
    """Bytes that this process may still take: what the machine has free, or less when it is limited."""
    free = float("inf")
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = float(line.split()[1]) * 1024
    limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
    if limit != resource.RLIM_INFINITY:
        used = Path("/proc/self/status")
        held = 0.0
        if used.exists():
            for line in used.read_text().splitlines():
                if line.startswith("VmData:"):
                    held = float(line.split()[1]) * 1024
        free = min(free, limit - held)
    return max(0.0, free)


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"
