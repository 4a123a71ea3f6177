"""The dashboard as a running server, and the browser that opens its pages."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import psutil

DASHBOARD = Path(__file__).parents[1] / "dashboard"
INSTALL = "pip install -r requirements-dev.txt && python -m playwright install chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# A browser that Playwright drives finds out for each exception in which lines the functions around
# it are: for those of Plotly's script it compiles 4.7 MB four times, which takes 0.4 s. A visitor's
# browser does not. With this option the lines are noted when a script is compiled first.
QUIET += ["--js-flags=--no-enable-lazy-source-positions"]
START = 60  # seconds that the server may take to start


def pages() -> dict[str, str]:
    """View -> path of its address, for each page in dashboard/router.py."""
    router = (DASHBOARD / "router.py").read_text("utf-8")
    found = {}
    for view, options in re.findall(r'st\.Page\(\s*"views/(\w+)\.py"([^)]*)', router):
        named = re.search(r'url_path="([^"]*)"', options)
        found[view] = "" if "default=True" in options else named[1] if named else view
    return found


@contextmanager
def served(root: Path) -> Iterator[tuple[str, psutil.Popen, list[float]]]:
    """Serves the dashboard of the project at `root`; yields address, process and peak memory.

    The peak memory is a list with one number, in MB, which grows while the server runs.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD / "app.py")]
    command += ["--server.headless", "true", "--server.port", str(port)]
    env = os.environ | {"COLORNET_ROOT": str(root)}
    server = psutil.Popen(command, cwd=root, env=env, stdout=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    deadline = time.monotonic() + START
    try:
        while not _healthy(address):
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the dashboard did not start: {' '.join(command)}")
            time.sleep(0.1)
        most = [0.0]
        threading.Thread(target=_watch, args=(server, most), daemon=True).start()
        yield address, server, most
    finally:
        server.terminate()
        server.wait()


def _healthy(address: str) -> bool:
    with suppress(OSError), urlopen(f"{address}/_stcore/health") as response:
        return response.status == 200
    return False


def _watch(server: psutil.Popen, most: list[float]) -> None:
    """Keeps in `most` the peak of resident memory in MB, child processes included."""
    while server.is_running():
        with suppress(psutil.NoSuchProcess):  # a child that has just ended
            family = [server, *server.children(recursive=True)]
            most[0] = max(most[0], sum(one.memory_info().rss for one in family) / 2**20)
        time.sleep(0.2)


def loaded(server: psutil.Popen, library: str) -> bool:
    """Whether a process of the server has loaded a shared library of that name."""
    family = [server, *server.children(recursive=True)]
    return any(library in part.path for one in family for part in one.memory_maps())


@contextmanager
def browser() -> Iterator:
    """Starts headless Chromium: the system's if there is one, else Playwright's."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        sys.exit(f"Playwright is not installed: {INSTALL}")
    system = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        try:
            opened = driver.chromium.launch(executable_path=system, args=QUIET)
        except Error as error:
            sys.exit(f"Chromium does not start ({str(error).splitlines()[0]}): {INSTALL}")
        yield opened
        opened.close()
