"""The record of an archive: a file of JSON lines, one for each source, the last one counts.

    {"colornet-manifest": 1, "path": "album/b.png", "size": 48213, "modified": 1764201600000000000,
     "sha256_in": "9f…", "target": "album/b.png", "sha256_out": "3c…", "status": "coloured",
     "sentence": "", "seconds": 0.412}

`RECORD` says what the keys mean. A line is ASCII, and ends with "\\n".
It is appended whole: one write at the end of the file, by one process at a time. If a process is
killed or the disk is full, the last line may be cut off; the next line then begins on a line of its
own, and readers pass over what is no record. Files of several machines can be joined with `cat`.
"""

import errno
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

from colornet.system import lock, stop

VERSION = 1
NAME = "colornet-manifest"  # the key of the version, which tells these lines from others
START = f'{{"{NAME}"'.encode()  # of each line
LONGEST = 10_000_000  # bytes of a line; other files may have no ends of lines at all
O_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change the ends of lines
COLOURED, KEPT, SKIPPED = "coloured", "kept", "skipped"  # what `status` may be


class Record(NamedTuple):
    """What became of one source.

    path: of the source, below the input folder that was named, with "/"; the same on each machine.
    size, modified: bytes, and the time of the last change in nanoseconds since 1970, before it was
    coloured; None where they are not known. sha256_in, sha256_out: of the source and of its copy,
    64 hexadecimal digits; None where there is no such file or nobody read it.
    target: of the copy, below the output folder or, without one, below the input folder.
    status: "coloured"; "kept": the copy was there before; "skipped". sentence: why it was kept or
    skipped, to be read after its name. seconds: of the work on it. pages: where the pages of a
    source become files of their own, their targets, each with its sha256; sha256_out is None then.
    """

    path: str
    size: int | None = None
    modified: int | None = None
    sha256_in: str | None = None
    target: str | None = None
    sha256_out: str | None = None
    status: str = SKIPPED
    sentence: str = ""
    seconds: float = 0.0
    pages: dict[str, str] | None = None

    @property
    def done(self) -> bool:
        """Whether there is a coloured copy."""
        return self.status in (COLOURED, KEPT)

    @property
    def results(self) -> dict[str, str | None]:
        """The targets of a source that is done, with their sha256."""
        if not self.done or self.target is None:
            return {}
        return dict(self.pages) if self.pages else {self.target: self.sha256_out}


RECORD: dict[str, tuple[type, ...]] = {  # the keys of a line and the types of their values
    "path": (str,),
    "size": (int, type(None)),
    "modified": (int, type(None)),
    "sha256_in": (str, type(None)),
    "target": (str, type(None)),
    "sha256_out": (str, type(None)),
    "status": (str,),
    "sentence": (str,),
    "seconds": (int, float),
    "pages": (dict, type(None)),
}


class ManifestError(ValueError):
    """A file that is no manifest, or one of a later colornet; the text is a sentence."""


def line(record: Record) -> bytes:
    """A record as one line. Names that are no UTF-8 are kept: they are escaped like all others."""
    content: dict[str, Any] = {NAME: VERSION, **record._asdict()}
    content["seconds"] = round(record.seconds, 3)
    if record.pages is None:
        del content["pages"]
    return json.dumps(content).encode("ascii") + b"\n"


def parsed(text: bytes) -> Record | None:
    """The record of a line; None for what is none, such as half a line.

    Keys that are not known are left out. Raises ManifestError for a line of a later version.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
    if not isinstance(content, dict) or not isinstance(version := content.get(NAME), int):
        return None
    if version > VERSION:
        raise ManifestError(f"was written by a later colornet (version {version}): install that")
    known = {key: content[key] for key in RECORD if key in content}
    fits = all(isinstance(value, RECORD[key]) for key, value in known.items())
    return Record(**known) if fits and "path" in known else None


def records(file: Path) -> Iterator[Record]:
    """The records of a file, in order; none if it does not exist.

    Raises OSError, and ManifestError for a file that holds other things than records.
    """
    try:
        with open(file, "rb") as stream:
            first = stream.read(len(START))
            if not (first.startswith(START) or START.startswith(first)):
                raise ManifestError(f"{file} is no manifest of colornet: name another file")
            stream.seek(0)
            for text in iter(lambda: stream.readline(LONGEST), b""):
                if record := _parsed_in(file, text):
                    yield record
    except FileNotFoundError:
        return


def _parsed_in(file: Path, text: bytes) -> Record | None:
    try:
        return parsed(text)
    except ManifestError as error:
        raise ManifestError(f"{file} {error}") from error


def latest(file: Path) -> dict[str, Record]:
    """The last record of each path. Raises what `records` raises."""
    return {record.path: record for record in records(file)}


def read(file: Path) -> dict[str, Record]:
    """`latest`; raises ManifestError, with a sentence, for a file that cannot be read as well."""
    try:
        return latest(file)
    except OSError as error:
        why = error.strerror or error
        raise ManifestError(f"the manifest {file} cannot be read: {why}") from error


class Manifest:
    """Appends records to a file, which it creates; threads and processes may share it.

    To be used in a with statement. Each record is handed to the system at once, so that a killed
    process loses none; they are safe from a power failure when the statement ends. Without a record
    a later call finds the coloured copy itself, so that such a loss costs no work. Raises OSError.
    """

    def __init__(self, file: Path):
        self._file, self._mutex = file, threading.Lock()
        self._lock = file.with_name(f".{file.name}.lock")  # of its own: readers need not wait

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """Creates the file if it is not there."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        os.close(self._open())

    def close(self) -> None:
        """Makes the records safe from a power failure."""
        end = self._open()
        try:
            os.fsync(end)
        finally:
            os.close(end)

    def _open(self) -> int:
        return os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT | O_BINARY, 0o666)

    def append(self, *records: Record) -> None:
        """Appends records, all whole or none. Raises OSError, such as for a full disk."""
        content = b"".join(map(line, records))
        with self._mutex, lock.held(self._lock):
            # Opened anew: only then does a network disk say how long the file is by now
            end = self._open()
            try:
                self._write(end, content)
            finally:
                os.close(end)

    def _write(self, end: int, content: bytes) -> None:
        size = os.lseek(end, 0, os.SEEK_END)
        if size < len(START):  # a first line that was cut off here would tell nothing
            os.ftruncate(end, 0)
        elif os.lseek(end, -1, os.SEEK_END) and os.read(end, 1) != b"\n":
            content = b"\n" + content  # after a line that was cut off
        if os.write(end, content) < len(content):
            os.ftruncate(end, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._file))


def sha256(file: Path) -> str:
    """The sha256 of a file's content, 64 hexadecimal digits. Raises OSError, stop.Stopped."""
    digest = hashlib.sha256()
    with open(file, "rb") as stream:
        while part := stream.read(1 << 20):
            stop.check()  # a film may have many GB
            digest.update(part)
    return digest.hexdigest()
