"""Folders and disks that cannot be written to: one sentence, and no further attempts."""

import errno
import threading
from pathlib import Path

from colornet.cli.jobs import Job
from colornet.cli.outcome import Outcome

FULL = (errno.ENOSPC, errno.EDQUOT)
CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


class Places:
    """What is known of the folders of a call's results; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Folders that cannot be written to -> why; None stands for all folders
        self._closed: dict[Path | None, str] = {}

    def given_up(self, job: Job) -> Outcome | None:
        """The outcome of a job whose folder is known not to be writable; None if it is not."""
        if why := self._closed.get(None) or self._closed.get(job.target.parent):
            return _skipped(job, f"was not tried: {why}", untried=True)
        return None

    def outcome(self, job: Job, error: OSError) -> Outcome:
        """The outcome where writing failed; later jobs do not try the same folder again."""
        folder = job.target.parent
        if error.errno == errno.ENAMETOOLONG:
            why = f"would become {job.target.name}, too long a name: name a shorter --suffix"
            return _skipped(job, why)
        if error.errno in FULL:
            why = "could not be written: the disk is full; free some space and repeat this"
            return _skipped(job, why, untried=self._close(None, "the disk is full"))
        why = f"cannot be written to {folder}: {error.strerror or error}"
        untried = error.errno in CLOSED and self._close(folder, why)
        return _skipped(job, why, untried=untried)

    def _close(self, folder: Path | None, why: str) -> bool:
        """Notes a folder (None: all) as not writable; returns whether it was noted before."""
        with self._lock:
            noted = folder in self._closed
            self._closed[folder] = why
        return noted


def _skipped(job: Job, why: str, *, untried: bool = False) -> Outcome:
    return Outcome(*job, "skipped", why, untried=untried, blameless=True)
