"""Colours a block of an archive's pictures, in a process of Ray on any machine."""

import functools
import hashlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from PIL import Image

from colornet.archive.places import Place
from colornet.archive.plan import Task
from colornet.cli import hinted, listing, manifest, original
from colornet.cli.batch import Batch
from colornet.cli.jobs import Job
from colornet.cli.ledger import THERE
from colornet.cli.manifest import COLOURED, KEPT, Record
from colornet.cli.original import Original
from colornet.cli.outcome import Outcome
from colornet.hints import Hint
from colornet.images import photo
from colornet.images.photo import PhotoError
from colornet.system import machine

ROWS = pa.schema([("record", pa.binary()), ("blameless", pa.bool_()), ("fatal", pa.string())])


class Call(NamedTuple):
    """What a call of the archive asks of each machine.

    folder: of the run, for sentences; files: Ray's reference to the run's files, name -> content;
    cpus: of this process; the rest are the options of `colornet`.
    """

    source: Place
    output: Place
    folder: str
    files: Any
    cpus: int
    saturation: float | None = None
    quality: int = 95


def paint(block: pa.Table, call: Call) -> pa.Table:
    """Colours the tasks in the column "task"; a row of `ROWS` for each, in their order.

    record: a line of a manifest; blameless: the failure lies not in the source, and is not to be
    recorded; fatal: why nothing can be coloured at all, or "".
    """
    tasks = [Task(*json.loads(text)) for text in block["task"].to_pylist()]
    machine.limit(call.cpus)
    try:
        colorizer = _colorizer(call.files, call.folder, call.saturation)
    except (ValueError, OSError, ModuleNotFoundError) as error:
        return _table([(b"", True, str(error))])
    rows = Work(call, colorizer, tasks).rows()
    return _table([(manifest.line(record), blameless, "") for record, blameless in rows])


def _table(rows: list[tuple[bytes, bool, str]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(ROWS.names, row, strict=True)) for row in rows], ROWS)


@functools.cache
def _colorizer(files: Any, folder: str, saturation: float | None) -> Any:
    """The Colorizer, loaded once in a process. Raises ValueError and OSError, with a sentence."""
    import ray

    from colornet.colorizer import Colorizer

    name = Path(folder).name
    with tempfile.TemporaryDirectory() as temporary:
        run = Path(temporary, name)
        run.mkdir()
        for file, content in ray.get(files).items():
            (run / file).write_bytes(content)
        try:
            # original.read has smoothed the dots already
            return Colorizer(run, saturation=saturation, keep_dots=True)
        except (ValueError, OSError) as error:
            raise ValueError(str(error).replace(str(run), folder)) from error


class Work:
    """The work on some tasks, by the threads of a `Batch`."""

    def __init__(self, call: Call, colorizer: Any, tasks: list[Task]):
        self._call, self._mark = call, colorizer.name
        # By the paths that a Batch hands around
        self._tasks = {Path(task.path): task for task in tasks}
        self._targets = {Path(call.output.at(task.target)): task for task in tasks}
        self._read_digests: dict[str, str] = {}  # sha256 of sources
        self._written: dict[str, str] = {}  # and of copies
        self._found: dict[str, Record] = {}
        self._batch = Batch(
            colorizer,
            read=self._read,
            save=self._save,
            hints=self._hints,
            around=self._around,
            make_folder=lambda _: None,
        )

    def rows(self) -> list[tuple[Record, bool]]:
        """The record of each task, and whether its failure lies not in the source."""
        todo = [Job(*pair) for pair in zip(self._tasks, self._targets, strict=True)]
        found = zip(self._tasks.values(), self._batch.outcomes(todo), strict=True)
        return [self._row(task, outcomes[0]) for task, outcomes in found]

    def _row(self, task: Task, outcome: Outcome) -> tuple[Record, bool]:
        coloured = outcome.state == COLOURED
        record = self._found.get(task.path) or Record(
            task.path,
            task.size,
            task.modified,
            self._read_digests.get(task.path),
            task.target,
            self._written.get(task.target) if coloured else None,
            outcome.state,
            outcome.reason,
            outcome.seconds,
        )
        return record, outcome.blameless

    def _around(self, job: Job, work: Callable[[Job], list[Outcome]]) -> list[Outcome]:
        """Colours what is not there yet, such as by a machine that was lost before it told."""
        task = self._tasks[job.source]
        try:
            if not task.again and (task.there or self._call.output.holds(task.target)):
                self._found[task.path] = self._recorded(task)
                return [Outcome(*job, self._found[task.path].status)]
        except OSError as error:
            return [Outcome(*job, "skipped", listing.reason(error), blameless=True)]
        return work(job)

    def _recorded(self, task: Task) -> Record:
        """The record of a copy that is there; one that this call made counts as coloured."""
        start = time.perf_counter()
        copy = _sha256(self._call.output.read(task.target))
        digest = _sha256(self._call.source.read(task.path))
        status, sentence = (KEPT, THERE) if task.there else (COLOURED, "")
        seconds = time.perf_counter() - start
        return Record(*task[:3], digest, task.target, copy, status, sentence, seconds)

    def _read(self, source: Path, *, page: int = 1) -> Original:
        """Raises PhotoError and OSError as `original.read` does."""
        task = self._tasks[source]
        if task.size > photo.MAX_BYTES:  # before it is read: it could fill the memory
            raise PhotoError(f"has {task.size:,} bytes, more than the limit of {photo.MAX_BYTES:,}")
        content = self._call.source.read(task.path)
        self._read_digests[task.path] = _sha256(content)
        stream = io.BytesIO(content)
        stream.name = task.path  # which tells some formats
        return original.read(stream, page=page)

    def _save(self, picture: Image.Image, target: Path, before: Original) -> tuple[str, ...]:
        task = self._targets[target]
        options = {"suffix": target.suffix, "quality": self._call.quality, "mark": self._mark}
        content = original.encode(picture, before, **options)
        self._call.output.write(task.target, content)
        self._written[task.target] = _sha256(content)
        return ()

    def _hints(self, source: Path) -> list[Hint]:
        file = self._tasks[source].hints
        if not file:
            return []
        with tempfile.NamedTemporaryFile() as copy:
            copy.write(self._call.source.read(file))
            copy.flush()
            return hinted.of(source, named=Path(copy.name))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
