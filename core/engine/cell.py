"""The process in which statements run that people type: locked, disposable, one for each owner.

A small clean process, with an empty environment and none of the server's memory or files, forks one
cell for each owner. A cell binds and confines itself before it opens DuckDB, then answers one
statement after another until its line ends or it is killed.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pyarrow as pa

import core.store.plain  # noqa: F401  (all that cells use is imported before the fork: they cannot read it)
from core.engine.locked import Locked
from core.engine.outgoing import projection
from core.engine.stored_tables import Stored
from core.engine.wrong import explained
from core.errors import SightlineError
from core.jobs import landlock, limits
from core.jobs.line import Broken, Line, told

# what a library reads that was imported long ago; no home folder, no /etc, nothing of the store
PROGRAMS = ("/usr", "/lib", "/lib64", "/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/sys/fs/cgroup",
            "/sys/devices/system/cpu")  # fmt: skip
DEVICES = ("null", "zero", "random", "urandom")
BATCH = 2048  # rows fetched at once
_FILES = 512  # open at a time
_ARENAS = 1 << 30  # bytes of addresses that allocators set aside and do not use
_LIFE = 3600  # seconds of processor time, then a fresh cell


def forge(line: socket.socket) -> None:
    """The clean process: fork a cell for each request, and kill those that are named."""
    pa.table({"warm": [1]})
    gc.collect()
    gc.freeze()
    cells: set[int] = set()
    while True:
        message, ends, _, _ = socket.recv_fds(line, 4096, 4)
        if not message:
            return
        cells -= {pid for pid in cells if os.waitpid(pid, os.WNOHANG)[0] == pid}
        for command in map(json.loads, message.splitlines()):
            if "kill" in command:
                if command["kill"] in cells:  # it has not been waited for: the number is still its own
                    with suppress(ProcessLookupError):
                        os.kill(command["kill"], signal.SIGKILL)
            else:
                cells.add(_fork(line, socket.socket(fileno=ends.pop(0))))


def _fork(line: socket.socket, end: socket.socket) -> int:
    """A cell on this end of its line; its process number, which is told too."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            line.close()
            live(end, parent)
        finally:
            os._exit(1)
    end.close()
    line.sendall(json.dumps({"pid": pid}).encode() + b"\n")
    return pid


def bind(parent: int, spec: dict[str, Any]) -> bool:
    """Bind and confine this process for good; False where the system cannot confine it."""
    os.setsid()
    os.nice(5)
    limits.end_with(parent)
    memory, taken = int(spec["memory"]), _taken()
    limits.bound(taken.get("VmData", 0) + memory, int(spec["disk"]))
    if sys.platform == "linux":
        most = taken["VmSize"] + 2 * memory + _ARENAS
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        with suppress(OSError):  # when memory runs out, a cell goes before the server does
            Path("/proc/self/oom_score_adj").write_text("800")
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (_LIFE, _LIFE))
    return landlock.confine(
        hidden=[Path(place) for place in spec["hidden"]],
        reads=[Path(file) for file, _ in spec["tables"].values()],
        writes=[Path(spec["spill"])],
        programs=(*PROGRAMS, sys.prefix, sys.base_prefix),
        devices=DEVICES,
    )


def _taken() -> dict[str, int]:
    """Bytes that this process has of its own before it does anything, by the kernel's names for them."""
    if sys.platform != "linux":
        return {}
    rows = (row.split() for row in Path("/proc/self/status").read_text().splitlines())
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if row[0] in ("VmSize:", "VmData:")}


def live(end: socket.socket, parent: int) -> NoReturn:
    """Answer statements until the line ends. The first message says what this cell may reach and take."""
    line = Line(end)
    spec = line.receive()
    confined = bind(parent, spec)
    sys.setrecursionlimit(10_000)  # the tree of a long statement is deep
    tables = {name: Stored(file, columns) for name, (file, columns) in spec["tables"].items()}
    engine = Locked(
        tables, Path(spec["spill"]), memory=int(spec["memory"]) // 2, threads=int(spec["threads"]),
        disk=int(spec["disk"]),
    )  # fmt: skip
    with suppress(Broken):
        line.send({"ready": True, "confined": confined})
        while True:
            asked = line.receive()
            said, rows = _answer(engine, asked)
            line.send(said)
            if rows:
                end.sendall(rows)
    os._exit(0)


def _answer(engine: Locked, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What comes of one statement: a message, and the rows as an Arrow stream behind it."""
    begun, text = time.monotonic(), str(asked["statement"])
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    spent = int(time.process_time() + asked["processor"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (min(most, spent), most))
    try:
        found = engine.check(text)
        said, rows = _rows(engine, text, int(asked["rows"]), int(asked["bytes"]))
        said |= {"tables": sorted(found.tables), "seconds": time.monotonic() - begun, "size": len(rows)}
        return said, rows
    except SightlineError as error:
        return told(error), b""
    except MemoryError as error:
        limits.make_room()
        return told(explained(error, text, tables=engine.read)), b""
    except Exception as error:  # noqa: BLE001  whatever the engine says of a stranger's statement is an answer
        return told(explained(error, text, tables=engine.read)), b""


def _rows(engine: Locked, text: str, most: int, most_bytes: int) -> tuple[dict[str, Any], bytes]:
    """The first rows, as many as are wanted and fit."""
    with closing(engine.connection.cursor()) as cursor:
        relation = engine.relation(cursor, text)
        names, kinds = list(relation.columns), [str(kind) for kind in relation.types]
        try:
            with closing(relation.project(projection(kinds)).to_arrow_reader(BATCH)) as reader:
                schema, (batches, cut) = reader.schema, _first(reader, most, most_bytes)
        except duckdb.Error as error:
            raise explained(error, text, engine.shift, engine.read) from None
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return {"names": names, "kinds": kinds, "cut": cut}, sink.getvalue().to_pybytes()


def _first(reader: Any, most: int, most_bytes: int) -> tuple[list[pa.RecordBatch], str | None]:
    """Batches of at most so many rows and bytes, and which of the two there was more of."""
    batches: list[pa.RecordBatch] = []
    rows, size, cut = 0, 0, None
    for batch in reader:
        if rows + batch.num_rows > most:
            batch, cut = batch.slice(0, most - rows), "rows"
        if size + batch.nbytes > most_bytes:
            batch, cut = batch.slice(0, int(batch.num_rows * (most_bytes - size) / batch.nbytes)), "bytes"
        batches.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if cut:
            break
    return batches, cut
