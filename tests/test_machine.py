"""Cores and free memory, with files of control groups as the kernel writes them."""

import os

import psutil
import pytest

from colornet.system import machine


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Empty /proc and /sys/fs/cgroup folders; `write` fills a file below them."""
    monkeypatch.setattr(machine, "PROC", tmp_path / "proc")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)

    def write(name: str, content: object) -> None:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{content}\n")

    return write


def test_without_control_groups_affinity_and_free_memory_are_the_limits(groups, monkeypatch):
    assert machine.cores() == 8
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert machine.cores() == 1
    assert machine.free_memory() == pytest.approx(psutil.virtual_memory().available, rel=0.2)


@pytest.mark.parametrize(
    "limit, cores", [("max 100000", 8), ("250000 100000", 3), ("10000 100000", 1)]
)
def test_version_2_has_a_limit_on_every_level(groups, limit, cores):
    groups("proc/self/cgroup", "0::/outer/inner")
    groups("cgroup/outer/inner/cpu.max", "max 100000")
    groups("cgroup/outer/cpu.max", limit)
    assert machine.cores() == cores


def test_in_a_container_the_root_is_its_own_group(groups):
    groups("proc/self/cgroup", "0::/../docker/abc")
    groups("cgroup/cpu.max", "200000 100000")
    groups("cgroup/memory.max", 1_000_000)
    groups("cgroup/memory.current", 900_000)
    groups("cgroup/memory.stat", "anon 400000\ninactive_file 300000")
    assert machine.cores() == 2
    assert machine.free_memory() == 400_000


def test_limits_of_version_1_are_read_too(groups):
    groups("proc/self/cgroup", "5:cpu,cpuacct:/job\n4:memory:/job\n0::/job")
    groups("cgroup/cpu/job/cpu.cfs_quota_us", 150_000)
    groups("cgroup/cpu/job/cpu.cfs_period_us", 100_000)
    groups("cgroup/cpu/cpu.cfs_quota_us", -1)
    groups("cgroup/memory/job/memory.limit_in_bytes", 5_000)
    groups("cgroup/memory/job/memory.usage_in_bytes", 9_000)
    assert machine.cores() == 2
    assert machine.free_memory() == 0


def test_memory_without_a_limit_is_that_of_the_machine(groups):
    groups("proc/self/cgroup", "0::/job")
    groups("cgroup/job/memory.max", "max")
    groups("cgroup/job/memory.current", 900_000)
    assert machine.free_memory() == pytest.approx(psutil.virtual_memory().available, rel=0.2)
