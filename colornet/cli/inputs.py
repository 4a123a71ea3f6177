"""The places that a call names: whether they are there, and the folder of the results."""

import argparse
import os
from pathlib import Path

from colornet import paths
from colornet.cli import hinted, jobs
from colornet.cli.outcome import Outcome
from colornet.cli.report import Report

GONE = "the working directory does not exist any more"


def named(options: argparse.Namespace, report: Report) -> list[str]:
    """The inputs; but those whose place is gone with the working directory are skipped."""
    if not _gone():
        return options.inputs
    for name in (name for name in options.inputs if not os.path.isabs(name)):
        report.add(Outcome(Path(name), None, "skipped", f"does not exist: {GONE}"), few=True)
    return [name for name in options.inputs if os.path.isabs(name)]


def check_places(options: argparse.Namespace) -> None:
    """Raises OSError where --output, --run or --manifest is gone with the working directory."""
    installed = options.run is None or (paths.PRETRAINED / options.run).is_dir()
    places = {"output": options.output, "run": None if installed else options.run}
    for option, name in (places | {"manifest": options.manifest}).items():
        if name is not None and not os.path.isabs(name) and _gone():
            raise OSError(f"{GONE}: give --{option} its whole path, which begins with {os.sep}")


def check_hints(options: argparse.Namespace, plan: jobs.Plan) -> None:
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


def make(output: Path | None) -> None:
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
