"""A film's frames in order, each with its time; from the start, or from where a call stopped."""

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import av
from PIL import Image

from colornet.film import source
from colornet.film.grey import Greys
from colornet.film.source import Film
from colornet.system import stop

BACK = 2  # seconds before the last frame of a call that stopped, from which it is decoded again

SAMPLE = 64  # pixels of the sides of what tells frames apart


class Frame(NamedTuple):
    """A frame: its grey, mode L, as it is stored; whether it had colour; its time and length.

    pts, duration: in the film's time base. broken: how many packets before it in the film could not
    be decoded; moved: how many times of frames up to it were missing or not later than the last.
    """

    grey: Image.Image
    coloured: bool
    pts: int
    duration: int
    broken: int
    moved: int


@dataclass(frozen=True)
class Place:
    """How far a call came: frames that are done, and the last of them."""

    count: int = 0
    pts: int = 0
    checksum: int = 0
    broken: int = 0
    moved: int = 0


def checksum(picture: Image.Image) -> int:
    """A number that tells a frame from others of its time; of a sample of its pixels."""
    return zlib.crc32(picture.resize((SAMPLE, SAMPLE), Image.Resampling.NEAREST).tobytes())


def after(film: Film, place: Place) -> Generator[Frame, None, None]:
    """The frames after a place. Raises OSError, and stop.Stopped."""
    near: Any = _from_near(film, place)
    if next(near, place) is None:
        yield from near
    else:
        yield from _from_start(film, place.count)


def _from_start(film: Film, skip: int) -> Iterator[Frame]:
    with source.opened(film.file) as container:
        decoded = _decoded(container, source.pictures(container))
        yield from _timed(decoded, film, Place(), Greys(film.width, film.height), skip)


def _from_near(film: Film, place: Place) -> Iterator[Frame | None]:
    """None, and the frames after a place, found with the container's index.

    Nothing if the place is not found there. One up to which times were moved is not looked for.
    """
    if not place.count or place.moved or place.broken:
        return
    greys = Greys(film.width, film.height)
    with source.opened(film.file) as container:
        stream = source.pictures(container)
        try:
            container.seek(round(place.pts - BACK / film.time_base), stream=stream)
        except av.FFmpegError:
            return
        decoded = _decoded(container, stream)
        for frame, _ in decoded:
            pts = _time(frame)
            if pts is None or pts > place.pts:
                return
            if pts == place.pts:
                break
        else:
            return
        if checksum(greys.grey(frame)) == place.checksum:
            yield None
            yield from _timed(decoded, film, place, greys)


def _decoded(container: Any, stream: Any) -> Iterator[tuple[Any, int]]:
    """Frames, and how many packets before each were broken. Raises stop.Stopped."""
    broken = 0
    for packet in source.packets(container, stream):
        stop.check()  # skipping what is done takes long
        frames: list[Any] = []
        try:
            frames = stream.decode(packet)
        except av.EOFError:
            break
        except av.FFmpegError:
            broken += 1
        while frames:
            yield frames.pop(0), broken


def _timed(
    decoded: Iterator[tuple[Any, int]], film: Film, place: Place, greys: Greys, skip: int = 0
) -> Iterator[Frame]:
    """The frames after a place but the first `skip`, with times that rise.

    A time that is missing is filled in, one that does not rise is moved.
    """
    usual = max(1, round(1 / (film.rate * film.time_base)))
    last, moved = place.pts if place.count else None, place.moved
    for number, (frame, broken) in enumerate(decoded):
        pts = _time(frame)
        if pts is None:
            pts, moved = (0 if last is None else last + usual), moved + 1
        elif last is not None and pts <= last:
            pts, moved = last + 1, moved + 1
        last = pts
        if number < skip:
            continue
        facts = (pts, frame.duration or usual, place.broken + broken, moved)
        seen = Frame(greys.grey(frame), greys.has_colour(frame), *facts)
        del frame  # its memory goes back to the decoder
        yield seen


def _time(frame: Any) -> int | None:
    """A frame's time; AVI has times of packets alone."""
    return frame.dts if frame.pts is None else frame.pts
