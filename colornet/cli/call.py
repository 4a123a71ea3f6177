"""One call of `colornet`: plans, loads the run, colours, reports. Knows no networks."""

import argparse
import functools
import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm import tqdm

from colornet import paths
from colornet.cli import arguments, hinted, jobs, original
from colornet.cli.batch import Batch
from colornet.cli.films import Films
from colornet.cli.jobs import shown
from colornet.cli.outcome import Outcome, kept
from colornet.cli.report import Report, say
from colornet.system import formats, stop, streams

FEW = 10  # up to so many pictures get a line each; of more, only those that fail
GONE = "the working directory does not exist any more"


def run(argv: list[str], load: Callable) -> int:
    """Returns the exit status, `Report.status`.

    load: (options) -> a Colorizer; raises ValueError and OSError, each with a sentence. Raises
    SystemExit with 2 for wrong usage.
    """
    options = arguments.read(argv)
    start = time.perf_counter()
    report = Report()
    try:
        _colour(options, load, report)
        stop.check()
    except KeyboardInterrupt as error:
        report.stopped = getattr(error, "number", stop.Stopped().number)
        say(f"\n{stop.SENTENCE}")
    seconds = time.perf_counter() - start
    if report.complete:
        say(report.summary(seconds))
    return _printed(report, seconds) if options.json else report.status


def _printed(report: Report, seconds: float) -> int:
    """Prints the report as JSON; returns the exit status, at least 1 if nobody can read it."""
    print(report.as_json(seconds), flush=True)
    if not streams.lost(sys.stdout):
        return report.status
    say("error: the standard output is closed or full: the report of --json is lost")
    return report.status or 1


def _colour(options: argparse.Namespace, load: Callable, report: Report) -> None:
    """Colours, and adds to the report what it does. Raises stop.Stopped."""
    try:
        _check_places(options)
    except OSError as error:
        return report.fail(error)
    inputs = _named(options, report)
    stop.check()
    asked = {"output": options.output, "suffix": options.suffix, "wanted": options.format}
    plan = jobs.find(inputs, **asked, pages=options.pages)
    report.left_out = plan.left_out
    for wrong in plan.wrong:
        report.add(Outcome(wrong.source, None, "skipped", wrong.reason), few=True)
    exist = {job for job in plan.jobs if not options.overwrite and os.path.lexists(job.target)}
    for job in (job for job in plan.jobs if job in exist):
        report.add(kept(job), few=len(plan.jobs) <= FEW)
    # Kept results count neither for the progress bar nor for its estimate of time
    todo = [job for job in plan.jobs if job not in exist]
    stop.check()
    if not todo:
        return
    try:
        _check_hints(options, plan)
        colorizer = load(options)
        stop.check()
        _make(options.output)  # after the run: a broken one leaves no empty folder
    except (ValueError, OSError) as error:
        return report.fail(error)
    if colorizer.classifier == "none":
        say(f"note: the classifier of {shown(colorizer.name)} is untrained")
    report.run = colorizer.name
    # Pictures first: a film can take hours
    pictures = [job for job in todo if not formats.is_film(job.source)]
    films = [job for job in todo if formats.is_film(job.source)]
    batch = _batch(colorizer, colorizer.name, options)
    with _bar(len(pictures)) as bar, closing(batch.outcomes(pictures)) as outcomes:
        for found in outcomes:
            for outcome in found:
                report.add(outcome, few=len(todo) <= FEW)
            bar.update()
    with closing(_films(colorizer, options).outcomes(films)) as outcomes:
        for outcome in outcomes:
            report.add(outcome, few=len(todo) <= FEW)


def _named(options: argparse.Namespace, report: Report) -> list[str]:
    """The inputs; but those whose place is gone with the working directory are skipped."""
    if not _gone():
        return options.inputs
    for name in (name for name in options.inputs if not os.path.isabs(name)):
        report.add(Outcome(Path(name), None, "skipped", f"does not exist: {GONE}"), few=True)
    return [name for name in options.inputs if os.path.isabs(name)]


def _check_places(options: argparse.Namespace) -> None:
    """Raises OSError where --output or --run is gone with the working directory."""
    installed = options.run is None or (paths.PRETRAINED / options.run).is_dir()
    for option, name in (("output", options.output), ("run", None if installed else options.run)):
        if name is not None and not os.path.isabs(name) and _gone():
            raise OSError(f"{GONE}: give --{option} its whole path, which begins with {os.sep}")


def _check_hints(options: argparse.Namespace, plan: jobs.Plan) -> None:
    """Raises ValueError where --hints could mean any of several inputs."""
    if options.hints and len(plan.jobs) > 1:
        raise ValueError(
            "--hints is for one picture or film: name one, or leave the option out, and each takes"
            f" the hints beside it, photo{hinted.ENDING} for photo.jpg"
        )


def _gone() -> bool:
    """Whether the working directory was removed; relative paths then lead nowhere."""
    try:
        os.getcwd()
    except OSError:
        return True
    return False


def _make(output: Path | None) -> None:
    """Creates --output. Raises OSError with a sentence."""
    if output is None:
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise OSError(f"{output} cannot be created: {why}") from error
    if not os.access(output, os.W_OK | os.X_OK):
        raise OSError(f"{output} cannot be written to: name another --output")


def _batch(
    colorizer: Callable[[Image.Image], Image.Image], name: str, options: argparse.Namespace
) -> Batch:
    mark = None if options.no_mark else name
    limits = {"max_pixels": options.max_pixels, "max_bytes": options.max_bytes}
    return Batch(
        colorizer,
        read=functools.partial(original.read, **limits, keep_dots=options.keep_dots),
        save=functools.partial(original.save, quality=options.quality, mark=mark),
        pages=functools.partial(original.pages, mark=mark) if options.pages == "all" else None,
        hints=functools.partial(hinted.of, named=options.hints),
        compare=options.compare,
        overwrite=options.overwrite,
    )


def _films(colorizer: Any, options: argparse.Namespace) -> Films:
    return Films(
        colorizer,
        mark=None if options.no_mark else colorizer.name,
        hints=functools.partial(hinted.of, named=options.hints),
        quality=options.quality,
        compare=options.compare,
        max_pixels=options.max_pixels,
        max_seconds=options.max_seconds,
    )


def _bar(total: int) -> tqdm:
    # None: no bar where the standard error is no terminal
    return tqdm(total=total, unit="picture", disable=None if total > 1 else True)
