"""A folder is there whole or not at all."""

import os
import signal
import subprocess
import sys
import time

import pytest

from colornet.system import whole


def content(folder):
    return {file.name: file.read_text() for file in folder.iterdir()} if folder.exists() else None


def fill(target, text):
    with whole.folder(target) as part:
        (part / "a").write_text(text)
        (part / "b").write_text(text)


def test_it_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "deep/target"
    with whole.folder(target) as part:
        (part / "a").write_text("new")
        assert not target.exists()
    assert content(target) == {"a": "new"}
    assert [entry.name for entry in target.parent.iterdir()] == ["target"]


def test_it_replaces_the_former_one_as_a_whole(tmp_path):
    target = tmp_path / "target"
    fill(target, "old")
    with whole.folder(target) as part:
        (part / "a").write_text("new")
        assert content(target) == {"a": "old", "b": "old"}
    assert content(target) == {"a": "new"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_is_broken_off_leaves_the_former_one(tmp_path, error):
    target = tmp_path / "target"
    fill(target, "old")
    with pytest.raises(error), whole.folder(target) as part:
        (part / "a").write_text("half")
        raise error
    assert content(target) == {"a": "old", "b": "old"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def test_what_a_killed_call_left_is_removed(tmp_path):
    target = tmp_path / "target"
    (tmp_path / "target.part").mkdir()
    (tmp_path / "target.part/rubbish").write_text("half")
    fill(target, "new")
    assert content(target) == {"a": "new", "b": "new"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


def test_a_former_one_put_aside_by_a_killed_call_comes_back(tmp_path):
    target = tmp_path / "target"
    fill(target, "old")
    os.replace(target, tmp_path / "target.old")
    with pytest.raises(ValueError), whole.folder(target):
        raise ValueError
    assert content(target) == {"a": "old", "b": "old"}


COMMAND = """
import sys
from pathlib import Path
from colornet import whole
print("ready", flush=True)
for text in map(str, range(10**9)):
    with whole.folder(Path(sys.argv[1])) as part:
        for name in "abcdefgh":
            (part / name).write_text(text)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.01, 0.02, 0.05, 0.1, 0.2])
def test_killed_at_any_moment_it_is_never_half(tmp_path, moment):
    target = tmp_path / "target"
    command = [sys.executable, "-c", COMMAND, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        running.stdout.readline()
        time.sleep(moment)
        running.send_signal(signal.SIGKILL)
    found = content(target)
    assert found is None or (len(found) == 8 and len(set(found.values())) == 1)
