"""Coloured frames -> packets of H.264, or of VP9 where it must be."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image

from colornet.film.grey import EXACT
from colornet.film.source import BT709, Film
from colornet.images.limits import PhotoError

H264, VP9 = "libx264", "libvpx-vp9"
# Fixed, because the bytes depend on it: a film that is continued on another machine stays the same
THREADS = 2
# Without frames that refer to later ones, times need no second order, and segments can be joined.
# `grain` keeps small contrasts that the encoder would smooth: all of an artificial film's grain,
# where `film` loses 5 %. Looking ahead saved no bytes, holds a frame more for each step, and on a
# busy machine one film in thirty got other bytes with it: libx264's macroblock tree, which needs it
X264 = {"preset": "veryfast", "tune": "grain", "bf": "0", "rc-lookahead": "0"}
LIBVPX = {"deadline": "good", "cpu-used": "5", "row-mt": "1", "lag-in-frames": "0", "b": "0"}
# Quality 95 is a rate factor of 18, and 80 x264's usual 23
STEP, COARSEST, COARSEST_VP9 = 33 / 95, 51, 63
SPACE = {BT709: "ITU709"}  # names of swscale's matrices; the others are BT.601
LIMITED = 1


class Packet(NamedTuple):
    """One encoded frame; times in the film's time base."""

    content: bytes
    pts: int
    key: bool


def codec(suffix: str) -> str:
    """The encoder for a container's ending. Raises PhotoError where none is there."""
    wanted = [VP9] if suffix.lower() == ".webm" else [H264, VP9]
    for name in wanted:
        if name in av.codecs_available:
            return name
    raise PhotoError("cannot be written: this PyAV has neither libx264 nor libvpx-vp9")


def size(film: Film, *, compare: bool) -> tuple[int, int]:
    """The size of the copy's frames: the film's, or of two frames side by side as they are seen."""
    if not compare:
        return film.width, film.height
    return (film.width, 2 * film.height) if film.turns % 2 else (2 * film.width, film.height)


def settings(film: Film, name: str, *, quality: int, compare: bool) -> dict[str, Any]:
    """What an encoder is told, as attributes of a codec context; `options` are the codec's own."""
    width, height = size(film, compare=compare)
    # Chroma of half the size needs even sides in H.264
    odd = name == H264 and (width % 2 or height % 2)
    factor = COARSEST - quality * STEP
    if name == VP9:
        factor *= COARSEST_VP9 / COARSEST
    options = (X264 if name == H264 else LIBVPX) | {"crf": f"{round(factor)}"}
    if film.interlaced and name == H264:
        options["x264-params"] = f"{film.interlaced}=1"
    return {
        "width": width,
        "height": height,
        "pix_fmt": "yuv444p" if odd else "yuv420p",
        "time_base": film.time_base,
        "framerate": film.rate,
        "sample_aspect_ratio": film.aspect,
        "colorspace": film.colorspace,
        "color_primaries": BT709,
        "color_trc": BT709,
        "color_range": LIMITED,
        "thread_count": THREADS,
        "options": options,
    }


class Converter:
    """Makes frames for an encoder from pictures of mode RGB; pixels: its format."""

    def __init__(self, film: Film, pixels: str):
        self._reformatter = VideoReformatter()  # one, because it holds tables and buffers
        self._told = {
            "format": pixels,
            "dst_colorspace": SPACE.get(film.colorspace, "ITU601"),
            "dst_color_range": "MPEG",
            "interpolation": EXACT,
        }

    def __call__(self, picture: Image.Image) -> Any:
        frame = av.VideoFrame.from_numpy_buffer(np.asarray(picture), "rgb24")
        return self._reformatter.reformat(frame, **self._told)


class Encoder:
    """Encodes the frames of one segment, the first as a key frame."""

    def __init__(self, name: str, told: dict[str, Any]):
        self._context: Any = av.CodecContext.create(name, "w")
        self._context.flags |= av.codec.context.Flags.global_header
        for key, value in told.items():
            if value is not None:
                setattr(self._context, key, value)

    def add(self, frame: Any, pts: int) -> Iterator[Packet]:
        """The packets that a frame completes, in order."""
        frame.pts, frame.time_base = pts, self._context.time_base
        return self._packets(frame)

    def end(self) -> Iterator[Packet]:
        """The packets of the frames that are left."""
        return self._packets(None)

    def _packets(self, frame: Any) -> Iterator[Packet]:
        for packet in self._context.encode(frame):
            yield Packet(bytes(packet), packet.pts, packet.is_keyframe)
