"""Room is asked for before anything is written."""

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


def test_what_fits_passes(tmp_path, free):
    free(100)
    disk.require({tmp_path: 100})
    disk.require({tmp_path / "not/yet/there": 50, tmp_path: 50})
    disk.require({})


def test_what_does_not_fit_names_both_numbers(tmp_path, free):
    free(312_000_000)
    with pytest.raises(OSError, match="825 MB in .*deep are needed, 312 MB are free; make room"):
        disk.require({tmp_path / "deep": 824_887_076})


def test_folders_of_one_disk_are_added_up(tmp_path, free):
    free(100_000_000)
    with pytest.raises(OSError, match="60 MB in .*a and 60 MB in .*b are needed, 100 MB"):
        disk.require({tmp_path / "a": 60_000_000, tmp_path / "b": 60_000_000})


def test_folders_of_two_disks_are_not(tmp_path, free):
    other = Path("/dev/shm")
    if not other.is_dir() or os.stat(other).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is only one disk")
    free(100)
    disk.require({tmp_path: 60, other / "x": 60})


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_what_to_do(number):
    said = disk.sentence(OSError(number, "No space left on device", "x"))
    assert said == "the disk became full; make room, and the same command goes on from there."


def test_other_errors_name_the_file_and_the_reason():
    assert disk.sentence(PermissionError(13, "Permission denied", "x")) == "x: Permission denied."
    assert disk.sentence(OSError("a sentence")) == "a sentence"
