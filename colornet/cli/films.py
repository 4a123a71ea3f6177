"""Jobs -> coloured films, one after another: each of them takes all cores."""

import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from colornet.cli import hinted, jobs, properties
from colornet.cli.outcome import Around, Outcome, directly, reason
from colornet.cli.places import Places
from colornet.hints import Hint
from colornet.system import stop
from colornet.system.whole import WriteError

NAME = 30  # letters of a film's name beside its progress


class Films:
    """Colours jobs with a colorizer. A film that fails is skipped with its reason.

    colorizer: a `Colorizer`; mark: the name of the run, or None to leave out the mark; hints: of a
    film; around: as of `Batch`; options: others of `Colorizer.film`.
    """

    def __init__(
        self,
        colorizer: Any,
        *,
        mark: str | None,
        hints: Callable[[Path], list[Hint]] = hinted.of,
        around: Around = directly,
        **options: Any,
    ):
        self._colorizer, self._hints, self._around = colorizer, hints, around
        self._options = options | {"mark": mark, "xmp": lambda packet: _packet(packet, mark)}
        self._places, self._missing = Places(), ""

    def outcomes(self, todo: list[jobs.Job]) -> Generator[list[Outcome], None, None]:
        """The outcome of each job, in their order. Raises stop.Stopped."""
        for job in todo:
            yield self._around(job, self._outcomes)

    def _outcomes(self, job: jobs.Job) -> list[Outcome]:
        start = time.perf_counter()
        outcome = self._places.given_up(job) or self._attempt(job)
        return [outcome._replace(seconds=time.perf_counter() - start)]

    def _attempt(self, job: jobs.Job) -> Outcome:
        stop.check()
        if self._missing:
            why = f"was not tried: it {self._missing}"
            return Outcome(*job, "skipped", why, untried=True, blameless=True)
        try:
            hints = self._hints(job.source)
            options = self._options | ({"hints": hints} if hints else {})
            with _Bar(job) as bar:
                done = self._colorizer.film(job.source, job.target, progress=bar.show, **options)
        except WriteError as error:
            return self._places.outcome(job, error)
        except Exception as error:
            stop.check()
            missing = isinstance(error.__cause__, ModuleNotFoundError)
            self._missing = str(error) if missing else ""
            return Outcome(*job, "skipped", reason(error), blameless=missing)
        notes = (*hinted.note(done.hints), *done.notes)
        outcome = Outcome(*job, "coloured", made_grey=done.made_grey, notes=notes)
        return outcome._replace(hints=done.hints, frames=done.frames, not_kept=done.not_kept)


def _packet(content: bytes | None, run: str | None) -> bytes | None:
    """The copy's XMP: what stays of the original's, with the mark of a run."""
    try:
        kept = properties.kept(content)[0] if content else None
    except ValueError:
        kept = None
    return kept if run is None else properties.marked(kept, run)


class _Bar:
    """The progress of one film, with frames in a second and the time that is left.

    It is shown where the standard error is a terminal, from the first frame on.
    """

    def __init__(self, job: jobs.Job):
        self._name = jobs.shown(os.path.basename(job.source))[:NAME]
        self._bar: tqdm | None = None

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, done: int, total: int | None) -> None:
        """done: frames, with those of an earlier call; total: None if it is not known."""
        if self._bar is None:  # frames of an earlier call do not count for the speed
            self._bar = tqdm(
                total=total,
                initial=done - 1,
                unit="frame",
                desc=self._name,
                leave=False,
                disable=None,
            )
        self._bar.update(done - self._bar.n)
