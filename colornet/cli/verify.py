"""`--verify`: the results of an archive, compared with its manifest; nothing is coloured."""

import argparse
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tqdm import tqdm

from colornet.cli import manifest
from colornet.cli.jobs import Plan, shown
from colornet.cli.manifest import ManifestError, Record
from colornet.cli.report import STOPPED, say
from colornet.system import machine

SOME = 1000  # results that are given to the threads at once: each takes memory until it is read


class Fault(NamedTuple):
    """What is wrong: "missing", "changed", "never recorded" or "skipped"; of what; why."""

    kind: str
    name: str
    why: str = ""


@dataclass
class Checked:
    """What a call has compared so far; as `Report`, of which it takes the place.

    whole: results that are as they were written; failed: sources without a result, as recorded.
    """

    error: str | None = None
    stopped: int | None = None
    whole: int = 0
    failed: int = 0
    faults: list[Fault] = field(default_factory=list)

    def fail(self, error: Exception) -> None:
        """Notes an error that ends the call, and prints it."""
        self.error = str(error)
        say(f"error: {shown(error)}")

    def add(self, fault: Fault) -> None:
        """Notes a fault, and prints it."""
        self.faults.append(fault)
        say(shown(f"{fault.kind}: {fault.name} {fault.why}".rstrip()))

    @property
    def complete(self) -> bool:
        """Whether everything was compared."""
        return self.error is None and self.stopped is None

    @property
    def status(self) -> int:
        """The exit status: 0; 1 after an error or a fault; 128 + the signal that came."""
        return 128 + self.stopped if self.stopped else int(bool(self.error or self.faults))

    def of(self, kind: str) -> list[str]:
        """The names with a kind of fault."""
        return [fault.name for fault in self.faults if fault.kind == kind]

    def summary(self, seconds: float) -> str:
        """One line for people."""
        kinds = ("missing", "changed", "never recorded", "skipped")
        found = "".join(f", {len(self.of(kind))} {kind}" for kind in kinds[:3])
        skipped = f", {n} inputs skipped" if (n := len(self.of(kinds[3]))) else ""
        failed = f", {self.failed} recorded as not coloured" if self.failed else ""
        return f"{self.whole} results whole{found}{failed}{skipped}, in {seconds:.1f} s"

    def as_json(self, seconds: float) -> str:
        """One JSON object for programs."""
        content = {
            "error": STOPPED[self.stopped] if self.stopped else self.error,
            "whole": self.whole,
            "missing": self.of("missing"),
            "changed": self.of("changed"),
            "never_recorded": self.of("never recorded"),
            "skipped": self.of("skipped"),
            "not_coloured": self.failed,
            "seconds": round(seconds, 3),
        }
        return json.dumps(content)


def check(plan: Plan, options: argparse.Namespace, checked: Checked) -> None:
    """Compares, and adds what it finds. Raises ManifestError, stop.Stopped."""
    known = _known(options.manifest)
    for wrong in plan.wrong:
        if plan.below[wrong.source] not in known:
            checked.add(Fault("skipped", str(wrong.source), wrong.reason))
    for job in plan.jobs:
        if plan.below[job.source] not in known:
            checked.add(Fault("never recorded", plan.below[job.source]))
    mine = [each for each in known.values() if not options.shard or options.shard.holds(each.path)]
    checked.failed = sum(not each.done for each in mine)
    places = [options.output] if options.output else [*_places(plan, options.inputs)]
    with tqdm(total=len(mine), unit="file", disable=None if len(mine) > 1 else True) as bar:
        for fault in _compared(mine, places):
            bar.update()
            if fault:
                checked.add(fault)
            else:
                checked.whole += 1


def _known(file: Path) -> dict[str, Record]:
    if not file.exists():
        raise ManifestError(f"the manifest {file} does not exist")
    return manifest.read(file)


def _places(plan: Plan, inputs: Iterable[str]) -> set[Path]:
    """The folders below which results lie beside their sources."""
    places = {Path(given) for given in inputs if os.path.isdir(given)}
    for source, path in plan.below.items():
        places.add(source.parents[len(PurePosixPath(path).parts) - 1])
    return places


def _compared(records: list[Record], places: list[Path]) -> Iterator[Fault | None]:
    """The fault of each result, None where it is whole. Files are read by all cores at once."""
    results = (result for record in records for result in record.results.items())
    pool = ThreadPoolExecutor(machine.cores())
    try:
        while some := list(islice(results, SOME)):
            yield from pool.map(lambda result: _fault(result[0], result[1], places), some)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _fault(target: str, digest: str | None, places: list[Path]) -> Fault | None:
    files = [file for place in places if (file := place / target).is_file()]
    if not files:
        return Fault("missing", target)
    try:
        same = any(digest in (None, manifest.sha256(file)) for file in files)
    except OSError as error:
        return Fault("missing", target, f"cannot be read: {error.strerror or error}")
    return None if same else Fault("changed", target)
