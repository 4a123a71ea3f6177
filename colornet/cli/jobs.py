"""What the command line names -> which file is coloured into which; opens no picture."""

import errno
import glob
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from colornet.cli import original
from colornet.images import photo

SUFFIX, STRIP = "-colour", "-compare"  # of what is written beside its source, and of --compare


class Job(NamedTuple):
    """One picture to colour, and the file that it becomes."""

    source: Path
    target: Path


class Wrong(NamedTuple):
    """What cannot be coloured, and why, readable after its name."""

    source: Path
    reason: str


def find(
    inputs: Iterable[str], *, output: Path | None = None, suffix: str = SUFFIX, wanted: str | None
) -> tuple[list[Wrong], list[Job], int]:
    """What cannot be done, the jobs in the order of the inputs, and how many results stay out.

    inputs: files, folders, and patterns that the shell did not expand. Below `output` a folder's
    tree is kept; without it a result lies beside its source. A file of whose name an earlier call
    made another input's result is no input. No target is a source, or another's target.
    `wanted`: a key of `original.FORMATS`, or None for the source's.
    """
    wrong, found = [], {}  # found: each file once, whatever it is called
    for given in _expanded(inputs, wrong):
        for source, relative in _sources(given, output, wrong):
            found.setdefault(os.path.realpath(source), (source, relative))
    made = {
        (source.parent, _stem(source) + ending)
        for source, _ in found.values()
        for ending in {suffix, SUFFIX, STRIP} - {""}
    }
    inputs_found = len(found)
    found = {
        real: (source, relative)
        for real, (source, relative) in found.items()
        if (source.parent, _stem(source)) not in made
    }
    jobs = {}
    for source, relative in found.values():
        name = _stem(source) + suffix + original.suffix(source, wanted)
        target = (source if output is None else output / relative).with_name(name)
        there = os.path.realpath(target)
        if there in found:
            wrong.append(Wrong(source, f"would be written over {target}: {_advice(output)}"))
        elif there in jobs:
            wrong.append(
                Wrong(source, f"would be written over {jobs[there].source}'s result, {target}")
            )
        else:
            jobs[there] = Job(source, target)
    return wrong, list(jobs.values()), inputs_found - len(found)


def _advice(output: Path | None) -> str:
    return "name a --suffix" if output is None else "name another --output, or a --suffix"


def _stem(source: Path) -> str:
    """The name without what says its format: of scan.1937, which is no format, the whole."""
    return source.stem if source.suffix.lower() in photo.SUFFIXES else source.name


def _expanded(inputs: Iterable[str], wrong: list[Wrong]) -> Iterator[Path]:
    for given in inputs:
        if os.path.lexists(given) or not glob.has_magic(given):
            yield Path(given)
        elif names := sorted(glob.glob(given, recursive=True)):
            yield from map(Path, names)
        else:
            wrong.append(Wrong(Path(given), "matches no file"))


def _sources(given: Path, output: Path | None, wrong: list[Wrong]) -> Iterator[tuple[Path, Path]]:
    """Files, each with its place below `output`; in folders only those named like pictures."""
    try:
        mode = os.stat(given).st_mode
    except OSError as error:
        wrong.append(Wrong(given, reason(error, link=os.path.islink(given))))
        return
    if stat.S_ISREG(mode):
        yield given, Path(given.name)
        return
    if not stat.S_ISDIR(mode):  # reading from a pipe would wait for ever
        wrong.append(Wrong(given, "is neither a file nor a folder"))
        return
    # A folder that holds the output is not fed its own results.
    below = output and os.path.realpath(output)
    below = None if below == os.path.realpath(given) else below
    before, empty = len(wrong), True
    for file in _walk(given, below, wrong):
        empty = False
        yield file, file.relative_to(given)
    if empty and len(wrong) == before:
        wrong.append(Wrong(given, "holds no pictures"))


def _walk(folder: Path, below: str | None, wrong: list[Wrong]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        wrong.append(Wrong(Path(error.filename), reason(error)))

    for place, folders, names in os.walk(folder, onerror=unreadable):  # follows no links
        folders.sort()
        if below:
            folders[:] = [
                name for name in folders if os.path.realpath(os.path.join(place, name)) != below
            ]
        for name in sorted(names):
            file = Path(place, name)
            if name.startswith(".") or file.suffix.lower() not in photo.SUFFIXES:
                continue
            try:
                if stat.S_ISREG(os.stat(file).st_mode):
                    yield file
            except OSError as error:
                wrong.append(Wrong(file, reason(error, link=os.path.islink(file))))


def reason(error: OSError, *, link: bool = False) -> str:
    """Why a file cannot be read, readable after its name."""
    if error.errno == errno.ELOOP:
        return "is a link that leads in a circle"
    if isinstance(error, FileNotFoundError):
        return "is a link to a file that does not exist" if link else "does not exist"
    if error.errno == errno.ENAMETOOLONG:
        return "does not exist: no name can be so long"
    return f"cannot be read: {error.strerror or error}"


def shown(name: object) -> str:
    """A name on one line of any terminal: what controls one is escaped, as are broken bytes."""
    return "".join(
        letter if letter.isprintable() or letter == "\u200d" else ascii(letter)[1:-1]
        for letter in str(name)
    )
