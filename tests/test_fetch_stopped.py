"""A fetch that is stopped or killed leaves nothing incomplete, and the next call continues it."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colornet import fetch, params
from support.fetched import files, section, table


def start(**options) -> subprocess.Popen:
    params.save({"fetch": {"x": options}}, Path("params.yaml"))
    command = [sys.executable, "-m", "colornet.fetch", "x"]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(server, sent: int) -> None:
    deadline = time.monotonic() + 600
    while server.sent < sent:
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.slow
def test_ctrl_c_ends_with_a_sentence_and_the_next_call_continues(server, downloads):
    options = section(server, "pets", 60, 60)
    server.pace = 2
    first = start(**options)
    while not any(file.stat().st_size for file in downloads.rglob("*.part")):
        assert first.poll() is None
        time.sleep(0.005)
    first.send_signal(signal.SIGINT)
    errors = first.communicate(timeout=600)[1]
    assert first.returncode == 130 and "the same command continues" in errors
    assert "Traceback" not in errors and not files("data")
    server.pace = 0
    fetch.run("x", **options)
    assert server.asked[-1][1].startswith("bytes=") and len(table("x")) == 180


@pytest.mark.slow
@pytest.mark.parametrize("source", ["microsoft", "pets"])
def test_after_a_kill_at_any_moment_the_next_call_writes_the_same_bytes(server, downloads, source):
    options = section(server, source, 300, 300)
    fetch.run("y", **options)
    expected, size = files("data/raw/y"), len(server.files[f"/{source}"])
    shutil.rmtree("data")
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    for _ in range(10):
        shutil.rmtree(downloads)
        shutil.rmtree("data", ignore_errors=True)
        server.pace, server.sent = 0.3 / (size / 8192), 0
        process = start(**options)
        wait_for(server, 1)
        time.sleep(moments.uniform(0, 0.6))  # about half of it is unpacking
        process.kill()
        process.communicate()
        if Path("data/raw/x").exists():  # it had finished
            assert files("data/raw/x") == expected
        there = sum(file.stat().st_size for file in downloads.rglob("*.part"))
        server.pace = 0
        fetch.run("x", **options)
        assert files("data/raw/x") == expected
        assert sorted(os.listdir("data/raw")) == ["x"]
        if 0 < there < size:
            assert server.asked[-1] == (f"/{source}", f"bytes={there}-")
