"""`colornet serve` in a thread of a test, with a colorizer that the test controls."""

import contextlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator

import requests
from PIL import Image

from colornet.service import app, server
from colornet.service.runs import Runs
from colornet.service.workers import Workers
from support.pictures import content, waves

PHOTO = content(waves(), "JPEG")
PATIENCE = 60  # seconds, of a busy machine


class Colorizer:
    """Returns each picture as it is, when `go` is set. `begun`: the sizes that it was given."""

    name, saturation, classifier = "still", 1.0, None

    def __init__(self):
        self.go, self.begun, self.fault = threading.Event(), [], None
        self.go.set()

    def __call__(self, picture, *, hints=()):
        self.begun.append((picture.size, len(hints)))
        assert self.go.wait(PATIENCE)
        if self.fault:
            raise self.fault
        return picture


class Service:
    """A running service. `asked_to_stop`: the number of a signal, once it is set."""

    def __init__(self, colorizer, *, waiting, seconds, max_pixels, max_bytes, token):
        self.asked_to_stop: int | None = None
        self.workers = Workers(waiting=waiting, seconds=seconds)
        runs = Runs([], lambda options: colorizer)
        limits = app.Limits(max_pixels, max_bytes, seconds)
        built = app.build(runs, self.workers, limits, token=token)
        listening = server.bound("127.0.0.1", 0)
        # Connections take it over: no answer of megabytes fits into the system's memory
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**16)
        self.place, self.address = listening.getsockname(), server.address(listening)
        self._server = server.Server(
            built,
            seconds=seconds,
            tidy=self.workers.tidy,
            requested=lambda: self.asked_to_stop,
        )
        self.thread = threading.Thread(target=self._server.run, args=([listening],))
        self.thread.start()
        until(lambda: self._server.started)

    def post(self, data=PHOTO, *, path="/colorize", headers=None, **options) -> requests.Response:
        headers = {"Content-Type": "application/octet-stream"} | (headers or {})
        return requests.post(
            self.address + path, data=data, headers=headers, timeout=PATIENCE, **options
        )

    def form(self, query="", **parts) -> requests.Response:
        address = f"{self.address}/colorize{query}"
        return requests.post(address, files=parts, timeout=PATIENCE)

    def json(self, given) -> requests.Response:
        return requests.post(f"{self.address}/colorize", json=given, timeout=PATIENCE)

    def get(self, path, **options) -> requests.Response:
        return requests.get(self.address + path, timeout=PATIENCE, **options)


def until(state: Callable[[], object]) -> None:
    """Waits for a state."""
    deadline = time.monotonic() + PATIENCE
    while not state():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextlib.contextmanager
def serving(colorizer, **options) -> Iterator[Service]:
    """A service until the end of the block."""
    usual = {"waiting": 8, "seconds": PATIENCE, "max_pixels": 10**6, "max_bytes": 10**6}
    running = Service(colorizer, **({"token": None} | usual | options))
    try:
        yield running
    finally:
        colorizer.go.set()
        running.asked_to_stop = running.asked_to_stop or 15
        running.thread.join(PATIENCE)
        assert not running.thread.is_alive()


@contextlib.contextmanager
def sending(count: int, send: Callable[[], object]) -> Iterator[list]:
    """Calls `send` in so many threads; after the block the list has what they returned."""
    answers: list = []
    threads = [threading.Thread(target=lambda: answers.append(send())) for _ in range(count)]
    for each in threads:
        each.start()
    try:
        yield answers
    finally:
        for each in threads:
            each.join(PATIENCE)


def sentence(answer: requests.Response) -> str:
    """The sentence of a refused request, after a check that it is nothing else."""
    assert answer.headers["content-type"] == "application/json"
    (key, said), *rest = answer.json().items()
    assert key == "error" and not rest and said and "\n" not in said
    return said


def picture(answer: requests.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def taken(running) -> int:
    """How many places are taken."""
    return running.workers.running + running.workers.waiting
