"""A visitor's picture -> the small copy that the Try it page keeps, and its coloured versions.

Knows no Streamlit and loads no network: `ab` is always what `Colorizer.colours` returns.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from PIL import Image, ImageOps

from colornet.colour.colourfulness import colourfulness
from colornet.images import photo
from colornet.inference.fullsize import finish
from colornet.square import box_of
from dashboard.page import encoding

SHOWN = 512  # pixels of the longer side: 1.5 times the width of the page's columns
SCORED = 256  # pixels of the longer side: that of the published networks' squares
NBSP = "\N{NO-BREAK SPACE}"  # keeps a score and its value on one line
NO_COLOUR = np.zeros((1, 1, 2), "float32")  # the `ab` of a grey picture


@dataclass(frozen=True)
class Given:
    """An upload or a sample; `read` returns the file's content."""

    id: str
    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, eq=False)  # arrays cannot be compared to one truth value
class Small:
    """What the page keeps of a picture. The last three are None if the picture has no colour.

    size: of the picture itself; grey: mode L, its longer side at most `SHOWN`; before: `grey` as
    JPEG; photograph: a JPEG of the same size; truth: (H, W, 3) uint8, its longer side at most
    `SCORED`; beside: PSNR and SSIM of grey, colourfulness of the photograph.
    """

    size: tuple[int, int]
    grey: Image.Image
    before: bytes
    photograph: bytes | None = None
    truth: np.ndarray | None = None
    beside: tuple[float, float, float] | None = None


def thumbnail(given: Given, *, size: tuple[int, int]) -> bytes:
    """The grey of a sample as a JPEG of exactly this size, cut at the bottom to keep heads."""
    grey = photo.read(given.read()).convert("L")
    return encoding.jpeg(ImageOps.fit(grey, size, centering=(0.5, 0.1)))


def shrunk(picture: Image.Image, *, longest: int) -> Image.Image:
    """A copy whose longer side is at most `longest`."""
    box = box_of(*picture.size, min(longest, max(picture.size)))
    return picture.resize(box[2:], Image.Resampling.BICUBIC, reducing_gap=2.0)


def keep(picture: Image.Image) -> Small:
    """What the page keeps of a picture of mode RGB."""
    shown = shrunk(picture, longest=SHOWN)
    grey = Image.fromarray(photo.grey(shown))
    if photo.is_grey(picture):
        return Small(picture.size, grey, encoding.jpeg(grey))
    truth = np.asarray(shrunk(picture, longest=SCORED))
    psnr, ssim, _ = scores(truth, NO_COLOUR, saturation=1)
    beside = psnr, ssim, colourfulness(truth)
    before, photograph = encoding.jpeg(grey), encoding.jpeg(shown)
    return Small(picture.size, grey, before, photograph, truth, beside)


def look(read: Callable[[], Image.Image]) -> Small | str:
    """What the page keeps of the picture that `read` returns, or the words of its PhotoError."""
    try:
        return keep(read())
    except photo.PhotoError as error:
        return str(error)


def coloured(small: Small, ab: np.ndarray, *, saturation: float) -> tuple[bytes, tuple | None]:
    """The JPEG of a kept picture in colour, and its scores if the picture itself has colour."""
    shown = encoding.jpeg(finish(small.grey, ab, saturation=saturation))
    return shown, None if small.truth is None else scores(small.truth, ab, saturation=saturation)


def scores(truth: np.ndarray, ab: np.ndarray, *, saturation: float) -> tuple[float, float, float]:
    """PSNR, SSIM and colourfulness of a photograph, (H, W, 3) uint8, in the colours `ab`."""
    from colornet import metrics  # loads SciPy, which takes a second

    output = np.asarray(finish(Image.fromarray(truth), ab, saturation=saturation))
    return metrics.psnr(output, truth), metrics.ssim(output, truth), colourfulness(output)


def words(small: Small, output: tuple[float, float, float]) -> str:
    """The scores of an output in words, beside those of the grey picture."""
    psnr, ssim, of_truth = small.beside
    parts = (
        f"PSNR {output[0]:.2f} dB (grey {psnr:.2f})",
        f"SSIM {output[1]:.3f} (grey {ssim:.3f})".replace("nan", "–"),
        f"colourfulness {output[2]:.1f} (photograph {of_truth:.1f})",
    )
    return ", ".join(part.replace(" ", NBSP) for part in parts)


def original(given: Given, ab: np.ndarray, *, saturation: float) -> bytes:
    """The PNG of a picture in colour at its own size; reads the file again."""
    return encoding.png(finish(photo.read(given.read()), ab, saturation=saturation))


def file_name(name: str, run: str) -> str:
    """The names of a visitor's file and of a run -> a file name that is safe on every system."""
    stem, run = (re.sub(r"[^\w-]+", "_", text).strip("_") for text in (PurePath(name).stem, run))
    return f"{stem[:80] or 'picture'}-{run}.png"


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Names ending in .png; a name that came before gets a number."""
    used = set()
    for name in names:
        stem, number, new = name.removesuffix(".png"), 1, name
        while new.lower() in used:  # for some systems A and a are the same
            number += 1
            new = f"{stem}~{number}.png"
        used.add(new.lower())
        yield new


def zipped(files: list[tuple[str, Callable[[], bytes]]]) -> bytes:
    """A zip of PNGs; files: (name, what makes the content). Makes one PNG at a time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        names = distinct(name for name, _ in files)
        for name, (_, content) in zip(names, files, strict=True):
            archive.writestr(name, content())
    return stream.getvalue()
