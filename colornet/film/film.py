"""One film file -> one coloured film file: what `Colorizer.film` does."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import av
import cv2

from colornet.film import container, encoder, hinted, mark, segments, source, work
from colornet.film.container import StreamError
from colornet.film.segments import Segments
from colornet.film.work import Painter, Progress, Task
from colornet.images.limits import PhotoError
from colornet.system import memory, stop
from colornet.system.whole import WriteError

EARLY = 1.0  # seconds by which a film may end before its header says so


class Result(NamedTuple):
    """What became of a film. notes, not_kept: for people, such as "interlaced", "cover".

    hints: how many were used.
    """

    frames: int
    made_grey: bool
    notes: tuple[str, ...]
    not_kept: tuple[str, ...]
    hints: int = 0


def colour(
    file: Path,
    target: Path,
    painter: Painter,
    *,
    quality: int,
    compare: bool,
    run: str | None,
    xmp: Callable[[bytes | None], bytes | None],
    max_pixels: int,
    max_seconds: float,
    progress: Progress,
) -> Result:
    """Colours a film; see `Colorizer.film`. Raises PhotoError, OSError, stop.Stopped."""
    memory.give_back()  # frames come and go for hours, in several threads
    memory.trim()
    film = source.read(file, max_pixels=max_pixels, max_seconds=max_seconds)
    name = container.muxer(target.suffix)
    codec = encoder.codec(target.suffix)
    told = encoder.settings(film, codec, quality=quality, compare=compare)
    streams, lost = container.copies(film, name)
    length = segments.length(told["width"], told["height"])
    task = Task(film, painter, compare, max_seconds, codec, told, length)
    with _writing(file), Segments(target, _made_from(task)) as done:
        try:
            work.colour(task, done, progress)
            whole, seconds, more = _joined(task, done, name, streams, run, xmp)
        except PhotoError:  # nothing that another call could use
            done.remove()
            raise
        os.replace(whole, target)
        result = _result(task, done, seconds, (*lost, *more))
        done.remove()
    return result


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Raises WriteError for an OSError, unless the film `file` is gone."""
    try:
        yield
    except OSError as error:
        if not file.exists():
            raise
        raise WriteError(error.errno, error.strerror or str(error)) from error


def _made_from(task: Task) -> dict[str, Any]:
    """What decides the bytes of a film's segments."""
    about = os.stat(task.film.file)
    return {
        "source": [about.st_size, about.st_mtime_ns],
        "colours": task.painter.identity,
        "compare": task.compare,
        "encoder": [task.codec, {key: str(value) for key, value in sorted(task.told.items())}],
        "length": task.length,
        "versions": [av.__version__, cv2.__version__],
    }


def _joined(
    task: Task,
    done: Segments,
    name: str,
    streams: list[int],
    run: str | None,
    xmp: Callable[[bytes | None], bytes | None],
) -> tuple[Path, float, list[str]]:
    """The complete file, beside the segments; its length in seconds; names of what is lost."""
    whole, lost, streams = done.folder / "whole.part", list[str](), list(streams)
    with source.opened(task.film.file) as opened:
        known = opened.metadata.get("xmp")
        names = {each.index: container.described(each) for each in opened.streams}
    while True:
        stop.check()
        try:
            seconds = container.write(
                whole,
                task.film,
                done.packets(),
                name=name,
                codec=task.codec,
                told=task.told,
                duration=done.done.duration,
                streams=streams,
                tags=mark.tags(name, run),
            )
            break
        except StreamError as error:
            streams.remove(error.index)
            lost.append(names[error.index])
    with open(whole, "r+b") as stream:
        mark.append(stream, name, xmp(known.encode() if known else None))
        stream.flush()
        os.fsync(stream.fileno())
    return whole, seconds, lost


def _result(task: Task, done: Segments, seconds: float, lost: tuple[str, ...]) -> Result:
    film, place, notes = task.film, done.done.place, []
    used = sum(hinted.due(film, hint, place.pts) for hint in task.painter.hints)
    if film.interlaced:
        notes.append("interlaced")
    if film.bits > 8:
        notes.append(f"{film.bits} bits become 8")
    if place.broken:
        notes.append(f"broken: {place.broken} parts could not be decoded")
    if place.moved:
        notes.append(f"{place.moved} times of frames were missing or wrong")
    if film.seconds and film.seconds - seconds > max(EARLY, film.seconds / 100):
        clock = source.clock
        notes.append(f"ends at {clock(seconds)}, not at {clock(film.seconds)} as its header says")
    if late := len(task.painter.hints) - used:
        notes.append(f"{late} more lie after its end" if used else "its hints lie after its end")
    return Result(place.count, bool(done.done.coloured), tuple(notes), lost, used)
