"""What a job may take: memory, priority, and no life beyond its supervisor's."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

from core.store.files import parse_bytes, room

_SHARE = 0.7  # of the machine's memory, for one job
_ROOM = 256 * 1024 * 1024  # above a job's limit, to say that it was reached
LEAST_DISK = 64 * 1024 * 1024  # for a job to say that the disk is full; less than the 5% kept free
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


def job_memory() -> int:
    """Bytes one job may take: SIGHTLINE_JOB_MEMORY ("8GB"), or 70% of the machine's memory."""
    wanted = os.environ.get("SIGHTLINE_JOB_MEMORY")
    return parse_bytes(wanted) if wanted else int(machine_memory() * _SHARE)


def machine_memory() -> int:
    """Bytes of memory this machine, or the container it runs in, has."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for place in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # "max" where there is no limit
            sizes.append(int(Path(place).read_text()))
    return min(sizes)


def job_disk(home: Path) -> int:
    """Bytes one job may write: SIGHTLINE_JOB_DISK ("50GB"), or what may be used of the disk now."""
    wanted = os.environ.get("SIGHTLINE_JOB_DISK")
    return parse_bytes(wanted) if wanted else max(room(home), LEAST_DISK)


def job_seconds() -> float:
    """Seconds one job may run: SIGHTLINE_JOB_SECONDS, or a day."""
    return float(os.environ.get("SIGHTLINE_JOB_SECONDS") or 86_400)


def jobs_at_once() -> int:
    """How many jobs run at a time: SIGHTLINE_JOBS, or one for each core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(os.environ.get("SIGHTLINE_JOBS") or cores)


def restrain(parent: int, memory: int) -> None:
    """Bind the process just forked: its own session, low priority, capped, ending with `parent`."""
    os.setsid()
    os.nice(10)
    end_with(parent)
    if sys.platform == "linux":
        with suppress(OSError):  # when memory runs out, a job goes before the server does
            Path("/proc/self/oom_score_adj").write_text("800")
    bound(memory)


def end_with(parent: int) -> None:
    """Let this process end when `parent` does."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the request above was heard
        os._exit(1)


def bound(memory: int, disk: int | None = None) -> None:
    """Cap this process and all it starts: memory, the size of one file, no dump, no new privileges."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if disk is not None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        disk = disk if most == resource.RLIM_INFINITY else min(disk, most)
        resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory + _ROOM))


def make_room() -> None:
    """Let a job that ran into its memory limit go on for long enough to say so."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def out_of_memory_kills() -> int:
    """How many processes the kernel has killed for want of memory since it started."""
    with suppress(OSError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
