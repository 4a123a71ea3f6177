"""A Streamlit script -> its address, while a server runs it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen


@contextmanager
def served(script: Path, *, folder: Path, **variables: str) -> Iterator[str]:
    """The address of a script that a server runs from `folder` with these environment variables."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.headless", "true", "--server.port", str(port)]
    if not (script.parent / ".streamlit").is_dir():  # which would hold these settings
        command += ["--server.address", "localhost", "--browser.gatherUsageStats", "false"]
    server = subprocess.Popen(
        command, cwd=folder, env=os.environ | variables, stdout=subprocess.DEVNULL
    )
    address = f"http://localhost:{port}"
    try:
        deadline = time.time() + 600
        while not _ready(address):
            assert time.time() < deadline, f"{script} did not start"
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _ready(address: str) -> bool:
    try:
        with urlopen(f"{address}/_stcore/health") as response:
            return response.status == 200
    except OSError:
        return False
