"""Windows icons: the largest picture of one, whose size is checked before it is decoded."""

import io
from typing import BinaryIO

from PIL import IcoImagePlugin, Image

from colornet.images import limits, pillow
from colornet.images.limits import PhotoError

SIGNATURE = b"\0\0\1\0"
PNG = b"\x89PNG"


def png(stream: BinaryIO) -> BinaryIO | None:
    """The largest picture of an icon file if it is a PNG."""
    ico, best = _largest(stream)
    content = _content(stream, ico.entry[best])
    return io.BytesIO(content) if content.startswith(PNG) else None


def bitmap(stream: BinaryIO, max_pixels: int) -> Image.Image:
    """The largest picture of an icon file, which is a bitmap, decoded. Raises PhotoError."""
    ico, best = _largest(stream)
    head = _content(stream, ico.entry[best])[:16]
    width, height = int.from_bytes(head[4:8], "little"), int.from_bytes(head[8:12], "little")
    limits.check_size(width, height // 2, "ICO", max_pixels)  # its mask lies below it
    try:
        with pillow.quiet():
            image = ico.frame(best)
            image.load()
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise PhotoError("is damaged") from error
    return image


def _largest(stream: BinaryIO) -> tuple[IcoImagePlugin.IcoFile, int]:
    stream.seek(0)
    try:
        ico = IcoImagePlugin.IcoFile(stream)
        # Pillow sorts them by size, and those of one size from few bits to many
        sizes = [entry.square for entry in ico.entry]
        return ico, sizes.count(sizes[0]) - 1
    except Exception as error:
        raise PhotoError("is damaged") from error


def _content(stream: BinaryIO, entry: IcoImagePlugin.IconHeader) -> bytes:
    stream.seek(entry.offset)
    return stream.read(entry.size)
