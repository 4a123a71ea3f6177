"""Reports that cannot be written stop no work: streams closed, full, without a reader; no place."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from colornet.system.streams import Stream
from support.command import ENV, files
from support.pictures import colourful, opened

pytestmark = pytest.mark.slow
# The command, with red for a network
RED = """
from PIL import Image
from colornet import colorize

class Red:
    name, classifier = "red", None

    def __init__(self, *_, **__):
        pass

    def __call__(self, picture):
        print("printed by a library")
        return Image.new("RGB", picture.size, "red")

colorize._load = Red
colorize.command()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two photographs in the working directory, and the program red.py."""
    monkeypatch.chdir(tmp_path)
    for number in (0, 1):
        colourful(number).save(f"{number}.png")
    Path("red.py").write_text(RED)
    return tmp_path


def shell(line: str, **options) -> subprocess.CompletedProcess:
    """Runs a line of bash in which $COLORNET is the command."""
    environment = ENV | {"COLORNET": f"{sys.executable} {Path('red.py').absolute()}"}
    command = ["bash", "-o", "pipefail", "-c", line]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize(
    ("streams", "status"),
    [
        ("2>&-", 0),
        ("2>/dev/full", 0),
        ("2> >(head -c 0)", 0),
        (">&-", 1),
        (">/dev/full", 1),
        ("| head -c 0", 1),
        ("<&- >&- 2>&-", 1),
        (">/dev/full 2>&1", 1),
    ],
)
def test_pictures_are_coloured_whatever_becomes_of_the_report(folder, streams, status):
    done = shell(f"$COLORNET *.png -o out --json {streams}")
    assert files("out") == ["out/0.png", "out/1.png"]
    assert all(opened(name).getpixel((0, 0)) == (255, 0, 0) for name in files("out"))
    assert done.returncode == status and "Traceback" not in done.stderr
    if status == 0:  # the report on the standard output is there
        assert json.loads(done.stdout.splitlines()[-1])["coloured"] == 2
    elif "2>" not in streams:
        assert "error: the standard output is closed or full" in done.stderr


def test_without_json_a_closed_standard_output_is_no_error(folder):
    assert shell("$COLORNET *.png -o out >&-").returncode == 0
    assert len(files("out")) == 2


def test_help_that_nobody_reads_is_no_traceback(folder):
    done = shell("$COLORNET --help | head -c 0; $COLORNET --help >/dev/full")
    assert done.returncode == 0 and done.stderr == ""


def test_where_the_working_directory_is_gone_whole_paths_are_coloured(folder):
    gone = "mkdir gone; cd gone; rmdir ../gone; $COLORNET"
    done = shell(f"{gone} {folder}/0.png 1.png -o {folder}/out --json")
    assert done.returncode == 1 and files("out") == ["out/0.png"]
    assert "1.png does not exist: the working directory does not exist any more" in done.stderr
    for option in ("-o out", "--run runs/one"):
        done = shell(f"{gone} {folder}/1.png {option}")
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "error: the working directory does not exist any more: give --" in done.stderr
    assert files(folder) == [str(folder / n) for n in ("0.png", "1.png", "out/0.png", "red.py")]


def test_a_stream_that_failed_once_is_lost_and_never_fails_again(folder):
    with open("/dev/full", "w") as full:
        stream = Stream(full, lost=False)
        assert stream.write("a") == 1 and not stream.lost  # it is still in memory
        stream.flush()
        assert stream.lost
        stream.write("b" * 100_000)
        stream.flush()
    assert opened("0.png").size  # the descriptors of other files are as they were
