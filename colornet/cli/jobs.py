"""The inputs of the command line -> which file is coloured into which; opens none."""

import functools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from colornet.cli import listing, names
from colornet.cli.listing import Source, Wrong
from colornet.system import stop

SUFFIX, STRIP = "-colour", "-compare"  # of results beside their sources, and of --compare


class Job(NamedTuple):
    """One picture or film to colour, and the file to write."""

    source: Path
    target: Path


class Plan(NamedTuple):
    """What to do: inputs that cannot be coloured; jobs, in the order of the inputs.

    left_out: how many files are results of earlier calls, and therefore no inputs. below: the path
    of each source, right or wrong, below the input folder that was named, with "/".
    """

    wrong: list[Wrong]
    jobs: list[Job]
    left_out: int
    below: dict[Path, str]


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
    real = functools.cache(os.path.realpath)  # of folders, each of which holds many files
    found = [each for given in inputs for each in listing.files(given, output, real)]
    wrong = [each for each in found if isinstance(each, Wrong)]
    sources: dict[str, Source] = {}  # by their real paths: a file with several names counts once
    for each in found:
        if isinstance(each, Source):
            sources.setdefault(each.real, each)
    del found
    results = names.results((source.file for source in sources.values()), (suffix, SUFFIX, STRIP))
    originals = {
        real: source
        for real, source in sources.items()
        if not results or not names.is_result(source.file, results)
    }
    beside, never = functools.cache(names.beside), {names.key(real) for real in originals}
    like_pages = _numbered(originals) if pages == "all" else {}
    jobs: dict[str, Job] = {}  # by the keys of the real paths of their targets
    below = {wrong.source: _named(wrong.source, inputs) for wrong in wrong}
    for source in originals.values():
        stop.check()
        file = Path(source.file)
        below[file] = Path(source.below).as_posix()
        folder = file.parent if output is None else (output / source.below).parent
        target = names.copy(file, folder, beside(file.parent), added=suffix, wanted=wanted)
        job, key = Job(file, target), names.key(listing.real_path(target, real))
        apart = names.may_have_pages(file) and not names.holds_pages(target)
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
    return Plan(wrong, todo, len(sources) - len(originals), below)


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


def _named(source: Path, inputs: Iterable[str]) -> str:
    """The path of something wrong below the input that led to it."""
    for given in map(Path, inputs):
        if source != given and source.is_relative_to(given):
            return source.relative_to(given).as_posix()
    return source.name or source.as_posix()


def shown(name: object) -> str:
    """A name for a terminal, on one line: control characters and broken bytes are escaped."""
    return "".join(
        letter if letter.isprintable() or letter == "\u200d" else ascii(letter)[1:-1]
        for letter in str(name)
    )
