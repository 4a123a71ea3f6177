"""Colours at a small size and a photograph -> the photograph in colour, at its full size.

A guided filter (He, Sun, Tang, "Guided Image Filtering", TPAMI 2013) fits, at the small size, lines
from grey to colour; interpolated, they let the colours follow the edges of the photograph, as in
He, Sun, "Fast Guided Filter" (arXiv:1505.00996). Unlike there, the small colours themselves do not
change. `benchmarks.upsampling` compares it with the full filter and bilinear upsampling. Libraries'
filters work at the full size and take ten times the memory.
"""

import functools
import mmap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from colornet.colour import lab
from colornet.colour.colourfulness import saturate
from colornet.system import machine

EPSILON = 0.05  # variance of grey in [0, 1] below which a window of 3 x 3 counts as flat
BAND = 32  # rows that are coloured at a time, which limits the memory and stays in caches
NEUTRAL, UNIT = 120, 0.9  # a and b as 8 bits: NEUTRAL + units / UNIT


def finish(picture: Image.Image, ab: np.ndarray, *, saturation: float) -> Image.Image:
    """A picture in colour, mode RGB, at its own size.

    picture: mode RGB or L; ab: (h, w, 2) float32 in [-1, 1], ab/128 of the whole picture at any
    size; saturation: see `saturate`. The lightness L* is that of the picture's grey, with an error
    below 1; colours outside sRGB at this lightness lose chroma.
    """
    grey = picture.convert("L")
    slope, offset = guided(small_grey(grey, ab), saturate(ab, saturation))
    # Stretched along the rows at once, which takes little memory, and along the columns by bands
    slope, offset = (
        _wider(np.asarray(each / (UNIT / lab.AB_SCALE), "float32"), grey.width)
        for each in (slope / 255, offset)
    )
    output = Image.new("RGB", grey.size)
    starts = range(0, grey.height, BAND)
    with ThreadPoolExecutor(min(len(starts), machine.cores())) as pool:
        bands = pool.map(lambda top: _band(grey, slope, offset, top), starts)
        for top, band in zip(starts, bands, strict=True):
            output.paste(band, (0, top))
    return output


def small_grey(grey: Image.Image, ab: np.ndarray) -> np.ndarray:
    """A picture of mode L at the size of `ab`: (h, w) float32 in [0, 1]."""
    small = grey.resize(ab.shape[1::-1], Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small, "float32") / 255


def guided(grey: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A line from grey to colour for each small pixel: ab = slope * grey + offset.

    grey: (h, w) float32 in [0, 1]; ab: (h, w, 2) float32. Returns slope and offset, both (h, w, 2)
    float32. The slope is that of the best fit in a window, averaged over the windows around.
    """
    guide, ab = grey[None], np.ascontiguousarray(np.moveaxis(ab, 2, 0))
    means = window_mean(np.concatenate([guide, guide * guide, ab, guide * ab]))
    mean, square, mean_ab, product = means[:1], means[1:2], means[2:4], means[4:]
    slope = window_mean((product - mean * mean_ab) / (square - mean * mean + EPSILON))
    return np.moveaxis(slope, 0, 2), np.moveaxis(ab - slope * guide, 0, 2)


def window_mean(values: np.ndarray) -> np.ndarray:
    """The mean of each value of (..., h, w) and its up to eight neighbours."""
    for axis in (-1, -2):
        along = np.moveaxis(values, axis, 0)
        total, count = along.copy(), np.full(len(along), 3, "float32")
        total[1:] += along[:-1]
        total[:-1] += along[1:]
        count[0] -= 1
        count[-1] -= 1
        total /= count.reshape(-1, *[1] * (along.ndim - 1))
        values = np.moveaxis(total, 0, axis)
    return values


def _wider(values: np.ndarray, width: int) -> np.ndarray:
    """(h, w, 2) float32 -> (2, h, width) float32, bilinear."""
    channels = [
        Image.fromarray(np.ascontiguousarray(values[..., channel])).resize(
            (width, len(values)), Image.Resampling.BILINEAR
        )
        for channel in range(2)
    ]
    return np.stack([np.asarray(channel) for channel in channels])


def _band(grey: Image.Image, slope: np.ndarray, offset: np.ndarray, top: int) -> Image.Image:
    bottom = min(top + BAND, grey.height)
    lightness = np.asarray(grey.crop((0, top, grey.width, bottom)))
    # The place of each row's centre among the small rows, kept between the first and the last
    small = slope.shape[1]
    place = (np.arange(top, bottom) + 0.5) * (small / grey.height) - 0.5
    place = np.clip(place, 0, small - 1).astype("float32")
    above = np.minimum(place.astype(int), max(small - 2, 0))
    below, share = np.minimum(above + 1, small - 1), (place - above)[:, None]
    coded = np.zeros((*lightness.shape, 4), "uint8")
    coded[..., 0] = lightness
    for channel in range(2):
        colour, other = (
            _between(each[channel], above, below, share=share) for each in (slope, offset)
        )
        colour *= lightness
        colour += other
        colour += NEUTRAL + 0.5  # rounds, because the conversion to uint8 truncates
        coded[..., 2 - channel] = np.clip(colour, 0, 255, out=colour)
    rgbx = _shown(coded.view("<u4")[..., 0])
    return Image.frombuffer("RGB", lightness.shape[::-1], rgbx, "raw", "RGBX", 0, 1)


def _between(
    values: np.ndarray, above: np.ndarray, below: np.ndarray, *, share: np.ndarray
) -> np.ndarray:
    """Rows between rows of (h, width) float32: (rows, width) float64, linearly interpolated."""
    first, second = values.take(above, axis=0), values.take(below, axis=0)
    second -= first  # in place, because time goes with memory here
    between = second * share
    between += first
    return between


def _shown(codes: np.ndarray) -> np.ndarray:
    """RGBX of codes, a << 16 | b << 8 | grey: (...) uint32 -> (..., 4) uint8, X is 255.

    `lab.rgb` of each colour after `lab.fit`. A photograph holds far fewer colours than pixels, so
    each is computed once in a process.
    """
    known = _known()
    shown = known.take(codes)
    missing = np.unique(codes[shown == 0])
    if len(missing):
        grey, b, a = missing.astype("<u4")[:, None].view("uint8")[:, :3].T
        ab = (np.stack([a, b], axis=-1).astype("float32") - NEUTRAL) * (UNIT / lab.AB_SCALE)
        lightness = lab.lightness(grey)[:, None]
        rgbx = np.full((len(missing), 4), 255, "uint8")
        rgbx[:, :3] = lab.rgb(lightness, lab.fit(lightness, ab))
        known[missing] = rgbx.view("<u4")[:, 0]
        shown = known.take(codes)
    return shown[..., None].view("uint8")


@functools.cache
def _known() -> np.ndarray:
    """RGBX of the codes computed so far, 0 elsewhere: (256**3,) uint32.

    Of its 64 MB only pages that were written take memory. Grey is the fastest index, so that a
    photograph's colours lie in a few of them: about 5 MB, 17 with numpy's own large pages.
    """
    return np.frombuffer(mmap.mmap(-1, 4 * 256**3), "<u4")
