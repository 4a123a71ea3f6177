"""`colornet serve` under load on this machine, beside the command line on the same folder.

Sixteen clients send the pictures of a folder, JPEGs of 1 megapixel, each over a connection that it
keeps. A picture is lost if its answer is not the file that the command line writes, byte for byte.
Then come files that benchmarks.fuzz damages. The command's start is not counted in its pictures/s.
"""

import argparse
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from benchmarks import fuzz
from benchmarks.crops import crops

COMMAND = [sys.executable, "-m", "colornet.colorize"]
SIZE, CLIENTS, PORT = (1152, 864), 16, 8765
PATIENCE = 120  # seconds for one answer; the service itself refuses after 60
SETTLED = 15  # seconds in which the service gives back memory


class Answer(NamedTuple):
    """status: 0 if there was none; `seconds` from the first byte sent to the last received."""

    name: str
    status: int
    content: bytes
    seconds: float


def command(folder: Path, out: Path, *, few: Path) -> float:
    """Pictures/s of the command line, without its start: that of a folder with one picture."""
    seconds = []
    for given in (few, folder):
        began = time.perf_counter()
        call = [*COMMAND, str(given), "--output", str(out), "--overwrite"]
        subprocess.run(call, check=True, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - began)
    return (len(list(folder.iterdir())) - 1) / (seconds[1] - seconds[0])


@contextmanager
def service() -> Iterator[psutil.Popen]:
    """A running service, ready."""
    server = psutil.Popen([*COMMAND, "serve", "--port", str(PORT)], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE
        while send("", None).status != 200:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit("the service did not start")
            time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        server.wait()


def send(name: str, content: bytes | None, connection: HTTPConnection | None = None) -> Answer:
    """Sends a picture, or without one asks whether the service is ready."""
    connection = connection or HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
    began, status, received = time.perf_counter(), 0, b""
    with suppress(OSError, HTTPException):
        if content is None:
            connection.request("GET", "/healthz")
        else:
            headers = {"Content-Type": "application/octet-stream"}
            connection.request("POST", f"/colorize?name={name}", content, headers)
        answer = connection.getresponse()
        received = answer.read()
        status = answer.status
    if not status:
        connection.close()  # a later request opens it again
    return Answer(name, status, received, time.perf_counter() - began)


def load(files: list[tuple[str, bytes]], clients: int) -> list[Answer]:
    """The answers to all files, which so many clients send at the same time."""
    todo: queue.SimpleQueue = queue.SimpleQueue()
    for each in files:
        todo.put(each)
    answers: list[Answer] = []

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
        with suppress(queue.Empty):
            while True:
                answers.append(send(*todo.get_nowait(), connection))
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return answers


def held(server: psutil.Popen) -> int:
    """Resident memory of the service in MB."""
    return round(server.memory_info().rss / 2**20)


def settled(server: psutil.Popen, before: int) -> int:
    """Its memory when it has given back what it does not need."""
    deadline = time.monotonic() + SETTLED
    while held(server) > before and time.monotonic() < deadline:
        time.sleep(0.5)
    return held(server)


@contextmanager
def peak(server: psutil.Popen) -> Iterator[list[int]]:
    """A list with one number: the most memory in MB that the service had inside the block."""
    most, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], held(server))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def under_load(server: psutil.Popen, photos: Path, out: Path) -> dict[str, float]:
    """The figures of the load."""
    files = [(file.name, file.read_bytes()) for file in sorted(photos.iterdir())]
    load(files[:4], 2)  # the first pictures compile the networks for their shape
    before = settled(server, 0)
    began = time.perf_counter()
    with peak(server) as most:
        answers = load(files, CLIENTS)
    seconds = time.perf_counter() - began
    right = {name for name, _ in files}
    right = {a.name for a in answers if a.content == (out / a.name).read_bytes()} & right
    p50, p99 = np.quantile([each.seconds for each in answers], [0.5, 0.99])
    return {
        "pictures_per_s": len(right) / seconds,
        "lost": len(files) - len(right),
        "p50_s": float(p50),
        "p99_s": float(p99),
        "before_mb": before,
        "peak_mb": most[0],
        "after_mb": settled(server, before),
    }


def hostile(server: psutil.Popen, count: int) -> dict[str, float]:
    """Damaged files: how many are coloured, refused with a sentence, or do harm."""
    names = list(fuzz.FILES)
    files = []
    for number in range(count):
        name = names[number % len(names)]
        chance = random.Random(f"{name} {number // len(names)}")
        files.append((name, fuzz.mutate(fuzz.FILES[name], chance)))
    answers = load(files, 4)
    said = Counter(each.status for each in answers)
    for each in answers:
        if each.status not in (200, 422, 413):
            print(each.name, each.status, each.content)
    refused = sum(
        each.status in (413, 422) and set(json.loads(each.content)) == {"error"} for each in answers
    )
    alive = server.poll() is None and send("", None).status == 200
    return {
        "hostile": count,
        "hostile_coloured": said[200],
        "hostile_refused": refused,
        "hostile_harm": count - said[200] - refused + (not alive),
        "hostile_slowest_s": max(each.seconds for each in answers),
        "hostile_after_mb": held(server),
    }


def measure(folder: Path, *, pictures: int, damaged: int, repeats: int) -> dict[str, float]:
    """All figures; the command line is measured before and after the service."""
    photos, few, out = (folder / name for name in ("photos", "few", "out"))
    photos.mkdir(), few.mkdir()
    for number, picture in enumerate(crops(pictures, SIZE)):
        picture.save(photos / f"{number:03}.jpg", quality=90)
    os.link(photos / "000.jpg", few / "000.jpg")
    rates = [command(photos, out, few=few)]
    with service() as server:
        figures = under_load(server, photos, out)
        for _ in range(repeats - 1):
            rates.append(command(photos, out, few=few))
        figures |= hostile(server, damaged)
    figures["command_pictures_per_s"] = float(np.mean(rates))
    figures["share_of_command_line"] = figures["pictures_per_s"] / np.mean(rates)
    return figures | {"requests": pictures, "clients": CLIENTS}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pictures, in about a minute")
    options = parser.parse_args(argv)
    counts = (64, 96, 1) if options.quick else (400, 960, 2)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(
            Path(folder), **dict(zip(("pictures", "damaged", "repeats"), counts, strict=True))
        )
    print(json.dumps({name: round(float(value), 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
