"""The formats of picture files: which endings of names they have, and which ending a copy gets."""

from pathlib import Path
from typing import NamedTuple


class Format(NamedTuple):
    """A format of picture files.

    name: for people; pillow: Pillow's name of it, None if Pillow does not read it; endings: of file
    names, in lower case; copies: the ending of coloured copies, None if they keep format and ending
    of their source.
    """

    name: str
    pillow: str | None
    endings: tuple[str, ...]
    copies: str | None = None


FORMATS = (
    Format("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    Format("PNG", "PNG", (".png", ".apng")),
    Format("TIFF", "TIFF", (".tif", ".tiff")),
    Format("WebP", "WEBP", (".webp",)),
    Format("AVIF", "AVIF", (".avif",)),
    Format("BMP", "BMP", (".bmp",)),
    Format("DIB", "DIB", (".dib",), ".bmp"),
    Format("MPO", "MPO", (".mpo",), ".jpg"),
    Format("HEIC", None, (".heic", ".heif", ".hif"), ".jpg"),
    Format("JPEG 2000", "JPEG2000", (".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jpc"), ".png"),
    Format("GIF", "GIF", (".gif",), ".png"),
    Format("PPM", "PPM", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"), ".png"),
    Format("ICO", "ICO", (".ico",), ".png"),
    Format("Photoshop", "PSD", (".psd",), ".png"),
    Format("TGA", "TGA", (".tga",), ".png"),
    Format("SGI", "SGI", (".sgi",), ".png"),
    Format("PCX", "PCX", (".pcx",), ".png"),
    Format("QOI", "QOI", (".qoi",), ".png"),
)
BY_ENDING = {ending: each for each in FORMATS for ending in each.endings}


def of(file: Path) -> Format | None:
    """The format that the ending of a file's name stands for, in any case; None for others."""
    return BY_ENDING.get(file.suffix.lower())


def is_picture(file: Path) -> bool:
    """Whether a file is named like a picture; a folder's other files are not looked at."""
    return of(file) is not None
