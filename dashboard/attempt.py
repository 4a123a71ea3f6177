"""A visitor's picture -> the little that the Try it page keeps of it, and what is made from that.

Knows no Streamlit and loads no network: colours come as `Colorizer.colours` gives them.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath

import numpy as np
from PIL import Image, ImageOps

from colornet.colour.colourfulness import colourfulness
from colornet.images import photo
from colornet.square import box_of
from colornet.inference.fullsize import finish
from colornet.sources import bundled

SHOWN = 512  # pixels of the longer side: one and a half times as many as the page's columns have
SCORED = 256  # the longer side of the published networks' squares
SAMPLES = {"chelsea": "cat", "coffee": "coffee", "astronaut": "astronaut", "rocket": "rocket"}
NBSP = "\N{NO-BREAK SPACE}"  # keeps a score and its value on one line
LEFT_GREY = np.zeros((1, 1, 2), "float32")  # as `Colorizer.colours` would give no colour


@dataclass(frozen=True)
class Given:
    """An upload or a sample; `read` returns the file's content."""

    id: str
    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, eq=False)  # arrays don't compare to one truth value
class Small:
    """What is kept of a picture: its size, its grey, and the photograph if it has colour.

    grey: mode L, `SHOWN` long at most; before and photograph: JPEGs of that size; truth: (H, W, 3)
    uint8, `SCORED` long at most; beside: grey's PSNR and SSIM, the photograph's colourfulness.
    """

    size: tuple[int, int]
    grey: Image.Image
    before: bytes
    photograph: bytes | None = None
    truth: np.ndarray | None = None
    beside: tuple[float, float, float] | None = None


def sample(name: str) -> Given:
    """A photograph that scikit-image carries, by its name in `bundled.PHOTOGRAPHS`."""
    file = bundled.PHOTOGRAPHS[name].file
    content = resources.files("skimage").joinpath("data", file).read_bytes
    return Given(f"sample-{name}", file, content)


def thumbnail(given: Given, *, size: tuple[int, int]) -> bytes:
    """The grey of a sample as a JPEG of just this size, cut below rather than above: heads stay."""
    grey = photo.read(given.read()).convert("L")
    return jpeg(ImageOps.fit(grey, size, centering=(0.5, 0.1)))


def shrunk(picture: Image.Image, *, longest: int) -> Image.Image:
    """A copy whose longer side is `longest` at most."""
    box = box_of(*picture.size, min(longest, max(picture.size)))
    return picture.resize(box[2:], Image.Resampling.BICUBIC, reducing_gap=2.0)


def keep(picture: Image.Image) -> Small:
    """What is kept of a picture of mode RGB."""
    shown = shrunk(picture, longest=SHOWN)
    grey = Image.fromarray(photo.grey(shown))
    if photo.is_grey(picture):
        return Small(picture.size, grey, jpeg(grey))
    truth = np.asarray(shrunk(picture, longest=SCORED))
    psnr, ssim, _ = scores(truth, LEFT_GREY, saturation=1)
    beside = psnr, ssim, colourfulness(truth)
    return Small(picture.size, grey, jpeg(grey), jpeg(shown), truth, beside)


def look(read: Callable[[], Image.Image]) -> Small | str:
    """What is kept of what `read` returns, or what its PhotoError says."""
    try:
        return keep(read())
    except photo.PhotoError as error:
        return str(error)


def jpeg(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=3)  # a third of the time of 6, an eighth larger
    return stream.getvalue()


def coloured(small: Small, ab: np.ndarray, *, saturation: float) -> tuple[bytes, tuple | None]:
    """The JPEG of a kept picture in colour, and its scores if the photograph is there."""
    shown = jpeg(finish(small.grey, ab, saturation=saturation))
    return shown, None if small.truth is None else scores(small.truth, ab, saturation=saturation)


def scores(truth: np.ndarray, ab: np.ndarray, *, saturation: float) -> tuple[float, float, float]:
    """PSNR, SSIM and colourfulness of a photograph, (H, W, 3) uint8, in other colours."""
    from colornet import metrics  # SciPy: a second, only now needed

    output = np.asarray(finish(Image.fromarray(truth), ab, saturation=saturation))
    return metrics.psnr(output, truth), metrics.ssim(output, truth), colourfulness(output)


def words(small: Small, output: tuple[float, float, float]) -> str:
    """The scores of an output in words, beside those of leaving the picture grey."""
    psnr, ssim, of_truth = small.beside
    parts = (
        f"PSNR {output[0]:.2f} dB (grey {psnr:.2f})",
        f"SSIM {output[1]:.3f} (grey {ssim:.3f})".replace("nan", "–"),
        f"colourfulness {output[2]:.1f} (photograph {of_truth:.1f})",
    )
    return ", ".join(part.replace(" ", NBSP) for part in parts)


def original(given: Given, ab: np.ndarray, *, saturation: float) -> bytes:
    """The PNG of a picture in colour at its own size; reads the file once more."""
    return png(finish(photo.read(given.read()), ab, saturation=saturation))


def file_name(name: str, run: str) -> str:
    """A visitor's file name and a run's -> a file name that no system minds."""
    stem, run = (re.sub(r"[^\w-]+", "_", text).strip("_") for text in (PurePath(name).stem, run))
    return f"{stem[:80] or 'picture'}-{run}.png"


def apart(names: Iterable[str]) -> Iterator[str]:
    """Names ending in .png, of which one that came before gets a number."""
    used = set()
    for name in names:
        stem, number, new = name.removesuffix(".png"), 1, name
        while new.lower() in used:  # some systems don't tell A from a
            number += 1
            new = f"{stem}~{number}.png"
        used.add(new.lower())
        yield new


def zipped(files: list[tuple[str, Callable[[], bytes]]]) -> bytes:
    """A zip of PNGs from (name, content); only one is made at a time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        names = apart(name for name, _ in files)
        for name, (_, content) in zip(names, files, strict=True):
            archive.writestr(name, content())
    return stream.getvalue()
