"""Copies of the pictures in a folder tree of your own, which is never changed.

It chooses files by their names; a later stage checks whether they are pictures. A `sources.csv` in
the folder says who took them and under which licence.
"""

import csv
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from colornet.system import formats

# Includes formats that preprocess rejects, so that rejected.csv names them. "" is no suffix.
SUFFIXES = frozenset(["", ".svg", *formats.BY_ENDING])
CREDITS = "sources.csv"
UNKNOWN = {"url": "", "licence": "not stated", "author": ""}


def fetch(into: Path, *, path: str) -> Iterator[dict[str, str]]:
    """Copies every file below `path` with the suffix of a picture; keeps the sub-folders.

    Hidden files and links are left out. `photo` is the content's hash, so exact copies share it.
    The address, licence and author of a picture are those of its row in `path`/sources.csv. Raises
    ValueError if there is no such folder, if it holds no picture, if it holds `into`, or if its
    sources.csv cannot be read or names a file that is not copied.
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
    named = [(file, _name(file, folder)) for file in files]
    credits = _credits(folder / CREDITS, {name for _, name in named})
    for file, name in named:
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        with open(target, "rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield {
            "file": name,
            "photo": digest[:16],
            "source": "folder",
            **UNKNOWN,
            **credits.get(name, {}),
        }


def _name(file: Path, folder: Path) -> str:
    """The path of a file below the folder, with slashes, as text in any case."""
    inside = file.relative_to(folder).as_posix()
    return os.fsencode(inside).decode("utf-8", "backslashreplace")


def _credits(file: Path, names: set[str]) -> dict[str, dict[str, str]]:
    """Name of a picture -> what the table says about it; {} without a table.

    names: of all pictures. Raises ValueError, with a sentence, for a broken table.
    """
    if not file.is_file():
        return {}
    try:
        with open(file, encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream)
            columns = table.fieldnames or []
            rows = [(table.line_num, row) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{file} cannot be read as a table in UTF-8: {error}.") from None
    if "file" not in columns:
        raise ValueError(f"{file} has no column `file`; it must name the photographs.")
    found: dict[str, dict[str, str]] = {}
    for line, row in rows:
        if None in row:
            raise ValueError(
                f"{file}, line {line}, has more cells than columns; quote cells that hold commas."
            )
        if row["file"] not in names:
            raise ValueError(f"{file}, line {line}: there is no photograph {row['file']}.")
        found[row["file"]] = {key: row[key] for key in UNKNOWN if row.get(key)}
    return found


def _pictures(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(parent, name)
            if name.startswith(".") or file.suffix.lower() not in SUFFIXES:
                continue
            if file.is_file() and not file.is_symlink():
                yield file
