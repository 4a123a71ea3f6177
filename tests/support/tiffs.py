"""TIFF files for tests, in memory."""

import io
import struct

import numpy as np
import tifffile


def written(array: np.ndarray, **options) -> bytes:
    """The content of a TIFF file of one picture, with tifffile's `options`."""
    order = options.pop("byteorder", "<")
    return pages((array, options), byteorder=order)


def pages(*pictures: tuple[np.ndarray, dict], **file_options) -> bytes:
    """The content of a TIFF file of several pictures, each with tifffile's options."""
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream, **file_options) as writer:
        for array, options in pictures:
            writer.write(array, **{"metadata": None, **options})
    return stream.getvalue()


def by_hand(tags: dict[int, tuple[int, ...]], data: bytes, order: str = "<") -> bytes:
    """The content of a TIFF file of one strip, from its tags, of any values."""
    size = len(tags) + 3
    start = 8 + 2 + 12 * size + 4
    values = b""
    entries = b""
    every = {**tags, 273: (start,), 278: tags[257], 279: (len(data),)}
    for tag, numbers in sorted(every.items()):
        code = struct.pack(f"{order}{len(numbers)}I", *numbers)
        if len(code) > 4:
            values, code = values + code, struct.pack(f"{order}I", start + len(data) + len(values))
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + code
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    head = mark + struct.pack(f"{order}IH", 8, size)
    return head + entries + bytes(4) + data + values
