"""Films made for tests, and what films hold."""

import os
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from PIL import Image

from colornet.film import film
from colornet.film.work import Painter

CODECS = {".avi": "mpeg4", ".mpg": "mpeg2video", ".webm": "libvpx-vp9"}


def shades(count: int, width: int = 64, height: int = 48) -> np.ndarray:
    """(count, height, width) uint8: waves that move to the right, each frame another one."""
    rows, columns = np.mgrid[:height, :width].astype("float32")
    frames = [np.sin((columns - 2 * n) / 9) * 60 + np.cos(rows / 7) * 40 for n in range(count)]
    return np.clip(np.array(frames) + 128, 0, 255).astype("uint8")


def make(
    file: Path,
    *,
    count: int = 12,
    size: tuple[int, int] = (64, 48),
    times: list[int] | None = None,
    stored: list[int] | None = None,
    base: Fraction = Fraction(1, 25),
    codec: str | None = None,
    pixels: str = "yuv420p",
    options: dict | None = None,
    colour: bool = False,
    sound: str | None = None,
    subtitles: str | None = None,
    turned: int = 0,
    aspect: Fraction | None = None,
    metadata: dict[str, str] | None = None,
    matrix: int = 6,
) -> Path:
    """Writes a film of `shades`. times: of the frames, in units of `base`, from 0 by default.

    stored: broken times that the file gets instead, of a codec that orders frames as they come.
    """
    codec = codec or CODECS.get(file.suffix, "libx264")
    with av.open(str(file), "w") as out:
        out.metadata.update(metadata or {})
        stream = out.add_stream(codec, rate=Fraction(1) / base, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.time_base = base
        stream.codec_context.colorspace = matrix
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if turned:
            stream.set_display_rotation(turned)
        voice = sound_stream(out, sound) if sound else None
        texts = _text_stream(out, subtitles) if subtitles else None
        out.start_encoding()
        if voice:
            out.mux(list(sounds(voice, count * base)))
        if texts:
            out.mux(list(_texts(texts, subtitles)))
        packets = []
        for pts, grey in zip(times or range(count), shades(count, *size), strict=True):
            frame = _frame(grey, colour, pixels, matrix)
            frame.pts, frame.time_base = pts, base
            packets += stream.encode(frame)
        packets += stream.encode()
        for packet, time in zip(packets, stored or packets, strict=True):
            if stored:
                packet.pts = packet.dts = time
            out.mux(packet)
    if codec == "libsvtav1" and hasattr(os, "sched_setscheduler"):
        # It gives the thread of a superuser, and what that starts later, priority over all others
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return file


def _frame(grey: np.ndarray, colour: bool, pixels: str, matrix: int) -> av.VideoFrame:
    rgb = np.repeat(grey[..., None], 3, axis=2)
    if colour:
        rgb[..., 2] //= 3
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
    if pixels == "gray":  # film without chroma has the range of film, which swscale does not give
        luma = frame.reformat(format="yuv420p").to_ndarray()[: len(grey)]
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(luma), "gray")
    return frame.reformat(format=pixels, dst_colorspace=matrix)


def sound_stream(out, codec: str):
    stream = out.add_stream(codec, rate=48_000, options={})
    stream.layout = "mono"
    stream.metadata["language"] = "deu"
    return stream


def sounds(stream, seconds: Fraction):
    wave = (np.sin(np.arange(int(48_000 * seconds)) / 17) * 9000).astype("int16")[None]
    frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    context = stream.codec_context
    resampler = av.AudioResampler(context.format, "mono", 48_000, context.frame_size or None)
    for each in (*resampler.resample(frame), *resampler.resample(None)):
        yield from stream.encode(each)
    yield from stream.encode()


def _text_stream(out, codec: str):
    return out.add_mux_stream(codec, time_base=Fraction(1, 1000))


def _texts(stream, codec: str):
    for at, text in ((40, b"first line"), (200, b"second line")):
        packet = av.Packet(len(text).to_bytes(2) + text if codec == "mov_text" else text)
        packet.pts = packet.dts = at
        packet.duration, packet.time_base, packet.stream = 100, Fraction(1, 1000), stream
        yield packet


class Contents(NamedTuple):
    """What a film holds: its video stream, frames as RGB, their seconds, other streams' packets."""

    width: int
    height: int
    frames: list[np.ndarray]
    times: list[Fraction]
    others: dict[int, list[tuple[Fraction, bytes]]]
    kinds: list[str]
    metadata: dict[str, str]
    aspect: Fraction | None
    rotation: int
    colorspace: int
    color_range: int


def contents(file: Path) -> Contents:
    others: dict[int, list[tuple[Fraction, bytes]]] = {}
    frames = []
    with av.open(str(file), options={"export_xmp": "1"}) as container:
        stream = container.streams.video[0]
        for packet in container.demux():
            if packet.stream is stream:
                frames += packet.decode()
            elif packet.size:
                entry = (packet.pts * packet.time_base, bytes(packet))
                others.setdefault(packet.stream.index, []).append(entry)
        kinds = [f"{each.type} {each.name}" for each in container.streams]
        return Contents(
            frames[0].width,
            frames[0].height,
            [frame.to_ndarray(format="rgb24") for frame in frames],
            [(f.dts if f.pts is None else f.pts) * f.time_base for f in frames],
            others,
            kinds,
            dict(container.metadata),
            stream.sample_aspect_ratio,
            frames[0].rotation,
            frames[0].colorspace,
            frames[0].color_range,
        )


def red(picture: Image.Image, ab: np.ndarray) -> Image.Image:
    """Colours a grey picture a little red, as much as `ab` says in its first value."""
    grey = np.asarray(picture, "float32")
    strength = float(ab.mean())
    rgb = np.stack([grey + 40 * strength, grey, grey], axis=2)
    return Image.fromarray(np.clip(rgb, 0, 255).astype("uint8"))


def constant(grey: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    small = np.asarray(grey.resize((32, 32)))
    return small, np.full((32, 32, 2), 0.5, "float32")


PAINTER = Painter(colours=constant, finish=red, identity={"test": 1})


def coloured(file: Path, target: Path, painter: Painter = PAINTER, **options) -> film.Result:
    """Colours a film without a network."""
    asked = {
        "quality": 95,
        "compare": False,
        "run": "tiny",
        "xmp": lambda packet: packet,
        "max_pixels": 100_000_000,
        "max_seconds": 14_400,
        "progress": lambda done, total: None,
    }
    return film.colour(file, target, painter, **asked | options)
