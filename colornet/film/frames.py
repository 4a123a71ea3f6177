"""A film's frames in order, each with its time; from the start, or from where a call stopped."""

import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import av
from PIL import Image

from colornet.film import grey as greys
from colornet.film import source
from colornet.film.source import Film

BACK = 2  # seconds before the last frame of a call that stopped, from which it is decoded again


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
    pts: int | None = None
    checksum: int = 0
    broken: int = 0
    moved: int = 0


def checksum(picture: Image.Image) -> int:
    """A number that tells frames apart."""
    return zlib.crc32(picture.tobytes())


def after(film: Film, place: Place) -> Generator[Frame, None, None]:
    """The frames after a place. Raises OSError."""
    if not place.count:
        yield from _from_start(film, 0)
        return
    found = False
    for frame in _from_near(film, place):
        found = True
        yield frame
    if not found:  # also where the place was the end: then this finds nothing either
        yield from _from_start(film, place.count)


def _from_start(film: Film, skip: int) -> Iterator[Frame]:
    with source.opened(film.file) as container:
        stream = source.pictures(container)
        timed = _timed(_decoded(container, stream), film, Place())
        for index, (frame, pts, duration, broken, moved) in enumerate(timed):
            if index >= skip:
                yield _frame(frame, film, pts, duration, broken, moved)


def _from_near(film: Film, place: Place) -> Iterator[Frame]:
    """The same frames, found with the container's index; none if the place is not found there.

    A place whose times had to be moved is not looked for.
    """
    if place.pts is None or place.moved or place.broken:
        return
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
        if checksum(greys.grey(frame, film.width, film.height)) == place.checksum:
            for each in _timed(decoded, film, place):
                yield _frame(each[0], film, *each[1:])


def _decoded(container: Any, stream: Any) -> Iterator[tuple[Any, int]]:
    """Frames, and how many packets before each were broken."""
    broken = 0
    for packet in source.packets(container, stream):
        frames: list[Any] = []
        try:
            frames = stream.decode(packet)
        except av.EOFError:
            break
        except av.FFmpegError:
            broken += 1
        for frame in frames:
            yield frame, broken


def _timed(
    decoded: Iterator[tuple[Any, int]], film: Film, place: Place
) -> Iterator[tuple[Any, int, int, int, int]]:
    """Frames with times that rise: a missing one is filled in, one that does not rise is moved."""
    usual = max(1, round(1 / (film.rate * film.time_base)))
    last, moved = place.pts, place.moved
    for frame, broken in decoded:
        pts = _time(frame)
        if pts is None:
            pts, moved = (0 if last is None else last + usual), moved + 1
        elif last is not None and pts <= last:
            pts, moved = last + 1, moved + 1
        yield frame, pts, frame.duration or usual, place.broken + broken, moved
        last = pts


def _time(frame: Any) -> int | None:
    """A frame's time; AVI has times of packets alone."""
    return frame.dts if frame.pts is None else frame.pts


def _frame(frame: Any, film: Film, pts: int, duration: int, broken: int, moved: int) -> Frame:
    grey = greys.grey(frame, film.width, film.height)
    return Frame(grey, greys.is_coloured(frame), pts, duration, broken, moved)
