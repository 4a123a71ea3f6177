"""Calls that colour the same files at once: each target is claimed by one of them.

A claim is a lock on a hidden file beside the target. The system frees the lock of a killed process;
its empty file is harmless, and goes when the target is claimed again.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from colornet.system import lock, stop

LOOK = 0.1  # seconds between two looks whether the program was asked to stop

State = tuple[int, int, int] | None  # what `state` returns


def state(target: Path) -> State:
    """What tells a file from one that replaces it; None where there is none."""
    try:
        about = os.lstat(target)
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns, about.st_ino


@contextmanager
def claimed(target: Path, *, wait: bool) -> Iterator[bool]:
    """Whether this call has the target for the time of the block; never so for two calls.

    `wait`: until another call is done with it. Where no lock can be had, as on a disk without
    locks, both calls have it: then work is done twice, and nothing worse. Raises stop.Stopped.
    """
    # A short name: the target's and an ending could be longer than the file system allows
    digest = hashlib.sha256(target.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    file = target.parent / f".colornet-{digest}.lock"
    with suppress(OSError):  # which the work on the target will meet, too, and name
        target.parent.mkdir(parents=True, exist_ok=True)
    while True:
        stop.check()
        with lock.held(file, seconds=LOOK if wait else 0) as mine:
            if mine or not wait:
                try:
                    yield mine
                finally:
                    if mine:
                        # Before the lock is free: who has opened the file sees that it is gone
                        file.unlink(missing_ok=True)
                return
