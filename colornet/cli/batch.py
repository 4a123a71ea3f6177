"""Jobs -> coloured files, on all cores, in limited memory; knows no command line."""

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from PIL import Image

from colornet.cli import hinted, jobs, names, original
from colornet.cli.original import Original
from colornet.cli.outcome import Around, Outcome, directly, kept, reason
from colornet.cli.places import Places
from colornet.hints import Hint
from colornet.images import photo
from colornet.system import machine, stop

# Pictures that are decoded, coloured and encoded at once, and pixels that are coloured at once (a
# larger picture is coloured alone): colouring takes about 30 bytes per pixel.
WORKERS = 3
PIXELS = 13_000_000
LOOK = 0.1  # seconds between two looks whether the program was asked to stop

Save = Callable[[Image.Image, Path, Original], tuple[str, ...]]
Pages = Callable[[Path, int], AbstractContextManager[Callable[..., tuple[str, ...]]]]


def _made(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


class Batch:
    """Colours jobs with a colorizer. A job that fails is skipped with its reason; the rest go on.

    read: `original.read` with its options; save: `original.save` with its options; pages:
    `original.pages` with its options, to colour all pages of each source, or None for the first
    alone; hints: of a source, for its first page; compare: writes the grey and the coloured picture
    side by side instead of the coloured one; overwrite: replaces the files of pages, which no job
    names; around: what is done around the work on a job, in the thread that does it; make_folder:
    makes the folder of a target, where that is one of this machine's disk.
    """

    def __init__(
        self,
        colorizer: Callable[..., Image.Image],
        *,
        read: Callable[..., Original],
        save: Save,
        pages: Pages | None = None,
        hints: Callable[[Path], list[Hint]] = hinted.of,
        compare: bool = False,
        overwrite: bool = False,
        around: Around = directly,
        make_folder: Callable[[Path], object] = _made,
    ):
        self._colorizer, self._read, self._save, self._pages = colorizer, read, save, pages
        self._hints, self._compare, self._overwrite = hints, compare, overwrite
        self._around, self._make_folder = around, make_folder
        self._changed = threading.Condition()
        self._pixels = self._writers = 0
        self._stopped = False
        self._places = Places()

    def outcomes(self, todo: list[jobs.Job]) -> Generator[list[Outcome], None, None]:
        """The outcomes of each job, in the order of the jobs. Raises stop.Stopped.

        A job has one outcome, or one for each page that becomes a file of its own. If it ends
        early: files being written are finished, waiting jobs cancelled, pictures being coloured
        discarded.
        """
        pool = ThreadPoolExecutor(max(1, min(WORKERS, machine.cores(), len(todo))))
        try:
            for future in [pool.submit(self._around, job, self._outcomes) for job in todo]:
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

    def _outcomes(self, job: jobs.Job) -> list[Outcome]:
        count = self._count(job.source)
        if count == 1:
            return [self._attempt(job, lambda: self._one(job, 1))]
        if names.holds_pages(job.target):
            return [self._attempt(job, lambda: self._together(job, count))]
        return [self._apart(job, page, count) for page in range(1, count + 1)]

    def _count(self, source: Path) -> int:
        """How many pages are to be coloured."""
        if self._pages is None or not names.may_have_pages(source):
            return 1
        self._go_on()
        try:
            return self._read(source).pages
        except Exception:  # which the attempt will name
            return 1

    def _attempt(self, job: jobs.Job, work: Callable[[], Outcome]) -> Outcome:
        """The outcome of `work`, or of its failure."""
        start = time.perf_counter()
        if given_up := self._places.given_up(job):
            return given_up
        try:
            outcome = work()
        except _UnwritableError as error:
            outcome = self._places.outcome(job, error.cause)
        except Exception as error:
            # A terminal sends Ctrl-C to child processes too, such as the one that decodes HEIC
            stop.check()
            outcome = Outcome(*job, "skipped", reason(error))
        return outcome._replace(seconds=time.perf_counter() - start)

    def _one(self, job: jobs.Job, page: int) -> Outcome:
        """Colours one page into the job's target."""
        before, after, hints = self._coloured(job.source, page)
        with self._writing(job.target):
            lost = self._save(after, job.target, before)
        notes = (*before.notes, *hinted.note(hints))
        outcome = Outcome(*job, "coloured", made_grey=before.coloured, notes=notes, hints=hints)
        return outcome._replace(page=page, pages=before.pages, not_kept=lost)

    def _apart(self, job: jobs.Job, page: int, count: int) -> Outcome:
        """Colours one of several pages into a file of its own, unless it is there."""
        job = job._replace(target=names.page(job.target, page, count))
        if os.path.lexists(job.target) and not self._overwrite:
            return kept(job)._replace(page=page, pages=count)
        outcome = self._attempt(job, lambda: self._one(job, page))
        if outcome.state == "skipped":
            why = f"page {page} {outcome.reason}"
            outcome = outcome._replace(reason=why, page=page, pages=count)
        return outcome

    def _together(self, job: jobs.Job, count: int) -> Outcome:
        """Colours all pages into one file. If one fails, all do: none would be missed."""
        assert self._pages is not None
        notes, not_kept, coloured, hints = [f"{count} pages"], list[str](), False, 0
        with self._writing(job.target), self._pages(job.target, count) as add:
            for page in range(1, count + 1):
                try:
                    before, after, used = self._coloured(job.source, page)
                except Exception as error:
                    stop.check()
                    why = f"has {count} pages, and page {page} {reason(error)}"
                    raise photo.PhotoError(why) from error
                not_kept += add(after, before)
                notes += [note for note in before.notes if f" {page} of {count}" not in note]
                coloured, hints = coloured or before.coloured, hints + used
        notes += hinted.note(hints)
        outcome = Outcome(*job, "coloured", made_grey=coloured, pages=count, hints=hints)
        return outcome._replace(notes=_once(notes), not_kept=_once(not_kept))

    def _coloured(self, source: Path, page: int) -> tuple[Original, Image.Image, int]:
        """A page; its coloured picture or, to compare, both in one; with how many hints."""
        self._go_on()
        hints = self._hints(source) if page == 1 else []
        before = self._read(source, page=page)
        picture = before.picture
        with self._colouring(picture.width * picture.height):
            after = self._colorizer(picture, **({"hints": hints} if hints else {}))
        if self._compare:
            before, after = original.side_by_side(before, after)
        return before, after, len(hints)

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
    def _writing(self, target: Path) -> Iterator[None]:
        """Makes `_stop` wait until the file is written. Raises _UnwritableError for an OSError."""
        with self._changed:
            self._go_on()
            self._writers += 1
        try:
            self._make_folder(target.parent)
            yield
        except OSError as error:
            raise _UnwritableError(error) from error
        finally:
            with self._changed:
                self._writers -= 1
                self._changed.notify_all()


class _UnwritableError(Exception):
    """An OSError that came from writing and not from reading."""

    def __init__(self, cause: OSError):
        super().__init__(str(cause))
        self.cause = cause


def _once(texts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
