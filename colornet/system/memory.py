"""Memory that large pictures took goes back to the machine as soon as they are done with."""

import ctypes
import functools
from typing import Any

# Parameters of glibc's mallopt: https://man7.org/linux/man-pages/man3/mallopt.3.html
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
LARGE = 4 * 2**20  # bytes: below Pillow's blocks of 16 MB, above most arrays of a computation
KEPT = 16 * 2**20  # bytes at the end of a heap; with less, colouring asks for the same again
HEAPS = 2  # instead of up to eight for each core


@functools.cache
def give_back() -> bool:
    """Makes the C library give freed memory back; for a process that runs long and has threads.

    By default glibc raises the size from which a block is mapped alone, and can be given back
    alone, up to 32 MB as soon as one is freed. Smaller ones, such as those of pictures, then leave
    holes in a heap for each thread, which only grow. Returns whether the C library is glibc;
    others are left as they are.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt is None:
        return False
    settings = {MMAP_THRESHOLD: LARGE, TRIM_THRESHOLD: KEPT, ARENA_MAX: HEAPS}
    return all([mallopt(name, value) for name, value in settings.items()])


def trim() -> None:
    """Gives back the holes that are left in the heaps; takes some hundredths of a second."""
    if malloc_trim := _of_glibc("malloc_trim"):
        malloc_trim(0)


def _of_glibc(name: str) -> Any:
    """A function of the C library; None where it is not glibc."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # musl and macOS; Windows, which takes no None
        return None
