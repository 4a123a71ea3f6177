"""What a film file says of its pictures; a file that is no film is a sentence."""

import math
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from PIL import Image, UnidentifiedImageError

from colornet.images import limits
from colornet.images.limits import PhotoError

# Formats that FFmpeg may find in a file. Not among them: pictures, and playlists, which would open
# other files and addresses
DEMUXERS = (
    "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,dv,mxf,nut,rm,h264,hevc,obu,ivf,m4v"
)
OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "file", "export_xmp": "1"}
LARGEST = 8192 * 4320  # pixels of a frame, about what H.264 allows
RATE = Fraction(25)  # frames in a second where a film does not say it
PQ, HLG = 16, 18  # transfer functions of HDR, in ITU-T H.273
BT709, BT601 = 1, 6  # matrices there; 5 and 6 are both BT.601
HD = 720  # lines from which players take BT.709 for a film that does not say it
TRANSPORT = ("mpeg", "mpegts")  # their clocks begin anywhere


@dataclass(frozen=True)
class Film:
    """A film's pictures as they are stored.

    time_base: seconds in which times are counted; rate: frames in a second, on average; turns:
    quarter turns, counterclockwise, that make a frame upright; display: the container's matrix for
    it, nine numbers, None without one; aspect: of one pixel, width by height; colorspace: the
    matrix of the copy, BT709 or BT601; interlaced: "tff" or "bff", which field comes first, or "";
    bits: of one value; frames, seconds: what the header says, None if it says nothing; start:
    seconds at which the container's clock begins where it does not begin at 0.
    """

    file: Path
    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    turns: int
    display: tuple[int, ...] | None
    aspect: Fraction | None
    colorspace: int
    interlaced: str
    bits: int
    frames: int | None
    seconds: float | None
    start: float


def opened(file: Path) -> InputContainer:
    """The container in a file. Raises PhotoError for one that is no film, and OSError."""
    with open(file, "rb"):  # whose OSError has words that FFmpeg's lack
        pass
    try:
        return av.open(f"file:{file}", options=OPTIONS, metadata_errors="replace")
    except av.FFmpegError as error:
        raise PhotoError(_no_film(file)) from error


def _no_film(file: Path) -> str:
    with suppress(UnidentifiedImageError, OSError, Image.DecompressionBombError, ValueError):
        with Image.open(file) as picture:
            return f"is a picture ({picture.format}), named like a film"
    return "is no film that can be read; it may be cut off or broken"


def pictures(container: InputContainer) -> Any:
    """The stream to colour, ready to be decoded. Raises PhotoError where there is none."""
    still = av.stream.Disposition.attached_pic
    found = [each for each in container.streams.video if not each.disposition & still]
    if not found:
        sound = " only sound" if container.streams.audio else ""
        raise PhotoError(f"holds{sound or ' no pictures'}")
    best = container.streams.best("video")
    stream = best if best in found else found[0]
    if stream.codec_context is None:
        raise PhotoError("holds pictures of a kind that cannot be decoded")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    stream.thread_count = 1  # the other steps take longer, and each thread would hold frames
    return stream


def read(file: Path, *, max_pixels: int, max_seconds: float) -> Film:
    """What a film says of itself, after its first frame. Raises PhotoError, and OSError.

    Raises PhotoError also for a film that has more pixels or lasts longer than the limits.
    """
    with opened(file) as container:
        stream = pictures(container)
        _check_size(stream.codec_context.width, stream.codec_context.height, max_pixels)
        frame = _first(container, stream)
        _check_size(frame.width, frame.height, max_pixels)
        film = _described(file, container, stream, frame)
    if film.seconds and film.seconds > max_seconds:
        raise PhotoError(too_long(film.seconds, max_seconds))
    return film


def too_long(seconds: float, limit: float) -> str:
    """The sentence for a film that lasts longer than the limit."""
    return f"lasts {clock(math.ceil(seconds))}, longer than the limit of {clock(limit)}"


def clock(seconds: float) -> str:
    """Seconds as hours, minutes and seconds: 1:02:03, or 2:03."""
    minutes, rest = divmod(math.floor(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > min(max_pixels, LARGEST):
        raise limits.too_large(width * height, "film", min(max_pixels, LARGEST))
    if width and min(width, height) < limits.MIN_SIDE:
        raise PhotoError(f"is smaller than {limits.MIN_SIDE} pixels")


def _first(container: InputContainer, stream: Any) -> Any:
    for packet in packets(container, stream):
        with suppress(av.FFmpegError):
            for frame in stream.decode(packet):
                return frame
    raise PhotoError("holds no frame that can be decoded")


def packets(container: InputContainer, *streams: Any) -> Any:
    """The packets of streams until the end of the file or an error that ends it."""
    with suppress(av.FFmpegError):
        yield from container.demux(*streams)


def _described(file: Path, container: InputContainer, stream: Any, frame: Any) -> Film:
    if frame.color_trc in (PQ, HLG):
        raise PhotoError("is HDR; convert it to SDR first")
    matrix = frame.side_data.get("DISPLAYMATRIX")
    rate = stream.average_rate or stream.guessed_rate or RATE
    base = stream.time_base or 1 / RATE
    seconds = _seconds(container, stream)
    frames = stream.frames or (round(seconds * rate) if seconds else None)
    unclear = BT709 if min(frame.width, frame.height) >= HD else BT601
    return Film(
        file=file,
        width=frame.width,
        height=frame.height,
        time_base=base,
        rate=rate,
        turns=round(frame.rotation / 90) % 4,
        display=tuple(memoryview(matrix).cast("i")) if matrix else None,
        aspect=stream.sample_aspect_ratio or None,
        colorspace={1: BT709, 5: BT601, 6: BT601, 9: BT709}.get(frame.colorspace, unclear),
        interlaced=_interlaced(stream, frame),
        bits=max(each.bits for each in frame.format.components),
        frames=frames,
        seconds=seconds,
        start=container.start_time / av.time_base
        if container.start_time and container.format.name in TRANSPORT
        else 0.0,
    )


def _seconds(container: InputContainer, stream: Any) -> float | None:
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        return float(stream.frames / stream.average_rate)  # its duration is that of the file's size
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _interlaced(stream: Any, frame: Any) -> str:
    """Which field comes first; the codec's field orders are those of AVFieldOrder."""
    if not frame.interlaced_frame:
        return ""
    return "bff" if stream.codec_context.field_order in (3, 5) else "tff"
