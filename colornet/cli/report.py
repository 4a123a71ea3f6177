"""What a call of `colornet` did: a line for each file, a summary, JSON."""

import json
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from colornet.cli.jobs import shown
from colornet.cli.outcome import Outcome

FEW = 10  # of many pictures, so many with notes get a line each
STOPPED: dict[int, str] = {
    signal.SIGINT: "stopped with Ctrl-C",
    signal.SIGTERM: "stopped with SIGTERM",
}


@dataclass
class Report:
    """What a call has done so far.

    run: the name of the run that colours, None before it is loaded; error: why nothing can be
    coloured; stopped: the signal that ended the call early; left_out: how many results of earlier
    calls were no inputs.
    """

    run: str | None = None
    error: str | None = None
    stopped: int | None = None
    left_out: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    noted: int = 0  # coloured pictures with notes

    def add(self, outcome: Outcome, *, few: bool) -> None:
        """Adds an outcome and prints its line: always if it failed, else if there are few.

        Of many, the first with notes get a line too; the summary counts the others.
        """
        self.outcomes.append(outcome)
        if outcome.state == "skipped":
            if not outcome.untried:
                say(f"skipped: {shown(outcome.source)} {shown(outcome.reason)}")
            return
        self.noted += bool(outcome.notes)
        if few or (outcome.notes and self.noted <= FEW):
            say(line(outcome))

    def fail(self, error: Exception) -> None:
        """Notes an error that ends the call, and prints it."""
        self.error = str(error)
        say(f"error: {shown(error)}")

    @property
    def complete(self) -> bool:
        """Whether every input was tried."""
        return self.error is None and self.stopped is None

    @property
    def counts(self) -> dict[str, int]:
        """How many inputs were coloured, kept and skipped."""
        states = Counter(outcome.state for outcome in self.outcomes)
        return {state: states[state] for state in ("coloured", "kept", "skipped")}

    @property
    def status(self) -> int:
        """The exit status: 0; 1 after an error or a skipped input; 128 + the signal that came."""
        if self.stopped:
            return 128 + self.stopped
        return 1 if self.error or self.counts["skipped"] else 0

    def summary(self, seconds: float) -> str:
        """One line for people."""
        counts = self.counts
        grey = sum(outcome.made_grey for outcome in self.outcomes)
        untried = sum(outcome.untried for outcome in self.outcomes)
        text = f"{counts['coloured']} coloured"
        text += f" ({grey} of them from colour, made grey first)" if grey else ""
        text += f", {counts['kept']} kept, {counts['skipped']} skipped"
        text += f" ({untried} of them not tried)" if untried else ""
        if self.left_out:
            text += f", results of earlier calls left out: {self.left_out}"
        if self.noted > FEW:
            text += f", {self.noted} have notes, which --json lists"
        return f"{text}, in {seconds:.1f} s"

    def as_json(self, seconds: float) -> str:
        """One JSON object for programs."""
        content = {
            "run": self.run,
            "error": STOPPED[self.stopped] if self.stopped else self.error,
            "files": [entry(outcome) for outcome in self.outcomes],
            "results_left_out": self.left_out,
        }
        return json.dumps(content | self.counts | {"seconds": round(seconds, 3)})


def say(sentence: str) -> None:
    """Prints a line on the standard error, above a progress bar."""
    tqdm.write(sentence, file=sys.stderr)


def line(outcome: Outcome) -> str:
    """An outcome that is not skipped, for people."""
    if outcome.state == "kept":
        return f"kept: {shown(outcome.source)}: {outcome.reason}"
    notes = (*(["made grey first"] if outcome.made_grey else []), *outcome.notes)
    bracket = f" ({shown('; '.join(notes))})" if notes else ""
    return f"{shown(outcome.source)} -> {shown(outcome.target)}{bracket}"


def entry(outcome: Outcome) -> dict[str, Any]:
    """An outcome for programs."""
    paths = {
        "source": os.fspath(outcome.source),
        "target": os.fspath(outcome.target) if outcome.target else None,
    }
    entry = outcome._asdict() | paths | {"seconds": round(outcome.seconds, 3)}
    del entry["blameless"]
    if outcome.frames is None:  # a picture
        del entry["frames"]
    return entry
