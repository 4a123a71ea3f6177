"""The command line: files and folders in, coloured files out, each at its own size."""

import argparse
import functools
import json
import os
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from colornet import paths
from colornet.cli import arguments, batch, jobs, original
from colornet.cli.jobs import shown

if TYPE_CHECKING:  # the help and wrong usage are not to wait for what it imports
    from colornet.colorizer import Colorizer

FEW = 10  # so many pictures get a line each; of more, only what went wrong with one


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 when a picture could not be coloured; 130 for Ctrl-C.

    Raises SystemExit with 2 for wrong usage.
    """
    options = arguments.read(sys.argv[1:] if argv is None else argv)
    start = time.perf_counter()
    report = {"run": None, "error": None, "files": []}
    try:
        status = _call(options, report)
    except KeyboardInterrupt:
        report["error"], status = "stopped with Ctrl-C", 130
        again = "none is half done, and the same command goes on from there"
        _say(f"\nstopped; what is coloured stays, {again}")
    seconds = time.perf_counter() - start
    if report["error"] is None:
        _say(_summary(report, seconds))
    if options.json:
        print(json.dumps(report | _counts(report) | {"seconds": round(seconds, 3)}))
    return status


def command() -> None:
    """What the installed `colornet` calls."""
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    if status == 130:
        os._exit(130)  # a picture that is still being coloured is not waited for
    sys.exit(status)


def _call(options: argparse.Namespace, report: dict) -> int:
    """Colours, says what it does, and leaves it in `report`."""
    wrong, todo, left_out = jobs.find(
        options.inputs, output=options.output, suffix=options.suffix, wanted=options.format
    )
    report["results_left_out"] = left_out
    for each in wrong:
        _note(report, batch.Outcome(each.source, None, "skipped", each.reason), few=True)
    # What an earlier call left is no part of what the bar counts, nor of its time
    there = set() if options.overwrite else {job for job in todo if os.path.lexists(job.target)}
    few = len(todo) <= FEW
    for job in todo:
        if job in there:
            why = f"{shown(job.target)} is there already; --overwrite replaces it"
            _note(report, batch.Outcome(*job, "kept", why), few=few)
    todo = [job for job in todo if job not in there]
    try:
        colorizer = _ready(options, report) if todo else None
    except (ValueError, OSError) as error:
        report["error"] = str(error)
        _say(f"error: {shown(error)}")
        return 1
    if todo:
        _colour(todo, colorizer, options, report)
    return 1 if _counts(report)["skipped"] else 0


def _ready(options: argparse.Namespace, report: dict) -> "Colorizer":
    """The colorizer; then, so that a broken run leaves no empty folder, the output."""
    from colornet.colorizer import Colorizer, default

    run = default() if options.run is None else _run(options.run)
    colorizer = Colorizer(run, saturation=options.saturation)
    if options.output:
        try:
            options.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or error
            raise OSError(f"{options.output} cannot be made: {why}") from error
        if not os.access(options.output, os.W_OK | os.X_OK):
            raise OSError(f"{options.output} cannot be written to: name another --output")
    report["run"] = colorizer.name
    if colorizer.classifier == "none":
        _say(f"note: the classifier of {shown(colorizer.name)} is untrained")
    return colorizer


def _colour(
    todo: list[jobs.Job], colorizer: "Colorizer", options: argparse.Namespace, report: dict
) -> None:
    mark = None if options.no_mark else colorizer.name
    work = batch.Batch(
        colorizer,
        save=functools.partial(original.save, quality=options.quality, mark=mark),
        limits={"max_pixels": options.max_pixels, "max_bytes": options.max_bytes},
        compare=options.compare,
    )
    # None: no bar where the standard error is no terminal
    bar = tqdm(total=len(todo), unit="picture", disable=None if len(todo) > 1 else True)
    with bar, closing(work.outcomes(todo)) as outcomes:
        for outcome in outcomes:
            _note(report, outcome, few=len(todo) <= FEW)
            bar.update()


def _note(report: dict, outcome: batch.Outcome, *, few: bool) -> None:
    """Into the report, and onto the terminal: failures always, the rest if there are few."""
    entry = outcome._asdict() | {"seconds": round(outcome.seconds, 3)}
    entry["source"], entry["target"] = os.fspath(outcome.source), None
    if outcome.target:
        entry["target"] = os.fspath(outcome.target)
    report["files"].append(entry)
    source = shown(outcome.source)
    if outcome.state == "skipped" and not outcome.untried:
        _say(f"skipped: {source} {shown(outcome.reason)}")
    elif outcome.state == "kept" and few:
        _say(f"left: {source}: {outcome.reason}")
    elif outcome.state == "coloured" and few:
        grey = " (made grey first)" if outcome.made_grey else ""
        _say(f"{source} -> {shown(outcome.target)}{grey}")


def _counts(report: dict) -> dict[str, int]:
    states = Counter(entry["state"] for entry in report["files"])
    return {state: states[state] for state in ("coloured", "kept", "skipped")}


def _summary(report: dict, seconds: float) -> str:
    counts = _counts(report)
    grey = sum(entry["made_grey"] for entry in report["files"])
    untried = sum(entry["untried"] for entry in report["files"])
    text = f"{counts['coloured']} coloured"
    text += f" ({grey} of them from colour, made grey first)" if grey else ""
    text += f", {counts['kept']} left as they were, {counts['skipped']} skipped"
    text += f" ({untried} of them not tried)" if untried else ""
    if report["results_left_out"]:
        text += f", results of earlier calls left out: {report['results_left_out']}"
    return f"{text}, in {seconds:.1f} s"


def _say(sentence: str) -> None:
    tqdm.write(sentence, file=sys.stderr)


def _run(name: str) -> Path:
    ships = paths.PRETRAINED / name
    here = Path(name)
    return ships if here.name == name and ships.is_dir() and not here.exists() else here


if __name__ == "__main__":
    command()
