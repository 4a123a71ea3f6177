"""Steps of work side by side: each in a thread of its own, one item ahead of the next."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

from colornet.system import stop

AHEAD = 1  # items that a thread computes or holds while the next step works on its own
LOOK = 0.1  # seconds between two looks whether the work is still wanted
T = TypeVar("T")


def ahead(items: Generator[T, None, None], size: int = AHEAD) -> Generator[T, None, None]:
    """Yields items, which a thread computes up to `size` ahead.

    What the items raise is raised here. When this generator is closed, the thread ends after the
    item that it computes. Raises stop.Stopped.
    """
    ready: queue.SimpleQueue = queue.SimpleQueue()
    # Taken before an item is computed, and not before it is stored: an item may hold a frame
    places = threading.Semaphore(size)
    over = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, ready, places, over), daemon=True)
    thread.start()
    try:
        yield from _taken(ready, places)
    finally:
        over.set()
        places.release()
        thread.join()


def _fill(
    items: Generator, ready: queue.SimpleQueue, places: threading.Semaphore, over: threading.Event
) -> None:
    try:
        while places.acquire() and not over.is_set():
            ready.put(([next(items)], None))
    except StopIteration:
        ready.put(([], None))
    except BaseException as error:
        ready.put(([], error))
    finally:
        items.close()


def _taken(ready: queue.SimpleQueue, places: threading.Semaphore) -> Iterator[Any]:
    while True:
        stop.check()
        try:
            item, error = ready.get(timeout=LOOK)
        except queue.Empty:
            continue
        if error is not None:
            raise error
        if not item:
            return
        places.release()
        yield item.pop()
