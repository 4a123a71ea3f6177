"""Steps of work side by side: each in a thread of its own, a few items ahead of the next."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

from colornet.system import stop

AHEAD = 2  # items; each may hold a frame
LOOK = 0.1  # seconds between two looks whether the work is still wanted
T = TypeVar("T")
_END = object()


def ahead(items: Generator[T, None, None], size: int = AHEAD) -> Generator[T, None, None]:
    """Yields items, which a thread computes up to `size` ahead.

    What the items raise is raised here. When this generator is closed, the thread ends after the
    item that it computes. Raises stop.Stopped.
    """
    ready: queue.Queue = queue.Queue(size)
    over = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, ready, over), daemon=True)
    thread.start()
    try:
        yield from _taken(ready)
    finally:
        over.set()
        thread.join()


def _fill(items: Generator, ready: queue.Queue, over: threading.Event) -> None:
    try:
        for item in items:
            if not _put(ready, (item, None), over):
                break
        else:
            _put(ready, (_END, None), over)
    except BaseException as error:
        _put(ready, (_END, error), over)
    finally:
        items.close()


def _put(ready: queue.Queue, item: tuple, over: threading.Event) -> bool:
    """Whether the item was still wanted."""
    while not over.is_set():
        try:
            ready.put(item, timeout=LOOK)
            return True
        except queue.Full:
            continue
    return False


def _taken(ready: queue.Queue) -> Iterator:
    while True:
        stop.check()
        try:
            item, error = ready.get(timeout=LOOK)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        if item is _END:
            return
        yield item
