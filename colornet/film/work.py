"""A film -> the film in colour: decoded, coloured, painted and encoded side by side."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from colornet.film import encoder, frames
from colornet.film.encoder import Encoder, Packet
from colornet.film.frames import Frame, Place
from colornet.film.hinted import Hinted, seconds
from colornet.film.pipe import ahead
from colornet.film.segments import Done, Segments
from colornet.film.source import Film, too_long
from colornet.film.steady import Steady
from colornet.hints import Hint
from colornet.images.limits import PhotoError

Progress = Callable[[int, int | None], None]  # frames that are done, and of how many
# Of PIL's Transpose, for quarter turns counterclockwise
TURNS = (None, *(Image.Transpose[f"ROTATE_{angle}"] for angle in (90, 180, 270)))


@dataclass(frozen=True)
class Painter:
    """What colours: functions of one frame, and what decides the colours that they give.

    colours: a grey upright picture, mode L -> the small grey (h, w) uint8 that the network sees,
    and its ab/128, (h', w', 2) float32; finish: a picture of mode L and its ab -> RGB of its size;
    shown: ab without flicker -> what finish takes; spread: see `Hinted`.
    """

    colours: Callable[[Image.Image], tuple[np.ndarray, np.ndarray]]
    finish: Callable[[Image.Image, np.ndarray], Image.Image]
    identity: dict[str, Any]
    shown: Callable[[np.ndarray], np.ndarray] = lambda ab: ab
    hints: Sequence[Hint] = ()
    spread: Callable[[Image.Image, np.ndarray, list[Hint]], np.ndarray] | None = None


@dataclass(frozen=True)
class Task:
    """How a film is coloured. codec, told: of the encoder; length: frames of a segment."""

    film: Film
    painter: Painter
    compare: bool
    max_seconds: float
    codec: str
    told: dict[str, Any]
    length: int


class _Coloured(NamedTuple):
    """A frame and its colours, as it is stored; the state after it where a segment ends."""

    frame: Frame
    ab: np.ndarray
    state: dict[str, np.ndarray]


class _Painted(NamedTuple):
    """A frame for the encoder, and what is done with it; its grey is not kept."""

    picture: Any
    done: Done


def colour(task: Task, into: Segments, progress: Progress) -> None:
    """Colours what is not done yet, and adds it to the segments. Raises stop.Stopped, OSError."""
    start = into.done
    coloured = ahead(_coloured(task, ahead(frames.after(task.film, start.place)), start))
    with closing(ahead(_painted(task, coloured, start))) as painted:
        while _segment(task, painted, into, progress):
            pass
    if not into.done.place.count:
        raise PhotoError("holds no frame that can be decoded")


def _segment(
    task: Task, painted: Generator[_Painted, None, None], into: Segments, progress: Progress
) -> bool:
    """Encodes the frames of one segment; returns whether there were any."""
    encoding, packets, done = Encoder(task.codec, task.told), list[Packet](), None
    for picture, done in islice(painted, task.length):
        packets += encoding.add(picture, done.place.pts)
        del picture  # frames are large
        progress(done.place.count, task.film.frames)
    if done is None:
        return False
    packets += encoding.end()
    into.save(packets, done)
    return True


def _coloured(
    task: Task, given: Generator[Frame, None, None], start: Done
) -> Generator[_Coloured, None, None]:
    """The colours of each frame. The steps before are closed with this one."""
    steady, painter = Steady(start.state or None), task.painter
    hinted = Hinted(task.film, painter.hints, painter.spread, start.place, start.state)
    with closing(given):
        for count, frame in enumerate(given, start.place.count + 1):
            _check_length(task, frame)
            upright = _turned(frame.grey, task.film.turns)
            ab = painter.shown(steady(*painter.colours(upright)))
            if painter.hints:
                ab = hinted(upright, frame.pts, ab, steady)
            state = {} if count % task.length else steady.state() | hinted.state()
            yield _Coloured(frame, np.rot90(ab, -task.film.turns), state)


def _check_length(task: Task, frame: Frame) -> None:
    """Raises PhotoError for a film that lasts longer than its header says, and than the limit."""
    now = seconds(task.film, frame.pts)
    if now > task.max_seconds + 1:
        raise PhotoError(too_long(now, task.max_seconds))


def _painted(
    task: Task, given: Generator[_Coloured, None, None], start: Done
) -> Generator[_Painted, None, None]:
    """Each frame in colour, for the encoder."""
    convert = encoder.Converter(task.film, task.told["pix_fmt"])
    count, colours = start.place.count, start.coloured
    with closing(given):
        for frame, ab, state in given:
            count, colours = count + 1, colours + frame.coloured
            checksum = frames.checksum(frame.grey)
            place = Place(count, frame.pts, checksum, frame.broken, frame.moved)
            done = Done(place, state, colours, frame.duration)
            painted = _Painted(convert(_picture(task, frame.grey, ab)), done)
            del frame  # frames are large
            yield painted


def _picture(task: Task, grey: Image.Image, ab: np.ndarray) -> Image.Image:
    """What the copy shows for a frame, mode RGB."""
    picture = task.painter.finish(grey, np.ascontiguousarray(ab))
    return _side_by_side(grey, picture, task.film.turns) if task.compare else picture


def _side_by_side(grey: Image.Image, picture: Image.Image, turns: int) -> Image.Image:
    """Both in one, as they are stored: seen upright, the grey one is on the left."""
    left, right = _turned(grey, turns), _turned(picture, turns)
    both = Image.new("RGB", (2 * left.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return _turned(both, -turns % 4)


def _turned(picture: Image.Image, turns: int) -> Image.Image:
    turn = TURNS[turns]
    return picture if turn is None else picture.transpose(turn)
