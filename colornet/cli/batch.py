"""Jobs -> coloured files, on all cores, in bounded memory; knows no command line."""

import errno
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from colornet.cli import jobs, original
from colornet.images import photo
from colornet.system import machine

# Pictures that are decoded, coloured and encoded at once, and pixels that are coloured at once (one
# picture of more is coloured alone): colouring a pixel takes some 30 bytes.
WORKERS = 3
PIXELS = 13_000_000

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class Outcome(NamedTuple):
    """What became of one input. state: "coloured", "kept" or "skipped".

    `untried`: skipped without a look, for a reason that an outcome before it has given.
    `made_grey`: the source was in colour.
    """

    source: Path
    target: Path | None
    state: str
    reason: str = ""
    seconds: float = 0.0
    untried: bool = False
    made_grey: bool = False


class Stopped(Exception):
    """The rest of a job is no longer wanted."""


class Batch:
    """Colours jobs with a colorizer, each as far as nothing stands against it.

    save: `original.save` with its options; limits: those of `original.read`; compare: writes
    before | after instead of the coloured picture.
    """

    def __init__(self, colorizer: Callable, *, save: Callable, limits: dict, compare: bool):
        self._colorizer, self._save = colorizer, save
        self._limits, self._compare = limits, compare
        self._changed = threading.Condition()
        self._pixels = self._writers = 0
        self._stopped = False
        self._shut: dict[Path | None, str] = {}  # folders that nothing can be written to; None: all

    def outcomes(self, todo: list[jobs.Job]) -> Iterator[Outcome]:
        """In the order of the jobs. Closed early, it ends what is being written and drops the rest.

        What is being coloured then goes on in its thread, and ends unwritten.
        """
        pool = ThreadPoolExecutor(max(1, min(WORKERS, machine.cores(), len(todo))))
        try:
            for future in [pool.submit(self._outcome, job) for job in todo]:
                yield future.result()
        finally:
            self._stop()
            pool.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._writers)

    def _outcome(self, job: jobs.Job) -> Outcome:
        start = time.perf_counter()
        if shut := self._shut.get(None) or self._shut.get(job.target.parent):
            return Outcome(*job, "skipped", f"was not tried: {shut}", untried=True)
        made_grey = False
        try:
            made_grey = self._colour(job)
            state, reason = "coloured", ""
        except photo.PhotoError as error:
            state, reason = "skipped", str(error)
        except FileNotFoundError:
            state, reason = "skipped", "has gone meanwhile"
        except OSError as error:
            state, reason = "skipped", jobs.reason(error)
        except _Unwritable as error:
            return self._unwritable(job, error, time.perf_counter() - start)
        except MemoryError:
            state, reason = "skipped", "needs more memory than there is"
        except Stopped:
            raise
        except Exception as error:  # a fault of ours; the other pictures are not to suffer from it
            state, reason = "skipped", f"brought an unforeseen {type(error).__name__}: {error}"
        return Outcome(*job, state, reason, time.perf_counter() - start, made_grey=made_grey)

    def _colour(self, job: jobs.Job) -> bool:
        """Whether the source was in colour."""
        if self._stopped:
            raise Stopped
        before = original.read(job.source, **self._limits)
        picture = before.picture
        with self._room(picture.width * picture.height):
            after = self._colorizer(picture)
        if self._compare:
            before, after = strip(before, after)
        with self._writing():
            try:
                job.target.parent.mkdir(parents=True, exist_ok=True)
                self._save(after, job.target, before)
            except OSError as error:
                raise _Unwritable(error) from error
        return before.coloured

    @contextmanager
    def _room(self, pixels: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped or not self._pixels or self._pixels + pixels <= PIXELS
            )
            if self._stopped:
                raise Stopped
            self._pixels += pixels
        try:
            yield
        finally:
            with self._changed:
                self._pixels -= pixels
                self._changed.notify_all()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._changed:
            if self._stopped:
                raise Stopped
            self._writers += 1
        try:
            yield
        finally:
            with self._changed:
                self._writers -= 1
                self._changed.notify_all()

    def _unwritable(self, job: jobs.Job, error: "_Unwritable", seconds: float) -> Outcome:
        """Shuts what can't be written to; only the first to find it so says why."""
        cause, folder = error.cause, job.target.parent
        if cause.errno == errno.ENAMETOOLONG:
            reason = f"would become {job.target.name}, too long a name: name a shorter --suffix"
            return Outcome(*job, "skipped", reason, seconds)
        reason = f"cannot be written to {folder}: {cause.strerror or cause}"
        untried = False
        if cause.errno in (*FULL, *CLOSED):
            if cause.errno in FULL:
                reason = "could not be written, the disk is full: make room and call this again"
                folder = None
            with self._changed:
                untried = folder in self._shut
                self._shut[folder] = "the disk is full" if folder is None else reason
        return Outcome(*job, "skipped", reason, seconds, untried=untried)


class _Unwritable(Exception):
    """An OSError that came from writing and not from reading."""

    def __init__(self, cause: OSError):
        super().__init__(str(cause))
        self.cause = cause


def strip(before: original.Original, after: Image.Image) -> tuple[original.Original, Image.Image]:
    """Grey and coloured picture side by side, and the original that this is one of."""
    size = (2 * after.width, after.height)
    both = Image.new("RGB", size)
    both.paste(before.picture.convert("L"), (0, 0))
    both.paste(after, (after.width, 0))
    alpha = before.alpha
    if alpha is not None:
        alpha = Image.new(alpha.mode, size)
        alpha.paste(before.alpha, (0, 0))
        alpha.paste(before.alpha, (after.width, 0))
    return replace(before, alpha=alpha), both
