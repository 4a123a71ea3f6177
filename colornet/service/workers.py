"""Threads that colour pictures of requests: a bounded number, with places to wait and time limits.

As many pictures as the command line are decoded, coloured and encoded at once.
"""

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from colornet.cli.batch import PIXELS, WORKERS
from colornet.service.errors import RefusedError, gone
from colornet.system import machine, memory

IDLE = 1.0  # seconds without a request, after which freed memory goes back to the machine
T = TypeVar("T")


class Turn:
    """One picture's turn: `check` ends it when its time is over or nobody waits for it any more."""

    def __init__(self, room: "_Room", seconds: float):
        self._room, self._until, self.seconds = room, time.monotonic() + seconds, seconds

    def check(self) -> None:
        """Raises RefusedError, 504, if the time is over."""
        if time.monotonic() >= self._until:
            raise self.late()

    def late(self) -> RefusedError:
        """The error of a picture whose time is over."""
        text = f"the picture took longer than the limit of {self.seconds:g} seconds"
        return RefusedError(504, f"{text}: send a smaller one, or try again later")

    def end(self) -> None:
        """Makes the next `check` raise: the thread stops before the next step of its work."""
        self._until = -math.inf
        self._room.look()

    @contextmanager
    def colouring(self, pixels: int) -> Iterator[None]:
        """Waits until so many pixels more may be coloured. Raises as `check` does."""
        self._room.enter(pixels, lambda: self._until)
        try:
            self.check()
            yield
        finally:
            self._room.leave(pixels)


class _Room:
    """Lets pictures of at most PIXELS in all be coloured at once; a larger one is alone."""

    def __init__(self) -> None:
        self._changed, self._pixels = threading.Condition(), 0

    def enter(self, pixels: int, until: Callable[[], float]) -> None:
        """Waits for room, but not beyond the time `until`; to be left in either case."""
        with self._changed:
            while self._pixels and self._pixels + pixels > PIXELS:
                left = until() - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._pixels += pixels

    def leave(self, pixels: int) -> None:
        with self._changed:
            self._pixels -= pixels
            self._changed.notify_all()

    def look(self) -> None:
        with self._changed:
            self._changed.notify_all()


class Place:
    """A request's place. It is free again when its answer is sent and its thread has ended."""

    def __init__(self, workers: "Workers"):
        self._workers = workers
        self._future: Future | None = None

    async def run(self, work: Callable[[Turn], T], leaves: Awaitable[object]) -> T:
        """What `work` returns or raises; it is called in a thread, with its turn.

        leaves: ends when the client leaves. Raises RefusedError: 504 when the time limit is over,
        499 when the client has left. Work that waits then is not begun; a thread cannot be ended,
        so work that runs goes on until the next step, and the place stays taken until then.
        """
        turn, answer = self._workers.submit(self, work)
        left = asyncio.ensure_future(leaves)
        try:
            both: set[asyncio.Future[Any]] = {answer, left}
            await asyncio.wait(both, timeout=turn.seconds, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
            raise gone() if left.done() else turn.late()
        finally:
            left.cancel()
            if not answer.done():
                turn.end()
                answer.cancel()


class Workers:
    """The threads. waiting: how many requests may wait besides those being coloured; seconds: time
    limit of a picture, from its upload's end on, with its waiting. Used by one event loop.
    """

    def __init__(self, *, waiting: int, seconds: float):
        self.count = max(1, min(WORKERS, machine.cores()))
        self._pool = ThreadPoolExecutor(self.count, "colour")
        self._most, self._seconds = self.count + waiting, seconds
        self._lock, self._room = threading.Lock(), _Room()
        self._taken = self._running = 0
        self._mean = 1.0  # seconds in a thread, of the last pictures
        self._used: float | None = None  # when a place was left, until the memory is given back

    @property
    def running(self) -> int:
        """How many pictures are being coloured."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many requests are being received, wait for a thread, or are being answered."""
        return self._taken - self._running

    @contextmanager
    def place(self) -> Iterator[Place]:
        """A place for one request. Raises RefusedError, 503 with Retry-After, if all are taken."""
        with self._lock:
            if self._taken >= self._most:
                raise self._busy()
            self._taken += 1
        place = Place(self)
        try:
            yield place
        finally:
            if place._future is None:
                self._leave()
            else:  # called at once if it has ended
                place._future.add_done_callback(lambda _: self._leave())

    def submit(self, place: Place, work: Callable[[Turn], T]) -> tuple[Turn, asyncio.Future[T]]:
        """Lets a thread do the work as soon as one is free."""
        turn = Turn(self._room, self._seconds)
        place._future = self._pool.submit(self._work, work, turn)
        return turn, asyncio.wrap_future(place._future)

    def tidy(self) -> None:
        """Gives freed memory back if no request came for a while; to be called now and then."""
        with self._lock:
            idle = not self._taken and self._used and time.monotonic() - self._used > IDLE
            self._used = None if idle else self._used
        if idle:
            self._pool.submit(memory.trim)

    def _work(self, work: Callable[[Turn], T], turn: Turn) -> T:
        turn.check()
        began = time.monotonic()
        with self._lock:
            self._running += 1
        try:
            return work(turn)
        finally:
            with self._lock:
                self._running -= 1
                self._mean += (time.monotonic() - began - self._mean) / 10

    def _leave(self) -> None:
        with self._lock:
            self._taken -= 1
            self._used = time.monotonic()

    def _busy(self) -> RefusedError:
        after = max(1, math.ceil(self._mean * self._taken / self.count))
        text = f"all {self._most} places are taken: try again in {after} s"
        return RefusedError(503, text, {"Retry-After": str(after)})
