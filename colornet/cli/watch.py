"""`colornet watch`: colours what appears in folders, until it is asked to stop."""

import argparse
import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from colornet.cli import arguments, call, inputs, jobs, listing, shards, work
from colornet.cli.jobs import Job, shown
from colornet.cli.ledger import Ledger
from colornet.cli.manifest import ManifestError
from colornet.cli.outcome import Outcome
from colornet.cli.report import entry, line, say
from colornet.system import stop
from colornet.system.whole import WriteError

LOOK = 0.1  # seconds between two looks whether the program was asked to stop
Seen = tuple[int, int, int]  # of a file: bytes, and when it and what is known of it changed


def run(argv: list[str], load: Callable) -> int:
    """Returns the exit status: 1 where nothing can be coloured; 130 for Ctrl-C, 143 for SIGTERM.

    load: as for `call.run`. Raises SystemExit with 2 for wrong usage.
    """
    options = arguments.read(argv, command="watch")
    try:
        return _watch(options, load)
    except KeyboardInterrupt as error:
        say(f"\n{stop.SENTENCE}")
        return 128 + getattr(error, "number", stop.Stopped().number)


def _watch(options: argparse.Namespace, load: Callable) -> int:
    """Looks again and again. Raises stop.Stopped; returns 1 after an error."""
    try:
        inputs.check_places(options)
        for each in options.inputs:
            _check_folder(each)
        colorizer = load(options)
        stop.check()
        inputs.make(options.output)
    except (ValueError, OSError) as error:
        return _failed(error)
    call.note(colorizer)
    try:
        with Ledger(options.manifest, pages=options.pages) as ledger:
            _look_on(Watch(options, colorizer, ledger), options)
    except (ManifestError, WriteError) as error:
        return _failed(error)


def _check_folder(name: str) -> None:
    """Raises OSError with a sentence for what cannot be watched."""
    try:
        os.scandir(name).close()
    except OSError as error:
        raise OSError(f"{name} cannot be watched: {error.strerror or error}") from error


def _look_on(watch: "Watch", options: argparse.Namespace) -> NoReturn:
    where = ", ".join(map(shown, options.inputs))
    say(f"watching {where} every {options.every:g} s, until Ctrl-C")
    while True:
        # A large inbox takes seconds to list: at most half of the time goes into that
        _pause(max(options.every, watch.look()))


def _failed(error: object) -> int:
    say(f"error: {shown(error)}")
    return 1


def _pause(seconds: float) -> None:
    """Waits. Raises stop.Stopped."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        stop.check()
        time.sleep(min(LOOK, left))


class Watch:
    """What is known of the files of watched folders from one look to the next."""

    def __init__(self, options: argparse.Namespace, colorizer: Any, ledger: Ledger):
        self._options, self._colorizer, self._ledger = options, colorizer, ledger
        self._waiting: dict[Path, Seen] = {}  # files without a result, as the last look found them
        self._tried: dict[Path, Seen] = {}  # of them those that were tried, as they were then
        self._named: dict[Path, str] = {}  # what was said of files that could not be coloured

    def look(self) -> float:
        """Colours what is new and whole, and says so. Raises stop.Stopped, WriteError.

        Returns the seconds that it took to find out.
        """
        start, ready = time.perf_counter(), self._ready()
        seconds = time.perf_counter() - start
        if ready:
            done = work.outcomes(ready, self._colorizer, self._options, self._ledger, bar=False)
            with closing(done):
                for outcome in chain.from_iterable(done):
                    self._add(outcome)
        return seconds

    def _ready(self) -> list[Job]:
        """What is new and whole. Names what is wrong."""
        options = self._options
        asked = {"output": options.output, "suffix": options.suffix, "wanted": options.format}
        found = shards.part(jobs.find(options.inputs, **asked, pages=options.pages), options.shard)
        plan = self._ledger.plan(found)
        for wrong in plan.wrong:
            if wrong.reason != listing.EMPTY:  # so far
                self._add(Outcome(wrong.source, None, "skipped", wrong.reason))
        new = [job for job in plan.jobs if not self._ledger.is_done(job)]
        self._forget({job.source for job in new} | {each.source for each in plan.wrong})
        return [job for job in new if self._is_ready(job)]

    def _forget(self, there: set[Path]) -> None:
        """Drops what is known of files that are done, or gone."""
        for known in (self._waiting, self._tried, self._named):
            for file in known.keys() - there:
                known.pop(file)

    def _is_ready(self, job: Job) -> bool:
        """Whether a file is as it was at the last look, and was not tried as it is."""
        try:
            about = os.stat(job.source)
        except OSError:  # gone meanwhile
            return False
        seen = about.st_size, about.st_mtime_ns, about.st_ctime_ns
        before, self._waiting[job.source] = self._waiting.get(job.source), seen
        if seen != before or seen == self._tried.get(job.source) or not _opens(job.source):
            return False
        if job.source not in self._tried and (record := self._ledger.failed(job)):
            self._tried[job.source] = seen  # at an earlier call
            self._add(Outcome(*job, "skipped", record.sentence))
            return False
        return True

    def _add(self, outcome: Outcome) -> None:
        """Says what became of a file, and the same of it only once."""
        source = outcome.source
        if not outcome.blameless and source in self._waiting:
            self._tried[source] = self._waiting[source]
        if outcome.state != "skipped":
            say(line(outcome))
        else:
            if self._named.get(source) == outcome.reason:
                return
            self._named[source] = outcome.reason
            if not outcome.untried:
                say(f"skipped: {shown(source)} {shown(outcome.reason)}")
        if self._options.json:
            print(json.dumps(entry(outcome)), flush=True)


def _opens(file: Path) -> bool:
    """Whether a file can be read to its end; an empty one is still to be written.

    On Windows a program that writes it may keep others out. Elsewhere one that may not be read
    counts as well: an attempt to colour it will name that.
    """
    try:
        with open(file, "rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(size - 1, 0))
            return len(stream.read(1)) == 1
    except PermissionError:
        return os.name == "posix"
    except OSError:
        return True
