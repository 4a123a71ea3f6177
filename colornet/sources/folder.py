"""Copies of the pictures in a folder tree of your own, which is never changed.

It chooses files by their names; a later stage checks whether they are pictures.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

# Includes formats that preprocess rejects, so that rejected.csv names them. "" is no suffix.
SUFFIXES = frozenset(
    ["", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff"]
    + [".bmp", ".ppm", ".pgm", ".pnm", ".jp2", ".avif", ".heic", ".heif", ".svg", ".tga", ".psd"]
)


def fetch(into: Path, *, path: str) -> Iterator[dict[str, str]]:
    """Copies every file below `path` with the suffix of a picture; keeps the sub-folders.

    Hidden files and links are left out. `photo` is the content's hash, so exact copies share it.
    Raises ValueError if there is no such folder, if it holds no picture, or if it holds `into`.
    """
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise ValueError(
            f"there is no folder {path}; path must be a folder that holds photographs."
        )
    if into.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{path} holds the data folder itself; move the photographs elsewhere.")
    files = list(_pictures(folder))
    if not files:
        raise ValueError(f"{path} holds no file with the suffix of a picture (links do not count).")
    for file in files:
        name = os.fsencode(file.relative_to(folder)).decode("utf-8", "backslashreplace")
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        with open(target, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield {
            "file": Path(name).as_posix(),
            "photo": digest[:16],
            "source": "folder",
            "url": "",
            "licence": "not stated",
            "author": "",
        }


def _pictures(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent, name)
            if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                continue
            if file.is_file() and not file.is_symlink():
                yield file
