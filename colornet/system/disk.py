"""Checks free space before writing; explains disk errors."""

import errno
import os
import shutil
from collections import defaultdict
from pathlib import Path


def require(space: dict[Path, int]) -> None:
    """Checks that folders have enough free space; `space` maps each folder to bytes.

    A folder that does not exist yet counts for the disk of its nearest parent; folders on one disk
    are added up. Raises OSError with a sentence that names the needed and the free space.
    """
    disks: dict[int, list[tuple[Path, Path, int]]] = defaultdict(list)
    for folder, size in space.items():
        parents = (folder.absolute(), *folder.absolute().parents)
        existing = next(parent for parent in parents if parent.exists())
        disks[os.stat(existing).st_dev].append((folder, existing, size))
    for needs in disks.values():
        free = min(shutil.disk_usage(existing).free for _, existing, _ in needs)
        if sum(size for _, _, size in needs) > free:
            listed = " and ".join(f"{megabytes(size)} in {folder}" for folder, _, size in needs)
            raise OSError(
                f"the disk has too little free space: {listed} are needed, {megabytes(free)} are"
                " free."
            )


def sentence(error: OSError) -> str:
    """Explains an error of the file system to the user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "the disk is full: free some space, then run the same command again; it continues"
            " from there."
        )
    return f"{error.filename}: {error.strerror}." if error.filename else str(error)


def size(file: Path) -> int:
    """Bytes of a file, 0 if it does not exist."""
    return file.stat().st_size if file.exists() else 0


def megabytes(size: float) -> str:
    """Bytes as text: "825 MB", below 10 MB with two decimals."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e7 else f"{size / 1e6:,.2f} MB"
