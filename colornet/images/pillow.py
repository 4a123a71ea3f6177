"""Pillow without its warnings, one thread at a time."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_one_thread = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Inside the block nothing warns; no other thread is in such a block at the same time.

    Pillow warns about large pictures and broken EXIF blocks; this package handles both. The lock is
    needed because catch_warnings is not safe between threads.
    """
    with _one_thread, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
