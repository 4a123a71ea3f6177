"""Any picture file -> upright 8-bit sRGB, safely.

Knows neither networks nor colour spaces beyond Pillow's.
"""

import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from colornet.images import directories, heic, limits, pillow, plain, raw, srgb, tiff
from colornet.images.chroma import grey as grey
from colornet.images.chroma import is_grey as is_grey
from colornet.images.limits import MAX_BYTES as MAX_BYTES
from colornet.images.limits import MAX_PIXELS as MAX_PIXELS
from colornet.images.limits import PhotoError as PhotoError

File = str | Path | bytes | BinaryIO


@dataclass(frozen=True)
class Decoded:
    """A picture of a file.

    image: upright, in its own mode, with its metadata; pages: how many pictures the file has, the
    pages of a document or the frames of an animation; notes: what a user should know about how it
    was read, each to be read in brackets after the file's name: "page 1 of 3".
    """

    image: Image.Image
    pages: int = 1
    notes: tuple[str, ...] = ()


def read(file: File, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> Image.Image:
    """The picture in a file (path, content or open stream) in mode "RGB": upright, 8 bits, sRGB.

    The EXIF orientation is applied, ICC profiles are converted, transparent parts become white, 16
    bits are scaled to 8, and of an animation the first frame is taken. Raises PhotoError for a file
    that is no picture, damaged, smaller than 32 pixels or (before anything is decoded) larger than
    `max_pixels` or `max_bytes`; OSError if the file cannot be opened.
    """
    return srgb.on_white(*split(load(file, max_pixels=max_pixels, max_bytes=max_bytes).image))


def load(file: File, *, max_pixels: int, max_bytes: int, page: int = 1) -> Decoded:
    """A picture of a file, by default the first one; `page` counts from 1.

    Thumbnails and masks do not count; of a raw file the largest preview is taken. Raises the same
    as `read`.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as opened:
            return load(opened, max_pixels=max_pixels, max_bytes=max_bytes, page=page)
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    size = stream.seek(0, io.SEEK_END)
    if size > max_bytes:
        raise PhotoError(f"has {size:,} bytes, more than the limit of {max_bytes:,}")
    decoded = _decoded(stream, max_pixels, page)
    with pillow.quiet(), suppress(Exception):  # a picture with a broken EXIF block is still read
        ImageOps.exif_transpose(decoded.image, in_place=True)
    return decoded


def _decoded(stream: BinaryIO, max_pixels: int, page: int) -> Decoded:
    stream.seek(0)
    head = stream.read(64)
    found = directories.read(stream)
    if raw.is_raw(head, found):
        image, notes = raw.load(stream, found, max_pixels=max_pixels)
        return Decoded(image, 1, notes)
    if found:
        image, pages = tiff.load(stream, found, max_pixels=max_pixels, page=page)
        return Decoded(image, pages, _place("page", page, pages))
    if heic.is_heic(head):
        stream = _from_heic(stream, max_pixels)
    name = str(getattr(stream, "name", ""))
    image, pages, notes = plain.load(stream, name, max_pixels=max_pixels, page=page)
    return Decoded(image, pages, _place("frame", page, pages) + notes)


def _place(word: str, page: int, pages: int) -> tuple[str, ...]:
    return (f"{word} {page} of {pages}",) if pages > 1 else ()


def split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours and the opacity of a loaded picture, as `srgb.split` returns them.

    Raises PhotoError where Pillow cannot convert the colours.
    """
    try:
        return srgb.split(image)
    except ValueError as error:
        raise PhotoError(f"has colours that cannot be read ({image.mode})") from error


def _from_heic(stream: BinaryIO, max_pixels: int) -> BinaryIO:
    if not heic.readable():
        raise PhotoError("is a HEIC picture, save it as JPEG")
    stream.seek(0)
    try:
        return io.BytesIO(heic.png(stream.read(), max_pixels=limits.share("HEIC", max_pixels)))
    except heic.TooLargeError as error:
        raise limits.too_large(error.pixels, "HEIC", max_pixels) from error
    except OSError as error:
        raise PhotoError(str(error)) from error
