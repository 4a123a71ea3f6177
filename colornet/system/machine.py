"""The cores and the memory that this process may use, a container's limits included."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def cores() -> int:
    """How many cores this process may use, at least 1.

    The smallest of the machine's cores, the process's affinity (`taskset`) and the CPU limit of its
    control group (`docker run --cpus`), a fraction of a core counting as one.
    """
    if hasattr(os, "sched_getaffinity"):
        found = len(os.sched_getaffinity(0))
    else:
        found = os.cpu_count() or 1
    limits = [math.ceil(limit) for limit in map(_cpu_limit, _groups("cpu")) if limit]
    return max(1, min([found, *limits]))


def free_memory() -> int:
    """Bytes that this process can still allocate: the machine's, or less in a limited container."""
    import psutil

    left = map(_memory_left, _groups("memory"))
    limited = [each for each in left if each is not None]
    return max(0, min([psutil.virtual_memory().available, *limited]))


def _groups(controller: str) -> Iterator[Path]:
    """The folders of the control groups that this process is in, from its own to the outermost.

    Both versions: https://docs.kernel.org/admin-guide/cgroup-v2.html and .../cgroup-v1/.
    """
    for line in _read(PROC / "self/cgroup").splitlines():
        _, controllers, place = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        root = CGROUPS / controller if controllers else CGROUPS
        inner = root / place.strip("/")
        # In a container the place may be the host's name of it, and the root is the container's
        yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(root))


def _cpu_limit(group: Path) -> float | None:
    """Cores that a control group may use, None without a limit."""
    quota, _, period = _read(group / "cpu.max").partition(" ")
    if not period:
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    limited = quota.isdecimal() and period.isdecimal()  # "max" and "-1" stand for no limit
    return int(quota) / int(period) if limited else None


def _memory_left(group: Path) -> int | None:
    """Bytes up to the limit of a control group, None without one; file caches count as free."""
    names = ("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")
    for limit, used in ((_read(group / one), _read(group / other)) for one, other in names):
        if limit.isdecimal() and used.isdecimal():
            rows = dict(row.split() for row in _read(group / "memory.stat").splitlines())
            return int(limit) - int(used) + int(rows.get("inactive_file", 0))
    return None


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
