"""Tasks that misbehave on purpose; the supervisor under test loads them by SIGHTLINE_TASKS."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BadInput, Cancelled
from core.jobs.work import Work


def echo(work: Work) -> dict[str, Any]:
    work.watch.progress(0.5, "half way")
    work.watch.report("said", text=work.params.get("text"))
    work.watch.progress(1.0, "all of it")
    return {"params": work.params, "pid": os.getpid(), "nice": os.nice(0)}


def patient(work: Work) -> dict[str, Any]:
    """Works until it is asked to stop, as a good task does."""
    for step in range(100_000):
        if work.watch.stopped():
            raise Cancelled()
        work.watch.progress(None, f"step {step}")
        time.sleep(0.01)
    return {}


def best_so_far(work: Work) -> dict[str, Any]:
    """Keeps what it has when it is asked to stop, as a fit does."""
    work.watch.progress(0.1, "fitting")
    while not work.watch.stopped():
        time.sleep(0.01)
    return {"stopped": True}


def hashing(work: Work) -> dict[str, Any]:
    """Asks for a key whose file it cannot read."""
    from core import keys

    return {"check": keys.fingerprint(keys.key("people", make=True))}


def deaf(work: Work) -> dict[str, Any]:
    work.watch.progress(0.1, "not listening")
    time.sleep(600)
    return {}


def query(work: Work) -> dict[str, Any]:
    """A call in C that never looks at Python: only an interruption ends it."""
    from core import sql
    from core.engine.duckdb import DuckEngine

    engine = DuckEngine(threads=1)
    endless = sql.template("SELECT count(*) FROM range(1000000000000) AS t(i) WHERE i % 7 = 3")
    with work.interruptible(engine.cancel):
        work.watch.progress(None, "querying")
        return {"rows": engine.rows(endless).num_rows}


def refuse(work: Work) -> dict[str, Any]:
    raise BadInput("The file {name!r} is empty.", hint="Choose another.", name=work.params["name"])


def defect(work: Work) -> dict[str, Any]:
    return {"value": 1 / 0}


def no_answer(work: Work) -> Any:
    return "not a dict"


def greedy(work: Work) -> dict[str, Any]:
    blocks = []
    for count in range(10_000):
        blocks.append(bytearray(16_000_000))
        work.watch.progress(None, f"{count} blocks")
    return {"blocks": len(blocks)}


def crash(work: Work) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def fill_disk(work: Work) -> dict[str, Any]:
    Path("/dev/full").write_text("x")
    return {}


def one_large_file(work: Work) -> dict[str, Any]:
    with (work.scratch / "large").open("wb") as file:
        for count in range(400):
            file.write(bytes(1_000_000))
            work.watch.progress(None, f"{count} MB")
    return {}


def many_files(work: Work) -> dict[str, Any]:
    for count in range(4000):
        (work.scratch / str(count)).write_bytes(bytes(1_000_000))
        time.sleep(0.01)
    return {}


def large_spill(work: Work) -> dict[str, Any]:
    """DuckDB writes the file: it tells what went wrong in words of its own."""
    import duckdb

    query = "COPY (SELECT random() AS x FROM range(40000000)) TO ? (FORMAT parquet)"
    duckdb.connect().execute(query, [str(work.scratch / "large.parquet")])
    return {}


def leave(work: Work) -> dict[str, Any]:
    os._exit(3)


def die(work: Work) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def flood(work: Work) -> dict[str, Any]:
    until = time.monotonic() + work.params["seconds"]
    count = 0
    while time.monotonic() < until:
        count += 1
        work.watch.progress(count % 100 / 100, str(count))
    return {"count": count}


def reach_out(work: Work) -> dict[str, Any]:
    """Tries what a job must not do; says what came of each."""
    outside = Path(work.params["outside"])

    def attempt(action: Callable[[], object]) -> str:
        try:
            action()
        except OSError as error:
            return type(error).__name__
        return "allowed"

    return {
        "write outside": attempt(lambda: (outside / "new").write_text("x")),
        "read outside": attempt(lambda: (outside / "secret").read_text()),
        "write scratch": attempt(lambda: (work.scratch / "new").write_text("x")),
        "read code": attempt(lambda: Path(__file__).read_text()),
        "start python": attempt(lambda: subprocess.run([sys.executable, "-c", "0"], check=True)),
        "other process": attempt(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes()),
    }


def family(work: Work) -> dict[str, Any]:
    """Starts a process of its own and waits for it."""
    with subprocess.Popen(["sleep", "600"]) as child:
        work.watch.report("child", pid=child.pid)
        child.wait()
    return {}


def keep(work: Work) -> dict[str, Any]:
    from core.store import Upload

    with work.store.new_object(work.owner, ".bin") as made:
        made.path.write_bytes(b"kept")
    upload = work.store.add(Upload(owner=work.owner, name="a", bytes=4, object=made.id), [made])
    return {"upload": upload.id}


def adam(work: Work) -> dict[str, Any]:
    import torch

    weight = torch.nn.Linear(4, 1)
    descent = torch.optim.Adam(weight.parameters())
    for step in range(20):
        weight(torch.ones(8, 4)).sum().backward()
        descent.step()
        work.watch.progress(step / 20, "descending")
    return {"threads": torch.get_num_threads()}


TASKS: dict[str, Callable[[Work], Any]] = {
    task.__name__: task
    for task in (
        *(echo, patient, best_so_far, deaf, query, refuse, defect, no_answer, greedy, crash, leave, die),
        *(fill_disk, one_large_file, many_files, large_spill, flood, reach_out, family, keep, adam, hashing),
    )
}
