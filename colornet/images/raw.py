"""Raw files of cameras: the largest preview in them, since their sensor data is not developed.

Cameras and converters put previews into raw files as JPEG, and some as small TIFF pictures. They
are looked for by the bytes that a JPEG begins with, in every maker's format.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from PIL import Image

from colornet.images import directories, jpeg, limits, pillow, tiff
from colornet.images.directories import Directory
from colornet.images.limits import PhotoError

# What raw files begin with that are no TIFF files: Fujifilm, Sigma, Minolta, Canon, Olympus,
# Panasonic. A CR3 file is an ISO media file of the brand "crx ".
LIKE_TIFF = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
BEGINNINGS = (*LIKE_TIFF, b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAPCCDR")
CANON, CANON_3 = b"CR", b"ftypcrx "  # at bytes 8 and 4
# Compressions of sensor data: Nikon, Sony, Samsung, Pentax, Kodak
COMPRESSIONS = frozenset([34713, 32767, 32769, 32770, 32772, 65535, 65000, 262])
PREVIEW = (directories.RGB, directories.YCBCR, directories.BLACK_IS_0)
MOST = 20_000  # JPEGs that are looked at
TRIED = 4
DEVELOP = "is a raw file without a preview that can be read: develop it to TIFF or JPEG first"


def is_raw(head: bytes, found: list[Directory]) -> bool:
    """Whether a file is a raw file. head: its first 64 bytes; found: its directories as TIFF."""
    if head.startswith(BEGINNINGS) or head[4:12] == CANON_3:
        return True
    return bool(found) and (
        head[8:10] == CANON
        or directories.DNG_VERSION in found[0].tags
        or any(_is_sensor(each) for each in directories.everything(found))
    )


class Preview(NamedTuple):
    """A JPEG in a raw file: where it begins; its width and height."""

    at: int
    size: tuple[int, int]


def load(
    stream: BinaryIO, found: list[Directory], *, max_pixels: int
) -> tuple[Image.Image, tuple[str, ...]]:
    """The largest preview in a raw file, and a note about its size. Raises PhotoError."""
    stream.seek(0)
    content = stream.read()
    if not found:
        stream = _as_tiff(content)
        found = directories.read(stream)
    previews: list[Preview | Directory] = [*_jpegs(content, _sensor_data(stream, found))]
    previews += [each for each in directories.everything(found) if _is_preview(each)]
    previews.sort(key=lambda each: each.size[0] * each.size[1], reverse=True)
    for preview in previews[:TRIED]:
        limits.check_size(*preview.size, "JPEG", max_pixels)
        with suppress(OSError, SyntaxError, PhotoError):
            if isinstance(preview, Directory):
                image = tiff.picture(stream, found[0], preview, max_pixels=max_pixels)
            else:
                image = _decoded(content[preview.at :], stream, found)
            return image, (f"the embedded preview of {image.width} x {image.height}",)
    raise PhotoError(DEVELOP)


def _is_sensor(directory: Directory) -> bool:
    colours = directory.get(directories.COLOURS, 0)
    sensor = colours in (directories.SENSOR, directories.LINEAR)
    return sensor or directory.get(directories.COMPRESSION, 1) in COMPRESSIONS


def _is_preview(directory: Directory) -> bool:
    bits = directory.get(directories.BITS, 8)
    colours = directory.get(directories.COLOURS, directories.RGB)
    readable = bits == 8 and colours in PREVIEW and not _is_sensor(directory)
    return readable and min(directory.size) >= limits.MIN_SIDE


def _sensor_data(stream: BinaryIO, found: list[Directory]) -> list[range]:
    # Where the sensor data are, which may consist of JPEGs too
    places: list[range] = []
    for each in directories.everything(found):
        if _is_sensor(each):
            with suppress(Exception):
                tags = directories.tags(stream, each.offset)
                for offsets, sizes in ((273, 279), (324, 325)):
                    pairs = zip(tags.get(offsets, ()), tags.get(sizes, ()), strict=False)
                    places += [range(offset, offset + size) for offset, size in pairs]
    return places


def _jpegs(content: bytes, excluded: list[range]) -> Iterator[Preview]:
    at = content.find(jpeg.START + b"\xff")
    for _ in range(MOST):
        if at < 0:
            break
        inside = next((place for place in excluded if at in place), None)
        frame = None if inside else jpeg.frame(content, at)
        if frame and frame[0] in jpeg.COMMON and min(frame[2:]) >= limits.MIN_SIDE:
            yield Preview(at, frame[2:])
        at = content.find(jpeg.START + b"\xff", inside.stop if inside else at + 2)


def _decoded(content: bytes, stream: BinaryIO, found: list[Directory]) -> Image.Image:
    with pillow.quiet():
        image = Image.open(io.BytesIO(content), formats=["JPEG"])
    image.load()
    own = Image.Exif()
    with suppress(Exception):
        own.load(image.info.get("exif", b""))
    if found and tiff.ORIENTATION not in own:
        image.info.update(tiff.metadata(stream, found[0], found[0], upright=False))
    return image


def _as_tiff(content: bytes) -> BinaryIO:
    # What a raw file that is no TIFF file has in a TIFF's form: all of it, or its metadata
    if content[4:12] == CANON_3:
        at = content.find(b"CMT1", 0, 2**20)
        return io.BytesIO(content[at + 4 : at + 2**17] if at > 0 else b"")
    order = {b"I": b"II*\0", b"M": b"MM\0*"}.get(content[:1], b"")
    return io.BytesIO(order + content[4:] if content.startswith(LIKE_TIFF) else b"")
