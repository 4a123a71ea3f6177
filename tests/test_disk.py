"""Free space is checked before anything is written, and disk errors are explained."""

import errno
import os
from pathlib import Path

import pytest

from colornet.system import disk


@pytest.fixture
def free(monkeypatch):
    def set_free(size):
        usage = type("usage", (), {"free": size})
        monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)

    return set_free


def test_enough_space_raises_nothing(tmp_path, free):
    free(100)
    disk.require({tmp_path: 100})
    disk.require({tmp_path / "not/yet/there": 50, tmp_path: 50})
    disk.require({})


def test_too_little_space_names_both_numbers(tmp_path, free):
    free(312_000_000)
    with pytest.raises(OSError, match="825 MB in .*deep are needed, 312 MB are free"):
        disk.require({tmp_path / "deep": 824_887_076})


def test_folders_on_one_disk_are_added_up(tmp_path, free):
    free(100_000_000)
    with pytest.raises(OSError, match="60 MB in .*a and 60 MB in .*b are needed, 100 MB"):
        disk.require({tmp_path / "a": 60_000_000, tmp_path / "b": 60_000_000})


def test_folders_on_two_disks_are_not_added_up(tmp_path, free):
    other = Path("/dev/shm")
    if not other.is_dir() or os.stat(other).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is only one disk")
    free(100)
    disk.require({tmp_path: 60, other / "x": 60})


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_gets_an_advice(number):
    assert disk.sentence(OSError(number, "No space left on device", "x")) == (
        "the disk is full: free some space, then run the same command again; it continues from"
        " there."
    )


def test_other_errors_name_the_file_and_the_reason():
    assert disk.sentence(PermissionError(13, "Permission denied", "x")) == "x: Permission denied."
    assert disk.sentence(OSError("a sentence")) == "a sentence"


def test_a_missing_file_has_size_0(tmp_path):
    assert disk.size(tmp_path / "missing") == 0
    (tmp_path / "file").write_bytes(bytes(7))
    assert disk.size(tmp_path / "file") == 7


@pytest.mark.parametrize(
    ("size", "text"), [(824_887_076, "825 MB"), (9_990_000, "9.99 MB"), (4.2e9, "4,200 MB")]
)
def test_sizes_are_shown_in_megabytes(size, text):
    assert disk.megabytes(size) == text
