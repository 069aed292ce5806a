"""One long query: its progress told, its end asked for, its result written as Parquet."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from core import sql
from core.contracts import Watch
from core.errors import Cancelled, LimitReached


def copied(
    connection: Any, query: str, scratch: Path, place: Path, width: int, watch: Watch, *, reading: Path
) -> int:
    """Write a query's rows as a Parquet file, in order, by way of `scratch`; returns how many.

    Progress is the share of the file `reading` that this process has read. Raises Cancelled within
    a fraction of a second of being asked to stop.
    """
    # snappy: zstd would save a quarter of the space and cost a quarter of the time
    # a row group is held in memory while it is written: fewer rows of wider tables
    group = max(2_048, min(122_880, 6_000_000 // max(1, width)))
    target = sql.literal(str(scratch / "out.parquet")).sql(dialect="duckdb")
    statement = f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE {group})"
    done = threading.Event()
    cancelled = threading.Event()
    with closing(connection.cursor()) as cursor:
        begun, size = _bytes_read(), max(1, reading.stat().st_size)

        def follow() -> None:
            while not done.wait(0.1):
                if watch.stopped():
                    cancelled.set()
                    cursor.interrupt()
                    return
                now = _bytes_read()
                share = None if begun is None or now is None else min(0.99, 0.3 + 0.69 * (now - begun) / size)
                watch.progress(share, "Reading rows")

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            cursor.execute(statement)
            rows = int(cursor.fetchone()[0])
        except duckdb.InterruptException:
            if cancelled.is_set():
                raise Cancelled() from None
            raise
        except duckdb.OutOfMemoryException as error:
            raise LimitReached(
                "Reading this file needs more memory than is set aside: {reason}",
                hint="Raise SIGHTLINE_READ_MEMORY, or read fewer columns.",
                reason=str(error).splitlines()[0],
            ) from error
        finally:
            done.set()
            follower.join()
    (scratch / "out.parquet").replace(place)
    return rows


def _bytes_read() -> int | None:
    """Bytes this process has read so far; None where the system does not count them."""
    try:
        with open(f"/proc/{os.getpid()}/io", "rb") as file:
            return int(file.readline().split()[1])
    except (OSError, ValueError, IndexError):
        return None
