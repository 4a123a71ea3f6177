"""The cores and the memory that this process may use, including the limits of a container."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

_most: int | None = None  # what `limit` was given
PROC, CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def limit(count: int) -> None:
    """From now on `cores` is at most `count`: a scheduler gave this process a part of a machine."""
    global _most
    _most = count


def cores() -> int:
    """How many cores this process may use, at least 1.

    The smallest of four numbers: the machine's cores, those of the process's affinity (`taskset`),
    the CPU limit of its control groups (`docker run --cpus`), rounded up, and that of `limit`.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    limits = [math.ceil(limit) for limit in map(_cpu_limit, _groups("cpu")) if limit]
    return max(1, min([count, *limits, *([_most] if _most else [])]))


def free_memory() -> int:
    """Bytes that this process can still allocate: the machine's, or less in a limited container."""
    import psutil  # not installed where colornet only colours pictures

    limits = [_memory_left(group) for group in _groups("memory")]
    free = [psutil.virtual_memory().available, *(left for left in limits if left is not None)]
    return max(0, min(free))


def _groups(controller: str) -> Iterator[Path]:
    """The folders of the control groups that this process is in, from the inner to the outermost.

    Versions 2 and 1: https://docs.kernel.org/admin-guide/cgroup-v2.html and .../cgroup-v1/.
    """
    for line in _read(PROC / "self/cgroup").splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        root = CGROUPS / controller if controllers else CGROUPS
        inner = root / name.strip("/")
        # In a container, the name can be the one on the host, which does not exist here; the
        # container's own group is then the root
        yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(root))


def _cpu_limit(group: Path) -> float | None:
    """Cores that a control group may use, None without a limit."""
    quota, _, period = _read(group / "cpu.max").partition(" ")
    if not period:
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    limited = quota.isdecimal() and period.isdecimal()  # "max" and "-1" mean no limit
    return int(quota) / int(period) if limited else None


def _memory_left(group: Path) -> int | None:
    """Bytes that a control group may still use, None without a limit; file caches count as free."""
    limit = _read(group / "memory.max") or _read(group / "memory.limit_in_bytes")
    used = _read(group / "memory.current") or _read(group / "memory.usage_in_bytes")
    if not (limit.isdecimal() and used.isdecimal()):
        return None
    stat = dict(row.split() for row in _read(group / "memory.stat").splitlines())
    return int(limit) - int(used) + int(stat.get("inactive_file", 0))


def _read(file: Path) -> str:
    """The text of a file, empty if it cannot be read."""
    try:
        return file.read_text().strip()
    except OSError:
        return ""
