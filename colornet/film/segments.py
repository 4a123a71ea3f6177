"""What is done of a film: a hidden folder beside the target, a file for each finished segment.

A file holds the packets of some hundred frames, and what the next segment needs. It is there
whole or not at all, so that a call that stopped can be continued, with the same bytes.
"""

import errno
import hashlib
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from filelock import FileLock, Timeout

from colornet.film.encoder import Packet
from colornet.film.frames import Place
from colornet.images.limits import PhotoError
from colornet.system import whole

PIXELS = 250_000_000  # of a segment: a large film's packets take memory until it is written
LONGEST, SHORTEST = 240, 24  # frames of a segment
FACTS, STATE = "facts", "state."


def length(width: int, height: int) -> int:
    """How many frames a segment has."""
    return max(SHORTEST, min(LONGEST, PIXELS // (width * height)))


@dataclass(frozen=True)
class Done:
    """What segments so far leave to the next: the place, the colours' state, what was seen.

    coloured: frames that had colour; duration: the last frame's, in the film's time base.
    """

    place: Place = Place()
    state: dict[str, np.ndarray] = field(default_factory=dict)
    coloured: int = 0
    duration: int = 1


class Segments:
    """The segments of one target; to be used in a with statement. Only one process may at a time.

    made_from: what decides the bytes of the segments; those of anything else are removed. Raises
    PhotoError where another process colours into the same target, and OSError.
    """

    def __init__(self, target: Path, made_from: dict[str, Any]):
        # A short name: the target's and an ending could be longer than the file system allows
        digest = hashlib.sha256(target.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self.folder = target.parent / f".colornet-{digest}"
        self._target, self._facts = target, json.dumps(made_from, sort_keys=True)
        self._count, self.done = 0, Done()

    def __enter__(self) -> Self:
        _check(self._target)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.folder / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise PhotoError("is being coloured by another call") from error
        try:
            self._take_over()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _take_over(self) -> None:
        """Finds what an earlier call left, and removes what is not of use."""
        facts = self.folder / "made-from.json"
        known = facts.is_file() and facts.read_text("utf-8") == self._facts
        while known and (found := _facts(self._file(self._count))):
            self.done, self._count = found, self._count + 1
        used = {facts, *(self._file(number) for number in range(self._count))} if known else set()
        for each in set(self.folder.iterdir()) - used - {self.folder / "lock"}:
            each.unlink()
        if not known:
            with whole.file(facts) as stream:
                stream.write(self._facts.encode())

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06}.npz"

    def save(self, packets: Sequence[Packet], done: Done) -> None:
        """Adds a segment. Raises OSError."""
        facts = {
            "place": asdict(done.place),
            "coloured": done.coloured,
            "duration": done.duration,
        }
        content: dict[str, np.ndarray] = {
            FACTS: np.frombuffer(json.dumps(facts).encode(), "uint8"),
            "bytes": np.frombuffer(b"".join(each.content for each in packets), "uint8"),
            "sizes": np.array([len(each.content) for each in packets], "int64"),
            "pts": np.array([each.pts for each in packets], "int64"),
            "keys": np.array([each.key for each in packets], bool),
            **{STATE + key: of for key, of in done.state.items()},
        }
        with whole.file(self._file(self._count)) as stream:
            np.savez(stream, allow_pickle=False, **content)
        self._count, self.done = self._count + 1, done

    def packets(self) -> Iterator[Packet]:
        """The packets of all segments, in order; one segment at a time is in memory."""
        for number in range(self._count):
            with np.load(self._file(number)) as stored:
                content, sizes = stored["bytes"].tobytes(), stored["sizes"].tolist()
                times, keys = stored["pts"].tolist(), stored["keys"].tolist()
            at = 0
            for size, pts, key in zip(sizes, times, keys, strict=True):
                yield Packet(content[at : at + size], pts, key)
                at += size

    def remove(self) -> None:
        """Removes the folder, when the film is complete."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def _check(target: Path) -> None:
    """Raises OSError for a name that no file can get, which would else be seen at the end."""
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(target).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


def _facts(file: Path) -> Done | None:
    """What a segment leaves to the next; None where it is missing or broken."""
    try:
        with open(file, "rb") as stream, np.load(stream) as stored:
            facts = json.loads(stored[FACTS].tobytes())
            content = {key: stored[key] for key in stored.files}  # whose checksums are compared
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    state = {key.removeprefix(STATE): of for key, of in content.items() if key.startswith(STATE)}
    return Done(Place(**facts["place"]), state, facts["coloured"], facts["duration"])
