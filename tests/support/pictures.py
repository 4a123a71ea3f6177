"""Small pictures and picture files for tests."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

# scikit-image's cat (CC0), 75 x 112, stored turned by 90 degrees, with an EXIF date
HEIC = Path(__file__).parents[1] / "data" / "chelsea.heic"


def colourful(number: int) -> Image.Image:
    """A picture of smooth colours that differ in hue: wide, tall and square ones in turn."""
    width, height = [(48, 36), (36, 60), (40, 40)][number % 3]
    random = np.random.default_rng(number)
    coarse = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def waves(width: int = 64, height: int = 48) -> Image.Image:
    """A picture of smooth waves of colour, of any size."""
    y, x = np.mgrid[0:height, 0:width] / (height, width)[0]
    stripes = np.stack([128 + 120 * np.sin(9 * x), 255 * y.clip(0, 1), 128 + 120 * np.cos(7 * x)])
    return Image.fromarray(stripes.transpose(1, 2, 0).astype(np.uint8))


def content(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    """The content of a file of the format `kind`, with Pillow's `options`."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png_file(width: int, height: int, depth: int, colour: int, rows: bytes = b"") -> bytes:
    """A PNG file written by hand: bits per channel, colour type, and unfiltered rows.

    Without rows only its header can be read.
    """
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(rows), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks.items())


def opened(file) -> Image.Image:
    """A picture file, decoded and closed."""
    with Image.open(file) as image:
        image.load()
    return image


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
