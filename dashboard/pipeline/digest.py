"""A file or folder -> the md5 that DVC writes into dvc.lock."""

import functools
import hashlib
import itertools
import json
from pathlib import Path

MOST_FILES, MOST_BYTES = 200, 5_000_000


def digest(path: Path) -> str | None:
    """DVC's md5 of a file or folder; None for a large one, which takes too long to read."""
    if path.is_file():
        return _md5(path) if path.stat().st_size <= MOST_BYTES else None
    # .dvcignore names __pycache__
    inside = (file for file in path.rglob("*") if "__pycache__" not in file.parts)
    files = list(itertools.islice(filter(Path.is_file, inside), MOST_FILES + 1))
    if len(files) > MOST_FILES or sum(file.stat().st_size for file in files) > MOST_BYTES:
        return None
    listed = [{"md5": _md5(file), "relpath": file.relative_to(path).as_posix()} for file in files]
    listed.sort(key=lambda entry: entry["relpath"])
    return hashlib.md5(json.dumps(listed).encode()).hexdigest() + ".dir"


def _md5(file: Path) -> str:
    return _cached_md5(str(file), file.stat().st_mtime_ns)


@functools.lru_cache(maxsize=10_000)
def _cached_md5(file: str, mtime: int) -> str:  # noqa: ARG001 the cache's key
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()
