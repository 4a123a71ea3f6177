"""The inputs of the command line -> the files that they name; opens none."""

import errno
import glob
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from colornet.system import formats, stop

EMPTY = "holds no pictures or films"
Real = Callable[[str], str]  # os.path.realpath, which remembers


class Wrong(NamedTuple):
    """An input that cannot be coloured, and the reason, to be read after its name."""

    source: Path
    reason: str


class Source(NamedTuple):
    """A file to colour, its path below the input, and its real path; texts, which are small."""

    file: str
    below: str
    real: str


def files(given: str, output: Path | None, real: Real) -> Iterator[Source | Wrong]:
    """The files that one input names."""
    if os.path.lexists(given) or not glob.has_magic(given):
        yield from _sources(given, output, real)
        return
    names = sorted(glob.glob(given, recursive=True))
    if not names:
        yield Wrong(Path(given), "matches no file")
    for name in names:
        yield from _sources(name, output, real)


def _sources(given: str, output: Path | None, real: Real) -> Iterator[Source | Wrong]:
    """A file itself; of a folder the files below it that are named like pictures or films."""
    try:
        mode = os.stat(given).st_mode
    except OSError as error:
        yield Wrong(Path(given), reason(error, link=os.path.islink(given)))
        return
    if stat.S_ISREG(mode):
        yield Source(given, os.path.basename(given), real_path(Path(given), real))
    elif not stat.S_ISDIR(mode):  # reading from a pipe would never end
        yield Wrong(Path(given), "is neither a file nor a folder")
    else:
        # A folder may contain the output folder: results are no inputs
        excluded = os.path.realpath(output) if output else None
        excluded = None if excluded == os.path.realpath(given) else excluded
        found = _walk("" if str(Path(given)) == os.curdir else str(Path(given)), "", excluded, real)
        first = next(found, Wrong(Path(given), EMPTY))
        yield first
        yield from found


def _walk(given: str, below: str, excluded: str | None, real: Real) -> Iterator[Source | Wrong]:
    """What lies in a folder `below` the given one, then in the folders in it; follows no links."""
    stop.check()
    place = os.path.join(given, below)
    try:
        with os.scandir(place or os.curdir) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Wrong(Path(error.filename), reason(error))
        return
    folders = []
    for entry in inside:
        path = os.path.join(below, entry.name)
        if _is_folder(entry):
            folders += [] if entry.is_symlink() else [path]
        elif not entry.name.startswith(".") and formats.is_known(Path(entry.name)):
            yield from _regular(entry, os.path.join(place, entry.name), path, real(place))
    for path in folders:
        if not excluded or os.path.realpath(os.path.join(given, path)) != excluded:
            yield from _walk(given, path, excluded, real)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _regular(
    entry: "os.DirEntry[str]", file: str, below: str, folder: str
) -> Iterator[Source | Wrong]:
    """The file of an entry, if it is one; `folder` is the real path of the folder that holds it."""
    try:
        if entry.is_symlink():  # only then another look at the disk is needed
            if stat.S_ISREG(os.stat(file).st_mode):
                yield Source(file, below, os.path.realpath(file))
        elif entry.is_file():
            yield Source(file, below, os.path.join(folder, entry.name))
    except OSError as error:
        yield Wrong(Path(file), reason(error, link=entry.is_symlink()))


def real_path(file: Path, real: Real) -> str:
    """The real path of a file; `real` tells, and remembers, that of its folder."""
    if os.path.islink(file):
        return os.path.realpath(file)
    return os.path.join(real(str(file.parent)), file.name)


def reason(error: OSError, *, link: bool = False) -> str:
    """Why a file cannot be read, to be read after its name; `link`: the file is a link."""
    if error.errno == errno.ELOOP:
        return "is a link that leads in a circle"
    if isinstance(error, FileNotFoundError):
        return "is a link to a file that does not exist" if link else "does not exist"
    if error.errno == errno.ENAMETOOLONG:
        return "does not exist: the name is too long for a file"
    return f"cannot be read: {error.strerror or error}"
