"""The command line: files and folders in, coloured files out, each at its own size."""

import argparse
import functools
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from colornet import paths
from colornet.cli import arguments, jobs, original
from colornet.cli.batch import Batch, Outcome
from colornet.cli.jobs import shown
from colornet.cli.report import STOPPED, Report, say

if TYPE_CHECKING:  # --help must not wait until its libraries are loaded
    from colornet.colorizer import Colorizer

FEW = 10  # up to so many pictures get a line each; of more, only those that fail


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 when a picture could not be coloured; 130 for Ctrl-C.

    Raises SystemExit with 2 for wrong usage.
    """
    options = arguments.read(sys.argv[1:] if argv is None else argv)
    start = time.perf_counter()
    report = _call(options)
    seconds = time.perf_counter() - start
    if report.error is None:
        say(report.summary(seconds))
    if options.json:
        print(report.as_json(seconds))
    return report.status


def command() -> None:
    """The entry point of the installed `colornet`."""
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    if status == 130:
        os._exit(130)  # without waiting for pictures that are still being coloured
    sys.exit(status)


def _call(options: argparse.Namespace) -> Report:
    """Colours, and prints what it does; after Ctrl-C the report has what was done until then."""
    report = Report()
    try:
        plan = jobs.find(
            options.inputs, output=options.output, suffix=options.suffix, wanted=options.format
        )
        report.left_out = plan.left_out
        for wrong in plan.wrong:
            report.add(Outcome(wrong.source, None, "skipped", wrong.reason), few=True)
        exist = {job for job in plan.jobs if not options.overwrite and os.path.lexists(job.target)}
        for job in (job for job in plan.jobs if job in exist):
            why = f"{shown(job.target)} exists; --overwrite replaces it"
            report.add(Outcome(*job, "kept", why), few=len(plan.jobs) <= FEW)
        # Kept results count neither for the progress bar nor for its estimate of time
        todo = [job for job in plan.jobs if job not in exist]
        if not todo:
            return report
        try:
            colorizer = _ready(options)
        except (ValueError, OSError) as error:
            report.error = str(error)
            say(f"error: {shown(error)}")
            return report
        report.run = colorizer.name
        with _bar(len(todo)) as bar, closing(_batch(colorizer, options).outcomes(todo)) as outcomes:
            for outcome in outcomes:
                report.add(outcome, few=len(todo) <= FEW)
                bar.update()
    except KeyboardInterrupt:
        report.error = STOPPED
        say("\nstopped: results are complete or not there, and the same command continues")
    return report


def _ready(options: argparse.Namespace) -> "Colorizer":
    """Loads the run, then creates --output: in this order a broken run leaves no empty folder.

    Raises ValueError and OSError, each with a sentence.
    """
    from colornet.colorizer import Colorizer, default

    run = default() if options.run is None else _run(options.run)
    colorizer = Colorizer(run, saturation=options.saturation)
    if options.output:
        try:
            options.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or error
            raise OSError(f"{options.output} cannot be created: {why}") from error
        if not os.access(options.output, os.W_OK | os.X_OK):
            raise OSError(f"{options.output} cannot be written to: name another --output")
    if colorizer.classifier == "none":
        say(f"note: the classifier of {shown(colorizer.name)} is untrained")
    return colorizer


def _run(name: str) -> Path:
    """The folder `name`, or else the run of this name that is installed with colornet."""
    installed = paths.PRETRAINED / name
    here = Path(name)
    return installed if here.name == name and installed.is_dir() and not here.exists() else here


def _batch(colorizer: "Colorizer", options: argparse.Namespace) -> Batch:
    mark = None if options.no_mark else colorizer.name
    return Batch(
        colorizer,
        save=functools.partial(original.save, quality=options.quality, mark=mark),
        limits={"max_pixels": options.max_pixels, "max_bytes": options.max_bytes},
        compare=options.compare,
    )


def _bar(total: int) -> tqdm:
    # None: no bar where the standard error is no terminal
    return tqdm(total=total, unit="picture", disable=None if total > 1 else True)


if __name__ == "__main__":
    command()
