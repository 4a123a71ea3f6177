"""Coloured packets, and the source's sound, subtitles and metadata -> one file."""

import heapq
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import av

from colornet.film import source
from colornet.film.encoder import Packet
from colornet.film.source import Film

MUXERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".webm": "webm"}  # others: Matroska
MATROSKA = "matroska"
# The index at the beginning, so that players in a browser begin before the whole file is there
OPTIONS = {"mp4": {"movflags": "faststart"}, "mov": {"movflags": "faststart"}}
# What holds for the source's file and not for the copy
STALE = {
    *("major_brand", "minor_version", "compatible_brands", "encoder", "xmp"),
    *("duration", "bps", "number_of_frames", "number_of_bytes", "vendor_id"),
}
STALE_BEGINNINGS = ("_statistics", "bps-", "duration-", "number_of_frames-", "number_of_bytes-")


class Copies(NamedTuple):
    """Streams of the source that the copy gets, and the names of what it cannot hold."""

    streams: list[int]
    lost: tuple[str, ...]


class StreamError(Exception):
    """A packet of the source's stream `index` does not fit into the copy's container."""

    def __init__(self, index: int):
        super().__init__(index)
        self.index = index


def muxer(suffix: str) -> str:
    """FFmpeg's name of the container for a file's ending."""
    return MUXERS.get(suffix.lower(), MATROSKA)


def copies(film: Film, name: str) -> Copies:
    """Which streams beside the pictures the container `name` can hold; tried without packets."""
    with source.opened(film.file) as container:
        chosen = source.pictures(container).index
        kept, lost = [], []
        for stream in container.streams:
            if stream.index == chosen:
                continue
            if _fits(stream, name):
                kept.append(stream.index)
            else:
                lost.append(described(stream))
        return Copies(kept, tuple(dict.fromkeys(lost)))


def described(stream: Any) -> str:
    """A stream of a source, for people: "audio (pcm_s16le)"."""
    kind = "other pictures" if stream.type == "video" else stream.type
    return f"{kind} ({stream.name})" if getattr(stream, "name", None) else kind


def _fits(stream: Any, name: str) -> bool:
    if stream.type not in ("audio", "subtitle", "attachment", "video"):
        return False  # such as time codes, which refer to the file's other streams
    try:
        with av.open(io.BytesIO(), "w", format=name) as trial:
            _added(trial, stream)
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _added(out: Any, stream: Any) -> Any:
    if stream.type == "attachment":
        return out.add_attachment(stream.name or "attachment", stream.mimetype or "", stream.data)
    added = out.add_stream_from_template(stream, opaque=True)
    added.metadata.update(_kept(stream.metadata))
    added.disposition = stream.disposition
    return added


def _kept(metadata: dict[str, str]) -> dict[str, str]:
    return {
        key: value
        for key, value in metadata.items()
        if key.lower() not in STALE and not key.lower().startswith(STALE_BEGINNINGS)
    }


def write(
    into: Path,
    film: Film,
    packets: Iterable[Packet],
    *,
    name: str,
    codec: str,
    told: dict[str, Any],
    duration: int,
    streams: list[int],
    tags: dict[str, str],
) -> float:
    """Writes the file `into`, in the container `name`; returns its length in seconds.

    told: `encoder.settings`; duration: of the last frame; streams: of the source, to be copied;
    tags: added to its metadata. Raises StreamError, and OSError.
    """
    with source.opened(film.file) as container:
        chosen = source.pictures(container)
        options = OPTIONS.get(name, {})
        with av.open(f"file:{into}", "w", format=name, options=options) as out:
            out.metadata.update(_kept(container.metadata) | tags)
            pictures = _picture_stream(out, film, chosen, codec, told)
            targets = {index: _added(out, container.streams[index]) for index in streams}
            out.set_chapters(container.chapters())
            out.start_encoding()
            for stream in container.streams:
                wanted = stream.index in targets and stream.type != "attachment"
                stream.discard = av.stream.Discard[("default" if wanted else "all")]
            merged = heapq.merge(
                _coloured(packets, pictures, film, duration),
                _others(container, targets, film.start),
                key=lambda each: each[0],
            )
            return _muxed(out, merged)


def _picture_stream(out: Any, film: Film, chosen: Any, codec: str, told: dict[str, Any]) -> Any:
    options = told["options"]
    stream = out.add_stream(codec, rate=film.rate, options=dict(options))
    for key, value in told.items():
        if key not in ("options", "framerate") and value is not None:
            setattr(stream.codec_context, key, value)
    stream.time_base = film.time_base
    stream.metadata.update(_kept(chosen.metadata))
    stream.disposition = chosen.disposition
    if film.display:
        stream.set_display_matrix(film.display)
    return stream


def _coloured(
    packets: Iterable[Packet], stream: Any, film: Film, duration: int
) -> Iterator[tuple[float, int, Any]]:
    """Packets for the muxer, with the second at which each is shown and the source's stream."""
    shift = round(film.start / film.time_base)
    waiting: Packet | None = None
    for packet in packets:
        if waiting:
            yield _packet(waiting, stream, film, packet.pts - waiting.pts, shift)
        waiting = packet
    if waiting:
        yield _packet(waiting, stream, film, duration, shift)


def _packet(
    given: Packet, stream: Any, film: Film, duration: int, shift: int
) -> tuple[float, int, Any]:
    packet = av.Packet(given.content)
    packet.pts = packet.dts = given.pts - shift
    packet.duration, packet.time_base = duration, film.time_base
    packet.is_keyframe, packet.stream = given.key, stream
    return float(packet.pts * film.time_base), -1, packet


def _others(
    container: Any, targets: dict[int, Any], start: float
) -> Iterator[tuple[float, int, Any]]:
    """Packets of the streams that are copied, as `_coloured` gives them."""
    wanted = [each for each in container.streams if each.index in targets]
    wanted = [each for each in wanted if each.type != "attachment"]
    if not wanted:
        return
    last = 0.0
    for packet in source.packets(container, *wanted):
        if _is_gap(packet) or packet.dts is None and packet.pts is None:
            continue
        index, base = packet.stream.index, packet.time_base
        shift = round(start / base)
        packet.dts = None if packet.dts is None else packet.dts - shift
        packet.pts = None if packet.pts is None else packet.pts - shift
        first = packet.pts if packet.dts is None else packet.dts
        last = max(last, float(first * base))  # as far as they are in order
        packet.stream = targets[index]
        yield last, index, packet


def _is_gap(packet: Any) -> bool:
    """Whether a packet holds nothing: also MP4's for the time between two subtitles.

    The muxer writes those itself, and would write them twice.
    """
    return not packet.size or (packet.stream.name == "mov_text" and bytes(packet) == b"\0\0")


def _muxed(out: Any, merged: Iterable[tuple[float, int, Any]]) -> float:
    end = 0.0
    for seconds, index, packet in merged:
        end = max(end, seconds + float((packet.duration or 0) * packet.time_base))
        try:
            out.mux_one(packet)
        except OSError:
            raise
        except (av.FFmpegError, ValueError) as error:
            if index < 0:
                raise
            raise StreamError(index) from error
    return end
