"""What became of one input, and why it was not coloured, in words."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from colornet.cli import jobs, listing
from colornet.images import photo


class Outcome(NamedTuple):
    """What became of one input. state: "coloured", "kept" or "skipped".

    `untried`: skipped without an attempt, for the reason of an outcome before it. `made_grey`: the
    source was in colour. `notes`: how it was read, to be read in brackets after its name, such as
    "page 1 of 3". `page`: which of the source's `pages` it is, counted from 1; None for all of
    them in one file. Both are None where the source was not read. `not_kept`: what the copy's
    format cannot hold of the source's metadata, such as "IPTC". `hints`: how many of
    colour it was coloured with. `frames`: of a film. `blameless`: skipped for a reason that lies
    not in the source: the folder or the disk of the results, or a package that is missing.
    """

    source: Path
    target: Path | None
    state: str
    reason: str = ""
    seconds: float = 0.0
    untried: bool = False
    made_grey: bool = False
    notes: tuple[str, ...] = ()
    page: int | None = None
    pages: int | None = None
    not_kept: tuple[str, ...] = ()
    hints: int = 0
    frames: int | None = None
    blameless: bool = False


# What is done around the work on a job: (job, work) -> its outcomes; none if it is left for later
Around = Callable[[jobs.Job, Callable[[jobs.Job], list[Outcome]]], list[Outcome]]


def directly(job: jobs.Job, work: Callable[[jobs.Job], list[Outcome]]) -> list[Outcome]:
    """Nothing around the work."""
    return work(job)


def kept(job: jobs.Job) -> Outcome:
    """The outcome of a job whose target is there already."""
    return Outcome(*job, "kept", f"{jobs.shown(job.target)} exists; --overwrite replaces it")


def reason(error: Exception) -> str:
    """Why a picture was not coloured, to be read after its name."""
    if isinstance(error, photo.PhotoError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "does not exist any more"
    if isinstance(error, OSError):
        return listing.reason(error)
    if isinstance(error, MemoryError):
        return "needs more memory than is free"
    return f"caused an unexpected {type(error).__name__}: {error}"
