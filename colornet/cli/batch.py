"""Jobs -> coloured files, on all cores, in limited memory; knows no command line."""

import errno
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from colornet.cli import jobs, original
from colornet.images import photo
from colornet.system import machine, stop

# Pictures that are decoded, coloured and encoded at once, and pixels that are coloured at once (a
# larger picture is coloured alone): colouring takes about 30 bytes per pixel.
WORKERS = 3
PIXELS = 13_000_000
LOOK = 0.1  # seconds between two looks whether the program was asked to stop

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class Outcome(NamedTuple):
    """What became of one input. state: "coloured", "kept" or "skipped".

    `untried`: skipped without an attempt, for the reason of an outcome before it.
    `made_grey`: the source was in colour.
    """

    source: Path
    target: Path | None
    state: str
    reason: str = ""
    seconds: float = 0.0
    untried: bool = False
    made_grey: bool = False


class Batch:
    """Colours jobs with a colorizer. A job that fails is skipped with its reason; the rest go on.

    save: `original.save` with its options; limits: those of `original.read`; compare: writes the
    grey and the coloured picture side by side instead of the coloured one.
    """

    def __init__(
        self,
        colorizer: Callable[[Image.Image], Image.Image],
        *,
        save: Callable[[Image.Image, Path, original.Original], None],
        limits: dict[str, int],
        compare: bool,
    ):
        self._colorizer, self._save = colorizer, save
        self._limits, self._compare = limits, compare
        self._changed = threading.Condition()
        self._pixels = self._writers = 0
        self._stopped = False
        # Folders that cannot be written to -> why; None stands for all folders
        self._closed: dict[Path | None, str] = {}

    def outcomes(self, todo: list[jobs.Job]) -> Generator[Outcome, None, None]:
        """The outcomes, in the order of the jobs. Raises stop.Stopped.

        If it ends early: files being written are finished, waiting jobs cancelled, pictures being
        coloured discarded.
        """
        pool = ThreadPoolExecutor(max(1, min(WORKERS, machine.cores(), len(todo))))
        try:
            for future in [pool.submit(self._outcome, job) for job in todo]:
                while wait([future], LOOK).not_done:
                    stop.check()
                yield future.result()
        finally:
            self._stop()
            pool.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._writers)

    def _go_on(self) -> None:
        """Raises stop.Stopped if the result of a job is no longer wanted."""
        stop.check()
        if self._stopped:
            raise stop.Stopped

    def _outcome(self, job: jobs.Job) -> Outcome:
        start = time.perf_counter()
        if why := self._closed.get(None) or self._closed.get(job.target.parent):
            return Outcome(*job, "skipped", f"was not tried: {why}", untried=True)
        try:
            made_grey = self._colour(job)
        except _UnwritableError as error:
            return self._unwritable(job, error.cause, time.perf_counter() - start)
        except Exception as error:
            # A terminal sends Ctrl-C to child processes too, such as the one that decodes HEIC
            stop.check()
            return Outcome(*job, "skipped", _reason(error), time.perf_counter() - start)
        seconds = time.perf_counter() - start
        return Outcome(*job, "coloured", seconds=seconds, made_grey=made_grey)

    def _colour(self, job: jobs.Job) -> bool:
        """Colours one picture; returns whether its source was in colour."""
        self._go_on()
        before = original.read(job.source, **self._limits)
        picture = before.picture
        with self._colouring(picture.width * picture.height):
            after = self._colorizer(picture)
        if self._compare:
            before, after = original.side_by_side(before, after)
        with self._writing():
            try:
                job.target.parent.mkdir(parents=True, exist_ok=True)
                self._save(after, job.target, before)
            except OSError as error:
                raise _UnwritableError(error) from error
        return before.coloured

    @contextmanager
    def _colouring(self, pixels: int) -> Iterator[None]:
        """Waits until so many pixels more may be coloured."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped or not self._pixels or self._pixels + pixels <= PIXELS
            )
            self._go_on()
            self._pixels += pixels
        try:
            yield
        finally:
            with self._changed:
                self._pixels -= pixels
                self._changed.notify_all()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Makes `_stop` wait until the file is written."""
        with self._changed:
            self._go_on()
            self._writers += 1
        try:
            yield
        finally:
            with self._changed:
                self._writers -= 1
                self._changed.notify_all()

    def _unwritable(self, job: jobs.Job, error: OSError, seconds: float) -> Outcome:
        """The outcome where writing failed; later jobs do not try the same folder again."""
        folder = job.target.parent
        if error.errno == errno.ENAMETOOLONG:
            reason = f"would become {job.target.name}, too long a name: name a shorter --suffix"
            return Outcome(*job, "skipped", reason, seconds)
        if error.errno in FULL:
            reason = "could not be written: the disk is full; free some space and repeat this"
            untried = self._close(None, "the disk is full")
            return Outcome(*job, "skipped", reason, seconds, untried=untried)
        reason = f"cannot be written to {folder}: {error.strerror or error}"
        untried = error.errno in CLOSED and self._close(folder, reason)
        return Outcome(*job, "skipped", reason, seconds, untried=untried)

    def _close(self, folder: Path | None, why: str) -> bool:
        """Notes a folder (None: all) as not writable; returns whether it was noted before."""
        with self._changed:
            noted = folder in self._closed
            self._closed[folder] = why
        return noted


class _UnwritableError(Exception):
    """An OSError that came from writing and not from reading."""

    def __init__(self, cause: OSError):
        super().__init__(str(cause))
        self.cause = cause


def _reason(error: Exception) -> str:
    """Why a picture was not coloured, to be read after its name."""
    if isinstance(error, photo.PhotoError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "does not exist any more"
    if isinstance(error, OSError):
        return jobs.reason(error)
    if isinstance(error, MemoryError):
        return "needs more memory than is free"
    return f"caused an unexpected {type(error).__name__}: {error}"
