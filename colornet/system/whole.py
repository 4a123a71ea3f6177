"""Writes files and folders so that they appear under their names only when they are complete."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class WriteError(OSError):
    """An OSError that came from writing, in work that also reads."""


@contextmanager
def file(target: Path) -> Iterator[BinaryIO]:
    """Gives a stream to write; its content becomes the file `target` when the block ends.

    On success it replaces `target`, safe from a power failure; on an exception `target` is
    untouched. Raises OSError if the folder cannot be written to or the disk is full. After kill -9
    a hidden file with the suffix .part stays beside `target`.
    """
    # A short random name: `target`'s name and a suffix could be longer than the file system allows
    part = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        with open(part, "x+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def folder(target: Path) -> Iterator[Path]:
    """Gives an empty folder to fill; it becomes `target` when the block ends.

    On success it replaces `target`; on an exception `target` is untouched. `target` never holds
    only some of the files, not even after kill -9. That can leave `target`.part and `target`.old;
    the next call removes them.
    """
    part, old = (target.with_name(f"{target.name}.{end}") for end in ("part", "old"))
    if old.exists() and not target.exists():
        os.replace(old, target)
    for left_over in (part, old):
        shutil.rmtree(left_over, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        if target.exists():
            os.replace(target, old)
        os.replace(part, target)
    finally:
        for left_over in (part, old):
            shutil.rmtree(left_over, ignore_errors=True)
