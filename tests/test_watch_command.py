"""`colornet watch` as a command: its usage, its end, and a call after a signal."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from colornet.cli import watch
from colornet.system import stop
from support.archive import Painter
from support.command import COMMAND, ENV
from support.pictures import colourful

INBOX = ("inbox", "--output", "out")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("inbox").mkdir()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "FOLDER"),
        ("inbox --every 0", "0 is no number of seconds up to a day"),
        ("inbox --overwrite", "unrecognized arguments: --overwrite"),
        ("inbox --hints a.json", "unrecognized arguments: --hints"),
        ("inbox --shard 9/8", "9/8 is no part such as 3/64"),
        ("inbox --shard 0/0", "0/0 is no part such as 3/64"),
        ("inbox --manifest a.jpg", "a.jpg is named like a picture or film"),
        ("inbox --manifest .", ". is a folder; name a file"),
    ],
)
def test_wrong_usage_ends_with_status_2(line, sentence, capsys):
    with pytest.raises(SystemExit) as end:
        watch.run(line.split(), lambda _: Painter())
    assert end.value.code == 2 and sentence in capsys.readouterr().err


def test_what_is_no_folder_cannot_be_watched(capsys):
    Path("file.png").touch()
    for name in ("file.png", "gone"):
        assert watch.run([name], lambda _: Painter()) == 1
        assert f"error: {name} cannot be watched: " in capsys.readouterr().err


def test_a_run_that_cannot_be_loaded_ends_the_watch(capsys):
    def load(_):
        raise ValueError("runs/x holds no trained run")

    assert watch.run(["inbox"], load) == 1
    assert capsys.readouterr().err.splitlines() == ["error: runs/x holds no trained run"]


def test_the_pause_ends_when_it_is_asked_to_stop(monkeypatch):
    monkeypatch.setattr(stop, "requested", lambda: signal.SIGTERM)
    start = time.monotonic()
    with pytest.raises(stop.Stopped):
        watch._pause(3600)
    assert time.monotonic() - start < 60


@pytest.fixture
def running(run):
    """Starts the command in a process of its own; what still runs at the end is killed."""
    found = []

    def start():
        options = ("--every", "0.2", "--run", "runs/tiny")
        found.append(
            subprocess.Popen(
                [*COMMAND, "watch", *INBOX, *options], env=ENV, stderr=subprocess.PIPE, text=True
            )
        )
        return found[-1]

    yield start
    for each in found:
        each.kill()
        each.wait()
        each.stderr.close()


def until(said, process) -> str:
    """Reads what a process prints up to a line that contains a text."""
    for line in process.stderr:
        if said in line:
            return line
    raise AssertionError(f"{said} was not said")


@pytest.mark.slow
def test_the_command_watches_until_a_signal_and_goes_on_at_the_next_call(running):
    Path("inbox").mkdir(exist_ok=True)
    colourful(0).save("inbox/a.png")
    Path("inbox/b.hints.json").write_text(
        '{"colornet-hints": 1, "hints": [{"x": 0.5, "y": 0.5, "colour": "#2f6b3a"}]}'
    )
    process = running()
    until("inbox/a.png -> out/a.png", process)
    colourful(1).save("b.png")
    shutil.copy("b.png", "inbox/b.png")
    assert "1 hint" in until("inbox/b.png -> out/b.png", process)
    ends(process, signal.SIGINT, 130)
    assert sorted(str(file) for file in Path("out").rglob("*")) == ["out/a.png", "out/b.png"]
    process = running()
    until("watching inbox", process)
    colourful(2).save("inbox/c.png")
    assert "inbox/c.png -> out/c.png" in process.stderr.readline()
    ends(process, signal.SIGTERM, 143)


def ends(process, number: int, status: int) -> None:
    process.send_signal(number)
    rest = process.stderr.read()
    assert process.wait() == status and rest.strip() == stop.SENTENCE
