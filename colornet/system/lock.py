"""Locks between processes, also of several machines, on disks that have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

POLL = 0.005  # seconds between two attempts


@contextmanager
def held(file: Path, *, seconds: float = -1) -> Iterator[bool]:
    """Whether the lock on a file, which is created, is held during the block.

    It is False where another process has it after so many seconds; -1 waits as long as it takes.
    The system frees the lock of a killed process; its file stays. Where no lock can be had, as on a
    network disk without locks, it is True for all: what they protect must bear that.
    """
    # Not the library's own replacement for such disks: that of a killed process would stay locked
    lock = FileLock(file, fallback_to_soft=False)
    try:
        lock.acquire(timeout=seconds, poll_interval=POLL)
    except Timeout:
        yield False
        return
    except (OSError, NotImplementedError):
        pass
    try:
        yield True
    finally:
        lock.release()
