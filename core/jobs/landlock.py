"""Landlock: from here on, a process reads programs and named files and writes named folders, nothing else.

It opens no TCP connection but to the ports it was given (Linux 6.7 and later), and reaches no process
but those it starts itself by signals or abstract sockets (6.12). Files: Linux 5.13; elsewhere a job runs
without it and the log says so.
See https://docs.kernel.org/userspace-api/landlock.html.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _MAKE_CHAR, _MAKE_DIR, _MAKE_BLOCK = 1 << 4, 1 << 6, 1 << 7, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_ROOT = Path(__file__).resolve().parents[2]

READABLE = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt", "/sys", "/proc/self"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/vmstat", "/proc/version"),
    *("/proc/sys/vm", "/proc/sys/kernel", "/proc/filesystems", "/proc/devices", "/proc/modules"),
    *("/proc/driver", "/run/nvidia-persistenced", "/etc/nvidia", "/etc/OpenCL"),  # CUDA
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/localtime"),
    *("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf"),
    *("/etc/gai.conf", "/etc/services", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/mime.types"),
    *("/etc/alternatives", "/etc/os-release", "/etc/fonts", "/run/systemd/resolve"),
)
# never all of /dev: for root that is every disk, and for anyone the terminals of this user
DEVICES = ("null", "zero", "full", "random", "urandom", "shm", "nvidia*", "dri", "kfd", "dxg")


class _RulesetAttr(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


_SIZES = {1: 8, 4: 16, 6: 24}  # bytes of the above that a version of the kernel's interface knows


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    _fields_ = (("allowed_access", ctypes.c_uint64), ("port", ctypes.c_uint64))


def available() -> bool:
    """Whether this kernel can confine a process."""
    return sys.platform == "linux" and version() >= 1


def version() -> int:
    return int(ctypes.CDLL(None, use_errno=True).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def confine(
    *,
    hidden: Sequence[Path],
    reads: Iterable[Path],
    writes: Iterable[Path],
    folders: Iterable[Path] = (),
    ports: Iterable[int] = (),
    programs: Iterable[str] | None = None,
    devices: Iterable[str] = DEVICES,
) -> bool:
    """Allow this process to read what programs need and `reads`, to write `writes` and a few devices.

    Nothing of `hidden`, the store and its key, is readable for standing among the programs (by
    default they do). It may connect to these TCP `ports`. In `folders` it may make and remove empty
    folders. SIGHTLINE_READ names more readable folders, separated by colons; `programs` replaces all
    of them with places of its own. Returns False where the kernel has no Landlock.
    """
    if not available():
        return False
    syscall, known = ctypes.CDLL(None, use_errno=True).syscall, version()
    # each version of the kernel's interface knows more rights: naming an unknown one is an error
    handled = (1 << 13 + (known >= 2) + (known >= 3)) - 1
    if known >= 5:
        handled |= _IOCTL_DEV
    attr = _RulesetAttr(handled, _BIND_TCP | _CONNECT_TCP, _ABSTRACT_SOCKETS | _SIGNALS)
    size = max(size for since, size in _SIZES.items() if since <= known)
    ruleset = int(syscall(_CREATE_RULESET, ctypes.byref(attr), ctypes.c_size_t(size), 0))
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        reading = _EXECUTE | _READ_FILE | _READ_DIR
        for named in (*READABLE, *_own_places()) if programs is None else programs:
            for place in _around(hidden, Path(named)):
                _allow(syscall, ruleset, place, reading & handled)
        for file in reads:
            _allow(syscall, ruleset, file, (_READ_FILE | _READ_DIR) & handled)
        for folder in folders:
            _allow(syscall, ruleset, folder, _MAKE_DIR | _REMOVE_DIR)
        for writable in writes:
            _allow(syscall, ruleset, writable, handled & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK))
        for device in (found for name in devices for found in Path("/dev").glob(name)):
            _allow(syscall, ruleset, device, handled)
        for port in ports if known >= 4 else ():
            rule = _NetPort(_CONNECT_TCP, port)
            if syscall(_ADD_RULE, ruleset, 2, ctypes.byref(rule), 0) != 0:
                raise OSError(ctypes.get_errno(), f"landlock_add_rule port {port}")
        if syscall(_RESTRICT_SELF, ruleset, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(ruleset)
    return True


def _own_places() -> Iterable[str]:
    yield from {sys.prefix, sys.base_prefix, sys.exec_prefix, str(_ROOT), *filter(None, sys.path)}
    yield from filter(None, os.environ.get("SIGHTLINE_READ", "").split(":"))


def _around(hidden: Sequence[Path], place: Path) -> Iterable[Path]:
    """`place`, or what is in it but `hidden`: a rule holds for everything below its folder."""
    with suppress(OSError, RuntimeError):  # it vanished, or links to itself
        place = place.resolve()
        if any(place in secret.parents for secret in hidden):
            for inner in place.iterdir():
                yield from _around(hidden, inner)
        elif not any(place == secret or secret in place.parents for secret in hidden):
            yield place


def _allow(syscall: object, ruleset: int, place: Path, rights: int) -> None:
    assert callable(syscall)
    with suppress(FileNotFoundError, PermissionError):  # not on this machine, or not ours to read anyway
        descriptor = os.open(place, getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                rights &= _FILE_RIGHTS
            rule = _PathBeneath(rights, descriptor)
            if syscall(_ADD_RULE, ruleset, 1, ctypes.byref(rule), 0) != 0:
                raise OSError(ctypes.get_errno(), f"landlock_add_rule {place}")
        finally:
            os.close(descriptor)
