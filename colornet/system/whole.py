"""A folder that appears under its name only when it is complete."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder(target: Path) -> Iterator[Path]:
    """An empty folder to fill; it becomes `target`, in whose place it comes, if nothing is raised.

    At no moment does `target` hold half of the new files or half of the former ones, not even
    after kill -9; what that leaves beside it (`target`.part, .old) the next call removes.
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
