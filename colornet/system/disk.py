"""Room on the disks, asked for before anything is written, and what it means when it ends."""

import errno
import os
import shutil
from collections import defaultdict
from pathlib import Path


def require(room: dict[Path, int]) -> None:
    """Raises OSError, in a sentence with both numbers, if so many bytes don't fit in the folders.

    Folders that are still to be made count for the one that they will lie in; those on one disk
    are added up.
    """
    disks = defaultdict(dict)
    for folder, size in room.items():
        places = (folder.absolute(), *folder.absolute().parents)
        there = next(place for place in places if place.exists())
        disks[os.stat(there).st_dev][folder] = size, there
    for sizes in disks.values():
        free = min(shutil.disk_usage(there).free for _, there in sizes.values())
        if sum(size for size, _ in sizes.values()) > free:
            needs = " and ".join(f"{megabytes(size)} in {at}" for at, (size, _) in sizes.items())
            raise OSError(
                f"the disk is too full: {needs} are needed, {megabytes(free)} are free; make room."
            )


def sentence(error: OSError) -> str:
    """What an error of the file system says to the user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk became full; make room, and the same command goes on from there."
    return f"{error.filename}: {error.strerror}." if error.filename else str(error)


def megabytes(size: float) -> str:
    """Bytes as a reader reads them: "825 MB"."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e7 else f"{size / 1e6:,.2f} MB"
