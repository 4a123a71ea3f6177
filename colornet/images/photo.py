"""Any picture file -> upright 8-bit sRGB, safely; its grey.

Knows neither networks nor colour spaces beyond Pillow's.
"""

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from colornet.images import heic, srgb

MAX_PIXELS, MAX_BYTES = 100_000_000, 500_000_000
MIN_SIDE = 32
# Formats that Pillow decodes itself and recognizes by a signature; EPS would start Ghostscript.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF")
# Some decoders hold a picture several times (measured: 16, 24, 10, 13 and 12 bytes per pixel).
# These fractions of the limit in pixels keep the memory for reading one picture below 1 GB.
SHARES = {"WEBP": 0.5, "JPEG2000": 0.3, "AVIF": 0.9, "HEIC": 0.7, "progressive JPEG": 0.75}
# Pillow opens no larger picture: twice its Image.MAX_IMAGE_PIXELS
PILLOW_PIXELS = 178_956_970
File = str | Path | bytes | BinaryIO

_one_thread = threading.Lock()


class PhotoError(ValueError):
    """Why a file cannot be used as a photograph; to be read after its name: "is truncated"."""


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
    that is no picture, damaged, smaller than MIN_SIDE or (before anything is decoded) larger than
    `max_pixels` or `max_bytes`; OSError if the file cannot be opened.
    """
    return srgb.on_white(*split(load(file, max_pixels=max_pixels, max_bytes=max_bytes).image))


def load(file: File, *, max_pixels: int, max_bytes: int, page: int = 1) -> Decoded:
    """A picture of a file, by default the first one; `page` counts from 1.

    Raises the same as `read`.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as opened:
            return load(opened, max_pixels=max_pixels, max_bytes=max_bytes, page=page)
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    size = stream.seek(0, io.SEEK_END)
    if size > max_bytes:
        raise PhotoError(f"has {size:,} bytes, more than the limit of {max_bytes:,}")
    stream.seek(0)
    if heic.is_heic(stream.read(64)):
        stream = _from_heic(stream, max_pixels)
    stream.seek(0)
    with _quiet():
        image = _open(stream, max_pixels)
    _decode(image)
    with _quiet(), suppress(Exception):  # a picture with a broken EXIF block is still read
        ImageOps.exif_transpose(image, in_place=True)
    return Decoded(image)


def split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours and the opacity of a loaded picture, as `srgb.split` returns them.

    Raises PhotoError where Pillow cannot convert the colours.
    """
    try:
        return srgb.split(image)
    except ValueError as error:
        raise PhotoError(f"has colours that cannot be read ({image.mode})") from error


def grey(image: Image.Image) -> np.ndarray:
    """(H, W) uint8 in 0 to 255, BT.601 luma: the grey version, here and everywhere in colornet."""
    return np.asarray(image.convert("L"))


# Limits of `colours`, in 8-bit steps. Of 5,529 photographs of pets and things six are below both:
# four grey ones and two old toned ones; the smallest spread of a photograph in colour is 7.0. Grey
# versions of them have 0 and 0, mildly sepia ones a spread of about 4 and a tone of 18 to 38.
GREY_SPREAD, GREY_TONE = 6, 45


def is_grey(image: Image.Image) -> bool:
    """Whether a picture has no colour, or is mildly toned in one colour, as sepia is."""
    spread, tone = colours(image)
    return spread < GREY_SPREAD and tone < GREY_TONE


def colours(image: Image.Image) -> tuple[float, float]:
    """Spread and tone: how far colours are from a curve over lightness and from grey, in steps.

    Both are in 8-bit steps. The colours of a toned picture depend on its lightness alone, so that a
    cubic fit leaves a small spread. Means of 32 x 32 parts remove JPEG noise; the 99th percentile
    still finds a small coloured object.
    """
    image = image if image.mode == "RGB" else image.convert("RGB")
    small = np.asarray(image.resize((32, 32), Image.Resampling.BOX), np.float32)
    red, green, blue = small.reshape(-1, 3).T
    lightness = (0.299 * red + 0.587 * green + 0.114 * blue) / 255
    powers = np.stack([lightness**n for n in range(4)], axis=1)
    chroma = np.stack([red - green, (red + green) / 2 - blue], axis=1)
    rest = chroma - powers @ np.linalg.lstsq(powers, chroma, rcond=None)[0]
    return float(np.percentile(np.hypot(*rest.T), 99)), float(np.hypot(*chroma.T).mean())


@contextmanager
def _quiet() -> Iterator[None]:
    # Pillow warns about large pictures and broken EXIF blocks; this module handles both. The lock
    # is needed because catch_warnings is not safe between threads.
    with _one_thread, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(stream: BinaryIO, max_pixels: int) -> Image.Image:
    try:
        image = Image.open(stream, formats=FORMATS)
    except Image.DecompressionBombError as error:
        # Pillow tells the number of pixels in the text of its error only, and its limit is a global
        # variable that other threads use too. So the sentence does without the exact number.
        limit = min(max_pixels, PILLOW_PIXELS)
        text = f"has over {PILLOW_PIXELS:,} pixels, more than the limit of {limit:,}"
        raise PhotoError(text) from error
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        stream.seek(0)
        if stream.read(4) in (b"II*\0", b"MM\0*"):
            raise PhotoError("is a damaged or an unusual TIFF, save it with 8 bits") from error
        raise PhotoError("is no picture") from error
    kind = f"{'progressive ' if image.info.get('progressive') else ''}{image.format}"
    if image.width * image.height > _limit(kind, max_pixels):
        raise _too_large(image.width * image.height, kind, max_pixels)
    if min(image.size) < MIN_SIDE:
        raise PhotoError(f"is smaller than {MIN_SIDE} pixels")
    return image


def _decode(image: Image.Image) -> None:
    try:
        # Pillow may warn about the size of a TIFF's tiles. Other formats need no lock, so that
        # several threads decode at once.
        with _quiet() if image.format == "TIFF" else nullcontext():
            image.load()
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
        raise PhotoError("is truncated" if cut else "is damaged") from error


def _from_heic(stream: BinaryIO, max_pixels: int) -> BinaryIO:
    if not heic.readable():
        raise PhotoError("is a HEIC picture, save it as JPEG")
    stream.seek(0)
    try:
        return io.BytesIO(heic.png(stream.read(), max_pixels=_limit("HEIC", max_pixels)))
    except heic.TooLargeError as error:
        raise _too_large(error.pixels, "HEIC", max_pixels) from error
    except OSError as error:
        raise PhotoError(str(error)) from error


def _limit(kind: str, max_pixels: int) -> int:
    return int(max_pixels * SHARES.get(kind, 1))


def _too_large(pixels: int, kind: str, max_pixels: int) -> PhotoError:
    of = f" for {kind}" if kind in SHARES else ""
    limit = _limit(kind, max_pixels)
    return PhotoError(f"has {pixels:,} pixels, more than the limit of {limit:,}{of}")
