"""The formats of pictures and films: how they are read, their endings, and the ending of a copy."""

from pathlib import Path
from typing import NamedTuple


class Format(NamedTuple):
    """A format of files.

    name: for people; pillow: Pillow's name of it, None if Pillow does not read it; endings: of file
    names, in lower case; copies: the ending of coloured copies, None if they keep format and ending
    of their source; by_name: a file's content does not tell this format for certain, so that only
    files with one of its endings are read as it.
    """

    name: str
    pillow: str | None
    endings: tuple[str, ...]
    copies: str | None = None
    by_name: bool = False


# Raw files of cameras, of which the embedded previews are read
RAW = (
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq"),
    *(".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl"),
    *(".sr2", ".srf", ".srw", ".x3f"),
)


FORMATS = (
    Format("JPEG", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    Format("PNG", "PNG", (".png", ".apng")),
    Format("TIFF", "TIFF", (".tif", ".tiff")),
    Format("WebP", "WEBP", (".webp",)),
    Format("AVIF", "AVIF", (".avif",)),
    Format("BMP", "BMP", (".bmp",)),
    Format("DIB", "DIB", (".dib",), ".bmp", by_name=True),
    Format("MPO", "MPO", (".mpo",), ".jpg"),
    Format("HEIC", None, (".heic", ".heif", ".hif"), ".jpg"),
    Format("JPEG 2000", "JPEG2000", (".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jpc"), ".png"),
    Format("GIF", "GIF", (".gif",), ".png"),
    Format("PPM", "PPM", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"), ".png"),
    Format("ICO", "ICO", (".ico",), ".png"),
    Format("Photoshop", "PSD", (".psd",), ".png"),
    Format("TGA", "TGA", (".tga",), ".png", by_name=True),
    Format("SGI", "SGI", (".sgi", ".rgb", ".rgba", ".bw"), ".png"),
    Format("PCX", "PCX", (".pcx",), ".png", by_name=True),
    Format("QOI", "QOI", (".qoi",), ".png"),
    Format("raw file", None, RAW, ".jpg"),
    # Not read: its files are looked for so that they are named
    Format("JPEG XL", None, (".jxl",), ".png"),
)
# Containers of films. Copies of those that cannot hold H.264 or all kinds of sound become Matroska.
# Not among them is .ts: most such files in folders hold TypeScript
FILMS = (
    Format("MP4", None, (".mp4", ".m4v")),
    Format("QuickTime", None, (".mov", ".qt"), ".mov"),
    Format("3GP", None, (".3gp", ".3g2"), ".mp4"),
    Format("Matroska", None, (".mkv",)),
    Format("WebM", None, (".webm",)),
    Format("AVI", None, (".avi", ".divx"), ".mkv"),
    Format("MPEG", None, (".mpg", ".mpeg", ".vob", ".m2ts", ".mts", ".m2v"), ".mkv"),
    Format("Windows Media", None, (".wmv", ".asf"), ".mkv"),
    Format("other film", None, (".ogv", ".flv", ".dv", ".mxf"), ".mkv"),
)
# Of pictures
BY_ENDING = {ending: each for each in FORMATS for ending in each.endings}
_FILM_ENDINGS = {ending: each for each in FILMS for ending in each.endings}


def of(file: Path) -> Format | None:
    """The format that the ending of a file's name stands for, in any case; None for others."""
    ending = file.suffix.lower()
    return BY_ENDING.get(ending) or _FILM_ENDINGS.get(ending)


def readers(name: str) -> list[str]:
    """Pillow's names of the formats as which a file of this name may be read; "" is no name.

    Pillow reads MPO as JPEG.
    """
    own = of(Path(name))
    asked = [each for each in FORMATS if each is own or not each.by_name]
    return [each.pillow for each in asked if each.pillow and each.pillow != "MPO"]


def is_picture(file: Path) -> bool:
    """Whether a file is named like a picture."""
    return file.suffix.lower() in BY_ENDING


def is_known(file: Path) -> bool:
    """Whether a file is named like a picture or a film; others in folders are not looked at."""
    return of(file) is not None


def is_film(file: Path) -> bool:
    """Whether a file is named like a film."""
    return file.suffix.lower() in _FILM_ENDINGS
