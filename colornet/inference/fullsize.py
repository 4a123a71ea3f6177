"""Small colours and a whole photograph -> the photograph in colour, edge by edge, band by band.

Knows no network. The small colours stay as they are; between them colours follow the photograph's
edges: by the slope that a guided filter finds (He, Sun, Tang, "Guided Image Filtering", TPAMI 2013)
at the small size, as in He, Sun, "Fast Guided Filter" (arXiv:1505.00996). `benchmarks.upsampling`
has it beside the whole filter and plain bilinear upsampling; a library's filter works at the full
size, in ten times the memory.
"""

import functools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageFilter

from colornet.colour import lab
from colornet.colour.colourfulness import saturate
from colornet.system import machine

EPSILON = 0.05  # variance of grey in [0, 1] below which a window of 3 x 3 has no edges
BAND = 256  # rows at a time: bounds the memory
# How 8 bits hold a or b: NEUTRAL is 0 and a node of the table, so that grey comes out exactly
NEUTRAL, UNIT = 120, 0.9
GREYS, NODES = 65, 35  # nodes of the table along grey, and along a and b (every 7.5 of 255)


def finish(picture: Image.Image, ab: np.ndarray, *, saturation: float) -> Image.Image:
    """The lightness of a picture and colours of any size -> RGB of the picture's size.

    picture: of mode RGB or L; ab: (h, w, 2) float32 in [-1, 1], ab/128 of the whole
    picture; saturation: see `saturate`. L differs from the grey's by less than 1; colours that sRGB
    cannot show at this lightness lose chroma.
    """
    grey = picture.convert("L")
    slope, offset = guided(small_grey(grey, ab), saturate(ab, saturation))
    # Along the rows at once, which is little; along the columns band by band
    wide = [
        _wider(np.asarray(each / (UNIT / lab.AB_SCALE), "float32"), grey.width)
        for each in (slope / 255, offset)
    ]
    output = Image.new("RGB", grey.size)
    starts = range(0, grey.height, BAND)
    with ThreadPoolExecutor(min(len(starts), machine.cores())) as pool:
        bands = pool.map(lambda top: _band(grey, *wide, top), starts)
        for top, band in zip(starts, bands, strict=True):
            output.paste(band, (0, top))
    return output


def small_grey(grey: Image.Image, ab: np.ndarray) -> np.ndarray:
    """What the small colours lie over: (h, w) float32 in [0, 1] of a picture of mode L."""
    small = grey.resize(ab.shape[1::-1], Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small, "float32") / 255


def guided(grey: np.ndarray, ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lines through small colours: ab = slope grey + offset holds at each small pixel.

    grey: (h, w) float32 in [0, 1]; ab: (h, w, 2) float32. Returns slope, that of the line which
    fits best in a window, averaged over windows, and offset, both (h, w, 2) float32.
    """
    guide, ab = grey[None], np.ascontiguousarray(np.moveaxis(ab, 2, 0))
    means = window_mean(np.concatenate([guide, guide * guide, ab, guide * ab]))
    mean, square, mean_ab, product = means[:1], means[1:2], means[2:4], means[4:]
    slope = window_mean((product - mean * mean_ab) / (square - mean * mean + EPSILON))
    return np.moveaxis(slope, 0, 2), np.moveaxis(ab - slope * guide, 0, 2)


def window_mean(values: np.ndarray) -> np.ndarray:
    """The mean of each value of (..., h, w) and its neighbours; at the border of those it has."""
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
    """(h, w, 2) -> (2, h, width), bilinear."""
    return np.stack(
        [
            Image.fromarray(np.ascontiguousarray(values[..., channel])).resize(
                (width, len(values)), Image.Resampling.BILINEAR
            )
            for channel in range(2)
        ]
    )


def _band(grey: Image.Image, slope: np.ndarray, offset: np.ndarray, top: int) -> Image.Image:
    bottom = min(top + BAND, grey.height)
    lightness = np.asarray(grey.crop((0, top, grey.width, bottom)))
    # Centres of the rows among the small rows; what lies outside of these is as at the border
    small = slope.shape[1]
    place = (np.arange(top, bottom) + 0.5) * (small / grey.height) - 0.5
    place = np.clip(place, 0, small - 1).astype("float32")
    above = np.minimum(place.astype(int), max(small - 2, 0))
    below, share = np.minimum(above + 1, small - 1), (place - above)[:, None]
    coded = np.empty((*lightness.shape, 3), "uint8")
    coded[..., 0] = lightness
    for channel in range(2):
        values = [
            each[channel, above] + (each[channel, below] - each[channel, above]) * share
            for each in (slope, offset)
        ]
        colour = values[0]
        colour *= lightness
        colour += values[1]
        colour += NEUTRAL + 0.5  # is cut off below, so rounded
        coded[..., 1 + channel] = np.clip(colour, 0, 255, out=colour)
    return Image.fromarray(coded).filter(_table())


@functools.cache
def _table() -> ImageFilter.Color3DLUT:
    """(grey, a, b) in 8 bits each -> RGB: `lab.rgb` of what `lab.fit` leaves of the colour.

    Looked up with interpolation, as computing 12 megapixels takes seconds.
    """
    shades = np.linspace(0, 255, GREYS)
    linear = lab.linear(shades / 255)
    axis = (np.linspace(0, 255, NODES) - NEUTRAL) * (UNIT / lab.AB_SCALE)
    b, a, lightness = np.meshgrid(axis, axis, lab.lightness_of(linear), indexing="ij")
    lightness = lightness.reshape(-1, 1).astype("float32")
    ab = lab.fit(lightness, np.stack([a, b], axis=-1).reshape(-1, 2))
    rgb = lab.coded(lightness, ab)
    return ImageFilter.Color3DLUT((GREYS, NODES, NODES), rgb.astype("float32").ravel())
