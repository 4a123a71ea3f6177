"""Colours at a small size and a photograph -> the photograph in colour, at its full size.

A guided filter (He, Sun, Tang, "Guided Image Filtering", TPAMI 2013) fits, at the small size, lines
from grey to colour; interpolated, they let the colours follow the edges of the photograph, as in
He, Sun, "Fast Guided Filter" (arXiv:1505.00996). Unlike there, the small colours themselves do not
change. `benchmarks.upsampling` compares it with the full filter and bilinear upsampling. Libraries'
filters work at the full size and take ten times the memory.
"""

import functools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageFilter

from colornet.colour import lab
from colornet.colour.colourfulness import saturate
from colornet.system import machine

EPSILON = 0.05  # variance of grey in [0, 1] below which a window of 3 x 3 counts as flat
BAND = 32  # rows that are coloured at a time, which limits the memory and stays in caches
# a and b as 8 bits: value NEUTRAL + units / UNIT. NEUTRAL is 0 and a node of the table, so that
# grey stays exactly grey
NEUTRAL, UNIT = 120, 0.9
GREYS, NODES = 65, 35  # nodes of the table along grey, and along a and b (every 7.5 of 255)


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
    coded = np.empty((*lightness.shape, 3), "uint8")
    coded[..., 0] = lightness
    for channel in range(2):
        colour, other = (
            _between(each[channel], above, below, share=share) for each in (slope, offset)
        )
        colour *= lightness
        colour += other
        colour += NEUTRAL + 0.5  # rounds, because the conversion to uint8 truncates
        coded[..., 1 + channel] = np.clip(colour, 0, 255, out=colour)
    return Image.fromarray(coded).filter(_table())


def _between(
    values: np.ndarray, above: np.ndarray, below: np.ndarray, *, share: np.ndarray
) -> np.ndarray:
    """Rows between rows of (h, width) float32: (rows, width) float64, linearly interpolated."""
    first, second = values.take(above, axis=0), values.take(below, axis=0)
    second -= first  # in place, because time goes with memory here
    between = second * share
    between += first
    return between


@functools.cache
def _table() -> ImageFilter.Color3DLUT:
    """A table from (grey, a, b), 8 bits each, to RGB: `lab.rgb` of the colour after `lab.fit`.

    Interpolating in a table is fast; computing 12 megapixels takes seconds.
    """
    shades = np.linspace(0, 255, GREYS)
    linear = lab.linear(shades / 255)
    axis = (np.linspace(0, 255, NODES) - NEUTRAL) * (UNIT / lab.AB_SCALE)
    b, a, lightness = np.meshgrid(axis, axis, lab.lightness_of(linear), indexing="ij")
    lightness = np.asarray(lightness.reshape(-1, 1), "float32")
    ab = lab.fit(lightness, np.stack([a, b], axis=-1).reshape(-1, 2))
    rgb = lab.coded(lightness, ab)
    return ImageFilter.Color3DLUT((GREYS, NODES, NODES), rgb.astype("float32").ravel())
