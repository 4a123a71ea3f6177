"""The inputs of the command line -> which file is coloured into which; opens none."""

import errno
import functools
import glob
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from colornet.cli import names
from colornet.system import formats, stop

SUFFIX, STRIP = "-colour", "-compare"  # of results beside their sources, and of --compare


class Job(NamedTuple):
    """One picture or film to colour, and the file to write."""

    source: Path
    target: Path


class Wrong(NamedTuple):
    """An input that cannot be coloured, and the reason, to be read after its name."""

    source: Path
    reason: str


class Plan(NamedTuple):
    """What to do: inputs that cannot be coloured; jobs, in the order of the inputs.

    left_out: how many files are results of earlier calls, and therefore no inputs.
    """

    wrong: list[Wrong]
    jobs: list[Job]
    left_out: int


class _Source(NamedTuple):
    """A file to colour, and its path below --output."""

    file: Path
    below: Path


def find(
    inputs: Iterable[str],
    *,
    output: Path | None = None,
    suffix: str = SUFFIX,
    wanted: str | None,
    pages: str = "first",
) -> Plan:
    """Plans the colouring of files, folders, and patterns that the shell did not expand.

    Each result lies beside its source or, with `output`, below this folder, where the tree of an
    input folder is kept. A file is no input if its name is that of another input's result. No
    target is a source or the target of another source, in any case of letters. `wanted` is a key of
    `names.FORMATS`, or None for the format of each source; `pages` is "first" or "all".
    Raises stop.Stopped.
    """
    found = [each for given in inputs for each in _matching(given, output)]
    wrong = [each for each in found if isinstance(each, Wrong)]
    sources: dict[str, _Source] = {}  # by their real paths: a file with several names counts once
    for each in found:
        if isinstance(each, _Source):
            sources.setdefault(os.path.realpath(each.file), each)
    results = names.results((source.file for source in sources.values()), (suffix, SUFFIX, STRIP))
    originals = {
        real: source
        for real, source in sources.items()
        if not names.is_result(source.file, results)
    }
    beside, never = functools.cache(names.beside), {names.key(real) for real in originals}
    like_pages = _numbered(originals) if pages == "all" else {}
    jobs: dict[str, Job] = {}  # by the keys of the real paths of their targets
    for source in originals.values():
        folder = (source.file if output is None else output / source.below).parent
        pictures = beside(source.file.parent)
        target = names.copy(source.file, folder, pictures, added=suffix, wanted=wanted)
        job, key = Job(source.file, target), names.key(os.path.realpath(target))
        apart = names.may_have_pages(source.file) and not names.holds_pages(target)
        if key in never or (apart and key in like_pages):
            original = target if key in never else like_pages[key]
            reason = f"would overwrite the original {original}: {_advice(output)}"
            wrong.append(Wrong(job.source, reason))
        elif key in jobs:
            reason = f"would overwrite the result of {jobs[key].source}, {target}"
            wrong.append(Wrong(job.source, reason))
        else:
            jobs[key] = job
    planned = list(jobs.values())
    mixed = _like_pages(planned) if pages == "all" else {}
    for job, other in mixed.items():
        reason = f"would overwrite a page of {other.source}, {job.target}: {_advice(output)}"
        wrong.append(Wrong(job.source, reason))
    todo = [job for job in planned if job not in mixed]
    return Plan(wrong, todo, len(sources) - len(originals))


def _numbered(originals: Iterable[str]) -> dict[str, Path]:
    """The originals named like a page of a file; by the key of that file's path."""
    found = {}
    for real in map(Path, originals):
        stem = names.without_number(real.stem)
        if stem != real.stem:
            found[names.key(str(real.with_name(stem + real.suffix)))] = real
    return found


def _like_pages(jobs: list[Job]) -> dict[Job, Job]:
    """The jobs whose targets are named like pages of the results of others, with these others."""

    def place(target: Path, stem: str) -> tuple[Path, str]:
        return target.parent, names.key(stem + target.suffix)

    several = {
        place(job.target, job.target.stem): job
        for job in jobs
        if names.often_has_pages(job.source) and not names.holds_pages(job.target)
    }
    found = ((job, names.without_number(job.target.stem)) for job in jobs)
    return {
        job: several[place(job.target, stem)]
        for job, stem in found
        if stem != job.target.stem and place(job.target, stem) in several
    }


def _advice(output: Path | None) -> str:
    return "name a --suffix" if output is None else "name another --output, or a --suffix"


def _matching(given: str, output: Path | None) -> list[_Source | Wrong]:
    """The files that one input names."""
    if os.path.lexists(given) or not glob.has_magic(given):
        return _sources(Path(given), output)
    names = sorted(glob.glob(given, recursive=True))
    if not names:
        return [Wrong(Path(given), "matches no file")]
    return [each for name in names for each in _sources(Path(name), output)]


def _sources(given: Path, output: Path | None) -> list[_Source | Wrong]:
    """A file itself; of a folder the files below it that are named like pictures or films."""
    try:
        mode = os.stat(given).st_mode
    except OSError as error:
        return [Wrong(given, reason(error, link=os.path.islink(given)))]
    if stat.S_ISREG(mode):
        return [_Source(given, Path(given.name))]
    if not stat.S_ISDIR(mode):  # reading from a pipe would never end
        return [Wrong(given, "is neither a file nor a folder")]
    # A folder may contain the output folder: results are no inputs
    excluded = os.path.realpath(output) if output else None
    excluded = None if excluded == os.path.realpath(given) else excluded
    found = [
        each if isinstance(each, Wrong) else _Source(each, each.relative_to(given))
        for each in _walk(given, excluded)
    ]
    return found or [Wrong(given, "holds no pictures or films")]


def _walk(folder: Path, excluded: str | None) -> list[Path | Wrong]:
    found: list[Path | Wrong] = []

    def unreadable(error: OSError) -> None:
        found.append(Wrong(Path(error.filename), reason(error)))

    for place, folders, inside in os.walk(folder, onerror=unreadable):  # follows no links
        stop.check()
        folders[:] = [
            name
            for name in sorted(folders)
            if not excluded or os.path.realpath(os.path.join(place, name)) != excluded
        ]
        files = [Path(place, name) for name in sorted(inside) if not name.startswith(".")]
        for file in files:
            if formats.is_known(file):
                found += _regular(file)
    return found


def _regular(file: Path) -> list[Path | Wrong]:
    try:
        return [file] if stat.S_ISREG(os.stat(file).st_mode) else []
    except OSError as error:
        return [Wrong(file, reason(error, link=os.path.islink(file)))]


def reason(error: OSError, *, link: bool = False) -> str:
    """Why a file cannot be read, to be read after its name; `link`: the file is a link."""
    if error.errno == errno.ELOOP:
        return "is a link that leads in a circle"
    if isinstance(error, FileNotFoundError):
        return "is a link to a file that does not exist" if link else "does not exist"
    if error.errno == errno.ENAMETOOLONG:
        return "does not exist: the name is too long for a file"
    return f"cannot be read: {error.strerror or error}"


def shown(name: object) -> str:
    """A name for a terminal, on one line: control characters and broken bytes are escaped."""
    return "".join(
        letter if letter.isprintable() or letter == "\u200d" else ascii(letter)[1:-1]
        for letter in str(name)
    )
