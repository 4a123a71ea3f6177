"""Any picture file -> upright 8-bit sRGB, safely; its grey.

Knows neither networks nor colour spaces beyond Pillow's.
"""

import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from colornet.images import heic, srgb

MAX_PIXELS, MAX_BYTES = 100_000_000, 500_000_000
MIN_SIDE = 32
# Formats that Pillow decodes itself from a clear signature; EPS would start Ghostscript.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "JPEG2000", "AVIF")
# What a folder's pictures are named; those that cannot be read are then refused by name.
SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"]
    + [".ppm", ".pgm", ".pnm", ".jp2", ".avif", ".heic", ".heif"]
)
# Of the limit in pixels, the part that is for formats whose decoders hold a picture several times
# (measured: 16, 24, 10, 13 and 12 bytes a pixel), so that no picture takes more than 1 GB to read
SHARES = {"WEBP": 0.5, "JPEG2000": 0.3, "AVIF": 0.9, "HEIC": 0.7, "progressive JPEG": 0.75}
File = str | Path | bytes | BinaryIO

_one_thread = threading.Lock()


class PhotoError(ValueError):
    """Why a file does not serve as a photograph; readable after its name: "is truncated"."""


def read(file: File, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> Image.Image:
    """The picture of a file (path, content or open stream) in mode "RGB": upright, 8 bits, sRGB.

    EXIF orientation is applied, ICC profiles converted, transparency laid on white, 16 bits scaled
    to 8, the first frame of an animation taken. Raises PhotoError for what is no picture, damaged,
    smaller than MIN_SIDE or (before anything is decoded) larger than `max_pixels` or `max_bytes`;
    OSError if the file cannot be opened.
    """
    return srgb.on_white(*split(load(file, max_pixels=max_pixels, max_bytes=max_bytes)))


def load(file: File, *, max_pixels: int, max_bytes: int) -> Image.Image:
    """The first picture of a file, decoded and upright, in its own mode, with its metadata.

    Raises as `read` does.
    """
    if isinstance(file, str | Path):
        with open(file, "rb") as stream:
            return load(stream, max_pixels=max_pixels, max_bytes=max_bytes)
    if isinstance(file, bytes):
        file = io.BytesIO(file)
    size = file.seek(0, io.SEEK_END)
    if size > max_bytes:
        raise PhotoError(f"has {size:,} bytes, more than the limit of {max_bytes:,}")
    file.seek(0)
    head = file.read(64)
    file.seek(0)
    if heic.is_heic(head):
        file = _from_heic(file.read(), max_pixels)
    with _quiet():
        image = _open(file, max_pixels)
    try:
        # TIFF's tiles are judged anew; others decode beside each other, without the lock
        with _quiet() if image.format == "TIFF" else nullcontext():
            image.load()
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
        raise PhotoError("is truncated" if cut else "is damaged") from error
    with _quiet(), suppress(Exception):  # a broken EXIF block is no reason to refuse a picture
        ImageOps.exif_transpose(image, in_place=True)
    return image


def split(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """A loaded picture's colours and opacity as srgb.split has them; PhotoError where it cannot."""
    try:
        return srgb.split(image)
    except ValueError as error:
        raise PhotoError(f"has colours that cannot be read ({image.mode})") from error


def grey(image: Image.Image) -> np.ndarray:
    """(H, W) uint8, BT.601 luma: the grey that everything here means by grey."""
    return np.asarray(image.convert("L"))


# Spread and tone, in 8-bit steps. Among 5,529 photographs of pets and things six lie below both:
# four grey ones and two old toned ones; the least spread of a photograph in colour is 7.0. Their
# grey versions have 0, mildly sepia ones of them a spread of about 4 and a tone of 18 to 38.
GREY_SPREAD, GREY_TONE = 6, 45


def is_grey(image: Image.Image) -> bool:
    """Whether a picture is without colour, or mildly toned in one colour, as sepia is."""
    spread, tone = colours(image)
    return spread < GREY_SPREAD and tone < GREY_TONE


def colours(image: Image.Image) -> tuple[float, float]:
    """How far colours lie from a curve over lightness, and from grey, in 8-bit steps.

    A toned picture's colours are a function of its lightness, so a cubic fit leaves little over;
    32 x 32 means leave no JPEG noise; the 99th percentile still sees a small coloured thing.
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
    # Pillow warns of large pictures and broken EXIF blocks; both are dealt with here. The lock is
    # there because catch_warnings is not safe between threads.
    with _one_thread, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(stream: BinaryIO, max_pixels: int) -> Image.Image:
    try:
        image = Image.open(stream, formats=FORMATS)
        pixels = image.width * image.height
        kind = f"{'progressive ' if image.info.get('progressive') else ''}{image.format}"
    except Image.DecompressionBombError as error:  # Pillow's own limit comes before ours
        pixels = int(re.search(r"\d+", str(error))[0])
        max_pixels, kind = min(max_pixels, 2 * Image.MAX_IMAGE_PIXELS), ""
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        stream.seek(0)
        if stream.read(4) in (b"II*\0", b"MM\0*"):
            raise PhotoError("is a damaged or an unusual TIFF, save it with 8 bits") from error
        raise PhotoError("is no picture") from error
    _refuse_large(pixels, max_pixels, kind)
    if min(image.size) < MIN_SIDE:
        raise PhotoError(f"is smaller than {MIN_SIDE} pixels")
    return image


def _from_heic(content: bytes, max_pixels: int) -> BinaryIO:
    if not heic.readable():
        raise PhotoError("is a HEIC picture, save it as JPEG")
    limit = int(max_pixels * SHARES["HEIC"])
    try:
        return io.BytesIO(heic.png(content, max_pixels=limit))
    except ValueError as error:
        _refuse_large(int(str(error)), max_pixels, "HEIC")
    except OSError as error:
        raise PhotoError(str(error)) from error


def _refuse_large(pixels: int, max_pixels: int, kind: str) -> None:
    limit = int(max_pixels * SHARES.get(kind, 1))
    if pixels > limit:
        of = f" for {kind}" if kind in SHARES else ""
        raise PhotoError(f"has {pixels:,} pixels, more than the limit of {limit:,}{of}")
