"""One call of `colornet`: plans, loads the run, colours, reports. Knows no networks."""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from colornet.cli import arguments, inputs, jobs, shards, verify, work
from colornet.cli.jobs import shown
from colornet.cli.ledger import Ledger
from colornet.cli.manifest import ManifestError
from colornet.cli.outcome import Outcome, kept
from colornet.cli.report import Report, say
from colornet.cli.verify import Checked
from colornet.system import stop, streams
from colornet.system.whole import WriteError

FEW = 10  # up to so many pictures get a line each; of more, only those that fail


def run(argv: list[str], load: Callable) -> int:
    """Returns the exit status, `Report.status`.

    load: (options) -> a Colorizer; raises ValueError and OSError, each with a sentence. Raises
    SystemExit with 2 for wrong usage.
    """
    options = arguments.read(argv)
    start = time.perf_counter()
    report = Checked() if options.verify else Report()
    try:
        _found(options, load, report)
        stop.check()
    except KeyboardInterrupt as error:
        report.stopped = getattr(error, "number", stop.Stopped().number)
        say(f"\n{stop.SENTENCE}")
    seconds = time.perf_counter() - start
    if report.complete:
        say(report.summary(seconds))
    return _printed(report, seconds) if options.json else report.status


def _printed(report: Report | Checked, seconds: float) -> int:
    """Prints the report as JSON; returns the exit status, at least 1 if nobody can read it."""
    print(report.as_json(seconds), flush=True)
    if not streams.lost(sys.stdout):
        return report.status
    say("error: the standard output is closed or full: the report of --json is lost")
    return report.status or 1


def _found(options: argparse.Namespace, load: Callable, report: Report | Checked) -> None:
    """Plans; colours or verifies. Raises stop.Stopped."""
    try:
        inputs.check_places(options)
    except OSError as error:
        return report.fail(error)
    given = inputs.named(options, report) if isinstance(report, Report) else options.inputs
    stop.check()
    asked = {"output": options.output, "suffix": options.suffix, "wanted": options.format}
    plan = shards.part(jobs.find(given, **asked, pages=options.pages), options.shard)
    try:
        if isinstance(report, Checked):
            return verify.check(plan, options, report)
        with Ledger(options.manifest, pages=options.pages) as ledger:
            _colour(ledger.plan(plan), ledger, options, load, report)
    except (ManifestError, WriteError) as error:
        report.fail(error)


def _colour(
    plan: jobs.Plan,
    ledger: Ledger,
    options: argparse.Namespace,
    load: Callable,
    report: Report,
) -> None:
    """Colours, and adds to the report what it does. Raises stop.Stopped, and WriteError."""
    report.left_out = plan.left_out
    for wrong in plan.wrong:
        report.add(Outcome(wrong.source, None, "skipped", wrong.reason), few=True)
    # Kept results count neither for the progress bar nor for its estimate of time
    todo = []
    for job in plan.jobs:
        stop.check()
        if ledger.is_done(job, overwrite=options.overwrite):
            report.add(kept(job), few=len(plan.jobs) <= FEW)
        else:
            todo.append(job)
    if not todo:
        return
    try:
        inputs.check_hints(options, plan)
        colorizer = load(options)
        stop.check()
        inputs.make(options.output)  # after the run: a broken one leaves no empty folder
    except (ValueError, OSError) as error:
        return report.fail(error)
    note(colorizer)
    report.run = colorizer.name
    with closing(work.outcomes(todo, colorizer, options, ledger, bar=True)) as outcomes:
        for found in outcomes:
            for outcome in found:
                report.add(outcome, few=len(todo) <= FEW)


def note(colorizer: Any) -> None:
    """Says what a user must know of a run."""
    if colorizer.classifier == "none":
        say(f"note: the classifier of {shown(colorizer.name)} is untrained")
