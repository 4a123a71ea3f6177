"""A file or a folder appears under its name only when it is complete."""

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from colornet.system import whole


def content(folder):
    return {file.name: file.read_text() for file in folder.iterdir()} if folder.exists() else None


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def fill(target, text):
    with whole.folder(target) as part:
        (part / "a").write_text(text)
        (part / "b").write_text(text)


def test_a_file_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "target"
    with whole.file(target) as stream:
        stream.write(b"new")
        assert not target.exists()
    assert content(tmp_path) == {"target": "new"}


def test_a_file_replaces_the_old_one_only_when_the_block_ends(tmp_path):
    target = tmp_path / "target"
    target.write_text("old")
    with whole.file(target) as stream:
        stream.write(b"new")
        stream.flush()
        assert target.read_text() == "old"
    assert content(tmp_path) == {"target": "new"}


def test_the_stream_of_a_file_can_seek_and_read(tmp_path):
    with whole.file(tmp_path / "target") as stream:
        stream.write(b"abc")
        stream.seek(0)
        assert stream.read() == b"abc"
        stream.seek(1)
        stream.write(b"x")
    assert content(tmp_path) == {"target": "axc"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_the_old_file(tmp_path, error):
    target = tmp_path / "target"
    target.write_text("old")
    with pytest.raises(error), whole.file(target) as stream:
        stream.write(b"half")
        raise error
    assert content(tmp_path) == {"target": "old"}


def test_a_full_disk_raises_and_leaves_the_old_file(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "target"
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"), whole.file(target) as stream:
        stream.write(b"new")
    assert content(tmp_path) == {"target": "old"}


def test_a_missing_folder_raises(tmp_path):
    with pytest.raises(FileNotFoundError), whole.file(tmp_path / "missing/target"):
        pass


def test_the_name_of_a_file_may_be_as_long_as_the_file_system_allows(tmp_path):
    target = tmp_path / ("x" * 255)
    with whole.file(target) as stream:
        stream.write(b"new")
    assert target.read_text() == "new"


def test_a_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "other").write_text("")
    with whole.file(tmp_path / "target"):
        pass
    assert (tmp_path / "target").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_folder_appears_when_the_block_ends(tmp_path):
    target = tmp_path / "deep/target"
    with whole.folder(target) as part:
        (part / "a").write_text("new")
        assert not target.exists()
    assert content(target) == {"a": "new"}
    assert names(target.parent) == ["target"]


def test_a_folder_replaces_the_old_one_with_all_its_files(tmp_path):
    target = tmp_path / "target"
    fill(target, "old")
    with whole.folder(target) as part:
        (part / "a").write_text("new")
        assert content(target) == {"a": "old", "b": "old"}
    assert content(target) == {"a": "new"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_the_old_folder(tmp_path, error):
    target = tmp_path / "target"
    fill(target, "old")
    with pytest.raises(error), whole.folder(target) as part:
        (part / "a").write_text("half")
        raise error
    assert content(target) == {"a": "old", "b": "old"}
    assert names(tmp_path) == ["target"]


def test_the_next_call_removes_what_a_killed_call_left(tmp_path):
    target = tmp_path / "target"
    (tmp_path / "target.part").mkdir()
    (tmp_path / "target.part/rubbish").write_text("half")
    fill(target, "new")
    assert content(target) == {"a": "new", "b": "new"}
    assert names(tmp_path) == ["target"]


def test_the_next_call_restores_a_folder_that_a_killed_call_had_moved(tmp_path):
    target = tmp_path / "target"
    fill(target, "old")
    os.replace(target, tmp_path / "target.old")
    with pytest.raises(ValueError), whole.folder(target):
        raise ValueError
    assert content(target) == {"a": "old", "b": "old"}


WRITE_FOLDERS = """
import sys
from pathlib import Path
from colornet.system import whole
print("ready", flush=True)
for text in map(str, range(10**9)):
    with whole.folder(Path(sys.argv[1])) as part:
        for name in "abcdefgh":
            (part / name).write_text(text)
"""
WRITE_FILES = """
import sys
from pathlib import Path
from colornet.system import whole
print("ready", flush=True)
for number in range(10**9):
    with whole.file(Path(sys.argv[1])) as stream:
        for _ in range(1000):
            stream.write(bytes([number % 256]) * 1000)
"""


def kill_after(seconds, code, target):
    command = [sys.executable, "-c", code, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        time.sleep(seconds)
        running.send_signal(signal.SIGKILL)


MOMENTS = [0.01, 0.02, 0.05, 0.1, 0.2]


@pytest.mark.parametrize("seconds", MOMENTS)
def test_a_folder_has_all_its_files_or_none_whenever_the_process_is_killed(tmp_path, seconds):
    target = tmp_path / "target"
    kill_after(seconds, WRITE_FOLDERS, target)
    found = content(target)
    assert found is None or (len(found) == 8 and len(set(found.values())) == 1)


@pytest.mark.parametrize("seconds", MOMENTS)
def test_a_killed_process_leaves_the_old_file_and_at_most_a_hidden_part(tmp_path, seconds):
    target = tmp_path / "target"
    target.write_bytes(bytes(1_000_000))
    kill_after(seconds, WRITE_FILES, target)
    found = target.read_bytes()
    assert len(found) == 1_000_000 and len(set(found)) == 1
    others = [file for file in tmp_path.iterdir() if file != target]
    assert len(others) <= 1
    assert all(file.name.startswith(".") and file.suffix == ".part" for file in others)
