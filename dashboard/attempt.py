"""A visitor's picture -> the small copy that the Try it page keeps, and its coloured versions.

Knows no Streamlit and loads no network: `ab` is always what `Colorizer.colours` returns.
"""

import functools
import io
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps, ImageStat

from colornet.cli import original
from colornet.colour.colourfulness import colourfulness
from colornet.images import photo, srgb
from colornet.inference.fullsize import finish, small_grey
from colornet.square import box_of
from colornet.system import memory
from dashboard.page import encoding, strip

SHOWN = 512  # pixels of the longer side: 1.5 times the width of the page's columns
SHOWN_PIXELS = 2_000_000  # at most, of pictures whose shorter side would else be too short to see
SCORED = 256  # pixels of the longer side: that of the published networks' squares
NBSP = "\N{NO-BREAK SPACE}"  # keeps a score and its value on one line
NO_COLOUR = np.zeros((1, 1, 2), "float32")  # the `ab` of a grey picture
# Greys -> the share of a usual colour that they can hold, 0 to 255: black and white hold none
HOLDS = [min(255, 4 * grey, 4 * (255 - grey)) for grey in range(256)]
CLOSE = 0.05 * 255  # two means of HOLDS that differ by less belong to pictures of the same colours
# Pictures at their own size that are in memory at once, of all visitors: 10 bytes per pixel each
AT_ONCE = 2
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Given:
    """An upload or a sample; `read` returns the file's content."""

    id: str
    name: str
    read: Callable[[], bytes]


class Read(NamedTuple):
    """A visitor's picture.

    picture: mode RGB, at its own size, without printed or dithered dots; notes: what the visitor
    should know about how it was read, such as "page 1 of 3".
    """

    picture: Image.Image
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)  # arrays cannot be compared to one truth value
class Small:
    """What the page keeps of a picture. The last three are None if the picture has no colour.

    size: of the picture itself; notes: see `Read`; grey: mode L, of `shown_size`; before: `grey` as
    JPEG; true: whether `grey` can hold the colours that the picture holds, no more; photograph: a
    JPEG of the same size; truth: (H, W, 3) uint8, its longer side at most `SCORED`; beside: PSNR
    and SSIM of grey, colourfulness of the photograph.
    """

    size: tuple[int, int]
    notes: tuple[str, ...]
    grey: Image.Image
    before: bytes
    true: bool
    photograph: bytes | None = None
    truth: np.ndarray | None = None
    beside: tuple[float, float, float] | None = None


def read(given: Given) -> Read:
    """A visitor's picture; raises PhotoError as `original.read` does."""
    stream = io.BytesIO(given.read())
    stream.name = given.name  # some formats are known by their names only
    found = original.read(stream)
    return Read(srgb.on_white(found.picture, found.alpha), found.notes)


@contextmanager
def place() -> Iterator[None]:
    """Room for one picture at its own size; waits until there is some."""
    with _places:
        yield
    memory.trim()


@contextmanager
def reading(given: Given) -> Iterator[Callable[[], Read]]:
    """What reads a picture, at most once, and takes a `place` until it is let go."""
    with ExitStack() as stack:

        @functools.cache
        def opened() -> Read:
            stack.enter_context(place())
            return read(given)

        yield opened
        opened.cache_clear()  # before the place is free


def thumbnail(given: Given, *, size: tuple[int, int]) -> bytes:
    """The grey of a sample as a JPEG of exactly this size, cut at the bottom to keep heads."""
    grey = photo.read(given.read()).convert("L")
    return encoding.jpeg(ImageOps.fit(grey, size, centering=(0.5, 0.1)))


def shown_size(width: int, height: int) -> tuple[int, int]:
    """The width and height in pixels of the copy of a picture that the page shows.

    The longer side has SHOWN pixels, or as many as a strip needs that scrolls.
    """
    long, short = max(width, height), min(width, height)
    across = strip.ACROSS if strip.direction(width, height) else 0
    scale = min(1.0, max(SHOWN / long, across / short), math.sqrt(SHOWN_PIXELS / (long * short)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A copy of this width and height, which are at most those of the picture."""
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def keep(given: Read) -> Small:
    """What the page keeps of a picture."""
    picture, notes = given
    shown = shrunk(picture, shown_size(*picture.size))
    grey = Image.fromarray(photo.grey(shown))
    size, before, true = picture.size, encoding.jpeg(grey), holds_as_much(picture, grey)
    if photo.is_grey(picture):
        return Small(size, notes, grey, before, true)
    truth = np.asarray(shrunk(picture, box_of(*size, min(SCORED, max(size)))[2:]))
    psnr, ssim, _ = scores(truth, NO_COLOUR, saturation=1)
    beside = psnr, ssim, colourfulness(truth)
    return Small(size, notes, grey, before, true, encoding.jpeg(shown), truth, beside)


def holds_as_much(picture: Image.Image, grey: Image.Image) -> bool:
    """Whether a small grey copy (mode L) can hold the colours that a picture can hold, no more.

    The copy has greys where the picture has fine black and white lines, which hold no colour.
    """
    # One pixel of each part, because their mean would be the copy
    chosen = picture.resize(grey.size, Image.Resampling.NEAREST).convert("L")
    means = [ImageStat.Stat(each.point(HOLDS)).mean[0] for each in (grey, chosen)]
    return means[0] - means[1] < CLOSE


def look(read: Callable[[], Read]) -> Small | str:
    """What the page keeps of the picture that `read` returns, or the words of its PhotoError."""
    try:
        return keep(read())
    except photo.PhotoError as error:
        return str(error)


def coloured(
    small: Small, ab: np.ndarray, *, saturation: float, read: Callable[[], Read]
) -> tuple[bytes, tuple | None]:
    """The JPEG of a picture in colour, and its scores if the picture itself has colour.

    It is the coloured picture at its own size made small: that from `small` is the same and fast,
    unless `small` can hold other colours than the picture, which `read` then returns.
    """
    if small.true:
        shown = finish(small.grey, ab, saturation=saturation)
    else:
        shown = shrunk(finish(read().picture, ab, saturation=saturation), small.grey.size)
    found = None if small.truth is None else scores(small.truth, ab, saturation=saturation)
    return encoding.jpeg(shown), found


def spread(grey: Image.Image, ab: np.ndarray) -> Any:
    """What spreads the hints of a picture, mode L, over colours of the size of `ab`."""
    from colornet.inference.spread import Spread  # loads SciPy, which takes a second

    return Spread(small_grey(grey, ab), grey)


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
