"""What a manifest tells a call of its jobs, and what the call adds to it."""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Self

from colornet.cli import claims, manifest
from colornet.cli.claims import State
from colornet.cli.jobs import Job, Plan, Wrong
from colornet.cli.manifest import COLOURED, KEPT, SKIPPED, Manifest, Record
from colornet.cli.outcome import Outcome, kept
from colornet.system import formats
from colornet.system.whole import WriteError

THERE = "was there already"  # the sentence of a copy that a manifest did not know


class Ledger:
    """The records of a call's sources; to be used in a with statement.

    file: the manifest, or None for none; pages: "first" or "all", as in `jobs.find`. `wait`: what
    `claims.claimed` does. Raises ManifestError, and WriteError where the manifest cannot be
    written, each with a sentence.
    """

    def __init__(self, file: Path | None, *, pages: str = "first"):
        self._file, self._pages = file, pages
        self._manifest = Manifest(file) if file else None
        self._known = manifest.read(file) if file else {}
        self._below: dict[Path, str] = {}
        self._owners: dict[str | None, str] | None = None
        self._before: dict[Path, State] = {}
        self.wait = False

    def __enter__(self) -> Self:
        if self._manifest:
            self._try(self._manifest.open)
        return self

    def __exit__(self, *error: object) -> None:
        if self._manifest:
            self._try(self._manifest.close)

    def plan(self, plan: Plan) -> Plan:
        """Takes the paths of a plan; what is left of it if each path may stand for one source."""
        self._below = plan.below
        if self._manifest is None:
            return plan
        first: dict[str, Path] = {}
        for job in plan.jobs:
            first.setdefault(plan.below[job.source], job.source)
        twice = {job for job in plan.jobs if first[plan.below[job.source]] != job.source}
        wrong = [Wrong(job.source, self._advice(first[plan.below[job.source]])) for job in twice]
        for each in (each for each in plan.wrong if formats.is_known(each.source)):
            self._append(Record(plan.below[each.source], sentence=each.reason))
        todo = [job for job in plan.jobs if job not in twice] if twice else plan.jobs
        return plan._replace(wrong=plan.wrong + wrong, jobs=todo)

    @staticmethod
    def _advice(other: Path) -> str:
        return f"has the same path in the manifest as {other}: give each input its own manifest"

    def failed(self, job: Job) -> Record | None:
        """The record of a source that was read, and failed, and has not changed since."""
        record = self._known.get(self._below[job.source])
        if record is None or record.done or record.sha256_in is None:
            return None
        return record if _about(job.source) == (record.size, record.modified) else None

    def is_done(self, job: Job, *, overwrite: bool = False) -> bool:
        """Whether a job has its result. One that no record names is recorded now.

        Otherwise it is noted what lies at its target, so that the result of another call is seen.
        """
        there = claims.state(job.target)
        if not overwrite and self._has_result(job, there is not None):
            return True
        self._before[job.target] = there
        return False

    def _has_result(self, job: Job, there: bool) -> bool:
        record = self._known.get(self._below[job.source])
        if record and record.done and record.target == self._target(job):
            if not record.pages:
                return there and record.size == _about(job.source)[0]
            if self._pages == "all":
                whole = all(os.path.lexists(_beside(job, each)) for each in record.pages)
                return whole and record.size == _about(job.source)[0]
        if not there or self._is_of_another(job):
            return False
        if self._manifest:
            self._record(job, [kept(job)], _about(job.source))
        return True

    def _is_of_another(self, job: Job) -> bool:
        """Whether the target is the result of another source, which had this name before."""
        if self._owners is None:
            self._owners = {each.target: path for path, each in self._known.items() if each.done}
        path = self._below[job.source]
        return self._owners.get(self._target(job), path) != path

    def __call__(self, job: Job, work: Callable[[Job], list[Outcome]]) -> list[Outcome]:
        """The outcomes of a job, which are recorded; none while another call has it."""
        with claims.claimed(job.target, wait=self.wait) as mine:
            if not mine:
                return []
            if claims.state(job.target) != self._before.pop(job.target, None):
                return [kept(job)._replace(reason="was coloured by another call meanwhile")]
            about = _about(job.source)
            outcomes = work(job)
            self._record(job, outcomes, about)
        return outcomes

    def _record(self, job: Job, outcomes: list[Outcome], about: "About") -> None:
        """Appends what became of a job, unless its folder or disk is to blame and not it."""
        if self._manifest is None or any(each.blameless for each in outcomes):
            return
        states = {each.state for each in outcomes}
        status = next(each for each in (SKIPPED, COLOURED, KEPT) if each in states)
        wrong = [each.reason for each in outcomes if each.state == SKIPPED]
        files = [each.target for each in outcomes if each.target and each.state != SKIPPED]
        results = {self._target(job, file): _sha256(file) or "" for file in files}
        target = self._target(job)
        apart = None if set(results) <= {target} else results
        digest = _sha256(job.source)
        self._append(
            Record(
                self._below[job.source],
                size=about[0],
                modified=about[1],
                sha256_in=digest if _about(job.source) == about else None,
                target=target,
                sha256_out=results.get(target) if status != SKIPPED and not apart else None,
                status=status,
                sentence="; ".join(wrong) if wrong else THERE if status == KEPT else "",
                seconds=sum(each.seconds for each in outcomes),
                pages=apart,
            )
        )

    def _append(self, record: Record) -> None:
        """Appends a record that says something new."""
        last = self._known.get(record.path)
        if record.done or last is None or last._replace(seconds=record.seconds) != record:
            assert self._manifest is not None
            writing = self._manifest
            self._try(lambda: writing.append(record))
            self._known[record.path] = record
            if record.done and self._owners is not None:
                self._owners[record.target] = record.path

    def _try(self, work: Callable[[], object]) -> None:
        """Raises WriteError with a sentence where the manifest cannot be written."""
        try:
            work()
        except OSError as error:
            why = error.strerror or error
            raise WriteError(f"the manifest {self._file} cannot be written: {why}") from error

    def _target(self, job: Job, file: Path | None = None) -> str:
        """The path of a target below the folder of the results."""
        name = (file or job.target).name
        return str(PurePosixPath(self._below[job.source]).with_name(name))


About = tuple[int | None, int | None]


def _about(file: Path) -> About:
    """Bytes, and the time of the last change; None where the file cannot be looked at."""
    try:
        about = os.stat(file)
    except OSError:
        return None, None
    return about.st_size, about.st_mtime_ns


def _sha256(file: Path) -> str | None:
    try:
        return manifest.sha256(file)
    except OSError:
        return None


def _beside(job: Job, target: str) -> Path:
    """The file of a target in a record, which lies in the folder of the job's target."""
    return job.target.parent / PurePosixPath(target).name
