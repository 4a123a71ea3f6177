"""The jobs of a call, pictures and then films, as the options ask for; knows no networks."""

import argparse
import functools
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from tqdm import tqdm

from colornet.cli import hinted, original
from colornet.cli.batch import Batch
from colornet.cli.films import Films
from colornet.cli.jobs import Job
from colornet.cli.ledger import Ledger
from colornet.cli.outcome import Around, Outcome, directly
from colornet.system import formats


def outcomes(
    todo: list[Job], colorizer: Any, options: argparse.Namespace, ledger: Ledger, *, bar: bool
) -> Generator[list[Outcome], None, None]:
    """The outcomes of each job, pictures first: a film can take hours. Raises stop.Stopped.

    Jobs that another call has in work come last, when it is done with them: then their results are
    there, or it was stopped and they are coloured now. `bar`: shows a progress bar.
    """
    pictures = [job for job in todo if not formats.is_film(job.source)]
    films = [job for job in todo if formats.is_film(job.source)]
    around = ledger if options.manifest or options.shard or options.command == "watch" else directly
    for wait in (False, True):
        ledger.wait = wait
        work = _batch(colorizer, options, around).outcomes
        pictures = yield from _left(pictures, work, bar=bar and not wait)
        films = yield from _left(films, _films(colorizer, options, around).outcomes, bar=False)


def _left(
    todo: list[Job],
    work: Callable[[list[Job]], Generator[list[Outcome], None, None]],
    *,
    bar: bool,
) -> Generator[list[Outcome], None, list[Job]]:
    """Gives the outcomes; returns the jobs that have none."""
    left = []
    with _bar(len(todo), shown=bar) as shown, closing(work(todo)) as found:
        for job, each in zip(todo, found, strict=True):
            if each:
                yield each
                shown.update()
            else:
                left.append(job)
    return left


def _bar(total: int, *, shown: bool) -> tqdm:
    # None: no bar where the standard error is no terminal
    return tqdm(total=total, unit="picture", disable=None if shown and total > 1 else True)


def _batch(colorizer: Any, options: argparse.Namespace, around: Around) -> Batch:
    mark = None if options.no_mark else colorizer.name
    limits = {"max_pixels": options.max_pixels, "max_bytes": options.max_bytes}
    return Batch(
        colorizer,
        read=functools.partial(original.read, **limits, keep_dots=options.keep_dots),
        save=functools.partial(original.save, quality=options.quality, mark=mark),
        pages=functools.partial(original.pages, mark=mark) if options.pages == "all" else None,
        hints=functools.partial(hinted.of, named=options.hints),
        compare=options.compare,
        overwrite=options.overwrite,
        around=around,
    )


def _films(colorizer: Any, options: argparse.Namespace, around: Around) -> Films:
    return Films(
        colorizer,
        mark=None if options.no_mark else colorizer.name,
        hints=functools.partial(hinted.of, named=options.hints),
        around=around,
        quality=options.quality,
        compare=options.compare,
        max_pixels=options.max_pixels,
        max_seconds=options.max_seconds,
    )
