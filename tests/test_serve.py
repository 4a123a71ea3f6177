"""`colornet serve` as a process: the command's own bytes, damaged files, its start and its end."""

import contextlib
import random
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from benchmarks import fuzz
from colornet import colorize
from colornet.service import arguments, serve
from support.command import COMMAND, ENV
from support.pictures import content, waves
from support.service import PATIENCE, sending, until

ROOT = Path(__file__).parents[1]
resource = pytest.importorskip("resource")
pytestmark = pytest.mark.slow

HINTS = '{"colornet-hints": 1, "hints": [{"x": 0.5, "y": 0.5, "colour": "#2f6b3a", "radius": 0.2}]}'


class Process:
    """`colornet serve` at a free port; ready when it is made."""

    def __init__(self):
        command = [*COMMAND, "serve", "--port", "0"]
        self.popen = subprocess.Popen(command, env=ENV, stderr=subprocess.PIPE, text=True)
        line = next(each for each in self.popen.stderr if each.startswith("colornet serves"))
        self.address = re.match("colornet serves (http://[0-9.:]+);", line)[1]
        # It listens when it says where, or a moment later
        until(lambda: self.answers("/healthz"))

    def answers(self, path: str) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(self.address + path, timeout=PATIENCE).ok
        return False

    def colorize(self, file, query="", **parts) -> requests.Response:
        address = f"{self.address}/colorize?{query}"
        return requests.post(address, files={"file": file, **parts}, timeout=PATIENCE)

    def places(self) -> float:
        """How many are taken."""
        text = requests.get(f"{self.address}/metrics", timeout=PATIENCE).text
        return sum(map(float, re.findall(r"^colornet_(?:running|waiting) (.*)", text, re.M)))

    def end(self) -> tuple[int, str]:
        """The exit status, and what it said last."""
        said = self.popen.communicate(timeout=PATIENCE)[1]
        return self.popen.returncode, said


@pytest.fixture(scope="module")
def process():
    running = Process()
    # From now on the system refuses to write a single byte into any file
    resource.prlimit(running.popen.pid, resource.RLIMIT_FSIZE, (0, 0))
    yield running
    if running.popen.returncode is None:
        running.popen.send_signal(signal.SIGTERM)
        running.end()


GIVEN = {
    "a.jpg": fuzz.FILES["plain.jpg"],
    "b.png": fuzz.FILES["plain.png"],
    "c.tif": fuzz.FILES["deep.tif"],
    "d.mpo": fuzz.FILES["stereo.mpo"],
    "e.tga": content(waves(), "TGA"),  # known by its name only
    "f.bmp": content(waves(1200, 900), "BMP"),
}
ASKED = {
    "": [],
    "format=webp&quality=60": ["--format", "webp", "--quality", "60"],
    "saturation=1.5&compare=true": ["--saturation", "1.5", "--compare"],
}
CALLS = """
from colornet import colorize
for number, options in enumerate({asked}):
    assert colorize.main(["given", "-o", f"out{number}", "--suffix", "-c", *options]) == 0
"""


def test_the_answers_are_the_files_that_the_command_writes(process, tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    for name, data in GIVEN.items():
        (given / name).write_bytes(data)
    (given / "a.hints.json").write_text(HINTS)
    calls = CALLS.replace("{asked}", repr(list(ASKED.values())))
    env = ENV | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", calls], cwd=tmp_path, env=env, check=True)
    for number, query in enumerate(ASKED):
        written = {file.stem: file.read_bytes() for file in (tmp_path / f"out{number}").iterdir()}
        assert len(written) == len(GIVEN)
        for name, data in GIVEN.items():
            hints = {"hints": ("a.hints.json", HINTS)} if name == "a.jpg" else {}
            answer = process.colorize((name, data), query, **hints)
            assert answer.content == written[f"{name[0]}-c"], (name, query)


@pytest.mark.parametrize("name", fuzz.FILES)
def test_damaged_files_of_each_kind_are_coloured_or_refused_with_a_sentence(process, name):
    for seed in range(4):
        data = fuzz.mutate(fuzz.FILES[name], random.Random(f"http {name} {seed}"))
        answer = process.colorize((name, data))
        if answer.status_code != 200:
            assert answer.status_code in (413, 422)
            assert list(answer.json()) == ["error"] and name in answer.json()["error"]
    assert process.answers("/healthz")


def test_nothing_is_written_to_disk_for_large_uploads(process):
    large = content(waves(1500, 1100), "BMP")  # 5 MB: forms are often kept in files from 1 MB on
    assert process.colorize(("large.bmp", large)).status_code == 200
    limits = resource.prlimit(process.popen.pid, resource.RLIMIT_FSIZE)
    assert limits == (0, 0)


def test_it_finishes_what_runs_and_ends_with_the_signal_s_status(process):
    large = content(waves(3000, 2400), "JPEG")
    with sending(4, lambda: process.colorize(("large.jpg", large))) as answers:
        until(lambda: process.places() == 4)
        process.popen.send_signal(signal.SIGTERM)
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    status, said = process.end()
    assert status == 128 + signal.SIGTERM and said.strip().endswith(serve.ENDED)


def failed(capsys, *argv) -> str:
    assert colorize.main(["serve", *argv]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ") and said.count("\n") == 1
    return said


def test_what_keeps_it_from_starting_gets_one_sentence(capsys, tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen at 127.0.0.1, port {port}: " in failed(capsys, "--port", port)
    said = failed(capsys, "--token-file", str(tmp_path / "none"))
    assert f"the token in {tmp_path / 'none'} cannot be read: No such file" in said
    (tmp_path / "empty").write_text("\n")
    assert "holds no token" in failed(capsys, "--token-file", str(tmp_path / "empty"))
    monkeypatch.setenv(arguments.TOKEN, "two words")
    assert failed(capsys).startswith(f"error: {arguments.TOKEN} holds no token")
    monkeypatch.delenv(arguments.TOKEN)
    assert "holds no trained run" in failed(capsys, "--port", "0", "--run", str(tmp_path))
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert 'pip install "colornet[serve]" (prometheus_client is missing)' in failed(capsys)


@pytest.mark.parametrize(
    "argv", [["--port", "65536"], ["--max-waiting", "-1"], ["--max-seconds", "0"], ["photo.jpg"]]
)
def test_wrong_usage_ends_with_2(capsys, argv):
    with pytest.raises(SystemExit) as ended:
        colorize.main(["serve", *argv])
    assert ended.value.code == 2 and "usage: colornet serve" in capsys.readouterr().err
